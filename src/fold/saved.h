/* What saved summaries share: a table of texts in front, in order, so that bytes do not depend on
 * the numbers of a dictionary; and samples in order, as differences. */
#pragma once

#include "base/pack.h"
#include "base/vec.h"
#include "model/names.h"

struct saved_texts {
    VEC(sym) syms;     /* in order of their texts */
    struct map number; /* sym -> place + 1 */
};

/* Writing: note every sym that will be written, arrange once (writes the table), then write each by
 * its place. */
void saved_note(struct saved_texts *t, sym s);
void saved_arrange(struct saved_texts *t, const struct names *names, struct buf *out);
uint64_t saved_place(const struct saved_texts *t, sym s);
void saved_finish(struct saved_texts *t);

/* Reading: the table, into the reader's dictionary; then syms by place. */
void saved_read_texts(struct saved_texts *t, struct names *names, struct unpack *from);
sym saved_read_sym(const struct saved_texts *t, struct unpack *from);

typedef VEC(int64_t) samples;
void saved_samples(const int64_t *values, size_t n, struct buf *out); /* sorts a copy */
void saved_read_samples(samples *ret, struct unpack *from);
