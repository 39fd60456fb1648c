#include "cmd/meter.h"

#include "view/text.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define LINE_EVERY_NS (10 * 1000000000LL)

static int64_t monotonic(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void rate(struct buf *out, double per_second)
{
    static const char suffix[] = {' ', 'k', 'M', 'G'};
    size_t s = 0;
    while (per_second >= 1000 && s + 1 < sizeof suffix) {
        per_second /= 1000;
        s++;
    }
    buf_addf(out, "%.*f", s == 0 && per_second >= 10 ? 0 : 1, per_second);
    if (s > 0) {
        buf_putc(out, suffix[s]);
    }
    buf_add(out, STR("/s"));
}

static void remaining(struct buf *out, double seconds)
{
    if (seconds < 120) {
        buf_addf(out, "%.0f s", seconds);
    } else if (seconds < 120.0 * 60) {
        buf_addf(out, "%.0f min", seconds / 60);
    } else {
        buf_addf(out, "%.0f h", seconds / 3600);
    }
}

void meter_line(const struct progress *p, double seconds, struct buf *out)
{
    text_safe(out, str_of(p->what));
    buf_add(out, STR(": "));
    text_count(out, (int64_t)p->done);
    bool ends = p->total > 0 && p->done <= p->total;
    if (ends) {
        buf_putc(out, '/');
        text_count(out, (int64_t)p->total);
    }
    if (p->unit != NULL) {
        buf_putc(out, ' ');
        text_safe(out, str_of(p->unit));
    }
    if (ends) {
        buf_addf(out, "  %.0f %%", 100.0 * (double)p->done / (double)p->total);
    }
    if (seconds > 0 && p->done > 0) {
        double per_second = (double)p->done / seconds;
        buf_add(out, STR("  "));
        rate(out, per_second);
        if (ends) {
            buf_add(out, STR("  ETA "));
            remaining(out, (double)(p->total - p->done) / per_second);
        }
    }
}

static void put(const struct meter *m, const struct buf *text)
{
    if (m->put != NULL) {
        m->put(buf_str(text), m->cookie);
        return;
    }
    ssize_t n = write(STDERR_FILENO, text->p, text->n); /* a lost progress line is no fault */
    (void)n;
}

void meter_wipe(struct meter *m)
{
    if (m->visible) {
        m->visible = false;
        struct buf out = {0};
        buf_add(&out, STR("\r\033[K"));
        put(m, &out);
        buf_finish(&out);
    }
}

static void show(struct progress *p)
{
    struct meter *m = p->cookie;
    if (p->what == NULL) {
        meter_wipe(m);
        m->next_line_ns = 0;
        return;
    }
    int64_t now = monotonic();
    double seconds = (double)(now - p->begun) / 1e9;
    struct buf line = {0}, out = {0};
    meter_line(p, seconds, &line);
    if (m->on_terminal) {
        buf_putc(&out, '\r');
        text_cut(&out, buf_str(&line), m->width - 1, false);
        buf_add(&out, STR("\033[K"));
        m->visible = true;
    } else {
        m->next_line_ns = m->next_line_ns != 0 ? m->next_line_ns : p->begun + LINE_EVERY_NS;
        if (now >= m->next_line_ns) {
            m->next_line_ns = now + LINE_EVERY_NS;
            buf_add(&out, buf_str(&line));
            buf_putc(&out, '\n');
        }
    }
    if (out.n > 0) {
        put(m, &out);
    }
    buf_finish(&line);
    buf_finish(&out);
}

void meter_init(struct meter *m, struct progress *p, bool on_terminal, bool plainly, int width)
{
    *m = (struct meter){.on_terminal = on_terminal, .plainly = plainly, .width = width};
    *p = (struct progress){.cookie = m, .show = on_terminal || plainly ? show : NULL};
}
