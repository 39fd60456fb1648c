/* Counts of pairs of names: who hands over to whom. Part of several summaries. */
#pragma once

#include "base/arena.h"
#include "fold/saved.h"

struct pair_count {
    sym from, to;
    uint64_t n;
};

struct pairs {         /* zeroed: empty */
    struct map number; /* (from, to) -> + 1 */
    VEC(struct pair_count) v;
};

void pairs_add(struct pairs *p, sym from, sym to, uint64_t n);
void pairs_merge(struct pairs *p, const struct pairs *right);
void pairs_finish(struct pairs *p);
void pairs_note(const struct pairs *p, struct saved_texts *texts);
void pairs_save(const struct pairs *p, const struct saved_texts *texts, struct buf *out);
void pairs_load(struct pairs *p, const struct saved_texts *texts, struct unpack *from);
/* Most frequent first, then by names. */
struct pair_count *pairs_show(const struct pairs *p, const struct names *names, struct arena *arena,
                              size_t *ret_n);
