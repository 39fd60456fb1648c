#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static status_code inner(struct error *why)
{
    return error_set(why, "month %d", 13);
}

static status_code outer(struct error *why)
{
    TRY(inner(why));
    return OK;
}

static void puts_context_in_front(void **state)
{
    (void)state;
    struct error why = {0};
    assert_int_equal(outer(&why), FAIL);
    error_add(&why, "events.csv: line %d", 4181);
    error_hint(&why, "Mend the row");
    error_id(&why, "E2103");
    assert_string_equal(why.text, "events.csv: line 4181: month 13");
    assert_string_equal(why.hint, "Mend the row");
    assert_string_equal(why.id, "E2103");
    assert_int_equal(outer(NULL), FAIL);
}

static void cuts_at_a_character(void **state)
{
    (void)state;
    char text[3000];
    for (size_t i = 0; i + 1 < sizeof text; i += 2) {
        memcpy(text + i, "ä", 2);
    }
    text[sizeof text - 2] = 0;
    struct error why = {0};
    for (int lead = 0; lead < 3; lead++) {
        (void)error_set(&why, "%.*s%s", lead, "xx", text);
        size_t n = strlen(why.text);
        assert_true(n < sizeof why.text && n > sizeof why.text - 8);
        assert_string_equal(why.text + n - 3, "…");
        assert_int_equal((n - 3 - (size_t)lead) % 2, 0); /* no half character before it */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_context_in_front),
        cmocka_unit_test(cuts_at_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
