/* The phases of a reviewed change, and which changes a deployed branch holds, by the rules of the
 * program middleware (delivery metrics, section 9; its functions were run to get the cases of data
 * set 06). They do not always sum to the whole: weir's own stage times (fold/partition.h) do. */
#pragma once

#include "base/clock.h"
#include "base/str.h"

#include <stddef.h>

enum review_kind { REVIEW_COMMENT, REVIEW_CHANGES, REVIEW_APPROVAL };

struct review {
    when at;
    enum review_kind kind;
    str by;
};

struct review_change {
    str author;
    when created, ready; /* ready for review after a draft; WHEN_NONE: from the beginning */
    when merged;         /* WHEN_NONE: not merged */
    const struct review *reviews; /* in order of time */
    size_t review_n;
    const when *commits; /* in order of time */
    size_t commit_n;
};

struct review_phases {
    struct review_phase {
        bool known;
        lapse time;
    } first_commit_to_open; /* may be negative */
    struct review_phase first_response, rework, merge, cycle;
    size_t rework_cycles;
    size_t reviewers; /* distinct ones, bots left out */
};

bool review_is_bot(str name); /* "…[bot]" */
void review_phases(const struct review_change *c, struct review_phases *ret);

struct review_merge { /* a merged change */
    str head, base;
    when merged;
};

/* Which of the changes `branch`, deployed at `at`, holds: those merged into it, and those merged
 * into their heads before, and so on. Sets ret_deployed[i]. */
void review_deployed(const struct review_merge *v, size_t n, str branch, when at,
                     bool *ret_deployed);
