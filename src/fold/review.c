#include "fold/review.h"

#include "base/vec.h"

#include <assert.h>

bool review_is_bot(str name)
{
    return str_ends(name, STR("[bot]"));
}

static struct review_phase phase(when from, when to)
{
    bool known = from != WHEN_NONE && to != WHEN_NONE;
    return (struct review_phase){known, known ? to - from : 0};
}

/* Between the first review that does not approve (a second before it, so that it counts) and the
 * first approval: the steps from a review by another to a commit, in order of time. */
static size_t cycles(const struct review_change *c, when first_other, when approval)
{
    if (first_other == WHEN_NONE || approval == WHEN_NONE) {
        return 0;
    }
    size_t n = 0, commit = 0;
    bool asked = false; /* the last thing seen was a review */
    when from = first_other - SECOND;
    for (size_t i = 0; i <= c->review_n; i++) {
        bool end = i == c->review_n;
        const struct review *r = end ? NULL : &c->reviews[i];
        if (!end && (r->kind == REVIEW_APPROVAL || review_is_bot(r->by) ||
                     str_eq(r->by, c->author) || r->at <= from || r->at >= approval)) {
            continue;
        }
        for (; commit < c->commit_n && (end || c->commits[commit] < r->at); commit++) {
            if (c->commits[commit] > from && c->commits[commit] < approval) {
                n += asked;
                asked = false;
            }
        }
        asked = true;
    }
    return n;
}

void review_phases(const struct review_change *c, struct review_phases *ret)
{
    *ret = (struct review_phases){0};
    when ready = c->ready != WHEN_NONE ? c->ready : c->created;
    when first = WHEN_NONE, approval = WHEN_NONE, other = WHEN_NONE;
    bool approves = false; /* the first review */
    for (size_t i = 0; i < c->review_n; i++) {
        const struct review *r = &c->reviews[i];
        if (review_is_bot(r->by)) {
            continue;
        }
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++) {
            seen = str_eq(c->reviews[k].by, r->by);
        }
        ret->reviewers += !seen;
        if (first == WHEN_NONE) {
            first = r->at;
            approves = r->kind == REVIEW_APPROVAL;
        }
        if (r->kind == REVIEW_APPROVAL) {
            approval = approval == WHEN_NONE ? r->at : approval;
        } else {
            other = other == WHEN_NONE ? r->at : other;
        }
    }
    when earliest = c->commit_n > 0 ? c->commits[0] : WHEN_NONE;
    ret->first_commit_to_open = phase(earliest, c->created);
    ret->first_response = phase(ready, first);
    ret->rework = approves ? (struct review_phase){true, 0} : phase(first, approval);
    ret->merge = phase(approval, c->merged);
    ret->merge.known = ret->merge.known && ret->merge.time >= 0;
    ret->cycle = phase(ready, c->merged);
    ret->rework_cycles = cycles(c, other, approval);
}

static bool is_by_another(const struct review_change *c, const struct review *r)
{
    return !review_is_bot(r->by) && (r->by.n == 0 || !str_eq(r->by, c->author));
}

/* Divides [from, to) into the reviewer's and the author's turn: the author's from the moment that
 * changes are asked for until the next commit. */
static void divide(const struct review_change *c, when from, when to, struct review_stages *ret)
{
    bool author = false;
    when at = from;
    size_t commit = 0;
    for (size_t i = 0; i <= c->review_n; i++) {
        when until = i < c->review_n && c->reviews[i].at < to ? c->reviews[i].at : to;
        for (; commit < c->commit_n && c->commits[commit] < until; commit++) {
            if (author && c->commits[commit] > at) {
                ret->time[REVIEW_AUTHOR] += c->commits[commit] - at;
                at = c->commits[commit];
            }
            author = false;
        }
        if (until > at) {
            ret->time[author ? REVIEW_AUTHOR : REVIEW_REVIEWER] += until - at;
            at = until;
        }
        if (i < c->review_n && c->reviews[i].at < to && c->reviews[i].kind == REVIEW_CHANGES &&
            is_by_another(c, &c->reviews[i])) {
            author = true;
        }
    }
    ret->known[REVIEW_REVIEWER] = ret->known[REVIEW_AUTHOR] = true;
}

bool review_stages(const struct review_change *c, struct review_stages *ret)
{
    *ret = (struct review_stages){0};
    when ready = c->ready != WHEN_NONE ? c->ready : c->created;
    when first = WHEN_NONE, approval = WHEN_NONE;
    if (ready == WHEN_NONE || c->merged == WHEN_NONE || c->merged < ready) {
        return false;
    }
    for (size_t i = 0; i < c->review_n; i++) {
        const struct review *r = &c->reviews[i];
        if (is_by_another(c, r) && r->at <= c->merged) {
            when at = r->at < ready ? ready : r->at;
            first = first == WHEN_NONE ? at : first;
            approval = approval == WHEN_NONE && r->kind == REVIEW_APPROVAL ? at : approval;
        }
    }
    ret->cycle = c->merged - ready;
    if (c->commit_n > 0) {
        ret->known[REVIEW_CODING] = true;
        ret->time[REVIEW_CODING] = c->commits[0] < ready ? ready - c->commits[0] : 0;
    }
    if (first == WHEN_NONE) {
        ret->known[REVIEW_UNREVIEWED] = true;
        ret->time[REVIEW_UNREVIEWED] = ret->cycle;
        return true;
    }
    ret->known[REVIEW_PICKUP] = true;
    ret->time[REVIEW_PICKUP] = first - ready;
    divide(c, first, approval != WHEN_NONE ? approval : c->merged, ret);
    if (approval != WHEN_NONE) {
        ret->known[REVIEW_MERGE_WAIT] = true;
        ret->time[REVIEW_MERGE_WAIT] = c->merged - approval;
    }
    lapse sum = 0;
    for (int k = REVIEW_PICKUP; k < REVIEW_STAGES; k++) {
        sum += ret->time[k];
    }
    assert(sum == ret->cycle);
    return true;
}

struct branch { /* to be walked: what was merged into it by `until` is deployed */
    str name;
    when until;
};

void review_deployed(const struct review_merge *v, size_t n, str branch, when at,
                     bool *ret_deployed)
{
    VEC(struct branch) stack = {0};
    for (size_t i = 0; i < n; i++) {
        ret_deployed[i] = false;
    }
    VEC_ADD(&stack, (struct branch){branch, at});
    while (stack.n > 0) {
        struct branch b = stack.v[--stack.n];
        for (size_t i = 0; i < n; i++) {
            if (!ret_deployed[i] && str_eq(v[i].base, b.name) && v[i].merged <= b.until) {
                ret_deployed[i] = true; /* and what came into its head before it was merged */
                VEC_ADD(&stack, (struct branch){v[i].head, v[i].merged});
            }
        }
    }
    VEC_FINISH(&stack);
}
