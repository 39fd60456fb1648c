/* The table of addresses: finding, what becomes of a query, the document that describes it all. */
#include "serve/routes.h"

#include "serve/problem.h"
#include "wire/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct serve_parameter ITEMS[] = {
    {SERVE_FLAG, "aging", NULL, "open ones", false, false},
    {SERVE_VALUE, "limit", "N", "at most", false, false},
    {SERVE_VALUE, "clock", "wall|work", "which clock", false, false},
    {SERVE_LIST, "where", "KEY=VALUE", "which items", false, false},
};
static const struct serve_parameter ITEM[] = {
    {SERVE_ARGUMENT, "id", NULL, "which item", true, false},
    {SERVE_VALUE, "tz", "ZONE", "time zone", false, false},
};
static const struct serve_answer ANSWERS[] = {
    {.name = "items",
     .purpose = "list items",
     .fields = "items: id, type\ntotal, finished: how many",
     .parameters = ITEMS,
     .parameter_n = 4},
    {.name = "item", .purpose = "one item", .parameters = ITEM, .parameter_n = 2},
    {.name = "visits",
     .command = "flow",
     .option = "--visits",
     .type = "application/octet-stream",
     .purpose = "bytes"},
    {.name = "help",
     .path = "/help/{id}",
     .type = "text/plain",
     .purpose = "explains",
     .parameters = ITEM,
     .parameter_n = 1},
};
static const struct serve_host HOST = {.version = "1.2.3", .answers = ANSWERS, .answer_n = 4};

static void test_find(void **state)
{
    (void)state;
    static const struct {
        const char *method, *path, *route, *name, *allow;
    } CASES[] = {
        {"GET", "/api/v1/items", "/api/v1/items", "", "GET, HEAD"},
        {"HEAD", "/api/v1/items", "/api/v1/items", "", "GET, HEAD"},
        {"POST", "/api/v1/items", NULL, "", "GET, HEAD"},
        {"GET", "/api/v1/item", "/api/v1/item", "", "GET, HEAD"},
        {"GET", "/api/v1/item/DRV-1", "/api/v1/item/{id}", "DRV-1", "GET, HEAD"},
        {"GET", "/api/v1/item/studio/lobby#8", "/api/v1/item/{id}", "studio/lobby#8", "GET, HEAD"},
        {"GET", "/api/v1/item/", NULL, "", ""},
        {"GET", "/api/v1/items/x", NULL, "", ""},
        {"GET", "/help/E2103", "/help/{id}", "E2103", "GET, HEAD"},
        {"POST", "/api/v1/session", "/api/v1/session", "", "POST, DELETE"},
        {"DELETE", "/api/v1/session", "/api/v1/session", "", "POST, DELETE"},
        {"GET", "/api/v1/session", NULL, "", "POST, DELETE"},
        {"get", "/api/v1/items", NULL, "", "GET, HEAD"},
        {"GET", "/api/v1", NULL, "", ""},
        {"GET", "/api/v1/ITEMS", NULL, "", ""},
        {"GET", "/healthz", "/healthz", "", "GET, HEAD"},
    };
    struct routes t;
    routes_init(&t, &HOST);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct buf allow = {0};
        str name = {"", 0};
        const struct route *r =
            routes_find(&t, str_of(CASES[i].method), str_of(CASES[i].path), &name, &allow);
        bool right = (r == NULL) == (CASES[i].route == NULL) &&
                     (r == NULL || (strcmp(r->path, CASES[i].route) == 0 &&
                                    str_eq(name, str_of(CASES[i].name)))) &&
                     str_eq(buf_str(&allow), str_of(CASES[i].allow));
        if (!right) {
            fail_msg("%s %s: %s, %s", CASES[i].method, CASES[i].path, r != NULL ? r->path : "none",
                     buf_cstr(&allow));
        }
        buf_finish(&allow);
    }
    routes_finish(&t);
}

/* The words, with a | behind each; or a part of the sentence that refuses. */
static void test_words(void **state)
{
    (void)state;
    static const struct {
        size_t answer;
        struct http_pair query[3];
        size_t n;
        const char *words, *sentence;
    } CASES[] = {
        {0, {{{0}, {0}}}, 0, "items|--json|--|", NULL},
        {0, {{STR_INIT("aging"), STR_INIT("")}}, 1, "items|--json|--aging|--|", NULL},
        {0, {{STR_INIT("aging"), STR_INIT("true")}}, 1, "items|--json|--aging|--|", NULL},
        {0, {{STR_INIT("aging"), STR_INIT("no")}}, 1, "items|--json|--|", NULL},
        {0, {{STR_INIT("aging"), STR_INIT("perhaps")}}, 1, NULL, "neither yes nor no"},
        {0,
         {{STR_INIT("where"), STR_INIT("a=b")}, {STR_INIT("where"), STR_INIT("--c=d")}},
         2,
         "items|--json|--where=a=b|--where=--c=d|--|",
         NULL},
        {0, {{STR_INIT("limit"), STR_INIT("1000")}}, 1, "items|--json|--limit=1000|--|", NULL},
        {0, {{STR_INIT("limit"), STR_INIT("1001")}}, 1, NULL, "from 1 to 1000"},
        {0, {{STR_INIT("limit"), STR_INIT("0")}}, 1, NULL, "from 1 to 1000"},
        {0, {{STR_INIT("limit"), STR_INIT("")}}, 1, NULL, "from 1 to 1000"},
        {0,
         {{STR_INIT("clock"), STR_INIT("wall")}, {STR_INIT("clock"), STR_INIT("work")}},
         2,
         NULL,
         "twice"},
        {0, {{STR_INIT("store"), STR_INIT("/etc/passwd")}}, 1, NULL, "no parameter \"store\""},
        {0, {{STR_INIT(""), STR_INIT("x")}}, 1, NULL, "no parameter"},
        {1, {{STR_INIT("id"), STR_INIT("--help")}}, 1, "item|--json|--|--help|", NULL},
        {1, {{{0}, {0}}}, 0, NULL, "needs the parameter id"},
        {2, {{{0}, {0}}}, 0, "flow|--json|--visits|--|", NULL},
        {3, {{STR_INIT("id"), STR_INIT("E2103")}}, 1, "help|--|E2103|", NULL},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct buf words = {0};
        struct error why = {0};
        bool right = ask_words(&ANSWERS[CASES[i].answer], CASES[i].query, CASES[i].n, &words, &why);
        for (size_t k = 0; k < words.n; k++) {
            words.p[k] = words.p[k] == 0 ? '|' : words.p[k];
        }
        if (right != (CASES[i].words != NULL) ||
            (right && strcmp(buf_cstr(&words), CASES[i].words) != 0) ||
            (!right && strstr(why.text, CASES[i].sentence) == NULL)) {
            fail_msg("case %zu: %s %s", i, buf_cstr(&words), why.text);
        }
        if (!right) {
            assert_int_equal(problem_code(why.id), 400);
            assert_true(why.hint[0] != 0);
        }
        buf_finish(&words);
    }
}

static const json_t *at(const json_t *doc, const char *path)
{
    str rest = str_of(path), part;
    while (doc != NULL && str_cut(&rest, '>', &part)) {
        char key[64];
        memcpy(key, part.p, part.n);
        key[part.n] = 0;
        int64_t i;
        doc = str_to_i64(part, &i) && json_is_array(doc) ? json_array_get(doc, (size_t)i)
                                                         : json_object_get(doc, key);
    }
    return doc;
}

static void assert_text(const json_t *doc, const char *path, const char *text)
{
    const json_t *found = at(doc, path);
    if (found == NULL || !str_eq(json_text(found), str_of(text))) {
        fail_msg("%s is not %s", path, text);
    }
}

static void test_openapi(void **state)
{
    (void)state;
    struct routes t;
    json_t *doc = NULL;
    struct error why = {0};
    routes_init(&t, &HOST);
    assert_int_equal(json_parse(blob_str(t.openapi), 0, "openapi", &doc, &why), OK);
    assert_text(doc, "openapi", "3.1.0");
    assert_text(doc, "info>version", "1.2.3");
    for (size_t i = 0; i < t.v.n; i++) { /* every route is in it */
        char path[200];
        (void)snprintf(path, sizeof path, "paths>%s>%s>summary", t.v.v[i].path,
                       strcmp(t.v.v[i].method, "GET") == 0    ? "get"
                       : strcmp(t.v.v[i].method, "POST") == 0 ? "post"
                                                              : "delete");
        assert_text(doc, path, t.v.v[i].purpose);
    }
    const char *items = "paths>/api/v1/items>get>parameters";
    assert_int_equal(json_array_size(at(doc, items)), 4);
    assert_text(doc, "paths>/api/v1/items>get>parameters>0>schema>type", "boolean");
    assert_text(doc, "paths>/api/v1/items>get>parameters>1>schema>type", "integer");
    assert_text(doc, "paths>/api/v1/items>get>parameters>2>schema>enum>1", "work");
    assert_text(doc, "paths>/api/v1/items>get>parameters>3>schema>type", "array");
    assert_text(doc, "paths>/api/v1/item/{id}>get>parameters>0>in", "path");
    assert_text(doc, "paths>/api/v1/item/{id}>get>parameters>1>name", "tz");
    assert_int_equal(json_array_size(at(doc, "paths>/api/v1/item/{id}>get>parameters")), 2);
    assert_text(doc,
                "paths>/api/v1/items>get>responses>200>content>application/json>schema>properties>"
                "schema>const",
                "weir.items/1");
    assert_text(doc,
                "paths>/api/v1/items>get>responses>200>content>application/json>schema>properties>"
                "finished>description",
                "how many");
    assert_non_null(
        at(doc, "paths>/api/v1/visits>get>responses>200>content>application/octet-stream"));
    assert_text(doc, "paths>/api/v1/items>get>security>0>token>0", "read");
    assert_int_equal(json_array_size(at(doc, "paths>/healthz>get>security")), 0);
    json_decref(doc);
    routes_finish(&t);
}

static void test_problem(void **state)
{
    (void)state;
    struct error why = {0};
    json_t *doc = NULL;
    error_set(&why, "no parameter \"%s\"", "x\x1b\xff");
    error_id(&why, "E6103");
    error_hint(&why, "look");
    struct blob *b = problem_blob(problem_code(why.id), &why, STR("urn:x"));
    assert_int_equal(json_parse(blob_str(b), 0, "problem", &doc, NULL), OK);
    assert_text(doc, "type", "/help/E6103");
    assert_text(doc, "title", "a parameter is not understood");
    assert_text(doc, "detail", "no parameter \"x\x1b\xef\xbf\xbd\"");
    assert_text(doc, "instance", "urn:x");
    assert_text(doc, "id", "E6103");
    assert_text(doc, "hint", "look");
    assert_int_equal(json_integer_value(at(doc, "status")), 400);
    json_decref(doc);
    blob_drop(b);
    for (const struct problem *p = problems; p->id != NULL; p++) {
        assert_in_range(p->code, 400, 599);
        assert_int_equal(problem_code(p->id), p->code);
    }
    assert_int_equal(problem_code("E1002"), 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_openapi),
        cmocka_unit_test(test_problem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
