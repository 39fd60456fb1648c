#include "gitmake.h"

#include "source/gitfolder.h"

#include <sys/stat.h>

/* The second of three commits, cut after any number of bytes: the others are read, and reading
 * comes to an end (libgit2 alone would not). */
static void ends_where_an_object_breaks_off(void **state)
{
    (void)state;
    struct make m;
    make_open(&m, true);
    make_commit(&m, "a", "", 0, 1, "Begin");
    make_commit(&m, "b", "a", 2, 3, "Go on");
    make_commit(&m, "c", "b", 4, 5, "End");
    make_ref(&m, "refs/heads/main", "c");
    char path[400];
    const char *hex = make_hex(&m, "b");
    snprintf(path, sizeof path, "%s/objects/%.2s/%s", m.path, hex, hex + 2);
    struct stat found;
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(chmod(path, 0600), 0);
    for (off_t left = found.st_size - 1; left >= 0; left -= left > 7 ? 7 : 1) {
        struct story s = {0};
        assert_int_equal(truncate(path, left), 0);
        story_tell(&s, &m, NULL, NULL);
        assert_int_equal(s.result, END);
        assert_true(s.rejects.n > 0);
        assert_non_null(strstr(buf_cstr(&s.events), " commit c "));
        assert_null(strstr(buf_cstr(&s.events), " commit b "));
        story_finish(&s);
    }
    make_close(&m);
}

static void write_alternates(const char *path, const char *text)
{
    char name[400];
    snprintf(name, sizeof name, "%s/objects/info/alternates", path);
    FILE *f = fopen(name, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

/* The same where the repository borrows the object from another, and that one from a third. */
static void ends_in_a_borrowed_object_too(void **state)
{
    (void)state;
    struct make lender, middle, m;
    make_open(&lender, true);
    make_open(&middle, true);
    make_open(&m, true);
    char text[800], path[400];
    snprintf(text, sizeof text, "# a comment\n\n%s/objects\n/nowhere/at/all\n", middle.path);
    write_alternates(m.path, text);
    snprintf(text, sizeof text, "%s/objects\n%s/objects\n", lender.path, m.path); /* a circle */
    write_alternates(middle.path, text);
    make_commit(&lender, "a", "", 0, 1, "Begin");
    make_commit(&lender, "b", "a", 2, 3, "Go on");
    make_commit(&m, "a", "", 0, 1, "Begin"); /* the same, so that it has a name here */
    make_commit(&m, "b", "a", 2, 3, "Go on");
    make_commit(&m, "c", "b", 4, 5, "End");
    make_ref(&m, "refs/heads/main", "c");
    const char *hex = make_hex(&m, "b");
    snprintf(path, sizeof path, "%s/objects/%.2s/%s", m.path, hex, hex + 2);
    assert_int_equal(unlink(path), 0);
    struct story s = {0};
    story_tell(&s, &m, NULL, NULL);
    assert_int_equal(s.rejects.n, 0);
    assert_non_null(strstr(buf_cstr(&s.events), " commit b "));
    story_finish(&s);
    snprintf(path, sizeof path, "%s/objects/%.2s/%s", lender.path, hex, hex + 2);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(truncate(path, 40), 0);
    s = (struct story){0};
    story_tell(&s, &m, NULL, NULL);
    assert_int_equal(s.result, END);
    assert_non_null(strstr(buf_cstr(&s.rejects), "cut short or damaged"));
    assert_null(strstr(buf_cstr(&s.events), " commit b "));
    story_finish(&s);
    make_close(&m);
    make_close(&middle);
    make_close(&lender);
}

/* Each folder once, its own first; a relative one counts from the repository's own list only. */
static void lists_borrowed_folders(void **state)
{
    (void)state;
    struct make a, b;
    struct arena text;
    struct gitfolders f;
    char line[800], objects[400];
    make_open(&a, true);
    make_open(&b, true);
    arena_init(&text, "test", 0);
    snprintf(objects, sizeof objects, "%s/objects", a.path);
    gitfolders_find(objects, &text, &f);
    assert_int_equal(f.v.n, 1);
    gitfolders_finish(&f);
    snprintf(line, sizeof line, "../../%s/objects\n%s/objects/\n", strrchr(b.path, '/') + 1,
             b.path);
    write_alternates(a.path, line);
    write_alternates(b.path, "../objects\n.\n");
    gitfolders_find(objects, &text, &f);
    assert_int_equal(f.v.n, 2);
    assert_true(str_eq(f.v.v[0], str_of(objects)));
    gitfolders_finish(&f);
    gitfolders_find("/nowhere/at/all", &text, &f);
    assert_int_equal(f.v.n, 0);
    arena_finish(&text);
    make_close(&a);
    make_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_where_an_object_breaks_off),
        cmocka_unit_test(ends_in_a_borrowed_object_too),
        cmocka_unit_test(lists_borrowed_folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
