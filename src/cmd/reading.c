#include "cmd/reading.h"

static status where_of(struct command_context *c, struct event_where **ret, size_t *ret_n,
                       struct error *why)
{
    const struct where *given = NULL;
    TRY(command_where(c, &given, ret_n, why));
    *ret = ARENA_ARRAY(&c->text, struct event_where, *ret_n + 1);
    for (size_t i = 0; i < *ret_n; i++) {
        (*ret)[i] = (struct event_where){given[i].key, given[i].value};
    }
    return OK;
}

status reading_open(struct command_context *c, struct reading *r, struct error *why)
{
    *r = (struct reading){.c = c};
    return command_store(c, STORE_READ, &r->store, why);
}

status reading_stream(struct command_context *c, struct reading *r, enum weave_events events,
                      unsigned flags, struct error *why)
{
    struct event_where *where = NULL;
    struct valuestream_query q = {
        .config = c->config,
        .stream = command_stream(c),
        .work_clock = command_work_clock(c),
        .last = command_last(c),
        .events = events,
        .raw = (flags & READING_RAW) != 0,
        .wall_instants = (flags & READING_WALL) != 0,
        .later = (flags & READING_LATER) != 0,
        .zone = c->world.zone,
        .now = WHEN_NONE,
        .progress = &c->progress,
    };
    TRY(where_of(c, &where, &q.where_count, why));
    q.where = where;
    TRY(command_range(c, &q.range, why));
    r->has_stream = true;
    return valuestream_open(r->store, &q, &r->stream, why);
}

void reading_close(struct reading *r)
{
    if (r->has_stream) {
        valuestream_close(&r->stream);
    }
    if (r->store != NULL) {
        command_store_done(r->c, r->store);
    }
}

/* Reasons of the closed list in the document, words for people. */
static const struct excluded {
    const char *reason, *words;
    size_t offset; /* of the count in struct weave_counts */
} EXCLUDED[] = {
    {"bad_time", "events with a time that cannot be believed",
     offsetof(struct weave_counts, bad_time)},
    {"no_start", "completes without a start (counted with length zero)",
     offsetof(struct weave_counts, no_start)},
    {"no_end", "starts without a complete (open)", offsetof(struct weave_counts, no_end)},
    {"unmapped_status", "events of no stage", offsetof(struct weave_counts, unmapped)},
    {"negative_duration", "intervals that end before they begin (cut to zero)",
     offsetof(struct weave_counts, negative)},
    {"impossible_order", "visits in an impossible order (cut to zero)",
     offsetof(struct weave_counts, clamped)},
    {"after_end", "events after the item was done", offsetof(struct weave_counts, after_end)},
    {"ignored", "events left out as asked for", offsetof(struct weave_counts, ignored)},
    {"no_visit", "items without a visit", offsetof(struct weave_counts, no_visit)},
};

static uint64_t count_of(const struct reading *r, const struct excluded *e)
{
    return *(const uint64_t *)(const void *)((const char *)&r->stream.counts + e->offset);
}

void reading_document(const struct command_context *c, const struct reading *r, json_t *doc)
{
    const struct valuestream *f = &r->stream;
    when begin = f->range.from != WHEN_NONE ? f->range.from : f->events.begins;
    when end = f->range.to != WHEN_NONE ? f->range.to : f->events.ends;
    doc_put(doc, "range", doc_range(begin, end));
    doc_put(doc, "clock", json_string(f->clock != NULL ? "work" : "wall"));
    if (f->clock_name != NULL) {
        doc_put(doc, "calendar", json_string(f->clock_name));
    }
    if (f->kind != 0) {
        doc_put(doc, "kind", doc_str(names_text(f->names, f->kind)));
    }
    for (size_t i = 0; i < sizeof EXCLUDED / sizeof *EXCLUDED; i++) {
        doc_excluded(doc, EXCLUDED[i].reason, count_of(r, &EXCLUDED[i]));
    }
    doc_excluded(doc, "bad_time", f->events.bad_times);
    doc_excluded(doc, "outside_window", f->outside);
    for (size_t i = 0; i < f->notes.n; i++) {
        doc_note(doc, STR_FMT, STR_ARG(f->notes.v[i]));
    }
    if (f->events.repeated > 0) {
        doc_note(doc, "%llu references stand in the flow of several items each",
                 (unsigned long long)f->events.repeated);
    }
    (void)c;
}

void reading_day(struct command_context *c, const struct reading *r)
{
    c->look.day = r->stream.clock != NULL ? calendar_day(r->stream.clock) : 0;
}

void reading_clock(struct command_context *c, const struct reading *r)
{
    reading_day(c, r);
    if (r->stream.clock == NULL || !command_wants_words(c)) {
        return;
    }
    struct buf day = {0};
    text_lapse_exact(&day, calendar_day(r->stream.clock), NULL);
    command_wrap(c, 0, "Durations are working time of the calendar \"%s\": 1d is " STR_FMT "%s.",
                 r->stream.clock_name, STR_ARG(buf_str(&day)),
                 command_last(c).n > 0 ? ", also in --last" : "");
    buf_finish(&day);
}

void reading_say(struct command_context *c, const struct reading *r)
{
    struct buf line = {0};
    uint64_t left_out = r->stream.outside + r->stream.events.bad_times;
    for (size_t i = 0; i < sizeof EXCLUDED / sizeof *EXCLUDED; i++) {
        bool asked_for = str_eq(str_of(EXCLUDED[i].reason), STR("ignored"));
        left_out += asked_for ? 0 : count_of(r, &EXCLUDED[i]);
    }
    if (c->explain) {
        for (size_t i = 0; i < sizeof EXCLUDED / sizeof *EXCLUDED; i++) {
            uint64_t n = count_of(r, &EXCLUDED[i]);
            if (n > 0) {
                buf_clear(&line);
                text_count(&line, (int64_t)n);
                command_wrap(c, 2, STR_FMT "  %s: %s", STR_ARG(buf_str(&line)), EXCLUDED[i].reason,
                             EXCLUDED[i].words);
            }
        }
        if (r->stream.outside > 0) {
            buf_clear(&line);
            text_count(&line, (int64_t)r->stream.outside);
            command_wrap(c, 2, STR_FMT "  outside_window: items outside the range of time",
                         STR_ARG(buf_str(&line)));
        }
        for (size_t i = 0; i < r->stream.notes.n; i++) {
            buf_clear(&line);
            text_sentence(&line, r->stream.notes.v[i]);
            command_wrap(c, 2, STR_FMT, STR_ARG(buf_str(&line)));
        }
    } else if (left_out > 0) {
        text_count(&line, (int64_t)left_out);
        command_say(c, STR_FMT " %s counted or left out: weir %s --explain",
                    STR_ARG(buf_str(&line)), left_out == 1 ? "oddity" : "oddities",
                    c->command->name);
    }
    buf_finish(&line);
}

json_t *reading_distribution(const struct distribution *d)
{
    if (d->n == 0) {
        return json_null();
    }
    struct doc_distribution doc = {.n = d->n,
                                   .mean = d->mean,
                                   .min = d->min,
                                   .p50 = d->p50,
                                   .p85 = d->p85,
                                   .p95 = d->p95,
                                   .max = d->max,
                                   .sum = d->sum};
    json_t *json = doc_distribution(&doc);
    doc_put(json, "stdev", doc_real(d->stdev / (double)SECOND));
    return json;
}
