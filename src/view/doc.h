/* The JSON documents of design/contract.md, on jansson: numbers in seconds, instants in RFC 3339
 * UTC, no NaN, ids as texts, fields in the order written. A json_t belongs to whoever got it, until
 * it is put into another one with doc_put. */
#pragma once

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"

#include <jansson.h>

json_t *doc_new(const char *schema);                          /* {"schema":"weir.map/1"} */
void doc_put(json_t *object, const char *key, json_t *value); /* takes the value; NULL is a bug */
/* The same with a key that comes from data: what is not UTF-8 becomes U+FFFD; keys that only
 * thereby become alike are told apart, "\ufffd" and "\ufffd (2)". */
void doc_put_str(json_t *object, str key, json_t *value);

json_t *doc_str(str s); /* what is not UTF-8 becomes U+FFFD */
json_t *doc_strf(const char *format, ...) __attribute__((format(printf, 1, 2)));
json_t *doc_count(uint64_t n);
json_t *doc_real(double x); /* null when not finite */
json_t *doc_seconds(lapse t);
json_t *doc_when(when t);    /* null for WHEN_NONE, and outside the years 0000 to 9999 */
json_t *doc_id(uint64_t id); /* a text */

struct doc_distribution { /* in microseconds; n = 0 has only n and sum, the rest null */
    uint64_t n;
    double mean, min, p50, p85, p95, max, sum;
};
json_t *doc_distribution(const struct doc_distribution *d);       /* {"n","mean",…} in seconds */
json_t *doc_distribution_plain(const struct doc_distribution *d); /* unit as it is */
json_t *doc_estimate(double value, double low, double high,
                     double level); /* null when value is NaN */
json_t *doc_estimate_n(double value, double low, double high, double level,
                       uint64_t n); /* with "n" inside, where none stands beside it */
json_t *doc_rule(const char *name, const char *version, json_t *parameters); /* parameters: taken,
                                                                              * NULL: {} */
json_t *doc_range(when from, when to);                                       /* {"from","to"} */

/* "notes" and "excluded" of a document; made when first used. Equal reasons add up, 0 is nothing.
 * doc_end adds the empty ones. */
void doc_note(json_t *doc, const char *format, ...) __attribute__((format(printf, 2, 3)));
void doc_excluded(json_t *doc, const char *reason, uint64_t n);
void doc_end(json_t *doc);

/* One line or indented; then a newline. Does not take the document. Control characters and
 * bidirectional overrides are written as escapes, so that a document may be looked at. */
void doc_write(const json_t *doc, bool indented, struct buf *out);
void doc_quote(struct buf *out, str s); /* one text as doc_write writes it */
