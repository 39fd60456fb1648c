/* Telling facts: times, identities, items. */
#include "hooking.h"

#include "source/teller.h"

static void times(void **state)
{
    (void)state;
    struct hooking h;
    struct teller t;
    struct delivery d = {.source = STR("s"), .received = 1772452800 * SECOND};
    hooking_begin(&h);
    teller_open(&t, &h.run, &d);
    json_t *j = json_pack("{s:s,s:s,s:i,s:i,s:n,s:s}", "zone", "2021-04-28 21:50:00 +0200", "none",
                          "2018-04-25 20:42:10", "epoch", 1772355600, "negative", -5, "null", "utc",
                          "2017-09-15 16:50:55 UTC");
    assert_true(teller_when(&t, json_object_get(j, "zone")) == 1619639400 * SECOND);
    assert_true(teller_when(&t, json_object_get(j, "utc")) == 1505494255 * SECOND);
    assert_true(teller_when(&t, json_object_get(j, "none")) == WHEN_NONE);
    assert_true(teller_when(&t, json_object_get(j, "epoch")) == WHEN_NONE);
    assert_true(teller_epoch(json_object_get(j, "epoch"), SECOND) == 1772355600 * SECOND);
    assert_true(teller_epoch(json_object_get(j, "epoch"), SECOND / 1000) == 1772355600000);
    assert_true(teller_epoch(json_object_get(j, "negative"), SECOND) == WHEN_NONE);
    assert_true(teller_epoch(json_object_get(j, "utc"), SECOND) == WHEN_NONE);
    struct zone *zone = NULL;
    struct error why = {0};
    assert_int_equal(zone_open(STR("Europe/Berlin"), &zone, &why), OK);
    h.options.zone = zone;
    assert_true(teller_when(&t, json_object_get(j, "none")) == 1524681730 * SECOND);
    json_decref(j);
    /* absurd ones are kept and marked; none at all is that of receipt */
    t.place = (struct place){.provider = STR("p")};
    item_id item = teller_item(&t, "issue", "issue", STR("1"));
    const when TIMES[] = {631151999 * SECOND, d.received + DAY + 1, WHEN_NONE, d.received + DAY};
    const int QUALITY[] = {TIME_BAD, TIME_BAD, TIME_RECEIVED, TIME_OWN};
    for (size_t i = 0; i < 4; i++) {
        teller_fact(&t, item, "issue.created", STR("created"), TIMES[i]);
        assert_int_equal(t.event.quality, QUALITY[i]);
    }
    teller_close(&t);
    zone_close(zone);
    hooking_finish(&h);
}

static id128 told(struct teller *t, item_id item, str activity, when time, enum life life, str own)
{
    teller_fact(t, item, "issue.x", activity, time);
    t->event.life = (uint8_t)life;
    assert_true(teller_give(t, own));
    return t->given;
}

/* Every part of the identity counts, and nothing else. */
static void identities(void **state)
{
    (void)state;
    struct hooking h;
    struct teller t;
    struct delivery d = {.source = STR("s"), .received = 1772452800 * SECOND};
    struct set128 seen = {0};
    when at = 1772355600 * SECOND;
    hooking_begin(&h);
    teller_open(&t, &h.run, &d);
    t.place = (struct place){.provider = STR("p"), .groups = STR("g/h i")};
    item_id one = teller_item(&t, "issue", "issue", STR("1/2"));
    assert_true(str_eq(names_key(&h.l.names, one), STR("cdevents:v0:p:::g/h%20i:issue:1%2F2")));
    item_id two = teller_item(&t, "issue", "issue", STR("2"));
    assert_true(set128_add(&seen, told(&t, one, STR("a"), at, LIFE_NONE, (str){0})));
    assert_false(set128_add(&seen, told(&t, one, STR("a"), at, LIFE_NONE, (str){0})));
    assert_true(set128_add(&seen, told(&t, two, STR("a"), at, LIFE_NONE, (str){0})));
    assert_true(set128_add(&seen, told(&t, one, STR("b"), at, LIFE_NONE, (str){0})));
    assert_true(set128_add(&seen, told(&t, one, STR("a"), at + 1, LIFE_NONE, (str){0})));
    assert_true(set128_add(&seen, told(&t, one, STR("a"), at, LIFE_START, (str){0})));
    assert_true(set128_add(&seen, told(&t, one, STR("a"), at, LIFE_NONE, STR("9"))));
    assert_false(set128_add(&seen, told(&t, one, STR("a"), at + DAY, LIFE_NONE, STR("9"))));
    t.resolution = SECOND;
    assert_false(set128_add(&seen, told(&t, one, STR("a"), at + 1, LIFE_NONE, (str){0})));
    d.source = STR("other");
    assert_true(set128_add(&seen, told(&t, one, STR("a"), at, LIFE_NONE, (str){0})));
    assert_int_equal(teller_item(&t, "issue", "issue", (str){0}), 0);
    assert_int_equal(teller_commit(&t, STR("0000000000000000000000000000000000000000")), 0);
    assert_int_equal(teller_commit(&t, STR("0123456")), 0);
    assert_int_not_equal(teller_commit(&t, STR("012345678901234567890123456789012345678A")), 0);
    assert_true(teller_is_bot(STR("deploy[bot]")) && teller_is_bot(STR("group_7_bot_ab")) &&
                !teller_is_bot(STR("abbot")) && !teller_is_bot(STR("bottle")));
    teller_close(&t);
    set128_finish(&seen);
    hooking_finish(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times),
        cmocka_unit_test(identities),
    };
    return cmocka_run_group_tests_name("teller", tests, NULL, NULL);
}
