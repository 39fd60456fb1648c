/* The text is read event by event, not as libfyaml's document, so that the limits hold while it is
 * read: an alias is expanded by copying only after its size, known from the anchor's subtree, was
 * added to what there is. An anchor is known when its node is complete; a node can therefore not
 * hold itself. */
#include "engine/config_tree.h"

#include "base/buf.h"

#include <assert.h>
#include <jansson.h>
#include <libfyaml.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

status_code tree_fail(struct origin origin, struct error *why, const char *format, ...)
{
    struct buf text = {0};
    va_list arguments;
    va_start(arguments, format);
    buf_addv(&text, format, arguments);
    va_end(arguments);
    if (origin.line > 0) {
        error_set(why, "%s:%d:%d: %s", origin.file, origin.line, origin.column, buf_cstr(&text));
    } else {
        error_set(why, "%s: %s", origin.file, buf_cstr(&text));
    }
    buf_finish(&text);
    return FAIL;
}

struct node *tree_find(const struct node *map, str key)
{
    if (map == NULL || map->kind != NODE_MAP) {
        return NULL;
    }
    for (struct node *child = map->first; child != NULL; child = child->next) {
        if (str_eq(child->key, key)) {
            return child;
        }
    }
    return NULL;
}

void tree_add(struct node *parent, struct node *child)
{
    child->next = NULL;
    if (parent->last != NULL) {
        parent->last->next = child;
    } else {
        parent->first = child;
    }
    parent->last = child;
    parent->nodes += child->nodes + (parent->kind == NODE_MAP);
    parent->bytes += child->bytes + child->key.n;
    parent->height = parent->height > child->height + 1 ? parent->height : child->height + 1;
}

struct node *tree_copy(const struct node *from, struct arena *a)
{
    struct node *copy = ARENA_NEW(a, struct node);
    *copy = *from;
    copy->first = copy->last = copy->next = NULL;
    if (from->first != NULL) {
        copy->nodes = 1;
        copy->bytes = copy->height = 0;
    }
    for (const struct node *child = from->first; child != NULL; child = child->next) {
        tree_add(copy, tree_copy(child, a));
    }
    return copy;
}

struct node *tree_merge(const struct node *base, const struct node *over, struct arena *a)
{
    if (over->kind == NODE_NULL) {
        return tree_copy(base, a);
    }
    if (base->kind != NODE_MAP || over->kind != NODE_MAP) {
        return tree_copy(over, a);
    }
    struct node *merged = ARENA_NEW(a, struct node);
    *merged = *over;
    merged->first = merged->last = merged->next = NULL;
    for (const struct node *child = base->first; child != NULL; child = child->next) {
        const struct node *other = tree_find(over, child->key);
        tree_add(merged, other != NULL ? tree_merge(child, other, a) : tree_copy(child, a));
    }
    for (const struct node *child = over->first; child != NULL; child = child->next) {
        if (tree_find(base, child->key) == NULL) {
            tree_add(merged, tree_copy(child, a));
        }
    }
    return merged;
}

struct anchor {
    str name;
    struct node *node; /* NULL: not yet complete */
};

struct open_node {
    struct node *node;
    str key; /* of a map: read, waiting for its value */
    struct origin key_origin;
    bool has_key;
    size_t anchor; /* index + 1 */
};

struct reader {
    const char *name;
    struct arena *arena;
    struct error *why;
    size_t nodes, bytes;
    struct open_node open[TREE_LEVELS];
    size_t depth;
    VEC(struct anchor) anchors;
    struct node *root;
    struct origin at; /* of the event in hand */
    int documents;
};

static status_code count(struct reader *r, size_t nodes, size_t bytes, size_t height)
{
    if (r->depth + height > TREE_LEVELS) {
        return tree_fail(r->at, r->why, "nested more than %d levels deep", TREE_LEVELS);
    }
    r->nodes += nodes;
    r->bytes += bytes;
    if (r->nodes > TREE_NODES) {
        return tree_fail(r->at, r->why, "more than %d values, aliases expanded", TREE_NODES);
    }
    if (r->bytes > TREE_BYTES) {
        return tree_fail(r->at, r->why, "more than %d bytes of text, aliases expanded", TREE_BYTES);
    }
    return OK;
}

static str token_text(struct reader *r, struct fy_token *token)
{
    size_t n = 0;
    const char *p = token != NULL ? fy_token_get_text(token, &n) : NULL;
    return arena_str(r->arena, p != NULL ? (str){p, n} : (str){0});
}

/* The core schema's tags change nothing here, since the key decides what its value is; others are
 * refused. *ret_text: the value is a text whatever it looks like. */
static status_code check_tag(struct reader *r, struct fy_token *token, bool *ret_text)
{
    static const char *const core[] = {"null", "bool", "int", "float", "str", "seq", "map"};
    if (token == NULL) {
        return OK;
    }
    size_t n = 0;
    const char *text = fy_token_get_text(token, &n); /* the whole tag, its handle resolved */
    str tag = text != NULL ? (str){text, n} : (str){0};
    const str yaml = STR("tag:yaml.org,2002:");
    if (str_eq(tag, STR("!"))) {
        *ret_text = true;
        return OK;
    }
    for (size_t i = 0; str_starts(tag, yaml) && i < sizeof core / sizeof *core; i++) {
        if (str_eq(str_from(tag, yaml.n), str_of(core[i]))) {
            *ret_text = str_eq(str_of(core[i]), STR("str"));
            return OK;
        }
    }
    return tree_fail(r->at, r->why, "the tag " STR_FMT " is not one of YAML's core schema",
                     STR_ARG(str_first(tag, TREE_KEY_BYTES)));
}

static status_code put(struct reader *r, struct node *node)
{
    if (r->depth == 0) {
        r->root = node;
        return OK;
    }
    struct open_node *parent = &r->open[r->depth - 1];
    assert(parent->node != NULL);
    if (parent->node->kind == NODE_LIST) {
        tree_add(parent->node, node);
        return OK;
    }
    if (!parent->has_key) {
        if (node->kind != NODE_TEXT) {
            return tree_fail(r->at, r->why, "a key must be a text");
        }
        if (node->text.n > TREE_KEY_BYTES) {
            return tree_fail(r->at, r->why, "a key of more than %d bytes", TREE_KEY_BYTES);
        }
        const struct node *twin = tree_find(parent->node, node->text);
        if (twin != NULL) {
            return tree_fail(r->at, r->why,
                             "the key \"" STR_FMT "\" stands twice, first on line %d",
                             STR_ARG(node->text), twin->key_origin.line);
        }
        parent->key = node->text;
        parent->key_origin = r->at;
        parent->has_key = true;
        return OK;
    }
    node->key = parent->key;
    node->key_origin = parent->key_origin;
    parent->has_key = false;
    tree_add(parent->node, node);
    return OK;
}

/* Remembers an anchor; its number + 1, 0 when there is none. */
static size_t anchor_add(struct reader *r, struct fy_token *token, struct node *node)
{
    if (token == NULL) {
        return 0;
    }
    VEC_ADD(&r->anchors, (struct anchor){.name = token_text(r, token), .node = node});
    return r->anchors.n;
}

static bool is_null(str text)
{
    return text.n == 0 || str_eq(text, STR("~")) || str_eq(text, STR("null")) ||
           str_eq(text, STR("Null")) || str_eq(text, STR("NULL"));
}

static struct node *new_node(struct reader *r, enum node_kind kind)
{
    struct node *node = ARENA_NEW(r->arena, struct node);
    *node = (struct node){.kind = kind, .origin = r->at, .nodes = 1};
    return node;
}

static status_code on_scalar(struct reader *r, const struct fy_event *event)
{
    bool tagged = false;
    struct fy_token *value = event->scalar.value;
    TRY(check_tag(r, event->scalar.tag, &tagged));
    struct node *node = new_node(r, NODE_TEXT);
    node->text = token_text(r, value);
    node->plain = (value == NULL || fy_token_scalar_style(value) == FYSS_PLAIN) && !tagged;
    node->bytes = node->text.n;
    if (str_find_char(node->text, 0) < node->text.n) {
        return tree_fail(r->at, r->why, "a text with a NUL in it");
    }
    bool key = r->depth > 0 && r->open[r->depth - 1].node->kind == NODE_MAP &&
               !r->open[r->depth - 1].has_key;
    if (node->plain && is_null(node->text) && !key) {
        node->kind = NODE_NULL;
    }
    TRY(count(r, 1, node->bytes, 0));
    anchor_add(r, event->scalar.anchor, node);
    return put(r, node);
}

static status_code on_alias(struct reader *r, const struct fy_event *event)
{
    str name = token_text(r, event->alias.anchor);
    for (size_t i = r->anchors.n; i-- > 0;) {
        const struct anchor *anchor = &r->anchors.v[i];
        if (!str_eq(anchor->name, name)) {
            continue;
        }
        if (anchor->node == NULL) {
            return tree_fail(r->at, r->why,
                             "the alias *" STR_FMT " stands inside of its own anchor",
                             STR_ARG(str_first(name, TREE_KEY_BYTES)));
        }
        TRY(count(r, anchor->node->nodes, anchor->node->bytes, anchor->node->height));
        return put(r, tree_copy(anchor->node, r->arena));
    }
    return tree_fail(r->at, r->why, "the alias *" STR_FMT " has no anchor before it",
                     STR_ARG(str_first(name, TREE_KEY_BYTES)));
}

static status_code on_begin(struct reader *r, enum node_kind kind, struct fy_token *tag,
                            struct fy_token *anchor)
{
    bool text = false;
    TRY(check_tag(r, tag, &text));
    TRY(count(r, 1, 0, 1));
    if (r->depth > 0 && r->open[r->depth - 1].node->kind == NODE_MAP &&
        !r->open[r->depth - 1].has_key) {
        return tree_fail(r->at, r->why, "a key must be a text");
    }
    r->open[r->depth++] =
        (struct open_node){.node = new_node(r, kind), .anchor = anchor_add(r, anchor, NULL)};
    return OK;
}

static status_code on_end(struct reader *r)
{
    assert(r->depth > 0);
    struct open_node *done = &r->open[--r->depth];
    if (done->anchor > 0) {
        r->anchors.v[done->anchor - 1].node = done->node;
    }
    return put(r, done->node);
}

static status_code on_event(struct reader *r, struct fy_event *event)
{
    const struct fy_mark *mark = fy_event_start_mark(event);
    if (mark != NULL) {
        enum fy_scalar_style style = event->type == FYET_SCALAR && event->scalar.value != NULL
                                         ? fy_token_scalar_style(event->scalar.value)
                                         : FYSS_PLAIN;
        /* libfyaml's mark stands behind the quote or the star */
        bool behind =
            event->type == FYET_ALIAS || style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
        r->at.line = mark->line + 1;
        r->at.column = mark->column + 1 - (behind && mark->column > 0);
    }
    switch (event->type) {
    case FYET_DOCUMENT_START:
        return ++r->documents > 1 ? tree_fail(r->at, r->why, "a second document in the file") : OK;
    case FYET_SCALAR:
        return on_scalar(r, event);
    case FYET_ALIAS:
        return on_alias(r, event);
    case FYET_MAPPING_START:
        return on_begin(r, NODE_MAP, event->mapping_start.tag, event->mapping_start.anchor);
    case FYET_SEQUENCE_START:
        return on_begin(r, NODE_LIST, event->sequence_start.tag, event->sequence_start.anchor);
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END:
        return on_end(r);
    case FYET_NONE:
    case FYET_STREAM_START:
    case FYET_STREAM_END:
    case FYET_DOCUMENT_END:
        break;
    }
    return OK;
}

/* The parser's own sentence for what is not YAML. */
static status_code not_yaml(struct reader *r, struct fy_diag *diag)
{
    void *at = NULL;
    const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &at);
    if (error == NULL) {
        return tree_fail(r->at, r->why, "this is not YAML");
    }
    r->at.line = error->line > 0 ? error->line : r->at.line;
    r->at.column = error->line > 0 ? error->column : r->at.column;
    return tree_fail(r->at, r->why, "this is not YAML: %.200s", error->msg);
}

static status_code read_events(struct reader *r, struct fy_parser *parser, struct fy_diag *diag)
{
    struct fy_event *event = NULL;
    while ((event = fy_parser_parse(parser)) != NULL) {
        bool end = event->type == FYET_STREAM_END;
        status_code done = on_event(r, event);
        fy_parser_event_free(parser, event);
        if (done != OK) {
            return done;
        }
        if (end) {
            return OK;
        }
    }
    return fy_parser_get_stream_error(parser) || fy_diag_got_error(diag) || r->depth > 0
               ? not_yaml(r, diag)
               : OK;
}

/* UTF-8 without control characters, as YAML 1.2 asks (5.1); checked before any parser sees it. So
 * are two things that cost libfyaml 0.7.12 time and memory beyond measure (seconds and 500 MB for 1
 * MiB): directives, which nobody needs here, and brackets that are opened without end. */
static status_code check_text(str yaml, const char *name, struct error *why)
{
    struct origin at = {name, 1, 1};
    if (yaml.n > TREE_BYTES) {
        return tree_fail((struct origin){.file = name}, why, "larger than 1 MiB");
    }
    json_t *text = json_stringn(yaml.n > 0 ? yaml.p : "", yaml.n); /* refuses what is not UTF-8 */
    if (text == NULL) {
        return tree_fail((struct origin){.file = name}, why, "this is not UTF-8");
    }
    json_decref(text);
    int brackets = 0;
    for (size_t i = 0; i < yaml.n; i++) {
        unsigned char c = (unsigned char)yaml.p[i];
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f) {
            return tree_fail(at, why, "a control character (U+%04X)", c);
        }
        if (c == '%' && at.column == 1) {
            return tree_fail(at, why, "a directive (%%), which is not understood here");
        }
        brackets += c == '[' || c == '{';
        if (brackets > TREE_NODES) {
            return tree_fail(at, why, "more than %d brackets", TREE_NODES);
        }
        at.line += c == '\n';
        at.column = c == '\n' ? 1 : at.column + ((c & 0xc0) != 0x80);
    }
    return OK;
}

status tree_read(str yaml, const char *name, struct arena *a, struct node **ret, struct error *why)
{
    if (str_starts(yaml, STR("\xef\xbb\xbf"))) {
        yaml = str_from(yaml, 3);
    }
    struct origin begin = {name, 1, 1};
    TRY(check_text(yaml, name, why));
    struct reader r = {.name = name, .arena = a, .why = why, .at = begin};
    status_code done = OK;
    if (str_trim(yaml).n > 0) {
        struct fy_diag_cfg messages;
        fy_diag_cfg_default(&messages);
        messages.fp = NULL;
        struct fy_diag *diag = fy_diag_create(&messages);
        fy_diag_set_collect_errors(diag, true);
        const struct fy_parse_cfg how = {
            .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2 |
                     FYPCF_JSON_NONE | FYPCF_DISABLE_RECYCLING,
            .diag = diag,
        };
        struct fy_parser *parser = fy_parser_create(&how);
        done = parser != NULL && fy_parser_set_string(parser, yaml.p, yaml.n) == 0
                   ? read_events(&r, parser, diag)
                   : tree_fail(begin, why, "the YAML reader cannot be opened");
        fy_parser_destroy(parser);
        fy_diag_destroy(diag);
    }
    VEC_FINISH(&r.anchors);
    if (done != OK) {
        return done;
    }
    if (r.root == NULL || r.root->kind == NODE_NULL) {
        r.at = begin;
        r.root = new_node(&r, NODE_MAP);
    }
    if (r.root->kind != NODE_MAP) {
        return tree_fail(r.root->origin, why, "keys and values are expected here");
    }
    *ret = r.root;
    return OK;
}
