/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/telegram/cipher.h"

#include "core/mem.h"

#include <openssl/evp.h>

struct ml_mtproto_cipher {
    EVP_CIPHER_CTX *context;
    EVP_CIPHER *algorithm; /* fetched once: looking it up costs more than a block */
};

struct ml_mtproto_cipher *ml_mtproto_cipher_new(void)
{
    struct ml_mtproto_cipher *cipher = ml_mem_array(1, sizeof *cipher);
    if (cipher == NULL) {
        return NULL;
    }
    cipher->context = EVP_CIPHER_CTX_new();
    cipher->algorithm = EVP_CIPHER_fetch(NULL, "AES-256-CTR", NULL);
    if (cipher->context == NULL || cipher->algorithm == NULL) {
        ml_mtproto_cipher_free(cipher);
        return NULL;
    }
    return cipher;
}

void ml_mtproto_cipher_free(void *self)
{
    struct ml_mtproto_cipher *cipher = self;
    if (cipher != NULL) {
        EVP_CIPHER_CTX_free(cipher->context);
        EVP_CIPHER_free(cipher->algorithm);
        ml_mem_free(cipher);
    }
}

bool ml_mtproto_cipher_start(struct ml_mtproto_cipher *cipher, const uint8_t key[ML_MTPROTO_KEY],
                             const uint8_t iv[ML_MTPROTO_IV])
{
    return EVP_DecryptInit_ex2(cipher->context, cipher->algorithm, key, iv, NULL) == 1;
}

bool ml_mtproto_cipher_run(struct ml_mtproto_cipher *cipher, struct ml_span in, uint8_t *out)
{
    int n = 0;
    return in.len == 0 ||
           (EVP_DecryptUpdate(cipher->context, out, &n, in.ptr, (int)in.len) == 1 && (size_t)n == in.len);
}
