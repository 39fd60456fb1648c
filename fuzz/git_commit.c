/* Raw commit objects and their messages: whatever is in them, nothing is read beyond their end and
 * what is returned lies inside. */
#include "source/gitraw.h"
#include "source/gitversion.h"
#include "source/gitwords.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check_inside(str part, str whole)
{
    assert(part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char *copy = malloc(n + 1); /* exactly as long as the object, but for an empty one */
    if (copy == NULL) {
        return 0;
    }
    memcpy(copy, bytes, n);
    str object = {copy, n};
    struct gitraw c;
    struct gitwords words;
    struct gitversion version;
    const char *reason = NULL;
    if (gitraw_parse(object, &c, &reason)) {
        check_inside(c.author.name, object);
        check_inside(c.author.email, object);
        check_inside(c.committer.name, object);
        check_inside(c.committer.email, object);
        check_inside(c.message, object);
        for (size_t i = 0; i < c.parent_n; i++) {
            (void)gitraw_parent(&c, i);
        }
        gitwords_read(c.message, c.parent_n > 1, &words);
        check_inside(words.subject, object);
    } else {
        assert(reason != NULL);
    }
    gitwords_read(object, true, &words);
    assert(words.change_n <= GITWORDS_CHANGES && words.pick_n <= GITWORDS_PICKS);
    if (gitversion_parse(object, &version)) {
        assert(version.part_n > 0 && version.part_n <= GITVERSION_PARTS);
        assert(gitversion_cmp(&version, &version) == 0);
    }
    free(copy);
    return 0;
}
