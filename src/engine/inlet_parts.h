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
void inlet_feeds_free(struct inlet_feeds *f);                               /* NULL is fine */
struct inlet_feed *inlet_feeds_find(const struct inlet_feeds *f, str name); /* NULL: none */

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
