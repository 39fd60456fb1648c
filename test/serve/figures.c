#include "serve/figures.h"

#include "serve/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *line_of(const char *text, const char *begin)
{
    for (const char *p = text; (p = strstr(p, begin)) != NULL; p++) {
        if (p == text || p[-1] == '\n') {
            return p + strlen(begin);
        }
    }
    fail_msg("there is no %s", begin);
    return NULL;
}

static void test_print(void **state)
{
    (void)state;
    struct figures f;
    struct buf out = {0};
    const struct figures_store store = {.bytes = 1000, .events = 7, .version = "1.2"};
    figures_init(&f);
    figures_request(&f, "/api/v1/map", 200, 0.002);
    figures_request(&f, "/api/v1/map", 200, 0.3);
    figures_request(&f, "/api/v1/map", 404, 99);
    figures_request(&f, "other", 421, 0.0001);
    figures_query(&f, "map", 0.02);
    figures_failure(&f, 2);
    figures_cache(&f, true);
    figures_print(&f, &store, &out);
    const char *text = buf_cstr(&out);
    assert_int_equal(
        atoi(line_of(text, "weir_http_requests_total{route=\"/api/v1/map\",code=\"200\"} ")), 2);
    assert_int_equal(
        atoi(line_of(text, "weir_http_requests_total{route=\"/api/v1/map\",code=\"404\"} ")), 1);
    assert_int_equal(
        atoi(line_of(text,
                     "weir_http_request_seconds_bucket{route=\"/api/v1/map\",le=\"0.0025\"} ")),
        1);
    assert_int_equal(
        atoi(line_of(text, "weir_http_request_seconds_bucket{route=\"/api/v1/map\",le=\"0.5\"} ")),
        2);
    assert_int_equal(
        atoi(line_of(text, "weir_http_request_seconds_bucket{route=\"/api/v1/map\",le=\"10\"} ")),
        2);
    assert_int_equal(
        atoi(line_of(text, "weir_http_request_seconds_bucket{route=\"/api/v1/map\",le=\"+Inf\"} ")),
        3);
    assert_int_equal(atoi(line_of(text, "weir_http_request_seconds_count{route=\"/api/v1/map\"} ")),
                     3);
    assert_int_equal(atoi(line_of(text, "weir_store_rows{kind=\"event\"} ")), 7);
    assert_int_equal(atoi(line_of(text, "weir_auth_failures_total{reason=\"wrong\"} ")), 1);
    assert_int_equal(atoi(line_of(text, "weir_answers_cached_total ")), 1);
    assert_true(atof(line_of(text, "process_start_time_seconds ")) > 1.6e9);
    assert_true(atof(line_of(text, "process_open_fds ")) >= 3);
    assert_true(atof(line_of(text, "process_resident_memory_bytes ")) > 1e5);

    /* Every name has its HELP and TYPE, once and before its first value; counters end in _total. */
    str rest = buf_str(&out), line, last = {"", 0};
    bool helped = false;
    while (rest.n > 0 && str_cut(&rest, '\n', &line)) {
        if (str_starts(line, STR("# HELP "))) {
            last = str_from(line, 7);
            last = str_first(last, str_find_char(last, ' '));
            helped = true;
            assert_true(line.p[line.n - 1] == '.');
        } else if (str_starts(line, STR("# TYPE "))) {
            assert_true(helped && str_starts(str_from(line, 7), last));
            assert_int_equal(str_ends(line, STR(" counter")), str_ends(last, STR("_total")));
        } else {
            assert_true(helped && str_starts(line, last));
        }
    }
    figures_finish(&f);
    buf_finish(&out);
}

static void test_journal(void **state)
{
    (void)state;
    struct buf out = {0};
    struct journal plain = {false, 0}, json = {true, 0};
    const struct journal_pair pairs[] = {{"route", STR_INIT("/a")},
                                         {"empty", {"", 0}},
                                         {"error", STR_INIT("say \"no\"\nlevel=info x")},
                                         {NULL, {NULL, 0}}};
    journal_format(&plain, JOURNAL_WARN, "T", "two words", pairs, &out);
    assert_string_equal(buf_cstr(&out), "time=T level=warn msg=\"two words\" route=/a error=\"say "
                                        "\\\"no\\\"\\nlevel=info x\"\n");
    journal_format(&json, JOURNAL_INFO, "T", "request", pairs, &out);
    assert_string_equal(buf_cstr(&out),
                        "{\"time\":\"T\",\"level\":\"info\",\"msg\":\"request\",\"route\":\"/a\","
                        "\"error\":\"say \\\"no\\\"\\nlevel=info x\"}\n");
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_print),
                                       cmocka_unit_test(test_journal)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
