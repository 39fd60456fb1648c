/* Where records stand in a CSV file. */
#include "reading.h"

#include "source/lines.h"

#include <fcntl.h>
#include <sys/mman.h>

static int file_of(const void *bytes, size_t n)
{
    int fd = memfd_create("lines", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), n);
    return fd;
}

/* "<line>@<offset> <raw>|" for each record, "?" behind one that is never closed. */
static void expect(const char *text, char separator, const char *want)
{
    struct lines l;
    struct line line = {0};
    struct buf told = {0};
    int fd = file_of(text, strlen(text));
    assert_int_equal(lines_open(&l, fd, separator, NULL), OK);
    while (lines_next(&l, &line)) {
        buf_addf(&told, "%d@%d " STR_FMT "%s|", (int)line.line, (int)line.offset,
                 STR_ARG(buf_str(&line.raw)), line.unclosed ? "?" : "");
        assert_true(line.before <= line.offset);
    }
    assert_string_equal(buf_cstr(&told), want);
    lines_close(&l);
    buf_finish(&line.raw);
    buf_finish(&told);
    close(fd);
}

static void finds_records(void **state)
{
    (void)state;
    expect("a,b\n1,2\n", ',', "1@0 a,b|2@4 1,2|");
    expect("a\r\n\r\nb\rc\n\n\nd", ',', "1@0 a|3@5 b|4@7 c|7@11 d|"); /* every kind of line end */
    expect("\"x\ny\",1\n2\n", ',', "1@0 \"x\ny\",1|3@8 2|");
    expect("\"say \"\"a\n\"\"\"\nb\n", ',', "1@0 \"say \"\"a\n\"\"\"|3@13 b|");
    expect("5\" pipe\nb\n", ',', "1@0 5\" pipe|2@8 b|"); /* a quote inside of a field is none */
    expect("a;\"b;\nc\"\nd", ';', "1@0 a;\"b;\nc\"|3@9 d|");
    expect("a;\"b;\nc\"\nd", ',', "1@0 a;\"b;|2@6 c\"|3@9 d|"); /* of another separator */
    expect("a\n\"b\nc", ',', "1@0 a|2@2 \"b\nc?|");
    expect("\xef\xbb\xbf"
           "a\nb",
           ',', "1@3 a|2@5 b|");
    expect("", ',', "");
    expect("\n\r\n", ',', "");
}

static void keeps_the_beginning_of_a_long_record(void **state)
{
    (void)state;
    struct lines l;
    struct line line = {0};
    char text[3000];
    memset(text, 'x', sizeof text);
    text[2500] = '\n';
    int fd = file_of(text, sizeof text);
    assert_int_equal(lines_open(&l, fd, ',', NULL), OK);
    assert_true(lines_next(&l, &line));
    assert_int_equal(line.raw.n, 1000);
    assert_true(lines_next(&l, &line));
    assert_int_equal(line.offset, 2501);
    assert_int_equal(line.raw.n, 499);
    assert_false(lines_next(&l, &line));
    lines_close(&l);
    buf_finish(&line.raw);
    close(fd);
}

static void header(const char *text, bool whole, char separator, size_t skip, const char *want)
{
    struct header h = {0};
    struct arena names = {0};
    struct buf told = {0};
    bool found = lines_header(str_of(text), whole, &names, &h);
    for (size_t i = 0; i < h.names.n; i++) {
        buf_addf(&told, STR_FMT "|", STR_ARG(h.names.v[i]));
    }
    assert_string_equal(buf_cstr(&told), want);
    assert_int_equal(found, want[0] != '\0');
    if (found) {
        assert_int_equal(h.separator, separator);
        assert_int_equal(h.skip, skip);
    }
    lines_header_finish(&h);
    arena_finish(&names);
    buf_finish(&told);
}

static void reads_headers(void **state)
{
    (void)state;
    header("a,b;c,d\n1", true, ',', 0, "a|b;c|d|");
    header("\r\n\n a \tb\t\"c, d\"\n", true, '\t', 2, "a|b|c, d|");
    header("\"the \"\"id\"\"\",\"two\nlines\"\r\n", true, ',', 0, "the \"id\"|two\nlines|");
    header("one", true, ',', 0, "one|");
    header("a,b", false, ',', 0, ""); /* may go on behind the head */
    header("\n\n", true, ',', 0, "");
    header("a,\"b\nc", true, ',', 0, "");
    header("\xef\xbb\xbf"
           "a|b\n",
           true, '|', 0, "a|b|");
}

static void survey(const char *bytes, size_t n, bool mixed, bool long_lines)
{
    struct survey s;
    int fd = file_of(bytes, n);
    assert_int_equal(lines_survey(fd, &s, NULL), OK);
    assert_int_equal(s.mixed, mixed);
    assert_int_equal(s.long_lines, long_lines);
    close(fd);
}

static void surveys_line_ends(void **state)
{
    (void)state;
    survey("a\nb\n", 4, false, false);
    survey("a\r\nb\r\n", 6, false, false);
    survey("a\rb\r", 4, false, false);
    survey("a\r\nb\n", 5, true, false);
    survey("a\rb\n", 4, true, false);
    survey("", 0, false, false);
    enum { N = 5 << 20, BLOCK = 1 << 18 };
    char *bytes = malloc(N);
    assert_non_null(bytes);
    memset(bytes, 'x', N);
    for (size_t i = 0; i < N; i += LINES_LONGEST) { /* each as long as may be */
        bytes[i] = '\n';
    }
    survey(bytes, N, false, false);
    bytes[LINES_LONGEST] = 'x';
    survey(bytes, N, false, true);
    memset(bytes, 'x', N);
    survey(bytes, N, false, true); /* the last one has no end */
    for (size_t i = 1; i < N; i += 1000) {
        bytes[i] = '\n';
    }
    bytes[BLOCK - 1] = '\r'; /* a line end that two blocks share */
    bytes[BLOCK] = '\n';
    survey(bytes, N, true, false);
    for (size_t i = 1; i < N; i += 1000) {
        bytes[i] = 'x';
    }
    survey(bytes, 2 * BLOCK, false, false);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_records),
        cmocka_unit_test(keeps_the_beginning_of_a_long_record),
        cmocka_unit_test(reads_headers),
        cmocka_unit_test(surveys_line_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
