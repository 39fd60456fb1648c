/* From a tree to the structs, by the rows of config_schema: a row says where its value goes. Two
 * forms of a stream exist, `stream: NAME` with its keys at the top, and `streams: {NAME: …}`; the
 * first is turned into the second before anything is read. */
#include "engine/config_tree.h"

#include "base/buf.h"
#include "base/nearest.h"
#include "engine/timeword.h"

#include <assert.h>
#include <string.h>

struct extract {
    struct config *c;
    struct error *why;
    VEC(struct config_value) values;
};

/* All VECs have one layout (base/vec.h); rows of the schema know the size of what is in them. */
typedef VEC(char) any_vec;

static void *vec_next(void *vec, size_t size)
{
    any_vec v;
    memcpy(&v, vec, sizeof v);
    if (v.n == v.cap) {
        v.cap = v.cap < 8 ? 8 : v.cap * 2;
        v.v = mem_grow(v.v, v.cap, size);
    }
    void *place = v.v + v.n++ * size;
    memset(place, 0, size);
    memcpy(vec, &v, sizeof v);
    return place;
}

/* ---- names of keys ---- */

static const char *under(const char *path, struct buf *scratch)
{
    buf_clear(scratch);
    if (path[0] != 0) {
        buf_addf(scratch, " under %s", path);
    }
    return buf_cstr(scratch);
}

static status_code unknown_key(const struct node *child, const char *path, const char *shown,
                               struct error *why)
{
    struct buf scratch = {0};
    str near = schema_nearest(path, child->key);
    tree_fail(child->key_origin, why, "unknown key \"" STR_FMT "\"%s%s" STR_FMT "%s",
              STR_ARG(child->key), under(shown, &scratch), near.n > 0 ? "; did you mean \"" : "",
              STR_ARG(near), near.n > 0 ? "\"?" : "");
    buf_finish(&scratch);
    return FAIL;
}

static status_code check_names(struct node *map, const char *path, const char *shown,
                               struct arena *a, struct error *why);

/* The children of a mapping or list whose members have fixed keys. */
static status_code check_members(struct node *node, const struct config_key *row, const char *shown,
                                 struct arena *a, struct error *why)
{
    int i = 0;
    if (row->kind == KEY_NAMED && node->kind == NODE_LIST) {
        return tree_fail(node->origin, why, "%s must be a mapping by name", shown);
    }
    for (struct node *member = node->first; member != NULL; member = member->next) {
        const char *name = node->kind == NODE_LIST
                               ? arena_strf(a, "%s[%d]", shown, i++).p
                               : arena_strf(a, "%s." STR_FMT, shown, STR_ARG(member->key)).p;
        if (member->kind == NODE_NULL && row->kind == KEY_NAMED) {
            continue; /* named, and nothing more */
        }
        if (member->kind != NODE_MAP) {
            return tree_fail(member->origin, why, "%s must be a mapping", name);
        }
        TRY(check_names(member, row->path, name, a, why));
    }
    return OK;
}

static status_code check_name(struct node *child, const struct config_key *row, const char *shown,
                              struct arena *a, struct error *why)
{
    switch (row->kind) {
    case KEY_GROUP:
        return child->kind == NODE_MAP
                   ? check_names(child, row->path, shown, a, why)
                   : tree_fail(child->origin, why, "%s must be a mapping", shown);
    case KEY_NAMED:
    case KEY_EACH:
        return child->kind == NODE_MAP || child->kind == NODE_LIST
                   ? check_members(child, row, shown, a, why)
                   : tree_fail(child->origin, why, "%s must be a %s", shown, row->type);
    case KEY_MOVED: {
        const struct config_key *target = schema_find("streams.*", schema_name(row));
        assert(target != NULL);
        return check_name(child, target, shown, a, why);
    }
    case KEY_PAIRS:
        return child->kind == NODE_MAP
                   ? OK
                   : tree_fail(child->origin, why, "%s must be a mapping by name", shown);
    case KEY_TEXT:
    case KEY_WHOLE:
    case KEY_NUMBER:
    case KEY_FLAG:
    case KEY_LAPSE:
    case KEY_SPAN:
    case KEY_TEXTS:
        break;
    }
    return OK;
}

/* Refuses unknown keys and gives every key its one name. */
static status_code check_names(struct node *map, const char *path, const char *shown,
                               struct arena *a, struct error *why)
{
    for (struct node *child = map->first; child != NULL; child = child->next) {
        const struct config_key *row = schema_find(path, child->key);
        if (row == NULL) {
            return unknown_key(child, path, shown, why);
        }
        str name = schema_name(row);
        const struct node *twin = str_eq(name, child->key) ? child : tree_find(map, name);
        if (twin != NULL && twin != child) {
            return tree_fail(child->key_origin, why,
                             "\"" STR_FMT "\" and \"" STR_FMT "\" are the same key",
                             STR_ARG(child->key), STR_ARG(name));
        }
        child->key = name;
        const char *inner = shown[0] == 0 ? arena_str(a, name).p
                                          : arena_strf(a, "%s." STR_FMT, shown, STR_ARG(name)).p;
        if (child->kind != NODE_NULL) {
            TRY(check_name(child, row, inner, a, why));
        }
    }
    return OK;
}

status config_check_names(struct node *root, struct arena *a, struct error *why)
{
    return check_names(root, "", "", a, why);
}

/* ---- one form of streams ---- */

/* Moves the stream's keys at the top into streams.<stream>. */
static status_code gather_stream(struct node *root, struct arena *a, struct error *why)
{
    struct node *named = tree_find(root, STR("stream")), *streams = tree_find(root, STR("streams"));
    struct node *children = root->first, *next = NULL, *stream = NULL;
    str name = named != NULL && named->kind == NODE_TEXT ? named->text : STR("default");
    bool any = false;
    for (struct node *child = children; child != NULL; child = child->next) {
        const struct config_key *row = schema_find("", child->key);
        any = any || (row != NULL && row->kind == KEY_MOVED);
    }
    bool alone =
        named != NULL && named->kind == NODE_TEXT && (streams == NULL || streams->first == NULL);
    if (!any && !alone) {
        return OK;
    }
    struct origin origin = named != NULL ? named->origin : root->origin;
    if (streams == NULL || streams->kind == NODE_NULL) {
        if (streams == NULL) {
            streams = ARENA_NEW(a, struct node);
            *streams = (struct node){.key = STR("streams"), .key_origin = origin};
            tree_add(root, streams);
        }
        streams->kind = NODE_MAP;
        streams->origin = origin;
    }
    stream = tree_find(streams, name);
    if (stream == NULL) {
        stream = ARENA_NEW(a, struct node);
        *stream = (struct node){.key = name, .key_origin = origin};
        tree_add(streams, stream);
    }
    if (stream->kind != NODE_MAP) {
        stream->kind = NODE_MAP;
        stream->origin = origin;
    }
    children = root->first;
    root->first = root->last = NULL;
    for (struct node *child = children; child != NULL; child = next) {
        next = child->next;
        const struct config_key *row = schema_find("", child->key);
        bool moves = row != NULL && row->kind == KEY_MOVED;
        const struct node *twin = moves ? tree_find(stream, child->key) : NULL;
        if (twin != NULL) {
            return tree_fail(
                child->key_origin, why,
                "\"" STR_FMT "\" is also given under streams." STR_FMT " (%s:%d); keep one of them",
                STR_ARG(child->key), STR_ARG(name), twin->key_origin.file, twin->key_origin.line);
        }
        tree_add(moves ? stream : root, child);
    }
    return OK;
}

/* ---- values ---- */

static void record(struct extract *x, const char *shown, str value, const char *type,
                   struct origin origin)
{
    VEC_ADD(&x->values, (struct config_value){shown, value, type, origin});
}

static status_code wrong(struct extract *x, const struct node *node, const char *shown,
                         const char *expected)
{
    const char *is = node->kind == NODE_LIST  ? "a list"
                     : node->kind == NODE_MAP ? "a mapping"
                     : node->plain            ? NULL
                                              : "a text in quotes";
    return is != NULL
               ? tree_fail(node->origin, x->why, "%s must be %s, not %s", shown, expected, is)
               : tree_fail(node->origin, x->why, "%s must be %s, not \"" STR_FMT "\"", shown,
                           expected, STR_ARG(str_first(node->text, TREE_KEY_BYTES)));
}

static bool is_word(str word, const char *words)
{
    str rest = str_of(words), one;
    while (str_cut(&rest, '|', &one)) {
        if (str_eq(word, one)) {
            return true;
        }
    }
    return false;
}

static status_code not_a_word(struct extract *x, const struct node *node, const char *shown,
                              const char *words)
{
    str names[16], rest = str_of(words);
    size_t n = 0;
    struct buf all = {0};
    while (n < 16 && str_cut(&rest, '|', &names[n])) {
        buf_addf(&all, "%s" STR_FMT, n > 0 ? ", " : "", STR_ARG(names[n]));
        n++;
    }
    const str *near = nearest(node->text, names, n);
    tree_fail(node->origin, x->why, "%s cannot be \"" STR_FMT "\"; %s" STR_FMT "%s%s", shown,
              STR_ARG(str_first(node->text, TREE_KEY_BYTES)),
              near != NULL ? "did you mean \"" : "it is one of ",
              STR_ARG(near != NULL ? *near : (str){0}), near != NULL ? "\"? It is one of " : "",
              buf_cstr(&all));
    buf_finish(&all);
    return FAIL;
}

static status_code read_text(struct extract *x, const struct node *node,
                             const struct config_key *row, const char *shown, str *ret)
{
    if (node->kind != NODE_TEXT) {
        return wrong(x, node, shown, "a text");
    }
    if (row->words != NULL && !is_word(node->text, row->words)) {
        return not_a_word(x, node, shown, row->words);
    }
    if (row->kind == KEY_SPAN) {
        lapse length = 0;
        if (timeword_lapse(node->text, &length, x->why) != OK) {
            error_add(x->why, "%s:%d:%d: %s", node->origin.file, node->origin.line,
                      node->origin.column, shown);
            return FAIL;
        }
    }
    *ret = node->text;
    record(x, shown, node->text, row->type, node->origin);
    return OK;
}

static status_code read_number(struct extract *x, const struct node *node,
                               const struct config_key *row, const char *shown, void *place)
{
    int64_t whole = 0;
    double real = 0;
    bool fits = node->kind == NODE_TEXT && node->plain;
    if (row->kind == KEY_WHOLE) {
        if (!fits || !str_to_i64(node->text, &whole) || whole < 1 || whole > 1000000) {
            return wrong(x, node, shown, "a whole number from 1 to 1,000,000");
        }
        memcpy(place, &whole, sizeof whole);
    } else {
        bool decimal = fits && strspn(node->text.p, "0123456789.") == node->text.n;
        if (!decimal || !str_to_f64(node->text, &real) || real <= 0 || real > 1000000) {
            return wrong(x, node, shown, "a number above 0, up to 1,000,000");
        }
        memcpy(place, &real, sizeof real);
    }
    record(x, shown, node->text, row->type, node->origin);
    return OK;
}

static status_code read_flag(struct extract *x, const struct node *node,
                             const struct config_key *row, const char *shown, bool *ret)
{
    static const char *const words[] = {"false", "False", "FALSE", "true", "True", "TRUE"};
    for (size_t i = 0; node->kind == NODE_TEXT && node->plain && i < 6; i++) {
        if (str_eq(node->text, str_of(words[i]))) {
            *ret = i >= 3;
            record(x, shown, node->text, row->type, node->origin);
            return OK;
        }
    }
    return wrong(x, node, shown, "true or false");
}

static status_code read_lapse(struct extract *x, const struct node *node,
                              const struct config_key *row, const char *shown, lapse *ret)
{
    if (node->kind != NODE_TEXT) {
        return wrong(x, node, shown, "a duration");
    }
    if (timeword_lapse(node->text, ret, x->why) != OK) {
        error_add(x->why, "%s:%d:%d: %s", node->origin.file, node->origin.line, node->origin.column,
                  shown);
        return FAIL;
    }
    record(x, shown, node->text, row->type, node->origin);
    return OK;
}

static status_code read_texts(struct extract *x, const struct node *node,
                              const struct config_key *row, const char *shown, struct strs *ret)
{
    struct buf all = {0};
    size_t n = 0;
    if (node->kind == NODE_MAP) {
        return wrong(x, node, shown, "a list of texts");
    }
    const struct node *first = node->kind == NODE_LIST ? node->first : node;
    for (const struct node *one = first; one != NULL;
         one = node->kind == NODE_LIST ? one->next : NULL) {
        if (one->kind != NODE_TEXT) {
            buf_finish(&all);
            return tree_fail(one->origin, x->why, "%s must be a list of texts", shown);
        }
        n++;
    }
    str *texts = ARENA_ARRAY(&x->c->text, str, n + 1);
    n = 0;
    buf_putc(&all, '[');
    for (const struct node *one = first; one != NULL;
         one = node->kind == NODE_LIST ? one->next : NULL) {
        buf_addf(&all, "%s" STR_FMT, n > 0 ? ", " : "", STR_ARG(one->text));
        texts[n++] = one->text;
    }
    buf_putc(&all, ']');
    *ret = (struct strs){texts, n};
    record(x, shown, arena_str(&x->c->text, buf_str(&all)), row->type, node->origin);
    buf_finish(&all);
    return OK;
}

static status_code read_map(struct extract *x, const struct node *map, const char *path,
                            const char *shown, void *object);

/* What cannot be said by a row: a stage has a name, a source a kind, and hours make sense. */
static status_code finish_member(struct extract *x, const struct node *member,
                                 const struct config_key *row, const char *shown, void *object)
{
    struct config *c = x->c;
    if (str_eq(str_of(row->path), STR("streams.*.stages[]"))) {
        const struct config_stage *stage = object;
        const struct node *from = tree_find(member, STR("from"));
        if (from != NULL && tree_find(tree_find(member, STR("match")), STR("activity")) != NULL) {
            return tree_fail(from->key_origin, x->why,
                             "%s: \"from\" and \"match.activity\" say the same; keep one of them",
                             shown);
        }
        return stage->name.n > 0 ? OK : tree_fail(member->origin, x->why, "%s has no name", shown);
    }
    if (str_eq(str_of(row->path), STR("sources[]"))) {
        struct config_source *source = object;
        if (source->kind.n == 0) {
            return tree_fail(member->origin, x->why, "%s has no kind", shown);
        }
        source->name = source->name.n > 0 ? source->name : source->kind;
    }
    if (str_eq(str_of(row->path), STR("calendars.*"))) {
        const char *field = NULL;
        if (calendar_read(object, &c->text, &field, x->why) != OK) {
            const struct node *at = tree_find(member, str_of(field));
            struct origin origin = at != NULL ? at->origin : member->key_origin;
            error_add(x->why, "%s:%d:%d: %s.%s", origin.file, origin.line, origin.column, shown,
                      field);
            return FAIL;
        }
    }
    return OK;
}

static status_code read_members(struct extract *x, const struct node *node,
                                const struct config_key *row, const char *shown, void *vec)
{
    const struct config_shape *shape = row->shape;
    int i = 0;
    for (const struct node *member = node->first; member != NULL; member = member->next) {
        bool named = node->kind == NODE_MAP;
        char *object = vec_next(vec, shape->size);
        const char *name =
            named ? arena_strf(&x->c->text, "%s." STR_FMT, shown, STR_ARG(member->key)).p
                  : arena_strf(&x->c->text, "%s[%d]", shown, i++).p;
        if (named) {
            if (member->key.n == 0) {
                return tree_fail(member->key_origin, x->why, "%s: a name is empty", shown);
            }
            memcpy(object + shape->name, &member->key, sizeof member->key);
        }
        memcpy(object + shape->origin, named ? &member->key_origin : &member->origin,
               sizeof member->origin);
        if (row->kind == KEY_PAIRS) {
            const struct config_key text = {.kind = KEY_TEXT, .type = "text"};
            str value = {0};
            TRY(read_text(x, member, &text, name, &value));
            memcpy(object + shape->value, &value, sizeof value);
            continue;
        }
        if (member->kind == NODE_MAP) {
            TRY(read_map(x, member, row->path, name, object));
        }
        TRY(finish_member(x, member, row, name, object));
    }
    return OK;
}

static status_code read_key(struct extract *x, const struct node *child,
                            const struct config_key *row, const char *shown, char *object)
{
    void *place = object + row->at;
    switch (row->kind) {
    case KEY_TEXT:
    case KEY_SPAN:
        return read_text(x, child, row, shown, place);
    case KEY_WHOLE:
    case KEY_NUMBER:
        return read_number(x, child, row, shown, place);
    case KEY_FLAG:
        return read_flag(x, child, row, shown, place);
    case KEY_LAPSE:
        return read_lapse(x, child, row, shown, place);
    case KEY_TEXTS:
        return read_texts(x, child, row, shown, place);
    case KEY_GROUP:
        return read_map(x, child, row->path, shown, object);
    case KEY_NAMED:
    case KEY_EACH:
    case KEY_PAIRS:
        return read_members(x, child, row, shown, place);
    case KEY_MOVED:
        break; /* gather_stream has moved them */
    }
    return OK;
}

static status_code read_map(struct extract *x, const struct node *map, const char *path,
                            const char *shown, void *object)
{
    for (const struct node *child = map->first; child != NULL; child = child->next) {
        const struct config_key *row = schema_find(path, child->key);
        assert(row != NULL); /* check_names */
        if (child->kind == NODE_NULL) {
            continue; /* a key without a value is not given */
        }
        const char *name =
            shown[0] == 0 ? arena_str(&x->c->text, child->key).p
                          : arena_strf(&x->c->text, "%s." STR_FMT, shown, STR_ARG(child->key)).p;
        TRY(read_key(x, child, row, name, object));
    }
    return OK;
}

/* ---- what must fit together ---- */

static status_code no_such(struct origin origin, const char *what, str name, const str *names,
                           size_t n, struct error *why)
{
    const str *near = nearest(name, names, n);
    return tree_fail(origin, why, "there is no %s \"" STR_FMT "\"%s" STR_FMT "%s", what,
                     STR_ARG(str_first(name, TREE_KEY_BYTES)),
                     near != NULL ? "; did you mean \"" : "",
                     STR_ARG(near != NULL ? *near : (str){0}), near != NULL ? "\"?" : "");
}

static bool has_name(const str *names, size_t n, str name)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(names[i], name)) {
            return true;
        }
    }
    return false;
}

static status_code check_pools(const struct config *c, const str *calendars, struct error *why)
{
    VEC(str) stages = {0};
    status_code done = OK;
    for (size_t i = 0; i < c->streams.n; i++) {
        for (size_t j = 0; j < c->streams.v[i].stages.n; j++) {
            VEC_ADD(&stages, c->streams.v[i].stages.v[j].name);
        }
    }
    for (size_t i = 0; i < c->pools.n && done == OK; i++) {
        const struct config_pool *pool = &c->pools.v[i];
        if (pool->calendar.n > 0 && !has_name(calendars, c->calendars.n, pool->calendar)) {
            done =
                no_such(pool->origin, "calendar", pool->calendar, calendars, c->calendars.n, why);
        }
        for (size_t j = 0; j < pool->stages.n && done == OK && stages.n > 0; j++) {
            if (!has_name(stages.v, stages.n, pool->stages.v[j])) {
                done = no_such(pool->origin, "stage", pool->stages.v[j], stages.v, stages.n, why);
            }
        }
    }
    VEC_FINISH(&stages);
    return done;
}

static status_code check_teams(const struct config *c, const str *calendars, struct error *why)
{
    for (size_t i = 0; i < c->teams.n; i++) {
        const struct config_team *team = &c->teams.v[i];
        if (team->calendar.n > 0 && !has_name(calendars, c->calendars.n, team->calendar)) {
            return no_such(team->origin, "calendar", team->calendar, calendars, c->calendars.n,
                           why);
        }
    }
    return OK;
}

static status_code check_sources(const struct config *c, struct error *why)
{
    for (size_t i = 0; i < c->sources.n; i++) {
        for (size_t j = 0; j < i; j++) {
            if (str_eq(c->sources.v[i].name, c->sources.v[j].name)) {
                return tree_fail(c->sources.v[i].origin, why,
                                 "two sources are named \"" STR_FMT "\"; give each a name",
                                 STR_ARG(c->sources.v[i].name));
            }
        }
    }
    return OK;
}

static status_code check_stream(struct config *c, const struct node *root, struct error *why)
{
    if (c->stream.n == 0 || config_stream(c, c->stream) != NULL) {
        return OK;
    }
    str *names = ARENA_ARRAY(&c->text, str, c->streams.n + 1);
    for (size_t i = 0; i < c->streams.n; i++) {
        names[i] = c->streams.v[i].name;
    }
    const struct node *at = tree_find(root, STR("stream"));
    return no_such(at->origin, "stream", c->stream, names, c->streams.n, why);
}

status config_check_whole(struct config *c, const struct node *root, struct error *why)
{
    str *calendars = ARENA_ARRAY(&c->text, str, c->calendars.n + 1);
    for (size_t i = 0; i < c->calendars.n; i++) {
        calendars[i] = c->calendars.v[i].name;
    }
    TRY(check_stream(c, root, why));
    TRY(check_pools(c, calendars, why));
    TRY(check_teams(c, calendars, why));
    return check_sources(c, why);
}

status config_fill(struct config *c, struct node *root, struct error *why)
{
    struct extract x = {.c = c, .why = why};
    status_code done = gather_stream(root, &c->text, why);
    if (done == OK) {
        done = read_map(&x, root, "", "", c);
    }
    if (done == OK) {
        c->values = ARENA_ARRAY(&c->text, struct config_value, x.values.n + 1);
        if (x.values.n > 0) {
            memcpy(c->values, x.values.v, x.values.n * sizeof *x.values.v);
        }
        c->value_count = x.values.n;
    }
    VEC_FINISH(&x.values);
    return done;
}
