/* Any other tool: its bodies through a mapping file (mapping.h). A fact is known by what it says
 * (source, item, type, activity, lifecycle, time), as with the other tools, not by the body: the
 * same one announced twice counts once. */
#include "source/teller.h"

#include "source/mapping.h"
#include "source/signature.h"

#include <string.h>

/* Paths that are no part of the body: "header:X-Event-Key". */
static void add_headers(struct teller *t, str *values)
{
    static const str PREFIX = STR_INIT("header:");
    const struct mapping *m = t->run->options->mapping;
    for (size_t i = 0; i < mapping_path_count(m); i++) {
        str path = mapping_path(m, i), value = {0};
        if (str_starts(path, PREFIX)) {
            str name = arena_str(&t->text, str_from(path, PREFIX.n));
            values[i] = delivery_header(t->delivery, name.p, &value) ? value : (str){0};
        }
    }
}

static void map_record(struct teller *t, struct mapping_run *r, const json_t *body,
                       const json_t *record, str *values, struct buf *reason)
{
    const struct mapping *m = t->run->options->mapping;
    struct batch *b = t->run->batch;
    size_t before = b->n;
    str column = {0};
    mapping_json(m, body, record, &t->text, values);
    add_headers(t, values);
    if (!mapping_event(r, values, (id128){0}, b, reason, &column)) {
        teller_reject(t, arena_str(&t->text, column).p, "%s", buf_cstr(reason));
        return;
    }
    for (size_t row = before; row < b->n; row++) {
        teller_adopt(t, (uint32_t)row);
    }
}

static void map(struct hook_run *run, const struct delivery *d)
{
    const struct mapping *m = run->options->mapping;
    struct teller t;
    struct buf reason = {0};
    teller_open(&t, run, d);
    if (m == NULL) {
        teller_reject(&t, "", "there is no mapping for this source");
        teller_close(&t);
        return;
    }
    json_t *body = teller_json(&t);
    struct mapping_run *r = mapping_run_new(m, run->options, true);
    str *values = ARENA_ARRAY(&t.text, str, mapping_path_count(m) + 1);
    uint64_t rejected = run->counts.rejected;
    const json_t *record;
    for (size_t i = 0; body != NULL && (record = mapping_record(m, body, i)) != NULL; i++) {
        if (!hook_room(run, MAPPING_EVENTS)) {
            break;
        }
        map_record(&t, r, body, record, values, &reason);
    }
    if (body != NULL && t.count == 0 && run->counts.rejected == rejected) {
        teller_unmapped(&t);
    }
    mapping_run_free(r);
    buf_finish(&reason);
    json_decref(body);
    teller_close(&t);
}

/* `form` is what stands before the signature or token: "sha256={hex}", "Basic {token}". */
static enum hook_proof verify(const struct delivery *d, const struct hook_secrets *secrets,
                              when now)
{
    enum { LONGEST = 128 };
    static const str HEX = STR_INIT("{hex}"), TOKEN = STR_INIT("{token}");
    char header[LONGEST] = "", prefix[LONGEST] = "";
    str form = secrets->form;
    bool hex = str_ends(form, HEX);
    (void)now;
    if (form.n == 0) {
        return signature_bearer(d, secrets);
    }
    if ((!hex && !str_ends(form, TOKEN)) || form.n >= LONGEST || secrets->header.n >= LONGEST) {
        return HOOK_WRONG;
    }
    memcpy(prefix, form.p, form.n - (hex ? HEX.n : TOKEN.n));
    if (!hex) {
        return signature_token(
            d, secrets, secrets->header.n > 0 ? secrets->header : STR("Authorization"), prefix);
    }
    if (secrets->header.n == 0) {
        return HOOK_WRONG;
    }
    memcpy(header, secrets->header.p, secrets->header.n);
    return signature_list(d, secrets, header, prefix);
}

static str id(const struct delivery *d, struct arena *text)
{
    (void)d, (void)text;
    return (str){0};
}

const struct hook HOOK_MAPPED = {
    .name = "mapped", .title = "a mapped tool", .verify = verify, .id = id, .map = map};
