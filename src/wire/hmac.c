#include "wire/hmac.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>

void hmac_sha256(str key, str message, char ret_digest[HMAC_DIGEST])
{
    unsigned int size = 0;
    assert(key.n <= INT32_MAX);
    unsigned char *done = HMAC(EVP_sha256(), key.n > 0 ? key.p : "", (int)key.n,
                               (const unsigned char *)(message.n > 0 ? message.p : ""), message.n,
                               (unsigned char *)ret_digest, &size);
    assert(done != NULL && size == HMAC_DIGEST);
}

const char *hmac_sha256_hex(str key, str message, char ret_hex[HMAC_HEX])
{
    char digest[HMAC_DIGEST];
    hmac_sha256(key, message, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        (void)snprintf(ret_hex + i * 2, 3, "%02x", (unsigned char)digest[i]);
    }
    return ret_hex;
}
