/* One suite for every store: what counts as new, what a transaction is, what a scan gives. */
#include "store/store.h"

#include "base/progress.h"
#include "dump.h"

enum kind { MEMORY, DUCKDB };

static enum kind kind_now;
static int file_n;

static struct store *open_new(void)
{
    struct error why = {0};
    struct store *s = NULL;
    char path[160] = "memory:";
    if (kind_now == DUCKDB) {
        snprintf(path, sizeof path, "%s/%d.duckdb", dump_folder(), ++file_n);
    }
    FINE(store_open(path, STORE_WRITE, &s, &why));
    return s;
}

/* Closes and opens again, where the store outlives that. */
static struct store *reopen(struct store *s, enum store_mode mode)
{
    struct error why = {0};
    if (kind_now == MEMORY) {
        return s;
    }
    store_close(s);
    char path[160];
    snprintf(path, sizeof path, "%s/%d.duckdb", dump_folder(), file_n);
    FINE(store_open(path, mode, &s, &why));
    return s;
}

static item_id item_of(struct store *s, const char *type, const char *key)
{
    struct names *n = store_names(s);
    return names_item(n, names_sym(n, str_of(type)), str_of(key));
}

static sym text(struct store *s, const char *t)
{
    return names_sym(store_names(s), str_of(t));
}

static uint32_t add(struct store *s, struct batch *b, uint64_t key, const char *item,
                    const char *activity, when time)
{
    return batch_add(b, &(struct event){
                            .key = {key, ~key},
                            .item = item_of(s, "case", item),
                            .type = text(s, "event"),
                            .activity = text(s, activity),
                            .time = time,
                            .begin = WHEN_NONE,
                        });
}

static void add_rich(struct store *s, struct batch *b)
{
    uint32_t row = batch_add(b, &(struct event){
                                    .key = {0, 0},
                                    .item = item_of(s, "issue", "DRV-17"),
                                    .type = text(s, "issue.status"),
                                    .activity = text(s, "QA"),
                                    .instance = text(s, "i1"),
                                    .actor = text(s, "p-1"),
                                    .team = text(s, "qa\xff\xfe"),
                                    .time = 50,
                                    .begin = -7,
                                    .life = LIFE_COMPLETE,
                                    .quality = TIME_RECEIVED,
                                    .attrs = STR("{\"a\":\"longer than twelve bytes\"}"),
                                });
    batch_refer(b, row, item_of(s, "change", "#9"), text(s, "by"));
    batch_refer(b, row, item_of(s, "issue", "DRV-17"), 0);
    batch_refer(b, row, item_of(s, "change", "#9"), text(s, "by"));
}

static struct link link_of(struct store *s, const char *from, const char *to, double confidence)
{
    return (struct link){
        .from = item_of(s, "commit", from),
        .to = item_of(s, "change", to),
        .kind = text(s, "part_of"),
        .rule = text(s, "trailer"),
        .confidence = confidence,
        .evidence = {1, ~1ULL},
    };
}

/* One batch with everything in it. */
static void fill(struct store *s, struct batch *b)
{
    batch_clear(b);
    uint32_t a = add(s, b, 1, "c1", "order", 10);
    uint32_t c = add(s, b, 2, "c2", "order", 20);
    batch_refer(b, c, item_of(s, "case", "c1"), text(s, "second"));
    batch_refer(b, a, item_of(s, "truck", "t"), text(s, "first"));
    add(s, b, 1, "c1", "order", 10); /* the same fact within the batch */
    add_rich(s, b);
    batch_link(b, link_of(s, "aa", "#9", .5));
    batch_link(b, link_of(s, "bb", "#9", .5));
    batch_link(b, link_of(s, "aa", "#9", .25));
    VEC_ADD(&b->item_attrs,
            (struct item_attr){item_of(s, "truck", "t"), text(s, "load"), WHEN_NONE, STR("7")});
    VEC_ADD(&b->item_attrs,
            (struct item_attr){item_of(s, "truck", "t"), text(s, "load"), 40, STR("a\0b\xff")});
    VEC_ADD(&b->item_attrs,
            (struct item_attr){item_of(s, "truck", "t"), text(s, "load"), WHEN_NONE, STR("7")});
    batch_reject(b, (struct reject){STR("a.csv"), 3, STR("time"), STR("\"31/02\" is no date"),
                                    STR("c9,31/02,\xc3")});
    batch_reject(b, (struct reject){STR("a.csv"), 4, STR("time"), STR("\"31/02\" is no date"),
                                    STR("c9,31/02,\xc3")});
}

#define FILLED                                                                                     \
    "0 1.fffffffffffffffe case:c1 event order    10 0 0 \n"                                        \
    "1 2.fffffffffffffffd case:c2 event order    20 0 0 \n"                                        \
    "2 0.0 issue:DRV-17 issue.status QA i1 p-1 qa\xff\xfe 50 from -7 5 2 "                         \
    "{\"a\":\"longer than twelve bytes\"}\n"                                                       \
    "  0 also truck:t first\n"                                                                     \
    "  1 also case:c1 second\n"                                                                    \
    "  2 also change:#9 by\n"                                                                      \
    "  2 also issue:DRV-17 \n"                                                                     \
    "link commit:aa -> change:#9 part_of trailer 0.5 1.fffffffffffffffe\n"                         \
    "link commit:bb -> change:#9 part_of trailer 0.5 1.fffffffffffffffe\n"                         \
    "attr truck:t load=7\n"                                                                        \
    "attr truck:t load=a"
/* the value is printed up to its NUL byte; its length is checked apart */
#define FILLED_END                                                                                 \
    " at 40\n"                                                                                     \
    "reject 1 csv a.csv:3 time: \"31/02\" is no date [c9,31/02,\xc3]\n"                            \
    "reject 1 csv a.csv:4 time: \"31/02\" is no date [c9,31/02,\xc3]\n"                            \
    "3 events 7 items 2 links 2 rejects 1 batches 10..50 ordered\n"
#define EMPTY "0 events 0 items 0 links 0 rejects 0 batches ordered\n"

static void same_counts(struct appended got, struct appended want)
{
    assert_memory_equal(&got, &want, sizeof got);
}

static void append_fill(struct store *s, struct batch *b, struct appended *total)
{
    struct error why = {0};
    fill(s, b);
    FINE(store_append(s, text(s, "csv"), b, total, &why));
}

static void keeps_what_is_committed(void **state)
{
    (void)state;
    struct error why = {0};
    struct store *s = open_new();
    struct batch *b = batch_new();
    struct dump d = {s, {0}};
    struct appended total = {0};
    assert_string_equal(dump_all(&d), EMPTY);
    assert_int_equal(store_batch(s), 1);

    append_fill(s, b, &total);
    same_counts(total, (struct appended){3, 1, 2, 2, 7, 3});
    assert_string_equal(dump_all(&d), EMPTY); /* not yet committed, not yet seen */
    FINE(store_commit(s, &why));
    assert_string_equal(dump_all(&d), FILLED FILLED_END);
    assert_int_equal(store_batch(s), 2);
    dump_sound(s);

    s = d.store = reopen(s, STORE_WRITE);
    assert_string_equal(dump_all(&d), FILLED FILLED_END);
    total = (struct appended){0};
    append_fill(s, b, &total); /* the same again brings nothing */
    same_counts(total, (struct appended){0, 6, 0, 0, 0, 0});
    FINE(store_commit(s, &why));
    str seen = STR(FILLED FILLED_END);
    dump_all(&d);
    assert_true(str_starts(buf_str(&d.text), str_first(seen, seen.n - 50)));
    dump_sound(s);
    store_close(s);
    batch_free(b);
    buf_finish(&d.text);
}

static status_code value_length(const struct item_attr *row, void *cookie, struct error *why)
{
    (void)why;
    *(size_t *)cookie += row->value.n;
    return OK;
}

static void keeps_any_bytes(void **state)
{
    (void)state;
    struct error why = {0};
    struct store *s = open_new();
    struct batch *b = batch_new();
    struct appended total = {0};
    append_fill(s, b, &total);
    str odd = {"\0\xff'\"\n", 5};
    sym odd_sym = names_sym(store_names(s), odd);
    item_id odd_item = names_item(store_names(s), odd_sym, odd);
    FINE(store_commit(s, &why));
    s = reopen(s, STORE_READ);
    size_t n = 0;
    FINE(store_scan_attrs(s, value_length, &n, &why));
    assert_int_equal(n, 1 + 4);
    assert_true(str_eq(names_text(store_names(s), odd_sym), odd));
    assert_true(str_eq(names_key(store_names(s), odd_item), odd));
    assert_int_equal(names_type(store_names(s), odd_item), odd_sym);
    store_close(s);
    batch_free(b);
}

static void rollback_leaves_nothing(void **state)
{
    (void)state;
    struct error why = {0};
    struct store *s = open_new();
    struct batch *b = batch_new();
    struct dump d = {s, {0}};
    struct buf value = {0};
    struct appended total = {0};
    append_fill(s, b, &total);
    FINE(store_put(s, STR("cursor"), STR("17"), &why));
    FINE(store_get(s, STR("cursor"), &value, &why));
    assert_string_equal(buf_cstr(&value), "17");
    store_rollback(s);
    assert_string_equal(dump_all(&d), EMPTY);
    FINE(store_get(s, STR("cursor"), &value, &why));
    assert_int_equal(value.n, 0);

    total = (struct appended){0};
    append_fill(s, b, &total); /* nothing of the first time counts as known */
    same_counts(total, (struct appended){3, 1, 2, 2, 0, 3});
    FINE(store_commit(s, &why));
    assert_string_equal(dump_all(&d), FILLED FILLED_END);

    /* A rollback over committed data: raised links, more events, a later value. */
    batch_clear(b);
    add(s, b, 9, "c1", "ship", 5);
    batch_link(b, link_of(s, "aa", "#9", 1));
    FINE(store_append(s, text(s, "csv"), b, &total, &why));
    store_rollback(s);
    s = d.store = reopen(s, STORE_READ);
    assert_string_equal(dump_all(&d), FILLED FILLED_END);
    dump_sound(s);
    store_close(s);
    batch_free(b);
    buf_finish(&d.text);
    buf_finish(&value);
}

static void links_keep_the_best(void **state)
{
    (void)state;
    struct error why = {0};
    struct store *s = open_new();
    struct batch *b = batch_new();
    struct dump d = {s, {0}};
    struct appended total = {0};
    const double steps[] = {.5, .25, .75, .7, 1};
    add(s, b, 1, "c1", "order", 10);
    for (size_t i = 0; i < 5; i++) {
        batch_link(b, link_of(s, "aa", "#1", steps[i]));
        batch_link(b, link_of(s, "aa", "#2", .5));
        FINE(store_append(s, text(s, "git"), b, &total, &why));
        if (i % 2 == 0) {
            FINE(store_commit(s, &why));
        }
        batch_clear(b);
        s = d.store = reopen(s, STORE_WRITE);
    }
    assert_int_equal(total.links, 2);
    FINE(store_commit(s, &why));
    buf_clear(&d.text);
    FINE(store_scan_links(s, dump_link, &d, &why));
    assert_string_equal(buf_cstr(&d.text),
                        "link commit:aa -> change:#1 part_of trailer 1 1.fffffffffffffffe\n"
                        "link commit:aa -> change:#2 part_of trailer 0.5 1.fffffffffffffffe\n");
    dump_sound(s);
    store_close(s);
    batch_free(b);
    buf_finish(&d.text);
}

static void named_values(void **state)
{
    (void)state;
    struct error why = {0};
    struct store *s = open_new();
    struct buf value = {0};
    FINE(store_get(s, STR("none"), &value, &why));
    assert_int_equal(value.n, 0);
    FINE(store_put(s, STR("a"), STR("1"), &why));
    FINE(store_put(s, STR("b"), (str){"\0\xff", 2}, &why));
    FINE(store_put(s, STR("a"), STR("2"), &why));
    FINE(store_commit(s, &why));
    s = reopen(s, STORE_WRITE);
    FINE(store_put(s, STR("a"), STR("3"), &why));
    FINE(store_get(s, STR("a"), &value, &why));
    assert_string_equal(buf_cstr(&value), "3");
    FINE(store_commit(s, &why));
    s = reopen(s, STORE_READ);
    FINE(store_get(s, STR("a"), &value, &why));
    assert_string_equal(buf_cstr(&value), "3");
    FINE(store_get(s, STR("b"), &value, &why));
    assert_int_equal(value.n, 2);
    assert_memory_equal(value.p, "\0\xff", 2);
    store_close(s);
    buf_finish(&value);
}

/* Many rows from two sources and of two types, over several commits. */
static struct store *many(size_t rows)
{
    struct error why = {0};
    struct store *s = open_new();
    struct batch *b = batch_new();
    struct appended total = {0};
    for (size_t i = 0; i < rows;) {
        batch_clear(b);
        size_t end = i + 1500 < rows ? i + 1500 : rows;
        for (; i < end; i++) {
            char key[24];
            snprintf(key, sizeof key, "k%zu", i % 700);
            struct event e = {
                .key = {i, i * 3},
                .item = item_of(s, i % 7 == 0 ? "truck" : "case", key),
                .type = text(s, "event"),
                .activity = text(s, i % 2 == 0 ? "even" : "odd"),
                .time = (when)i * 1000,
                .begin = WHEN_NONE,
                .attrs = i % 5 == 0 ? STR("{\"n\":\"a value of some length\"}") : (str){0},
            };
            uint32_t row = batch_add(b, &e);
            if (i % 11 == 0) {
                batch_refer(b, row, item_of(s, "case", "k1"), text(s, "q"));
            }
        }
        FINE(store_append(s, text(s, end / 1500 % 2 == 0 ? "one" : "two"), b, &total, &why));
        if (i % 3 == 0) {
            FINE(store_commit(s, &why));
        }
    }
    FINE(store_commit(s, &why));
    assert_int_equal(total.events, rows);
    batch_free(b);
    return s;
}

struct counting {
    struct store *store;
    uint64_t n, sum, next_seq;
    size_t largest;
    unsigned columns;
};

static status_code count(const struct log *log, void *cookie, struct error *why)
{
    (void)why;
    struct counting *c = cookie;
    c->n += log->n;
    c->largest = log->n > c->largest ? log->n : c->largest;
    const void *columns[] = {log->seq,      log->key,     log->item, log->type, log->activity,
                             log->instance, log->actor,   log->team, log->time, log->begin,
                             log->life,     log->quality, log->attrs};
    unsigned flags = 0;
    for (size_t i = 0; i < 13; i++) {
        flags |= columns[i] != NULL ? 1U << i : 0;
    }
    assert_int_equal(flags, c->columns);
    for (size_t i = 0; i < log->n && log->time != NULL; i++) {
        c->sum += (uint64_t)log->time[i];
    }
    for (size_t i = 0; i < log->n && log->seq != NULL; i++) {
        assert_true(log->seq[i] >= c->next_seq);
        c->next_seq = log->seq[i] + 1;
    }
    return OK;
}

static struct counting counted(struct store *s, struct slice slice)
{
    struct error why = {0};
    struct counting c = {.store = s, .columns = slice.columns};
    FINE(store_scan(s, &slice, count, &c, &why));
    assert_true(c.largest <= BATCH_ROWS);
    return c;
}

static void slices(void **state)
{
    (void)state;
    enum { ROWS = 10000 };
    struct store *s = many(ROWS);
    for (unsigned flag = 1; flag <= COL_ATTRS; flag *= 2) {
        assert_int_equal(counted(s, SLICE_ALL(flag)).n, ROWS);
    }
    assert_int_equal(counted(s, SLICE_ALL(0)).n, ROWS);
    struct counting all = counted(s, SLICE_ALL(ALL_COLUMNS));
    assert_int_equal(all.sum, 1000ULL * ROWS * (ROWS - 1) / 2);

    struct slice part = SLICE_ALL(COL_SEQ | COL_TIME | COL_ATTRS);
    part.from = 1000 * 2000;
    part.to = 1000 * 3000;
    assert_int_equal(counted(s, part).n, 1000);
    part.to = WHEN_NONE;
    assert_int_equal(counted(s, part).n, ROWS - 2000);
    part.from = WHEN_NONE;
    part.source = text(s, "two");
    uint64_t two = counted(s, part).n;
    part.source = text(s, "one");
    uint64_t one = counted(s, part).n;
    assert_int_equal(one + two, ROWS);
    assert_true(one > 1000 && two > 1000);
    part.source = text(s, "neither");
    assert_int_equal(counted(s, part).n, 0);
    part.source = 0;
    part.item_type = text(s, "truck");
    uint64_t trucks = counted(s, part).n;
    assert_int_equal(trucks, (ROWS + 6) / 7);
    part.item_type = text(s, "case");
    assert_int_equal(counted(s, part).n, ROWS - trucks);
    part.from = part.to = 5;
    assert_int_equal(counted(s, part).n, 0);
    dump_sound(s);
    store_close(s);
}

static status_code stop_at_third(const struct log *log, void *cookie, struct error *why)
{
    (void)log;
    return ++*(int *)cookie == 3 ? error_set(why, "enough") : OK;
}

static status_code stop_at_second(const struct log *log, void *cookie, struct error *why)
{
    (void)log;
    (void)why;
    return ++*(int *)cookie == 2 ? END : OK;
}

static status_code nested(const struct log *log, void *cookie, struct error *why)
{
    struct counting *c = cookie;
    if (c->n == 0) {
        c->n = counted(c->store, SLICE_ALL(COL_TIME)).n;
        assert_int_equal(log->item[log->n - 1] > 0, 1); /* still there after the inner scan */
    }
    (void)why;
    return OK;
}

static void scans_stop_and_nest(void **state)
{
    (void)state;
    struct error why = {0};
    struct store *s = many(9000);
    int calls = 0;
    struct slice slice = SLICE_ALL(COL_ITEM);
    assert_int_equal(store_scan(s, &slice, stop_at_third, &calls, &why), FAIL);
    assert_string_equal(why.text, "enough");
    assert_int_equal(calls, 3);
    calls = 0;
    assert_int_equal(store_scan(s, &slice, stop_at_second, &calls, &why), END);
    assert_int_equal(calls, 2);
    struct counting c = {.store = s};
    FINE(store_scan(s, &slice, nested, &c, &why));
    assert_int_equal(c.n, 9000);
    interrupt_set(2);
    assert_int_equal(store_scan(s, &slice, stop_at_third, &calls, &why), INTERRUPTED);
    interrupt_set(0);
    store_close(s);
}

static void order_is_known(void **state)
{
    (void)state;
    struct error why = {0};
    struct store *s = open_new();
    struct batch *b = batch_new();
    struct dump d = {s, {0}};
    struct appended total = {0};
    add(s, b, 1, "c2", "a", 30);
    add(s, b, 2, "c1", "a", 10);
    add(s, b, 3, "c2", "b", 30);
    FINE(store_append(s, text(s, "x"), b, &total, &why));
    FINE(store_commit(s, &why));
    assert_non_null(strstr(dump_all(&d), " ordered"));
    s = d.store = reopen(s, STORE_WRITE);
    batch_clear(b);
    uint32_t row = add(s, b, 4, "c2", "c", 20);
    batch_refer(b, row, item_of(s, "truck", "t"), text(s, "q"));
    batch_refer(b, row, item_of(s, "truck", "u"), text(s, "q"));
    row = add(s, b, 5, "c1", "d", 40);
    batch_refer(b, row, item_of(s, "truck", "t"), text(s, "r"));
    FINE(store_append(s, text(s, "x"), b, &total, &why));
    store_rollback(s);
    assert_non_null(strstr(dump_all(&d), " ordered"));
    FINE(store_append(s, text(s, "x"), b, &total, &why));
    FINE(store_commit(s, &why));
    s = d.store = reopen(s, STORE_WRITE);
    assert_null(strstr(dump_all(&d), " ordered"));
    dump_sound(s);

    FINE(store_compact(s, NULL, &why));
    const char *sorted = "0 4.fffffffffffffffb case:c2 event c    20 0 0 \n"
                         "1 1.fffffffffffffffe case:c2 event a    30 0 0 \n"
                         "2 3.fffffffffffffffc case:c2 event b    30 0 0 \n"
                         "3 2.fffffffffffffffd case:c1 event a    10 0 0 \n"
                         "4 5.fffffffffffffffa case:c1 event d    40 0 0 \n"
                         "  0 also truck:t q\n"
                         "  0 also truck:u q\n"
                         "  4 also truck:t r\n"
                         "5 events 4 items 0 links 0 rejects 2 batches 10..40 ordered\n";
    assert_string_equal(dump_all(&d), sorted);
    dump_sound(s);
    s = d.store = reopen(s, STORE_WRITE);
    assert_string_equal(dump_all(&d), sorted);
    total = (struct appended){0};
    FINE(store_append(s, text(s, "x"), b, &total, &why)); /* keys are known after it, too */
    assert_int_equal(total.duplicates, 2);
    assert_int_equal(total.events, 0);
    store_close(s);
    batch_free(b);
    buf_finish(&d.text);
}

static void compacts_many(void **state)
{
    (void)state;
    struct error why = {0};
    struct store *s = many(9000);
    struct counting before = counted(s, SLICE_ALL(COL_SEQ | COL_TIME));
    FINE(store_compact(s, NULL, &why));
    struct counting after = counted(s, SLICE_ALL(COL_SEQ | COL_TIME));
    assert_int_equal(before.sum, after.sum);
    assert_int_equal(before.n, after.n);
    dump_sound(s);
    store_close(s);
}

static void sources_are_apart(void **state)
{
    (void)state;
    struct error why = {0};
    struct store *s = open_new();
    struct batch *b = batch_new();
    struct appended total = {0};
    const char *const sources[] = {"one", "two", "one", "two"};
    for (size_t i = 0; i < 4; i++) {
        batch_clear(b);
        add(s, b, 1, "c", "a", 1);
        batch_reject(b, (struct reject){STR("f"), 1, STR("c"), STR("r"), STR("raw")});
        batch_reject(b,
                     (struct reject){i < 2 ? STR("f") : STR("g"), 0, STR(""), STR("cut"), STR("")});
        FINE(store_append(s, text(s, sources[i]), b, &total, &why));
        FINE(store_commit(s, &why));
        s = reopen(s, STORE_WRITE);
    }
    /* a reject with a text is known by it; one without by its file, which changed */
    same_counts(total, (struct appended){2, 4, 6, 0, 1, 2});
    dump_sound(s);
    store_close(s);
    batch_free(b);
}

static void null_counts(void **state)
{
    (void)state;
    struct error why = {0};
    struct store *s = NULL;
    FINE(store_open("null:", STORE_WRITE, &s, &why));
    struct batch *b = batch_new();
    struct dump d = {s, {0}};
    struct appended total = {0};
    append_fill(s, b, &total);
    same_counts(total, (struct appended){4, 0, 2, 3, 7, 4});
    store_rollback(s);
    assert_string_equal(dump_all(&d), EMPTY);
    append_fill(s, b, &total);
    FINE(store_put(s, STR("a"), STR("1"), &why));
    FINE(store_commit(s, &why));
    struct store_info info;
    FINE(store_info(s, &info, &why));
    assert_int_equal(info.events, 4);
    assert_int_equal(info.items, 7);
    assert_int_equal(info.batches, 1);
    assert_int_equal(counted(s, SLICE_ALL(COL_TIME)).n, 0);
    assert_int_equal(store_sql(s, "SELECT 1", 0, NULL, NULL, &why), FAIL);
    FINE(store_compact(s, NULL, &why));
    dump_sound(s);
    store_close(s);
    batch_free(b);
    buf_finish(&d.text);
}

static int as_memory(void **state)
{
    (void)state;
    kind_now = MEMORY;
    return 0;
}

static int as_duckdb(void **state)
{
    (void)state;
    kind_now = DUCKDB;
    return 0;
}

#define BOTH(test)                                                                                 \
    {"memory: " #test, test, as_memory, NULL, NULL},                                               \
    {                                                                                              \
        "duckdb: " #test, test, as_duckdb, NULL, NULL                                              \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(keeps_what_is_committed),
        BOTH(keeps_any_bytes),
        BOTH(rollback_leaves_nothing),
        BOTH(links_keep_the_best),
        BOTH(named_values),
        BOTH(slices),
        BOTH(scans_stop_and_nest),
        BOTH(order_is_known),
        BOTH(compacts_many),
        BOTH(sources_are_apart),
        cmocka_unit_test(null_counts),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    dump_remove_folder();
    return failed;
}
