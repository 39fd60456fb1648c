/* What events can be about, by a name that is the same in every source: the `domainId` of CDEvents
 * 0.6.0-draft (cdevents/spec, links.md), eight segments parted by colons:
 *
 *     cdevents:v0:<provider>:<provider-id>:<namespace>:<groups>:<type>:<resource id>
 *
 * Only type and resource id must have text. Segments are percent-encoded, except the slashes
 * between groups. */
#pragma once

#include "base/buf.h"
#include "base/str.h"

struct identity { /* the segments as written, still encoded; pieces of the text parsed */
    str provider, provider_id, space, groups, type, resource;
};

/* False: it does not fit the grammar; `ret_reason` (may be NULL) says why, as a sentence part. */
bool identity_parse(str text, struct identity *ret, const char **ret_reason);
/* Is it meant to be one, right or wrong? (Any other text is a foreign id.) */
bool identity_claims(str text);

/* The segments as they are: parsing and writing give the same text. */
void identity_write(const struct identity *id, struct buf *out);
/* As the key of an item: encoded in the one canonical way, `mr` written `pr`. */
void identity_key(const struct identity *id, struct buf *out);

/* As people say it: "SHOP-123", "acme/shop#42" (a bare number is one of its place); a text that is
 * no identity as it is. */
void identity_short(str key, struct buf *out);
/* Does a person who writes `asked` ("SHOP-123", "#42", "42", "acme/shop#42", the whole key) mean
 * it? */
bool identity_is_called(str key, str asked);

/* One segment. Encoding leaves letters, digits and -._~ as they are; hex digits are upper case. */
void identity_encode(str spelled, struct buf *out);
void identity_decode(str segment, struct buf *out);

/* The item type that the identity's type stands for: pr → change, execution → run, alert →
 * incident, tag → release; others are their own. */
str identity_item_type(const struct identity *id);
