/* What an earlier import has seen of a repository, as a line of JSON: HEAD, the version tags, and
 * whether paths were asked for.
 *
 * A later import leaves out what that one gave. Without a new tag only the new commits are read;
 * with one, or where a new commit names something known, all are read again and the old ones left
 * out, so that the answer is that of one import at the end, but for facts that later knowledge
 * would have dated differently: they stay as given (docs/decisions/005). */
#pragma once

#include "source/gitrelease.h"

struct gitsince {
    bool any; /* false: everything is new */
    git_oid head;
    VEC(struct gitrepo_tag) tags; /* name and commit */
    bool paths, lines;
    struct arena text;
};

/* False: not one of ours; `ret` is then that nothing was seen. */
bool gitsince_parse(str cursor, struct gitsince *ret);
void gitsince_finish(struct gitsince *s);
void gitsince_write(struct buf *out, const struct gitrepo *repo, bool paths, bool lines);

bool gitsince_same_tags(const struct gitsince *s, const struct gitrepo *repo);
bool gitsince_has_tag(const struct gitsince *s, const struct gitrepo_tag *tag); /* at this commit */
/* Sets GITCOMMIT_OLD, _LANDED and _GIVEN. */
void gitsince_mark(const struct gitsince *s, struct gitgraph *g, const struct gitreleases *r);
