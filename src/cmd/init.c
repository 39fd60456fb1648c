/* A first weir.yaml, with what can be guessed from the folder and its repository: where it is
 * hosted, what builds it, how commits name issues. A guess that needs a secret is written as a
 * comment. Everything that comes from the repository is checked before it is written. */
#include "cmd/command.h"
#include "wire/json.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <git2.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COMMITS = 500, PREFIXES = 64, PREFIX = 12, ENOUGH = 3, ENOUGH_PERCENT = 5 };

struct guess {
    bool repository;
    const char *forge; /* "github", "gitlab", NULL */
    char path[256];    /* "acme/shop" */
    const char *ci;    /* kind of source; NULL */
    const char *ci_file;
    char prefix[PREFIX]; /* of the tracker's keys: "DRV"; empty: none */
    unsigned keyed, read;
};

static bool is_clean(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!isalnum((unsigned char)s.p[i]) && strchr("._/-", s.p[i]) == NULL) {
            return false;
        }
    }
    return s.n > 0;
}

/* https://host/owner/name.git, git@host:owner/name.git, ssh://git@host:22/owner/name */
static void guess_forge(struct guess *g, const char *url)
{
    str rest = str_of(url);
    size_t scheme = str_find(rest, STR("://"));
    bool has_scheme = scheme < rest.n;
    if (has_scheme) {
        rest = str_from(rest, scheme + 3);
    }
    size_t end = str_find_char(rest, '/'), at = str_find_char(str_first(rest, end), '@');
    if (at < end && at < rest.n) {
        rest = str_from(rest, at + 1);
    }
    size_t colon = str_find_char(rest, ':'), slash = str_find_char(rest, '/');
    str host = str_first(rest, colon < slash ? colon : slash);
    str path = str_from(rest, (!has_scheme && colon < slash ? colon : slash) + 1);
    if (str_ends(path, STR(".git"))) {
        path.n -= 4;
    }
    while (path.n > 0 && path.p[path.n - 1] == '/') {
        path.n--;
    }
    const char *forge = str_eq_case(host, STR("github.com"))     ? "github"
                        : str_find(host, STR("gitlab")) < host.n ? "gitlab"
                                                                 : NULL;
    if (forge != NULL && is_clean(path) && path.n < sizeof g->path) {
        g->forge = forge;
        snprintf(g->path, sizeof g->path, STR_FMT, STR_ARG(path));
    }
}

static void guess_ci(struct guess *g, const char *folder)
{
    static const struct {
        const char *file, *kind;
    } files[] = {{".github/workflows", "github"},
                 {".gitlab-ci.yml", "gitlab"},
                 {"Jenkinsfile", "jenkins"},
                 {"master.cfg", "buildbot"}};
    for (size_t i = 0; i < sizeof files / sizeof files[0] && g->ci == NULL; i++) {
        char path[PATH_MAX];
        struct stat st;
        if (snprintf(path, sizeof path, "%s/%s", folder, files[i].file) < (int)sizeof path &&
            stat(path, &st) == 0) {
            g->ci = files[i].kind;
            g->ci_file = files[i].file;
        }
    }
}

struct tally {
    char prefix[PREFIX];
    unsigned n;
};

/* Words such as UTF-8 and SHA-256 look like the key of an issue. */
static bool is_standard(str prefix)
{
    static const char *const names[] = {"UTF", "SHA", "ISO", "RFC", "CVE", "IPV",  "HTTP",
                                        "MD",  "AES", "PEP", "X",   "GPL", "LGPL", "BSD",
                                        "CC",  "GCC", "C",   "RSA", "TLS", "EC"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (str_eq(prefix, str_of(names[i]))) {
            return true;
        }
    }
    return false;
}

/* The first key in a commit's message, "DRV-17": its prefix is counted, once a commit. */
static void tally_key(struct tally *tallies, size_t *n, const char *message)
{
    str text = str_first(str_of(message), 4096);
    for (size_t i = 0; i < text.n; i++) {
        if (!isupper((unsigned char)text.p[i]) ||
            (i > 0 && isalnum((unsigned char)text.p[i - 1]))) {
            continue;
        }
        size_t end = i;
        while (end < text.n &&
               (isupper((unsigned char)text.p[end]) || isdigit((unsigned char)text.p[end]))) {
            end++;
        }
        str prefix = {text.p + i, end - i};
        bool key =
            end + 1 < text.n && text.p[end] == '-' && isdigit((unsigned char)text.p[end + 1]);
        if (!key || prefix.n < 2 || prefix.n >= PREFIX || is_standard(prefix)) {
            continue;
        }
        for (size_t k = 0; k < *n; k++) {
            if (str_eq(prefix, str_of(tallies[k].prefix))) {
                tallies[k].n++;
                return;
            }
        }
        if (*n < PREFIXES) {
            snprintf(tallies[*n].prefix, PREFIX, STR_FMT, STR_ARG(prefix));
            tallies[(*n)++].n = 1;
        }
        return;
    }
}

static void guess_keys(struct guess *g, git_repository *repository)
{
    struct tally tallies[PREFIXES] = {0};
    size_t n = 0;
    git_revwalk *walk = NULL;
    git_oid id;
    if (git_revwalk_new(&walk, repository) == 0 && git_revwalk_push_head(walk) == 0) {
        while (g->read < COMMITS && git_revwalk_next(&id, walk) == 0) {
            git_commit *commit;
            if (git_commit_lookup(&commit, repository, &id) == 0) {
                g->read++;
                tally_key(tallies, &n, git_commit_message(commit));
                git_commit_free(commit);
            }
        }
    }
    git_revwalk_free(walk);
    for (size_t i = 0; i < n; i++) {
        if (tallies[i].n > g->keyed && tallies[i].n >= ENOUGH &&
            tallies[i].n * 100 >= g->read * ENOUGH_PERCENT) {
            g->keyed = tallies[i].n;
            memcpy(g->prefix, tallies[i].prefix, PREFIX);
        }
    }
}

static void guess_repository(struct guess *g, const char *folder)
{
    git_repository *repository;
    git_libgit2_init();
    if (git_repository_open_ext(&repository, folder, 0, NULL) == 0) {
        g->repository = true;
        git_config *config; /* git_remote_lookup would search it by patterns, and leaks doing so */
        const char *url;
        if (git_repository_config_snapshot(&config, repository) == 0) {
            if (git_config_get_string(&url, config, "remote.origin.url") == 0) {
                guess_forge(g, url);
            }
            git_config_free(config);
        }
        guess_keys(g, repository);
        git_repository_free(repository);
    }
    git_libgit2_shutdown();
}

static void compose(const struct guess *g, str name, struct buf *out)
{
    buf_add(
        out,
        STR("# What weir should know about this value stream. weir.yaml(5) describes every key;\n"
            "# weir config check finds faults.\n\n"
            "stream: "));
    json_quote(out, name); /* JSON is YAML */
    buf_add(out,
            STR("\n\n# The zone for dates and times without one.\n"
                "# timezone: Europe/Berlin\n\n"
                "# Stages in order; the first that matches an event is entered by it.\n"
                "# stages:\n"
                "#   - {name: development, category: active, match: {type: issue.status, to: [In "
                "progress]}}\n"
                "#   - {name: QA, category: active, match: {type: issue.status, to: [In test]}}\n"
                "#   - {name: release, category: gate, match: {type: release}}\n\n"
                "# When is work done? in_use, deployed, released, merged or closed.\n"
                "# done: released\n\n"));
    if (g->repository || g->forge != NULL || g->ci != NULL) {
        buf_add(out, STR("sources:\n"));
    }
    if (g->repository) {
        buf_add(out, STR("  - {kind: git, path: .}\n"));
    }
    if (g->forge != NULL) {
        buf_addf(out,
                 "  # Issues, reviews and builds; needs a token (secret_file, secret_env or "
                 "secret_credential):\n"
                 "  # - {kind: %s, repository: %s, secret_credential: %s}\n",
                 g->forge, g->path, g->forge);
    }
    if (g->ci != NULL && (g->forge == NULL || strcmp(g->ci, g->forge) != 0)) {
        buf_addf(out, "  # Builds (%s is here):\n  # - {kind: %s, url: \"https://…\"}\n",
                 g->ci_file, g->ci);
    }
    if (g->forge != NULL || g->ci != NULL) {
        buf_putc(out, '\n');
    }
    if (g->prefix[0] != 0) {
        buf_addf(out,
                 "%s# %u of the last %u commits name an issue like this.\n"
                 "links: {pattern: \"%s-[0-9]+\"}\n",
                 g->forge == NULL && g->ci == NULL ? "\n" : "", g->keyed, g->read, g->prefix);
    }
}

static status write_new(const char *path, const struct buf *text, struct error *why)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0 && errno == EEXIST) {
        error_set(why, "%s exists already and is left as it is", path);
        error_hint(why, "Look at it:  weir config show --origin");
        return FAIL;
    }
    bool ok = file >= 0;
    for (str rest = buf_str(text); ok && rest.n > 0;) {
        ssize_t n = write(file, rest.p, rest.n);
        ok = n >= 0 || errno == EINTR;
        rest = str_from(rest, n > 0 ? (size_t)n : 0);
    }
    int wrong = errno;
    if (file >= 0 && close(file) != 0 && ok) {
        wrong = errno;
        ok = false;
    }
    if (!ok) {
        error_set(why, "%s cannot be written: %s", path, strerror(wrong));
        if (file >= 0) {
            unlink(path); /* half a file is none */
        }
        return FAIL;
    }
    return OK;
}

static void say(struct command_context *c, const struct guess *g, const char *path,
                const char *next)
{
    if (command_wants_json(c) || c->look.format == LOOK_JSONL) {
        json_t *doc = doc_new("weir.init/1"), *list = json_array(), *steps = json_array();
        doc_put(doc, "file", doc_str(str_of(path)));
        if (g->repository) {
            json_array_append_new(list, doc_str(STR("git")));
        }
        if (g->forge != NULL) {
            json_array_append_new(list, doc_str(str_of(g->forge)));
        }
        if (g->ci != NULL && (g->forge == NULL || strcmp(g->ci, g->forge) != 0)) {
            json_array_append_new(list, doc_str(str_of(g->ci)));
        }
        doc_put(doc, "sources", list);
        doc_put(doc, "issue_prefix", g->prefix[0] != 0 ? doc_str(str_of(g->prefix)) : json_null());
        json_array_append_new(steps, doc_str(str_of(next)));
        doc_put(doc, "next", steps);
        command_document(c, doc);
        return;
    }
    command_say(c, "Wrote %s.", path);
    if (g->forge != NULL) {
        command_say(c, "Hosted at %s as %s: see the comment about its token.", g->forge, g->path);
    }
    if (g->ci != NULL) {
        command_say(c, "Built by %s (%s).", g->ci, g->ci_file);
    }
    if (g->prefix[0] != 0) {
        command_say(c, "Issues are named %s-1, %s-2, …: %u of the last %u commits do.", g->prefix,
                    g->prefix, g->keyed, g->read);
    }
    command_say(c, "Next: %s", next);
}

static int run(struct command_context *c)
{
    struct error why = {0};
    const char *folder = argument_count(c) > 0 ? arena_str(&c->text, argument_at(c, 0)).p : ".";
    char *real = realpath(folder, NULL);
    struct stat st;
    if (real == NULL || stat(real, &st) != 0 || !S_ISDIR(st.st_mode)) {
        error_set(&why, "%s is not a folder", folder);
        error_hint(&why, "Make it first:  mkdir -p %s", folder);
        free(real);
        return command_fail(c, FAIL, &why);
    }
    struct guess g = {.repository = false};
    struct buf text = {0};
    const char *slash = strrchr(real, '/');
    str name = str_of(slash != NULL && slash[1] != 0 ? slash + 1 : "work");
    guess_repository(&g, real);
    guess_ci(&g, real);
    compose(&g, name, &text);
    const char *path = arena_strf(&c->text, "%s%sweir.yaml", strcmp(folder, ".") == 0 ? "" : folder,
                                  strcmp(folder, ".") == 0 ? "" : "/")
                           .p;
    free(real);
    status_code s = write_new(path, &text, &why);
    buf_finish(&text);
    if (s != OK) {
        return command_fail(c, s, &why);
    }
    say(c, &g, path, g.repository ? "weir" : "weir import FILE");
    return EXIT_YES;
}

static const struct argument arguments[] = {
    {"DIR", "the folder to write into; default the current one", .optional = true, .words = "dir"},
    {.name = NULL},
};
static const struct example examples[] = {
    {"weir init", "in the repository of your product"},
    {"mkdir -p shop && weir init shop", NULL},
    {.line = NULL},
};

const struct command COMMAND_INIT = {
    .name = "init",
    .purpose = "write a first weir.yaml",
    .description = "Guesses what can be guessed: the forge from the git remote, CI from its files, "
                   "the keys of "
                   "issues from the messages of the last 500 commits. A source that needs a token "
                   "is written as a "
                   "comment. A weir.yaml that exists is never overwritten.",
    .arguments = arguments,
    .examples = examples,
    .fields = "file: that was written\n"
              "sources: kinds that were found\n"
              "issue_prefix: of issue keys in commit messages, or null\n"
              "next: commands to go on with",
    .flags = COMMAND_NO_CONFIG | COMMAND_ANSWERS,
    .group = GROUP_START,
    .run = run,
};
