#include "sim/heap.h"

#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Whatever order things are put in, they come out by time and, at one time, by what they are. */
static void takes_in_order(void **state)
{
    (void)state;
    uint64_t random = 7;
    for (size_t n = 0; n < 200; n++) {
        struct heap h = {0};
        struct heap_entry before = {0}, e;
        uint64_t sum = 0, back = 0;
        for (size_t i = 0; i < n; i++) {
            e = (struct heap_entry){(when)rng_below(&random, 20), rng_below(&random, 5)};
            sum += (uint64_t)e.time * 8 + e.what;
            heap_put(&h, e);
        }
        for (size_t i = 0; i < n; i++) {
            assert_true(heap_take(&h, &e));
            assert_true(i == 0 || before.time < e.time ||
                        (before.time == e.time && before.what <= e.what));
            back += (uint64_t)e.time * 8 + e.what;
            before = e;
        }
        assert_int_equal(sum, back);
        assert_false(heap_take(&h, &e));
        heap_finish(&h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(takes_in_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
