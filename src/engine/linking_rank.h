/* How wide kinds of items are: an issue is wider than a change, that wider than a commit. Equal
 * ranks are never parts of each other; 0: a kind that takes no part. */
#pragma once

#include "model/names.h"

enum link_rank {
    RANK_NONE,
    RANK_ISSUE,
    RANK_CHANGE,
    RANK_COMMIT,
    RANK_ARTIFACT,
    RANK_RUN,
    RANK_JOB,
    RANK_RELEASE,
    RANK_DEPLOYMENT,
    RANK_AFTERWARDS, /* incidents, flags */
};

/* The rank of every type in the dictionary, by its number; release with mem_put. */
unsigned char *linking_ranks(const struct names *names);
