/* YAML as a tree of texts with their places, and what config.c does with trees before it
 * understands them. Inside of engine/config only. */
#pragma once

#include "engine/config.h"

enum node_kind { NODE_NULL, NODE_TEXT, NODE_MAP, NODE_LIST };

struct node {
    enum node_kind kind;
    bool plain; /* a text without quotes, which may also be a number or true */
    str text;
    str key; /* in a map */
    struct origin origin, key_origin;
    struct node *first, *last, *next; /* children; the next child of the parent */
    size_t nodes, bytes, height;      /* of the whole subtree, itself included */
};

enum {
    TREE_BYTES = 1 << 20,
    TREE_NODES = 10000, /* after alias expansion */
    TREE_LEVELS = 64,
    TREE_KEY_BYTES = 200,
};

/* `name` stands in the origins and in errors: "weir.yaml:12:3: …". *ret is a map (empty when there
 * is nothing in the text). Everything lives in `a`. */
status tree_read(str yaml, const char *name, struct arena *a, struct node **ret, struct error *why);

struct node *tree_find(const struct node *map, str key); /* NULL: none, or not a map */
void tree_add(struct node *parent, struct node *child);
struct node *tree_copy(const struct node *from, struct arena *a);
/* A new tree: what `over` says replaces what `base` says; maps are merged key by key. */
struct node *tree_merge(const struct node *base, const struct node *over, struct arena *a);

/* FAIL with "file:line:column: …" */
status_code tree_fail(struct origin origin, struct error *why, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* config_read.c: refuses unknown keys and gives every key its one name; reads a tree with such keys
 * into the structs and c->values, changing the tree; checks what must fit together. */
status config_check_names(struct node *root, struct arena *a, struct error *why);
status config_fill(struct config *c, struct node *root, struct error *why);
status config_check_whole(struct config *c, const struct node *root, struct error *why);

/* How the rows of config_schema are bound to the structs of config.h. */
struct config_shape {             /* of the structs in a VEC */
    size_t size;                  /* of one */
    uint16_t name, origin, value; /* where it keeps its name, its place and, in pairs, its value */
};

str schema_name(const struct config_key *row); /* the key alone: "stages" of "streams.*.stages[]" */
/* The row of config_schema that says what `key` below `path` is; NULL: no such key. */
const struct config_key *schema_find(const char *path, str key);
/* The key below `path` that is nearest to the word (base/nearest.h), or empty. */
str schema_nearest(const char *path, str word);

/* config_hours.c: understands days, hours, holidays, extra and freeze of a calendar. On FAIL the
 * sentence has no place yet: *ret_field is the key that it is about. */
status calendar_read(struct config_calendar *calendar, struct arena *a, const char **ret_field,
                     struct error *why);
