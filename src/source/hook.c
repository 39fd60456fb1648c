/* What all connectors share: headers, room in the batch, rejects. */
#include "source/hook.h"

#include "base/mem.h"

#include <stdarg.h>

/* More than this in one batch is handed on early. */
enum { LINKS = 8192, REJECTS = 2048, ATTRS = 8192, TEXT = 32 << 20 };

bool delivery_header(const struct delivery *d, const char *name, str *ret_value)
{
    bool found = false;
    for (size_t i = 0; i < d->header_count; i++) {
        if (str_eq_case(d->headers[i].name, str_of(name))) {
            if (found) {
                return false;
            }
            *ret_value = str_trim(d->headers[i].value);
            found = true;
        }
    }
    return found;
}

static bool hand_on(struct hook_run *run)
{
    run->failed = run->take(run->batch, run->cookie, &run->why);
    if (run->failed == OK) {
        batch_clear(run->batch);
    }
    return run->failed == OK;
}

bool hook_room(struct hook_run *run, size_t events)
{
    const struct batch *b = run->batch;
    if (run->failed != OK) {
        return false;
    }
    bool full = !batch_has_room(b, events) || b->links.n >= LINKS || b->rejects.n >= REJECTS ||
                b->item_attrs.n >= ATTRS || b->text.used > TEXT;
    return !full || hand_on(run);
}

status hook_run_end(struct hook_run *run, struct error *why)
{
    const struct batch *b = run->batch;
    if (run->failed == OK && b->n + b->links.n + b->rejects.n + b->item_attrs.n > 0) {
        (void)hand_on(run);
    }
    if (run->failed != OK && why != NULL) {
        *why = run->why;
    }
    return run->failed;
}

void hook_reject(struct hook_run *run, const struct delivery *d, const char *column,
                 const char *format, ...)
{
    struct buf reason = {0};
    va_list arguments;
    va_start(arguments, format);
    buf_addv(&reason, format, arguments);
    va_end(arguments);
    if (hook_room(run, 0)) {
        batch_reject(run->batch, (struct reject){.source = d->file.n > 0 ? d->file : d->source,
                                                 .line = d->line,
                                                 .column = str_of(column),
                                                 .reason = buf_str(&reason),
                                                 .raw = d->body});
        run->counts.rejected++;
    }
    buf_finish(&reason);
}
