/* A mapping as it was read; for mapping*.c alone. */
#pragma once

#include "base/arena.h"
#include "base/vec.h"
#include "source/dates.h"
#include "source/mapping.h"

enum { MAPPING_LIST = 16 }; /* items, links of an entry; parts of a value */

struct mapping_part { /* a piece of a text: fixed, or the value of a path */
    str text;
    int path; /* -1: fixed */
};

struct mapping_pair {
    str from, to;
};

struct mapping_value { /* no parts: not given */
    size_t part_n, pair_n;
    struct mapping_part *parts;
    struct mapping_pair *pairs; /* `map`; "*" is all others */
    bool lower;
    str separator; /* of `split`, empty: none */
    int64_t field; /* number of the piece, from 0; negative: from the end */
};

struct mapping_time {
    struct mapping_value value;
    str format;
    bool epoch;
    lapse unit;
    struct zone *zone; /* owned */
};

struct mapping_item {
    struct mapping_value type, namespace, groups, id, qualifier;
    struct mapping_value provider, instance; /* of the canonical key (identity.h), if it is one */
    bool optional;                           /* left out where a value is missing */
};

struct mapping_link {
    struct mapping_value kind;
    int64_t from, to; /* numbers of items */
};

struct mapping_test {
    int path;
    size_t n;
    str *texts; /* equal to one of them */
};

struct mapping_attr {
    str name;
    struct mapping_value value;
};

struct mapping_entry {
    VEC(struct mapping_test) tests;
    VEC(struct mapping_item) items;
    VEC(struct mapping_link) links;
    VEC(struct mapping_attr) attrs;
    struct mapping_value type, activity, lifecycle, actor, team, instance;
    struct mapping_time time, start;
    bool more;
};

struct mapping_path {
    str text;
    bool needed; /* somewhere it can be nothing but a path */
};

struct mapping {
    struct arena text;
    str name; /* of the file */
    str each; /* empty: the record is the document */
    str zone;
    struct mapping_hook hook;
    VEC(struct mapping_path) paths;
    VEC(struct mapping_entry) entries;
};
