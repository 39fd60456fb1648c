#include "model/visit.h"

void traces_clear(struct traces *t)
{
    t->visits.n = 0;
    t->items.n = 0;
}

void traces_finish(struct traces *t)
{
    VEC_FINISH(&t->visits);
    VEC_FINISH(&t->items);
}
