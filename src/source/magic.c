/* Magic numbers, then the root element of XML and what stands in it, or the keys of JSON. No
 * parser: the head is cut anywhere, and what is cut must still be told apart. */
#include "source/magic.h"

static const struct {
    str begin;
    size_t at;
    const char *name;
    enum magic kind;
} BYTES[] = {
    {STR_INIT("\x89PNG\r\n"), 0, "a PNG image", MAGIC_OTHER},
    {STR_INIT("\xff\xd8\xff"), 0, "a JPEG image", MAGIC_OTHER},
    {STR_INIT("GIF8"), 0, "a GIF image", MAGIC_OTHER},
    {STR_INIT("%PDF-"), 0, "a PDF document", MAGIC_OTHER},
    {STR_INIT("PK\x03\x04"), 0, "a zip archive (or an Excel or OpenDocument file)", MAGIC_OTHER},
    {STR_INIT("PK\x05\x06"), 0, "an empty zip archive", MAGIC_OTHER},
    {STR_INIT("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), 0, "an old Microsoft Office file (.xls)",
     MAGIC_OTHER},
    {STR_INIT("SQLite format 3"), 0, "an SQLite database", MAGIC_SQLITE},
    {STR_INIT("PAR1"), 0, "Parquet", MAGIC_OTHER},
    {STR_INIT("ARROW1"), 0, "an Arrow file", MAGIC_OTHER},
    {STR_INIT("Obj\x01"), 0, "Avro", MAGIC_OTHER},
    {STR_INIT("ORC"), 0, "ORC", MAGIC_OTHER},
    {STR_INIT("DUCK"), 8, "a DuckDB database", MAGIC_OTHER},
    {STR_INIT("\x7f"
              "ELF"),
     0, "a program", MAGIC_OTHER},
    {STR_INIT("\x1f\x8b"), 0, "gzip inside of compressed data", MAGIC_OTHER},
    {STR_INIT("\x28\xb5\x2f\xfd"), 0, "zstd inside of compressed data", MAGIC_OTHER},
    {STR_INIT("BZh"), 0, "bzip2, which weir does not unpack (gzip and zstd it does)", MAGIC_OTHER},
    {STR_INIT("\xfd"
              "7zXZ"),
     0, "xz, which weir does not unpack (gzip and zstd it does)", MAGIC_OTHER},
    {STR_INIT("7z\xbc\xaf"), 0, "a 7z archive", MAGIC_OTHER},
    {STR_INIT("Rar!"), 0, "a RAR archive", MAGIC_OTHER},
    {STR_INIT("ustar"), 257, "a tar archive", MAGIC_OTHER},
};

enum { LOOK = 4 * MAGIC_HEAD };

static bool has(str s, const char *part)
{
    return str_find(s, str_of(part)) < s.n;
}

static str skip_space(str s)
{
    while (s.n > 0 && (s.p[0] == ' ' || (s.p[0] >= '\t' && s.p[0] <= '\r'))) {
        s = str_from(s, 1);
    }
    return s;
}

static str skip_marks(str s)
{
    if (str_starts(s, STR("\xef\xbb\xbf"))) {
        s = str_from(s, 3);
    }
    s = skip_space(s);
    while (s.n > 0 && s.p[0] == '\x1e') { /* JSON text sequences, RFC 7464 */
        s = skip_space(str_from(s, 1));
    }
    return s;
}

static bool ends_name(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == '/' || c == '>';
}

/* Cuts the next element's tag name (without prefix) off `rest`; comments, declarations and
 * instructions are passed over. Empty: the head ends before one. */
static str next_tag(str *rest)
{
    for (;;) {
        size_t at = str_find_char(*rest, '<');
        str s = str_from(*rest, at + 1);
        if (at >= rest->n || s.n == 0) {
            *rest = (str){0};
            return (str){0};
        }
        if (str_starts(s, STR("!--"))) {
            size_t end = str_find(s, STR("-->"));
            *rest = str_from(s, end < s.n ? end + 3 : s.n);
            continue;
        }
        *rest = s;
        if (s.p[0] == '?' || s.p[0] == '!' || s.p[0] == '/') {
            continue;
        }
        size_t n = 0;
        while (n < s.n && !ends_name(s.p[n])) {
            n++;
        }
        *rest = str_from(s, n);
        str name = str_first(s, n);
        size_t colon = str_find_char(name, ':');
        return colon < name.n ? str_from(name, colon + 1) : name;
    }
}

static bool is_one_of(str name, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (str_eq(name, str_of(*words))) {
            return true;
        }
    }
    return false;
}

/* A global of an object or of the whole log is OCEL 1.0; XES has them of traces and events. */
static bool is_ocel_global(str rest)
{
    static const char *const SCOPES[] = {"scope=\"object\"", "scope='object'", "scope=\"log\"",
                                         "scope='log'"};
    for (size_t i = 0; i < sizeof SCOPES / sizeof *SCOPES; i++) {
        if (has(rest, SCOPES[i])) {
            return true;
        }
    }
    return false;
}

static enum magic of_log(str rest, const char **ret_what)
{
    static const char *const OCEL[] = {"object-types", "event-types", "objects", "events", NULL};
    static const char *const XES[] = {"extension", "trace",     "event", "classifier", "string",
                                      "date",      "int",       "float", "boolean",    "id",
                                      "list",      "container", NULL};
    str tag;
    while ((tag = next_tag(&rest)).n > 0) {
        bool global = str_eq(tag, STR("global"));
        if (is_one_of(tag, OCEL) || (global && is_ocel_global(rest))) {
            *ret_what = "OCEL (XML)";
            return MAGIC_OCEL_XML;
        }
        if (global || is_one_of(tag, XES)) {
            *ret_what = "XES";
            return MAGIC_XES;
        }
    }
    *ret_what = "XML with the root <log>";
    return MAGIC_XML_LOG;
}

static enum magic of_xml(str s, const char **ret_what)
{
    static const struct {
        const char *root, *what;
    } OTHERS[] = {
        {"pnml", "a Petri net (PNML)"},
        {"html", "HTML"},
        {"HTML", "HTML"},
        {"definitions", "a BPMN model"},
        {"testsuites", "a JUnit report"},
        {"testsuite", "a JUnit report"},
        {"WorkflowLog", "MXML (the predecessor of XES)"},
        {"svg", "an SVG picture"},
    };
    str rest = s;
    str root = next_tag(&rest);
    if (str_eq(root, STR("log"))) {
        return of_log(rest, ret_what);
    }
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++) {
        if (str_eq(root, str_of(OTHERS[i].root))) {
            *ret_what = OTHERS[i].what;
            return MAGIC_OTHER;
        }
    }
    if (str_eq_case(str_first(s, 14), STR("<!doctype html"))) {
        *ret_what = "HTML";
        return MAGIC_OTHER;
    }
    *ret_what = "XML";
    return root.n > 0 ? MAGIC_XML : MAGIC_XML_LOG;
}

static enum magic of_json(str s, const char **ret_what)
{
    if (has(s, "\"ocel:")) {
        *ret_what = "OCEL 1.0 (JSON)";
        return MAGIC_OCEL1_JSON;
    }
    if (has(s, "\"objectTypes\"") || has(s, "\"eventTypes\"") ||
        (has(s, "\"objects\"") && has(s, "\"relationships\""))) {
        *ret_what = "OCEL (JSON)";
        return MAGIC_OCEL_JSON;
    }
    if (has(s, "dev.cdevents") || (has(s, "\"context\"") && has(s, "\"subject\"")) ||
        (has(s, "\"specversion\"") && has(s, "\"source\""))) {
        *ret_what = "CDEvents (JSON)";
        return MAGIC_CDEVENTS;
    }
    bool traces = has(s, "\"resourceSpans\"");
    *ret_what = traces ? "OpenTelemetry traces (JSON)" : "JSON";
    return traces ? MAGIC_OTHER : MAGIC_JSON;
}

/* UTF-16 of plain text: every other byte is zero. */
static str narrowed(str head, char room[LOOK])
{
    size_t n = 0;
    for (size_t i = 2; i < head.n; i++) {
        if (head.p[i] != '\0') {
            room[n++] = head.p[i];
        }
    }
    return (str){room, n};
}

/* Few control characters, hardly a NUL. */
static bool is_text(str s)
{
    size_t controls = 0, nuls = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        nuls += c == 0;
        controls += c < 32 && c != '\t' && c != '\n' && c != '\r' && c != '\f';
    }
    return controls * 50 <= s.n && nuls * 50 <= s.n;
}

enum magic magic(str head, const char **ret_what)
{
    const char *nothing = NULL;
    char room[LOOK];
    ret_what = ret_what != NULL ? ret_what : &nothing;
    for (size_t i = 0; i < sizeof BYTES / sizeof *BYTES; i++) {
        bool word = BYTES[i].begin.n == 3 && is_text(str_first(head, LOOK)); /* "ORCHARD,…" */
        if (!word && str_starts(str_from(head, BYTES[i].at), BYTES[i].begin)) {
            *ret_what = BYTES[i].name;
            return BYTES[i].kind;
        }
    }
    head = str_first(head, LOOK);
    bool wide = str_starts(head, STR("\xff\xfe")) || str_starts(head, STR("\xfe\xff"));
    str s = skip_marks(wide ? narrowed(head, room) : head);
    char first = s.n > 0 ? s.p[0] : '\0';
    if (first == '<') {
        return of_xml(s, ret_what);
    }
    if (wide) {
        *ret_what = "UTF-16 text (convert it: iconv -f UTF-16 -t UTF-8)";
        return MAGIC_OTHER;
    }
    if (first == '{' || first == '[') {
        return of_json(s, ret_what);
    }
    if (!is_text(head)) {
        *ret_what = "binary data of no kind that weir knows";
        return MAGIC_OTHER;
    }
    *ret_what = s.n == 0 ? "empty" : "text of no known format";
    return MAGIC_TEXT;
}

const char *magic_name(str head)
{
    const char *what = NULL;
    return magic(head, &what) != MAGIC_TEXT ? what : NULL;
}
