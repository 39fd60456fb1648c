#include "source/gitbranches.h"

#include "base/map.h"
#include "source/gitrepo.h"

#include <stdlib.h>
#include <string.h>

enum { COUNTED = 1000, MOST = 2000 };

static int by_age(const void *a, const void *b)
{
    const struct gitbranch *x = a, *y = b;
    if (x->first != y->first) {
        return x->first < y->first ? -1 : 1;
    }
    return str_cmp(x->name, y->name);
}

/* What the branch has and the default branch lacks. */
static void measure(const struct gitrepo *r, const git_oid *tip, struct gitbranch *b)
{
    git_revwalk *walk = NULL;
    git_oid id;
    b->first = WHEN_NONE;
    if (git_revwalk_new(&walk, r->repo) != 0) {
        return;
    }
    if (git_revwalk_push(walk, tip) == 0 && git_revwalk_hide(walk, &r->head) == 0) {
        while (b->commits < COUNTED && git_revwalk_next(&id, walk) == 0) {
            git_commit *commit = NULL;
            if (git_commit_lookup(&commit, r->repo, &id) != 0) {
                break;
            }
            when authored = (when)git_commit_author(commit)->when.time * SECOND;
            b->first = b->first == WHEN_NONE || authored < b->first ? authored : b->first;
            b->commits++;
            git_commit_free(commit);
        }
    }
    git_revwalk_free(walk);
}

static when tip_time(const struct gitrepo *r, const git_oid *tip)
{
    git_commit *commit = NULL;
    when t = WHEN_NONE;
    if (git_commit_lookup(&commit, r->repo, tip) == 0) {
        t = (when)git_commit_time(commit) * SECOND;
        git_commit_free(commit);
    }
    return t;
}

static bool is_new_tip(struct map *tips, const git_oid *tip)
{
    uint64_t key;
    bool fresh = false;
    memcpy(&key, tip->id, sizeof key);
    (void)map_add(tips, key, &fresh);
    return fresh;
}

static void look(const struct gitrepo *r, lapse budget, struct arena *a, struct gitbranches *ret)
{
    git_branch_iterator *branches = NULL;
    git_reference *reference = NULL;
    git_branch_t type;
    struct map tips = {0};
    when end = clock_now() + budget;
    if (git_branch_iterator_new(&branches, r->repo, GIT_BRANCH_ALL) != 0) {
        return;
    }
    (void)is_new_tip(&tips, &r->head);
    while (git_branch_next(&reference, &type, branches) == 0) {
        const git_oid *tip = git_reference_target(reference); /* NULL: another name of a branch */
        if (tip != NULL && is_new_tip(&tips, tip)) {
            ret->total++;
            if (clock_now() < end && ret->n < MOST) {
                struct gitbranch b = {0};
                measure(r, tip, &b);
                ret->looked++;
                if (b.commits > 0) {
                    b.last = tip_time(r, tip);
                    b.name = arena_str(a, str_of(git_reference_shorthand(reference)));
                    ret->v[ret->n++] = b;
                }
            }
        }
        git_reference_free(reference);
    }
    git_branch_iterator_free(branches);
    map_finish(&tips);
}

status gitbranches_find(const char *path, lapse budget, struct arena *a, struct gitbranches *ret,
                        struct error *why)
{
    struct gitrepo *r = NULL;
    *ret = (struct gitbranches){.v = ARENA_ARRAY(a, struct gitbranch, MOST)};
    TRY(gitrepo_open(path, &r, why));
    look(r, budget, a, ret);
    gitrepo_close(r);
    if (ret->n > 0) {
        qsort(ret->v, ret->n, sizeof *ret->v, by_age);
    }
    return OK;
}
