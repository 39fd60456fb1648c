/* The lines of a stream, whatever its blocks. */
#include "reading.h"

#include "base/rng.h"
#include "source/feed.h"

static void write_file(const char *path, const char *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

static char path[] = "/tmp/weir-feed-XXXXXX";

static int make_path(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_path(void **state)
{
    (void)state;
    return unlink(path);
}

static void gives_lines(void **state)
{
    (void)state;
    static const struct {
        const char *text, *lines;
    } CASES[] = {{"a", "a|"},
                 {"a\n", "a|"},
                 {"a\r\nb\n", "a|b|"},
                 {"\n\na", "||a|"},
                 {"a\r", "a|"},
                 {"a\rb\n", "a\rb|"},
                 {"\r\n", "|"},
                 {"\xef\xbb\xbf"
                  "a\n\xef\xbb\xbf"
                  "b",
                  "a|\xef\xbb\xbf"
                  "b|"}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct feed f;
        struct buf told = {0};
        str line;
        bool cut;
        write_file(path, CASES[i].text, strlen(CASES[i].text));
        assert_int_equal(feed_open(&f, path, NULL), OK);
        while (feed_next(&f, &line, &cut, NULL) == OK) {
            assert_false(cut);
            buf_addf(&told, STR_FMT "|", STR_ARG(line));
        }
        assert_int_equal(feed_next(&f, &line, &cut, NULL), END); /* and again */
        assert_string_equal(buf_cstr(&told), CASES[i].lines);
        feed_close(&f);
        buf_finish(&told);
    }
}

/* Lines of any length around the size of a block come out whole. */
static void joins_blocks(void **state)
{
    (void)state;
    enum { LINES = 60, BLOCK = 1 << 18 };
    struct buf text = {0};
    size_t lengths[LINES];
    uint64_t seed = 3;
    for (size_t i = 0; i < LINES; i++) {
        lengths[i] = rng_below(&seed, 3) == 0 ? BLOCK - 2 + rng_below(&seed, 5)
                                              : rng_below(&seed, i % 7 == 0 ? 3 * BLOCK : 90);
        memset(buf_room(&text, lengths[i]), 'a' + (int)(i % 26), lengths[i]);
        text.n += lengths[i];
        buf_putc(&text, '\n');
    }
    write_file(path, text.p, text.n);
    struct feed f;
    str line;
    bool cut;
    assert_int_equal(feed_open(&f, path, NULL), OK);
    for (size_t i = 0; i < LINES; i++) {
        assert_int_equal(feed_next(&f, &line, &cut, NULL), OK);
        assert_int_equal(line.n, lengths[i]);
        assert_int_equal(f.line, i + 1);
        for (size_t k = 0; k < line.n; k += 1 + line.n / 10) {
            assert_int_equal(line.p[k], 'a' + (int)(i % 26));
        }
    }
    assert_int_equal(feed_next(&f, &line, &cut, NULL), END);
    feed_close(&f);
    buf_finish(&text);
}

/* A line without bounds: its beginning is given, and the next line is the next. */
static void cuts_endless_lines(void **state)
{
    (void)state;
    static const char LAST[] = "\nnext\n";
    size_t n = (size_t)FEED_LONGEST + (1 << 20);
    char *text = malloc(n + sizeof LAST);
    assert_non_null(text);
    memset(text, 'y', n);
    memcpy(text + n, LAST, sizeof LAST - 1);
    struct feed f;
    str line;
    bool cut;
    for (int ended = 0; ended < 2; ended++) { /* it is the last line; another follows */
        write_file(path, text, n + (ended != 0 ? sizeof LAST - 1 : 0));
        assert_int_equal(feed_open(&f, path, NULL), OK);
        assert_int_equal(feed_next(&f, &line, &cut, NULL), OK);
        assert_true(cut);
        assert_int_equal(line.n, FEED_SHOWN);
        assert_int_equal(line.p[FEED_SHOWN - 1], 'y');
        status_code code = feed_next(&f, &line, &cut, NULL);
        assert_int_equal(code, ended != 0 ? OK : END);
        if (code == OK) {
            assert_true(str_eq(line, STR("next")));
            assert_int_equal(f.line, 2);
        }
        feed_close(&f);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_lines),
        cmocka_unit_test(joins_blocks),
        cmocka_unit_test(cuts_endless_lines),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
