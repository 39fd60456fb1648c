/* Two real histories, compared with what others found in them: data/git and
 * data/history/curl-delivery of the shared folder. Skipped where that is absent. */
#include "source/gitmake.h"

#include "wire/json.h"
#include "wire/stamp.h"
#include "wire/stream.h"

#include <sys/stat.h>

struct told { /* of a commit, by its id */
    char id[GIT_OID_HEXSZ + 1];
    bool merge;
    when authored, landed, released;
    char release[40];
    int64_t files;
};

struct import {
    char folder[64];
    struct names names;
    VEC(struct told) commits;
    struct map by_item; /* item → index + 1 */
    struct {
        char tag[40];
        when time;
        int64_t commits;
        bool on_branch;
    } releases[512];
    size_t release_n, events;
    struct buf notes;
};

static void take_row(struct import *im, const struct batch *b, size_t i)
{
    str type = names_text(&im->names, b->type[i]),
        activity = names_text(&im->names, b->activity[i]);
    str key = names_key(&im->names, b->item[i]);
    json_t *attrs;
    assert_int_equal(json_parse(b->attrs[i], 0, "attrs", &attrs, NULL), OK);
    if (str_eq(type, STR("release"))) {
        snprintf(im->releases[im->release_n].tag, 40, STR_FMT, STR_ARG(key));
        im->releases[im->release_n].time = b->time[i];
        json_get_i64(attrs, "commits", &im->releases[im->release_n].commits);
        json_get_bool(attrs, "on_default_branch", &im->releases[im->release_n].on_branch);
        im->release_n++;
    } else if (!str_eq(type, STR("change"))) {
        bool fresh;
        uint64_t *at = map_add(&im->by_item, b->item[i], &fresh);
        if (fresh) {
            struct told t = {.authored = WHEN_NONE,
                             .landed = WHEN_NONE,
                             .released = WHEN_NONE,
                             .merge = str_eq(type, STR("merge"))};
            snprintf(t.id, sizeof t.id, STR_FMT, STR_ARG(key));
            VEC_ADD(&im->commits, t);
            *at = im->commits.n;
        }
        struct told *t = &im->commits.v[*at - 1];
        str release;
        if (str_eq(activity, STR("authored"))) {
            t->authored = b->time[i];
            (void)json_get_i64(attrs, "files", &t->files);
        } else if (str_eq(activity, STR("landed"))) {
            t->landed = b->time[i];
        } else if (json_get_str(attrs, "release", &release)) {
            t->released = b->time[i];
            snprintf(t->release, sizeof t->release, STR_FMT, STR_ARG(release));
        }
    }
    json_decref(attrs);
}

/* False: the shared data are not here. */
static bool import(struct import *im, const char *name, bool paths)
{
    char tar[512], command[1200], path[128];
    struct stat st;
    memset(im, 0, sizeof *im);
    snprintf(tar, sizeof tar, SHARED "/data/git/%s.git.tar", name);
    if (stat(tar, &st) != 0) {
        print_message("%s is not here: skipped\n", tar);
        return false;
    }
    snprintf(im->folder, sizeof im->folder, "/tmp/weir-git-XXXXXX");
    assert_non_null(mkdtemp(im->folder));
    snprintf(command, sizeof command, "tar xf '%s' -C '%s'", tar, im->folder);
    assert_int_equal(system(command), 0);
    snprintf(path, sizeof path, "%s/%s.git", im->folder, name);
    names_init(&im->names);
    struct source_options o = {.names = &im->names, .actor_key = STR("key"), .git_paths = paths};
    const char *one[] = {path};
    struct source *s;
    struct error why;
    assert_int_equal(SOURCE_GIT.open(one, 1, &o, &s, &why), OK);
    struct batch *b = batch_new();
    status_code code;
    when last = WHEN_NONE;
    do {
        batch_clear(b);
        code = SOURCE_GIT.next(s, b, &why);
        assert_true(code == OK || code == END);
        im->events += b->n;
        for (size_t i = 0; i < b->n; i++) {
            assert_true(b->time[i] >= last);
            last = b->time[i];
            take_row(im, b, i);
        }
    } while (code == OK);
    batch_free(b);
    for (size_t i = 0; i < s->notes.sentences.n; i++) {
        buf_addf(&im->notes, STR_FMT "\n", STR_ARG(s->notes.sentences.v[i]));
    }
    SOURCE_GIT.close(s);
    return true;
}

static void import_finish(struct import *im)
{
    names_finish(&im->names);
    VEC_FINISH(&im->commits);
    map_finish(&im->by_item);
    buf_finish(&im->notes);
    make_remove(im->folder);
}

static struct told *find(struct import *im, str short_id)
{
    for (size_t low = 0, high = im->commits.n; low < high;) {
        size_t middle = low + (high - low) / 2;
        int order = strncmp(im->commits.v[middle].id, short_id.p, short_id.n);
        if (order == 0) {
            return &im->commits.v[middle];
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return NULL;
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct told *)a)->id, ((const struct told *)b)->id);
}

static when time_of(str text)
{
    struct stamp s;
    return stamp_parse(text, NULL, &s, NULL) ? s.time : WHEN_NONE;
}

static void read_file(const char *name, struct buf *out)
{
    char path[512], block[65536];
    struct stream *s;
    struct error why;
    size_t n;
    snprintf(path, sizeof path, SHARED "/data/history/curl-delivery/%s", name);
    assert_int_equal(stream_open(path, &s, &why), OK);
    while (stream_read(s, block, sizeof block, &n, &why) == OK) {
        buf_add_bytes(out, block, n);
    }
    stream_close(s);
}

/* The field before the last comma; `line` is cut to what is before it. */
static str cut_last(str *line)
{
    size_t at = line->n;
    while (at > 0 && line->p[at - 1] != ',') {
        at--;
    }
    str last = str_from(*line, at);
    *line = str_first(*line, at > 0 ? at - 1 : 0);
    return last;
}

/* sha,author_time,commit_time,kind,component,pr,fixes,release,release_time,debian_version,
 * debian_time; a component may be quoted and hold commas, so the end is read from the end */
static void compare_commits(struct import *im)
{
    struct buf file = {0};
    read_file("commits.csv.gz", &file);
    str rest = buf_str(&file), line;
    size_t n = 0, authored = 0, landed = 0, released = 0, off_branch = 0;
    (void)str_cut(&rest, '\n', &line);
    while (str_cut(&rest, '\n', &line) && line.n > 0) {
        str field[3] = {{0}};
        (void)cut_last(&line); /* of Debian */
        (void)cut_last(&line);
        str release_time = cut_last(&line), release = cut_last(&line);
        for (size_t i = 0; i < 3 && str_cut(&line, ',', &field[i]); i++) {
        }
        struct told *t = find(im, field[0]);
        assert_non_null(t);
        n++;
        authored += t->authored == time_of(field[1]);
        landed += t->landed == time_of(field[2]);
        bool same = str_eq(str_of(t->release), release) &&
                    (release.n == 0 || t->released == time_of(release_time));
        released += same;
        /* they knew only tags on the branch; these were cut on release branches before */
        off_branch += !same && (strcmp(t->release, "curl-7_24_0") == 0 ||
                                strcmp(t->release, "curl-7_42_1") == 0 ||
                                strcmp(t->release, "tiny-curl-7_72_0") == 0);
    }
    print_message(
        "of %zu commits %zu author times, %zu landings, %zu releases agree; %zu were in a "
        "release off the branch before\n",
        n, authored, landed, released, off_branch);
    assert_int_equal(n, 39416);
    assert_int_equal(authored, n);
    assert_int_equal(landed, n - 79); /* 79 author clocks ahead: landed is moved to authored */
    assert_int_equal(released + off_branch, n);
    assert_int_equal(off_branch, 204);
    buf_finish(&file);
}

/* tag,time,commits_since_previous,… : first-parent commits, tags on the branch only. */
static void compare_releases(struct import *im)
{
    struct buf file = {0};
    read_file("releases.csv", &file);
    str rest = buf_str(&file), line;
    size_t n = 0, times = 0, counts = 0;
    (void)str_cut(&rest, '\n', &line);
    while (str_cut(&rest, '\n', &line) && line.n > 0) {
        str field[3] = {{0}};
        for (size_t i = 0; i < 3 && str_cut(&line, ',', &field[i]); i++) {
        }
        int64_t want = 0;
        assert_true(str_to_i64(field[2], &want));
        n++;
        for (size_t k = 0; k < im->release_n; k++) {
            if (str_eq(str_of(im->releases[k].tag), field[0])) {
                times += im->releases[k].time == time_of(field[1]);
                counts += im->releases[k].commits == want;
            }
        }
    }
    print_message("of %zu releases %zu times and %zu numbers of commits agree\n", n, times, counts);
    assert_int_equal(n, 203);
    assert_int_equal(times, n);
    /* 15 hold commits of merged branches too, which they left out (first-parent line only); one,
     * 7_25_0, comes after 7_24_0, which is on a release branch and held 193 of its commits */
    assert_int_equal(counts, n - 16);
    buf_finish(&file);
}

static double median(struct import *im, bool merges, size_t *ret_n)
{
    VEC(double) days = {0};
    for (size_t i = 0; i < im->commits.n; i++) {
        const struct told *t = &im->commits.v[i];
        if (t->landed != WHEN_NONE && t->released != WHEN_NONE && (merges || !t->merge)) {
            VEC_ADD(&days, (double)(t->released - t->landed) / (double)DAY);
        }
    }
    for (size_t gap = days.n / 2; gap > 0; gap /= 2) { /* Shell's sort */
        for (size_t i = gap; i < days.n; i++) {
            double x = days.v[i];
            size_t j = i;
            for (; j >= gap && days.v[j - gap] > x; j -= gap) {
                days.v[j] = days.v[j - gap];
            }
            days.v[j] = x;
        }
    }
    *ret_n = days.n;
    double middle = days.n > 0 ? (days.v[(days.n - 1) / 2] + days.v[days.n / 2]) / 2 : 0;
    VEC_FINISH(&days);
    return middle;
}

static void print_medians(struct import *im, const char *name)
{
    size_t n, plain_n;
    double all = median(im, true, &n), plain = median(im, false, &plain_n);
    print_message("%s: landing to release, median: %.4f days (%zu commits), %.4f without merges "
                  "(%zu)\n%s",
                  name, all, n, plain, plain_n, buf_cstr(&im->notes));
}

static void expect_note(struct import *im, const char *part)
{
    if (strstr(buf_cstr(&im->notes), part) == NULL) {
        fail_msg("no note \"%s\" in:\n%s", part, buf_cstr(&im->notes));
    }
}

static void agrees_on_curl(void **state)
{
    (void)state;
    struct import im;
    if (!import(&im, "curl", false)) {
        skip();
    }
    qsort(im.commits.v, im.commits.n, sizeof *im.commits.v, by_id);
    print_medians(&im, "curl");
    expect_note(&im, "39490 commits on refs/heads/master, 24 of them merges, 39416 on the "
                     "first-parent line");
    expect_note(&im, "222 of 225 tags are reached");
    compare_commits(&im);
    compare_releases(&im);
    import_finish(&im);
}

static void agrees_on_libgit2(void **state)
{
    (void)state;
    struct import im;
    if (!import(&im, "libgit2", false)) {
        skip();
    }
    print_medians(&im, "libgit2");
    expect_note(&im, "16450 commits on refs/heads/main, 3954 of them merges");
    expect_note(&im, "56 of 124 tags are reached");
    import_finish(&im);
}

/* `git log --raw --no-renames HEAD | grep -c '^:'` */
static void counts_the_same_files(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t files;
    } CASES[] = {{"curl", 148550}, {"libgit2", 71130}};
    for (size_t k = 0; k < 2; k++) {
        struct import im;
        if (!import(&im, CASES[k].name, true)) {
            skip();
        }
        size_t files = 0;
        for (size_t i = 0; i < im.commits.n; i++) { /* those that HEAD reaches */
            files += im.commits.v[i].landed != WHEN_NONE ? (size_t)im.commits.v[i].files : 0;
        }
        assert_int_equal(files, CASES[k].files);
        import_finish(&im);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_on_curl),
        cmocka_unit_test(agrees_on_libgit2),
        cmocka_unit_test(counts_the_same_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
