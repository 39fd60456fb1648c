/* What the modules of the intake share: intake.c keeps and stores deliveries, intake_feeds.c knows
 * the configured sources and counts what they send. */
#pragma once

#include "engine/intake.h"
#include "source/mapping.h"

#include <pthread.h>

/* A source that sends, or that is mined. */
struct intake_feed {
    str name, kind;
    const struct hook *hook;     /* NULL: a git repository that is mined */
    const char *path;            /* of the repository */
    struct hook_secrets secrets; /* valid now */
    struct mapping *mapping;     /* of mapped sources, or NULL */
    bool open;                   /* nothing has to prove who sends */
    bool pushed;                 /* to be mined */
};

/* One configuration, replaced as a whole. */
struct intake_feeds {
    struct arena text;
    unsigned users; /* under the intake's mutex; the last one frees */
    VEC(struct intake_feed) v;
};

status intake_feeds_read(const struct config *config, bool trusted, struct intake_feeds **ret,
                         struct error *why);
void intake_feeds_free(struct intake_feeds *f);                                /* NULL is fine */
struct intake_feed *intake_feeds_find(const struct intake_feeds *f, str name); /* NULL: none */

/* What came, by source, since the store was made: kept in the store as one small document. */
struct intake_tally {
    str name;
    uint64_t deliveries, repeated, refused, events, duplicates, rejected, unmapped;
    when received, stored, latest;
};
struct intake_tallies {
    struct arena text;
    VEC(struct intake_tally) v;
};
struct intake_tally *intake_tally_of(struct intake_tallies *t, str name); /* made when missing */
status intake_tallies_load(struct store *store, struct intake_tallies *ret, struct error *why);
status intake_tallies_save(struct store *store, const struct intake_tallies *t, struct error *why);
void intake_tallies_finish(struct intake_tallies *t);
