#include "fold/folds.h"

#include "fold/flowmap.h"
#include "fold/handover.h"
#include "fold/rework.h"
#include "fold/variants.h"

#include <stddef.h>

const struct fold *const folds[] = {
    &flowmap_fold, &variants_fold, &rework_fold, &handover_fold, NULL,
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
