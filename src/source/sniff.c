/* Looks at the first bytes: magic numbers, then the root element of XML or the first keys of JSON.
 * No parser: the head is cut anywhere, and what is cut must still be told apart. */
#include "source/sniff.h"

enum { ROOT_NAME = 64 };

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

char sniff_first(str head)
{
    str s = skip_marks(head);
    return s.n > 0 ? s.p[0] : '\0';
}

static bool has(str s, const char *part)
{
    return str_find(s, str_of(part)) < s.n;
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

static enum sniff sniff_log(str rest, const char **ret_what)
{
    static const char *const OCEL[] = {"object-types", "event-types", "objects", "events", NULL};
    static const char *const XES[] = {"extension", "trace",     "event", "classifier", "string",
                                      "date",      "int",       "float", "boolean",    "id",
                                      "list",      "container", NULL};
    str tag;
    while ((tag = next_tag(&rest)).n > 0) {
        if (is_one_of(tag, OCEL)) {
            *ret_what = "OCEL in XML";
            return SNIFF_OCEL_XML;
        }
        if (is_one_of(tag, XES)) {
            *ret_what = "XES";
            return SNIFF_XES;
        }
        if (str_eq(tag, STR("global"))) {
            bool ocel = has(str_first(rest, 200), "\"log\"") || has(rest, "ocel");
            *ret_what = ocel ? "OCEL in XML" : "XES";
            return ocel ? SNIFF_OCEL_XML : SNIFF_XES;
        }
    }
    *ret_what = "XML with the root <log>";
    return SNIFF_XML_LOG;
}

static enum sniff sniff_xml(str s, const char **ret_what)
{
    static const struct {
        const char *root, *what;
    } OTHERS[] = {
        {"pnml", "PNML (a Petri net)"},
        {"html", "an HTML page"},
        {"HTML", "an HTML page"},
        {"definitions", "BPMN (a process model)"},
        {"testsuites", "JUnit test results"},
        {"testsuite", "JUnit test results"},
        {"WorkflowLog", "MXML (the predecessor of XES)"},
        {"svg", "an SVG picture"},
    };
    str rest = s;
    str root = next_tag(&rest);
    if (str_eq(root, STR("log"))) {
        return sniff_log(rest, ret_what);
    }
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++) {
        if (str_eq(root, str_of(OTHERS[i].root))) {
            *ret_what = OTHERS[i].what;
            return SNIFF_OTHER;
        }
    }
    if (root.n == 0 && str_find(s, STR("<!DOCTYPE html")) < s.n) {
        *ret_what = "an HTML page";
        return SNIFF_OTHER;
    }
    *ret_what = root.n > 0 ? "XML of another kind" : "XML";
    return root.n > 0 ? SNIFF_XML : SNIFF_XML_LOG;
}

static enum sniff sniff_json(str s, const char **ret_what)
{
    if (has(s, "\"ocel:")) {
        *ret_what = "OCEL 1.0 in JSON";
        return SNIFF_OCEL1_JSON;
    }
    if (has(s, "\"objectTypes\"") || has(s, "\"eventTypes\"") ||
        (has(s, "\"objects\"") && has(s, "\"relationships\""))) {
        *ret_what = "OCEL 2.0 in JSON";
        return SNIFF_OCEL_JSON;
    }
    if (has(s, "dev.cdevents") || (has(s, "\"context\"") && has(s, "\"subject\"")) ||
        (has(s, "\"specversion\"") && has(s, "\"source\""))) {
        *ret_what = "CDEvents";
        return SNIFF_CDEVENTS;
    }
    *ret_what = "JSON of another kind";
    return SNIFF_JSON;
}

/* UTF-16 of plain text: every other byte is zero. */
static str narrowed(str head, char room[SNIFF_HEAD])
{
    bool marked = str_starts(head, STR("\xff\xfe")) || str_starts(head, STR("\xfe\xff"));
    if (!marked) {
        return head;
    }
    size_t n = 0;
    for (size_t i = 2; i < head.n && n < SNIFF_HEAD; i++) {
        if (head.p[i] != '\0') {
            room[n++] = head.p[i];
        }
    }
    return (str){room, n};
}

enum sniff sniff(str head, const char **ret_what)
{
    static const struct {
        str magic;
        const char *what;
    } MAGIC[] = {
        {STR_INIT("%PDF"), "a PDF document"},
        {STR_INIT("PK\x03\x04"), "a zip archive"},
        {STR_INIT("\x89PNG"), "a PNG picture"},
        {STR_INIT("\xff\xd8\xff"), "a JPEG picture"},
        {STR_INIT("PAR1"), "Parquet"},
        {STR_INIT("\x7f"
                  "ELF"),
         "a program"},
        {STR_INIT("BZh"), "bzip2 data (not supported; decompress it first)"},
        {STR_INIT("\xfd"
                  "7zXZ"),
         "xz data (not supported; decompress it first)"},
        {STR_INIT("7z\xbc\xaf"), "a 7-Zip archive"},
    };
    const char *nothing = NULL;
    ret_what = ret_what != NULL ? ret_what : &nothing;
    if (str_starts(head, STR("SQLite format 3"))) {
        *ret_what = "an SQLite database";
        return SNIFF_SQLITE;
    }
    for (size_t i = 0; i < sizeof MAGIC / sizeof *MAGIC; i++) {
        if (str_starts(head, MAGIC[i].magic)) {
            *ret_what = MAGIC[i].what;
            return SNIFF_OTHER;
        }
    }
    char room[SNIFF_HEAD];
    str s = skip_marks(narrowed(head, room));
    char first = s.n > 0 ? s.p[0] : '\0';
    if (first == '<') {
        return sniff_xml(s, ret_what);
    }
    if (first == '{' || first == '[') {
        return sniff_json(s, ret_what);
    }
    *ret_what = s.n == 0 ? "empty" : "plain text or unknown data";
    return SNIFF_UNKNOWN;
}
