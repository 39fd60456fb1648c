#include "source/fetch.h"

#include "base/progress.h"
#include "source/fetch_parts.h"
#include "wire/json.h"
#include "wire/stamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { URL_MAX_ = 4096, HEADERS = 2, PAGES_MAX = 100000, TOKEN_MAX = 8192 };

struct fetch {
    const struct fetch_tool *tool;
    struct client *client;
    struct arena text; /* lives as long as this */
    const char *headers[HEADERS];
    size_t header_n;
    char base[URL_MAX_];
    when since[FETCH_LISTS];   /* where each list begins this time */
    when reached[FETCH_LISTS]; /* the latest change seen of each */
    bool whole[FETCH_LISTS];   /* read to its end */
    json_t *context;           /* name → list */
    struct fetch_counts counts;

    /* where we are */
    int list;
    int page;
    int64_t offset;
    char next[URL_MAX_]; /* address of the next page, where the answer says it */
    char token[URL_MAX_];
    bool page_open; /* `ids` are those of the page */
    bool last_page;
    VEC(str) ids;
    struct arena page_text;
    size_t id;
    int each;
    char each_next[URL_MAX_];
    char url[URL_MAX_]; /* of `body` */
    struct client_answer answer;
    struct buf body;
};

static const struct fetch_tool *tool_of(str kind)
{
    for (const struct fetch_tool *t = fetch_tools; t->kind != NULL; t++) {
        if (str_eq(kind, str_of(t->kind))) {
            return t;
        }
    }
    return NULL;
}

bool fetch_knows(str kind)
{
    return tool_of(kind) != NULL;
}

/* --- opening --- */

static void read_cursor(struct fetch *f, str cursor)
{
    json_t *json = NULL;
    struct error why = {0};
    if (cursor.n == 0 || json_parse(cursor, 0, "cursor", &json, &why) != OK) {
        return;
    }
    for (int i = 0; i < FETCH_LISTS && f->tool->lists[i].name != NULL; i++) {
        int64_t at = 0;
        if (json_get_i64(json, f->tool->lists[i].name, &at)) {
            f->since[i] = f->reached[i] = at;
        }
    }
    json_decref(json);
}

/* A token must not be able to add headers of its own. */
static bool is_clean(str token)
{
    for (size_t i = 0; i < token.n; i++) {
        if ((unsigned char)token.p[i] < ' ' || (unsigned char)token.p[i] == 0x7f) {
            return false;
        }
    }
    return token.n <= TOKEN_MAX;
}

static status add_headers(struct fetch *f, str token, struct error *why)
{
    char line[TOKEN_MAX + 100];
    if (f->tool->accept != NULL) {
        f->headers[f->header_n++] = arena_strf(&f->text, "Accept: %s", f->tool->accept).p;
    }
    if (token.n > 0) {
        if (!is_clean(token)) {
            return error_set(why, "the token is more than one line of text");
        }
        char *copy = strndup(token.p, token.n);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(line, sizeof line, f->tool->token_header, copy); /* of our own table */
#pragma GCC diagnostic pop
        free(copy);
        f->headers[f->header_n++] = arena_str(&f->text, str_of(line)).p;
    }
    return OK;
}

status fetch_open(const struct fetch_options *options, struct fetch **ret, struct error *why)
{
    const struct fetch_tool *tool = tool_of(str_of(options->kind));
    if (tool == NULL) {
        return error_set(why, "%s cannot be fetched", options->kind);
    }
    struct fetch *f = mem_get(sizeof *f);
    f->tool = tool;
    arena_init(&f->text, "fetch", 0);
    arena_init(&f->page_text, "page", 0);
    f->context = json_object();
    for (int i = 0; i < FETCH_LISTS; i++) {
        f->since[i] = f->reached[i] = options->since;
    }
    read_cursor(f, options->cursor);
    tool->base(options->url, f->base, sizeof f->base);
    status_code s = OK;
    if (f->base[0] == 0 || strlen(f->base) > URL_MAX_ / 2) {
        s = error_set(why, "\"%s\" is no address of %s", options->url, tool->kind);
    }
    s = s == OK ? add_headers(f, options->token, why) : s;
    s = s == OK ? client_open(&options->client, &f->client, why) : s;
    if (s != OK) {
        fetch_close(f);
        return s;
    }
    *ret = f;
    return OK;
}

void fetch_close(struct fetch *f)
{
    if (f == NULL) {
        return;
    }
    client_close(f->client);
    client_answer_finish(&f->answer);
    json_decref(f->context);
    buf_finish(&f->body);
    VEC_FINISH(&f->ids);
    arena_finish(&f->text);
    arena_finish(&f->page_text);
    mem_put(f);
}

/* --- addresses --- */

static void since_text(const struct fetch *f, char *ret, size_t size)
{
    when since = f->since[f->list];
    if (since == WHEN_NONE) {
        snprintf(ret, size, "%s", f->tool->no_since);
        return;
    }
    time_t seconds = (time_t)((since - f->tool->overlap) / SECOND);
    struct tm t;
    gmtime_r(&seconds, &t);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)strftime(ret, size, f->tool->since_form, &t); /* of our own table */
#pragma GCC diagnostic pop
}

/* What stands in braces in a path. Ids come from the service: only what cannot lead elsewhere. */
static void add_value(const struct fetch *f, struct buf *out, str name, str id)
{
    char text[64];
    if (str_eq(name, STR("since"))) {
        since_text(f, text, sizeof text);
        buf_add(out, str_of(text));
    } else if (str_eq(name, STR("offset"))) {
        buf_addf(out, "%lld", (long long)f->offset);
    } else if (str_eq(name, STR("end"))) {
        int64_t end = f->offset + f->tool->lists[f->list].per_page;
        buf_addf(out, "%lld", (long long)end);
    } else {
        str value = str_eq(name, STR("id")) ? id : str_of(f->token);
        for (size_t i = 0; i < value.n; i++) {
            unsigned char c = (unsigned char)value.p[i];
            bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                         (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
            buf_addf(out, plain ? "%c" : "%%%02X", c);
        }
    }
}

static void make_url(const struct fetch *f, const char *path, str id, char *ret)
{
    struct buf out = {0};
    str rest = str_of(path), part;
    buf_add(&out, str_of(f->base));
    while (str_cut(&rest, '{', &part)) {
        buf_add(&out, part);
        if (rest.p == NULL) {
            break;
        }
        str name;
        str_cut(&rest, '}', &name);
        add_value(f, &out, name, id);
    }
    snprintf(ret, URL_MAX_, STR_FMT, STR_ARG(buf_str(&out)));
    buf_finish(&out);
}

/* A page that the service names must be its own, or our token would go elsewhere. */
static void take_next(const struct fetch *f, char *ret)
{
    str next = buf_str(&f->answer.next);
    str base = str_of(f->base);
    size_t host = 3 + str_find(base, STR("://"));
    host += str_find_char(str_from(base, host), '/');
    bool own = next.p != NULL && next.n < URL_MAX_ && str_starts(next, str_first(base, host)) &&
               (next.n == host || next.p[host] == '/');
    snprintf(ret, URL_MAX_, STR_FMT, STR_ARG(own ? next : (str){0}));
}

/* --- fetching --- */

/* OK: f->answer is there. END: it is gone. */
static status request(struct fetch *f, const char *url, bool may_be_missing, struct error *why)
{
    snprintf(f->url, sizeof f->url, "%s", url);
    f->counts.requests++;
    status_code s = client_get(f->client, url, f->headers, f->header_n, &f->answer, why);
    bool denied = f->answer.code == 401 || f->answer.code == 403;
    if (s == FAIL && f->answer.code == 403 && may_be_missing) {
        return END;
    }
    if (s == FAIL && denied) {
        error_hint(why, "Not allowed: %s.", f->tool->right);
    }
    if (s == OK && (f->answer.code == 404 || f->answer.code == 410)) {
        f->counts.gone++;
        return END;
    }
    return s;
}

static const json_t *member_at(const json_t *object, const char *path)
{
    str rest = str_of(path), part;
    while (object != NULL && str_cut(&rest, '.', &part)) {
        char name[64];
        snprintf(name, sizeof name, STR_FMT, STR_ARG(part));
        object = json_object_get(object, name);
    }
    return object;
}

static when updated_of(const struct fetch_list *list, const json_t *item)
{
    struct stamp stamp;
    str text = list->updated != NULL ? json_text(member_at(item, list->updated)) : (str){0};
    return text.n > 0 && stamp_parse(text, NULL, &stamp, NULL) ? stamp.time : WHEN_NONE;
}

static void keep_id(struct fetch *f, const struct fetch_list *list, const json_t *item)
{
    struct buf id = {0};
    if (list->id != NULL && json_scalar(member_at(item, list->id), &id) && id.n > 0) {
        VEC_ADD(&f->ids, arena_str(&f->page_text, buf_str(&id)));
    }
    buf_finish(&id);
}

/* Items of the page; true: those that are old already begin here. */
static bool take_items(struct fetch *f, const struct fetch_list *list, const json_t *items)
{
    const json_t *item;
    size_t i;
    bool old = false;
    json_array_foreach(items, i, item)
    {
        when updated = updated_of(list, item);
        if (list->newest_first && updated != WHEN_NONE && f->since[f->list] != WHEN_NONE &&
            updated < f->since[f->list] - f->tool->overlap) {
            old = true;
            continue;
        }
        if (updated != WHEN_NONE &&
            (f->reached[f->list] == WHEN_NONE || updated > f->reached[f->list])) {
            f->reached[f->list] = updated;
        }
        keep_id(f, list, item);
    }
    return old;
}

static void add_context(struct fetch *f, const struct fetch_list *list, const json_t *items)
{
    json_t *known = json_object_get(f->context, list->name);
    if (known == NULL) {
        known = json_array();
        json_object_set_new(f->context, list->name, known);
    }
    json_array_extend(known, (json_t *)items);
}

/* Where does the page after this one begin, if there is one? */
static void turn_page(struct fetch *f, const struct fetch_list *list, const json_t *body,
                      size_t items, bool old)
{
    str token = json_text(json_object_get(body, "nextPageToken"));
    f->last_page = true;
    switch (list->paging) {
    case PAGING_NONE:
        break;
    case PAGING_OFFSET:
        f->offset += (int64_t)items;
        f->last_page = items < (size_t)list->per_page;
        break;
    case PAGING_LINK:
        take_next(f, f->next);
        f->last_page = f->next[0] == 0;
        break;
    case PAGING_TOKEN:
        snprintf(f->token, sizeof f->token, STR_FMT, STR_ARG(str_first(token, URL_MAX_ / 4)));
        f->last_page = token.n == 0;
        break;
    }
    f->last_page |= old || ++f->page >= PAGES_MAX;
}

/* Fetches the next page of the list. OK: it is a body, too. END: it is none. */
static status fetch_page(struct fetch *f, const struct fetch_list *list, struct error *why)
{
    char url[URL_MAX_];
    json_t *body = NULL;
    if (f->next[0] != 0) {
        memcpy(url, f->next, sizeof url);
    } else {
        make_url(f, list->path, (str){0}, url);
    }
    status_code s = request(f, url, list->may_be_missing, why);
    f->ids.n = 0;
    f->id = 0;
    f->each = 0;
    arena_clear(&f->page_text);
    f->page_open = true;
    f->last_page = true;
    if (s != OK) {
        return s;
    }
    TRY(json_parse(buf_str(&f->answer.body), 0, url, &body, why));
    const json_t *items = list->items != NULL ? json_get_array(body, list->items) : body;
    if (!json_is_array(items)) {
        json_decref(body);
        return error_set(why, "%s: the answer holds no list of %s", url, list->name);
    }
    bool old = take_items(f, list, items);
    if (list->is_context) {
        add_context(f, list, items);
    }
    turn_page(f, list, body, json_array_size(items), old);
    bool is_body = !list->is_context && !list->is_index && json_array_size(items) > 0;
    json_decref(body);
    return is_body ? OK : END;
}

/* Puts the contexts beside what was fetched, so that a body stands for itself. */
static status make_body(struct fetch *f, struct fetched *ret, struct error *why)
{
    ret->body = buf_str(&f->answer.body);
    if (json_object_size(f->context) > 0) {
        json_t *body = NULL;
        TRY(json_parse(ret->body, 0, f->url, &body, why));
        json_object_update_missing(body, f->context);
        char *text = json_dumps(body, JSON_COMPACT);
        json_decref(body);
        buf_clear(&f->body);
        buf_add(&f->body, str_of(text));
        free(text);
        ret->body = buf_str(&f->body);
    }
    ret->headers[0] = (struct hook_header){STR("X-Weir-Url"), str_of(f->url)};
    f->counts.bodies++;
    return OK;
}

static void next_list(struct fetch *f)
{
    f->whole[f->list] = true;
    f->list++;
    f->page = 0;
    f->offset = 0;
    f->next[0] = f->token[0] = 0;
    f->page_open = f->last_page = false;
}

/* What belongs to the next item of the page. END: nothing is left of it. */
static status fetch_each(struct fetch *f, const struct fetch_list *list, struct error *why)
{
    while (f->id < f->ids.n) {
        if (f->each >= FETCH_EACH || list->each[f->each] == NULL) {
            f->id++;
            f->each = 0;
            continue;
        }
        char url[URL_MAX_];
        if (f->each_next[0] != 0) {
            memcpy(url, f->each_next, sizeof url);
        } else {
            make_url(f, list->each[f->each], f->ids.v[f->id], url);
        }
        f->each_next[0] = 0;
        status_code s = request(f, url, list->may_be_missing, why);
        if (s == OK) {
            take_next(f, f->each_next);
        }
        f->each += s == END || f->each_next[0] == 0;
        if (s != END) {
            return s;
        }
    }
    return END;
}

status fetch_next(struct fetch *f, struct fetched *ret, struct error *why)
{
    while (f->list < FETCH_LISTS && f->tool->lists[f->list].name != NULL) {
        if (interrupt_signal() != 0) {
            (void)error_set(why, "stopped");
            return INTERRUPTED;
        }
        const struct fetch_list *list = &f->tool->lists[f->list];
        status_code s = f->page_open ? fetch_each(f, list, why) : END;
        if (s == END && f->page_open && f->last_page) {
            next_list(f);
            continue;
        }
        if (s == END) {
            s = fetch_page(f, list, why);
        }
        if (s == OK) {
            return make_body(f, ret, why);
        }
        if (s != END) {
            return s;
        }
    }
    return END;
}

void fetch_cursor(const struct fetch *f, struct buf *out)
{
    json_t *json = json_object();
    for (int i = 0; i < FETCH_LISTS && f->tool->lists[i].name != NULL; i++) {
        const struct fetch_list *list = &f->tool->lists[i];
        when at = f->whole[i] ? f->reached[i] : f->since[i];
        if (list->updated != NULL && at != WHEN_NONE) {
            json_object_set_new(json, list->name, json_integer(at));
        }
    }
    char *text = json_dumps(json, JSON_COMPACT);
    buf_add(out, str_of(text));
    free(text);
    json_decref(json);
}

struct fetch_counts fetch_counted(const struct fetch *f)
{
    return f->counts;
}
