#include "model/visit.h"

void traces_finish(struct traces *t)
{
    VEC_FINISH(&t->visits);
    VEC_FINISH(&t->first);
}
