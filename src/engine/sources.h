/* The sources of a store: what its imports said of each, and which of its events are there. */
#pragma once

#include "base/arena.h"
#include "base/vec.h"
#include "store/store.h"

struct source_seen {
    sym name;
    str format, path;    /* of the last import; the first of its paths. Empty: not known */
    size_t paths;        /* how many there were */
    when imported;       /* the last time; WHEN_NONE: not known */
    uint64_t imports;    /* remembered ones */
    uint64_t events;     /* in the store */
    when first, last;    /* their times; WHEN_NONE: none */
    uint64_t rejected;   /* rows that are kept as rejects */
    uint64_t duplicates; /* seen by the remembered imports */
    bool incomplete;     /* its last import broke off */
    VEC(str) notes;      /* sentences of the last import */
};

struct sources { /* a zeroed one is empty */
    struct arena text;
    VEC(struct source_seen) v; /* in order of their first import */
};

/* sources_finish in any case. */
status sources_load(struct store *store, struct sources *ret, struct error *why);
void sources_finish(struct sources *s);
