/* The delivery log in three files: whole imports, and what is wrong in them. */
#include "source/reading.h"

#include <sys/stat.h>

struct folder {
    char path[64];
    struct reading r;
};

static int setup(void **state)
{
    static struct folder f;
    strcpy(f.path, "/tmp/weir-test-XXXXXX");
    assert_non_null(mkdtemp(f.path));
    reading_init(&f.r);
    *state = &f;
    return 0;
}

static void path_of(const struct folder *f, const char *name, char path[128])
{
    snprintf(path, 128, "%s/%s", f->path, name);
}

static int teardown(void **state)
{
    struct folder *f = *state;
    static const char *const NAMES[] = {"deployments.csv", "changes.csv", "incidents.csv"};
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        path_of(f, NAMES[i], path);
        unlink(path);
    }
    rmdir(f->path);
    reading_finish(&f->r);
    return 0;
}

static void put(const struct folder *f, const char *name, const char *text)
{
    char path[128];
    path_of(f, name, path);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    fclose(file);
}

static void expect(struct folder *f, const char *text)
{
    if (!reading_file(&f->r, &SOURCE_DELIVERY, f->path)) {
        fail_msg("%s", f->r.why.text);
    }
    assert_int_equal(f->r.code, END);
    assert_string_equal(buf_cstr(&f->r.text), text);
}

static void a_whole_log(void **state)
{
    struct folder *f = *state;
    put(f, "deployments.csv",
        "id,started,finished,environment,result,kind,planned,service,commit,team\n"
        "d1,2026-03-02T09:50:00Z,2026-03-02T10:00:00Z,production,success,release,yes,web,c1,blue\n"
        "f1,,2026-03-02T12:00:00+01:00,production,FAILURE,,,web,,\n");
    put(f, "changes.csv",
        "commit,pr,committed,pr_opened,pr_merged,deployment\n"
        "c1,7,2026-03-01T10:00:00Z,2026-03-01T12:00:00+02:00,2026-03-02T08:00:00Z,d1\n"
        "c2,,2026-03-01T11:00:00Z,,,d99\n");
    put(f, "incidents.csv",
        "id,created,resolved,caused_by_deployment,service\n"
        "i1,2026-03-03T10:00:00Z,2026-03-03T13:00:30Z,d1,web\n"
        "i2,2026-03-03T11:00:00Z,,,web\n");
    expect(
        f,
        "d1|deployed|2026-03-02T09:50:00|2026-03-02T10:00:00||0|{\"environment\":\"production\","
        "\"result\":\"success\",\"kind\":\"release\",\"planned\":\"yes\",\"service\":\"web\","
        "\"commit\":\"c1\",\"team\":\"blue\"}\n"
        "f1|failed||2026-03-02T11:00:00||0|{\"environment\":\"production\",\"result\":\"FAILURE\","
        "\"service\":\"web\"}\n"
        "c1|committed||2026-03-01T10:00:00||0|{\"pr_opened\":\"2026-03-01T10:00:00.000000Z\","
        "\"pr_merged\":\"2026-03-02T08:00:00.000000Z\",\"deployment\":\"d1\",\"change\":\"7\"}\n"
        "7|opened||2026-03-01T10:00:00||0|\n"
        "7|merged||2026-03-02T08:00:00||0|\n"
        "c2|committed||2026-03-01T11:00:00||0|{\"deployment\":\"d99\"}\n"
        "i1|created||2026-03-03T10:00:00||0|{\"resolved\":\"2026-03-03T13:00:30.000000Z\","
        "\"caused_by_deployment\":\"d1\",\"service\":\"web\"}\n"
        "i1|resolved||2026-03-03T13:00:30||0|\n"
        "i2|created||2026-03-03T11:00:00||0|{\"resolved\":\"\",\"service\":\"web\"}\n");
}

static void bad_rows_are_kept_apart(void **state)
{
    struct folder *f = *state;
    put(f, "deployments.csv",
        "id,finished,environment,result,kind,started\n"
        "d1,2026-03-02T10:00:00Z,production,success,release,\n"
        "d1,2026-03-03T10:00:00Z,production,success,release,\n"
        ",2026-03-03T10:00:00Z,production,success,,\n"
        "d2,2026-02-31T10:00:00Z,production,success,,\n"
        "d3,,production,success,,\n"
        "d4,2026-03-03T10:00:00Z,production,maybe,,\n"
        "d5,2026-03-03T10:00:00Z,production,success,lift,\n"
        "d6,2026-03-03T10:00:00Z,production,success,,2026-03-03T11:00:00Z\n"
        "d7,2026-03-03T10:00:00Z,production\n"
        "\n"
        "\"d\n8\",2026-03-03T10:00:00Z,production,success,,\n");
    put(f, "incidents.csv",
        "id,created,resolved\n"
        "i1,2026-03-03T10:00:00Z,2026-03-03T09:00:00Z\n");
    expect(f, "d1|deployed||2026-03-02T10:00:00||0|{\"environment\":\"production\",\"result\":"
              "\"success\",\"kind\":\"release\"}\n"
              "d\n8|deployed||2026-03-03T10:00:00||0|{\"environment\":\"production\",\"result\":"
              "\"success\"}\n"
              "reject 10 : it cannot be split into the cells of the header "
              "<d7,2026-03-03T10:00:00Z,production>\n"
              "reject 3 id: \"d1\" stands in an earlier line already "
              "<d1,2026-03-03T10:00:00Z,production,succe>\n"
              "reject 4 id: it is empty <,2026-03-03T10:00:00Z,production,success>\n"
              "reject 5 finished: \"2026-02-31T10:00:00Z\" is not a date "
              "<d2,2026-02-31T10:00:00Z,production,succe>\n"
              "reject 6 finished: it is empty <d3,,production,success,,>\n"
              "reject 7 result: \"maybe\" is neither success nor failure "
              "<d4,2026-03-03T10:00:00Z,production,maybe>\n"
              "reject 8 kind: \"lift\" is none of release, hotfix, rollback "
              "<d5,2026-03-03T10:00:00Z,production,succe>\n"
              "reject 9 finished: it finished before it started "
              "<d6,2026-03-03T10:00:00Z,production,succe>\n"
              "reject 2 resolved: it was resolved before it was created "
              "<i1,2026-03-03T10:00:00Z,2026-03-03T09:00>\n");
}

/* A commit may be carried by several deployments, a row each. */
static void a_commit_in_two_deployments(void **state)
{
    struct folder *f = *state;
    put(f, "changes.csv",
        "commit,committed,deployment\n"
        "c1,2026-03-01T10:00:00Z,d1\n"
        "c1,2026-03-01T10:00:00Z,d2\n"
        "c1,2026-03-01T10:00:00Z,d2\n");
    expect(f, "c1|committed||2026-03-01T10:00:00||0|{\"deployment\":\"d1\"}\n"
              "c1|committed||2026-03-01T10:00:00||0|{\"deployment\":\"d2\"}\n"
              "reject 4 commit: \"c1\" stands in an earlier line already "
              "<c1,2026-03-01T10:00:00Z,d2>\n");
    assert_string_equal(buf_cstr(&f->r.notes),
                        "there is no deployments.csv\nthere is no incidents.csv\n");
}

static void files_that_cannot_be_read(void **state)
{
    struct folder *f = *state;
    assert_false(reading_file(&f->r, &SOURCE_DELIVERY, f->path));
    assert_non_null(strstr(f->r.why.text, "holds none of deployments.csv"));
    put(f, "incidents.csv", "id,createt,resolved\n");
    assert_false(reading_file(&f->r, &SOURCE_DELIVERY, f->path));
    assert_non_null(strstr(f->r.why.text, "there is no column \"created\""));
    assert_non_null(strstr(f->r.why.hint, "createt"));
    put(f, "incidents.csv", "");
    assert_false(reading_file(&f->r, &SOURCE_DELIVERY, f->path));
}

/* What the files tell of, were there none of it. */
static void tells(void **state)
{
    struct folder *f = *state;
    struct source *s = NULL;
    struct batch *b = batch_new();
    struct buf told = {0};
    const char *path = f->path;
    put(f, "deployments.csv", "id,finished,environment,result,planned\n");
    put(f, "incidents.csv", "id,created\n");
    assert_int_equal(SOURCE_DELIVERY.open(&path, 1, &f->r.options, &s, &f->r.why), OK);
    assert_int_equal(SOURCE_DELIVERY.next(s, b, &f->r.why), END);
    for (size_t i = 0; i < b->item_attrs.n; i++) {
        buf_addf(&told, STR_FMT " ", STR_ARG(b->item_attrs.v[i].value));
    }
    assert_string_equal(buf_cstr(&told), "deployments kind incidents ");
    assert_int_equal(b->n, 0);
    SOURCE_DELIVERY.close(s);
    batch_free(b);
    buf_finish(&told);
}

static void folder_is_recognised(void **state)
{
    struct folder *f = *state;
    assert_int_equal(SOURCE_DELIVERY.guess((str){0}, f->path), 0);
    put(f, "deployments.csv", "id,finished,environment,result\n");
    put(f, "changes.csv", "commit,committed\n");
    assert_true(SOURCE_DELIVERY.guess((str){0}, f->path) > 90);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_whole_log),
        TEST(bad_rows_are_kept_apart),
        TEST(a_commit_in_two_deployments),
        TEST(files_that_cannot_be_read),
        TEST(tells),
        TEST(folder_is_recognised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
