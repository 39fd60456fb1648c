/* weir.yaml: both forms, what is refused and in which words, levels, trust, and the limits against
 * hostile files. */
#include "engine/config.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct config *parse(const char *yaml)
{
    struct config *c = NULL;
    struct error why = {0};
    if (config_parse(str_of(yaml), "weir.yaml", &c, &why) != OK) {
        fail_msg("%s", why.text);
    }
    return c;
}

static void refuse(const char *yaml, const char *sentence)
{
    struct config *c = NULL;
    struct error why = {0};
    if (config_parse(str_of(yaml), "weir.yaml", &c, &why) != FAIL) {
        config_free(c);
        fail_msg("was read: %s", yaml);
    }
    assert_null(c);
    assert_string_equal(why.text, sentence);
}

static void is(str s, const char *text)
{
    char *copy = strndup(s.n > 0 ? s.p : "", s.n);
    assert_string_equal(copy, text);
    free(copy);
}

static void are(struct strs s, const char *joined)
{
    struct buf all = {0};
    for (size_t i = 0; i < s.n; i++) {
        buf_addf(&all, "%s" STR_FMT, i > 0 ? "|" : "", STR_ARG(s.v[i]));
    }
    assert_string_equal(buf_cstr(&all), joined);
    buf_finish(&all);
}

static const char ONE_STREAM[] =
    "stream: lobby\n"
    "items: issue\n"
    "timezone: Europe/Berlin\n"
    "stages:\n"
    "  - {name: idea,    team: sales, category: waiting, match: {type: issue.status, to: [New]}}\n"
    "  - {name: QA,      team: qa,    category: active,  match: {type: issue.status, to: [\"In "
    "test\"]}, waiting: [\"Ready for test\"]}\n"
    "  - {name: release, category: gate, match: {type: release}}\n"
    "done: in_use\n"
    "ignore: [\"verdict:*\", \"comment\"]\n"
    "pools: {qa: {people: 3, stages: [QA], calendar: office}}\n"
    "calendars: {office: {hours: \"Mon-Fri 09:00-17:00\", holidays: [2026-12-25]}}\n"
    "links: {pattern: \"DRV-[0-9]+\", window: 24h}\n"
    "sources: [{kind: github, secret_file: token}, {kind: git, path: .}]\n"
    "rules: {change_fail_rate: dora}\n"
    "privacy: {actors: pseudonym, minimum_group: 5}\n";

static void one_stream(void **state)
{
    (void)state;
    struct config *c = parse(ONE_STREAM);
    const struct config_stream *s = config_stream(c, (str){0});
    assert_int_equal(c->streams.n, 1);
    assert_ptr_equal(s, config_stream(c, STR("lobby")));
    assert_null(config_stream(c, STR("other")));
    is(s->name, "lobby");
    is(s->items, "issue");
    is(s->done, "in_use");
    are(s->ignore, "verdict:*|comment");
    is(c->timezone, "Europe/Berlin");
    assert_int_equal(s->stages.n, 3);
    is(s->stages.v[1].name, "QA");
    is(s->stages.v[1].team, "qa");
    is(s->stages.v[1].category, "active");
    are(s->stages.v[1].match.type, "issue.status");
    are(s->stages.v[1].match.to, "In test");
    are(s->stages.v[1].waiting, "Ready for test");
    assert_int_equal(s->stages.v[1].origin.line, 6);
    is(s->stages.v[2].category, "gate");
    assert_int_equal(c->pools.n, 1);
    is(c->pools.v[0].name, "qa");
    assert_true(c->pools.v[0].people == 3);
    are(c->pools.v[0].stages, "QA");
    const struct config_calendar *office = config_calendar(c, c->pools.v[0].calendar);
    assert_int_equal(office->open_count, 5);
    assert_int_equal(office->open[4].weekday, 4);
    assert_int_equal(office->open[4].from, 9 * 60);
    assert_int_equal(office->open[4].to, 17 * 60);
    assert_int_equal(office->holiday_count, 1);
    is(c->link_pattern, "DRV-[0-9]+");
    assert_int_equal(c->link_window, DAY);
    assert_int_equal(c->sources.n, 2);
    is(c->sources.v[0].name, "github");
    is(c->sources.v[0].secret_file, "token");
    is(c->sources.v[1].path, ".");
    is(c->rules.v[0].metric, "change_fail_rate");
    is(c->rules.v[0].rule, "dora");
    is(c->privacy_actors, "pseudonym");
    assert_int_equal(c->minimum_group, 5);
    config_free(c);
}

static void several_streams(void **state)
{
    (void)state;
    struct config *c =
        parse("store: .weir/store.duckdb\n"
              "time_zone: Europe/Berlin\n"
              "streams:\n"
              "  product:\n"
              "    trace: issue\n"
              "    stages:\n"
              "      - {name: dev, from: [In Progress]}\n"
              "      - {name: qa, from: [\"Ready for QA\", Testing], category: active}\n"
              "  测试: {}\n"
              "link:\n"
              "  pattern: '\\b([A-Z]+-\\d+)\\b'\n"
              "calendars:\n"
              "  default: {days: mon-fri, hours: \"09:00-17:30\", holidays: [2026-12-25]}\n"
              "sources:\n"
              "  forge: {kind: github, repository: acme/shop, secret_credential: github}\n"
              "serve:\n"
              "  listen: 127.0.0.1:8080\n"
              "gate: {max: {lead.p85: 10d}, min: {coverage: 80%}}\n");
    assert_int_equal(c->streams.n, 2);
    const struct config_stream *s = config_stream(c, (str){0});
    is(s->name, "product");
    is(s->items, "issue");
    are(s->stages.v[0].match.activity, "In Progress");
    are(s->stages.v[1].match.activity, "Ready for QA|Testing");
    is(c->streams.v[1].name, "测试");
    is(c->timezone, "Europe/Berlin");
    is(c->link_pattern, "\\b([A-Z]+-\\d+)\\b");
    is(c->sources.v[0].name, "forge");
    is(c->sources.v[0].repository, "acme/shop");
    is(c->serve_listen, "127.0.0.1:8080");
    is(c->gate_max.v[0].metric, "lead.p85");
    is(c->gate_min.v[0].rule, "80%");
    config_free(c);
}

static void words_stay_text(void **state)
{
    (void)state;
    struct config *c = parse("stream: no\n"
                             "ignore: [on, off, yes, 12:30, 0o17, 1_000]\n"
                             "ascii: true\n"
                             "timeout:\n"
                             "rules: {no: on}\n");
    is(c->stream, "no");
    are(c->streams.v[0].ignore, "on|off|yes|12:30|0o17|1_000");
    assert_true(c->ascii);
    is(c->timeout, ""); /* a key without a value is not given */
    is(c->rules.v[0].metric, "no");
    is(c->rules.v[0].rule, "on");
    config_free(c);
    refuse("ascii: yes\n", "weir.yaml:1:8: ascii must be true or false, not \"yes\"");
    refuse("ascii: \"true\"\n", "weir.yaml:1:8: ascii must be true or false, not a text in quotes");
}

static void nothing(void **state)
{
    (void)state;
    static const char *const empty[] = {"", "\n\n", "# only a comment\n", "---\n", "{}", "~"};
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        struct config *c = parse(empty[i]);
        assert_int_equal(c->streams.n, 0);
        assert_int_equal(c->value_count, 0);
        assert_null(config_stream(c, (str){0}));
        config_free(c);
    }
}

static void unknown_keys(void **state)
{
    (void)state;
    refuse("streams:\n  shop:\n    items: issue\n    stagse: []\n",
           "weir.yaml:4:5: unknown key \"stagse\" under streams.shop; did you mean \"stages\"?");
    refuse("stagse: []\n", "weir.yaml:1:1: unknown key \"stagse\"; did you mean \"stages\"?");
    refuse("stages:\n  - {name: a, match: {typ: x}}\n",
           "weir.yaml:2:23: unknown key \"typ\" under stages[0].match; did you mean \"type\"?");
    refuse("nonsense: 1\n", "weir.yaml:1:1: unknown key \"nonsense\"");
    refuse("<<: {store: x}\n", "weir.yaml:1:1: unknown key \"<<\"");
    refuse("calendars: {office: {hous: x}}\n",
           "weir.yaml:1:22: unknown key \"hous\" under calendars.office; did you mean \"hours\"?");
    refuse("timezone: UTC\ntime_zone: UTC\n",
           "weir.yaml:2:1: \"time_zone\" and \"timezone\" are the same key");
    refuse("store: a\nstore: b\n",
           "weir.yaml:2:1: the key \"store\" stands twice, first on line 1");
}

static void wrong_types(void **state)
{
    (void)state;
    refuse("store: [a]\n", "weir.yaml:1:8: store must be a text, not a list");
    refuse("streams: [a]\n", "weir.yaml:1:10: streams must be a mapping by name");
    refuse("streams: shop\n", "weir.yaml:1:10: streams must be a mapping by name");
    refuse("stages: {a: b}\n", "weir.yaml:1:13: stages.a must be a mapping");
    refuse("stages: [a]\n", "weir.yaml:1:10: stages[0] must be a mapping");
    refuse("threads: many\n",
           "weir.yaml:1:10: threads must be a whole number from 1 to 1,000,000, not \"many\"");
    refuse("threads: 0\n",
           "weir.yaml:1:10: threads must be a whole number from 1 to 1,000,000, not \"0\"");
    refuse("pools: {qa: {people: 0x10}}\n",
           "weir.yaml:1:22: pools.qa.people must be a number above 0, up to 1,000,000, not "
           "\"0x10\"");
    refuse("links: {window: 1mo}\n", "weir.yaml:1:17: links.window: \"1mo\" has no fixed length: "
                                     "months differ");
    refuse("last: soon\n", "weir.yaml:1:7: last: \"soon\" is not a duration (no number at the "
                           "beginning)");
    refuse("ignore: {a: b}\n", "weir.yaml:1:9: streams.default.ignore must be a list of texts, "
                               "not a mapping");
    refuse("rules: {x: [a]}\n", "weir.yaml:1:12: rules.x must be a text, not a list");
    refuse("- a\n", "weir.yaml:1:1: keys and values are expected here");
    refuse(
        "clock: wal\n",
        "weir.yaml:1:8: clock cannot be \"wal\"; did you mean \"wall\"? It is one of wall, work");
    refuse("stages: [{name: a, category: busy}]\n",
           "weir.yaml:1:30: streams.default.stages[0].category cannot be \"busy\"; it is one of "
           "active, new, waiting, blocked, gate, done, cancelled");
    refuse("done: shipped\n", "weir.yaml:1:7: streams.default.done cannot be \"shipped\"; it is "
                              "one of in_use, deployed, released, merged, closed");
}

static void what_must_fit(void **state)
{
    (void)state;
    refuse("stages: [{team: a}]\n", "weir.yaml:1:10: streams.default.stages[0] has no name");
    refuse("sources: [{path: a}]\n", "weir.yaml:1:11: sources[0] has no kind");
    refuse("sources: [{kind: git}, {kind: git}]\n",
           "weir.yaml:1:24: two sources are named \"git\"; give each a name");
    refuse("pools: {qa: {calendar: offic}}\ncalendars: {office: {hours: 9:00-17:00}}\n",
           "weir.yaml:1:9: there is no calendar \"offic\"; did you mean \"office\"?");
    refuse("stages: [{name: QA}]\npools: {qa: {stages: [QA, QB]}}\n",
           "weir.yaml:2:9: there is no stage \"QB\"; did you mean \"QA\"?");
    refuse("stream: shpo\nstreams: {shop: {}}\n",
           "weir.yaml:1:9: there is no stream \"shpo\"; did you mean \"shop\"?");
    refuse("stream: shop\ndone: closed\nstreams: {shop: {done: merged}}\n",
           "weir.yaml:2:1: \"done\" is also given under streams.shop (weir.yaml:3); keep one of "
           "them");
    refuse("stages: [{name: a, from: [x], match: {activity: [y]}}]\n",
           "weir.yaml:1:20: streams.default.stages[0]: \"from\" and \"match.activity\" say the "
           "same; keep one of them");
}

static void hours(void **state)
{
    (void)state;
    struct config *c =
        parse("calendars:\n"
              "  two: {hours: \"Mon-Tue 09:00-12:00, 13:00-17:00, sat 9:00-12:00\"}\n"
              "  days: {days: \"sat-mon, Wed\", hours: \"00:00-24:00\"}\n"
              "  all: {days: mon}\n"
              "  more: {hours: 9:00-10:00, holidays: [2026-12-26, 2026-12-25, 2026-12-25],\n"
              "         extra: [\"2026-11-28 10:00-14:00\"],\n"
              "         freeze: [2026-12-20..2026-12-31, 2027-01-01..2027-01-02, 2027-03-01]}\n");
    const struct config_calendar *two = config_calendar(c, STR("two"));
    static const struct config_hours expected[] = {
        {0, 540, 720}, {0, 780, 1020}, {1, 540, 720}, {1, 780, 1020}, {5, 540, 720}};
    assert_int_equal(two->open_count, 5);
    assert_memory_equal(two->open, expected, sizeof expected);
    const struct config_calendar *days = config_calendar(c, STR("days"));
    static const int weekdays[] = {0, 2, 5, 6};
    assert_int_equal(days->open_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(days->open[i].weekday, weekdays[i]);
        assert_int_equal(days->open[i].to, 1440);
    }
    assert_int_equal(config_calendar(c, STR("all"))->open_count, 1);
    const struct config_calendar *more = config_calendar(c, STR("more"));
    const when christmas = clock_from_civil((struct civil){.year = 2026, .month = 12, .day = 25});
    assert_int_equal(more->open_count, 5); /* Monday to Friday */
    assert_int_equal(more->holiday_count, 2);
    assert_int_equal(more->holiday[0], christmas);
    assert_int_equal(more->extra_count, 1);
    assert_int_equal(more->extra_open[0].day, christmas - 27 * DAY);
    assert_int_equal(more->extra_open[0].from, 600);
    assert_int_equal(more->frozen_count, 2); /* the first two touch */
    assert_int_equal(more->frozen[0].from, christmas - 5 * DAY);
    assert_int_equal(more->frozen[0].to, christmas + 9 * DAY);
    assert_int_equal(more->frozen[1].to - more->frozen[1].from, DAY);
    config_free(c);

    refuse("calendars: {a: {hours: \"Mon 09:00-12:00, Mon 11:00-13:00\"}}\n",
           "weir.yaml:1:24: calendars.a.hours: the hours overlap: 09:00-12:00 and 11:00-13:00 on "
           "one day");
    refuse("calendars: {a: {hours: \"17:00-09:00\"}}\n",
           "weir.yaml:1:24: calendars.a.hours: \"17:00-09:00\" end before they begin");
    refuse("calendars: {a: {hours: \"Mo 09:00-17:00\"}}\n",
           "weir.yaml:1:24: calendars.a.hours: \"Mo\" is not a day of the week");
    refuse("calendars: {a: {hours: \"09:00-25:00\"}}\n",
           "weir.yaml:1:24: calendars.a.hours: \"09:00-25:00\" are not hours");
    refuse("calendars: {a: {hours: \"09:00-24:01\"}}\n",
           "weir.yaml:1:24: calendars.a.hours: \"09:00-24:01\" are not hours");
    refuse("calendars: {a: {days: funday, hours: 9:00-17:00}}\n",
           "weir.yaml:1:23: calendars.a.days: \"funday\" is not a day of the week");
    refuse("calendars: {a: {}}\n", "weir.yaml:1:13: calendars.a.hours: a calendar needs hours");
    refuse("calendars: {a: {days: mon, holidays: [2026-02-30]}}\n",
           "weir.yaml:1:38: calendars.a.holidays: \"2026-02-30\" is not a date");
    refuse("calendars: {a: {days: mon, extra: [2026-11-28]}}\n",
           "weir.yaml:1:35: calendars.a.extra: \"\" are not hours");
    refuse("calendars: {a: {days: mon, freeze: [2027-01-02..2026-12-20]}}\n",
           "weir.yaml:1:36: calendars.a.freeze: \"2027-01-02..2026-12-20\" ends before it begins");
}

static void aliases(void **state)
{
    (void)state;
    struct config *c = parse("calendars:\n"
                             "  a: &base {hours: 9:00-17:00}\n"
                             "  b: *base\n"
                             "ignore: [&x one, *x, *x]\n");
    is(config_calendar(c, STR("b"))->hours, "9:00-17:00");
    are(c->streams.v[0].ignore, "one|one|one");
    config_free(c);
    refuse("ignore: [*x]\n", "weir.yaml:1:10: the alias *x has no anchor before it");
    refuse("ignore: &x [*x]\n", "weir.yaml:1:13: the alias *x stands inside of its own anchor");
}

static void hostile(void **state)
{
    (void)state;
    struct buf yaml = {0};
    /* nine levels of nine aliases each: 9^9 values */
    buf_addf(&yaml, "a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 9; i++) {
        buf_addf(&yaml, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i, i - 1,
                 i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    }
    refuse(buf_cstr(&yaml), "weir.yaml:5:10: more than 10000 values, aliases expanded");
    buf_clear(&yaml);
    buf_addf(&yaml, "store: &s \"%0*d\"\nignore: [", 200000, 0); /* six times 200 kB */
    for (int i = 0; i < 6; i++) {
        buf_addf(&yaml, "*s,");
    }
    buf_addf(&yaml, "]\n");
    refuse(buf_cstr(&yaml), "weir.yaml:2:22: more than 1048576 bytes of text, aliases expanded");
    buf_clear(&yaml);
    buf_addf(&yaml, "ignore: ");
    for (int i = 0; i < 64; i++) {
        buf_putc(&yaml, '[');
    }
    refuse(buf_cstr(&yaml), "weir.yaml:1:72: nested more than 64 levels deep");
    buf_clear(&yaml);
    for (int i = 0; i < 10001; i++) {
        buf_putc(&yaml, '{');
    }
    refuse(buf_cstr(&yaml), "weir.yaml:1:10001: more than 10000 brackets");
    buf_clear(&yaml);
    buf_addf(&yaml, "# %0*d\n", 1 << 20, 0);
    refuse(buf_cstr(&yaml), "weir.yaml: larger than 1 MiB");
    buf_clear(&yaml);
    buf_addf(&yaml, "rules: {%0*d: x}\n", 201, 0);
    refuse(buf_cstr(&yaml), "weir.yaml:1:9: a key of more than 200 bytes");
    buf_finish(&yaml);

    refuse("store: \xff\n", "weir.yaml: this is not UTF-8");
    refuse("store: a\n\x1b[31m: b\n", "weir.yaml:2:1: a control character (U+001B)");
    refuse("store: \"a\\0b\"\n", "weir.yaml:1:8: a text with a NUL in it");
    refuse(
        "store: !!python/object x\n",
        "weir.yaml:1:24: the tag tag:yaml.org,2002:python/object is not one of YAML's core schema");
    refuse("store: !foo x\n", "weir.yaml:1:13: the tag !foo is not one of YAML's core schema");
    refuse("%TAG !! tag:evil,2026:\n---\nstore: !!str x\n",
           "weir.yaml:1:1: a directive (%), which is not understood here");
    refuse("store: a\n---\nstore: b\n", "weir.yaml:2:1: a second document in the file");
    refuse("? [a]\n: b\n", "weir.yaml:1:3: a key must be a text");
    struct config *c = parse(
        "store: !!str 12\nthreads: !!int 3\nstream: ! 1\nlast: !<tag:yaml.org,2002:str> 1d\n");
    is(c->store, "12");
    assert_int_equal(c->threads, 3);
    config_free(c);
    refuse("threads: !!str 3\n", "weir.yaml:1:16: threads must be a whole number from 1 to "
                                 "1,000,000, not a text in quotes");
    struct error why = {0};
    assert_int_equal(config_parse(STR("store: [a\n"), "weir.yaml", &c, &why), FAIL);
    assert_non_null(strstr(why.text, "weir.yaml:"));
    assert_non_null(strstr(why.text, ": this is not YAML: "));
}

static void values(void **state)
{
    (void)state;
    struct config *c = parse("stream: shop\ndone: closed\nlinks: {window: 24h}\n"
                             "pools: {qa: {people: 2.5, stages: [a, \"b\"]}}\n");
    static const char *const expected[] = {
        "stream = shop (text) 1:9", "streams.shop.done = closed (word) 2:7",
        "links.window = 24h (duration) 3:17", "pools.qa.people = 2.5 (number) 4:22",
        "pools.qa.stages = [a, b] (list of texts) 4:35"};
    char seen[5][100] = {{0}};
    assert_int_equal(c->value_count, 5);
    for (size_t i = 0; i < 5; i++) {
        const struct config_value *v = &c->values[i];
        bool found = false;
        snprintf(seen[i], sizeof seen[i], "%s = " STR_FMT " (%s) %d:%d", v->path, STR_ARG(v->value),
                 v->type, v->origin.line, v->origin.column);
        for (size_t j = 0; j < 5; j++) {
            found = found || strcmp(seen[i], expected[j]) == 0;
        }
        if (!found) {
            fail_msg("%s", seen[i]);
        }
    }
    config_free(c);
}

static void trust(void **state)
{
    (void)state;
    size_t n = 0;
    struct config *c = parse("store: .weir/../.weir/store.duckdb\n"
                             "sources: [{kind: git, path: .}]\n");
    assert_null(config_untrusted(c, &n));
    assert_int_equal(n, 0);
    config_free(c);
    static const char *const outside[] = {"../x", "/tmp/x", "a/../../x", "clickhouse://h/db",
                                          "a/b/../../../a/b"};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        char yaml[100];
        snprintf(yaml, sizeof yaml, "store: %s\n", outside[i]);
        c = parse(yaml);
        const struct config_value *v = config_untrusted(c, &n);
        assert_int_equal(n, 1);
        assert_string_equal(v->path, "store");
        config_free(c);
    }
    c = parse(
        "serve: {listen: 0.0.0.0:80}\nsources: [{kind: jira, url: http://x, secret_env: T}]\n");
    const struct config_value *v = config_untrusted(c, &n);
    assert_int_equal(n, 2);
    assert_string_equal(v[0].path, "serve.listen");
    assert_string_equal(v[1].path, "sources[0].secret_env");
    assert_int_equal(v[1].origin.line, 2);
    config_free(c);
}

/* ---- files ---- */

static char root[] = "/tmp/weir-config-XXXXXX";

static char *at(const char *path)
{
    static char whole[64][200];
    static int next;
    char *text = whole[next++ % 64];
    snprintf(text, sizeof whole[0], "%s/%s", root, path);
    return text;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(at(path), "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int make_root(void **state)
{
    (void)state;
    char *real = mkdtemp(root) != NULL ? realpath(root, NULL) : NULL;
    bool same = real != NULL && strcmp(real, root) == 0;
    free(real);
    return same && mkdir(at("repo"), 0700) == 0 && mkdir(at("repo/.git"), 0700) == 0 &&
                   mkdir(at("repo/src"), 0700) == 0 && mkdir(at("repo/src/deep"), 0700) == 0 &&
                   mkdir(at("bare"), 0700) == 0 && mkdir(at("bare/inner"), 0700) == 0
               ? 0
               : -1;
}

static int remove_root(void **state)
{
    (void)state;
    static const char *const all[] = {"repo/weir.yaml",
                                      "repo/src/weir.yaml",
                                      "bare/weir.yaml",
                                      "user.yaml",
                                      "system.yaml",
                                      "repo/.git",
                                      "repo/src/deep",
                                      "repo/src",
                                      "repo",
                                      "bare/inner",
                                      "bare"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        remove(at(all[i]));
    }
    return rmdir(root);
}

static void levels(void **state)
{
    (void)state;
    struct config *c = NULL;
    struct error why = {0};
    write_file("system.yaml", "store: /srv/weir.duckdb\nclock: work\nlink: {pattern: S}\n"
                              "ignore: [a, b]\nrules: {x: one, y: two}\n");
    write_file("user.yaml", "links: {window: 2h}\nclock: wall\nrules: {y: three, z: four}\n");
    write_file("repo/weir.yaml", "stream: shop\nignore: [c]\nstore: data/store.duckdb\n"
                                 "sources: [{kind: git, path: .}]\nclock:\n");
    struct config_where where = {
        .directory = at("repo/src/deep"), .user = at("user.yaml"), .system = at("system.yaml")};
    assert_int_equal(config_read(&where, &c, &why), OK);
    assert_int_equal(c->file_count, 3);
    assert_string_equal(c->files[0], at("system.yaml"));
    assert_string_equal(c->project, at("repo"));
    is(c->clock, "wall"); /* a key without a value hides nothing */
    is(c->link_pattern, "S");
    assert_int_equal(c->link_window, 2 * HOUR);
    are(config_stream(c, (str){0})->ignore, "c"); /* a list replaces */
    assert_int_equal(c->rules.n, 3);
    is(c->rules.v[1].rule, "three");
    is(c->store, at("repo/data/store.duckdb"));
    is(c->sources.v[0].path, at("repo/."));
    size_t n = 0;
    assert_null(config_untrusted(c, &n));
    for (size_t i = 0; i < c->value_count; i++) {
        if (strcmp(c->values[i].path, "rules.y") == 0) {
            assert_string_equal(c->values[i].origin.file, at("user.yaml"));
            assert_int_equal(c->values[i].origin.line, 3);
        }
    }
    config_free(c);

    write_file("system.yaml", "clock: wroking\n"); /* overridden, and still wrong */
    char sentence[300];
    snprintf(sentence, sizeof sentence,
             "%s:1:8: clock cannot be \"wroking\"; it is one of wall, work", at("system.yaml"));
    assert_int_equal(config_read(&where, &c, &why), FAIL);
    assert_string_equal(why.text, sentence);
    remove(at("system.yaml"));
    remove(at("user.yaml"));

    write_file("repo/weir.yaml", "serve: {listen: 0.0.0.0:80}\n");
    assert_int_equal(config_read(&where, &c, &why), OK); /* user and system may be absent */
    assert_non_null(config_untrusted(c, &n));
    config_free(c);
    where.file = at("repo/weir.yaml"); /* named by the user: believed */
    assert_int_equal(config_read(&where, &c, &why), OK);
    assert_null(config_untrusted(c, &n));
    config_free(c);
    where.file = at("repo/none.yaml");
    assert_int_equal(config_read(&where, &c, &why), FAIL);
    assert_non_null(strstr(why.text, "there is no file "));
    where.file = at("repo");
    assert_int_equal(config_read(&where, &c, &why), FAIL);
    assert_non_null(strstr(why.text, "is not a file"));
}

static void search_ends(void **state)
{
    (void)state;
    struct config *c = NULL;
    struct error why = {0};
    write_file("bare/weir.yaml", "clock: work\n");
    struct config_where where = {.directory = at("bare/inner")};
    assert_int_equal(config_read(&where, &c, &why), OK);
    assert_null(c->project); /* no repository: only the folder itself */
    assert_int_equal(c->file_count, 0);
    config_free(c);
    where.directory = at("bare");
    assert_int_equal(config_read(&where, &c, &why), OK);
    is(c->clock, "work");
    config_free(c);
}

static void stores(void **state)
{
    (void)state;
    struct arena a = {0};
    is(config_repository(at("repo/src/deep"), &a), at("repo"));
    is(config_repository(at("bare/inner"), &a), "");
    const char *store = config_store_path(at("repo/src"), "/data", "/home/u", &a);
    assert_true(str_starts(str_of(store), STR("/data/weir/repo-")));
    assert_true(str_ends(str_of(store), STR(".duckdb")));
    assert_int_equal(strlen(store), strlen("/data/weir/repo-0123456789.duckdb"));
    assert_string_equal(config_store_path(at("repo/src/deep"), "/data", NULL, &a), store);
    const char *home = config_store_path(at("repo"), "relative", "/home/u", &a);
    assert_true(str_starts(str_of(home), STR("/home/u/.local/share/weir/repo-")));
    assert_string_equal(strrchr(home, '/'), strrchr(store, '/'));
    assert_string_not_equal(strrchr(config_store_path(at("bare"), "/data", NULL, &a), '/'),
                            strrchr(config_store_path(at("bare/inner"), "/data", NULL, &a), '/'));
    assert_string_equal(config_store_path(at("repo"), NULL, NULL, &a),
                        at("repo/.weir/store.duckdb"));
    assert_true(
        str_starts(str_of(config_store_path("/", "/data", NULL, &a)), STR("/data/weir/root-")));
    arena_finish(&a);
}

static void schema_is_whole(void **state)
{
    (void)state;
    for (const struct config_key *k = config_schema; k->path != NULL; k++) {
        assert_non_null(k->type);
        assert_true(strlen(k->purpose) > 0);
        for (const struct config_key *other = k + 1; other->path != NULL; other++) {
            assert_string_not_equal(k->path, other->path);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_stream),      cmocka_unit_test(several_streams),
        cmocka_unit_test(words_stay_text), cmocka_unit_test(nothing),
        cmocka_unit_test(unknown_keys),    cmocka_unit_test(wrong_types),
        cmocka_unit_test(what_must_fit),   cmocka_unit_test(hours),
        cmocka_unit_test(aliases),         cmocka_unit_test(hostile),
        cmocka_unit_test(values),          cmocka_unit_test(trust),
        cmocka_unit_test(levels),          cmocka_unit_test(search_ends),
        cmocka_unit_test(stores),          cmocka_unit_test(schema_is_whole),
    };
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
