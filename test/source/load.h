/* Reads a whole source into one text that shows everything it gave, so that tests compare whole
 * states: a line an event, item attribute, link, reject and note. */
#pragma once

#include "base/buf.h"
#include "source/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct loaded {
    struct names names;
    struct buf text; /* E, A, L, R lines in order of arrival, then N lines */
    VEC(id128) keys;
    struct set128 distinct;
    struct map items; /* subjects */
    struct map activities, types;
    size_t events, relations, links, attrs, rejects, lives[LIFE_STATUS + 1];
    struct buf notes, columns;
    bool incomplete;
    status_code done;
    struct error why;
};

static void loaded_finish(struct loaded *l)
{
    names_finish(&l->names);
    buf_finish(&l->text);
    buf_finish(&l->notes);
    buf_finish(&l->columns);
    VEC_FINISH(&l->keys);
    set128_finish(&l->distinct);
    map_finish(&l->items);
    map_finish(&l->activities);
    map_finish(&l->types);
}

static void load_item(struct loaded *l, item_id item)
{
    if (item != 0) {
        buf_addf(&l->text, STR_FMT ":" STR_FMT,
                 STR_ARG(names_text(&l->names, names_type(&l->names, item))),
                 STR_ARG(names_key(&l->names, item)));
    } else {
        buf_putc(&l->text, '-');
    }
}

static void load_time(struct loaded *l, when t)
{
    char text[CLOCK_TEXT];
    buf_addf(&l->text, " %s", t == WHEN_NONE ? "-" : clock_text(t, text));
}

static void load_event(struct loaded *l, const struct batch *b, size_t row)
{
    struct buf *out = &l->text;
    VEC_ADD(&l->keys, b->key[row]);
    set128_add(&l->distinct, b->key[row]);
    map_add(&l->items, b->item[row], NULL);
    map_add(&l->activities, b->activity[row], NULL);
    map_add(&l->types, b->type[row], NULL);
    l->events++;
    l->lives[b->life[row]]++;
    buf_add(out, STR("E "));
    load_item(l, b->item[row]);
    buf_addf(out, " " STR_FMT "/" STR_FMT, STR_ARG(names_text(&l->names, b->type[row])),
             STR_ARG(names_text(&l->names, b->activity[row])));
    load_time(l, b->time[row]);
    if (b->begin[row] != WHEN_NONE) {
        buf_add(out, STR(" from"));
        load_time(l, b->begin[row]);
    }
    const struct {
        const char *word;
        sym value;
    } PARTS[] = {{"by", b->actor[row]}, {"of", b->team[row]}, {"instance", b->instance[row]}};
    for (size_t i = 0; i < 3; i++) {
        if (PARTS[i].value != 0) {
            buf_addf(out, " %s " STR_FMT, PARTS[i].word,
                     STR_ARG(names_text(&l->names, PARTS[i].value)));
        }
    }
    if (b->life[row] != LIFE_NONE) {
        buf_addf(out, " life %d", b->life[row]);
    }
    if (b->quality[row] != TIME_OWN) {
        buf_addf(out, " quality %d", b->quality[row]);
    }
    bool subject = false, any = false;
    for (size_t i = 0; i < b->items.n; i++) {
        if (b->items.v[i].row == row) {
            buf_addf(out, " [" STR_FMT " ",
                     STR_ARG(names_text(&l->names, b->items.v[i].qualifier)));
            load_item(l, b->items.v[i].item);
            buf_putc(out, ']');
            subject |= b->items.v[i].item == b->item[row];
            any = true;
            l->relations++;
        }
    }
    l->relations += b->item[row] != 0 && !subject;
    (void)any;
    if (b->attrs[row].n > 0) {
        buf_addf(out, " " STR_FMT, STR_ARG(b->attrs[row]));
    }
    buf_putc(out, '\n');
}

static void load_batch(struct loaded *l, const struct batch *b)
{
    for (size_t i = 0; i < b->item_attrs.n; i++, l->attrs++) {
        const struct item_attr *a = &b->item_attrs.v[i];
        buf_add(&l->text, STR("A "));
        load_item(l, a->item);
        load_time(l, a->time);
        buf_addf(&l->text, " " STR_FMT "=" STR_FMT "\n", STR_ARG(names_text(&l->names, a->name)),
                 STR_ARG(a->value));
    }
    for (size_t i = 0; i < b->links.n; i++, l->links++) {
        const struct link *k = &b->links.v[i];
        buf_add(&l->text, STR("L "));
        load_item(l, k->from);
        buf_addf(&l->text, " " STR_FMT "(" STR_FMT " %.2f) ",
                 STR_ARG(names_text(&l->names, k->kind)), STR_ARG(names_text(&l->names, k->rule)),
                 k->confidence);
        load_item(l, k->to);
        buf_putc(&l->text, '\n');
    }
    for (size_t i = 0; i < b->n; i++) {
        load_event(l, b, i);
    }
    for (size_t i = 0; i < b->rejects.n; i++, l->rejects++) {
        const struct reject *r = &b->rejects.v[i];
        buf_addf(&l->text, "R %llu " STR_FMT ": " STR_FMT " | " STR_FMT "\n",
                 (unsigned long long)r->line, STR_ARG(r->column), STR_ARG(r->reason),
                 STR_ARG(r->raw));
    }
}

static void load_notes(struct loaded *l, const struct source_notes *n)
{
    for (size_t i = 0; i < n->columns.n; i++) {
        buf_addf(&l->columns, STR_FMT "=" STR_FMT "\n", STR_ARG(n->columns.v[i].role),
                 STR_ARG(n->columns.v[i].column));
    }
    for (size_t i = 0; i < n->sentences.n; i++) {
        buf_addf(&l->notes, STR_FMT "\n", STR_ARG(n->sentences.v[i]));
    }
}

static void load_paths(struct loaded *l, const struct source_format *format,
                       const char *const *paths, size_t n, struct source_options options)
{
    *l = (struct loaded){0};
    names_init(&l->names);
    options.names = &l->names;
    struct source *s = NULL;
    l->done = format->open(paths, n, &options, &s, &l->why);
    if (l->done != OK) {
        return;
    }
    struct batch *b = batch_new();
    while (l->done == OK) {
        batch_clear(b);
        l->done = format->next(s, b, &l->why);
        load_batch(l, b);
    }
    load_notes(l, &s->notes);
    l->incomplete = s->incomplete;
    format->close(s);
    batch_free(b);
}

static void load_path(struct loaded *l, const struct source_format *format, const char *path,
                      struct source_options options)
{
    load_paths(l, format, &path, 1, options);
}

static void write_file(const char *path, str bytes)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.p != NULL ? bytes.p : "", 1, bytes.n, file), bytes.n);
    assert_int_equal(fclose(file), 0);
}

/* The text as a file that is gone afterwards. */
static void load_text(struct loaded *l, const struct source_format *format, str text,
                      struct source_options options)
{
    char path[] = "/tmp/weir-load-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    write_file(path, text);
    load_path(l, format, path, options);
    unlink(path);
}

static void expect_text(const struct buf *got, const char *want)
{
    if (!str_eq(buf_str(got), str_of(want))) {
        fail_msg("got:\n" STR_FMT "\nwanted:\n%s", STR_ARG(buf_str(got)), want);
    }
}

static void expect_part(str text, const char *part)
{
    if (str_find(text, str_of(part)) == text.n) {
        fail_msg("no \"%s\" in:\n" STR_FMT, part, STR_ARG(text));
    }
}

static void expect_end(const struct loaded *l)
{
    if (l->done != END) {
        fail_msg("%s", l->why.text);
    }
}

static bool shared_is_here(const char *path)
{
    if (access(path, R_OK) == 0) {
        return true;
    }
    print_message("skipped: %s is not here\n", path);
    return false;
}

/* Not every test program uses every helper. */
__attribute__((unused)) static void load_unused(void)
{
    (void)loaded_finish, (void)load_path, (void)load_text, (void)expect_text, (void)expect_part,
        (void)expect_end, (void)shared_is_here;
}
