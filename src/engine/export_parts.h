/* What the exports have in common; for engine/export*.c alone. */
#pragma once

#include "engine/export.h"

void exported_note(struct exported *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A text as UTF-8: bytes that are not, and what `forbidden` names, become U+FFFD. */
enum clean {
    CLEAN_NUL,
    CLEAN_XML
}; /* XML 1.0 allows no other control character than tab and line
    * ends */
void export_clean(struct buf *out, str text, enum clean forbidden);

/* One event with the source it came from. */
struct export_event {
    const struct log *log;
    size_t row;
    const struct source_seen *source;
};
/* Calls each for every event, source by source, in stored order; keeps the progress. */
typedef status_code export_each(const struct export_event *e, void *cookie, struct error *why);
status export_scan(const struct export *x, const struct sources *sources, unsigned columns,
                   export_each *each, void *cookie, struct error *why);

/* Which events refer to which further items. */
struct references {
    VEC(struct stored_item) v; /* by seq */
};
/* With a kind only items of it. */
status references_load(struct store *store, sym kind, struct references *ret, struct error *why);
void references_finish(struct references *r);
const struct stored_item *references_of(const struct references *r, uint64_t seq, size_t *ret_n);

/* The items that an event stands with, as struct export.kind says. */
struct owners {
    const struct export *x;
    struct references references; /* empty without a kind */
    VEC(item_id) v;
};
status owners_load(const struct export *x, struct owners *ret, struct error *why);
void owners_of(struct owners *o, uint64_t seq, item_id subject);
void owners_finish(struct owners *o);

/* The attributes of items, by item, then name, then time. */
struct item_facts {
    struct arena text;
    VEC(struct item_attr) v;
};
status item_facts_load(struct store *store, struct item_facts *ret, struct error *why);
void item_facts_finish(struct item_facts *f);
const struct item_attr *item_facts_of(const struct item_facts *f, item_id item, size_t *ret_n);

/* The word of a lifecycle, empty for none; of a status log the word that the source used. */
str export_life(uint8_t life);
str export_quality(uint8_t quality);
bool export_has_kinds(const struct names *names); /* items of other types than "case" */

/* Columns of the XES extensions that weir keeps apart from the attributes. */
enum {
    EXPORT_COLUMNS = COL_SEQ | COL_KEY | COL_ITEM | COL_TYPE | COL_ACTIVITY | COL_INSTANCE |
                     COL_ACTOR | COL_TEAM | COL_TIME | COL_BEGIN | COL_LIFE | COL_QUALITY |
                     COL_ATTRS
};
