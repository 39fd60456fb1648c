#include "source/mapping_parts.h"

#include "base/nearest.h"
#include "wire/stream.h"

#include <libfyaml.h>
#include <string.h>

enum { FILE_LARGEST = 1 << 20 };

struct reader {
    struct mapping *m;
    struct error *why;
    struct fy_node *key; /* the one being read: says the line */
};

static str scalar(struct fy_node *node)
{
    size_t n = 0;
    const char *p = node != NULL ? fy_node_get_scalar(node, &n) : NULL;
    return (str){p, p != NULL ? n : 0};
}

static int line_of(struct fy_node *node)
{
    struct fy_token *token = node != NULL ? fy_node_get_scalar_token(node) : NULL;
    const struct fy_mark *mark = token != NULL ? fy_token_start_mark(token) : NULL;
    return mark != NULL ? mark->line + 1 : 0;
}

static status_code wrong(struct reader *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static status_code wrong(struct reader *r, const char *format, ...)
{
    struct buf text = {0};
    va_list arguments;
    va_start(arguments, format);
    buf_addv(&text, format, arguments);
    va_end(arguments);
    error_set(r->why, STR_FMT ": line %d: %s", STR_ARG(r->m->name), line_of(r->key),
              buf_cstr(&text));
    buf_finish(&text);
    return FAIL;
}

/* What an alias stands for, looked up where it is used: nothing is copied, so that aliases of
 * aliases cannot grow without bounds. NULL stays NULL. */
static struct fy_node *target(struct fy_node *node)
{
    return node != NULL && fy_node_is_alias(node) ? fy_node_resolve_alias(node) : node;
}

/* Steps through a mapping node: the next key, its value. */
static bool next_pair(struct reader *r, struct fy_node *map, void **at, str *ret_key,
                      struct fy_node **ret_value)
{
    struct fy_node_pair *pair = fy_node_mapping_iterate(map, at);
    if (pair == NULL) {
        return false;
    }
    r->key = fy_node_pair_key(pair);
    *ret_key = scalar(r->key);
    *ret_value = target(fy_node_pair_value(pair));
    return true;
}

static status_code unknown_key(struct reader *r, str key, const str *known, size_t n)
{
    const str *near = nearest(key, known, n);
    if (near != NULL) {
        return wrong(r, "unknown key \"" STR_FMT "\". Did you mean \"" STR_FMT "\"?", STR_ARG(key),
                     STR_ARG(*near));
    }
    struct buf all = {0};
    for (size_t i = 0; i < n; i++) {
        buf_addf(&all, "%s" STR_FMT, i > 0 ? ", " : "", STR_ARG(known[i]));
    }
    status_code code =
        wrong(r, "unknown key \"" STR_FMT "\"; known are %s", STR_ARG(key), buf_cstr(&all));
    buf_finish(&all);
    return code;
}

static int path_number(struct mapping *m, str path, bool needed)
{
    for (size_t i = 0; i < m->paths.n; i++) {
        if (str_eq(m->paths.v[i].text, path)) {
            m->paths.v[i].needed |= needed;
            return (int)i;
        }
    }
    VEC_ADD(&m->paths, (struct mapping_path){arena_str(&m->text, path), needed});
    return (int)m->paths.n - 1;
}

static void add_part(struct mapping *m, struct mapping_value *v, str text, int path)
{
    if (v->parts == NULL) {
        v->parts = ARENA_ARRAY(&m->text, struct mapping_part, MAPPING_LIST);
    }
    v->parts[v->part_n++] = (struct mapping_part){arena_str(&m->text, text), path};
}

/* "{kind}#{number}": texts and paths in turn. */
static status read_template(struct reader *r, str text, struct mapping_value *v)
{
    while (text.n > 0) {
        size_t open = str_find_char(text, '{');
        if (v->part_n + 2 > MAPPING_LIST) {
            return wrong(r, "more than %d pieces in one text", MAPPING_LIST);
        }
        if (open > 0) {
            add_part(r->m, v, str_first(text, open), -1);
        }
        text = str_from(text, open);
        if (text.n == 0) {
            break;
        }
        size_t close = str_find_char(text, '}');
        str path = str_trim(str_first(str_from(text, 1), close - 1));
        if (close == text.n || path.n == 0) {
            return wrong(r, "\"" STR_FMT "\": a { without its path and }", STR_ARG(text));
        }
        add_part(r->m, v, (str){0}, path_number(r->m, path, true));
        text = str_from(text, close + 1);
    }
    return OK;
}

static status read_text(struct reader *r, str text, bool is_path, struct mapping_value *v)
{
    if (text.n == 0) {
        return wrong(r, "no value");
    }
    if (str_find_char(text, '{') < text.n) {
        return read_template(r, text, v);
    }
    add_part(r->m, v, (str){0}, path_number(r->m, text, is_path || text.p[0] == '$'));
    return OK;
}

static bool truth(str text)
{
    return str_eq_case(text, STR("true"));
}

static status read_pairs(struct reader *r, struct fy_node *node, struct mapping_value *v)
{
    void *at = NULL;
    str from = {0};
    struct fy_node *to = NULL;
    int n = fy_node_is_mapping(node) ? fy_node_mapping_item_count(node) : 0;
    if (n <= 0) {
        return wrong(r, "`map` holds pairs of texts");
    }
    v->pairs = ARENA_ARRAY(&r->m->text, struct mapping_pair, (size_t)n);
    while (v->pair_n < (size_t)n && next_pair(r, node, &at, &from, &to)) {
        v->pairs[v->pair_n++] =
            (struct mapping_pair){arena_str(&r->m->text, from), arena_str(&r->m->text, scalar(to))};
    }
    return OK;
}

static status read_split(struct reader *r, struct fy_node *node, struct mapping_value *v)
{
    str separator = scalar(fy_node_sequence_get_by_index(node, 0));
    str number = scalar(fy_node_sequence_get_by_index(node, 1));
    if (!fy_node_is_sequence(node) || separator.n == 0 || !str_to_i64(number, &v->field)) {
        return wrong(r, "`split` is a separator and the number of the piece, from 0: [\"/\", 1]");
    }
    v->separator = arena_str(&r->m->text, separator);
    return OK;
}

static status read_unit(struct reader *r, str text, struct mapping_time *t)
{
    static const struct {
        str name;
        lapse unit;
    } UNITS[] = {{STR_INIT("s"), SECOND},
                 {STR_INIT("ms"), SECOND / 1000},
                 {STR_INIT("us"), 1},
                 {STR_INIT("ns"), 0}};
    for (size_t i = 0; i < sizeof UNITS / sizeof *UNITS; i++) {
        if (str_eq(text, UNITS[i].name)) {
            t->epoch = true;
            t->unit = UNITS[i].unit;
            return OK;
        }
    }
    return wrong(r, "\"" STR_FMT "\" is no unit; there are s, ms, us, ns", STR_ARG(text));
}

/* A value; with `t` (a time) also format, zone and unit. */
static status read_value(struct reader *r, struct fy_node *node, bool is_path,
                         struct mapping_value *v, struct mapping_time *t)
{
    static const str KEYS[] = {STR_INIT("path"),  STR_INIT("map"),    STR_INIT("lower"),
                               STR_INIT("split"), STR_INIT("format"), STR_INIT("zone"),
                               STR_INIT("unit")};
    if (fy_node_is_scalar(node)) {
        return read_text(r, scalar(node), is_path, v);
    }
    if (!fy_node_is_mapping(node)) {
        return wrong(r, "a value is a text or {path: …, map: …}");
    }
    void *at = NULL;
    str key = {0};
    for (struct fy_node *value = NULL; next_pair(r, node, &at, &key, &value);) {
        if (str_eq(key, KEYS[0])) {
            TRY(read_text(r, scalar(value), true, v));
        } else if (str_eq(key, KEYS[1])) {
            TRY(read_pairs(r, value, v));
        } else if (str_eq(key, KEYS[2])) {
            v->lower = truth(scalar(value));
        } else if (str_eq(key, KEYS[3])) {
            TRY(read_split(r, value, v));
        } else if (t != NULL && str_eq(key, KEYS[4])) {
            t->format = arena_str(&r->m->text, scalar(value));
        } else if (t != NULL && str_eq(key, KEYS[5])) {
            TRY(zone_open(scalar(value), &t->zone, r->why));
        } else if (t != NULL && str_eq(key, KEYS[6])) {
            TRY(read_unit(r, scalar(value), t));
        } else {
            return unknown_key(r, key, KEYS, t != NULL ? 7 : 4);
        }
    }
    return v->part_n > 0 ? OK : wrong(r, "a value without a `path`");
}

static status read_time(struct reader *r, struct fy_node *node, struct mapping_time *t)
{
    TRY(read_value(r, node, true, &t->value, t));
    struct dates probe;
    return dates_init(&probe, NULL, t->format, r->why);
}

static status read_when(struct reader *r, struct fy_node *node, struct mapping_entry *e)
{
    void *at = NULL;
    str path = {0};
    if (!fy_node_is_mapping(node)) {
        return wrong(r, "`when` holds paths and the values that they must have");
    }
    for (struct fy_node *value = NULL; next_pair(r, node, &at, &path, &value);) {
        struct mapping_test test = {.path = path_number(r->m, path, true), .n = 1};
        bool several = fy_node_is_sequence(value);
        int n = several ? fy_node_sequence_item_count(value) : 1;
        test.n = n > 0 ? (size_t)n : 0;
        test.texts = ARENA_ARRAY(&r->m->text, str, test.n + 1);
        for (int i = 0; i < n; i++) {
            test.texts[i] = arena_str(
                &r->m->text,
                scalar(several ? target(fy_node_sequence_get_by_index(value, i)) : value));
        }
        VEC_ADD(&e->tests, test);
    }
    return OK;
}

static status read_item(struct reader *r, struct fy_node *node, struct mapping_item *item)
{
    static const str KEYS[] = {STR_INIT("type"),     STR_INIT("namespace"), STR_INIT("groups"),
                               STR_INIT("id"),       STR_INIT("qualifier"), STR_INIT("provider"),
                               STR_INIT("instance"), STR_INIT("optional")};
    enum { KEY_N = sizeof KEYS / sizeof *KEYS, OPTIONAL = KEY_N - 1 };
    struct mapping_value *fields[] = {&item->type,      &item->namespace, &item->groups,  &item->id,
                                      &item->qualifier, &item->provider,  &item->instance};
    void *at = NULL;
    str key = {0};
    for (struct fy_node *value = NULL; next_pair(r, node, &at, &key, &value);) {
        size_t i = 0;
        while (i < KEY_N && !str_eq(key, KEYS[i])) {
            i++;
        }
        if (i == KEY_N) {
            return unknown_key(r, key, KEYS, KEY_N);
        }
        if (i == OPTIONAL) {
            item->optional = truth(scalar(value));
        } else {
            TRY(read_value(r, value, false, fields[i], NULL));
        }
    }
    if (item->type.part_n == 0 || item->id.part_n == 0) {
        return wrong(r, "an item needs `type` and `id`");
    }
    return item->instance.part_n == 0 || item->provider.part_n > 0
               ? OK
               : wrong(r, "an `instance` is that of a `provider`");
}

static status read_items(struct reader *r, struct fy_node *node, struct mapping_entry *e)
{
    void *item_at = NULL;
    if (!fy_node_is_sequence(node)) {
        return wrong(r, "`items` is a list of {type: …, id: …}");
    }
    for (struct fy_node *one = NULL;
         (one = target(fy_node_sequence_iterate(node, &item_at))) != NULL;) {
        struct mapping_item item = {0};
        if (!fy_node_is_mapping(one) || e->items.n == MAPPING_LIST) {
            return wrong(r, "`items` is a list of up to %d {type: …, id: …}", MAPPING_LIST);
        }
        TRY(read_item(r, one, &item));
        VEC_ADD(&e->items, item);
    }
    if (e->items.n > 0 && e->items.v[0].optional) {
        return wrong(r, "the first item is what the event is about: it cannot be optional");
    }
    return e->items.n > 0 ? OK : wrong(r, "`items` is empty");
}

static status read_links(struct reader *r, struct fy_node *node, struct mapping_entry *e)
{
    static const str KEYS[] = {STR_INIT("kind"), STR_INIT("from"), STR_INIT("to")};
    void *link_at = NULL;
    if (!fy_node_is_sequence(node)) {
        return wrong(r, "`links` is a list of {kind: …, to: number of an item}");
    }
    for (struct fy_node *one = NULL;
         (one = target(fy_node_sequence_iterate(node, &link_at))) != NULL;) {
        struct mapping_link link = {.to = -1};
        void *at = NULL;
        str key = {0};
        if (!fy_node_is_mapping(one)) {
            return wrong(r, "`links` is a list of {kind: …, to: number of an item}");
        }
        for (struct fy_node *value = NULL; next_pair(r, one, &at, &key, &value);) {
            if (str_eq(key, KEYS[0])) {
                TRY(read_value(r, value, false, &link.kind, NULL));
            } else if (!str_eq(key, KEYS[1]) && !str_eq(key, KEYS[2])) {
                return unknown_key(r, key, KEYS, 3);
            } else if (!str_to_i64(scalar(value), str_eq(key, KEYS[1]) ? &link.from : &link.to)) {
                return wrong(r, "`from` and `to` are numbers of items, from 0");
            }
        }
        if (link.kind.part_n == 0 || link.to < 0 || link.from < 0) {
            return wrong(r, "a link needs `kind` and `to`");
        }
        VEC_ADD(&e->links, link);
    }
    return OK;
}

static status read_attrs(struct reader *r, struct fy_node *node, struct mapping_entry *e)
{
    void *at = NULL;
    str key = {0};
    if (!fy_node_is_mapping(node)) {
        return wrong(r, "`attrs` holds names and values");
    }
    for (struct fy_node *value = NULL; next_pair(r, node, &at, &key, &value);) {
        struct mapping_attr attr = {.name = arena_str(&r->m->text, key)};
        TRY(read_value(r, value, false, &attr.value, NULL));
        VEC_ADD(&e->attrs, attr);
    }
    return OK;
}

static status check_entry(struct reader *r, const struct mapping_entry *e)
{
    if (e->items.n == 0 || e->activity.part_n == 0 || e->time.value.part_n == 0) {
        return wrong(r, "an entry needs `items`, `activity` and `time`");
    }
    for (size_t i = 0; i < e->links.n; i++) {
        if ((size_t)e->links.v[i].to >= e->items.n || (size_t)e->links.v[i].from >= e->items.n) {
            return wrong(r, "a link names item %lld, but there are %zu (numbered from 0)",
                         (long long)e->links.v[i].to, e->items.n);
        }
    }
    return OK;
}

static status read_entry_key(struct reader *r, str key, struct fy_node *value,
                             struct mapping_entry *e)
{
    static const str KEYS[] = {STR_INIT("when"),        STR_INIT("items"),     STR_INIT("activity"),
                               STR_INIT("type"),        STR_INIT("lifecycle"), STR_INIT("time"),
                               STR_INIT("start"),       STR_INIT("actor"),     STR_INIT("team"),
                               STR_INIT("links"),       STR_INIT("attrs"),     STR_INIT("instance"),
                               STR_INIT("environment"), STR_INIT("service"),   STR_INIT("more")};
    static const size_t KEY_N = sizeof KEYS / sizeof *KEYS;
    struct mapping_value *plain[] = {[2] = &e->activity, [3] = &e->type, [4] = &e->lifecycle,
                                     [7] = &e->actor,    [8] = &e->team, [11] = &e->instance};
    size_t i = 0;
    while (i < KEY_N && !str_eq(key, KEYS[i])) {
        i++;
    }
    switch (i) {
    case 0:
        return read_when(r, value, e);
    case 1:
        return read_items(r, value, e);
    case 5:
        return read_time(r, value, &e->time);
    case 6:
        return read_time(r, value, &e->start);
    case 9:
        return read_links(r, value, e);
    case 10:
        return read_attrs(r, value, e);
    case 12:
    case 13: {
        struct mapping_attr attr = {.name = KEYS[i]};
        TRY(read_value(r, value, false, &attr.value, NULL));
        VEC_ADD(&e->attrs, attr);
        return OK;
    }
    case 14:
        e->more = truth(scalar(value));
        return OK;
    default:
        break;
    }
    return i == KEY_N ? unknown_key(r, key, KEYS, KEY_N)
                      : read_value(r, value, false, plain[i], NULL);
}

static status read_map(struct reader *r, struct fy_node *node)
{
    void *entry_at = NULL;
    if (!fy_node_is_sequence(node)) {
        return wrong(r, "`map` is a list of entries");
    }
    for (struct fy_node *one = NULL;
         (one = target(fy_node_sequence_iterate(node, &entry_at))) != NULL;) {
        void *at = NULL;
        str key = {0};
        VEC_ADD(&r->m->entries, (struct mapping_entry){0});
        struct mapping_entry *e = &r->m->entries.v[r->m->entries.n - 1];
        if (!fy_node_is_mapping(one)) {
            return wrong(r, "an entry of `map` holds `items`, `activity`, `time` and more");
        }
        for (struct fy_node *value = NULL; next_pair(r, one, &at, &key, &value);) {
            TRY(read_entry_key(r, key, value, e));
        }
        TRY(check_entry(r, e));
    }
    return r->m->entries.n > 0 ? OK : wrong(r, "`map` is empty");
}

/* `verify`: {scheme: hmac-sha256, header: X-Signature, form: "sha256={hex}", secret_file: …} */
static status read_verify(struct reader *r, struct fy_node *node)
{
    static const str KEYS[] = {STR_INIT("scheme"), STR_INIT("header"), STR_INIT("form"),
                               STR_INIT("secret_file")};
    struct mapping_hook *h = &r->m->hook;
    str *fields[] = {NULL, &h->header, &h->form, &h->secret_file};
    void *at = NULL;
    str key = {0}, scheme = STR("token");
    if (!fy_node_is_mapping(node)) {
        return wrong(r, "`verify` holds scheme, header, form, secret_file");
    }
    for (struct fy_node *value = NULL; next_pair(r, node, &at, &key, &value);) {
        size_t i = 0;
        while (i < 4 && !str_eq(key, KEYS[i])) {
            i++;
        }
        if (i == 4) {
            return unknown_key(r, key, KEYS, 4);
        }
        *(i == 0 ? &scheme : fields[i]) = arena_str(&r->m->text, scalar(value));
    }
    bool hmac = str_eq(scheme, STR("hmac-sha256"));
    if (!hmac && !str_eq(scheme, STR("token"))) {
        return wrong(r, "`scheme` is hmac-sha256 or token");
    }
    if (hmac && h->form.n == 0) {
        h->form = STR("{hex}");
    }
    if (hmac && (h->header.n == 0 || !str_ends(h->form, STR("{hex}")))) {
        return wrong(r, "hmac-sha256 needs a `header`, and a `form` that ends with {hex}");
    }
    return hmac || h->form.n == 0 || str_ends(h->form, STR("{token}"))
               ? OK
               : wrong(r, "the `form` of a token ends with {token}");
}

/* `delivery: header:X-Delivery-Id` */
static status read_delivery(struct reader *r, str text)
{
    static const str PREFIX = STR_INIT("header:");
    if (!str_starts(text, PREFIX) || text.n == PREFIX.n) {
        return wrong(r, "`delivery` is header: and its name, such as header:X-Delivery-Id");
    }
    r->m->hook.id_header = arena_str(&r->m->text, str_from(text, PREFIX.n));
    return OK;
}

static status read_source(struct reader *r, struct fy_node *node)
{
    static const str KEYS[] = {STR_INIT("kind"), STR_INIT("verify"), STR_INIT("delivery"),
                               STR_INIT("each"), STR_INIT("zone"),   STR_INIT("map")};
    void *at = NULL;
    str key = {0};
    for (struct fy_node *value = NULL; next_pair(r, node, &at, &key, &value);) {
        if (str_eq(key, KEYS[0])) {
            if (!str_eq(scalar(value), STR("mapped"))) {
                return wrong(r, "the kind of a mapped source is \"mapped\"");
            }
        } else if (str_eq(key, KEYS[3])) {
            str each = scalar(value);
            if (each.n == 0 || each.p[0] != '$') {
                return wrong(r, "`each` is a path such as $.alerts[*]");
            }
            if (!str_eq(each, STR("$"))) {
                r->m->each = arena_str(&r->m->text, each);
            }
        } else if (str_eq(key, KEYS[4])) {
            struct zone *probe = NULL;
            r->m->zone = arena_str(&r->m->text, scalar(value));
            TRY(zone_open(r->m->zone, &probe, r->why));
            zone_close(probe);
        } else if (str_eq(key, KEYS[5])) {
            TRY(read_map(r, value));
        } else if (str_eq(key, KEYS[1])) {
            TRY(read_verify(r, value));
        } else if (str_eq(key, KEYS[2])) {
            TRY(read_delivery(r, scalar(value)));
        } else {
            return unknown_key(r, key, KEYS, sizeof KEYS / sizeof *KEYS);
        }
    }
    return r->m->entries.n > 0 ? OK : wrong(r, "a mapping without `map`");
}

/* `sources:` with one source in it, or what stands in a source, or its list of entries alone. */
static status read_document(struct reader *r, struct fy_node *root)
{
    if (fy_node_is_sequence(root)) {
        return read_map(r, root);
    }
    if (!fy_node_is_mapping(root)) {
        return error_set(r->why, STR_FMT " holds no mapping", STR_ARG(r->m->name));
    }
    struct fy_node *sources = fy_node_mapping_lookup_by_string(root, "sources", FY_NT);
    if (sources == NULL) {
        return read_source(r, root);
    }
    void *at = NULL;
    str name = {0};
    struct fy_node *one = NULL;
    if (!fy_node_is_mapping(sources) || fy_node_mapping_item_count(sources) != 1) {
        return error_set(r->why, STR_FMT ": an import reads a file with one source under `sources`",
                         STR_ARG(r->m->name));
    }
    next_pair(r, sources, &at, &name, &one);
    return fy_node_is_mapping(one) ? read_source(r, one)
                                   : wrong(r, "a source holds `kind`, `map` and more");
}

status mapping_read(str yaml, const char *name, struct mapping **ret, struct error *why)
{
    struct mapping *m = mem_get(sizeof *m);
    arena_init(&m->text, "mapping", 0);
    m->name = arena_str(&m->text, str_of(name));
    struct fy_diag_cfg messages;
    fy_diag_cfg_default(&messages);
    messages.fp = NULL;
    struct fy_diag *diag = fy_diag_create(&messages);
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg how = {.flags = FYPCF_QUIET, .diag = diag};
    struct fy_document *document = fy_document_build_from_string(&how, yaml.p, yaml.n);
    status_code code = FAIL;
    if (document == NULL || fy_document_root(document) == NULL) {
        void *at = NULL;
        const struct fy_diag_error *fault = fy_diag_errors_iterate(diag, &at);
        if (fault != NULL) {
            error_set(why, "%s: line %d: %s", name, fault->line, fault->msg);
        } else {
            error_set(why, "%s holds no YAML", name);
        }
    } else {
        struct reader r = {.m = m, .why = why};
        code = read_document(&r, fy_document_root(document));
    }
    fy_document_destroy(document);
    fy_diag_destroy(diag);
    if (code == OK) {
        *ret = m;
    } else {
        mapping_close(m);
    }
    return code;
}

status mapping_open(const char *path, struct mapping **ret, struct error *why)
{
    struct stream *s = NULL;
    str yaml = {0};
    TRY(stream_open(path, &s, why));
    status_code code = stream_peek(s, FILE_LARGEST, &yaml, why);
    if (code == OK && yaml.n == FILE_LARGEST) {
        code = error_set(why, "%s is larger than %d bytes: no mapping", path, FILE_LARGEST);
    }
    if (code == OK || code == END) {
        code = mapping_read(yaml, path, ret, why);
    }
    stream_close(s);
    return code;
}

void mapping_close(struct mapping *m)
{
    if (m == NULL) {
        return;
    }
    for (size_t i = 0; i < m->entries.n; i++) {
        struct mapping_entry *e = &m->entries.v[i];
        VEC_FINISH(&e->tests);
        VEC_FINISH(&e->items);
        VEC_FINISH(&e->links);
        VEC_FINISH(&e->attrs);
        zone_close(e->time.zone);
        zone_close(e->start.zone);
    }
    VEC_FINISH(&m->entries);
    VEC_FINISH(&m->paths);
    arena_finish(&m->text);
    mem_put(m);
}

const struct mapping_hook *mapping_hook(const struct mapping *m)
{
    return &m->hook;
}

size_t mapping_path_count(const struct mapping *m)
{
    return m->paths.n;
}

str mapping_path(const struct mapping *m, size_t path)
{
    return m->paths.v[path].text;
}
