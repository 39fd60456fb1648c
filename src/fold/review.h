/* Where the time of a reviewed change goes.
 *
 * review_stages is weir's own rule (delivery metrics, section 6): the stages from ready to merged
 * sum to that time exactly. review_phases and review_deployed follow the program middleware
 * (section 9; its functions were run to get the cases of data set 06), whose phases do not always
 * sum to the whole. */
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

enum review_stage {
    REVIEW_CODING,     /* first commit to ready; before the others, no part of the cycle */
    REVIEW_PICKUP,     /* ready to the first response by another */
    REVIEW_REVIEWER,   /* from there to the approval (else the merge), the reviewer's turn */
    REVIEW_AUTHOR,     /* the same, the author's turn: changes asked for, not yet answered */
    REVIEW_MERGE_WAIT, /* approved to merged */
    REVIEW_UNREVIEWED, /* ready to merged, when nobody else responded before */
    REVIEW_STAGES,
};

struct review_stages {
    bool known[REVIEW_STAGES]; /* a stage that this change went through, and that can be told */
    lapse time[REVIEW_STAGES];
    lapse cycle; /* ready to merged; what is known of pickup to unreviewed sums to it */
};

/* Of a merged change; false when it is not, or was merged before it was ready. Reviews after the
 * merge add nothing. Coding is 0 where the first commit came after ready. */
bool review_stages(const struct review_change *c, struct review_stages *ret);

struct review_merge { /* a merged change */
    str head, base;
    when merged;
};

/* Which of the changes `branch`, deployed at `at`, holds: those merged into it, and those merged
 * into their heads before, and so on. Sets ret_deployed[i]. */
void review_deployed(const struct review_merge *v, size_t n, str branch, when at,
                     bool *ret_deployed);
