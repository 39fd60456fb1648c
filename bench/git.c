/* A repository to its value stream, against git's own log of the same history. BENCH_GIT names
 * repositories, separated by colons; without it one is made. git is called here only, as the
 * peer. */
#include "bench.h"
#include "generate.h"

#include "source/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    const char *path;
    bool paths;
    uint64_t commits;
};

static status_code ours(void *cookie, struct error *why)
{
    struct reading *r = cookie;
    struct names names;
    struct source *source = NULL;
    struct batch *b = batch_new();
    names_init(&names);
    sym authored = names_sym(&names, STR("authored")), type = names_sym(&names, STR("commit")),
        merge = names_sym(&names, STR("merge"));
    struct source_options options = {
        .names = &names, .git_paths = r->paths, .actor_key = STR_INIT("measure")};
    r->commits = 0;
    status_code s = SOURCE_GIT.open(&r->path, 1, &options, &source, why);
    while (s == OK) {
        batch_clear(b);
        s = SOURCE_GIT.next(source, b, why);
        for (size_t i = 0; i < b->n; i++) {
            r->commits += b->activity[i] == authored && (b->type[i] == type || b->type[i] == merge);
        }
    }
    if (s == END) {
        s = r->commits > 0 ? OK : error_set(why, "no commits");
    }
    if (source != NULL) {
        SOURCE_GIT.close(source);
    }
    batch_free(b);
    names_finish(&names);
    return s;
}

static status_code theirs(void *cookie, struct error *why)
{
    const struct reading *r = cookie;
    char *path = NULL;
    if (asprintf(&path, "%s", r->path) < 0) {
        return error_set(why, "no memory");
    }
    char *fields[] = {"git",
                      "-C",
                      path,
                      "log",
                      "--format=%H%x09%P%x09%an%x09%ae%x09%at%x09%cn%x09%ce%x09%ct%x09%B",
                      NULL};
    char *names[] = {"git", "-C", path, "log", "--raw", "--no-renames", NULL};
    status_code s = bench_run(r->paths ? names : fields, why);
    free(path);
    return s;
}

static void compare(struct bench *b, const char *path, str name)
{
    struct reading r = {.path = path};
    struct error why = {0};
    status_code s = ours(&r, &why); /* to know how many */
    bench_check(b, s, &why);
    for (int paths = 0; s == OK && paths < 2; paths++) {
        char title[200];
        r.paths = paths != 0;
        snprintf(title, sizeof title, "git_%s_" STR_FMT, paths ? "names" : "metadata",
                 STR_ARG(name));
        bench_compare(
            b, &(struct bench_pair){
                   .name = title,
                   .peer = paths ? "git log --raw --no-renames" : "git log --format",
                   .what = paths ? "commits, releases, changes and the names of changed files"
                                 : "commits, releases and changes with their links",
                   .goal = paths ? 2 : 1.2,
                   .n = r.commits,
                   .ours = ours,
                   .theirs = theirs,
                   .ours_cookie = &r,
                   .peer_cookie = &r});
    }
}

int main(int argc, char **argv)
{
    struct bench b;
    struct error why = {0};
    bench_open(&b, argc, argv);
    const char *given = getenv("BENCH_GIT");
    if (given != NULL && *given != '\0' && !b.quick) {
        str rest = str_of(given), path;
        while (str_cut(&rest, ':', &path)) {
            char text[4096];
            snprintf(text, sizeof text, STR_FMT, STR_ARG(path));
            char *slash = strrchr(text, '/');
            str name = str_of(slash != NULL ? slash + 1 : text);
            name = str_ends(name, STR(".git")) ? str_first(name, name.n - 4) : name;
            compare(&b, text, name);
        }
        return bench_close(&b);
    }
    const char *made = bench_path(&b, "made.git");
    char *clear[] = {"rm", "-rf", (char *)(uintptr_t)made, NULL};
    status_code s = bench_run(clear, &why);
    if (s == OK) {
        s = generate_git(made, bench_size(&b, 20000, 300), &why);
    }
    bench_check(&b, s, &why);
    if (s == OK) {
        compare(&b, made, STR("made"));
        bench_check(&b, bench_run(clear, &why), &why);
    }
    return bench_close(&b);
}
