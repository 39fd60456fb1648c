/* Both charts round to what a character can show, and show nothing only for nothing. */
#include "view/spark.h"

#include "base/str.h"

#include <math.h>

/* How many of `whole` units a value fills of `full`; anything above zero at least one. */
static int units(double value, double full, int whole)
{
    if (!(value > 0) || whole <= 0) { /* NaN is nothing */
        return 0;
    }
    double n = full > 0 ? round(value / full * whole) : whole;
    return n < 1 ? 1 : n < whole ? (int)n : whole;
}

static void repeat(struct buf *out, str s, int n)
{
    for (int i = 0; i < n; i++) {
        buf_add(out, s);
    }
}

int spark_bar(struct buf *out, const struct spark_parts *parts, double full, int width, bool ascii)
{
    static const char *const eighth[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    const double value[] = {parts->wait, parts->either};
    const char *const mark[] = {ascii ? "." : "▒", ascii ? "-" : "░"};
    int room = width > 0 ? width : 0;
    for (int i = 0; i < 2; i++) {
        int after = (parts->work > 0) + (i == 0 && parts->either > 0); /* they show, too */
        int n = units(value[i], full, width), most = room > after ? room - after : room > 0;
        n = n < most ? n : most;
        repeat(out, str_of(mark[i]), n);
        room -= n;
    }
    if (!(parts->work > 0) || room <= 0) {
        return width > 0 ? width - room : 0;
    }
    double most = full > 0 ? full * room / width : full; /* what fills the room that is left */
    int works = units(parts->work, most, ascii ? room : room * 8);
    if (ascii) {
        repeat(out, STR("#"), works);
        return width - room + works;
    }
    repeat(out, STR("█"), works / 8);
    buf_add(out, str_of(eighth[works % 8]));
    return width - room + works / 8 + (works % 8 > 0);
}

/* The mean of the values of one character; NaN when there are none. */
static double mean_of(const double *values, size_t n)
{
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(values[i])) {
            sum += values[i];
            count++;
        }
    }
    return count > 0 ? sum / (double)count : NAN;
}

int spark_line(struct buf *out, const double *values, size_t n, int width, bool ascii)
{
    static const char *const level[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    size_t columns = width <= 0 ? 0 : n < (size_t)width ? n : (size_t)width;
    double greatest = 0;
    for (int pass = 0; pass < 2; pass++) { /* first how high, then drawn */
        for (size_t i = 0; i < columns; i++) {
            size_t from = i * n / columns, to = (i + 1) * n / columns;
            double v = mean_of(values + from, to - from);
            if (pass == 0) {
                greatest = isfinite(v) && v > greatest ? v : greatest;
            } else if (isnan(v)) {
                buf_putc(out, ' ');
            } else {
                double share = greatest > 0 ? fmin(fmax(v / greatest, 0), 1) : v > 0;
                int steps = (int)round(share * (ascii ? 9 : 7));
                buf_add(out, ascii ? (str){&"0123456789"[steps], 1} : str_of(level[steps]));
            }
        }
    }
    return (int)columns;
}
