/* Deliveries on disk before anybody is told that they arrived.
 *
 * A folder of segments. A record begins at a place, the number of bytes ever written before it; a
 * segment is named by the place of its first record. Each record carries its length and a checksum
 * over its bytes and its place, so that a half-written end is seen and cut at opening, and damage
 * in the middle is skipped to the next whole record. Appending threads wait together: whoever finds
 * nobody writing writes for all that wait, with one fdatasync (group commit).
 *
 * One process has a spool at a time. Many threads may append; one reads. */
#pragma once

#include "source/hook.h"

struct spool;

struct spool_options {
    uint64_t limit;   /* bytes that may wait to be read; beyond it appending is BUSY. 0: 10 GB, or
                       * four fifths of what is free on the disk when that is less */
    uint64_t segment; /* bytes after which a new one begins; 0: 64 MB */
};

/* Makes the folder (mode 0700) where it is missing. BUSY: another process has it. */
status spool_open(const char *folder, const struct spool_options *options, struct spool **ret,
                  struct error *why);
void spool_close(struct spool *s);           /* NULL is fine; nobody may be appending */
const char *spool_id(const struct spool *s); /* 16 hex digits: places are of this spool only */

/* Returns when the delivery is on disk; *ret_place is its place. BUSY: the spool or the disk is
 * full, nothing was kept, the sender is to try again. */
status spool_append(struct spool *s, const struct delivery *d, uint64_t *ret_place,
                    struct error *why);

struct spool_record {
    struct delivery delivery;
    uint64_t place, next; /* where it begins and ends */
    uint64_t skipped;     /* damaged bytes before it that were left out */
};
/* The first record at or behind `place`. Its texts live in `room` (cleared first). END: there is
 * none yet. */
status spool_read(struct spool *s, uint64_t place, struct arena *room, struct spool_record *ret,
                  struct error *why);

/* Waits until there is something behind `place`, spool_wake was called, or the time is over. */
void spool_wait(struct spool *s, uint64_t place, lapse at_most);
void spool_wake(struct spool *s);

/* Everything before `place` is stored elsewhere for good: segments that lie before it and were
 * finished before `keep_since` are removed. */
void spool_done(struct spool *s, uint64_t place, when keep_since);

struct spool_state {
    uint64_t first, done, end; /* places: oldest record kept, what is stored, the end */
    uint64_t bytes;            /* of all segments */
    when oldest;               /* receipt of the oldest delivery not yet stored; WHEN_NONE: none */
};
void spool_state(struct spool *s, struct spool_state *ret);
