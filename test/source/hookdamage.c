/* Deliveries under damage: cut at every byte, every field of another type, bytes changed at random,
 * sent twice and in reverse order. None may crash, give what no store could take, or pass in
 * silence; and the store must end in the same state.
 *
 * HOOK_DEEP in the environment takes the published bodies whole, too; without it a part of them.
 * MUTATIONS is the number of bodies changed at random (default 10,000). */
#include "hooking.h"

#include "base/rng.h"
#include "wire/json.h"

static const struct {
    const char *name, *folder;
    const struct hook *hook;
} TOOLS[] = {
    {"github", SHARED "/data/delivery/11-webhook-payloads/github", &HOOK_GITHUB},
    {"github_rest", SHARED "/data/delivery/09-github-webhooks-to-cdevents/inputs", &HOOK_GITHUB},
    {"gitlab", SHARED "/data/delivery/11-webhook-payloads/gitlab", &HOOK_GITLAB},
    {"pagerduty", NULL, &HOOK_PAGERDUTY},
    {"jira", NULL, &HOOK_JIRA},
    {"jira_rest", NULL, &HOOK_JIRA},
    {"redmine", NULL, &HOOK_REDMINE},
    {"buildbot", NULL, &HOOK_BUILDBOT},
    {"jenkins", NULL, &HOOK_JENKINS},
    {"cdevents", SHARED "/data/delivery/10-cdevents-conformance/v0.5.1", &HOOK_CDEVENTS},
};
enum { TOOL_COUNT = sizeof TOOLS / sizeof *TOOLS };

struct sample {
    const struct hook *hook;
    char *event; /* or NULL */
    char *body;
};
static VEC(struct sample) samples;

static void add_sample(const struct hook *hook, str event, char *body)
{
    VEC_ADD(&samples, (struct sample){hook, event.n > 0 ? strndup(event.p, event.n) : NULL, body});
}

static void forget_samples(void)
{
    for (size_t i = 0; i < samples.n; i++) {
        free(samples.v[i].event);
        free(samples.v[i].body);
    }
    VEC_FINISH(&samples);
}

/* Our own bodies of one tool. */
static void take_fixture(size_t tool)
{
    char path[512];
    (void)snprintf(path, sizeof path, FIXTURES "/hooks/%s.ndjson", TOOLS[tool].name);
    struct buf bytes = hooking_file(path);
    str rest = buf_str(&bytes), line;
    while (str_cut(&rest, '\n', &line) && line.n > 0) {
        json_t *record = NULL;
        struct error why = {0};
        str event = {0};
        assert_int_equal(json_parse(line, 0, "record", &record, &why), OK);
        json_get_str(json_object_get(record, "headers"), "X-GitHub-Event", &event);
        const json_t *body = json_object_get(record, "body");
        add_sample(TOOLS[tool].hook, event, json_dumps(body != NULL ? body : record, JSON_COMPACT));
        json_decref(record);
    }
    buf_finish(&bytes);
}

static bool take_shared(size_t tool)
{
    if (TOOLS[tool].folder == NULL || !hooking_find(TOOLS[tool].folder)) {
        return false;
    }
    for (size_t i = 0; i < hooking_bodies.n; i++) {
        json_t *body = json_load_file(hooking_bodies.v[i].path, 0, NULL);
        add_sample(TOOLS[tool].hook, (str){0}, json_dumps(body, JSON_COMPACT));
        json_decref(body);
    }
    hooking_forget();
    return true;
}

/* What any batch must be, whatever came in. */
static status_code inspect(struct batch *b, void *cookie, struct error *why)
{
    const struct names *names = cookie;
    (void)why;
    assert_true(b->n <= BATCH_ROWS);
    for (size_t i = 0; i < b->n; i++) {
        assert_true(b->item[i] > 0 && b->item[i] < names->item_n && b->time[i] != WHEN_NONE);
        assert_true(b->activity[i] != 0 && b->type[i] != 0);
        json_t *attrs = NULL;
        struct error error = {0};
        if (b->attrs[i].n > 0) {
            assert_int_equal(json_parse(b->attrs[i], 0, "attributes", &attrs, &error), OK);
            json_decref(attrs);
        }
    }
    for (size_t i = 0; i < b->items.n; i++) {
        assert_true(b->items.v[i].row < b->n && b->items.v[i].item > 0);
    }
    for (size_t i = 0; i < b->links.n; i++) {
        assert_true(b->links.v[i].from > 0 && b->links.v[i].to > 0);
    }
    for (size_t i = 0; i < b->rejects.n; i++) {
        assert_true(b->rejects.v[i].reason.n > 0);
    }
    return OK;
}

static void begin(struct hooking *h)
{
    hooking_begin(h);
    h->run.take = inspect;
    h->run.cookie = &h->l.names;
}

/* Maps one body; nothing passes in silence, and little comes out of little. */
static void probe(struct hooking *h, const struct sample *s, str body)
{
    struct hook_counts before = h->run.counts;
    hooking_send(h, s->hook, s->event, body);
    const struct hook_counts *now = &h->run.counts;
    uint64_t events = now->events - before.events, rejected = now->rejected - before.rejected;
    if (events + rejected + now->unmapped == before.unmapped) {
        fail_msg("%s takes this in silence: " STR_FMT, s->hook->name, STR_ARG(body));
    }
    assert_true(events + rejected <= 8 + body.n / 8);
}

/* --- cut --- */

static void cut_sample(struct hooking *h, const struct sample *s, size_t step)
{
    size_t n = strlen(s->body);
    for (size_t end = 0; end < n; end += step) {
        struct hook_counts before = h->run.counts;
        char *copy = malloc(end > 0 ? end : 1); /* so that a byte too far is noticed */
        memcpy(copy, s->body, end);
        hooking_send(h, s->hook, s->event, (str){copy, end});
        free(copy);
        assert_int_equal(h->run.counts.rejected, before.rejected + 1);
        assert_int_equal(h->run.counts.events, before.events);
    }
}

static void cut_anywhere(void **state)
{
    (void)state;
    bool deep = getenv("HOOK_DEEP") != NULL;
    for (size_t tool = 0; tool < TOOL_COUNT; tool++) {
        struct hooking h;
        begin(&h);
        take_fixture(tool);
        for (size_t i = 0; i < samples.n; i++) {
            cut_sample(&h, &samples.v[i], 1);
        }
        forget_samples();
        if (take_shared(tool)) {
            for (size_t i = 0; i < samples.n; i++) {
                cut_sample(&h, &samples.v[i], deep ? 1 : 997);
            }
        }
        forget_samples();
        hooking_finish(&h);
    }
}

/* --- other types --- */

enum { KINDS = 8 };

static json_t *other(size_t kind)
{
    switch (kind) {
    case 0:
        return json_null();
    case 1:
        return json_integer(-7);
    case 2:
        return json_string("x");
    case 3:
        return json_string("");
    case 4:
        return json_array();
    case 5:
        return json_object();
    case 6:
        return json_true();
    default:
        return json_real(1e300);
    }
}

static void send_changed(struct hooking *h, const struct sample *s, const json_t *whole)
{
    char *text = json_dumps(whole, JSON_COMPACT | JSON_ENCODE_ANY);
    probe(h, s, str_of(text));
    free(text);
}

/* Every member and element below `at` in turn is another thing, then itself again. */
static void change_fields(struct hooking *h, const struct sample *s, json_t *whole, json_t *at,
                          size_t kinds)
{
    const char *key;
    json_t *value;
    size_t i;
    if (json_is_object(at)) {
        json_t *keys = json_object();
        json_object_update(keys, at);
        json_object_foreach(keys, key, value)
        {
            for (size_t kind = 0; kind < kinds; kind++) {
                json_object_set_new(at, key, other(kind));
                send_changed(h, s, whole);
            }
            json_object_del(at, key);
            send_changed(h, s, whole);
            json_object_set(at, key, value);
            change_fields(h, s, whole, value, kinds);
        }
        json_decref(keys);
    } else if (json_is_array(at)) {
        for (i = 0; i < json_array_size(at) && i < 3; i++) {
            value = json_incref(json_array_get(at, i));
            for (size_t kind = 0; kind < kinds; kind++) {
                json_array_set_new(at, i, other(kind));
                send_changed(h, s, whole);
            }
            json_array_set(at, i, value);
            change_fields(h, s, whole, value, kinds);
            json_decref(value);
        }
    }
}

static void change_samples(struct hooking *h, size_t step)
{
    for (size_t i = 0; i < samples.n; i += step) {
        json_t *whole = json_loads(samples.v[i].body, JSON_DECODE_ANY, NULL);
        assert_non_null(whole);
        change_fields(h, &samples.v[i], whole, whole, KINDS);
        json_decref(whole);
    }
}

static void other_types(void **state)
{
    (void)state;
    bool deep = getenv("HOOK_DEEP") != NULL;
    for (size_t tool = 0; tool < TOOL_COUNT; tool++) {
        struct hooking h;
        begin(&h);
        take_fixture(tool);
        change_samples(&h, 1);
        forget_samples();
        if (deep && take_shared(tool)) {
            change_samples(&h, 5);
        }
        forget_samples();
        hooking_finish(&h);
    }
}

/* --- changed at random --- */

static size_t mutate(char *body, size_t n, size_t room, uint64_t *random)
{
    static const char *const PIECES[] = {
        "{",    "}",     "[", "]", "\"", ",", ":", "\\u0000", "null", "-1", "9999999999999999999",
        "\xff", "1e999", "\n"};
    for (uint64_t times = 1 + rng_below(random, 4); times > 0 && n > 1; times--) {
        size_t at = (size_t)rng_below(random, n);
        const char *piece = PIECES[rng_below(random, sizeof PIECES / sizeof *PIECES)];
        size_t length = strlen(piece), cut;
        switch (rng_below(random, 4)) {
        case 0:
            body[at] = (char)rng_below(random, 256);
            break;
        case 1: /* insert */
            if (n + length <= room) {
                memmove(body + at + length, body + at, n - at);
                memcpy(body + at, piece, length);
                n += length;
            }
            break;
        case 2: /* take out */
            cut = 1 + (size_t)rng_below(random, n - at < 40 ? n - at : 40);
            memmove(body + at, body + at + cut, n - at - cut);
            n -= cut;
            break;
        default: /* repeat a part */
            cut = (size_t)rng_below(random, n - at < 200 ? n - at : 200);
            if (n + cut <= room) {
                memmove(body + at + cut, body + at, n - at);
                n += cut;
            }
        }
    }
    return n;
}

static void changed_at_random(void **state)
{
    (void)state;
    const char *asked = getenv("MUTATIONS");
    size_t count = asked != NULL ? (size_t)strtoul(asked, NULL, 10) : 10000;
    uint64_t random = 20260302;
    for (size_t tool = 0; tool < TOOL_COUNT; tool++) {
        take_fixture(tool);
    }
    struct hooking h;
    begin(&h);
    for (size_t i = 0; i < count; i++) {
        const struct sample *s = &samples.v[rng_below(&random, samples.n)];
        size_t n = strlen(s->body), room = n + 1024;
        char *body = malloc(room);
        memcpy(body, s->body, n);
        n = mutate(body, n, room, &random);
        probe(&h, s, (str){body, n});
        free(body);
    }
    print_message("%zu changed bodies: %llu events, %llu unmapped, %llu rejected\n", count,
                  (unsigned long long)h.run.counts.events,
                  (unsigned long long)h.run.counts.unmapped,
                  (unsigned long long)h.run.counts.rejected);
    assert_true(h.run.counts.rejected > count / 2);
    assert_true(h.run.counts.rejected < count);
    hooking_finish(&h);
    forget_samples();
}

/* --- twice, and in reverse order --- */

enum order { FORWARD, TWICE, BACKWARD };

static struct buf state_after(enum order order, bool content)
{
    struct hooking h;
    hooking_begin(&h);
    for (size_t i = 0; i < samples.n * (order == TWICE ? 2 : 1); i++) {
        size_t at = order == BACKWARD ? samples.n - 1 - i : i % samples.n;
        const struct sample *s = &samples.v[at];
        hooking_send(&h, s->hook, s->event, str_of(s->body));
    }
    hooking_end(&h);
    struct buf state = hooking_state(&h.l, content);
    hooking_finish(&h);
    return state;
}

/* `content`: not only the facts but all they say. Bodies that were made up, or from which names and
 * numbers were taken, contradict each other. */
static void expect_same_state(bool content)
{
    struct buf forward = state_after(FORWARD, content), twice = state_after(TWICE, content),
               backward = state_after(BACKWARD, content);
    assert_true(forward.n > 0);
    expect_text(&twice, buf_cstr(&forward));
    expect_text(&backward, buf_cstr(&forward));
    buf_finish(&forward);
    buf_finish(&twice);
    buf_finish(&backward);
}

static void same_state(void **state)
{
    (void)state;
    static const char *const WHOLE[] = {"github", "cdevents"}; /* one way of telling each */
    for (size_t tool = 0; tool < TOOL_COUNT; tool++) {
        take_fixture(tool);
        bool content = false;
        for (size_t i = 0; i < 2; i++) {
            content |= strcmp(TOOLS[tool].name, WHOLE[i]) == 0;
        }
        expect_same_state(content);
        forget_samples();
        if (take_shared(tool)) {
            expect_same_state(false);
        }
        forget_samples();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(other_types),
        cmocka_unit_test(changed_at_random),
        cmocka_unit_test(same_state),
    };
    return cmocka_run_group_tests_name("hookdamage", tests, NULL, NULL);
}
