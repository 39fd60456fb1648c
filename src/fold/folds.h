/* Every fold that there is: for the laws, for saved summaries, for fuzzing. */
#pragma once

#include "model/fold.h"

extern const struct fold *const folds[]; /* ends with NULL */

const struct fold *fold_of(str name); /* NULL: there is none */
