/* What a file is, told from its beginning. */
#include "source/sniff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void kinds(void **state)
{
    (void)state;
    static const struct {
        str head;
        enum sniff kind;
        const char *what;
    } CASES[] = {
        {STR_INIT("<?xml version='1.0'?>\n<!-- <events> -->\n<log>\n<extension "), SNIFF_XES,
         "XES"},
        {STR_INIT("<log xmlns='x'><global scope=\"event\"><string"), SNIFF_XES, "XES"},
        {STR_INIT("<x:log><x:trace>"), SNIFF_XES, "XES"},
        {STR_INIT("<log><object-types>"), SNIFF_OCEL_XML, "OCEL in XML"},
        {STR_INIT("<log><global scope=\"log\">"), SNIFF_OCEL_XML, "OCEL in XML"},
        {STR_INIT("<?xml version='1.0'?><!-- long"), SNIFF_XML_LOG, "XML"},
        {STR_INIT("<log a='b'"), SNIFF_XML_LOG, "XML with the root <log>"},
        {STR_INIT("<pnml>"), SNIFF_OTHER, "PNML (a Petri net)"},
        {STR_INIT("<!DOCTYPE html><html>"), SNIFF_OTHER, "an HTML page"},
        {STR_INIT("<a><b/>"), SNIFF_XML, "XML of another kind"},
        {STR_INIT("\xff\xfe<\0l\0o\0g\0>\0<\0t\0r\0a\0c\0e\0>\0"), SNIFF_XES, "XES"},
        {STR_INIT("\xef\xbb\xbf {\"objectTypes\":"), SNIFF_OCEL_JSON, "OCEL 2.0 in JSON"},
        {STR_INIT("{\"ocel:events\":"), SNIFF_OCEL1_JSON, "OCEL 1.0 in JSON"},
        {STR_INIT("\x1e{\"context\":{\"type\":\"dev.cdevents.x"), SNIFF_CDEVENTS, "CDEvents"},
        {STR_INIT("[{\"specversion\":\"1.0\",\"source\":\"x\""), SNIFF_CDEVENTS, "CDEvents"},
        {STR_INIT("[1, 2]"), SNIFF_JSON, "JSON of another kind"},
        {STR_INIT("SQLite format 3\0"), SNIFF_SQLITE, "an SQLite database"},
        {STR_INIT("\x89PNG\r\n"), SNIFF_OTHER, "a PNG picture"},
        {STR_INIT("case;activity\n"), SNIFF_UNKNOWN, "plain text or unknown data"},
        {STR_INIT(""), SNIFF_UNKNOWN, "empty"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const char *what = NULL;
        assert_int_equal(sniff(CASES[i].head, &what), CASES[i].kind);
        assert_string_equal(what, CASES[i].what);
        for (size_t n = 0; n < CASES[i].head.n; n++) { /* cut anywhere: no crash */
            sniff(str_first(CASES[i].head, n), NULL);
        }
    }
    assert_int_equal(sniff_first(STR("\xef\xbb\xbf\n {")), '{');
    assert_int_equal(sniff_first(STR("  ")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kinds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
