/* XES, seen as whole states: what a small log gives, row by row; the oddities of real logs; hostile
 * files; and the counts of the real logs where they are at hand. */
#include "load.h"

#define ZLIB_CONST
#include <zlib.h>

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define EVENT(name, time)                                                                          \
    "<event><string key=\"concept:name\" value=\"" name                                            \
    "\"/><date key=\"time:timestamp\" value=\"" time "\"/></event>\n"

static const struct source_options PLAIN = {0};

static void load(struct loaded *l, const char *text)
{
    load_text(l, &SOURCE_XES, str_of(text), PLAIN);
}

static void expect(const char *text, const char *want)
{
    struct loaded l;
    load(&l, text);
    expect_end(&l);
    expect_text(&l.text, want);
    loaded_finish(&l);
}

static void refused(const char *text, const char *part)
{
    struct loaded l;
    load(&l, text);
    assert_int_equal(l.done, FAIL);
    expect_part(str_of(l.why.text), part);
    assert_int_equal(l.events, 0);
    loaded_finish(&l);
}

static void small_log(void **state)
{
    (void)state;
    struct loaded l;
    load_path(&l, &SOURCE_XES, FIXTURES "/xes/studio.xes", PLAIN);
    expect_end(&l);
    expect_text(&l.text,
                "A case:A-1 - customer=Bäcker & Söhne\n"
                "A case:A-1 - customer.since=2019\n"
                "E case:A-1 event/write 2026-03-02T08:00:00.000000Z by dev <1> of dev instance i1 "
                "life 2 {\"cost\":\"12.50\",\"cost.unit\":\"EUR\",\"tags.tag\":\"one\","
                "\"tags.tag.2\":\"two \\\"2\\\"\",\"done\":\"false\"}\n"
                "E case:A-1 event/write 2026-03-02T09:30:00.250000Z by dev <1> of dev instance i1 "
                "life 5\n"
                "E case:NA event/test 2026-03-03T09:00:00.000000Z from "
                "2026-03-03T08:00:00.000000Z by qa life 5 {\"work place\":\"desk 7\"}\n"
                "E case:A-1 event/ship 1970-01-01T00:00:00.000000Z\n");
    expect_text(&l.columns, "case=concept:name\nactivity=concept:name\ntime=time:timestamp\n"
                            "start=start_timestamp\nlifecycle=lifecycle:transition\n"
                            "resource=org:resource\nteam=org:group\ninstance=concept:instance\n");
    expect_text(&l.notes,
                "\"customer\" is promised for every trace and missing in 2: left empty\n"
                "\"org:resource\" is promised for every event and missing in 1: left empty\n"
                "1 traces have the name of an earlier one: they continue its case\n"
                "times are written to the millisecond\n");
    assert_false(l.incomplete);
    loaded_finish(&l);
}

static void classifiers(void **state)
{
    (void)state;
    const char *path = FIXTURES "/xes/studio.xes";
    struct loaded l;
    load_path(&l, &SOURCE_XES, path, (struct source_options){.classifier = STR("Activity + who")});
    expect_end(&l);
    expect_part(buf_str(&l.text), "E case:A-1 event/write+START+dev <1> 2026-03-02T08:00");
    expect_part(buf_str(&l.text), "E case:A-1 event/ship++ 1970");
    expect_part(buf_str(&l.text), "\"concept:name\":\"write\"");
    expect_part(buf_str(&l.columns), "activity=concept:name + lifecycle:transition + org:resource");
    loaded_finish(&l);
    load_path(&l, &SOURCE_XES, path, (struct source_options){.classifier = STR("With space")});
    expect_end(&l);
    expect_part(buf_str(&l.text), "R 42 work place: the event has no work place | "
                                  "concept:name=ship; time:timestamp=1970");
    expect_part(buf_str(&l.text), "event/desk 7 2026-03-03T09:00");
    loaded_finish(&l);
    load_path(&l, &SOURCE_XES, path, (struct source_options){.classifier = STR("nope")});
    assert_int_equal(l.done, FAIL);
    expect_part(str_of(l.why.text), "there is no classifier \"nope\": the log has \"Activity\", "
                                    "\"Activity + who\", \"With space\"");
    loaded_finish(&l);
    load_path(&l, &SOURCE_XES, path,
              (struct source_options){.classifier = STR("nope"), .activity_column = STR("x")});
    assert_int_equal(l.done, FAIL);
    loaded_finish(&l);
}

static void namespaces(void **state)
{
    (void)state;
    static const char *const ROOTS[][2] = {
        {"<log>", "</log>"},
        {"<log xmlns=\"http://www.xes-standard.org/\">", "</log>"},
        {"<log xmlns=\"http://code.deckfour.org/xes\">", "</log>"},
    };
    for (size_t i = 0; i < 3; i++) {
        struct buf text = {0};
        buf_addf(&text, HEAD "%s<trace><string key=\"concept:name\" value=\"1\"/>%s</trace>%s",
                 ROOTS[i][0], EVENT("a", "2026-01-01T00:00:00Z"), ROOTS[i][1]);
        expect(buf_cstr(&text), "E case:1 event/a 2026-01-01T00:00:00.000000Z\n");
        buf_finish(&text);
    }
    expect("<x:log xmlns:x=\"http://www.xes-standard.org\"><x:trace><x:string key=\"concept:name\" "
           "value=\"1\"/><x:event><x:string key=\"concept:name\" value=\"a\"/><x:date "
           "key=\"time:timestamp\" value=\"2026-01-01T01:00:00+01:00\"/></x:event></x:trace></"
           "x:log>",
           "E case:1 event/a 2026-01-01T00:00:00.000000Z\n");
}

static void entities_and_cdata(void **state)
{
    (void)state;
    expect(HEAD
           "<log><!-- <trace> --><trace><string key=\"concept:name\" value=\"&#66;&lt;&amp;\"/>"
           "<![CDATA[<event/>]]><event><string key=\"concept:name\" value=\"Turn &amp; "
           "Mill\"/><date key=\"time:timestamp\" value=\"2026-01-01T00:00:00Z\"/><string "
           "key=\"a&quot;b\" value=\"x&#10;y\"/></event></trace></log>",
           "E case:B<& event/Turn & Mill 2026-01-01T00:00:00.000000Z {\"a\\\"b\":\"x\\ny\"}\n");
}

static void lifecycles(void **state)
{
    (void)state;
    static const char FORM[] =
        HEAD "<log><trace><string key=\"concept:name\" value=\"1\"/><event><string "
             "key=\"concept:name\" value=\"a\"/><date key=\"time:timestamp\" "
             "value=\"2026-01-01T00:00:00Z\"/><string key=\"lifecycle:transition\" "
             "value=\"%s\"/></event></trace></log>";
    static const struct {
        const char *word, *rest;
    } CASES[] = {
        {"COMPLETE", " life 5\n"},
        {"Start", " life 2\n"},
        {"ate_abort", " life 6\n"},
        {"", "\n"},
        {"Wait - User", " life 8 {\"lifecycle:transition\":\"Wait - User\"}\n"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct buf text = {0}, want = {0};
        buf_addf(&text, FORM, CASES[i].word);
        buf_addf(&want, "E case:1 event/a 2026-01-01T00:00:00.000000Z%s", CASES[i].rest);
        expect(buf_cstr(&text), buf_cstr(&want));
        buf_finish(&text);
        buf_finish(&want);
    }
}

/* Events under <log> itself name their case; who does not is a reject. */
static void stream_log(void **state)
{
    (void)state;
    expect(HEAD
           "<log>\n<event><string key=\"case:concept:name\" value=\"7\"/><string "
           "key=\"concept:name\" value=\"a\"/><date key=\"time:timestamp\" "
           "value=\"2026-01-01T00:00:00Z\"/></event>\n" EVENT("b", "2026-01-01T00:00:01Z") "</log>",
           "E case:7 event/a 2026-01-01T00:00:00.000000Z\n"
           "R 4 case:concept:name: the event stands outside of any trace and has no "
           "case:concept:name | concept:name=b; time:timestamp=2026-01-01T00:00:01Z\n");
}

static void rejects(void **state)
{
    (void)state;
    expect(HEAD "<log><trace><string key=\"concept:name\" value=\"1\"/>\n" EVENT(
               "bad", "2026-13-01T00:00:00Z") "<event><string key=\"concept:name\" value=\"none\"/>"
                                              "</event>\n<event>\n<date key=\"time:timestamp\" "
                                              "value=\"2026-01-01T00:00:00Z\"/>\n</event>\n"
                                              "<event><string key=\"concept:name\" value=\"back\"/>"
                                              "<date key=\"time:timestamp\" "
                                              "value=\"2026-01-01T00:00:00Z\"/><date "
                                              "key=\"start_timestamp\" "
                                              "value=\"2026-01-02T00:00:00Z\"/></event>\n" EVENT(
                                                  "good", "2026-01-01T00:00:00Z") "</trace></log>",
           "E case:1 event/good 2026-01-01T00:00:00.000000Z\n"
           "R 3 time:timestamp: \"2026-13-01T00:00:00Z\" is not a date (month 13) | "
           "concept:name=bad; time:timestamp=2026-13-01T00:00:00Z\n"
           "R 4 time:timestamp: the event has no time:timestamp | concept:name=none\n"
           "R 7 concept:name: the event has no concept:name | "
           "time:timestamp=2026-01-01T00:00:00Z\n"
           "R 8 start_timestamp: the event ends before it starts | concept:name=back; "
           "time:timestamp=2026-01-01T00:00:00Z; start_timestamp=2026-01-02T00:00:00Z\n");
}

static void cases(void **state)
{
    (void)state;
    struct loaded l;
    load(&l,
         HEAD "<log><trace>" EVENT(
             "a",
             "2026-01-01") "</trace><trace><int "
                           "key=\"concept:name\" value=\"0012\"/>" EVENT(
                               "a",
                               "2026-01-01T01:00:00") "</trace><trace><string key=\"concept:name\" "
                                                      "value=\"empty\"/></trace></log>");
    expect_end(&l);
    expect_text(&l.text, "E case:trace 1 event/a 2026-01-01T00:00:00.000000Z\n"
                         "E case:0012 event/a 2026-01-01T01:00:00.000000Z\n");
    expect_part(buf_str(&l.notes), "1 traces have no name");
    expect_part(buf_str(&l.notes), "1 traces have no events");
    expect_part(buf_str(&l.notes), "2 times have no zone: read as UTC");
    loaded_finish(&l);

    struct zone *zone = NULL;
    struct error why = {0};
    assert_int_equal(zone_open(STR("+01:00"), &zone, &why), OK);
    const str question = STR("?");
    load_text(&l, &SOURCE_XES,
              STR(HEAD "<log><trace><string key=\"concept:name\" value=\"?\"/><event><string "
                       "key=\"act\" value=\"x\"/><date key=\"t\" value=\"2026-01-01T01:00:00\"/>"
                       "<string key=\"org:resource\" value=\"?\"/></event></trace></log>"),
              (struct source_options){.zone = zone,
                                      .nulls = &question,
                                      .null_count = 1,
                                      .activity_column = STR("act"),
                                      .time_column = STR("t")});
    expect_end(&l);
    expect_text(&l.text, "E case:trace 1 event/x 2026-01-01T00:00:00.000000Z\n");
    expect_part(buf_str(&l.notes), "1 times have no zone: read as +01:00");
    loaded_finish(&l);
    zone_close(zone);
}

/* Equal events of one file are different facts; the same file again brings the same keys. */
static void identity(void **state)
{
    (void)state;
    const char *text = HEAD
        "<log><trace><string key=\"concept:name\" value=\"1\"/>" EVENT("a", "2026-01-01T00:00:00Z")
            EVENT("a", "2026-01-01T00:00:00Z") "</trace><trace><string "
                                               "key=\"concept:name\" "
                                               "value=\"2\"/>" EVENT(
                                                   "a", "2026-01-01T00:00:00Z") "</trace></log>";
    struct loaded first, again;
    load(&first, text);
    load(&again, text);
    assert_int_equal(first.events, 3);
    assert_int_equal(first.distinct.n, 3);
    assert_memory_equal(first.keys.v, again.keys.v, 3 * sizeof(id128));
    loaded_finish(&first);
    loaded_finish(&again);
}

static void broken_off(void **state)
{
    (void)state;
    struct loaded l;
    const char *good = HEAD "<log><trace><string key=\"concept:name\" value=\"1\"/>\n" EVENT(
        "a", "2026-01-01T00:00:00Z");
    struct buf text = {0};
    buf_addf(&text, "%s<event><string key=\"con", good);
    load_text(&l, &SOURCE_XES, buf_str(&text), PLAIN);
    expect_end(&l);
    assert_true(l.incomplete);
    expect_text(&l.text, "E case:1 event/a 2026-01-01T00:00:00.000000Z\n"
                         "R 4 : the XML breaks off | <string key=\"con\n");
    loaded_finish(&l);
    buf_clear(&text);
    buf_addf(&text, "%s<event></trace>", good);
    load_text(&l, &SOURCE_XES, buf_str(&text), PLAIN);
    expect_end(&l);
    assert_true(l.incomplete);
    expect_part(buf_str(&l.text), "R 4 : the XML is broken: mismatched tag");
    loaded_finish(&l);
    buf_finish(&text);
}

static struct buf gzip_of(str text)
{
    struct buf out = {0};
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    uLong bound = deflateBound(&z, (uLong)text.n);
    z.next_in = (const Bytef *)text.p;
    z.avail_in = (uInt)text.n;
    z.next_out = (Bytef *)buf_room(&out, bound);
    z.avail_out = (uInt)bound;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out.n = z.total_out;
    deflateEnd(&z);
    return out;
}

static struct buf long_log(size_t events, const char *newline)
{
    struct buf text = {0};
    buf_add(&text, STR("<log><trace><string key=\"concept:name\" value=\"1\"/>"));
    for (size_t i = 0; i < events; i++) {
        buf_addf(&text,
                 "<event><string key=\"concept:name\" value=\"a%zu\"/><date "
                 "key=\"time:timestamp\" value=\"2026-01-01T00:%02zu:%02zuZ\"/><int key=\"n\" "
                 "value=\"%zu\"/></event>%s",
                 i % 7, i / 60 % 60, i % 60, i * 7919, newline);
    }
    buf_add(&text, STR("</trace></log>"));
    return text;
}

static void truncated_gzip(void **state)
{
    (void)state;
    struct buf text = long_log(10000, "\n"), gz = gzip_of(buf_str(&text));
    struct loaded l;
    load_text(&l, &SOURCE_XES, buf_str(&gz), PLAIN);
    expect_end(&l);
    assert_int_equal(l.events, 10000);
    assert_int_equal(l.rejects, 0);
    loaded_finish(&l);
    load_text(&l, &SOURCE_XES, str_first(buf_str(&gz), gz.n / 2), PLAIN);
    expect_end(&l);
    assert_true(l.incomplete);
    assert_in_range(l.events, 3000, 9000);
    assert_int_equal(l.rejects, 1);
    expect_part(buf_str(&l.text), "the XML breaks off: the gzip data break off after");
    loaded_finish(&l);
    buf_finish(&text), buf_finish(&gz);
}

/* More events than a batch holds, in a single line of several chunks. */
static void one_long_line(void **state)
{
    (void)state;
    struct buf text = long_log(9000, "");
    struct loaded l;
    load_text(&l, &SOURCE_XES, buf_str(&text), PLAIN);
    expect_end(&l);
    assert_int_equal(l.events, 9000);
    assert_int_equal(l.distinct.n, 9000);
    assert_int_equal(l.activities.n, 7);
    loaded_finish(&l);
    buf_finish(&text);
}

static void other_formats(void **state)
{
    (void)state;
    refused("{\"objectTypes\": []}", "this is OCEL (JSON), not XES");
    refused("{\"a\": 1}", "this is JSON, not XES");
    refused("<pnml><net/></pnml>", "this is a Petri net (PNML), not XES");
    refused("<?xml version='1.0'?><log><object-types/></log>", "this is OCEL (XML), not XES");
    refused("<log><string key=\"a\" value=\"b\"/><objects/></log>", "this is OCEL (XML), not XES");
    refused("case,activity,time\n1,a,2026\n", "this is text of no known format, not XES");
    refused("SQLite format 3", "this is an SQLite database, not XES");
    refused("<a/>", "this is XML, not XES");
    refused("", "is empty");
    refused("<log", "XML");
}

static void hostile(void **state)
{
    (void)state;
    refused(
        "<?xml version=\"1.0\"?><!DOCTYPE log [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b "
        "\"&a;&a;&a;\">]><log><trace><string key=\"concept:name\" value=\"&b;\"/></trace></log>",
        "declares the entity \"a\": refused");
    struct buf text = {0};
    buf_add(&text, STR("<log><trace><event>"));
    for (size_t i = 0; i < 100000; i++) {
        buf_add(&text, STR("<list key=\"a\">"));
    }
    refused(buf_cstr(&text), "nested more than 256 levels deep");
    buf_clear(&text);
    buf_add(&text, STR("<log><trace><event><string key=\"a\" value=\""));
    memset(buf_room(&text, 40 << 20), 'x', 40 << 20);
    text.n += 40 << 20;
    struct buf gz = gzip_of(buf_str(&text));
    struct loaded l;
    load_text(&l, &SOURCE_XES, buf_str(&gz), PLAIN);
    assert_int_equal(l.done, FAIL);
    expect_part(str_of(l.why.text), "line 1: a single tag or text is longer than 16 MiB");
    loaded_finish(&l);
    buf_finish(&gz);
    buf_clear(&text);
    buf_add(&text, STR("<log><trace><event>")); /* many large ones make one large event */
    for (size_t i = 0; i < 20; i++) {
        buf_add(&text, STR("<string key=\"a\" value=\""));
        memset(buf_room(&text, 1 << 20), 'x', 1 << 20);
        text.n += 1 << 20;
        buf_add(&text, STR("\"/>"));
    }
    buf_add(&text, STR("</event></trace></log>"));
    load_text(&l, &SOURCE_XES, buf_str(&text), PLAIN);
    expect_end(&l);
    assert_int_equal(l.rejects, 1);
    expect_part(buf_str(&l.text), "the event is larger than 16 MiB");
    loaded_finish(&l);
    buf_finish(&text);
}

static void several_files(void **state)
{
    (void)state;
    char folder[] = "/tmp/weir-xes-XXXXXX", paths[3][64];
    assert_non_null(mkdtemp(folder));
    static const char *const NAMES[] = {"b.xes", "a.xes", "notes.txt"};
    for (size_t i = 0; i < 3; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/%s", folder, NAMES[i]);
        struct buf text = {0};
        buf_addf(&text, "<log><trace><string key=\"concept:name\" value=\"%s\"/>%s</trace></log>",
                 NAMES[i], EVENT("x", "2026-01-01T00:00:00Z"));
        write_file(paths[i], buf_str(&text));
        buf_finish(&text);
    }
    struct loaded l;
    load_path(&l, &SOURCE_XES, folder, PLAIN);
    expect_end(&l);
    expect_text(&l.text, "E case:a.xes event/x 2026-01-01T00:00:00.000000Z\n"
                         "E case:b.xes event/x 2026-01-01T00:00:00.000000Z\n");
    loaded_finish(&l);
    write_file(paths[1], STR("{}")); /* one wrong file: nothing is read */
    const char *both[] = {paths[0], paths[1]};
    load_paths(&l, &SOURCE_XES, both, 2, PLAIN);
    assert_int_equal(l.done, FAIL);
    loaded_finish(&l);
    for (size_t i = 0; i < 3; i++) {
        unlink(paths[i]);
    }
    load_path(&l, &SOURCE_XES, folder, PLAIN);
    assert_int_equal(l.done, FAIL);
    expect_part(str_of(l.why.text), "holds no .xes file");
    loaded_finish(&l);
    rmdir(folder);
}

static void guesses(void **state)
{
    (void)state;
    assert_in_range(SOURCE_XES.guess(STR("<log><trace/></log>"), "x"), 80, 100);
    assert_in_range(SOURCE_XES.guess(STR("\xef\xbb\xbf <?xml version='1.0'?>\n<log"), "x"), 1, 79);
    assert_int_equal(SOURCE_XES.guess(STR("<log><objects/></log>"), "x"), 0);
    assert_int_equal(SOURCE_XES.guess(STR("a,b\n"), "x"), 0);
}

static void real_logs(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t events, items, activities, starts, completes, statuses;
    } LOGS[] = {
        {"running-example", 42, 6, 8, 0, 0, 0},
        {"receipt", 8577, 1434, 27, 0, 8577, 0},
        {"helpdesk", 21348, 4580, 14, 0, 0, 0},
        {"bpic2013_incidents", 65533, 7554, 4, 0, 0, 65533},
        {"repairExample", 11855, 1104, 8, 4122, 7733, 0},
        {"production", 9906, 225, 26, 4953, 4953, 0},
    };
    for (size_t i = 0; i < sizeof LOGS / sizeof *LOGS; i++) {
        char path[512];
        snprintf(path, sizeof path, SHARED "/data/logs/%s.xes.gz", LOGS[i].name);
        if (!shared_is_here(path)) {
            skip();
        }
        struct loaded l;
        load_path(&l, &SOURCE_XES, path, PLAIN);
        expect_end(&l);
        assert_int_equal(l.events, LOGS[i].events);
        assert_int_equal(l.distinct.n, LOGS[i].events);
        assert_int_equal(l.items.n, LOGS[i].items);
        assert_int_equal(l.activities.n, LOGS[i].activities);
        assert_int_equal(l.lives[LIFE_START], LOGS[i].starts);
        assert_int_equal(l.lives[LIFE_COMPLETE], LOGS[i].completes);
        assert_true(LOGS[i].statuses == 0 || l.lives[LIFE_STATUS] > 0);
        assert_int_equal(l.rejects, 0);
        loaded_finish(&l);
    }
}

static void real_status_log(void **state)
{
    (void)state;
    const char *path = SHARED "/data/logs/bpic2013_incidents.xes.gz";
    if (!shared_is_here(path)) {
        skip();
    }
    struct loaded l;
    load_path(&l, &SOURCE_XES, path,
              (struct source_options){.classifier = STR("Activity classifier")});
    expect_end(&l);
    assert_int_equal(l.activities.n, 13);
    loaded_finish(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_log),      cmocka_unit_test(classifiers),
        cmocka_unit_test(namespaces),     cmocka_unit_test(entities_and_cdata),
        cmocka_unit_test(lifecycles),     cmocka_unit_test(stream_log),
        cmocka_unit_test(rejects),        cmocka_unit_test(cases),
        cmocka_unit_test(identity),       cmocka_unit_test(broken_off),
        cmocka_unit_test(truncated_gzip), cmocka_unit_test(one_long_line),
        cmocka_unit_test(other_formats),  cmocka_unit_test(hostile),
        cmocka_unit_test(several_files),  cmocka_unit_test(guesses),
        cmocka_unit_test(real_logs),      cmocka_unit_test(real_status_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
