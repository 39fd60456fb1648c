/* Texts to numbers: never the number of another text, however alike they are. */
#include "reading.h"

#include "base/rng.h"
#include "source/symcache.h"

/* Texts over two letters of all lengths up to 20, among them those whose first, middle and last
 * bytes are the same: a cache so small that nearly all collide must not mix them up. */
static void never_mixes_up(void **state)
{
    (void)state;
    enum { TEXTS = 40000, BITS = 6 };
    struct symcache c;
    struct intern exact;
    uint64_t seed = 9;
    size_t hits = 0;
    symcache_init(&c, BITS);
    intern_init(&exact, "test");
    for (size_t i = 0; i < TEXTS; i++) {
        char text[20];
        size_t n = 1 + rng_below(&seed, 20), kinds = n < 6 ? 2 : 1 + rng_below(&seed, 2);
        memset(text, 'a', sizeof text);
        for (size_t k = 0; k < n && kinds == 2; k++) {
            text[k] = (char)('a' + (rng_below(&seed, 4) == 0));
        }
        uint32_t want = intern_add(&exact, (str){text, n});
        struct symcache_slot *slot;
        symcache_expect(&c, (str){text, n});
        if (symcache_find(&c, (str){text, n}, &slot)) {
            hits++;
            assert_int_equal(slot->value, want);
        }
        slot->value = want;
    }
    assert_true(hits > 1000 && hits < TEXTS);
    intern_finish(&exact);
    symcache_finish(&c);
}

/* With room enough what was put in is found, short texts (kept as they are) and long ones (by their
 * hash). */
static void finds_again(void **state)
{
    (void)state;
    struct symcache c;
    struct symcache_slot *slot;
    size_t found = 0;
    symcache_init(&c, 16);
    for (int twice = 0; twice < 2; twice++) {
        for (uint32_t i = 0; i < 1000; i++) {
            char text[64];
            int n =
                snprintf(text, sizeof text, i % 2 == 0 ? "%u" : "a rather long text with %u", i);
            bool known = symcache_find(&c, (str){text, (size_t)n}, &slot);
            assert_true(!known || (twice == 1 && slot->value == i));
            found += known;
            slot->value = i;
        }
    }
    assert_true(found > 850); /* some share a place: "5", "55" and "555" do */
    symcache_finish(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_mixes_up),
        cmocka_unit_test(finds_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
