/* How facts of delivery belong together; private to the delivery fold (delivery.c, dialects.c). */
#pragma once

#include "fold/delivery.h"

/* Sorts facts (deployments by finish, start, id; commits by commit and deployment; incidents by
 * creation) and finds the stated links. Once; adding facts undoes it. */
void delivery_sort(struct delivery *d);

bool delivery_serves(str service, const struct delivery_question *q); /* is it asked for? */
bool delivery_counts(const struct deployment *d,
                     const struct delivery_question *q);     /* successful,
                                                              * production, of the service asked for */
bool delivery_in(when t, const struct delivery_question *q); /* in the window */

/* Rows of the same commit: [first, behind the last). */
size_t delivery_commit_end(const struct delivery *d, size_t first);
/* The first deployment that counts and holds the commit of rows [first, end): stated, else by its
 * own commit. SIZE_MAX: none, and *ret_reason says why. */
size_t delivery_carrier(const struct delivery *d, const struct delivery_question *q, size_t first,
                        size_t end, enum delivery_reason *ret_reason);

/* The latest counting deployment finished before `t` (at `t` too when `inclusive`), of this service
 * (`any_service`: of whatever), and not longer ago than `window` (0: however long). SIZE_MAX: none.
 */
size_t delivery_latest(const struct delivery *d, const struct delivery_question *q, when t,
                       bool inclusive, str service, bool any_service, lapse window);
/* The counting deployment that went before number i in its (service, environment). */
size_t delivery_predecessor(const struct delivery *d, const struct delivery_question *q, size_t i);
