/* A reader of plain event tables for tests that see no importer: comma-separated without quotes,
 * gzipped, times in ISO 8601 (naive ones are UTC). Events of an item are brought together. */
#pragma once

#include "base/vec.h"
#include "model/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct shared_columns {
    const char *file;
    int item, activity, time, begin; /* numbers of columns; -1: none */
};

struct shared_row {
    item_id item;
    sym activity;
    when time, begin;
    size_t order;
};

struct shared_log {
    struct names names;
    size_t n;
    item_id *item;
    sym *activity;
    when *time, *begin;
};

static inline when shared_time(str text)
{
    int64_t part[6] = {0}, micro = 0, scale = 100000;
    size_t i = 0;
    for (int k = 0; k < 6; k++, i++) {
        for (; i < text.n && text.p[i] >= '0' && text.p[i] <= '9'; i++) {
            part[k] = part[k] * 10 + (text.p[i] - '0');
        }
    }
    if (i > 0 && i <= text.n && text.p[i - 1] == '.') {
        for (; i < text.n && text.p[i] >= '0' && text.p[i] <= '9'; i++, scale /= 10) {
            micro += (text.p[i] - '0') * scale;
        }
    }
    return clock_from_civil((struct civil){(int)part[0], (int)part[1], (int)part[2], (int)part[3],
                                           (int)part[4], (int)part[5], (int)micro});
}

static inline int shared_compare(const void *a, const void *b)
{
    const struct shared_row *x = a, *y = b;
    if (x->item != y->item) {
        return x->item < y->item ? -1 : 1;
    }
    return (x->order > y->order) - (x->order < y->order);
}

static inline str shared_field(const str *fields, int number)
{
    return number >= 0 ? fields[number] : (str){0};
}

/* false: the file is not there */
static inline bool shared_log_read(struct shared_log *l, const char *folder,
                                   const struct shared_columns *columns)
{
    char path[1024], command[1100];
    snprintf(path, sizeof path, "%s/%s", folder, columns->file);
    snprintf(command, sizeof command, "gzip -dc '%s'", path);
    FILE *in = access(path, R_OK) == 0 ? popen(command, "r") : NULL;
    if (in == NULL) {
        return false;
    }
    VEC(struct shared_row) rows = {0};
    char *line = NULL;
    size_t cap = 0;
    *l = (struct shared_log){0};
    names_init(&l->names);
    sym type = names_sym(&l->names, STR("case"));
    for (ssize_t n = 0; (n = getline(&line, &cap, in)) > 0;) {
        str rest = str_trim((str){line, (size_t)n}), fields[16] = {{0}};
        for (size_t i = 0; i < 16 && str_cut(&rest, ',', &fields[i]); i++) {
        }
        str time = shared_field(fields, columns->time),
            begin = shared_field(fields, columns->begin);
        if (time.n == 0 || time.p[0] < '0' || time.p[0] > '9') {
            continue; /* the header */
        }
        VEC_ADD(&rows,
                (struct shared_row){
                    .item = names_item(&l->names, type, shared_field(fields, columns->item)),
                    .activity = names_sym(&l->names, shared_field(fields, columns->activity)),
                    .time = shared_time(time),
                    .begin = columns->begin >= 0 ? shared_time(begin) : WHEN_NONE,
                    .order = rows.n,
                });
    }
    free(line);
    pclose(in);
    qsort(rows.v, rows.n, sizeof *rows.v, shared_compare);
    l->n = rows.n;
    l->item = mem_get(l->n * sizeof *l->item);
    l->activity = mem_get(l->n * sizeof *l->activity);
    l->time = mem_get(l->n * sizeof *l->time);
    l->begin = mem_get(l->n * sizeof *l->begin);
    for (size_t i = 0; i < l->n; i++) {
        l->item[i] = rows.v[i].item;
        l->activity[i] = rows.v[i].activity;
        l->time[i] = rows.v[i].time;
        l->begin[i] = rows.v[i].begin;
    }
    VEC_FINISH(&rows);
    return l->n > 0;
}

static inline struct log shared_log_columns(const struct shared_log *l)
{
    return (struct log){
        .n = l->n, .item = l->item, .activity = l->activity, .time = l->time, .begin = l->begin};
}

static inline void shared_log_free(struct shared_log *l)
{
    mem_put(l->item);
    mem_put(l->activity);
    mem_put(l->time);
    mem_put(l->begin);
    names_finish(&l->names);
}
