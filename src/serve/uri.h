/* The address of a request, taken apart strictly: what has two readings is refused. */
#pragma once

#include "serve/http.h"

/* "/a%20b?x=1&y" → path "/a b", query x=1, y=. False: an escape that is none, a zero byte, a
 * control character, bytes that are not UTF-8, no leading slash, a part of the path that is . or ..
 */
bool uri_split(str address, struct arena *a, str *ret_path, const struct http_pair **ret_query,
               size_t *ret_n);
bool uri_is_utf8(str text);
void uri_quote(struct buf *out, str text); /* as a value of a query */
