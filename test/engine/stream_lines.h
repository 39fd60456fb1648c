/* Stores filled from lines, and flows as text, for the tests of the engine.
 *
 * A line is an event: "TYPE:KEY ACTIVITY TIME [word]…". TIME is in hours since 2026-01-05 00:00
 * UTC, a Monday; words: `begin=H`, `actor=`, `team=`, `event=` (its type, else "event"),
 * `instance=`, `key=N` (identity; else the number of the line), `also=TYPE:KEY[/QUALIFIER]` (a
 * further item), `attr=NAME:VALUE`, `bad` (a time not to be believed), a lifecycle word. "TYPE:KEY
 * = NAME VALUE" is an attribute of an item. */
#pragma once

#include "engine/valuestream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FINE(call) stream_fine((call), &why, #call, __LINE__)

static inline void stream_fine(status_code code, const struct error *why, const char *call,
                               int line)
{
    if (code != OK) {
        fail_msg("line %d: %s: status %d: %s", line, call, (int)code, why->text);
    }
}

static const when STREAM_BEGIN = INT64_C(1767571200) * 1000000; /* Monday, 2026-01-05 */

static inline when stream_hours(str text)
{
    double hours = 0;
    assert_true(str_to_f64(text, &hours));
    return STREAM_BEGIN + (when)(hours * (double)HOUR);
}

static inline item_id stream_item(struct store *s, str text)
{
    struct names *n = store_names(s);
    str type = {0}, key = text;
    assert_true(str_cut(&key, ':', &type));
    return names_item(n, names_sym(n, type), key);
}

static inline bool stream_word(str word, const char *key, str *ret)
{
    bool found = str_starts(word, str_of(key));
    *ret = found ? str_from(word, strlen(key)) : *ret;
    return found;
}

static inline void stream_line(struct store *s, struct batch *b, str line, uint64_t number)
{
    struct names *n = store_names(s);
    str rest = line, item = {0}, activity = {0}, time = {0}, word = {0}, value = {0};
    str also[16], qualifier = {0};
    size_t also_n = 0;
    char attrs[200] = "";
    str_cut(&rest, ' ', &item);
    str_cut(&rest, ' ', &activity);
    if (str_eq(activity, STR("="))) {
        str_cut(&rest, ' ', &value);
        VEC_ADD(&b->item_attrs, (struct item_attr){stream_item(s, item), names_sym(n, value),
                                                   WHEN_NONE, arena_str(&b->text, rest)});
        return;
    }
    str_cut(&rest, ' ', &time);
    struct event e = {
        .key = {number, ~number},
        .item = stream_item(s, item),
        .type = names_sym(n, STR("event")),
        .activity = names_sym(n, activity),
        .time = stream_hours(time),
        .begin = WHEN_NONE,
    };
    while (str_cut(&rest, ' ', &word)) {
        if (stream_word(word, "begin=", &value)) {
            e.begin = stream_hours(value);
        } else if (stream_word(word, "actor=", &value)) {
            e.actor = names_sym(n, value);
        } else if (stream_word(word, "team=", &value)) {
            e.team = names_sym(n, value);
        } else if (stream_word(word, "event=", &value)) {
            e.type = names_sym(n, value);
        } else if (stream_word(word, "instance=", &value)) {
            e.instance = names_sym(n, value);
        } else if (stream_word(word, "key=", &value)) {
            int64_t key = 0;
            assert_true(str_to_i64(value, &key));
            e.key = (id128){(uint64_t)key, ~(uint64_t)key};
        } else if (stream_word(word, "also=", &value)) {
            also[also_n++] = value;
        } else if (stream_word(word, "attr=", &value)) {
            str name = {0};
            str_cut(&value, ':', &name);
            snprintf(attrs, sizeof attrs, "{\"" STR_FMT "\":\"" STR_FMT "\"}", STR_ARG(name),
                     STR_ARG(value));
            e.attrs = str_of(attrs);
        } else if (str_eq(word, STR("bad"))) {
            e.quality = TIME_BAD;
        } else {
            e.life = (uint8_t)life_of(word);
        }
    }
    uint32_t row = batch_add(b, &e);
    for (size_t i = 0; i < also_n; i++) {
        str other = {0};
        qualifier = also[i];
        str_cut(&qualifier, '/', &other);
        batch_refer(b, row, stream_item(s, other),
                    qualifier.p != NULL ? names_sym(n, qualifier) : 0);
    }
}

static inline void stream_fill(struct store *s, const char *const *lines)
{
    struct error why = {0};
    struct appended total = {0};
    struct batch *b = batch_new();
    for (uint64_t i = 0; lines[i] != NULL; i++) {
        stream_line(s, b, str_of(lines[i]), i + 1);
        if (lines[i + 1] == NULL || !batch_has_room(b, 1)) {
            FINE(store_append(s, names_sym(store_names(s), STR("test")), b, &total, &why));
            batch_clear(b);
        }
    }
    FINE(store_commit(s, &why));
    batch_free(b);
}

/* Where a log may stand: in memory or in a file, as stored or sorted anew. Whatever is asked must
 * have one answer. Under ThreadSanitizer the library of the file's store is left out: it is not
 * instrumented. */
enum place { PLACE_MEMORY, PLACE_MEMORY_SORTED, PLACE_FILE, PLACE_FILE_SORTED, PLACES };
#ifdef __SANITIZE_THREAD__
static const enum place PLACES_HERE = PLACE_FILE;
#else
static const enum place PLACES_HERE = PLACES;
#endif

static inline const char *stream_folder(void)
{
    static char folder[] = "/tmp/weir-engine-XXXXXX";
    static bool made;
    if (!made) {
        assert_non_null(mkdtemp(folder));
        made = true;
    }
    return folder;
}

static inline void stream_folder_remove(void)
{
    char command[100];
    snprintf(command, sizeof command, "rm -rf '%s'", stream_folder());
    assert_int_equal(system(command), 0);
}

static inline struct store *stream_store(enum place place, const char *const *lines)
{
    static int number;
    struct error why = {0};
    struct store *s = NULL;
    char path[160] = "memory:";
    if (place >= PLACE_FILE) {
        snprintf(path, sizeof path, "%s/%d.duckdb", stream_folder(), ++number);
    }
    FINE(store_open(path, STORE_WRITE, &s, &why));
    stream_fill(s, lines);
    if (place == PLACE_MEMORY_SORTED || place == PLACE_FILE_SORTED) {
        FINE(store_compact(s, NULL, &why));
    }
    return s;
}

/* "5", "5.5": hours of the test's week; "-" for none. */
static inline void stream_instant(struct buf *out, when t)
{
    if (t == WHEN_NONE) {
        buf_putc(out, '-');
    } else {
        buf_addf(out, "%g", (double)(t - STREAM_BEGIN) / (double)HOUR);
    }
}

struct stream_text { /* traces as text, an item a line */
    const struct names *names;
    bool relative; /* instants are of a working clock: not since the test's Monday */
    VEC(struct buf) lines;
    VEC(size_t) parts; /* items in each call */
};

static inline void stream_clock(const struct stream_text *t, struct buf *out, when at)
{
    stream_instant(out, t->relative && at != WHEN_NONE ? at + STREAM_BEGIN : at);
}

/* "case:1 0..5 open: A[0-2] B[2(3)-5 open rework]"; in brackets enabled(start)-end. */
static inline void stream_take(const struct traces *part, void *cookie)
{
    struct stream_text *t = cookie;
    VEC_ADD(&t->parts, part->items.n);
    for (size_t i = 0; i < part->items.n; i++) {
        const struct trace *trace = &part->items.v[i];
        struct buf line = {0};
        str type = names_text(t->names, names_type(t->names, trace->item));
        str key = names_key(t->names, trace->item);
        buf_addf(&line, STR_FMT ":" STR_FMT " ", STR_ARG(type), STR_ARG(key));
        stream_clock(t, &line, trace->begin);
        buf_addf(&line, "..");
        stream_clock(t, &line, trace->end);
        buf_addf(&line, "%s%s:", (trace->flags & TRACE_OPEN) != 0 ? " open" : "",
                 (trace->flags & TRACE_CANCELLED) != 0 ? " cancelled" : "");
        for (size_t k = 0; k < trace->n; k++) {
            const struct visit *v = &part->visits.v[trace->first + k];
            assert_int_equal(v->item, trace->item);
            str stage = names_text(t->names, v->activity);
            buf_addf(&line, " " STR_FMT "[", STR_ARG(stage));
            if (v->enabled != v->start) {
                stream_clock(t, &line, v->enabled);
                buf_addf(&line, "(");
                stream_clock(t, &line, v->start);
                buf_addf(&line, ")");
            } else {
                stream_clock(t, &line, v->start);
            }
            buf_putc(&line, '-');
            stream_clock(t, &line, v->end);
            if (v->suspended > 0) {
                buf_addf(&line, " queue %g", (double)v->suspended / (double)HOUR);
            }
            str team = names_text(t->names, v->team);
            buf_addf(&line, "%s" STR_FMT "%s%s]", team.n > 0 ? " " : "", STR_ARG(team),
                     (v->flags & VISIT_OPEN) != 0 ? " open" : "",
                     (v->flags & VISIT_REWORK) != 0 ? " rework" : "");
        }
        VEC_ADD(&t->lines, line);
    }
}

static inline int stream_by_text(const void *a, const void *b)
{
    struct buf x = *(const struct buf *)a, y = *(const struct buf *)b;
    return strcmp(buf_cstr(&x), buf_cstr(&y));
}

static inline void stream_text_finish(struct stream_text *t)
{
    for (size_t i = 0; i < t->lines.n; i++) {
        buf_finish(&t->lines.v[i]);
    }
    VEC_FINISH(&t->lines);
    VEC_FINISH(&t->parts);
}

/* The lines of items, sorted (the order of items may depend on where they are stored). */
static inline void stream_text_join(struct stream_text *t, struct buf *out)
{
    if (t->lines.n > 0) {
        for (size_t i = 0; i < t->lines.n; i++) {
            (void)buf_cstr(&t->lines.v[i]);
        }
        qsort(t->lines.v, t->lines.n, sizeof *t->lines.v, stream_by_text);
    }
    for (size_t i = 0; i < t->lines.n; i++) {
        buf_addf(out, "%s\n", buf_cstr(&t->lines.v[i]));
    }
}
