/* Streams over files and memory: plain, gzip, zstd, cut off, damaged, exploding. The compressed
 * data are made here. */
#include "wire/stream.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

static struct buf gzip_of(str text)
{
    struct buf out = {0};
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    uLong bound = deflateBound(&z, (uLong)text.n);
    z.next_in = (const Bytef *)text.p;
    z.avail_in = (uInt)text.n;
    z.next_out = (Bytef *)buf_room(&out, bound);
    z.avail_out = (uInt)bound;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out.n = z.total_out;
    deflateEnd(&z);
    return out;
}

static struct buf zstd_of(str text)
{
    struct buf out = {0};
    size_t bound = ZSTD_compressBound(text.n);
    size_t n = ZSTD_compress(buf_room(&out, bound), bound, text.p, text.n, 3);
    assert_false(ZSTD_isError(n));
    out.n = n;
    return out;
}

static struct buf story(size_t lines)
{
    struct buf text = {0};
    for (size_t i = 0; i < lines; i++) {
        buf_addf(&text, "line %zu has %zu in it\n", i, i * 7919 % 1009);
    }
    return text;
}

static struct stream *open_memory(str bytes)
{
    struct stream *s = NULL;
    struct error why = {0};
    if (stream_open_memory("memory", bytes.p, bytes.n, &s, &why) != OK) {
        fail_msg("%s", why.text);
    }
    return s;
}

static struct buf read_all(struct stream *s, size_t room)
{
    struct buf all = {0};
    struct error why = {0};
    for (;;) {
        size_t n = 0;
        status_code done = stream_read(s, buf_room(&all, room), room, &n, &why);
        if (done == END) {
            return all;
        }
        assert_int_equal(done, OK);
        assert_in_range(n, 1, room);
        all.n += n;
    }
}

static void expect_all(str bytes, str content, enum stream_kind kind)
{
    static const size_t ROOMS[] = {1, 7, 4096, 1 << 20};
    for (size_t i = 0; i < 4; i++) {
        struct stream *s = open_memory(bytes);
        struct buf all = read_all(s, ROOMS[i]);
        assert_int_equal(stream_kind(s), kind);
        assert_true(str_eq(buf_str(&all), content));
        assert_null(stream_broken(s));
        assert_int_equal(stream_given(s), content.n);
        assert_int_equal(stream_taken(s), bytes.n);
        buf_finish(&all);
        stream_close(s);
    }
}

static void kinds(void **state)
{
    (void)state;
    struct buf text = story(3000), more = story(10), both = {0};
    struct buf gz = gzip_of(buf_str(&text)), gz2 = gzip_of(buf_str(&more));
    struct buf zs = zstd_of(buf_str(&text)), zs2 = zstd_of(buf_str(&more));
    expect_all(buf_str(&text), buf_str(&text), STREAM_PLAIN);
    expect_all(buf_str(&gz), buf_str(&text), STREAM_GZIP);
    expect_all(buf_str(&zs), buf_str(&text), STREAM_ZSTD);

    buf_add(&both, buf_str(&text)); /* two members one behind the other are one text */
    buf_add(&both, buf_str(&more));
    buf_add(&gz, buf_str(&gz2));
    buf_add(&zs, buf_str(&zs2));
    expect_all(buf_str(&gz), buf_str(&both), STREAM_GZIP);
    expect_all(buf_str(&zs), buf_str(&both), STREAM_ZSTD);
    buf_add_bytes(&gz, "\0\0\0\0", 4); /* tapes pad with zeros */
    expect_all(buf_str(&gz), buf_str(&both), STREAM_GZIP);
    buf_finish(&text), buf_finish(&more), buf_finish(&both);
    buf_finish(&gz), buf_finish(&gz2), buf_finish(&zs), buf_finish(&zs2);
}

/* Cut at every byte: the beginning of the text comes out, and the stream says that it broke off. */
static void cut_everywhere(void **state)
{
    (void)state;
    struct buf text = story(60);
    struct buf packed[2] = {gzip_of(buf_str(&text)), zstd_of(buf_str(&text))};
    for (int kind = 0; kind < 2; kind++) {
        for (size_t n = 4; n < packed[kind].n; n++) {
            struct stream *s = NULL;
            struct error why = {0};
            if (stream_open_memory("cut", packed[kind].p, n, &s, &why) != OK) {
                assert_non_null(strstr(why.text, "break off"));
                continue;
            }
            struct buf all = read_all(s, 4096);
            assert_non_null(stream_broken(s));
            assert_true(str_starts(buf_str(&text), buf_str(&all)));
            buf_finish(&all);
            stream_close(s);
        }
        buf_finish(&packed[kind]);
    }
    buf_finish(&text);
}

static void damaged(void **state)
{
    (void)state;
    struct buf text = story(400), gz = gzip_of(buf_str(&text));
    gz.p[gz.n / 2] = (char)(gz.p[gz.n / 2] ^ 0x55);
    struct stream *s = open_memory(buf_str(&gz));
    struct buf all = read_all(s, 512);
    assert_non_null(stream_broken(s));
    assert_non_null(strstr(stream_broken(s), "the gzip data are damaged after"));
    stream_close(s);
    buf_finish(&all);
    gz.p[gz.n / 2] = (char)(gz.p[gz.n / 2] ^ 0x55);
    buf_add(&gz, STR("and then some text"));
    s = open_memory(buf_str(&gz));
    all = read_all(s, 512);
    assert_true(str_eq(buf_str(&all), buf_str(&text)));
    assert_non_null(strstr(stream_broken(s), "followed by something else"));
    stream_close(s);
    buf_finish(&all), buf_finish(&gz), buf_finish(&text);
}

static void bomb(void **state)
{
    (void)state;
    struct buf zeros = {0};
    memset(buf_room(&zeros, 4 << 20), 0, 4 << 20);
    zeros.n = 4 << 20;
    struct buf zs = zstd_of(buf_str(&zeros));
    struct stream *s = open_memory(buf_str(&zs));
    struct error why = {0};
    char room[4096];
    size_t n = 0;
    stream_limit(s, 100, 1 << 20);
    status_code done = OK;
    while (done == OK) {
        done = stream_read(s, room, sizeof room, &n, &why);
    }
    assert_int_equal(done, FAIL);
    assert_non_null(strstr(why.text, "decompression bomb"));
    assert_true(stream_given(s) <= (2 << 20));
    stream_close(s);
    s = open_memory(buf_str(&zs));
    stream_limit(s, 0, 0);
    struct buf all = read_all(s, 1 << 16);
    assert_int_equal(all.n, zeros.n);
    stream_close(s);
    buf_finish(&all), buf_finish(&zs), buf_finish(&zeros);
}

static void peeks(void **state)
{
    (void)state;
    struct buf text = story(3000), gz = gzip_of(buf_str(&text));
    struct stream *s = open_memory(buf_str(&gz));
    struct error why = {0};
    str head;
    assert_int_equal(stream_peek(s, 6, &head, &why), OK);
    assert_true(str_eq(head, STR("line 0")));
    assert_int_equal(stream_peek(s, 5000, &head, &why), OK);
    assert_true(str_eq(head, str_first(buf_str(&text), 5000)));
    struct buf all = read_all(s, 999);
    assert_true(str_eq(buf_str(&all), buf_str(&text)));
    assert_int_equal(stream_peek(s, 10, &head, &why), OK);
    assert_int_equal(head.n, 0);
    stream_close(s);
    buf_finish(&all), buf_finish(&gz), buf_finish(&text);
}

static void refuse(const char *path, const char *part)
{
    struct stream *s = NULL;
    struct error why = {0};
    assert_int_equal(stream_open(path, &s, &why), FAIL);
    if (strstr(why.text, part) == NULL) {
        fail_msg("\"%s\" has no \"%s\"", why.text, part);
    }
    assert_null(s);
}

static void files(void **state)
{
    (void)state;
    char folder[] = "/tmp/weir-stream-XXXXXX", path[64], temp[STREAM_TEMP];
    assert_non_null(mkdtemp(folder));
    refuse(folder, "is a directory");
    snprintf(path, sizeof path, "%s/log.gz", folder);
    refuse(path, "there is no file");
    FILE *file = fopen(path, "wb");
    fclose(file);
    refuse(path, "is empty");
    if (geteuid() != 0) {
        chmod(path, 0);
        refuse(path, "permission");
        chmod(path, 0600);
    }
    struct buf text = story(100), nothing = gzip_of(STR("")), gz = gzip_of(buf_str(&text));
    file = fopen(path, "wb");
    fwrite(nothing.p, 1, nothing.n, file);
    fclose(file);
    refuse(path, "gzip data without content");
    file = fopen(path, "wb");
    fwrite(gz.p, 1, gz.n, file);
    fclose(file);

    struct stream *s = NULL, *again = NULL;
    struct error why = {0};
    assert_int_equal(stream_open(path, &s, &why), OK);
    assert_string_equal(stream_name(s), path);
    assert_int_equal(stream_size(s), gz.n);
    assert_int_equal(stream_to_temp(s, temp, &why), OK);
    assert_int_equal(stream_open(temp, &again, &why), OK);
    unlink(temp);
    struct buf all = read_all(again, 1 << 20);
    assert_true(str_eq(buf_str(&all), buf_str(&text)));
    stream_close(s);
    stream_close(again);
    unlink(path);
    rmdir(folder);
    buf_finish(&all), buf_finish(&text), buf_finish(&nothing), buf_finish(&gz);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds), cmocka_unit_test(cut_everywhere), cmocka_unit_test(damaged),
        cmocka_unit_test(bomb),  cmocka_unit_test(peeks),          cmocka_unit_test(files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
