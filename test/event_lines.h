/* Logs written as lines, for tests of what reads events: "item activity time [word]…", times in
 * hours, words `start`, `complete`, … (a lifecycle), `begin=H`, `actor=…`, `team=…`, `type=…`,
 * `instance=…`, `bad` (a time not to be believed). Lines of an item stand together or not; they are
 * brought together in order of input. */
#pragma once

#include "model/event.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct event_lines {
    struct names names;
    struct batch *batch; /* items together, when grouped */
    uint64_t seq[BATCH_ROWS];
};

static inline when hours_of(str text)
{
    double hours = 0;
    bool number = str_to_f64(text, &hours);
    assert(number);
    return (when)(hours * (double)HOUR);
}

static inline bool event_word(str word, const char *key, str *ret)
{
    bool found = str_starts(word, str_of(key));
    *ret = found ? str_from(word, strlen(key)) : *ret;
    return found;
}

static inline void event_of_line(struct event_lines *l, str line, struct event *e)
{
    str rest = line, part[3] = {{0}}, word = {0}, value = {0};
    for (size_t i = 0; i < 3 && str_cut(&rest, ' ', &part[i]); i++) {
    }
    *e = (struct event){.item = names_item(&l->names, names_sym(&l->names, STR("case")), part[0]),
                        .type = names_sym(&l->names, STR("event")),
                        .activity = names_sym(&l->names, part[1]),
                        .time = hours_of(part[2]),
                        .begin = WHEN_NONE};
    while (str_cut(&rest, ' ', &word)) {
        if (event_word(word, "begin=", &value)) {
            e->begin = hours_of(value);
        } else if (event_word(word, "actor=", &value)) {
            e->actor = names_sym(&l->names, value);
        } else if (event_word(word, "team=", &value)) {
            e->team = names_sym(&l->names, value);
        } else if (event_word(word, "type=", &value)) {
            e->type = names_sym(&l->names, value);
        } else if (event_word(word, "instance=", &value)) {
            e->instance = names_sym(&l->names, value);
        } else if (str_eq(word, STR("bad"))) {
            e->quality = TIME_BAD;
        } else {
            e->life = (uint8_t)life_of(word);
        }
    }
}

static inline void event_lines_make(struct event_lines *l, const char *const *lines, bool grouped)
{
    struct event events[256];
    size_t n = 0;
    names_init(&l->names);
    l->batch = batch_new();
    for (; lines[n] != NULL; n++) {
        assert(n < 256);
        event_of_line(l, str_of(lines[n]), &events[n]);
    }
    for (item_id item = 0; item < l->names.item_n; item++) {
        for (size_t i = 0; i < n; i++) {
            if (events[i].item == item || (!grouped && item == 0)) {
                l->seq[batch_add(l->batch, &events[i])] = i;
            }
        }
        if (!grouped) {
            break;
        }
    }
}

static inline struct log event_lines_log(const struct event_lines *l)
{
    struct log log = batch_log(l->batch);
    log.seq = l->seq;
    return log;
}

static inline void event_lines_free(struct event_lines *l)
{
    batch_free(l->batch);
    names_finish(&l->names);
}
