#include "fold/rowfold.h"

#include <string.h>

enum { TABLES = sizeof((struct rowfold){0}.tables) / sizeof(struct rowfold_table) };

static void *part_of(void *summary, size_t at)
{
    return (char *)summary + at;
}

static const void *const_part_of(const void *summary, size_t at)
{
    return (const char *)summary + at;
}

void rowfold_merge(const struct rowfold *f, void *summary, const void *right)
{
    const struct flow **flow = summary;
    const struct flow *const *other = right;
    *flow = *flow != NULL ? *flow : *other;
    if (f->range != 0) {
        flow_range_merge(part_of(summary, f->range), const_part_of(right, f->range));
    }
    for (size_t i = 0; i < TABLES && f->tables[i].shape != NULL; i++) {
        const struct rowfold_table *t = &f->tables[i];
        rows_merge(part_of(summary, t->at), t->shape, const_part_of(right, t->at));
    }
}

void rowfold_save(const struct rowfold *f, const void *summary, const struct names *names,
                  struct buf *out)
{
    if (f->range != 0) {
        flow_range_save(const_part_of(summary, f->range), out);
    }
    for (size_t i = 0; i < TABLES && f->tables[i].shape != NULL; i++) {
        rows_save(const_part_of(summary, f->tables[i].at), f->tables[i].shape, names, out);
    }
}

void rowfold_finish(const struct rowfold *f, void *summary)
{
    for (size_t i = 0; i < TABLES && f->tables[i].shape != NULL; i++) {
        rows_finish(part_of(summary, f->tables[i].at));
    }
    memset(summary, 0, f->size);
}

status_code rowfold_load(const struct rowfold *f, void *summary, struct names *names, str bytes,
                         struct error *why)
{
    status_code s =
        f->range != 0 ? flow_range_load(part_of(summary, f->range), &bytes, why) : (status_code)OK;
    for (size_t i = 0; i < TABLES && f->tables[i].shape != NULL && s == OK; i++) {
        const struct rowfold_table *t = &f->tables[i];
        s = rows_load(part_of(summary, t->at), t->shape, names, &bytes, why);
    }
    s = s == OK ? rows_end(bytes, why) : s;
    if (s != OK) {
        rowfold_finish(f, summary);
    }
    return s;
}
