#include "serve/inflate.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* n bytes of `letter`, compressed; 16 more bits for gzip. */
static void pack(struct buf *out, char letter, size_t n, bool gzip)
{
    z_stream z = {0};
    char *from = mem_get(n + 1);
    memset(from, letter, n);
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, gzip ? 31 : 15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&z, n);
    z.next_in = (unsigned char *)from;
    z.avail_in = (unsigned)n;
    z.next_out = (unsigned char *)buf_room(out, room);
    z.avail_out = (unsigned)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out->n += room - z.avail_out;
    deflateEnd(&z);
    mem_put(from);
}

static enum inflate_state feed(struct inflate *f, str bytes, size_t step)
{
    for (size_t at = 0; at < bytes.n; at += step) {
        enum inflate_state s = inflate_more(f, str_first(str_from(bytes, at), step));
        if (s != INFLATE_GOES_ON) {
            return s;
        }
    }
    return inflate_end(f);
}

static void test_whole(void **state)
{
    (void)state;
    static const size_t STEPS[] = {1, 7, 1 << 20};
    for (size_t k = 0; k < 3; k++) {
        for (int gzip = 0; gzip < 2; gzip++) {
            struct buf packed = {0};
            struct inflate f;
            pack(&packed, 'x', 100000, gzip);
            if (gzip) {
                pack(&packed, 'y', 10, true); /* a second member */
            }
            assert_true(inflate_start(&f, gzip ? STR("GZip") : STR("deflate"), 200000));
            assert_int_equal(feed(&f, buf_str(&packed), STEPS[k]), INFLATE_GOES_ON);
            assert_int_equal(f.out.n, gzip ? 100010 : 100000);
            assert_int_equal(f.out.p[99999], 'x');
            inflate_stop(&f);
            buf_finish(&packed);
        }
    }
}

/* The limit is on what comes out, to the byte, whatever is said to be in it. */
static void test_limit(void **state)
{
    (void)state;
    struct buf packed = {0};
    pack(&packed, 'x', 5000, true);
    for (size_t limit = 4999; limit <= 5000; limit++) {
        struct inflate f;
        assert_true(inflate_start(&f, STR("gzip"), limit));
        assert_int_equal(feed(&f, buf_str(&packed), 3),
                         limit < 5000 ? INFLATE_LARGE : INFLATE_GOES_ON);
        inflate_stop(&f);
        assert_true(inflate_start(&f, STR(""), limit));
        char plain[5000] = {0};
        assert_int_equal(feed(&f, (str){plain, sizeof plain}, 700),
                         limit < 5000 ? INFLATE_LARGE : INFLATE_GOES_ON);
        inflate_stop(&f);
    }
    buf_finish(&packed);
}

/* 100 MB of zeros in 100 kB cost no more memory than the limit. */
static void test_bomb(void **state)
{
    (void)state;
    struct buf packed = {0};
    struct inflate f;
    pack(&packed, 0, 100 << 20, true);
    assert_in_range(packed.n, 1, 200000);
    assert_true(inflate_start(&f, STR("gzip"), 1 << 20));
    size_t most = 0;
    enum inflate_state s = INFLATE_GOES_ON;
    for (size_t at = 0; at < packed.n && s == INFLATE_GOES_ON; at += 512) {
        s = inflate_more(&f, str_first(str_from(buf_str(&packed), at), 512));
        most = f.out.cap > most ? f.out.cap : most;
    }
    assert_int_equal(s, INFLATE_LARGE);
    assert_in_range(most, 0, 4 << 20);
    assert_int_equal(f.out.cap, 0);
    assert_int_equal(inflate_more(&f, STR("more")), INFLATE_LARGE);
    inflate_stop(&f);
    buf_finish(&packed);
}

static void test_broken(void **state)
{
    (void)state;
    struct buf packed = {0};
    pack(&packed, 'x', 5000, true);
    for (size_t n = 1; n < packed.n; n++) {
        struct inflate f;
        assert_true(inflate_start(&f, STR("gzip"), 10000));
        assert_int_equal(feed(&f, str_first(buf_str(&packed), n), 9), INFLATE_BROKEN);
        inflate_stop(&f);
    }
    struct inflate f;
    assert_true(inflate_start(&f, STR("gzip"), 10000));
    assert_int_equal(feed(&f, STR("not compressed at all"), 4), INFLATE_BROKEN);
    inflate_stop(&f);
    packed.p[packed.n / 2] ^= 1;
    assert_true(inflate_start(&f, STR("gzip"), 10000));
    assert_int_equal(feed(&f, buf_str(&packed), 100), INFLATE_BROKEN);
    inflate_stop(&f);
    assert_false(inflate_start(&f, STR("br"), 10000));
    assert_false(inflate_start(&f, STR("gzip, gzip"), 10000));
    buf_finish(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_bomb),
        cmocka_unit_test(test_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
