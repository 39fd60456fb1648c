/* Is a delivery from who it says? Signatures and tokens of webhooks, over the bytes as they came,
 * compared in constant time.
 *
 * Of several secrets (while one is replaced) any may fit, and all are tried. With no secret
 * configured nothing fits: whether an unsigned delivery may come in is for the caller to decide
 * before asking here. */
#pragma once

#include "source/hook.h"

/* `header: <prefix><hex>`, where hex is HMAC-SHA-256(secret, body) in small letters: GitHub
 * ("X-Hub-Signature-256", "sha256="), Jira Cloud ("X-Hub-Signature", "sha256="). */
enum hook_proof signature_hex(const struct delivery *d, const struct hook_secrets *secrets,
                              const char *header, const char *prefix);

/* The same where the header holds several, parted by commas, and any may fit; those of another
 * version are passed over: PagerDuty ("X-PagerDuty-Signature", "v1="), CircleCI
 * ("circleci-signature", "v1="). */
enum hook_proof signature_list(const struct delivery *d, const struct hook_secrets *secrets,
                               const char *header, const char *prefix);

/* The header is one of the secrets, behind `prefix` (in any letter case; ""): GitLab's
 * "X-Gitlab-Token", "Authorization: Bearer …". Hashes are compared, so that no length leaks. */
enum hook_proof signature_token(const struct delivery *d, const struct hook_secrets *secrets,
                                str header, const char *prefix);
/* `secrets->header` holds the secret itself; without a name, `Authorization: Bearer SECRET`. */
enum hook_proof signature_bearer(const struct delivery *d, const struct hook_secrets *secrets);

/* Standard Webhooks (GitLab's signing tokens): `webhook-signature: v1,<base64> v1,<base64>…` of
 * HMAC-SHA-256 over "<webhook-id>.<webhook-timestamp>.<body>"; a secret is "whsec_" and the key in
 * base64. HOOK_STALE: right, but signed more than SIGNATURE_AGE before or after `now`. */
#define SIGNATURE_AGE (300 * SECOND)
enum hook_proof signature_standard(const struct delivery *d, const struct hook_secrets *secrets,
                                   when now);
