#include "fold/variants.h"

#include "bag_lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void ranked(void **state)
{
    (void)state;
    struct bag b;
    struct variants_result r;
    bag_fold(&b, &variants_fold,
             (const char *const[]){"1 b 1", "1 a 2", "2 b 1", "3 a 1", "3 b 2", "4 a 1", "4 b 2",
                                   "5 b 3", "5 a 7", "6 b 2", "6 a 2", "6 a 3", NULL});
    variants_show(b.summary, 10, &b.lines.names, &b.arena, &r);
    assert_int_equal(r.count, 4);
    assert_int_equal(r.items, 6);
    assert_int_equal(r.top_n, 4);
    /* sha1 of "a\x1f" "b", "b\x1f" "a", "b", "b\x1f" "a\x1f" "a" */
    static const char *const ids[] = {
        "687d61996b1c1278c973743efe7ee8e2fc8fb1d0", "db68baa68246687de49311e2e7498a6f929478d7",
        "e9d71f5ee7c92d6dc9e92ffdad17b8bd49418f98", "840ce4429b2feb01367e363f7bcd409c922c00e2"};
    static const uint64_t items[] = {2, 2, 1, 1};
    static const size_t lengths[] = {2, 2, 1, 3};
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(r.top[i].id, ids[i]);
        assert_int_equal(r.top[i].items, items[i]);
        assert_int_equal(r.top[i].n, lengths[i]);
    }
    assert_true(bag_is(&b, r.top[0].path[0], "a") && bag_is(&b, r.top[0].path[1], "b"));
    variants_show(b.summary, 1, &b.lines.names, &b.arena, &r);
    assert_int_equal(r.top_n, 1);
    assert_int_equal(r.count, 4);
    bag_free(&b, &variants_fold);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ranked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
