#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void hands_out_zeroed_aligned_pieces(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, "test", 0);
    for (size_t size = 0; size < 5000; size += 7) {
        unsigned char *piece = arena_get(&a, size);
        assert_int_equal((uintptr_t)piece % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(piece[i], 0);
        }
        memset(piece, 0xff, size);
    }
    str copy = arena_str(&a, STR("weir"));
    assert_string_equal(copy.p, "weir");
    assert_string_equal(arena_strf(&a, "%s-%d", "a", 7).p, "a-7");
    arena_clear(&a);
    assert_int_equal(a.used, 0);
    assert_int_equal(*(char *)arena_get(&a, 1), 0);
    arena_finish(&a);
}

static void keeps_its_limit(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, "the header", 1 << 20);
    assert_non_null(arena_get(&a, 1 << 19));
    assert_null(arena_get(&a, (1 << 19) + 1));
    assert_null(arena_get(&a, SIZE_MAX));
    struct error why = {0};
    assert_int_equal(arena_full(&a, &why), FAIL);
    assert_string_equal(why.text,
                        "the header needs more than 1 MiB of memory, the limit set for it");
    arena_finish(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hands_out_zeroed_aligned_pieces),
        cmocka_unit_test(keeps_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
