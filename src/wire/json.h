/* JSON by jansson, for documents and single lines: limits for hostile input, errors with a place,
 * and getters that never surprise (a missing or differently typed field is false or empty). */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Parses one whole document; UTF-8 only, texts may hold NUL, of equal keys the last counts. Nesting
 * beyond 256 and text beyond `size_limit` bytes (0: none) are errors. `name` begins the sentence:
 * "log.json: line 3, column 7: …". Release with json_decref. */
status json_parse(str text, size_t size_limit, const char *name, json_t **ret_json,
                  struct error *why);

/* The texts live as long as the document. */
bool json_get_str(const json_t *object, const char *key, str *ret);
bool json_get_i64(const json_t *object, const char *key, int64_t *ret);
bool json_get_bool(const json_t *object, const char *key, bool *ret);
const json_t *json_get_array(const json_t *object, const char *key); /* NULL when there is none */
const json_t *json_get_object(const json_t *object, const char *key);

str json_text(const json_t *string);                    /* of a string value, else empty */
bool json_scalar(const json_t *value, struct buf *out); /* appends text, number, true, false as
                                                         * text; false (nothing added) for others */

/* Writing by hand where a tree would cost too much: appends `text` quoted and escaped. Bytes that
 * are not UTF-8 are replaced by U+FFFD. */
void json_quote(struct buf *out, str text);
