/* Small charts of text: bars in eighths of a character and sparklines, with an ASCII way out. */
#pragma once

#include "base/buf.h"

struct spark_parts {
    double wait;   /* ▒, ASCII '.' */
    double either; /* ░, ASCII '-': waiting or work, and nobody knows which */
    double work;   /* █ and eighths, ASCII '#' */
};

/* A bar of the parts in this order; `full` is what fills `width` columns. Anything above zero
 * shows. Returns the columns used. */
int spark_bar(struct buf *out, const struct spark_parts *parts, double full, int width, bool ascii);

/* One character a value, ▁ to █ from 0 to the greatest (ASCII: digits 0 to 9); NaN is a space. When
 * there are more values than `width`, neighbours are averaged. */
int spark_line(struct buf *out, const double *values, size_t n, int width, bool ascii);
