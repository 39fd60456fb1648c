/* From what tools send to the store, for as long as the server runs.
 *
 *     request → verify → spool (on disk: acknowledged) → one writer: map, append, commit → position
 *
 * The place up to which the spool is stored is committed together with the events, so that after a
 * crash nothing is lost and nothing is stored twice. A store is used by one thread at a time: the
 * writer takes it for a group of deliveries, whoever answers questions takes it in turn
 * (inlet_store_take). */
#pragma once

#include "engine/config.h"
#include "engine/spool.h"
#include "store/store.h"

struct inlet;

struct inlet_options {
    struct store *store; /* the caller's; used under the inlet's turn until inlet_close */
    const char *folder;  /* of the spool */
    struct spool_options spool;
    lapse keep; /* how long stored deliveries stay in the spool; 0: 30 days */
    void (*changed)(uint64_t version, void *cookie); /* after commits that brought news; any thread,
                                                      * without the store; NULL: nobody cares */
    void *cookie;
};

/* Opens the spool. The writer starts with the first inlet_configure, and stores first what the
 * spool still holds. */
status inlet_open(const struct inlet_options *options, struct inlet **ret, struct error *why);
/* Stores all that was acknowledged, then stops. Nobody may be delivering. NULL is fine. */
void inlet_close(struct inlet *in);

/* Takes the sources of weir.yaml: their kinds, secrets (read now, from file, variable or
 * credential), mapping files, repositories. `trusted`: only this machine reaches us, so that kinds
 * that carry no signature need no token. FAIL names the source at fault, and the old sources stay.
 */
status inlet_configure(struct inlet *in, const struct config *config, bool trusted,
                       struct error *why);

enum inlet_outcome {
    INLET_KEPT,      /* on disk; will be stored */
    INLET_REPEATED,  /* a delivery with this id was kept before */
    INLET_NO_SOURCE, /* no such source is configured */
    INLET_REFUSED,   /* signature or token missing or wrong: `why` says which */
    INLET_LATER,     /* full: try again */
};

/* One delivery for the source that it names. `trusted`: whoever sends was authenticated for it
 * already (a token). Returns when it is on disk. */
enum inlet_outcome inlet_deliver(struct inlet *in, const struct delivery *d, bool trusted,
                                 struct error *why);

/* Lines of events (short form, CDEvents, CloudEvents), sent by somebody who may. Returns when they
 * are stored, and says of each what became of it. */
struct inlet_answer {
    uint64_t accepted, duplicates, rejected, unmapped;
    struct arena text;
    VEC(struct reject) rejects; /* the first ones */
};
enum { INLET_REJECTS_SHOWN = 1000 };
enum inlet_outcome inlet_events(struct inlet *in, str source, str body, when received,
                                struct inlet_answer *ret, struct error *why);
void inlet_answer_finish(struct inlet_answer *a);

/* Something was pushed to the repository of a configured git source: what is new is mined soon.
 * False: there is no such source. */
bool inlet_pushed(struct inlet *in, str source);

/* The store, for one thread at a time, in order of asking. */
struct store *inlet_store_take(struct inlet *in);
void inlet_store_give(struct inlet *in);
/* Grows with every commit that brought something. Whoever changes the store under its turn calls
 * inlet_changed before giving it back. */
uint64_t inlet_version(struct inlet *in);
void inlet_changed(struct inlet *in);

/* What the writer cannot do ("the disk is full"), or empty when all is well. Copied to `room`. */
str inlet_trouble(struct inlet *in, struct arena *room);
bool inlet_is_current(struct inlet *in); /* the spool that was found at opening is stored */

struct inlet_source_state {
    str name, kind, path;
    bool proven;                            /* needs a signature or token */
    uint64_t deliveries, repeated, refused; /* requests */
    uint64_t events, duplicates, rejected, unmapped;
    when received, stored; /* last delivery; when the last one was stored; WHEN_NONE */
    when latest;           /* time of the latest event */
};
/* All sources, configured ones first. Texts live in `room`. */
struct inlet_sources {
    VEC(struct inlet_source_state) v;
};
void inlet_sources(struct inlet *in, struct arena *room, struct inlet_sources *ret);
void inlet_spool(struct inlet *in, struct spool_state *ret);
