/* What a commit's message says of pull requests and of cherry-picks. */
#pragma once

#include "base/str.h"

#include <git2/oid.h>
#include <stdbool.h>
#include <stdint.h>

/* The rules by which a commit is found to belong to a change, the strongest first. */
enum gitrule { GITRULE_MERGE, GITRULE_TRAILER, GITRULE_CLOSES, GITRULE_REF, GITRULE_COUNT };

struct gitwords_change {
    uint32_t number;
    char sign; /* '#', or '!' for a merge request */
    uint8_t rule;
};

enum { GITWORDS_CHANGES = 32, GITWORDS_PICKS = 8 };

struct gitwords {
    str subject; /* the first line that is not blank */
    struct gitwords_change changes[GITWORDS_CHANGES];
    size_t change_n; /* what goes beyond the arrays is left out */
    git_oid picks[GITWORDS_PICKS];
    size_t pick_n;
};

/* merge:   "Merge pull request #7 from …", "Merged in … (pull request #7)", "Merge branch 'pr/7'",
 *          a line "See merge request group/project!7"; of a commit with one parent: trailer
 * trailer: "(#7)" or "(!7)" at the end of the subject, several in a row too
 * closes:  a line that begins with Close(s|d), Fix(es|ed) or Resolve(s|d), then #7 or a pull
 *          request's or issue's address, one or several
 * A number named twice is kept with its strongest rule. Picks: "(cherry picked from commit <40
 * hex>)" on a line of its own, in the order of the message. */
void gitwords_read(str message, bool is_merge, struct gitwords *ret);
