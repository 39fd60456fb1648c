/* The attributes of an event as pairs: its JSON object taken apart. What is nested is flattened,
 * "a": {"b": 1} to a.b, and an array to a, a.2, a.3, as the reader of XES names the values of a
 * list; null is no value. */
#pragma once

#include "base/arena.h"
#include "base/vec.h"

enum attr_kind { ATTR_TEXT, ATTR_WHOLE, ATTR_REAL, ATTR_FLAG };

struct attr {
    str name, value; /* a number as JSON writes it, a flag as true, false */
    enum attr_kind kind;
};

struct attrs { /* a zeroed one is empty; may be filled again and again */
    VEC(struct attr) v;
    struct arena text;
};

/* `json` must live as long as what was filled. What is no JSON object gives no attributes. */
void attrs_fill(struct attrs *a, str json);
void attrs_finish(struct attrs *a);
