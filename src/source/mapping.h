/* One YAML file that says how records of any tool become events (`--map FILE`): for JSON lines by
 * paths, for tables by names of columns. docs: the mapping file in src/source/README.md.
 *
 * A value is a literal, a path ("$.app.id"; for tables also "$.column"), a text with paths in
 * braces
 * ("{kind}#{number}"), or one of these with `map`, `lower`, `split`. A bare word is the column of
 * that name when a table has one, else it stands for itself; where only a path makes sense (`when`,
 * `time`, `start`, `path:`) it is always a path. Paths are a subset of RFC 9535: $, .name,
 * ['name'], [n], [?@.k=='v'], and [*] in `each` alone. A path that finds nothing gives no value. Of
 * a delivery "header:NAME" is the value of a header. */
#pragma once

#include "source/source.h"
#include "wire/json.h"

struct mapping;

/* FAIL on an unknown key or a wrong value, with line and suggestion. */
status mapping_open(const char *path, struct mapping **ret, struct error *why);
status mapping_read(str yaml, const char *name, struct mapping **ret, struct error *why);
void mapping_close(struct mapping *m); /* NULL is fine */

/* How the deliveries of a mapped hook are checked and told apart; empty texts: by a bearer token,
 * by the hash of the body. The secret's file is as written: relative to the mapping file. */
struct mapping_hook {
    str header, form, secret_file; /* "X-Signature", "sha256={hex}" */
    str id_header;                 /* "X-Delivery-Id" */
};
const struct mapping_hook *mapping_hook(const struct mapping *m);

/* The different paths that it reads. Whoever has a record gives their values in this order; a NULL
 * pointer is "no value". */
size_t mapping_path_count(const struct mapping *m);
str mapping_path(const struct mapping *m, size_t path);

/* For a table: the column of each path, or MAPPING_LITERAL for a bare word that names none: its
 * value is the word itself. FAIL when a path has no column. */
enum { MAPPING_LITERAL = -1 };
status mapping_bind(const struct mapping *m, const char *file, const str *columns, size_t n,
                    int *ret_column, struct error *why);

/* For JSON: the records inside of a document (`each`), number `at` from 0; NULL: no more. Where the
 * document has no such member, it is the record itself. */
const json_t *mapping_record(const struct mapping *m, const json_t *document, size_t at);
/* The values of all paths; texts are appended to `room`, which must not be changed meanwhile. A
 * path that begins with "$" is looked up in the record, then in the document. */
void mapping_json(const struct mapping *m, const json_t *document, const json_t *record,
                  struct arena *room, str *ret_values);

/* What one import keeps of the mapping: caches, counts. */
struct mapping_run;
/* `persons`: actors are ids of persons and become pseudonyms (JSON of tools); else they stay as
 * they stand (tables). */
struct mapping_run *mapping_run_new(const struct mapping *m, const struct source_options *options,
                                    bool persons);
void mapping_run_free(struct mapping_run *r); /* notes are written by mapping_run_notes */
void mapping_run_notes(const struct mapping_run *r, struct source_notes *notes);

/* Adds the events of a record to the batch, which must have room for MAPPING_EVENTS. The first
 * entry whose `when` holds decides; where it says `more: true`, the next one that fits adds another
 * event, and so on. A record that fits none is counted as unmapped. False: a reject, with `reason`
 * and the key of the mapping at fault. */
enum { MAPPING_EVENTS = 16 };
bool mapping_event(struct mapping_run *r, const str *values, id128 key, struct batch *b,
                   struct buf *reason, str *ret_column);
