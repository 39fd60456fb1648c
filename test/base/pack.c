/* Packed numbers come back as they went, in one form only; what is not one is noticed. */
#include "base/pack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void there_and_back(void **state)
{
    (void)state;
    const uint64_t numbers[] = {0, 1, 127, 128, 16383, 16384, UINT32_MAX, UINT64_MAX};
    struct buf out = {0};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        pack_u64(&out, numbers[i]);
        pack_i64(&out, (int64_t)numbers[i]);
        pack_i64(&out, -(int64_t)(numbers[i] >> 1) - 1);
        pack_i128(&out, -(i128)numbers[i] * (i128)(numbers[i] >> 2));
    }
    pack_i128(&out, (i128)((u128)1 << 127));
    pack_str(&out, STR("Prüfung"));
    pack_str(&out, STR(""));
    struct unpack in = {.rest = buf_str(&out)};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        assert_int_equal(unpack_u64(&in), numbers[i]);
        assert_int_equal(unpack_i64(&in), (int64_t)numbers[i]);
        assert_int_equal(unpack_i64(&in), -(int64_t)(numbers[i] >> 1) - 1);
        assert_true(unpack_i128(&in) == -(i128)numbers[i] * (i128)(numbers[i] >> 2));
    }
    assert_true(unpack_i128(&in) == (i128)((u128)1 << 127));
    assert_true(str_eq(unpack_str(&in), STR("Prüfung")));
    assert_true(str_eq(unpack_str(&in), STR("")));
    assert_false(in.bad);
    assert_int_equal(in.rest.n, 0);
    buf_finish(&out);
}

static void refuse(str bytes, uint64_t (*read)(struct unpack *))
{
    struct unpack in = {.rest = bytes};
    assert_int_equal(read(&in), 0);
    assert_true(in.bad);
    assert_int_equal(unpack_u64(&in), 0); /* and it stays so */
    assert_int_equal(unpack_str(&in).n, 0);
}

static uint64_t read_count(struct unpack *u)
{
    return unpack_count(u);
}

static uint64_t read_text(struct unpack *u)
{
    return unpack_str(u).n;
}

static uint64_t read_below(struct unpack *u)
{
    return unpack_below(u, 5);
}

static void bad_bytes(void **state)
{
    (void)state;
    refuse(STR(""), unpack_u64);
    refuse(STR("\x80"), unpack_u64);                                     /* cut */
    refuse(STR("\x80\x00"), unpack_u64);                                 /* a longer form of 0 */
    refuse(STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), unpack_u64); /* 65 bits */
    refuse(STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), unpack_u64);
    refuse(STR("\x03"
               "ab"),
           read_count);
    refuse(STR("\x03"
               "ab"),
           read_text);
    refuse(STR("\x05"), read_below);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(bad_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
