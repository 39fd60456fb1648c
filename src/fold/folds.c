#include "fold/folds.h"

#include "fold/age.h"
#include "fold/batch.h"
#include "fold/efficiency.h"
#include "fold/evidence.h"
#include "fold/flowmap.h"
#include "fold/handover.h"
#include "fold/lead.h"
#include "fold/rework.h"
#include "fold/stagetime.h"
#include "fold/variants.h"
#include "fold/wip.h"

#include <stddef.h>

const struct fold *const folds[] = {
    &flowmap_fold, &variants_fold, &rework_fold,     &handover_fold, &FOLD_STAGETIME, &FOLD_LEAD,
    &FOLD_WIP,     &FOLD_AGE,      &FOLD_EFFICIENCY, &FOLD_BATCH,    &FOLD_EVIDENCE,  NULL,
};

const struct fold *fold_of(str name)
{
    for (size_t i = 0; folds[i] != NULL; i++) {
        if (str_eq(str_of(folds[i]->name), name)) {
            return folds[i];
        }
    }
    return NULL;
}
