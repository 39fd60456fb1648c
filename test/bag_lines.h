/* Summaries of small logs written as lines, for the tests of bag folds. */
#pragma once

#include "event_lines.h"
#include "model/fold.h"
#include "model/weave.h"

struct bag {
    struct event_lines lines;
    void *summary;
    struct arena arena;
};

static inline void bag_fold(struct bag *b, const struct fold *fold, const char *const *lines)
{
    struct traces traces = {0};
    struct weave_options options = {.log_end = WHEN_NONE, .complete_from = WHEN_NONE};
    *b = (struct bag){.summary = mem_get(fold->size)};
    event_lines_make(&b->lines, lines, true);
    struct log log = event_lines_log(&b->lines);
    struct weaver *w = weave_open(&options);
    weave_step(w, &log, &traces);
    fold->step(b->summary, &traces);
    weave_close(w);
    traces_finish(&traces);
}

static inline void bag_free(struct bag *b, const struct fold *fold)
{
    fold->finish(b->summary);
    mem_put(b->summary);
    arena_finish(&b->arena);
    event_lines_free(&b->lines);
}

static inline bool bag_is(const struct bag *b, sym s, const char *text)
{
    return str_eq(names_text(&b->lines.names, s), str_of(text));
}
