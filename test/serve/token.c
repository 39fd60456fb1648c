#include "serve/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define NOW ((when)1700000000 * SECOND)

static void test_life(void **state)
{
    (void)state;
    struct tokens t = {0};
    struct error why = {0};
    char wall[TOKEN_TEXT + 1], hook[TOKEN_TEXT + 1];
    assert_int_equal(token_create(&t, STR("wall"), SCOPE_READ, STR(""), NOW, NOW + DAY, wall, &why),
                     OK);
    assert_int_equal(
        token_create(&t, STR("hook"), SCOPE_INGEST, STR("ci"), NOW, WHEN_NONE, hook, &why), OK);
    assert_int_equal(strlen(wall), TOKEN_TEXT);
    assert_true(strncmp(wall, "weir_", 5) == 0 && strcmp(wall, hook) != 0);

    struct token *found = token_check(&t, str_of(wall), NOW);
    assert_non_null(found);
    assert_int_equal(found->scope, SCOPE_READ);
    assert_non_null(token_check(&t, str_of(wall), NOW + DAY - 1));
    assert_null(token_check(&t, str_of(wall), NOW + DAY)); /* over */
    assert_non_null(token_check(&t, str_of(hook), NOW + 9999 * DAY));

    for (size_t i = 0; i < TOKEN_TEXT; i++) { /* one letter off is another token */
        char other[TOKEN_TEXT + 1];
        memcpy(other, wall, sizeof other);
        other[i] = other[i] == 'A' ? 'B' : 'A';
        assert_null(token_check(&t, str_of(other), NOW));
    }
    assert_null(token_check(&t, str_first(str_of(wall), TOKEN_TEXT - 1), NOW));
    assert_null(token_check(&t, STR(""), NOW));

    bool many = false;
    struct token *named = token_named(&t, STR("wall"), &many);
    assert_non_null(named);
    token_revoke(&t, named);
    assert_null(token_check(&t, str_of(wall), NOW));
    assert_non_null(token_check(&t, str_of(hook), NOW));
    tokens_finish(&t);
}

static void test_kept(void **state)
{
    (void)state;
    struct tokens t = {0}, again = {0};
    struct error why = {0};
    struct buf text = {0}, second = {0};
    char one[TOKEN_TEXT + 1], two[TOKEN_TEXT + 1];
    bool many = false;
    assert_int_equal(
        token_create(&t, STR("a \"b\" é"), SCOPE_ADMIN, STR(""), NOW, WHEN_NONE, one, &why), OK);
    assert_int_equal(
        token_create(&t, STR("a \"b\" é"), SCOPE_INGEST, STR("jenkins"), NOW, NOW + 5, two, &why),
        OK);
    t.v.v[0].used = NOW;
    tokens_write(&t, &text);
    assert_true(str_find(buf_str(&text), str_of(one)) == text.n); /* the token is not in it, */
    assert_true(str_find(buf_str(&text), str_from(str_of(one), 14)) == text.n); /* nor its secret */
    assert_int_equal(tokens_parse(buf_str(&text), &again, &why), OK);
    tokens_write(&again, &second);
    assert_string_equal(buf_cstr(&text), buf_cstr(&second));
    assert_int_equal(again.v.n, 2);
    assert_non_null(token_check(&again, str_of(two), NOW));
    assert_true(str_eq(again.v.v[1].source, STR("jenkins")));
    assert_null(token_named(&again, STR("a \"b\" é"), &many)); /* two have the name */
    assert_true(many);
    assert_non_null(token_named(&again, str_of(again.v.v[1].id), &many));
    tokens_finish(&t);
    tokens_finish(&again);
    buf_finish(&text);
    buf_finish(&second);
}

static void test_hostile(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {
        "{}",
        "[1]",
        "[{}]",
        "nonsense",
        "[{\"id\":\"short\"}]",
        "[{\"id\":\"12345678\",\"name\":\"x\",\"scope\":\"root\",\"digest\":\"00\"}]",
        "[{\"id\":\"12345678\",\"name\":\"x\",\"scope\":\"read\",\"digest\":\"zz\"}]",
    };
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        struct tokens t = {0};
        struct error why = {0};
        assert_int_equal(tokens_parse(str_of(TEXTS[i]), &t, &why), FAIL);
        assert_int_equal(t.v.n, 0);
        assert_true(why.text[0] != 0);
        tokens_finish(&t);
    }
    struct tokens none = {0};
    assert_int_equal(tokens_parse(STR(""), &none, NULL), OK);
    tokens_finish(&none);
}

static void test_found(void **state)
{
    (void)state;
    struct tokens t = {0};
    struct error why = {0};
    char one[TOKEN_TEXT + 1];
    struct buf address = {0};
    assert_int_equal(token_create(&t, STR("x"), SCOPE_READ, STR(""), NOW, WHEN_NONE, one, &why),
                     OK);
    buf_addf(&address, "/api/v1/map?weir_=1&access_token=%s&x=y", one);
    assert_true(token_in(buf_str(&address)));
    assert_false(token_in(str_first(buf_str(&address), address.n - 5)));
    assert_false(token_in(STR("/api/v1/map?x=weir_weir_weir_")));
    assert_false(token_in(STR("")));
    buf_finish(&address);
    tokens_finish(&t);
}

static void test_scopes(void **state)
{
    (void)state;
    enum scope s;
    assert_true(scope_covers(SCOPE_ADMIN, SCOPE_READ) && scope_covers(SCOPE_ADMIN, SCOPE_INGEST));
    assert_true(scope_covers(SCOPE_NONE, SCOPE_NONE) && scope_covers(SCOPE_READ, SCOPE_READ));
    assert_false(scope_covers(SCOPE_READ, SCOPE_INGEST) || scope_covers(SCOPE_INGEST, SCOPE_READ));
    assert_false(scope_covers(SCOPE_NONE, SCOPE_READ) || scope_covers(SCOPE_INGEST, SCOPE_ADMIN));
    assert_true(scope_read(STR("ingest"), &s) && s == SCOPE_INGEST);
    assert_false(scope_read(STR("none"), &s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_life),  cmocka_unit_test(test_kept),   cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_found), cmocka_unit_test(test_scopes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
