/* What went wrong, as RFC 9457 has it (application/problem+json): type, title, status, detail,
 * instance, and of our own `id` (an E-number) and `hint`. */
#pragma once

#include "base/error.h"
#include "serve/blob.h"
#include "serve/http.h"

struct problem {
    const char *id, *title;
    int code;
};
extern const struct problem problems[]; /* ends with id NULL; each stands in `weir help` as well */

/* The problem of this E-number; one that is not of the server's gets status 400. */
struct blob *problem_blob(int code, const struct error *why, str instance);
int problem_code(const char *id);

/* Answers r with the problem `id`. */
void problem_answer(struct http_request *r, const char *id, const char *hint, const char *format,
                    ...) __attribute__((format(printf, 4, 5)));
void problem_tell(struct http_request *r, int code, const struct error *why);
