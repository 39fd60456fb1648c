/* What a file is, told from its beginning. */
#include "source/magic.h"

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
        enum magic kind;
        const char *what;
    } CASES[] = {
        {STR_INIT("<?xml version='1.0'?>\n<!-- <events> -->\n<log>\n<extension "), MAGIC_XES,
         "XES"},
        {STR_INIT("<log xmlns='x'><global scope=\"event\"><string"), MAGIC_XES, "XES"},
        {STR_INIT("<x:log><x:trace>"), MAGIC_XES, "XES"},
        {STR_INIT("<log><object-types>"), MAGIC_OCEL_XML, "OCEL (XML)"},
        {STR_INIT("<log><global scope=\"log\">"), MAGIC_OCEL_XML, "OCEL (XML)"},
        {STR_INIT("<?xml version='1.0'?><!-- long"), MAGIC_XML_LOG, "XML"},
        {STR_INIT("<log a='b'"), MAGIC_XML_LOG, "XML with the root <log>"},
        {STR_INIT("<pnml>"), MAGIC_OTHER, "a Petri net (PNML)"},
        {STR_INIT("<!DOCTYPE html><html>"), MAGIC_OTHER, "HTML"},
        {STR_INIT("<a><b/>"), MAGIC_XML, "XML"},
        {STR_INIT("\xff\xfe<\0l\0o\0g\0>\0<\0t\0r\0a\0c\0e\0>\0"), MAGIC_XES, "XES"},
        {STR_INIT("\xef\xbb\xbf {\"objectTypes\":"), MAGIC_OCEL_JSON, "OCEL (JSON)"},
        {STR_INIT("{\"ocel:events\":"), MAGIC_OCEL1_JSON, "OCEL 1.0 (JSON)"},
        {STR_INIT("\x1e{\"context\":{\"type\":\"dev.cdevents.x"), MAGIC_CDEVENTS,
         "CDEvents (JSON)"},
        {STR_INIT("[{\"specversion\":\"1.0\",\"source\":\"x\""), MAGIC_CDEVENTS, "CDEvents (JSON)"},
        {STR_INIT("[1, 2]"), MAGIC_JSON, "JSON"},
        {STR_INIT("SQLite format 3\0"), MAGIC_SQLITE, "an SQLite database"},
        {STR_INIT("\x89PNG\r\n"), MAGIC_OTHER, "a PNG image"},
        {STR_INIT("<?xml version='1.0'?><!DOCTYPE x><x:log/>"), MAGIC_XML_LOG,
         "XML with the root <log>"},
        {STR_INIT("<log><global scope=\"event\"><string key=\"a\" value=\"b\"/></global>"
                  "<global scope=\"object\">"),
         MAGIC_OCEL_XML, "OCEL (XML)"},
        {STR_INIT("<testsuites/>"), MAGIC_OTHER, "a JUnit report"},
        {STR_INIT("<!doctype HTML><p>"), MAGIC_OTHER, "HTML"},
        {STR_INIT("{\"resourceSpans\":"), MAGIC_OTHER, "OpenTelemetry traces (JSON)"},
        {STR_INIT("\xff\xfe"
                  "a\0,\0b\0"),
         MAGIC_OTHER, "UTF-16 text (convert it: iconv -f UTF-16 -t UTF-8)"},
        {STR_INIT("PK\x03\x04"), MAGIC_OTHER, "a zip archive (or an Excel or OpenDocument file)"},
        {STR_INIT("ORC\x0a\x03\x00"), MAGIC_OTHER, "ORC"},
        {STR_INIT("ORCHARD,apple\n"), MAGIC_TEXT, "text of no known format"},
        {STR_INIT("\x01\x02\x03\x04"), MAGIC_OTHER, "binary data of no kind that weir knows"},
        {STR_INIT("case;activity\n"), MAGIC_TEXT, "text of no known format"},
        {STR_INIT(""), MAGIC_TEXT, "empty"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const char *what = NULL;
        assert_int_equal(magic(CASES[i].head, &what), CASES[i].kind);
        assert_string_equal(what, CASES[i].what);
        const char *name = magic_name(CASES[i].head);
        assert_true((name == NULL) == (CASES[i].kind == MAGIC_TEXT));
        for (size_t n = 0; n < CASES[i].head.n; n++) { /* cut anywhere: no crash */
            magic(str_first(CASES[i].head, n), NULL);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kinds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
