/* From what tools send to the store, for as long as the server runs.
 *
 *     request → verify → spool (on disk: acknowledged) → one writer: map, append, commit → position
 *
 * The place up to which the spool is stored is committed together with the events, so that after a
 * crash nothing is lost and nothing is stored twice. A store is used by one thread at a time: the
 * writer takes it for a group of deliveries, whoever answers questions takes it in turn
 * (intake_store_take). */
#pragma once

#include "engine/config.h"
#include "engine/spool.h"
#include "store/store.h"

struct intake;

struct intake_options {
    struct store *store; /* the caller's; used under the intake's turn until intake_close */
    const char *folder;  /* of the spool */
    struct spool_options spool;
    lapse keep; /* how long stored deliveries stay in the spool; 0: 30 days */
    void (*changed)(uint64_t version, void *cookie); /* after commits that brought news; any thread,
                                                      * without the store; NULL: nobody cares */
    void *cookie;
};

/* Opens the spool. The writer starts with the first intake_configure, and stores first what the
 * spool still holds. */
status intake_open(const struct intake_options *options, struct intake **ret, struct error *why);
/* Stores all that was acknowledged, then stops. Nobody may be delivering. NULL is fine. */
void intake_close(struct intake *in);

/* Takes the sources of weir.yaml: their kinds, secrets (read now, from file, variable or
 * credential), mapping files, repositories. `trusted`: only this machine reaches us, so that kinds
 * that carry no signature need no token. FAIL names the source at fault, and the old sources stay.
 */
status intake_configure(struct intake *in, const struct config *config, bool trusted,
                        struct error *why);

enum intake_outcome {
    INTAKE_KEPT,      /* on disk; will be stored */
    INTAKE_REPEATED,  /* a delivery with this id was kept before */
    INTAKE_NO_SOURCE, /* no such source is configured */
    INTAKE_REFUSED,   /* signature or token missing or wrong: `why` says which */
    INTAKE_LATER,     /* full: try again */
};

/* One delivery for the source that it names. `trusted`: whoever sends was authenticated for it
 * already (a token). Returns when it is on disk. */
enum intake_outcome intake_deliver(struct intake *in, const struct delivery *d, bool trusted,
                                   struct error *why);

/* Lines of events (short form, CDEvents, CloudEvents), sent by somebody who may. Returns when they
 * are stored, and says of each what became of it. */
struct intake_answer {
    uint64_t accepted, duplicates, rejected, unmapped;
    struct arena text;
    VEC(struct reject) rejects; /* the first ones */
};
enum { INTAKE_REJECTS_SHOWN = 1000 };
enum intake_outcome intake_events(struct intake *in, str source, str body, when received,
                                  struct intake_answer *ret, struct error *why);
void intake_answer_finish(struct intake_answer *a);

/* Something was pushed to the repository of a configured git source: what is new is mined soon.
 * False: there is no such source. */
bool intake_pushed(struct intake *in, str source);

/* The store, for one thread at a time, in order of asking. */
struct store *intake_store_take(struct intake *in);
void intake_store_give(struct intake *in);
/* Grows with every commit that brought something. Whoever changes the store under its turn calls
 * intake_changed before giving it back. */
uint64_t intake_version(struct intake *in);
void intake_changed(struct intake *in);

/* What the writer cannot do ("the disk is full"), or empty when all is well. Copied to `room`. */
str intake_trouble(struct intake *in, struct arena *room);
bool intake_is_current(struct intake *in); /* the spool that was found at opening is stored */

struct intake_source_state {
    str name, kind, path;
    bool proven;                            /* needs a signature or token */
    uint64_t deliveries, repeated, refused; /* requests */
    uint64_t events, duplicates, rejected, unmapped;
    when received, stored; /* last delivery; when the last one was stored; WHEN_NONE */
    when latest;           /* time of the latest event */
};
/* All sources, configured ones first. Texts live in `room`. */
struct intake_sources {
    VEC(struct intake_source_state) v;
};
void intake_sources(struct intake *in, struct arena *room, struct intake_sources *ret);
void intake_spool(struct intake *in, struct spool_state *ret);
