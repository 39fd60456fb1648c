#include "source/magic.h"

#include <string.h>

static const struct {
    str begin;
    size_t at;
    const char *name;
} BYTES[] = {
    {STR_INIT("\x89PNG\r\n"), 0, "a PNG image"},
    {STR_INIT("\xff\xd8\xff"), 0, "a JPEG image"},
    {STR_INIT("GIF8"), 0, "a GIF image"},
    {STR_INIT("%PDF-"), 0, "a PDF document"},
    {STR_INIT("PK\x03\x04"), 0, "a zip archive (or an Excel or OpenDocument file)"},
    {STR_INIT("PK\x05\x06"), 0, "an empty zip archive"},
    {STR_INIT("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), 0, "an old Microsoft Office file (.xls)"},
    {STR_INIT("SQLite format 3\0"), 0, "an SQLite database"},
    {STR_INIT("PAR1"), 0, "Parquet"},
    {STR_INIT("ARROW1"), 0, "an Arrow file"},
    {STR_INIT("Obj\x01"), 0, "Avro"},
    {STR_INIT("ORC"), 0, "ORC"},
    {STR_INIT("DUCK"), 8, "a DuckDB database"},
    {STR_INIT("\x7f"
              "ELF"),
     0, "a program"},
    {STR_INIT("\x1f\x8b"), 0, "gzip inside of compressed data"},
    {STR_INIT("\x28\xb5\x2f\xfd"), 0, "zstd inside of compressed data"},
    {STR_INIT("BZh"), 0, "bzip2, which weir does not unpack (gzip and zstd it does)"},
    {STR_INIT("\xfd"
              "7zXZ"),
     0, "xz, which weir does not unpack (gzip and zstd it does)"},
    {STR_INIT("7z\xbc\xaf"), 0, "a 7z archive"},
    {STR_INIT("Rar!"), 0, "a RAR archive"},
    {STR_INIT("ustar"), 257, "a tar archive"},
    {STR_INIT("\xff\xfe"), 0, "UTF-16 text (convert it: iconv -f UTF-16 -t UTF-8)"},
    {STR_INIT("\xfe\xff"), 0, "UTF-16 text (convert it: iconv -f UTF-16 -t UTF-8)"},
};

enum { LOOK = 16384 };

static bool holds(str s, const char *part)
{
    return str_find(s, str_of(part)) < s.n;
}

/* The name of the first element, behind declaration, comments and document type; its namespace
 * prefix is left out. */
static str root_element(str s)
{
    while (s.n > 0) {
        s = str_from(s, str_find_char(s, '<') + 1);
        if (str_starts(s, STR("!--"))) {
            s = str_from(s, str_find(s, STR("-->")));
        } else if (s.n > 0 && s.p[0] != '?' && s.p[0] != '!') {
            size_t n = 0;
            while (n < s.n && strchr(" \t\r\n/>", s.p[n]) == NULL) {
                n++;
            }
            str name = str_first(s, n);
            size_t colon = str_find_char(name, ':');
            return colon < name.n ? str_from(name, colon + 1) : name;
        }
    }
    return (str){0};
}

static const char *markup(str s)
{
    str root = root_element(s);
    if (str_eq_case(root, STR("html")) ||
        (s.n >= 14 && str_eq_case(str_first(s, 14), STR("<!doctype html")))) {
        return "HTML";
    }
    if (str_eq(root, STR("log"))) {
        return holds(s, "object-types") || holds(s, "event-types") ? "OCEL (XML)" : "XES";
    }
    if (str_eq(root, STR("pnml"))) {
        return "a Petri net (PNML)";
    }
    if (str_eq(root, STR("definitions"))) {
        return "a BPMN model";
    }
    if (str_eq(root, STR("testsuites")) || str_eq(root, STR("testsuite"))) {
        return "a JUnit report";
    }
    return root.n > 0 ? "XML" : NULL;
}

static const char *json(str s)
{
    if (holds(s, "\"objectTypes\"") || holds(s, "\"eventTypes\"")) {
        return "OCEL (JSON)";
    }
    if (holds(s, "\"ocel:")) {
        return "OCEL 1.0 (JSON)";
    }
    if (holds(s, "\"resourceSpans\"")) {
        return "OpenTelemetry traces (JSON)";
    }
    if (s.p[0] == '{' && holds(s, "\"dev.cdevents")) {
        return "CDEvents (JSON)";
    }
    return "JSON";
}

const char *magic_name(str head)
{
    for (size_t i = 0; i < sizeof BYTES / sizeof *BYTES; i++) {
        if (str_starts(str_from(head, BYTES[i].at), BYTES[i].begin)) {
            return BYTES[i].name;
        }
    }
    str s = str_first(head, LOOK);
    if (str_starts(s, STR("\xef\xbb\xbf"))) {
        s = str_from(s, 3);
    }
    s = str_trim(s);
    if (s.n > 0 && s.p[0] == '<') {
        return markup(s);
    }
    if (s.n > 0 && (s.p[0] == '{' || s.p[0] == '[')) {
        return json(s);
    }
    return magic_is_text(head) ? NULL : "binary data of no kind that weir knows";
}

bool magic_is_text(str head)
{
    str s = str_first(head, LOOK);
    size_t controls = 0, nuls = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        nuls += c == 0;
        controls += c < 32 && c != '\t' && c != '\n' && c != '\r' && c != '\f';
    }
    return controls * 50 <= s.n && nuls * 50 <= s.n;
}
