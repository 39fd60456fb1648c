/* What can be fetched from a tool. */
#pragma once

#include "base/clock.h"

#include <stdbool.h>

enum fetch_paging {
    PAGING_NONE,
    PAGING_OFFSET, /* {offset}: until a page is short */
    PAGING_LINK,   /* the Link header leads on */
    PAGING_TOKEN,  /* {token}: the member nextPageToken leads on */
};

enum { FETCH_LISTS = 8, FETCH_EACH = 3 };

/* Addresses are below the tool's base. {since}: the instant to begin with, in the tool's form. */
struct fetch_list {
    const char *name; /* of its cursor; of what a context is beside */
    const char *path; /* {since}, {offset}, {token} */
    enum fetch_paging paging;
    int per_page;
    const char *items;   /* member that holds the list; NULL: the answer is the list */
    const char *id;      /* member of an item that {id} stands for */
    const char *updated; /* member of an item that the list is sorted by; NULL: not sorted */
    bool newest_first;   /* it cannot be asked for what is new, so we stop at what is old */
    bool is_context;     /* no body: put beside the bodies of the lists after it, under its name */
    bool is_index;       /* no body itself: only what belongs to its items */
    bool may_be_missing; /* a module that is switched off answers 403 or 404 */
    const char *each[FETCH_EACH]; /* {id}: fetched for every item */
};

struct fetch_tool {
    const char *kind;
    const char *token_header; /* printf: one %s */
    const char *accept;
    const char *since_form; /* strftime, UTC */
    const char *no_since;   /* in place of {since} at the very first time */
    lapse overlap;          /* the resolution of "changed since" */
    const char *right;      /* what 401 and 403 mean */
    /* The base from what a person copies; empty: it cannot be one. */
    void (*base)(const char *url, char *ret, unsigned long size);
    struct fetch_list lists[FETCH_LISTS];
};

extern const struct fetch_tool fetch_tools[]; /* ends with kind NULL */
