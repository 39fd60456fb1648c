/* Sources write flat objects of plain texts almost always; these are cut in place. Anything else
 * (escapes, numbers, nesting) goes through the JSON parser. */
#include "engine/attrs.h"

#include "wire/json.h"

#include <string.h>

void attrs_finish(struct attrs *a)
{
    VEC_FINISH(&a->v);
    arena_finish(&a->text);
}

/* A text without escapes that begins at *at (on its quote); *at moves behind it. */
static bool plain_text(str json, size_t *at, str *ret)
{
    if (*at >= json.n || json.p[*at] != '"') {
        return false;
    }
    size_t begin = *at + 1;
    const char *end = memchr(json.p + begin, '"', json.n - begin);
    if (end == NULL) {
        return false;
    }
    *ret = (str){json.p + begin, (size_t)(end - json.p) - begin};
    *at = begin + ret->n + 1;
    return memchr(ret->p, '\\', ret->n) == NULL;
}

/* {"name":"value",…} without a blank or an escape. */
static bool cut_plain(struct attrs *a, str json)
{
    size_t at = 0;
    if (json.n < 2 || json.p[0] != '{' || json.p[json.n - 1] != '}') {
        return false;
    }
    do {
        struct attr one = {.kind = ATTR_TEXT};
        at++;
        if (!plain_text(json, &at, &one.name) || at >= json.n || json.p[at++] != ':' ||
            !plain_text(json, &at, &one.value)) {
            return false;
        }
        VEC_ADD(&a->v, one);
    } while (at < json.n && json.p[at] == ',');
    return at + 1 == json.n;
}

static void flatten(struct attrs *a, str name, const json_t *value);

static void flatten_array(struct attrs *a, str name, const json_t *array)
{
    size_t i;
    const json_t *value;
    json_array_foreach(array, i, value)
    {
        flatten(a, i == 0 ? name : arena_strf(&a->text, STR_FMT ".%zu", STR_ARG(name), i + 1),
                value);
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the parser allows, 256 */
static void flatten(struct attrs *a, str name, const json_t *value)
{
    if (json_is_array(value)) {
        flatten_array(a, name, value);
        return;
    }
    if (json_is_object(value)) {
        const char *key;
        json_t *member;
        json_object_foreach((json_t *)(uintptr_t)value, key, member)
        {
            str path = name.p == NULL ? str_of(key)
                                      : arena_strf(&a->text, STR_FMT ".%s", STR_ARG(name), key);
            flatten(a, arena_str(&a->text, path), member);
        }
        return;
    }
    struct buf text = {0};
    if (json_scalar(value, &text)) {
        enum attr_kind kind = json_is_string(value)    ? ATTR_TEXT
                              : json_is_integer(value) ? ATTR_WHOLE
                              : json_is_real(value)    ? ATTR_REAL
                                                       : ATTR_FLAG;
        VEC_ADD(&a->v, (struct attr){name, arena_str(&a->text, buf_str(&text)), kind});
    }
    buf_finish(&text);
}

void attrs_fill(struct attrs *a, str json)
{
    a->v.n = 0;
    if (json.n == 0 || cut_plain(a, json)) {
        return;
    }
    a->v.n = 0;
    arena_clear(&a->text);
    json_t *object = NULL;
    struct error why;
    if (json_parse(json, 0, "attributes", &object, &why) == OK) {
        if (json_is_object(object)) {
            flatten(a, (str){0}, object);
        }
        json_decref(object);
    }
}
