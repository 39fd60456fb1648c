#include "serve/problem.h"

#include "view/doc.h"

#include <stdio.h>
#include <string.h>

const struct problem problems[] = {
    {"E6101", "there is nothing at this address", 404},
    {"E6102", "this method is not for this address", 405},
    {"E6103", "a parameter is not understood", 400},
    {"E6104", "who asks is not known", 401},
    {"E6105", "the token does not reach so far", 403},
    {"E6106", "the request is for another host", 421},
    {"E6107", "another site's page may not do this", 403},
    {"E6108", "the request is too large", 413},
    {"E6109", "content of this kind is not understood", 415},
    {"E6110", "too many failures", 429},
    {"E6111", "a token stands in the address", 400},
    {"E6112", "not now", 503},
    {"E6113", "the request cannot be read", 400},
    {"E6114", "the head of the request is too large", 431},
    {.id = NULL},
};

static const struct problem *find(const char *id)
{
    for (const struct problem *p = problems; p->id != NULL; p++) {
        if (strcmp(p->id, id) == 0) {
            return p;
        }
    }
    return NULL;
}

int problem_code(const char *id)
{
    const struct problem *p = find(id);
    return p != NULL ? p->code : 400;
}

struct blob *problem_blob(int code, const struct error *why, str instance)
{
    const struct problem *p = find(why->id);
    char type[32] = "about:blank";
    if (why->id[0] != 0) {
        (void)snprintf(type, sizeof type, "/help/%s", why->id);
    }
    json_t *doc = json_object();
    struct buf out = {0};
    doc_put(doc, "type", json_string(type));
    doc_put(doc, "title",
            json_string(p != NULL     ? p->title
                        : code == 404 ? "no such thing"
                        : code >= 500 ? "not answered"
                                      : "the question cannot be answered"));
    doc_put(doc, "status", json_integer(code));
    doc_put(doc, "detail", doc_str(str_of(why->text)));
    if (instance.n > 0) {
        doc_put(doc, "instance", doc_str(instance));
    }
    if (why->id[0] != 0) {
        doc_put(doc, "id", json_string(why->id));
    }
    if (why->hint[0] != 0) {
        doc_put(doc, "hint", doc_str(str_of(why->hint)));
    }
    doc_write(doc, false, &out);
    json_decref(doc);
    return blob_take(&out);
}

void problem_tell(struct http_request *r, int code, const struct error *why)
{
    struct buf instance = {0};
    if (r->id.n > 0) { /* the request, as the log names it: an address may hold anything */
        buf_addf(&instance, "urn:weir:request:" STR_FMT, STR_ARG(r->id));
    }
    http_add(r, "Cache-Control", STR("no-store"));
    http_answer(r, code, "application/problem+json", problem_blob(code, why, buf_str(&instance)));
    buf_finish(&instance);
}

void problem_answer(struct http_request *r, const char *id, const char *hint, const char *format,
                    ...)
{
    struct error why = {0};
    char text[sizeof why.text];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    error_set(&why, "%s", text);
    error_id(&why, id);
    if (hint != NULL) {
        error_hint(&why, "%s", hint);
    }
    problem_tell(r, problem_code(id), &why);
}
