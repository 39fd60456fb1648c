#include "reading.h"

/* Reads text with default options and compares everything that came out. */
static void expect(const char *text, const char *events)
{
    struct reading r;
    reading_init(&r);
    if (!reading_text(&r, &SOURCE_CSV, str_of(text))) {
        fail_msg("%s", r.why.text);
    }
    assert_int_equal(r.code, END);
    assert_string_equal(buf_cstr(&r.text), events);
    reading_finish(&r);
}

static void expect_failure(str text, const char *part)
{
    struct reading r;
    reading_init(&r);
    assert_false(reading_text(&r, &SOURCE_CSV, text));
    assert_int_equal(r.code, FAIL);
    if (strstr(r.why.text, part) == NULL) {
        fail_msg("\"%s\" lacks \"%s\"", r.why.text, part);
    }
    reading_finish(&r);
}

static void reads_plain_tables(void **state)
{
    (void)state;
    expect("case_id,activity,timestamp,lifecycle,resource\n"
           "NA,a,2020-01-01 10:00:00,complete,r1\n"
           "-,\"a, \"\"b\"\"\",2020-01-01T11:00:00.5Z,START,\n"
           "?,c,2020-01-01T12:00:00+01:00,In Progress,10861.0\n",
           "NA|a||2020-01-01T10:00:00|r1|5|\n"
           "-|a, \"b\"||2020-01-01T11:00:00.500000||2|\n"
           "?|c||2020-01-01T11:00:00|10861.0|8|{\"lifecycle:transition\":\"In Progress\"}\n");
    /* separator, byte order mark, CR LF, names in other spellings, further columns */
    expect("\xef\xbb\xbf"
           "Case ID;Activity;Complete Timestamp;Start-Time;x;\"y;z\"\r\n"
           "1;a;2020-01-01T11:00:00Z;2020-01-01T10:00:00Z;;\r\n"
           "1;b;2020-01-01T12:00:00Z;;\"q\"\"\";2\r\n",
           "1|a|2020-01-01T10:00:00|2020-01-01T11:00:00||0|\n"
           "1|b||2020-01-01T12:00:00||0|{\"x\":\"q\\\"\",\"y;z\":\"2\"}\n");
    expect("case\tactivity\ttime\n1\ta\t2020-01-01\n", "1|a||2020-01-01T00:00:00||0|\n");
    expect("case|activity|time\n1|a|2020-01-01\n", "1|a||2020-01-01T00:00:00||0|\n");
    expect("case,activity,time\r1,a,2020-01-01\r", "1|a||2020-01-01T00:00:00||0|\n");
    expect("case,activity,time,start_time\n1,a,,2020-01-01\n", "1|a||2020-01-01T00:00:00||2|\n");
    expect("case,activity,time\n", "");
    expect("case,activity,time,,x,x\n1,a,2020-01-01,2,3,4\n",
           "1|a||2020-01-01T00:00:00||0|{\"column 4\":\"2\",\"x\":\"3\",\"x_2\":\"4\"}\n");
}

/* A tracker's history: 8 is LIFE_STATUS. With starts or a lifecycle it would be another thing. */
static void reads_statuses_entered(void **state)
{
    (void)state;
    expect("number,Incident State,sys_updated_at\n1,New,2020-01-01T00:00:00Z\n",
           "1|New||2020-01-01T00:00:00||8|\n");
    expect("case,status,time,lifecycle\n1,New,2020-01-01T00:00:00Z,complete\n",
           "1|New||2020-01-01T00:00:00||5|\n");
    expect("case,status,time,start_time\n1,New,2020-01-01T00:00:00Z,\n",
           "1|New||2020-01-01T00:00:00||0|\n");
}

static void rejects_with_line_and_text(void **state)
{
    (void)state;
    expect("case,activity,time,start_time\n"
           "a,x,2020-01-02,2020-01-01\n"
           "\n"
           "b,\"two\nlines\",2020-01-01,2020-01-01\n"
           "c,y,2020-13-01,\n"
           "d,z\n"
           ",q,2020-01-02,\n"
           "e,,2020-01-02,\n"
           "f,z,,\n"
           "g,\"x\"y,2020-01-01,\n"
           "h,\xff,2020-01-01,\n"
           "i,x,2020-01-01,2020-01-02\n"
           "j,x,2020-01-01,,5\n",
           "a|x|2020-01-01T00:00:00|2020-01-02T00:00:00||0|\n"
           "b|two\nlines|2020-01-01T00:00:00|2020-01-01T00:00:00||0|\n"
           "reject 6 time: \"2020-13-01\" is not a date (month 13) <c,y,2020-13-01,>\n"
           "reject 7 : number of cells: 2 instead of 4 <d,z>\n"
           "reject 8 case: no case <,q,2020-01-02,>\n"
           "reject 9 activity: no activity <e,,2020-01-02,>\n"
           "reject 10 time: no time <f,z,,>\n"
           "reject 11 activity: text behind a closing quote <g,\"x\"y,2020-01-01,>\n"
           "reject 12 activity: not UTF-8 <h,\xff,2020-01-01,>\n"
           "reject 13 time: it ends before it starts <i,x,2020-01-01,2020-01-02>\n"
           "reject 14 : number of cells: 5 instead of 4 <j,x,2020-01-01,,5>\n");
    /* blank lines before the names, mixed line ends */
    expect("\n\ncase,activity,time\r\n1,a,2020-01-01\nbad\r\n2,b,2020-01-02\r\n",
           "1|a||2020-01-01T00:00:00||0|\n"
           "2|b||2020-01-02T00:00:00||0|\n"
           "reject 5 : number of cells: 1 instead of 3 <bad>\n");
}

static void settles_day_and_month(void **state)
{
    (void)state;
    expect("case,activity,time\n1,a,1/3/2016 01:16\n1,b,29/2/2016 01:16\n",
           "1|a||2016-03-01T01:16:00||0|\n1|b||2016-02-29T01:16:00||0|\n");
    expect("case,activity,time\n1,a,3/1/2016 1:16 PM\n1,b,2/29/2016 12:00 am\n",
           "1|a||2016-03-01T13:16:00||0|\n1|b||2016-02-29T00:00:00||0|\n");
    expect("case,activity,time\n1,a,2014/10/22 11:15:41.000\n1,b,2014/10/22 11:15:41.25\n",
           "1|a||2014-10-22T11:15:41||0|\n1|b||2014-10-22T11:15:41.250000||0|\n");
    expect_failure(STR("case,activity,time\n1,a,1/3/2016 01:16\n"), "day or the month");
    expect_failure(STR("case,activity,time\n1,a,13/3/2016\n1,a,3/13/2016\n"), "mixes dates");
    expect_failure(STR("case,activity,time\n1,a,yesterday\n"), "\"yesterday\"");
    struct reading r;
    reading_init(&r);
    r.options.date_format = STR("%m/%d/%y %H:%M:%S.%f %z");
    assert_true(reading_text(
        &r, &SOURCE_CSV, STR("case,activity,time\n1,a,1/3/16 01:16:00.5 +0100\n1,b,1.3.2016\n")));
    assert_string_equal(
        buf_cstr(&r.text),
        "1|a||2016-01-03T00:16:00.500000||0|\n"
        "reject 3 time: \"1.3.2016\" is not a date (not in the format of the column) "
        "<1,b,1.3.2016>\n");
    reading_finish(&r);
}

static void says_what_is_no_table(void **state)
{
    (void)state;
    expect_failure(STR("\x89PNG\r\n\x1a\n"), "is a PNG image, not CSV");
    expect_failure(STR("%PDF-1.7\n"), "is a PDF document, not CSV");
    expect_failure(STR("PK\x03\x04 zip"), "zip archive");
    expect_failure(STR("SQLite format 3\0more"), "an SQLite database");
    expect_failure(STR("<?xml version=\"1.0\"?>\n<!-- x --><log><trace/></log>"),
                   "is XES, not CSV");
    expect_failure(STR("{\"objectTypes\": []}"), "is OCEL (JSON), not CSV");
    expect_failure(STR("<!DOCTYPE html><html>"), "is HTML, not CSV");
    expect_failure(STR(""), "empty");
    expect_failure(STR("\n\n\n"), "nothing but blank lines");
    expect_failure(STR("case,activity,\"time\n1,a,2020-01-01\n"), "never closed");
    expect_failure(STR("when,what\n1,2\n"), "known to be the case, activity, time");
    struct reading r;
    reading_init(&r);
    assert_false(reading_file(&r, &SOURCE_CSV, "/nowhere/at all"));
    assert_int_equal(r.code, FAIL);
    reading_finish(&r);
}

static void survives_large_oddities(void **state)
{
    (void)state;
    struct buf text = {0};
    for (int i = 0; i < 100000; i++) {
        buf_addf(&text, "%sc%d", i > 0 ? "," : "", i);
    }
    expect_failure(buf_str(&text), "100000 columns");
    buf_clear(&text);
    buf_add(&text, STR("case,activity,time\n1,a,2020-01-01\n2,"));
    for (int i = 0; i < 600000; i++) {
        buf_add(&text, STR("xxxxxxxxxx"));
    }
    buf_add(&text, STR(",2020-01-01\n3,a,2020-01-02\n"));
    struct reading r;
    reading_init(&r);
    assert_true(reading_text(&r, &SOURCE_CSV, buf_str(&text)));
    assert_string_equal(buf_cstr(&r.text),
                        "1|a||2020-01-01T00:00:00||0|\n3|a||2020-01-02T00:00:00||0|\n"
                        "reject 3 : a line of more than 2,000,000 bytes "
                        "<2,xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx>\n");
    reading_finish(&r);
    buf_clear(&text); /* a quote that is never closed, in a file of several of DuckDB's blocks */
    buf_add(&text, STR("case,activity,time\n1,a,2020-01-01\n2,\"b,2020-01-01\n"));
    for (int i = 0; i < 600000; i++) {
        buf_add(&text, STR("7,8,2020-01-01\n"));
    }
    reading_init(&r);
    r.quiet = true;
    assert_true(reading_text(&r, &SOURCE_CSV, buf_str(&text)));
    assert_int_equal(r.rejects, 1);
    assert_true(r.incomplete);
    assert_non_null(strstr(buf_cstr(&r.notes), "never closed"));
    reading_finish(&r);
    buf_clear(&text); /* NUL is text like any other */
    buf_add(&text, STR("case,activity,time\n1,a\0b,2020-01-01\n"));
    for (int i = 0; i < 20; i++) {
        buf_add(&text, STR("7,8,2020-01-01\n"));
    }
    reading_init(&r);
    assert_true(reading_text(&r, &SOURCE_CSV, buf_str(&text)));
    assert_int_equal(r.events, 21);
    sym activity = 0;
    assert_true(names_find(&r.names, STR("a\0b"), &activity));
    reading_finish(&r);
    buf_finish(&text);
}

static void takes_named_columns_and_nulls(void **state)
{
    (void)state;
    struct reading r;
    const str nulls[] = {STR("?"), STR("-")};
    reading_init(&r);
    r.options.case_column = STR("kind,number");
    r.options.activity_column = STR("What");
    r.options.resource_column = STR("by");
    r.options.nulls = nulls;
    r.options.null_count = 2;
    assert_true(reading_text(&r, &SOURCE_CSV,
                             STR("kind,number,what,time,by,more\n"
                                 "pull,1,opened,2020-01-01,?,-\npull,?,x,2020-01-01,ann,1\n")));
    assert_string_equal(buf_cstr(&r.text), "pull+1|opened||2020-01-01T00:00:00||0|\n"
                                           "pull|x||2020-01-01T00:00:00|ann|0|{\"more\":\"1\"}\n");
    assert_string_equal(buf_cstr(&r.notes),
                        "case=kind,number\nactivity=what\ntime=time\nresource=by\n"
                        "column \"time\": dates read as ISO 8601, whole days: their order within a "
                        "day is not known\n"
                        "column \"time\": 2 times have no zone: read as UTC (--zone)\n");
    reading_finish(&r);
    reading_init(&r);
    r.options.case_column = STR("nmber");
    assert_false(reading_text(&r, &SOURCE_CSV, STR("number,activity,time\n1,a,2020-01-01\n")));
    assert_non_null(strstr(r.why.text, "Did you mean \"number\"?"));
    reading_finish(&r);
}

static void reads_times_in_a_zone(void **state)
{
    (void)state;
    struct reading r;
    struct zone *berlin = NULL;
    reading_init(&r);
    assert_int_equal(zone_open(STR("Europe/Berlin"), &berlin, &r.why), OK);
    r.options.zone = berlin;
    assert_true(reading_text(&r, &SOURCE_CSV,
                             STR("case,activity,time\n"
                                 "1,a,2020-07-01 12:00:00\n1,a,2020-07-01 12:30:00\n"
                                 "1,a,2020-03-29 02:30:00\n1,a,2020-10-25 02:30:00\n"
                                 "1,a,2020-10-25 02:10:00Z\n")));
    assert_string_equal(buf_cstr(&r.text), "1|a||2020-07-01T10:00:00||0|\n"
                                           "1|a||2020-07-01T10:30:00||0|\n"
                                           "1|a||2020-03-29T01:00:00||0|\n"
                                           "1|a||2020-10-25T00:30:00||0|\n"
                                           "1|a||2020-10-25T02:10:00||0|\n");
    assert_non_null(strstr(buf_cstr(&r.notes), "4 times have no zone: read as Europe/Berlin"));
    assert_non_null(strstr(buf_cstr(&r.notes), "1 times do not exist, 1 exist twice"));
    reading_finish(&r);
    zone_close(berlin);
}

/* The same rows have the same keys in every import, whatever the options; equal rows differ. */
static void identifies_rows_by_content(void **state)
{
    (void)state;
    struct reading a, b;
    str rows = STR("case,activity,time\n1,a,2020-01-01\n1,a,2020-01-01\n1a,,2020-01-01\n"
                   "1,ab,2020-01-01\n1a,b,2020-01-01\n");
    const str nulls[] = {STR("nothing")};
    reading_init(&a);
    reading_init(&b);
    b.options.nulls = nulls;
    b.options.null_count = 1;
    b.options.date_format = STR("%F");
    assert_true(reading_text(&a, &SOURCE_CSV, rows) && reading_text(&b, &SOURCE_CSV, rows));
    assert_int_equal(a.events, 4);
    assert_int_equal(b.events, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_memory_equal(&a.keys[i], &b.keys[i], sizeof a.keys[i]);
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(&a.keys[i], &a.keys[j], sizeof a.keys[i]);
        }
    }
    reading_finish(&a);
    reading_finish(&b);
}

static void stops_when_told(void **state)
{
    (void)state;
    struct reading r;
    reading_init(&r);
    interrupt_set(2);
    assert_false(reading_text(&r, &SOURCE_CSV, STR("case,activity,time\n1,a,2020-01-01\n")));
    interrupt_set(0);
    assert_int_equal(r.code, INTERRUPTED);
    reading_finish(&r);
}

static void reads_several_files_as_one(void **state)
{
    (void)state;
    char one[64], two[64];
    str first = STR("case,activity,time\n1,a,2020-01-01\nbad\n");
    str second = STR("time;case;activity;x\n2020-01-02;1;b;9\n2020-01-02;1;b;9\n");
    reading_temp(one, first.p, first.n);
    reading_temp(two, second.p, second.n);
    const char *paths[] = {one, two};
    struct reading r;
    reading_init(&r);
    assert_true(reading_all(&r, &SOURCE_CSV, paths, 2));
    assert_string_equal(buf_cstr(&r.text), "1|a||2020-01-01T00:00:00||0|\n"
                                           "reject 3 : number of cells: 1 instead of 3 <bad>\n"
                                           "1|b||2020-01-02T00:00:00||0|{\"x\":\"9\"}\n"
                                           "1|b||2020-01-02T00:00:00||0|{\"x\":\"9\"}\n");
    reading_finish(&r);
    unlink(one);
    unlink(two);
}

/* Real logs; their READMEs say what must come out. */
static const struct {
    const char *path, *case_column, *activity_column, *null;
    size_t events, items, intervals;
} LOGS[] = {
    {"logs/sepsis.csv.gz", NULL, NULL, NULL, 15214, 1050, 0},
    {"logs/bpic2012_W_intervals.csv.gz", NULL, NULL, NULL, 59302, 8616, 59302},
    {"logs/servicenow.csv.gz", NULL, NULL, "?", 119998, 20769, 0},
    {"logs/kronos/LoanApp_infRes_24-7_timers.csv.gz", NULL, NULL, NULL, 9911, 1000, 9911},
    {"logs/kronos/LoanApp_fewRes_24-7_noTimers.csv.gz", NULL, NULL, NULL, 10009, 1000, 10009},
    {"logs/kronos/LoanApp_infRes_9-5_noTimers.csv.gz", NULL, NULL, NULL, 9921, 1000, 9921},
    {"logs/kronos/LoanApp_infRes_24-7_noTimers_batch.csv.gz", NULL, NULL, NULL, 13857, 1400, 13857},
    {"logs-sim/acr.csv.gz", NULL, NULL, NULL, 4921, 954, 4921},
    {"logs-sim/acr_test20.csv.gz", NULL, NULL, NULL, 740, 183, 740},
    {"logs-sim/p2p.csv.gz", NULL, NULL, NULL, 9119, 608, 9119},
    {"logs-sim/production.csv.gz", NULL, NULL, NULL, 4503, 225, 4503},
    {"logs-sim/loanapp.csv.gz", NULL, NULL, NULL, 7492, 1000, 7492},
    {"logs-sim/bpic12w.csv.gz", NULL, NULL, NULL, 59302, 8616, 59302},
    {"logs-sim/helpdesk_endonly.csv.gz", NULL, NULL, NULL, 21348, 4580, 21348},
    {"history/git-cooking/events.csv.gz", NULL, NULL, NULL, 121091, 13211, 0},
    {"history/ech-github/events.csv.gz", "kind,number", NULL, NULL, 4755, 0, 0},
    {"history/kubernetes-keps/kep_events.csv.gz", "kep", "field,to", NULL, 5619, 660, 0},
};

static void reads_real_logs(void **state)
{
    (void)state;
    if (access(SHARED "/data/logs", R_OK) != 0) {
        print_message("the shared data are absent: real logs are not read\n");
        skip();
    }
    for (size_t i = 0; i < sizeof LOGS / sizeof *LOGS; i++) {
        char path[4096];
        snprintf(path, sizeof path, SHARED "/data/%s", LOGS[i].path);
        str null = str_of(LOGS[i].null);
        struct reading r;
        reading_init(&r);
        r.quiet = true;
        r.options.case_column = str_of(LOGS[i].case_column);
        r.options.activity_column = str_of(LOGS[i].activity_column);
        r.options.nulls = &null;
        r.options.null_count = null.n > 0;
        if (!reading_file(&r, &SOURCE_CSV, path)) {
            fail_msg("%s", r.why.text);
        }
        assert_int_equal(r.code, END);
        assert_int_equal(r.rejects, 0);
        assert_int_equal(r.events, LOGS[i].events);
        assert_int_equal(r.intervals, LOGS[i].intervals);
        if (LOGS[i].items > 0) {
            assert_int_equal(r.names.item_n - 1, LOGS[i].items);
        }
        struct set128 keys = {0}; /* also rows that are equal have keys of their own */
        for (size_t k = 0; k < r.events; k++) {
            assert_true(set128_add(&keys, r.keys[k]));
        }
        set128_finish(&keys);
        reading_finish(&r);
    }
}

static void keeps_what_came_before_a_break(void **state)
{
    (void)state;
    char path[64], packed[60000];
    FILE *file = fopen(SHARED "/data/logs/sepsis.csv.gz", "rb");
    if (file == NULL) {
        print_message("the shared data are absent: no log to break off\n");
        skip();
    }
    size_t n = fread(packed, 1, sizeof packed, file);
    fclose(file);
    struct reading r;
    reading_init(&r);
    r.quiet = true;
    assert_true(reading_file(&r, &SOURCE_CSV, reading_temp(path, packed, n)));
    unlink(path);
    assert_int_equal(r.events, 8830);
    assert_int_equal(r.rejects, 1);
    assert_true(r.incomplete);
    reading_finish(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_plain_tables),
        cmocka_unit_test(reads_statuses_entered),
        cmocka_unit_test(rejects_with_line_and_text),
        cmocka_unit_test(settles_day_and_month),
        cmocka_unit_test(says_what_is_no_table),
        cmocka_unit_test(survives_large_oddities),
        cmocka_unit_test(takes_named_columns_and_nulls),
        cmocka_unit_test(reads_times_in_a_zone),
        cmocka_unit_test(identifies_rows_by_content),
        cmocka_unit_test(stops_when_told),
        cmocka_unit_test(reads_several_files_as_one),
        cmocka_unit_test(reads_real_logs),
        cmocka_unit_test(keeps_what_came_before_a_break),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
