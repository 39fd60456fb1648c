#include "source/xeskeys.h"

#include "wire/json.h"

#include <string.h>

enum { KEYS_MAX = 1 << 16, CLASSIFIERS_MAX = 256 };

static str or_default(str chosen, str otherwise)
{
    return chosen.n > 0 ? chosen : otherwise;
}

void xes_keys_init(struct xes_keys *k, const struct source_options *options)
{
    *k = (struct xes_keys){0};
    arena_init(&k->text, "XES attribute names", 0);
    intern_init(&k->names, "XES attribute names");
    VEC_ADD(&k->keys, (struct xes_key_place){NULL});
    k->role_names[XES_CASE] = or_default(options->case_column, STR("case:concept:name"));
    k->role_names[XES_TIME] = or_default(options->time_column, STR("time:timestamp"));
    k->role_names[XES_START] = or_default(options->start_column, STR("start_timestamp"));
    k->role_names[XES_LIFE] = or_default(options->lifecycle_column, STR("lifecycle:transition"));
    k->role_names[XES_RESOURCE] = or_default(options->resource_column, STR("org:resource"));
    k->role_names[XES_TEAM] = STR("org:group");
    k->role_names[XES_INSTANCE] = STR("concept:instance");
    for (int role = 0; role < XES_ROLES; role++) {
        k->role_names[role] = arena_str(&k->text, k->role_names[role]);
    }
    k->case_name = arena_str(&k->text, or_default(options->case_column, STR("concept:name")));
    k->parts[0] = arena_str(&k->text, or_default(options->activity_column, STR("concept:name")));
    k->part_n = 1;
}

void xes_keys_finish(struct xes_keys *k)
{
    VEC_FINISH(&k->keys);
    VEC_FINISH(&k->promised);
    VEC_FINISH(&k->classifiers);
    buf_finish(&k->spare_name);
    buf_finish(&k->spare_quoted);
    intern_finish(&k->names);
    arena_finish(&k->text);
}

static void assign(const struct xes_keys *k, struct xes_key *key)
{
    key->role = XES_PLAIN;
    key->part = -1;
    for (int role = XES_CASE; role < XES_ROLES; role++) {
        if (str_eq(key->name, k->role_names[role])) {
            key->role = (uint8_t)role;
            break;
        }
    }
    for (size_t i = 0; i < k->part_n; i++) {
        if (str_eq(key->name, k->parts[i])) {
            key->part = (int8_t)i;
            break;
        }
    }
    key->consumed = key->role > XES_CASE || (key->part == 0 && k->part_n == 1);
}

static str quoted(struct buf *room, str name)
{
    buf_clear(room);
    json_quote(room, name);
    buf_putc(room, ':');
    return buf_str(room);
}

static struct xes_key *spare(struct xes_keys *k, str name)
{
    if (k->spare == NULL) {
        k->spare = ARENA_NEW(&k->text, struct xes_key);
    }
    struct buf copy = {0}; /* the old name may be what `name` points to */
    buf_add(&copy, name);
    buf_cstr(&copy);
    buf_finish(&k->spare_name);
    k->spare_name = copy;
    *k->spare = (struct xes_key){
        .name = buf_str(&copy), .quoted = quoted(&k->spare_quoted, name), .part = -1};
    return k->spare;
}

struct xes_key *xes_keys_get(struct xes_keys *k, str name)
{
    uint32_t number = 0;
    if (intern_find(&k->names, name, &number) && number > 0) {
        return k->keys.v[number].key;
    }
    if (name.n == 0 || k->keys.n > KEYS_MAX) {
        return spare(k, name);
    }
    struct xes_key *key = ARENA_NEW(&k->text, struct xes_key);
    number = intern_add(&k->names, name);
    key->name = intern_text(&k->names, number);
    key->quoted = arena_str(&k->text, quoted(&k->spare_quoted, name));
    assign(k, key);
    VEC_ADD(&k->keys, (struct xes_key_place){key});
    return key;
}

bool xes_key_again(struct xes_key *key, enum xes_scope scope, uint64_t number)
{
    bool again = key->owner[scope] == number;
    key->repeats[scope] = again ? key->repeats[scope] + 1 : 0;
    key->owner[scope] = number;
    return again;
}

void xes_keys_promise(struct xes_keys *k, enum xes_scope scope, str name)
{
    struct xes_key *key = xes_keys_get(k, name);
    if (key == k->spare || key->promised[scope]) {
        return;
    }
    if (!key->promised[XES_EVENT] && !key->promised[XES_TRACE]) {
        VEC_ADD(&k->promised, (struct xes_key_place){key});
    }
    key->promised[scope] = true;
}

void xes_keys_classifier(struct xes_keys *k, str name, str keys)
{
    if (k->classifiers.n < CLASSIFIERS_MAX) {
        VEC_ADD(&k->classifiers,
                (struct xes_classifier){arena_str(&k->text, name), arena_str(&k->text, keys)});
    }
}

static bool is_promised(const struct xes_keys *k, str name)
{
    uint32_t number = 0;
    return intern_find(&k->names, name, &number) && number > 0 &&
           k->keys.v[number].key->promised[XES_EVENT];
}

/* The next name of a list parted by spaces. Names with spaces in them are quoted, or else known
 * from a global declaration: the longest one that fits is taken. */
static str next_key(const struct xes_keys *k, str *rest)
{
    *rest = str_trim(*rest);
    if (rest->n > 0 && (rest->p[0] == '\'' || rest->p[0] == '"')) {
        size_t end = str_find_char(str_from(*rest, 1), rest->p[0]);
        str name = str_first(str_from(*rest, 1), end);
        *rest = str_from(*rest, end + 2);
        return name;
    }
    size_t taken = str_find_char(*rest, ' ');
    for (size_t n = rest->n; n > taken; n--) {
        if ((n == rest->n || rest->p[n] == ' ') && is_promised(k, str_first(*rest, n))) {
            taken = n;
        }
    }
    str name = str_first(*rest, taken);
    *rest = str_from(*rest, taken);
    return name;
}

static status_code fail_unknown(const struct xes_keys *k, str name, struct error *why)
{
    struct buf known = {0};
    for (size_t i = 0; i < k->classifiers.n; i++) {
        buf_addf(&known, "%s\"" STR_FMT "\"", i > 0 ? ", " : "", STR_ARG(k->classifiers.v[i].name));
    }
    error_set(why, "there is no classifier \"" STR_FMT "\": the log %s%s", STR_ARG(name),
              known.n > 0 ? "has " : "declares none", buf_cstr(&known));
    buf_finish(&known);
    return FAIL;
}

status xes_keys_classify(struct xes_keys *k, str name, struct error *why)
{
    const struct xes_classifier *found = NULL;
    for (size_t i = 0; i < k->classifiers.n && found == NULL; i++) {
        found = str_eq(k->classifiers.v[i].name, name) ? &k->classifiers.v[i] : NULL;
    }
    if (found == NULL) {
        return fail_unknown(k, name, why);
    }
    str rest = str_first(found->keys, 4096);
    k->part_n = 0;
    for (str key; (key = next_key(k, &rest)).n > 0;) {
        if (k->part_n == XES_PARTS) {
            return error_set(why, "the classifier \"" STR_FMT "\" has more than %d keys",
                             STR_ARG(name), XES_PARTS);
        }
        k->parts[k->part_n++] = key;
    }
    if (k->part_n == 0) {
        return error_set(why, "the classifier \"" STR_FMT "\" names no attribute", STR_ARG(name));
    }
    for (size_t i = 1; i < k->keys.n; i++) {
        assign(k, k->keys.v[i].key);
    }
    return OK;
}
