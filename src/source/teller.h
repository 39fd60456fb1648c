/* Telling facts: what the connectors of all tools do alike when they turn a body into events. It
 * knows the canonical keys of items, the identity of facts, times, persons and robots, and the few
 * attributes that are kept; a connector says only what is where in the tool's JSON.
 *
 *     struct teller t;
 *     teller_open(&t, run, d);
 *     t.place = (struct place){.provider = STR("github"), .space = owner, .groups = repository};
 *     teller_fact(&t, teller_item(&t, "issue", "issue", number), "issue.created", STR("created"),
 *                 created_at);
 *     teller_attr(&t, "state_reason", reason);
 *     teller_give(&t, (str){0});
 *     teller_close(&t);
 *
 * Identity (spec connectors.md 3): a fact is known by (source, subject, type, activity, lifecycle,
 * own time or the source's own id). So what a key does not hold must be the same whichever body
 * tells the fact: what changes later belongs into item attributes (teller_mark), which are dated,
 * not into an event. */
#pragma once

#include "source/hook.h"
#include "wire/json.h"

struct place { /* where in which tool, as spelled; part of the keys of items (identity.h) */
    str provider, provider_id, space, groups;
};

enum { TELLER_ALSO = 32 };

struct teller {
    struct hook_run *run;
    const struct delivery *delivery;
    struct names *names;
    struct place place;
    lapse resolution;   /* own times in the identity of facts are cut to it, where one way of the
                         * tool tells finer than another; 0: exact */
    struct arena text;  /* lives until teller_close */
    struct event event; /* the fact that is being told; actor, life, begin, instance may be set */
    str own_type;       /* of it */
    str activity_id;    /* may be set after teller_fact where the name of the activity can change
                         * (a status renamed): stands for it in the identity */
    id128 given;        /* key of the fact given last: evidence of its links */
    uint64_t count;     /* of facts given */
    struct buf attrs, work;
    struct {
        item_id item;
        sym qualifier;
    } also[TELLER_ALSO];
    size_t also_n;
};

void teller_open(struct teller *t, struct hook_run *run, const struct delivery *d);
void teller_close(struct teller *t);

/* The body as JSON; NULL: it is none, and a reject was added. Release with json_decref. */
json_t *teller_json(struct teller *t);
#define teller_reject(t, column, ...)                                                              \
    hook_reject((t)->run, (t)->delivery, column, __VA_ARGS__) /* like printf */
/* Understood, but nothing for weir. */
void teller_unmapped(struct teller *t);

/* --- reading --- */

str teller_get(const json_t *object, const char *key); /* a text, or empty */
/* The text behind "a.b.c", or empty; teller_at gives any value, NULL when there is none. */
str teller_text(const json_t *json, const char *path);
const json_t *teller_at(const json_t *json, const char *path);
/* A text or a whole number as text: ids. Lives until teller_close. */
str teller_id(struct teller *t, const json_t *value);
/* A time as text (RFC 3339 and its relatives). WHEN_NONE: missing, null or none; one without a zone
 * counts only when the source sets one. */
when teller_when(const struct teller *t, const json_t *value);
when teller_epoch(const json_t *value, lapse unit); /* a number of SECOND, or of milliseconds */

/* --- items --- */

/* The item of our type (`change`) that the canonical identity of type `word` (`pr`) in t->place
 * names; 0 when the resource is empty or absurdly long. */
item_id teller_item(struct teller *t, const char *type, const char *word, str resource);
/* A commit by its full id (40 or 64 hex digits, not all zero), in small letters; else 0. */
item_id teller_commit(struct teller *t, str sha);
bool teller_is_sha(str sha);

/* --- facts --- */

/* Begins a fact: no lifecycle, quality own; a time before 1990 or more than a day after receipt is
 * marked bad. Time WHEN_NONE: receipt, marked so; then teller_give must be told an id. */
void teller_fact(struct teller *t, item_id subject, const char *type, str activity, when time);
void teller_attr(struct teller *t, const char *name, str value);               /* empty: left out */
void teller_attr_i64(struct teller *t, const char *name, const json_t *value); /* integer, or left
                                                                                * out */
void teller_attr_bool(struct teller *t, const char *name, bool value);
void teller_also(struct teller *t, item_id item, const char *qualifier); /* 0: left out */
/* Who: by the tool's own id of a person. `kind` is the tool's word ("Bot", "User"), or empty: then
 * the name decides whether it is a robot. */
void teller_actor(struct teller *t, str id, str kind);
bool teller_is_bot(str name);
/* Adds it. `own_id` is what the tool itself knows the fact by, where it has such an id; else the
 * time does it. False: the fact has no subject, or nothing more can be added. */
bool teller_give(struct teller *t, str own_id);

/* What happens once to its item is known without its time, which may differ by a little between the
 * bodies that tell it. */
#define TELLER_ONCE STR("once")

/* The steps of a run or job: scheduled, started, completed, one activity (its type), so that they
 * become a visit with its waiting time. A body tells the earlier steps, too: known already, unless
 * their own delivery was lost. */
struct teller_span {
    item_id item;
    const char *type;                   /* "run", "job"; also the activity */
    when scheduled, started, completed; /* WHEN_NONE: not told */
    bool received;                      /* the times are not its own but that of receipt */
    str outcome;                        /* in the tool's word; "success", "failure", … */
    bool withdrawn;                     /* it ended without having run to its end */
    bool once;                          /* it cannot end twice (a job may be done again) */
    bool derived;                       /* `completed` was computed, from a duration */
    str name, workflow, stage, event, branch, repository, environment; /* kept as attributes */
    str sha;       /* of the commit that it is about */
    item_id whole; /* the run of a job */
    str actor, actor_kind;
};
void teller_span(struct teller *t, const struct teller_span *s);

/* Makes an event that is in the batch already, by other means, a fact told: gives it its identity.
 */
void teller_adopt(struct teller *t, uint32_t row);

/* A relation proved by the fact given last; left out when an end is 0 or both are the same. */
void teller_link(struct teller *t, item_id from, item_id to, const char *kind, const char *rule,
                 double confidence);
/* A dated attribute of an item: for what changes. */
void teller_mark(struct teller *t, item_id item, const char *name, when time, str value);
/* The keys of work items in a text ("DRV-17 #12"), nothing else of it. Lives until teller_close. */
str teller_keys(struct teller *t, str text);
/* Links a change to the issues that its description closes, of the same place. `stated`: the forge
 * itself takes the words so (the change goes into its main branch). */
void teller_closing(struct teller *t, item_id change, str description, bool stated);
/* The delivery itself as an own id: its id, else the hash of its body. */
str teller_delivery_id(struct teller *t, str id);
