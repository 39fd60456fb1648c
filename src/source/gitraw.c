/* One pass over the header lines. Histories hold what twenty years of tools wrote, so the only
 * things insisted on are the ones without which nothing can be said: a tree, well-formed parents,
 * an author and a committer line. */
#include "source/gitraw.h"

#include <assert.h>

enum { HEX = GIT_OID_HEXSZ, PARENT_LINE = 7 + HEX + 1 };

static const int64_t YEAR_1 = -62135596800, YEAR_9999 = 253402300799;

static bool fail(const char **ret_reason, const char *reason)
{
    if (ret_reason != NULL) {
        *ret_reason = reason;
    }
    return false;
}

static bool read_id(str hex, git_oid *ret)
{
    return hex.n == HEX && git_oid_fromstrn(ret, hex.p, HEX) == 0;
}

/* The number at the beginning of `s`, cut to the years that a date can have. */
static bool read_time(str s, int64_t *ret)
{
    size_t i = 0;
    while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t')) {
        i++;
    }
    bool negative = i < s.n && s.p[i] == '-';
    if (i < s.n && (s.p[i] == '-' || s.p[i] == '+')) {
        i++;
    }
    int64_t value = 0;
    size_t digits = 0;
    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++, digits++) {
        value = value * 10 + (s.p[i] - '0');
        value = value > YEAR_9999 ? YEAR_9999 : value;
    }
    value = negative ? -value : value;
    *ret = value < YEAR_1 ? YEAR_1 : value;
    return digits > 0;
}

/* "Name <address> seconds zone". Names may hold '<' and '>': the address ends at the last '>' and
 * begins behind the '<' before it. */
static struct gitraw_person read_person(str line)
{
    struct gitraw_person p = {.name = str_trim(line)};
    size_t close = line.n;
    while (close > 0 && line.p[close - 1] != '>') {
        close--;
    }
    if (close == 0) {
        return p;
    }
    p.has_time = read_time(str_from(line, close), &p.time_s);
    size_t open = close - 1;
    while (open > 0 && line.p[open - 1] != '<') {
        open--;
    }
    p.email = str_trim((str){line.p + open, close - 1 - open});
    p.name = str_trim(str_first(line, open > 0 ? open - 1 : 0));
    return p;
}

bool gitraw_parse(str object, struct gitraw *ret, const char **ret_reason)
{
    str rest = object, line;
    struct gitraw c = {0};
    bool author = false, committer = false;
    if (!str_cut(&rest, '\n', &line) || !str_starts(line, STR("tree ")) ||
        !read_id(str_from(line, 5), &c.tree)) {
        return fail(ret_reason, "the commit names no tree");
    }
    c.parents = rest.p;
    while (str_starts(rest, STR("parent "))) {
        git_oid id;
        if (rest.n < PARENT_LINE || rest.p[PARENT_LINE - 1] != '\n' ||
            !read_id((str){rest.p + 7, HEX}, &id)) {
            return fail(ret_reason, "a parent of the commit is not an object id");
        }
        c.parent_n++;
        rest = str_from(rest, PARENT_LINE);
    }
    while (str_cut(&rest, '\n', &line) && line.n > 0) {
        if (!author && str_starts(line, STR("author "))) {
            c.author = read_person(str_from(line, 7));
            author = true;
        } else if (!committer && str_starts(line, STR("committer "))) {
            c.committer = read_person(str_from(line, 10));
            committer = true;
        }
    }
    if (!author || !committer) {
        return fail(ret_reason,
                    author ? "the commit has no committer" : "the commit has no author");
    }
    c.message = rest.p != NULL ? rest : (str){0};
    *ret = c;
    return true;
}

git_oid gitraw_parent(const struct gitraw *c, size_t i)
{
    assert(i < c->parent_n);
    git_oid id;
    int bad = git_oid_fromstrn(&id, c->parents + i * PARENT_LINE + 7, HEX);
    assert(bad == 0);
    (void)bad;
    return id;
}
