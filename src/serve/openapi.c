/* The table of routes as an OpenAPI 3.1 document. */
#include "serve/routes.h"
#include "view/doc.h"

#include <ctype.h>
#include <string.h>

static json_t *reference(const char *to)
{
    json_t *o = json_object();
    doc_put(o, "$ref", json_string(to));
    return o;
}

static json_t *typed(const char *type)
{
    json_t *o = json_object();
    doc_put(o, "type", json_string(type));
    return o;
}

static bool is_words(const char *value)
{
    return value != NULL && islower((unsigned char)value[0]) && strchr(value, '|') != NULL;
}

static json_t *parameter_schema(const struct serve_parameter *p)
{
    json_t *schema;
    if (p->kind == SERVE_FLAG) {
        schema = typed("boolean");
    } else if (strcmp(p->name, "limit") == 0) {
        schema = typed("integer");
        doc_put(schema, "minimum", json_integer(1));
        doc_put(schema, "maximum", json_integer(1000));
    } else if (p->value != NULL && strcmp(p->value, "N") == 0) {
        schema = typed("integer");
        doc_put(schema, "minimum", json_integer(0));
    } else {
        schema = typed("string");
    }
    if (is_words(p->value)) {
        json_t *words = json_array();
        str rest = str_of(p->value), word;
        while (str_cut(&rest, '|', &word)) {
            json_array_append_new(words, doc_str(word));
        }
        doc_put(schema, "enum", words);
    }
    if (p->kind == SERVE_LIST || p->many) {
        json_t *list = typed("array");
        doc_put(list, "items", schema);
        return list;
    }
    return schema;
}

static json_t *parameters(const struct route *r)
{
    json_t *all = json_array();
    const char *brace = strchr(r->path, '{');
    if (brace != NULL) {
        json_t *one = json_object();
        doc_put(one, "name", doc_str((str){brace + 1, strlen(brace) - 2}));
        doc_put(one, "in", json_string("path"));
        doc_put(one, "required", json_true());
        doc_put(one, "schema", typed("string"));
        json_array_append_new(all, one);
    }
    size_t first = brace != NULL; /* the first argument stands in the path */
    for (size_t i = first; r->answer != NULL && i < r->answer->parameter_n; i++) {
        const struct serve_parameter *p = &r->answer->parameters[i];
        json_t *one = json_object();
        doc_put(one, "name", json_string(p->name));
        doc_put(one, "in", json_string("query"));
        doc_put(one, "description", json_string(p->purpose));
        doc_put(one, "required", json_boolean(p->required));
        doc_put(one, "schema", parameter_schema(p));
        if (p->kind == SERVE_LIST || p->many) {
            doc_put(one, "explode", json_true());
        }
        json_array_append_new(all, one);
    }
    return all;
}

/* "items: id, type, stage" → the field items, described by the rest */
static json_t *document_schema(const struct route *r)
{
    json_t *schema = typed("object"), *fields = json_object(), *constant = json_object(), *needs;
    doc_put(constant, "const", json_string(r->document));
    doc_put(fields, "schema", constant);
    str rest = str_of(r->answer != NULL ? r->answer->fields : NULL), line, name;
    while (rest.n > 0 && str_cut(&rest, '\n', &line)) {
        size_t colon = str_find(line, STR(": "));
        str names = str_first(line, colon), meaning = str_from(line, colon + 2);
        while (str_cut(&names, ',', &name)) {
            json_t *one = json_object();
            doc_put(one, "description", doc_str(meaning));
            doc_put_str(fields, str_trim(name), one);
        }
    }
    needs = json_array();
    json_array_append_new(needs, json_string("schema"));
    doc_put(schema, "properties", fields);
    doc_put(schema, "required", needs);
    return schema;
}

static void add_content(json_t *response, const char *type, json_t *schema)
{
    json_t *content = json_object(), *media = json_object();
    doc_put(media, "schema", schema);
    doc_put(content, type, media);
    doc_put(response, "content", content);
}

static json_t *described(const char *words)
{
    json_t *o = json_object();
    doc_put(o, "description", json_string(words));
    return o;
}

static json_t *responses(const struct route *r)
{
    json_t *all = json_object(), *fine = described(r->purpose);
    if (r->document != NULL) {
        add_content(fine, r->type, document_schema(r));
    } else if (r->type != NULL) {
        add_content(fine, r->type,
                    strcmp(r->type, "application/json") == 0 ? typed("object") : typed("string"));
    }
    bool gets = strcmp(r->method, "GET") == 0;
    doc_put(all,
            r->type != NULL                    ? "200"
            : gets                             ? "200"
            : strcmp(r->method, "DELETE") == 0 ? "204"
                                               : "303",
            fine);
    if (r->answer != NULL) {
        doc_put(all, "304", described("what If-None-Match names is still right"));
    }
    doc_put(all, "default", reference("#/components/responses/problem"));
    return all;
}

static json_t *operation(const struct route *r)
{
    json_t *o = json_object();
    struct buf id = {0};
    for (const char *p = r->path; *p != 0; p++) {
        buf_putc(&id, isalnum((unsigned char)*p) ? *p : '_');
    }
    doc_put(o, "operationId", doc_strf("%s" STR_FMT, r->method, STR_ARG(buf_str(&id))));
    buf_finish(&id);
    doc_put(o, "summary", json_string(r->purpose));
    json_t *all = parameters(r);
    doc_put(o, "parameters", all);
    if (r->consumes != NULL) {
        json_t *body = json_object(), *content = json_object();
        str rest = str_of(r->consumes), type;
        while (str_cut(&rest, ',', &type)) {
            doc_put_str(content, str_trim(type), json_object());
        }
        doc_put(body, "content", content);
        doc_put(body, "required", json_true());
        doc_put(o, "requestBody", body);
    }
    doc_put(o, "responses", responses(r));
    if (r->scope == SCOPE_NONE) {
        doc_put(o, "security", json_array());
    } else {
        json_t *needs = json_array(), *one = json_object(), *scopes = json_array();
        json_array_append_new(scopes, json_string(scope_word(r->scope)));
        doc_put(one, "token", scopes);
        json_array_append_new(needs, one);
        doc_put(o, "security", needs);
    }
    return o;
}

static json_t *components(void)
{
    static const struct {
        const char *name, *type, *meaning;
    } FIELDS[] = {
        {"type", "string", "address of the manual's entry"},
        {"title", "string", "the kind of problem"},
        {"status", "integer", "the status of the answer"},
        {"detail", "string", "what, where, why"},
        {"instance", "string", "the request, as the log names it"},
        {"id", "string", "number of the error, for weir help"},
        {"hint", "string", "the remedy"},
    };
    json_t *all = json_object(), *schemas = json_object(), *problem = typed("object"),
           *fields = json_object(), *needs = json_array();
    for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++) {
        json_t *one = typed(FIELDS[i].type);
        doc_put(one, "description", json_string(FIELDS[i].meaning));
        doc_put(fields, FIELDS[i].name, one);
        if (i < 4) {
            json_array_append_new(needs, json_string(FIELDS[i].name));
        }
    }
    doc_put(problem, "properties", fields);
    doc_put(problem, "required", needs);
    doc_put(schemas, "problem", problem);
    doc_put(all, "schemas", schemas);
    json_t *answers = json_object(), *told = described("a problem, as RFC 9457 has it");
    add_content(told, "application/problem+json", reference("#/components/schemas/problem"));
    doc_put(answers, "problem", told);
    doc_put(all, "responses", answers);
    json_t *security = json_object(), *token = typed("http");
    doc_put(token, "scheme", json_string("bearer"));
    doc_put(token, "description",
            json_string("weir token create NAME --scope read|ingest|admin; not "
                        "needed on this machine while there is no token"));
    doc_put(security, "token", token);
    doc_put(all, "securitySchemes", security);
    return all;
}

void openapi_write(const struct routes *t, const char *version, struct buf *out)
{
    json_t *doc = json_object(), *info = json_object(), *paths = json_object();
    doc_put(doc, "openapi", json_string("3.1.0"));
    doc_put(info, "title", json_string("weir"));
    doc_put(info, "version", json_string(version));
    doc_put(info, "description",
            json_string("A value-stream observatory. Every document is the one that the command of "
                        "the same name prints with --json."));
    json_t *licence = json_object();
    doc_put(licence, "name", json_string("GPL-3.0-or-later"));
    doc_put(licence, "identifier", json_string("GPL-3.0-or-later"));
    doc_put(info, "license", licence);
    doc_put(doc, "info", info);
    for (size_t i = 0; i < t->v.n; i++) {
        const struct route *r = &t->v.v[i];
        json_t *path = json_object_get(paths, r->path);
        if (path == NULL) {
            path = json_object();
            doc_put(paths, r->path, path);
        }
        char method[16] = "";
        for (size_t k = 0; r->method[k] != 0 && k + 1 < sizeof method; k++) {
            method[k] = (char)tolower((unsigned char)r->method[k]);
        }
        doc_put(path, method, operation(r));
    }
    doc_put(doc, "paths", paths);
    doc_put(doc, "components", components());
    doc_write(doc, false, out);
    json_decref(doc);
}
