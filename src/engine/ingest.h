/* From a source into a store: what `import` does, and what plain `weir` does with its repository.
 *
 * Batches are committed in groups. What was committed stays whatever happens afterwards; the same
 * input again adds nothing, because every fact is known by its identity. An input that cannot be
 * read at all leaves the store as it was. */
#pragma once

#include "source/source.h"
#include "store/store.h"

struct ingest {
    const struct source_format *format; /* NULL: by content */
    const char *const *paths;
    size_t path_count;
    str name;                     /* of the source in the store; empty: the format's name */
    struct source_options source; /* names, cursor and actor_key are filled in here */
    bool again;                   /* ignore the cursor: read everything */
};

enum { INGEST_REJECTS_SHOWN = 20 };

struct ingest_result {
    struct appended added;
    uint64_t read;      /* events read, duplicates included */
    bool incomplete;    /* the input broke off, or a signal came; rows so far are stored */
    lapse took;         /* wall time */
    const char *format; /* name of the format that was read */
    struct arena text;
    VEC(struct reject) rejects; /* the first INGEST_REJECTS_SHOWN, rejects known before included */
    uint64_t rejected;          /* all of this import */
    VEC(struct note) columns;   /* role → column taken */
    VEC(str) sentences;         /* what to know of the input */
};

/* Fills *ret also when it fails half way (what was committed until then); finish it in any case.
 * INTERRUPTED: stopped by a signal after committing what had been read. */
status ingest_run(struct store *store, const struct ingest *what, struct ingest_result *ret,
                  struct error *why);
void ingest_finish(struct ingest_result *r);

/* The key under which persons become pseudonyms: made once a store (then it is part of the open
 * transaction), never shown. */
status ingest_actor_key(struct store *store, struct buf *ret, struct error *why);

/* What a store remembers of each source, newest import last: {"name","format","paths","imported",
 * "events","duplicates","rejected","incomplete","notes","columns"}, in a JSON array. */
status ingest_history(struct store *store, struct buf *ret_json, struct error *why);
