/* GET /api/v1/<command>: the parameters of the query become a command line, the command's document
 * the answer. Nothing else is added or taken away, so that a page and a terminal cannot disagree.
 */
#include "serve/problem.h"
#include "serve/server.h"
#include "serve/uri.h"
#include "wire/json.h"

#include <stdio.h>
#include <string.h>

enum { LIMIT_MOST = 1000, WORDS_MOST = 8192 };

static bool is_text(const struct serve_answer *a)
{
    return a->type != NULL && strcmp(a->type, "text/plain") == 0;
}

static const struct serve_parameter *parameter(const struct serve_answer *a, str name)
{
    for (size_t i = 0; i < a->parameter_n; i++) {
        if (str_eq(name, str_of(a->parameters[i].name))) {
            return &a->parameters[i];
        }
    }
    return NULL;
}

static status_code refuse(struct error *why, const char *hint)
{
    error_id(why, "E6103");
    error_hint(why, "%s", hint);
    return FAIL;
}

static void word(struct buf *out, str text)
{
    buf_add(out, text);
    buf_putc(out, 0);
}

/* yes, no, or -1 */
static int flag(str value)
{
    static const char *const YES[] = {"", "1", "true", "yes", "on"};
    static const char *const NO[] = {"0", "false", "no", "off"};
    for (size_t i = 0; i < sizeof YES / sizeof *YES; i++) {
        if (str_eq_case(value, str_of(YES[i]))) {
            return 1;
        }
    }
    for (size_t i = 0; i < sizeof NO / sizeof *NO; i++) {
        if (str_eq_case(value, str_of(NO[i]))) {
            return 0;
        }
    }
    return -1;
}

static size_t times(const struct http_pair *query, size_t n, const char *name)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        k += str_eq(query[i].name, str_of(name));
    }
    return k;
}

static status add(const struct serve_answer *answer, const struct http_pair *pair,
                  struct buf *words, struct error *why)
{
    const struct serve_parameter *p = parameter(answer, pair->name);
    int64_t n;
    if (p == NULL) {
        error_set(why, "%s has no parameter \"" STR_FMT "\"", answer->name,
                  STR_ARG(str_first(pair->name, 60)));
        return refuse(why, "The parameters stand in /api/v1/openapi.json");
    }
    if (strcmp(p->name, "limit") == 0 &&
        (!str_to_i64(pair->value, &n) || n < 1 || n > LIMIT_MOST)) {
        error_set(why, "limit: \"" STR_FMT "\" is not a whole number from 1 to %d",
                  STR_ARG(str_first(pair->value, 60)), LIMIT_MOST);
        return refuse(why, "Fetch long lists in parts:  limit, then cursor");
    }
    if (p->kind == SERVE_FLAG) {
        int yes = flag(pair->value);
        if (yes < 0) {
            error_set(why, "%s: \"" STR_FMT "\" is neither yes nor no", p->name,
                      STR_ARG(str_first(pair->value, 60)));
            return refuse(why, "For example:  ?aging=yes");
        }
        if (yes == 1) {
            buf_addf(words, "--%s", p->name);
            buf_putc(words, 0);
        }
        return OK;
    }
    if (p->kind != SERVE_ARGUMENT) {
        buf_addf(words, "--%s=", p->name);
        word(words, pair->value);
    }
    return OK;
}

bool ask_words(const struct serve_answer *answer, const struct http_pair *query, size_t n,
               struct buf *ret_words, struct error *why)
{
    word(ret_words, str_of(answer->command != NULL ? answer->command : answer->name));
    if (!is_text(answer)) {
        word(ret_words, STR("--json"));
    }
    if (answer->option != NULL) {
        word(ret_words, str_of(answer->option));
    }
    for (size_t i = 0; i < n; i++) {
        if (add(answer, &query[i], ret_words, why) != OK) {
            return false;
        }
        const struct serve_parameter *p = parameter(answer, query[i].name);
        bool once = p->kind != SERVE_LIST && !p->many;
        if (once && times(query, n, p->name) > 1) {
            error_set(why, "%s stands twice", p->name);
            (void)refuse(why, "Say it once.");
            return false;
        }
    }
    word(ret_words, STR("--"));
    for (size_t k = 0; k < answer->parameter_n; k++) {
        const struct serve_parameter *p = &answer->parameters[k];
        if (p->kind != SERVE_ARGUMENT) {
            continue;
        }
        if (p->required && times(query, n, p->name) == 0) {
            error_set(why, "%s needs the parameter %s: %s", answer->name, p->name, p->purpose);
            (void)refuse(why, "The parameters stand in /api/v1/openapi.json");
            return false;
        }
        for (size_t i = 0; i < n; i++) {
            if (str_eq(query[i].name, str_of(p->name))) {
                word(ret_words, query[i].value);
            }
        }
    }
    if (ret_words->n > WORDS_MOST) {
        error_set(why, "the parameters are too long: %zu bytes, of %d", ret_words->n, WORDS_MOST);
        (void)refuse(why, "Ask for less at once.");
        return false;
    }
    return true;
}

/* --- the answer --- */

static bool wants(const struct http_request *r, str etag)
{
    str rest = http_header(r, "If-None-Match", NULL), one;
    str plain = str_first(str_from(etag, 1), etag.n - 2);
    if (str_eq(str_trim(rest), STR("*"))) {
        return false;
    }
    while (rest.n > 0 && str_cut(&rest, ',', &one)) {
        one = str_trim(one);
        one = str_starts(one, STR("W/")) ? str_from(one, 2) : one;
        if (one.n >= plain.n + 2 && str_starts(str_from(one, 1), plain)) {
            return false;
        }
    }
    return true;
}

static bool accepts_gzip(const struct http_request *r)
{
    str rest = http_header(r, "Accept-Encoding", NULL), one;
    while (rest.n > 0 && str_cut(&rest, ',', &one)) {
        size_t end = str_find_char(one, ';');
        str weight = str_trim(str_from(one, end + 1));
        if (str_eq_case(str_trim(str_first(one, end)), STR("gzip"))) {
            return !str_eq(weight, STR("q=0")) && !str_eq(weight, STR("q=0.0"));
        }
    }
    return false;
}

/* A document of weir.error/1, with the exit code, becomes a problem. */
static bool tell_problem(struct http_request *r, const struct answer *a)
{
    static const str BEGINS = STR_INIT("{\"schema\":\"weir.error/1\"");
    json_t *doc = NULL;
    struct error why = {0};
    str text = blob_str(a->out), id = {0}, message = {0}, hint = {0};
    bool is_error =
        a->code != 0 && str_starts(text, BEGINS) && json_parse(text, 0, "answer", &doc, NULL) == OK;
    if (!is_error && text.n > 0) {
        return false;
    }
    if (is_error) {
        json_get_str(doc, "id", &id);
        json_get_str(doc, "message", &message);
        json_get_str(doc, "hint", &hint);
        error_set(&why, STR_FMT, STR_ARG(message));
        error_hint(&why, STR_FMT, STR_ARG(hint));
        char name[sizeof why.id];
        (void)snprintf(name, sizeof name, STR_FMT, STR_ARG(id));
        error_id(&why, name);
    } else {
        error_set(&why, "the command ended without an answer");
    }
    int code = a->code == 1 ? 404 : 400;
    if (a->code == 75 || a->code > 128) {
        code = 503;
        http_add(r, "Retry-After", STR("2"));
    } else if (str_starts(id, STR("E3")) || str_starts(id, STR("E9")) || !is_error) {
        code = 500;
    }
    problem_tell(r, code, &why);
    json_decref(doc);
    return true;
}

/* The next part of a list: what the document says in "cursor" goes into a link. */
static void link_next(const struct call *c, str text)
{
    json_t *doc = NULL;
    str cursor = {0};
    struct buf link = {0};
    const struct http_request *r = c->request;
    if (parameter(c->route->answer, STR("cursor")) == NULL ||
        json_parse(text, 0, "answer", &doc, NULL) != OK) {
        return;
    }
    if (json_get_str(doc, "cursor", &cursor) && cursor.n > 0) {
        buf_addf(&link, "<%s?", c->route->path);
        for (size_t i = 0; i < r->query_n; i++) {
            if (!str_eq(r->query[i].name, STR("cursor"))) {
                uri_quote(&link, r->query[i].name);
                buf_putc(&link, '=');
                uri_quote(&link, r->query[i].value);
                buf_putc(&link, '&');
            }
        }
        buf_add(&link, STR("cursor="));
        uri_quote(&link, cursor);
        buf_add(&link, STR(">; rel=\"next\""));
        http_add(c->request, "Link", buf_str(&link));
    }
    buf_finish(&link);
    json_decref(doc);
}

static void give(const struct call *c, const struct answer *a)
{
    struct http_request *r = c->request;
    if (is_text(c->route->answer) && a->code != 0) {
        problem_answer(r, "E6101", "weir help lists what there is to read about",
                       "there is nothing to read about \"" STR_FMT "\"", STR_ARG(c->name));
        return;
    }
    if (tell_problem(r, a)) {
        return;
    }
    http_add(r, "ETag", str_of(a->etag));
    http_add(r, "Cache-Control", STR("private, no-cache"));
    http_add(r, "Vary", STR("Accept-Encoding, Authorization, Cookie"));
    if (!wants(r, str_of(a->etag))) {
        http_answer(r, 304, NULL, NULL);
        return;
    }
    link_next(c, blob_str(a->out));
    bool packed = a->gz != NULL && accepts_gzip(r);
    if (packed) {
        http_add(r, "Content-Encoding", STR("gzip"));
    }
    http_answer(r, 200, c->route->type, blob_hold(packed ? a->gz : a->out));
}

void ask_answered(void *request, const struct answer *a)
{
    const struct http_request *r = request;
    give(r->route, a);
}

void ask_run(struct call *c)
{
    struct server *s = c->server;
    struct http_request *r = c->request;
    struct buf words = {0};
    struct answer answer = {0};
    struct error why = {0};
    const struct serve_answer *a = c->route->answer;
    struct http_pair *query = ARENA_ARRAY(&r->text, struct http_pair, r->query_n + 1);
    size_t n = r->query_n;
    if (n > 0) {
        memcpy(query, r->query, n * sizeof *query);
    }
    if (c->name.n > 0) { /* /api/v1/item/ID: the first argument */
        query[n++] = (struct http_pair){str_of(a->parameters[0].name), c->name};
    }
    if (!ask_words(a, query, n, &words, &why)) {
        problem_tell(r, problem_code(why.id), &why);
    } else if (answers_find(s->answers, buf_str(&words), &answer)) {
        figures_cache(&s->figures, true);
        give(c, &answer);
        blob_drop(answer.out);
        blob_drop(answer.gz);
    } else {
        http_defer(r); /* first: it may be answered before the next line */
        if (!answers_ask(s->answers, buf_str(&words), r)) {
            http_add(r, "Retry-After", STR("2"));
            problem_answer(r, "E6112", "Ask again in a moment.",
                           atomic_load(&s->draining) ? "the server is being stopped"
                                                     : "too many questions wait for their answer");
        }
    }
    buf_finish(&words);
}
