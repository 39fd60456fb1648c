/* The attribute names of an XES log. Names repeat in every event, so each is looked up once by the
 * place at which it stands (events of one log have the same attributes in the same order) and keeps
 * with it all that depends on the name: its role, its JSON form, where it was promised. */
#pragma once

#include "base/buf.h"
#include "base/intern.h"
#include "base/vec.h"
#include "source/source.h"

#include <stdint.h>

enum xes_role {
    XES_PLAIN,
    XES_CASE, /* of an event outside of any trace */
    XES_TIME,
    XES_START,
    XES_LIFE,
    XES_RESOURCE,
    XES_TEAM,
    XES_INSTANCE,
    XES_ROLES,
};

enum xes_scope { XES_EVENT, XES_TRACE, XES_SCOPES };

struct xes_key {
    str name;      /* a nested attribute has a path, "costs.total" */
    str quoted;    /* `"name":` */
    uint8_t role;  /* enum xes_role */
    int8_t part;   /* which part of the activity it gives, -1: none */
    bool consumed; /* becomes a column of its own: not repeated among the attributes */
    bool promised[XES_SCOPES];
    uint64_t missing[XES_SCOPES];
    uint64_t owner[XES_SCOPES];   /* number of the event and of the trace that had it last */
    uint32_t repeats[XES_SCOPES]; /* how often before in that one */
};

enum { XES_PARTS = 16 };

struct xes_key_place {
    struct xes_key *key;
};

struct xes_classifier {
    str name, keys;
};

struct xes_keys {
    struct arena text;
    struct intern names;
    VEC(struct xes_key_place) keys; /* by number */
    VEC(struct xes_key_place) promised;
    struct xes_key *spare; /* for names beyond the limit, used anew each time */
    struct buf spare_name, spare_quoted;
    str role_names[XES_ROLES];
    str case_name;        /* the attribute of a trace that names it */
    str parts[XES_PARTS]; /* the attributes that together name the activity */
    size_t part_n;
    VEC(struct xes_classifier) classifiers;
};

void xes_keys_init(struct xes_keys *k, const struct source_options *options);
void xes_keys_finish(struct xes_keys *k);
struct xes_key *xes_keys_get(struct xes_keys *k, str name); /* valid until the next call when there
                                                             * are more names than sensible */
/* Marks that the event or trace of this number has the attribute; true: it had it before. */
bool xes_key_again(struct xes_key *key, enum xes_scope scope, uint64_t number);
void xes_keys_promise(struct xes_keys *k, enum xes_scope scope, str name);
void xes_keys_classifier(struct xes_keys *k, str name, str keys);
/* Makes the classifier `name` give the activity; FAIL names those of the file. */
status xes_keys_classify(struct xes_keys *k, str name, struct error *why);
