#include "source/rowkey.h"

void rowkeys_finish(struct rowkeys *k)
{
    set128_finish(&k->seen);
    map_finish(&k->repeated);
}

void rowkeys_expect(const struct rowkeys *k, id128 content)
{
    set128_expect(&k->seen, content);
}

id128 rowkeys_next(struct rowkeys *k, id128 content)
{
    if (set128_add(&k->seen, content)) {
        return content;
    }
    uint64_t *count = map_add(&k->repeated, content.hi ^ content.lo, NULL);
    *count += 1;
    struct {
        id128 content;
        uint64_t number;
    } numbered = {content, *count};
    return id128_of(&numbered, sizeof numbered);
}
