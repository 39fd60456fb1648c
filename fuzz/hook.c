/* Deliveries of all tools: the first line names the tool, lines up to an empty one are headers
 * ("Name: value"), the rest is the body. What verifies and what identifies a delivery sees it, too.
 */
#include "drain.h"

#include "source/hook.h"
#include "source/mapping.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* For the hook "mapped": all that a mapping can say. */
static const char MAPPING[] =
    "each: $.list[*]\n"
    "map:\n"
    "  - when: {$.a: '*', 'header:X-Event': [x, y]}\n"
    "    more: true\n"
    "    items: &i [{type: change, provider: tool, instance: $.in, namespace: $.ns, groups: $.g,\n"
    "                id: '{$.id}@{$.n[-1].x}'},\n"
    "               {type: commit, id: {path: $.sha, split: [':', -1], lower: true}, qualifier: "
    "q,\n"
    "                optional: true}]\n"
    "    links: [{kind: part_of, from: 1, to: 0}]\n"
    "    activity: {path: $.a, map: {one: two}}\n"
    "    lifecycle: $.life\n"
    "    start: {path: $.began, unit: ns}\n"
    "    time: {path: $.t, unit: ms}\n"
    "    actor: $.who\n"
    "    attrs: {k: \"$.list[?@.k=='v'].x\", l: \"$['a.b']\"}\n"
    "  - items: *i\n"
    "    activity: $.b\n"
    "    time: $.t\n";

static status_code take(struct batch *b, void *cookie, struct error *why)
{
    (void)why;
    drain_check(b, cookie);
    return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { HEADERS = 16 };
    struct hook_header headers[HEADERS];
    str rest = {(const char *)data, size}, line = {0}, name;
    size_t n = 0;
    str_cut(&rest, '\n', &line);
    const struct hook *hook = hook_by_name(line);
    if (hook == NULL) {
        return -1;
    }
    while (str_cut(&rest, '\n', &line) && line.n > 0) {
        if (n < HEADERS && str_cut(&line, ':', &name)) {
            headers[n++] = (struct hook_header){name, line};
        }
    }
    struct names names;
    struct arena text = {0};
    struct mapping *mapping = NULL;
    struct error why = {0};
    if (hook == &HOOK_MAPPED) {
        status_code read = mapping_read(str_of(MAPPING), "mapping", &mapping, &why);
        assert(read == OK);
    }
    names_init(&names);
    struct source_options options = {.names = &names, .actor_key = STR("key"), .mapping = mapping};
    struct hook_run run = {
        .options = &options, .batch = batch_new(), .take = take, .cookie = &names};
    struct delivery d = {.source = STR("s"),
                         .headers = headers,
                         .header_count = n,
                         .body = rest,
                         .received = 1772452800 * SECOND};
    const str secret = STR_INIT("secret");
    struct hook_secrets secrets = {.secrets = &secret, .n = 1};
    if (hook->verify != NULL) {
        (void)hook->verify(&d, &secrets, d.received);
    }
    (void)hook->id(&d, &text);
    hook->map(&run, &d);
    assert(hook_run_end(&run, &why) == OK);
    assert(run.counts.events + run.counts.unmapped + run.counts.rejected > 0);
    arena_finish(&text);
    batch_free(run.batch);
    mapping_close(mapping);
    names_finish(&names);
    return 0;
}
