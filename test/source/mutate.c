/* Every format under damage: valid inputs, each changed in a few places at random (but the same at
 * every run), read to the end. A child process reads a batch of them, so that a crash, a hang or
 * memory without bounds is seen and says which mutation did it. Where a line is a record, only one
 * is damaged, and all the others must come out.
 *
 * MUTATIONS in the environment is how many there are over all formats (default 300). */
#include "gitmake.h"
#include "reading.h"

#include "base/rng.h"
#include "source/duck.h"

#include <dirent.h>
#include <ftw.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { BATCH = 30, SECONDS = 120, WAITING = 1200, MEGABYTES = 1500, LINES = 40 };

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "line %d: %s\n", __LINE__, #condition);                                \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

struct seed {
    const char *name;
    const struct source_format *format;
    char open[512];          /* what the source is given: a file or a folder */
    VEC(char *) files;       /* which may be damaged */
    bool lines, keep_quotes; /* a record a line: k0, k1, … */
};

static char folder[64];
static struct seed seeds[16];
static size_t seed_n;

static struct buf bytes_of(const char *path)
{
    struct buf b = {0};
    FILE *f = fopen(path, "rb");
    CHECK(f != NULL);
    char room[4096];
    for (size_t n; (n = fread(room, 1, sizeof room, f)) > 0;) {
        buf_add(&b, (str){room, n});
    }
    fclose(f);
    return b;
}

static void write_bytes(const char *path, str bytes)
{
    FILE *f = fopen(path, "wb");
    CHECK(f != NULL);
    CHECK(bytes.n == 0 || fwrite(bytes.p, 1, bytes.n, f) == bytes.n);
    CHECK(fclose(f) == 0);
}

static struct seed *add_seed(const char *name, const struct source_format *format)
{
    struct seed *s = &seeds[seed_n++];
    *s = (struct seed){.name = name, .format = format};
    snprintf(s->open, sizeof s->open, "%s/%s", folder, name);
    return s;
}

static struct seed *add_file(const char *name, const struct source_format *format, str bytes)
{
    struct seed *s = add_seed(name, format);
    write_bytes(s->open, bytes);
    VEC_ADD(&s->files, strdup(s->open));
    return s;
}

static void add_copy(const char *name, const struct source_format *format, const char *path)
{
    struct buf b = bytes_of(path);
    add_file(name, format, buf_str(&b));
    buf_finish(&b);
}

static void add_tables(void)
{
    struct buf csv = {0}, ndjson = {0};
    buf_addf(&csv, "case_id,activity,timestamp,resource,note\n");
    for (int i = 0; i < LINES; i++) {
        buf_addf(&csv, "k%d,a%d,2024-01-%02dT10:%02d:00Z,r%d,x;y\n", i, i % 5, i % 28 + 1, i,
                 i % 3);
        buf_addf(&ndjson,
                 "{\"case\":\"k%d\",\"activity\":\"a\\u00e9\",\"time\":\"2024-01-%02dT10:00:00Z\","
                 "\"n\":[%d,null,{\"b\":1.5e3}]}\n",
                 i, i % 28 + 1, i);
    }
    struct seed *s = add_file("csv", &SOURCE_CSV, buf_str(&csv));
    s->lines = s->keep_quotes = true;
    add_file("csv-anywhere", &SOURCE_CSV, buf_str(&csv));
    add_file("ndjson", &SOURCE_NDJSON, buf_str(&ndjson))->lines = true;
    buf_finish(&csv);
    buf_finish(&ndjson);
}

static void add_delivery(void)
{
    struct seed *s = add_seed("delivery", &SOURCE_DELIVERY);
    static const char *const FILES[][2] = {
        {"deployments.csv", "id,finished,environment,result,commits\n"
                            "d1,2024-01-01T10:00:00Z,production,success,c1 c2\n"
                            "d2,2024-01-03T10:00:00Z,production,failure,c3\n"},
        {"changes.csv", "commit,committed,change\nc1,2024-01-01T09:00:00Z,7\n"
                        "c2,2024-01-01T09:30:00Z,7\nc3,2024-01-02T09:00:00Z,8\n"},
        {"incidents.csv", "id,created,resolved,deployment\n"
                          "i1,2024-01-03T11:00:00Z,2024-01-03T12:00:00Z,d2\n"}};
    CHECK(mkdir(s->open, 0700) == 0);
    for (size_t i = 0; i < 3; i++) {
        char path[600];
        snprintf(path, sizeof path, "%s/%s", s->open, FILES[i][0]);
        write_bytes(path, str_of(FILES[i][1]));
        VEC_ADD(&s->files, strdup(path));
    }
}

static void add_sqlite(void)
{
    struct buf sql = bytes_of(FIXTURES "/ocel/shop.sql");
    char path[600];
    snprintf(path, sizeof path, "%s/made.sqlite", folder);
    sqlite3 *db = NULL;
    CHECK(sqlite3_open(path, &db) == SQLITE_OK);
    CHECK(sqlite3_exec(db, buf_cstr(&sql), NULL, NULL, NULL) == SQLITE_OK);
    sqlite3_close(db);
    buf_finish(&sql);
    add_copy("ocel-sqlite", &SOURCE_OCEL, path);
}

/* The state of a buildbot master. */
static void add_master(void)
{
    static const char SQL[] =
        "CREATE TABLE alembic_version(version_num TEXT);"
        "CREATE TABLE builders(id INTEGER PRIMARY KEY, name TEXT);"
        "CREATE TABLE builds(id INTEGER PRIMARY KEY, number INTEGER, builderid INTEGER, "
        "buildrequestid INTEGER, started_at INTEGER, complete_at INTEGER, results INTEGER);"
        "CREATE TABLE buildrequests(id INTEGER PRIMARY KEY, buildsetid INTEGER);"
        "CREATE TABLE buildsets(id INTEGER PRIMARY KEY, submitted_at INTEGER);"
        "CREATE TABLE buildset_sourcestamps(buildsetid INTEGER, sourcestampid INTEGER);"
        "CREATE TABLE sourcestamps(id INTEGER PRIMARY KEY, branch TEXT, revision TEXT, repository "
        "TEXT, codebase TEXT);"
        "CREATE TABLE steps(number INTEGER, name TEXT, buildid INTEGER, started_at INTEGER, "
        "complete_at INTEGER, results INTEGER, hidden INTEGER);"
        "CREATE TABLE build_properties(buildid INTEGER, name TEXT, value TEXT);"
        "INSERT INTO builders VALUES(1,'ci');INSERT INTO buildsets VALUES(1,1772352000);"
        "INSERT INTO sourcestamps "
        "VALUES(1,'main','89abcdef0123456789abcdef0123456789abcdef','r','');"
        "INSERT INTO buildset_sourcestamps VALUES(1,1);INSERT INTO buildrequests VALUES(1,1);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40) INSERT INTO "
        "builds SELECT i, i, 1, 1, 1772352010, 1772352020, 0 FROM n;"
        "INSERT INTO steps SELECT 0, 'test', id, 1772352011, 1772352019, 0, 0 FROM builds;"
        "INSERT INTO build_properties SELECT id, 'got_revision', '\"x\"' FROM builds;";
    char path[600];
    snprintf(path, sizeof path, "%s/master.sqlite", folder);
    sqlite3 *db = NULL;
    CHECK(sqlite3_open(path, &db) == SQLITE_OK);
    CHECK(sqlite3_exec(db, SQL, NULL, NULL, NULL) == SQLITE_OK);
    sqlite3_close(db);
    add_copy("buildbot-sqlite", &SOURCE_BUILDBOT, path);
}

static struct seed *git_seed;

static int note_file(const char *path, const struct stat *found, int type, struct FTW *at)
{
    (void)found;
    (void)at;
    if (type == FTW_F && strstr(path, "/hooks/") == NULL && strstr(path, "/info/") == NULL) {
        (void)chmod(path, 0600); /* git writes objects that may not be written again */
        VEC_ADD(&git_seed->files, strdup(path));
    }
    return 0;
}

/* A folder of many files, of which one differs. */
static git_oid wide_tree(struct make *m, int changed)
{
    struct buf b = {0};
    git_oid same = make_object(m, GIT_OBJECT_BLOB, "same\n", 5);
    git_oid other = make_object(m, GIT_OBJECT_BLOB, "other\n", 6);
    for (int i = 0; i < 60; i++) {
        buf_addf(&b, "100644 file%02d", i);
        buf_putc(&b, '\0');
        buf_add_bytes(&b, i == changed ? other.id : same.id, GIT_OID_RAWSZ);
    }
    git_oid id = make_object(m, GIT_OBJECT_TREE, b.p, b.n);
    buf_finish(&b);
    return id;
}

static int insert_object(const git_oid *id, void *pack)
{
    return git_packbuilder_insert(pack, id, NULL);
}

/* All of it in one pack. */
static void pack_git(struct make *m)
{
    git_packbuilder *pack = NULL;
    char command[400];
    CHECK(git_packbuilder_new(&pack, m->repo) == 0);
    CHECK(git_odb_foreach(m->odb, insert_object, pack) == 0);
    CHECK(git_packbuilder_write(pack, NULL, 0, NULL, NULL) == 0);
    git_packbuilder_free(pack);
    snprintf(command, sizeof command, "rm -rf '%s'/objects/??", m->path);
    CHECK(system(command) == 0); /* NOLINT(cert-env33-c): a path of our own */
}

static void add_git(struct make *m, const char *name, bool packed)
{
    make_open(m, true);
    m->tree = wide_tree(m, -1);
    make_commit(m, "a", "", 0, 1, "Begin");
    m->tree = wide_tree(m, 7);
    make_commit(m, "b", "a", 2, 3, "Add (#1)");
    make_commit(m, "c", "a", 3, 3, "Branch\n\nCloses #2");
    make_commit(m, "d", "b c", 5, 5, "Merge pull request #3 from x/y");
    make_ref(m, "refs/heads/main", "d");
    make_tag(m, "v1.0", "b", 4);
    m->tree = wide_tree(m, 7);
    make_commit(m, "p", "a", 2, 6, "Add to 1.x"); /* b, picked without a word of it */
    make_tag(m, "v1.0.1", "p", 7);
    if (packed) {
        pack_git(m);
    }
    git_seed = add_seed(name, &SOURCE_GIT);
    snprintf(git_seed->open, sizeof git_seed->open, "%s", m->path);
    CHECK(nftw(m->path, note_file, 8, FTW_PHYS) == 0);
}

/* DuckDB has threads, which a fork would lose: a child of its own writes the file. */
static void add_parquet(void)
{
    char path[600];
    snprintf(path, sizeof path, "%s/made.parquet", folder);
    pid_t child = fork();
    if (child == 0) {
        struct duck *d = NULL;
        struct error why = {0};
        char sql[1024];
        snprintf(sql, sizeof sql,
                 "COPY (SELECT i %% 9 AS case_id, 'a' || i %% 3 AS activity, to_timestamp(i * 999) "
                 "AS time, i / 7 AS x FROM range(200) r(i)) TO '%s' (FORMAT parquet)",
                 path);
        CHECK(duck_open(&d, &why) == OK && duck_run(d, sql, &why) == OK);
        _exit(0);
    }
    int outcome = -1;
    CHECK(waitpid(child, &outcome, 0) == child && outcome == 0);
    add_copy("parquet", &SOURCE_PARQUET, path);
}

/* --- damage ---------------------------------------------------------------------------------- */

static void splice(struct buf *b, size_t at, size_t cut, str text)
{
    struct buf out = {0};
    cut = cut > b->n - at ? b->n - at : cut;
    buf_add(&out, str_first(buf_str(b), at));
    buf_add(&out, text);
    buf_add(&out, str_from(buf_str(b), at + cut));
    buf_finish(b);
    *b = out;
}

static void damage(struct buf *b, uint64_t *state)
{
    static const str TOKENS[] = {STR_INIT("\""),
                                 STR_INIT(","),
                                 STR_INIT("\n"),
                                 STR_INIT("\r\n"),
                                 STR_INIT("{"),
                                 STR_INIT("}"),
                                 STR_INIT("[["),
                                 STR_INIT("<event>"),
                                 STR_INIT("</log>"),
                                 STR_INIT("<!--"),
                                 STR_INIT("&#x0;"),
                                 STR_INIT("<![CDATA["),
                                 STR_INIT("\\ud800"),
                                 STR_INIT("1e999"),
                                 STR_INIT("-99999999999999999999"),
                                 STR_INIT("\xff\xfe"),
                                 STR_INIT("9999-12-31T23:59:60Z"),
                                 STR_INIT("null"),
                                 {"\0\0\0\0", 4}};
    for (uint64_t n = 1 + rng_below(state, 6); n > 0; n--) {
        size_t at = (size_t)rng_below(state, b->n + 1);
        char room[16];
        switch (rng_below(state, 6)) {
        case 0:
            if (at < b->n) {
                b->p[at] = (char)(b->p[at] ^ (1 << rng_below(state, 8)));
            }
            break;
        case 1:
            splice(b, at, 0, TOKENS[rng_below(state, sizeof TOKENS / sizeof *TOKENS)]);
            break;
        case 2:
            splice(b, at, (size_t)rng_below(state, 64), (str){0});
            break;
        case 3: {
            size_t from = (size_t)rng_below(state, b->n + 1);
            struct buf copy = {0};
            buf_add(&copy, str_first(str_from(buf_str(b), from), (size_t)rng_below(state, 200)));
            splice(b, at, 0, buf_str(&copy));
            buf_finish(&copy);
            break;
        }
        case 4:
            for (size_t i = 0; i < sizeof room; i++) {
                room[i] = (char)rng_below(state, 256);
            }
            splice(b, at, sizeof room, (str){room, sizeof room});
            break;
        default:
            if (rng_below(state, 4) == 0) {
                b->n = at;
            }
        }
    }
}

/* Damages the text of one line only; its number. */
static int damage_line(struct buf *b, const struct seed *s, uint64_t *state)
{
    int line = (int)rng_below(state, LINES);
    size_t begin = 0;
    for (int skip = line + (s->format == &SOURCE_CSV); skip > 0; skip--) {
        begin += str_find_char(str_from(buf_str(b), begin), '\n') + 1;
    }
    size_t end = begin + str_find_char(str_from(buf_str(b), begin), '\n');
    struct buf text = {0};
    buf_add(&text, str_first(str_from(buf_str(b), begin), end - begin));
    damage(&text, state);
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        text.p[i] = c == '\n' || c == '\r' || (s->keep_quotes && c == '"') ? '_' : c;
    }
    splice(b, begin, end - begin, buf_str(&text));
    buf_finish(&text);
    return line;
}

/* --- reading --------------------------------------------------------------------------------- */

static void note_batch(const struct batch *b, const struct names *names, bool seen[LINES])
{
    CHECK(b->n <= BATCH_ROWS);
    for (size_t i = 0; i < b->n; i++) {
        CHECK(b->item[i] < names->item_n && b->time[i] != WHEN_NONE && b->activity[i] != 0);
        CHECK(b->begin[i] == WHEN_NONE || b->begin[i] <= b->time[i]);
        str key = names_key(names, b->item[i]);
        if (key.n > 1 && key.n < 4 && key.p[0] == 'k') {
            int k = atoi(key.p + 1);
            seen[k >= 0 && k < LINES ? k : 0] = true;
        }
    }
    for (size_t i = 0; i < b->links.n; i++) {
        CHECK(b->links.v[i].from < names->item_n && b->links.v[i].to < names->item_n);
    }
    for (size_t i = 0; i < b->rejects.n; i++) {
        CHECK(b->rejects.v[i].reason.n > 0);
    }
}

static void read_all(const struct seed *s, int damaged_line)
{
    struct names names;
    names_init(&names);
    struct source_options options = {
        .names = &names, .actor_key = STR("key"), .git_paths = s->format == &SOURCE_GIT};
    struct source *source = NULL;
    struct error why = {0};
    const char *paths[] = {s->open};
    bool seen[LINES] = {0};
    status_code code = s->format->open(paths, 1, &options, &source, &why);
    if (code == OK) {
        struct batch *b = batch_new();
        do {
            batch_clear(b);
            code = s->format->next(source, b, &why);
            note_batch(b, &names, seen);
        } while (code == OK);
        batch_free(b);
        s->format->close(source);
    }
    CHECK(code == END || why.text[0] != '\0');
    for (int i = 0; s->lines && i < LINES; i++) {
        if (i != damaged_line && !seen[i]) {
            fprintf(stderr, "line %d is lost, line %d was damaged: %s\n", i, damaged_line,
                    why.text);
            _exit(1);
        }
    }
    names_finish(&names);
}

static void mutate_once(const struct seed *s, uint64_t number)
{
    uint64_t state = rng_mix(rng_mix(0, (uint64_t)(s - seeds)), number);
    const char *path = s->files.v[rng_below(&state, s->files.n)];
    struct buf old = bytes_of(path), b = {0};
    buf_add(&b, buf_str(&old));
    int line = -1;
    if (s->lines) {
        line = damage_line(&b, s, &state);
    } else {
        damage(&b, &state);
    }
    write_bytes(path, buf_str(&b));
    read_all(s, line);
    write_bytes(path, buf_str(&old));
    buf_finish(&old);
    buf_finish(&b);
}

static void run_batch(const struct seed *s, uint64_t from, uint64_t to)
{
    char mark[600];
    snprintf(mark, sizeof mark, "%s/at", folder);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        alarm(WAITING); /* a hang: no end, or no work */
        CHECK(setrlimit(RLIMIT_CPU, &(struct rlimit){SECONDS, SECONDS}) == 0);
        for (uint64_t i = from; i < to; i++) {
            char text[32];
            snprintf(text, sizeof text, "%llu", (unsigned long long)i);
            write_bytes(mark, str_of(text));
            mutate_once(s, i);
        }
        _exit(0);
    }
    int outcome = -1;
    struct rusage used;
    assert_int_equal(wait4(child, &outcome, 0, &used), child);
    if (outcome != 0) {
        struct buf at = bytes_of(mark);
        fail_msg("%s, mutation %s: %s %d", s->name, buf_cstr(&at),
                 WIFSIGNALED(outcome) ? "signal" : "exit",
                 WIFSIGNALED(outcome) ? WTERMSIG(outcome) : WEXITSTATUS(outcome));
    }
    assert_in_range(used.ru_maxrss, 1, MEGABYTES * 1024);
}

static void survives_damage(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/weir-mutate-XXXXXX");
    assert_non_null(mkdtemp(folder));
    struct make git, packed;
    add_tables();
    add_delivery();
    add_copy("xes", &SOURCE_XES, FIXTURES "/xes/studio.xes");
    add_copy("ocel-json", &SOURCE_OCEL, FIXTURES "/ocel/shop.jsonocel");
    add_copy("ocel-xml", &SOURCE_OCEL, FIXTURES "/ocel/shop.xmlocel");
    add_copy("cdevents", &SOURCE_CDEVENTS, FIXTURES "/../../fuzz/corpus/cdevents/lines.ndjson");
    add_sqlite();
    add_master();
    add_copy("redmine", &SOURCE_REDMINE, FIXTURES "/hooks/redmine.ndjson");
    add_parquet();
    add_git(&git, "git", false);
    add_git(&packed, "git-packed", true);
    add_copy("ocel1-xml", &SOURCE_OCEL, FIXTURES "/ocel/version1.xmlocel");
    const char *wanted = getenv("MUTATIONS");
    uint64_t total = wanted != NULL ? strtoull(wanted, NULL, 10) : 300;
    uint64_t each = total / seed_n + 1;
    for (size_t i = 0; i < seed_n; i++) {
        for (uint64_t from = 0; from < each; from += BATCH) {
            run_batch(&seeds[i], from, from + BATCH < each ? from + BATCH : each);
        }
    }
    for (size_t i = 0; i < seed_n; i++) {
        for (size_t k = 0; k < seeds[i].files.n; k++) {
            free(seeds[i].files.v[k]);
        }
        VEC_FINISH(&seeds[i].files);
    }
    make_close(&git);
    make_close(&packed);
    make_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(survives_damage)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
