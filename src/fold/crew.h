/* What people did, from the spans that say who worked where and when.
 *
 * A person who has several visits open shares the time among them: each gets 1/k of an instant with
 * k open ones. An active period is a person's uninterrupted work for one group (C. Roser, M.
 * Nakano, M. Tanaka, "A practical bottleneck detection method", WSC 2001: the longer it lasts, the
 * more the system waits for it); the momentary constraint at an instant is the group with the
 * longest active period over it ("Shifting bottleneck detection", WSC 2002). Groups are told by
 * number; persons leave only as sums over a group. */
#pragma once

#include "fold/flow.h"

struct crew_span {
    sym actor;
    uint32_t group;
    uint32_t block; /* for the sums */
    when begin, end;
    double share; /* out: the person's time in it, microseconds */
};

struct crew_group {
    double active_mean; /* mean active period, microseconds */
    size_t active_n;
    double busy;     /* time with at least one person at work */
    double shifting; /* share of the time with anyone at work in which this group's active period
                      * is the longest */
};

/* Sorts the spans and fills in their shares (on the clock of f, the rest is wall time); `groups`
 * has group_n entries and is overwritten. */
void crew_measure(const struct flow *f, struct crew_span *spans, size_t n,
                  struct crew_group *groups, size_t group_n);
