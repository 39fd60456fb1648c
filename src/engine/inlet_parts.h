/* What the modules of the inlet share: inlet.c keeps and stores deliveries, inlet_feeds.c knows
 * the configured sources and counts what they send. */
#pragma once

#include "engine/inlet.h"
#include "source/mapping.h"

#include <pthread.h>

/* A source that sends, or that is mined. */
struct inlet_feed {
    str name, kind;
    const struct hook *hook;     /* NULL: a git repository that is mined */
    const char *path;            /* of the repository */
    struct hook_secrets secrets; /* valid now */
    struct mapping *mapping;     /* of mapped sources, or NULL */
    bool open;                   /* nothing has to prove who sends */
    bool pushed;                 /* to be mined */
    const char *url;             /* of the service that is asked for what is new; NULL: it is not */
    str token;                   /* for it */
    lapse interval;
    when due;   /* under the inlet's mutex, as is `asked` */
    bool asked; /* being asked just now */
};

/* One configuration, replaced as a whole. */
struct inlet_feeds {
    struct arena text;
    str link_pattern; /* of keys in commit messages */
    unsigned users;   /* under the inlet's mutex; the last one frees */
    VEC(struct inlet_feed) v;
};

status inlet_feeds_read(const struct config *config, bool trusted, struct inlet_feeds **ret,
                        struct error *why);
/* A secret: the lines of a file without white space around them. */
status inlet_secret(const char *path, struct arena *room, str *ret, struct error *why);
void inlet_feeds_free(struct inlet_feeds *f);                               /* NULL is fine */
struct inlet_feed *inlet_feeds_find(const struct inlet_feeds *f, str name); /* NULL: none */

/* The feeds of now, until they are let go; a new configuration may come meanwhile. */
struct inlet_feeds *inlet_feeds_hold(struct inlet *in);
void inlet_feeds_let_go(struct inlet *in, struct inlet_feeds *feeds);

/* Asks the services of the feeds for what is new, each when its time has come, and delivers it.
 * Runs in a thread of its own until `stop` is set. */
struct inlet_poll;
status inlet_poll_start(struct inlet *in, pthread_mutex_t *mutex, struct inlet_poll **ret,
                        struct error *why);
void inlet_poll_stop(struct inlet_poll *p); /* NULL is fine */
/* What went wrong last, or empty. With the mutex. */
const char *inlet_poll_trouble(const struct inlet_poll *p);

/* What came, by source, since the store was made: kept in the store as one small document. */
struct inlet_tally {
    str name;
    uint64_t deliveries, repeated, refused, events, duplicates, rejected, unmapped;
    when received, stored, latest;
};
struct inlet_tallies {
    struct arena text;
    VEC(struct inlet_tally) v;
};
struct inlet_tally *inlet_tally_of(struct inlet_tallies *t, str name); /* made when missing */
status inlet_tallies_load(struct store *store, struct inlet_tallies *ret, struct error *why);
status inlet_tallies_save(struct store *store, const struct inlet_tallies *t, struct error *why);
void inlet_tallies_finish(struct inlet_tallies *t);
