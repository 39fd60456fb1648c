/* The tables of an evidence summary, as evidence.c fills them and place.c reads them. */
#pragma once

#include "fold/evidence.h"

enum { EVIDENCE_WEEKS = 8, EVIDENCE_RUN = 25 };

enum item_value { ITEM_ALL, ITEM_FINISHED, ITEM_TIME, ITEM_VALUES };
enum stage_value {
    STAGE_VISITS,
    STAGE_MEASURED,
    STAGE_WAIT,
    STAGE_WORK,
    STAGE_BLOCKED,
    STAGE_BETWEEN,
    STAGE_UNDIVIDED_WAIT,
    STAGE_UNDIVIDED_WORK,
    STAGE_VALUES,
};
enum work_key { WORK_ACTOR, WORK_STAGE, WORK_BEGIN, WORK_END, WORK_BLOCK, WORK_KEYS };

extern const struct rows_shape EVIDENCE_ITEMS, EVIDENCE_STAGES, EVIDENCE_WORK, EVIDENCE_PEOPLE,
    EVIDENCE_KINDS, EVIDENCE_FOLLOW;

bool evidence_is_weekly(const struct flow_range *range);
