#include "source/signature.h"

#include "wire/base64.h"
#include "wire/hmac.h"

#include <openssl/crypto.h>
#include <string.h>

enum { HEX = HMAC_HEX - 1 };

/* Equal texts? The time depends on their lengths alone, which are public here. */
static bool same(str a, str b)
{
    return a.n == b.n && (a.n == 0 || CRYPTO_memcmp(a.p, b.p, a.n) == 0);
}

/* Every secret is tried, also after one that fits. */
static bool signed_hex(str body, const struct hook_secrets *secrets, str hex)
{
    bool fits = false;
    for (size_t i = 0; i < secrets->n; i++) {
        char room[HMAC_HEX];
        hmac_sha256_hex(secrets->secrets[i], body, room);
        fits |= secrets->secrets[i].n > 0 && same(hex, (str){room, HEX});
    }
    return fits;
}

enum hook_proof signature_hex(const struct delivery *d, const struct hook_secrets *secrets,
                              const char *header, const char *prefix)
{
    str value = {0};
    if (!delivery_header(d, header, &value)) {
        return HOOK_MISSING;
    }
    if (!str_starts(value, str_of(prefix))) {
        return HOOK_WRONG;
    }
    str hex = str_from(value, strlen(prefix));
    return signed_hex(d->body, secrets, hex) ? HOOK_GOOD : HOOK_WRONG;
}

enum { TRIED = 16 }; /* signatures of one header: each costs a hash of the body at most once */

enum hook_proof signature_list(const struct delivery *d, const struct hook_secrets *secrets,
                               const char *header, const char *prefix)
{
    str value = {0}, part;
    if (!delivery_header(d, header, &value)) {
        return HOOK_MISSING;
    }
    bool fits = false;
    for (int n = 0; n < TRIED && str_cut(&value, ',', &part); n++) {
        part = str_trim(part);
        if (str_starts(part, str_of(prefix))) {
            fits |= signed_hex(d->body, secrets, str_from(part, strlen(prefix)));
        }
    }
    return fits ? HOOK_GOOD : HOOK_WRONG;
}

/* Compared by their hashes under a key of no meaning: equal lengths whatever was sent. */
static bool same_token(str a, str b)
{
    char left[HMAC_HEX], right[HMAC_HEX];
    hmac_sha256_hex(STR("weir"), a, left);
    hmac_sha256_hex(STR("weir"), b, right);
    return same((str){left, HEX}, (str){right, HEX});
}

enum hook_proof signature_token(const struct delivery *d, const struct hook_secrets *secrets,
                                str header, const char *prefix)
{
    char name[128];
    str value = {0};
    if (header.n >= sizeof name) {
        return HOOK_MISSING;
    }
    memcpy(name, header.p, header.n);
    name[header.n] = '\0';
    if (!delivery_header(d, name, &value)) {
        return HOOK_MISSING;
    }
    size_t n = strlen(prefix);
    if (!str_eq_case(str_first(value, n), str_of(prefix))) {
        return HOOK_WRONG;
    }
    str token = n > 0 ? str_trim(str_from(value, n)) : value;
    bool fits = false;
    for (size_t i = 0; i < secrets->n; i++) {
        fits |= secrets->secrets[i].n > 0 && same_token(token, secrets->secrets[i]);
    }
    return fits ? HOOK_GOOD : HOOK_WRONG;
}

enum hook_proof signature_bearer(const struct delivery *d, const struct hook_secrets *secrets)
{
    if (secrets->header.n > 0 && !str_eq_case(secrets->header, STR("Authorization"))) {
        return signature_token(d, secrets, secrets->header, "");
    }
    return signature_token(d, secrets, STR("Authorization"), "Bearer ");
}

/* --- Standard Webhooks --- */

static bool standard_key(str secret, struct buf *out)
{
    static const str PREFIX = STR_INIT("whsec_");
    buf_clear(out);
    return str_starts(secret, PREFIX) && base64_decode(str_from(secret, PREFIX.n), out) &&
           out->n > 0;
}

/* Does any signature of the list fit this digest? */
static bool listed(str list, str digest)
{
    str part;
    bool fits = false;
    for (int n = 0; n < TRIED && str_cut(&list, ' ', &part); n++) {
        struct buf sent = {0};
        if (str_starts(part, STR("v1,")) && base64_decode(str_from(part, 3), &sent)) {
            fits |= same(buf_str(&sent), digest);
        }
        buf_finish(&sent);
    }
    return fits;
}

enum hook_proof signature_standard(const struct delivery *d, const struct hook_secrets *secrets,
                                   when now)
{
    str id = {0}, stamp = {0}, list = {0};
    int64_t seconds = 0;
    if (!delivery_header(d, "webhook-id", &id) ||
        !delivery_header(d, "webhook-timestamp", &stamp) ||
        !delivery_header(d, "webhook-signature", &list)) {
        return HOOK_MISSING;
    }
    if (!str_to_i64(stamp, &seconds) || seconds < 0 || seconds > INT64_MAX / SECOND) {
        return HOOK_WRONG;
    }
    struct buf message = {0}, key = {0};
    buf_add(&message, id);
    buf_putc(&message, '.');
    buf_add(&message, stamp);
    buf_putc(&message, '.');
    buf_add(&message, d->body);
    bool fits = false;
    for (size_t i = 0; i < secrets->n; i++) {
        if (standard_key(secrets->secrets[i], &key)) {
            char digest[HMAC_DIGEST];
            hmac_sha256(buf_str(&key), buf_str(&message), digest);
            fits |= listed(list, (str){digest, sizeof digest});
        }
    }
    buf_finish(&message);
    buf_finish(&key);
    if (!fits) {
        return HOOK_WRONG;
    }
    lapse age = now - seconds * SECOND;
    return age <= SIGNATURE_AGE && age >= -SIGNATURE_AGE ? HOOK_GOOD : HOOK_STALE;
}
