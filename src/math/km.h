/* How long until done, when some are not done yet: the product-limit estimate (E. L. Kaplan, P.
 * Meier, "Nonparametric estimation from incomplete observations", JASA 53 (1958)), with delayed
 * entry for those first seen at a higher age. At ties the done come before the censored. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct km_case {
    int64_t entry; /* age when first under observation, usually 0; at risk in (entry, age] */
    int64_t age;   /* when done, or last seen */
    uint64_t count;
    bool done;
};

/* The smallest age t with S(t) <= 1 - p; false when the curve does not come down that far. Sorts
 * the cases. */
bool km_quantile(struct km_case *cases, size_t n, double p, int64_t *ret_age);
/* S(t), the share not yet done just after age t. Sorts the cases. */
double km_survival(struct km_case *cases, size_t n, int64_t t);
