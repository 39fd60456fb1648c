/* Stages: which place of the value stream an event belongs to, and what kind of place it is.
 *
 * A list of rules in order, the first that matches wins. A rule names a stage and asks for patterns
 * of the event's type, activity, actor and team (globs with *, ASCII case alike); an activity that
 * is in the rule's `waiting` list belongs to the stage too, as its queue. Answers are kept in a
 * cache by (type, activity), so that a log of many events costs few comparisons. */
#pragma once

#include "base/error.h"
#include "model/names.h"
#include "model/visit.h"

struct stage_patterns { /* none: whatever it is */
    const str *v;
    size_t n;
};

struct stage_rule { /* texts are copied by stages_open */
    str name;
    str team;          /* empty: the event's own */
    bool has_category; /* else guessed from the name */
    enum category category;
    struct stage_patterns type, activity, actor, team_of_event;
    struct stage_patterns waiting; /* activities that are the queue of this stage */
};

struct stages;

/* `ignore`: patterns of types or activities that are not part of the stream. With no rule every
 * activity is a stage of its own. Fails when a stage has no name. One thread uses it at a time (it
 * keeps a cache); `names` must outlive it. */
status stages_open(const struct stage_rule *rules, size_t n, struct stage_patterns ignore,
                   struct names *names, struct stages **ret_stages, struct error *why);
void stages_close(struct stages *s);

enum stage_match { STAGE_UNMAPPED, STAGE_IGNORED, STAGE_ENTERED, STAGE_QUEUED };

struct stage {      /* what an event belongs to */
    sym name, team; /* team 0: not given */
    uint32_t rule;  /* number of the first rule of that name: the order of the stream */
    uint8_t match;  /* enum stage_match */
    uint8_t category;
};

struct stage stages_of(struct stages *s, sym type, sym activity, sym actor, sym team);
size_t stages_rules(const struct stages *s); /* 0: an activity is a stage */

/* What kind of status a name speaks of (spec mining.md 3): "Ready for test" waits, "On hold" is
 * blocked, "Closed" is done, "Rejected" is cancelled; what says nothing is active. */
enum category category_guess(str status_name);
bool category_of(str word, enum category *ret); /* "waiting", …; false: no such word */
const char *category_word(enum category c);

bool stage_glob(str pattern, str text); /* * stands for any run of bytes; ASCII case alike; linear
                                         * in both lengths but for the last * */
