#include "wire/hmac.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>

const char *hmac_sha256_hex(str key, str message, char ret_hex[HMAC_HEX])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    assert(key.n <= INT32_MAX);
    unsigned char *done =
        HMAC(EVP_sha256(), key.n > 0 ? key.p : "", (int)key.n,
             (const unsigned char *)(message.n > 0 ? message.p : ""), message.n, digest, &size);
    assert(done != NULL && size * 2 + 1 == HMAC_HEX);
    for (unsigned int i = 0; i < size; i++) {
        (void)snprintf(ret_hex + (size_t)i * 2, 3, "%02x", digest[i]);
    }
    return ret_hex;
}
