/* OCEL: one small log in its three carriers gives one content; then the oddities, hostile
 * databases, and the real logs where they are at hand. The SQLite files are made here. */
#include "load.h"

#include <sqlite3.h>

#define SHOP                                                                                       \
    "A order:o1 - price=10\n"                                                                      \
    "A order:o1 2026-03-02T09:30:00.000000Z price=12\n"                                            \
    "L order:o1 contains(stated 1.00) item:i1\n"                                                   \
    "L parcel:p1 related(stated 1.00) item:i1\n"                                                   \
    "E order:o1 event/order 2026-03-02T09:00:00.000000Z [item item:i1] [item unknown:ghost]\n"     \
    "E parcel:p1 event/send 2026-03-02T10:00:00.000000Z [parcel parcel:p1] [ item:i1] "            \
    "{\"by\":\"Ünal\",\"weight\":\"2\"}\n"                                                        \
    "E - event/tick 2026-03-02T10:00:00.000000Z\n"

static struct zone *berlin(void) /* in winter */
{
    struct zone *zone = NULL;
    struct error why = {0};
    assert_int_equal(zone_open(STR("+01:00"), &zone, &why), OK);
    return zone;
}

static void make_db(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    unlink(path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) {
        fail_msg("%s", message);
    }
    sqlite3_close(db);
}

static struct buf file_text(const char *path)
{
    struct buf text = {0};
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t n;
    while ((n = fread(buf_room(&text, 4096), 1, 4096, file)) > 0) {
        text.n += n;
    }
    fclose(file);
    return text;
}

/* A database with the shop in it and what `more` does to it. */
static void load_db(struct loaded *l, const char *more, struct source_options options)
{
    char folder[] = "/tmp/weir-ocel-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a #?%%.sqlite", folder);
    struct buf sql = file_text(FIXTURES "/ocel/shop.sql");
    buf_add(&sql, str_of(more));
    make_db(path, buf_cstr(&sql));
    load_path(l, &SOURCE_OCEL, path, options);
    buf_finish(&sql);
    unlink(path);
    rmdir(folder);
}

static void three_carriers(void **state)
{
    (void)state;
    struct zone *zone = berlin();
    struct loaded json, xml, db;
    load_path(&json, &SOURCE_OCEL, FIXTURES "/ocel/shop.jsonocel", (struct source_options){0});
    load_path(&xml, &SOURCE_OCEL, FIXTURES "/ocel/shop.xmlocel",
              (struct source_options){.zone = zone});
    load_db(&db, "", (struct source_options){.zone = zone});
    expect_end(&json), expect_end(&xml), expect_end(&db);
    expect_text(&json.text, SHOP);
    expect_text(&xml.text, SHOP);
    expect_text(&db.text, SHOP);
    assert_memory_equal(json.keys.v, xml.keys.v, 3 * sizeof(id128));
    assert_memory_equal(json.keys.v, db.keys.v, 3 * sizeof(id128));
    assert_int_equal(json.distinct.n, 3);
    expect_text(&json.notes, "1 objects are referred to but not listed: kept with the type "
                             "\"unknown\"\n2 relations are repeated: each counts once\n"
                             "1 events are about no object\n");
    expect_part(buf_str(&xml.notes), "4 times have no zone: read as +01:00");
    expect_part(buf_str(&db.notes), "the type \"never\" has no table of its own named "
                                    "\"event_Never\"");
    loaded_finish(&json), loaded_finish(&xml), loaded_finish(&db);
    zone_close(zone);
}

static void version1(void **state)
{
    (void)state;
    struct loaded l;
    load_text(&l, &SOURCE_OCEL,
              STR("{\"ocel:global-log\": {\"ocel:version\": \"1.0\"}, \"ocel:events\": {\n"
                  "\"e\\u0031\": {\"ocel:activity\": \"place\", \"ocel:timestamp\": "
                  "\"2026-01-01T00:00:00Z\", \"ocel:omap\": [\"o1\", \"i1\"], \"ocel:vmap\": "
                  "{\"n\": 2.5, \"ok\": true, \"none\": null}},\n"
                  "\"e2\": {\"ocel:activity\": \"place\", \"ocel:omap\": []}},\n"
                  "\"ocel:objects\": {\"o1\": {\"ocel:type\": \"order\", \"ocel:ovmap\": "
                  "{\"price\": 3}}, \"i1\": {\"ocel:type\": \"item\", \"ocel:ovmap\": {}}}}"),
              (struct source_options){0});
    expect_end(&l);
    expect_text(&l.text,
                "R 3 ocel:timestamp: \"\" is not a date (there is none) | {\"ocel:activity\": "
                "\"place\", \"ocel:omap\": []}\n"
                "A order:o1 - price=3\n"
                "E order:o1 event/place 2026-01-01T00:00:00.000000Z [ item:i1] "
                "{\"n\":\"2.5\",\"ok\":\"true\"}\n");
    struct loaded xml; /* the same as XML, and what is wrong in other ways */
    load_path(&xml, &SOURCE_OCEL, FIXTURES "/ocel/version1.xmlocel", (struct source_options){0});
    expect_end(&xml);
    expect_part(buf_str(&xml.text), "omap: a related object has no id");
    expect_part(buf_str(&xml.text), "R 25 timestamp: there is no timestamp");
    expect_part(buf_str(&xml.text), "R 30 timestamp: \"soon\" is not a date");
    expect_part(buf_str(&xml.text), "type: there is no type");
    assert_int_equal(xml.rejects, 4);
    assert_non_null(strstr(buf_cstr(&xml.text),
                           "A order:o1 - price=3\n"
                           "E order:o1 event/place 2026-01-01T00:00:00.000000Z [ item:i1] "
                           "{\"n\":\"2.5\",\"ok\":\"true\"}\n"));
    assert_int_equal(xml.events, 1);
    assert_memory_equal(l.keys.v, xml.keys.v, sizeof(id128));
    assert_in_range(
        SOURCE_OCEL.guess(STR("<log><global scope=\"event\"/><global scope=\"object\">"), "x"), 80,
        100);
    loaded_finish(&xml);
    loaded_finish(&l);
}

static void bad_records(void **state)
{
    (void)state;
    struct loaded l;
    load_text(&l, &SOURCE_OCEL,
              STR("{\"objectTypes\": [], \"objects\": [\n{\"type\": \"a\"},\n{\"id\": 7, \"type\": "
                  "\"a\", \"attributes\": [{\"name\": \"x\", \"time\": \"soon\", \"value\": 1}]},\n"
                  "{\"id\": \"b\"}], \"events\": [\n{\"id\": \"e\", \"type\": \"t\", \"time\": "
                  "\"2026-02-30T00:00:00Z\"},\n{\"id\": \"f\", \"type\": \"t\", \"time\": "
                  "\"2026-02-03T00:00:00Z\", \"relationships\": [{\"qualifier\": \"q\"}, "
                  "{\"objectId\": 7}]},\n{\"id\": nonsense}, 12, {\"id\": \"g\", \"time\": "
                  "\"2026-02-03T00:00:00Z\"}]}"),
              (struct source_options){0});
    expect_end(&l);
    assert_int_equal(l.events, 1);
    assert_int_equal(l.rejects, 7);
    expect_part(buf_str(&l.text), "E a:7 event/t 2026-02-03T00:00:00.000000Z\n");
    expect_part(buf_str(&l.text), "R 2 id: the object has no id");
    expect_part(buf_str(&l.text), "R 3 time: \"soon\" is not a date");
    expect_part(buf_str(&l.text), "R 4 type: the object has no type");
    expect_part(buf_str(&l.text), "R 5 time: \"2026-02-30T00:00:00Z\" is not a date");
    expect_part(buf_str(&l.text), "R 6 objectId: a relationship names no object");
    expect_part(buf_str(&l.text), "R 7 : the record: line 1");
    expect_part(buf_str(&l.text), "R 7 type: the event has no type");
    expect_part(buf_str(&l.notes), "1 entries are no JSON objects");
    loaded_finish(&l);
    load_text(&l, &SOURCE_OCEL,
              STR("<log><objects><object id=\"o\"/></objects><events>\n<event id=\"e\" "
                  "type=\"t\"/>\n<event type=\"t\" time=\"2026-01-01\"/>\n<event id=\"e\" "
                  "type=\"t\" time=\"31/02\"><attributes><attribute name=\"lost\">1</attribute>"
                  "</attributes></event><event id=\"f\" type=\"t\" time=\"2026-01-01\"><objects>"
                  "<relationship/></objects></event></events></log>"),
              (struct source_options){0});
    expect_end(&l);
    assert_int_equal(l.events, 1);
    assert_int_equal(l.rejects, 5);
    expect_part(buf_str(&l.text), "R 2 time: the event has no time | <event id=\"e\" type=\"t\"/>");
    expect_part(buf_str(&l.text), "R 3 id: there is no id");
    expect_part(buf_str(&l.text), "R 4 time: \"31/02\" is not a date");
    expect_part(buf_str(&l.text), "R 4 object-id: a relationship names no object");
    loaded_finish(&l);
}

static void broken_off(void **state)
{
    (void)state;
    static const char *const FILES[] = {FIXTURES "/ocel/shop.jsonocel",
                                        FIXTURES "/ocel/shop.xmlocel"};
    for (size_t f = 0; f < 2; f++) {
        struct buf text = file_text(FILES[f]);
        for (size_t n = 80; n + 4 < text.n; n += 61) { /* wherever it is cut: said, no crash */
            struct loaded l;
            load_text(&l, &SOURCE_OCEL, str_first(buf_str(&text), n), (struct source_options){0});
            if (l.done == END) {
                assert_true(l.incomplete);
                assert_true(l.rejects > 0);
            } else {
                assert_int_equal(l.done, FAIL);
            }
            loaded_finish(&l);
        }
        buf_finish(&text);
    }
}

static void database_oddities(void **state)
{
    (void)state;
    struct loaded l;
    load_db(&l,
            "INSERT INTO event VALUES ('lost', 'tick');"
            "INSERT INTO event_Tick VALUES ('extra', '2026-03-02 12:00:00'), ('bad', 'noon');"
            "INSERT INTO event_object VALUES ('nobody', 'o1', ''), ('extra', 7, NULL);"
            "INSERT INTO object_map_type VALUES ('again', 'Item');"
            "INSERT INTO object_Item VALUES (7, NULL);",
            (struct source_options){0});
    expect_end(&l);
    expect_part(buf_str(&l.text), "E item:7 event/tick 2026-03-02T12:00:00.000000Z\n");
    expect_part(buf_str(&l.text), "R 0 event_Tick: the ocel_time \"noon\" is not a date (no year");
    expect_part(buf_str(&l.text), "R 0 event_object: the relation is to an event that does not "
                                  "exist or has no time | nobody");
    expect_part(buf_str(&l.text), "R 0 ocel_time: the event of the type \"tick\" has no row in the "
                                  "table of its type: it has no time | lost");
    expect_part(buf_str(&l.notes), "1 events are not listed in the table of all events: kept");
    assert_int_equal(l.rejects, 3);
    loaded_finish(&l);
}

/* A view could run without end: it is not read. A computed value is held to the limit. */
static void hostile_database(void **state)
{
    (void)state;
    struct loaded l;
    load_db(&l,
            "DROP TABLE event_Tick;"
            "CREATE VIEW event_Tick AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
            "FROM n) SELECT 'x' || i AS ocel_id, '2026-01-01' AS ocel_time FROM n;",
            (struct source_options){0});
    expect_end(&l);
    assert_int_equal(l.events, 2);
    loaded_finish(&l);
    load_db(&l,
            "DROP TABLE event_Tick;"
            "CREATE TABLE event_Tick (ocel_id TEXT, ocel_time TEXT, big TEXT AS "
            "(hex(zeroblob(9000000))));"
            "INSERT INTO event_Tick VALUES ('e3', '2026-03-02');",
            (struct source_options){0});
    expect_end(&l);
    assert_true(l.incomplete);
    assert_int_equal(l.events, 2);
    expect_part(buf_str(&l.text), "R 0 event_Tick: the table cannot be read: ");
    loaded_finish(&l);
    load_db(&l, "DROP TABLE event; CREATE VIEW event AS SELECT 'e1' AS ocel_id;",
            (struct source_options){0});
    assert_int_equal(l.done, FAIL);
    expect_part(str_of(l.why.text), "without the table \"event\", not OCEL 2.0");
    loaded_finish(&l);
}

static void damaged_database(void **state)
{
    (void)state;
    char path[] = "/tmp/weir-ocel-XXXXXX";
    close(mkstemp(path));
    struct buf sql = file_text(FIXTURES "/ocel/shop.sql");
    make_db(path, buf_cstr(&sql));
    struct buf bytes = file_text(path);
    unlink(path);
    for (size_t n = 512; n < bytes.n; n += 3001) { /* cut */
        struct loaded l;
        load_text(&l, &SOURCE_OCEL, str_first(buf_str(&bytes), n), (struct source_options){0});
        assert_true(l.done == FAIL || l.done == END);
        loaded_finish(&l);
    }
    for (size_t at = 100; at < bytes.n; at += 997) { /* overwritten */
        struct buf bad = {0};
        buf_add(&bad, buf_str(&bytes));
        for (size_t i = at; i < at + 40 && i < bad.n; i++) {
            bad.p[i] = (char)(bad.p[i] ^ 0xa5);
        }
        struct loaded l;
        load_text(&l, &SOURCE_OCEL, buf_str(&bad), (struct source_options){0});
        assert_true(l.done == FAIL || l.done == END);
        loaded_finish(&l);
        buf_finish(&bad);
    }
    buf_finish(&bytes), buf_finish(&sql);
}

static void refused(str text, const char *part, struct source_options options)
{
    struct loaded l;
    load_text(&l, &SOURCE_OCEL, text, options);
    assert_int_equal(l.done, FAIL);
    expect_part(str_of(l.why.text), part);
    loaded_finish(&l);
}

static void other_formats(void **state)
{
    (void)state;
    const struct source_options none = {0};
    refused(STR("<log><trace/></log>"), "this is XES, not OCEL", none);
    refused(STR("<log><!-- long --><x/><trace/></log>"), "this is XES, not OCEL", none);
    refused(STR("{\"a\": [{\"b\": 1}]}"), "this is JSON of another kind, not OCEL", none);
    refused(STR("a,b\n1,2\n"), "not OCEL", none);
    refused(STR("<!DOCTYPE log [<!ENTITY e \"x\">]><log><events/></log>"), "refused", none);
    refused(STR("{\"objectTypes\": []}"), "leave out the case column",
            (struct source_options){.case_column = STR("x")});
    assert_in_range(SOURCE_OCEL.guess(STR("{\"objectTypes\": ["), "x"), 80, 100);
    assert_int_equal(SOURCE_OCEL.guess(STR("<log><trace/></log>"), "x"), 0);
}

static void real_example(void **state)
{
    (void)state;
    if (!shared_is_here(SHARED "/data/logs/ocel/ocel20_example.jsonocel")) {
        skip();
    }
    struct zone *zone = berlin();
    static const char *const ENDINGS[] = {"jsonocel", "xmlocel", "sqlite.gz"};
    struct loaded all[3];
    for (size_t i = 0; i < 3; i++) {
        char path[512];
        snprintf(path, sizeof path, SHARED "/data/logs/ocel/ocel20_example.%s", ENDINGS[i]);
        load_path(&all[i], &SOURCE_OCEL, path, (struct source_options){.zone = zone});
        expect_end(&all[i]);
        assert_int_equal(all[i].events, 13);
        assert_int_equal(all[i].names.item_n - 1, 9);
        assert_int_equal(all[i].relations, 20);
        assert_int_equal(all[i].links, 7);
        assert_int_equal(all[i].rejects, 0);
        expect_text(&all[i].text, buf_cstr(&all[0].text));
        assert_memory_equal(all[i].keys.v, all[0].keys.v, 13 * sizeof(id128));
    }
    for (size_t i = 0; i < 3; i++) {
        loaded_finish(&all[i]);
    }
    zone_close(zone);
}

static void real_simulated(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t events, relations, objects, links;
        const char *note;
    } LOGS[] = {
        {"logistics", 8727, 16738, 970 + 2540, 3960, "2540 objects are referred to but not listed"},
        {"running-example", 18211, 35857, 10031, 25336, ""},
    };
    for (size_t i = 0; i < 2; i++) {
        char path[512];
        snprintf(path, sizeof path, SHARED "/data/logs/ocel/%s.sqlite.gz", LOGS[i].name);
        if (!shared_is_here(path)) {
            skip();
        }
        struct loaded l;
        load_path(&l, &SOURCE_OCEL, path, (struct source_options){0});
        expect_end(&l);
        assert_int_equal(l.events, LOGS[i].events);
        assert_int_equal(l.distinct.n, LOGS[i].events);
        assert_int_equal(l.relations, LOGS[i].relations);
        assert_int_equal(l.names.item_n - 1, LOGS[i].objects);
        assert_int_equal(l.links, LOGS[i].links);
        assert_int_equal(l.rejects, 0);
        expect_part(buf_str(&l.notes), LOGS[i].note);
        loaded_finish(&l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_carriers),    cmocka_unit_test(version1),
        cmocka_unit_test(bad_records),       cmocka_unit_test(broken_off),
        cmocka_unit_test(database_oddities), cmocka_unit_test(hostile_database),
        cmocka_unit_test(damaged_database),  cmocka_unit_test(other_formats),
        cmocka_unit_test(real_example),      cmocka_unit_test(real_simulated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
