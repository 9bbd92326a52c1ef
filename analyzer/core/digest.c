/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digests of a few dozen bytes are taken for every conversation. Through EVP each would first look its algorithm up and
 * make a context, which takes longer than digesting; so these use the functions below EVP.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "core/digest.h"

#include "core/mem.h"
#include "core/text.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/md5.h>
#include <openssl/sha.h>
#include <stdio.h>

struct ml_digest {
    EVP_MD_CTX *ctx;  /* owned */
    EVP_MD_CTX *copy; /* owned; finished in place of ctx, which goes on */
};

struct ml_digest *ml_digest_new(void)
{
    struct ml_digest *digest = ml_mem_array(1, sizeof *digest);
    if (digest == NULL) {
        return NULL;
    }
    digest->ctx = EVP_MD_CTX_new();
    digest->copy = EVP_MD_CTX_new();
    if (digest->ctx == NULL || digest->copy == NULL || EVP_DigestInit_ex(digest->ctx, EVP_sha256(), NULL) != 1) {
        ml_digest_free(digest);
        return NULL;
    }
    return digest;
}

void ml_digest_free(struct ml_digest *digest)
{
    if (digest != NULL) {
        EVP_MD_CTX_free(digest->ctx);
        EVP_MD_CTX_free(digest->copy);
        ml_mem_free(digest);
    }
}

bool ml_digest_feed(struct ml_digest *digest, struct ml_span bytes)
{
    return EVP_DigestUpdate(digest->ctx, bytes.ptr, bytes.len) == 1;
}

bool ml_digest_hex(struct ml_digest *digest, char out[ML_SHA256_HEX])
{
    uint8_t raw[32];
    out[0] = '\0';
    if (EVP_MD_CTX_copy_ex(digest->copy, digest->ctx) != 1 || EVP_DigestFinal_ex(digest->copy, raw, NULL) != 1) {
        return false;
    }
    ml_hex_write(ml_span_of(raw, sizeof raw), out);
    return true;
}

bool ml_sha256(struct ml_span bytes, uint8_t out[32])
{
    SHA256_CTX ctx;
    return SHA256_Init(&ctx) == 1 && SHA256_Update(&ctx, bytes.ptr, bytes.len) == 1 && SHA256_Final(out, &ctx) == 1;
}

bool ml_sha256_hex(struct ml_span bytes, char out[ML_SHA256_HEX])
{
    uint8_t raw[32];
    out[0] = '\0';
    if (!ml_sha256(bytes, raw)) {
        return false;
    }
    ml_hex_write(ml_span_of(raw, sizeof raw), out);
    return true;
}

bool ml_md5(struct ml_span bytes, uint8_t out[16])
{
    MD5_CTX ctx;
    return MD5_Init(&ctx) == 1 && MD5_Update(&ctx, bytes.ptr, bytes.len) == 1 && MD5_Final(out, &ctx) == 1;
}

bool ml_sha512(struct ml_span bytes, uint8_t out[64])
{
    return EVP_Digest(bytes.ptr, bytes.len, out, NULL, EVP_sha512(), NULL) == 1;
}

bool ml_md5_hex(struct ml_span bytes, char out[ML_MD5_HEX])
{
    uint8_t raw[16];
    out[0] = '\0';
    if (!ml_md5(bytes, raw)) {
        return false;
    }
    ml_hex_write(ml_span_of(raw, sizeof raw), out);
    return true;
}

bool ml_sha1(struct ml_span bytes, uint8_t out[20])
{
    SHA_CTX ctx;
    return SHA1_Init(&ctx) == 1 && SHA1_Update(&ctx, bytes.ptr, bytes.len) == 1 && SHA1_Final(out, &ctx) == 1;
}

enum ml_status ml_sha256_file(const char *path, char out[ML_SHA256_HEX], struct ml_error *error)
{
    enum ml_status status = ML_IO;
    struct ml_digest *digest = ml_digest_new();
    FILE *file = fopen(path, "rb");
    uint8_t block[65536];
    size_t n = 0;
    out[0] = '\0';
    ml_error_at(error, path, 0, 0);
    if (digest == NULL || file == NULL) {
        status = file == NULL ? ml_error_set(error, ML_IO, "%s", strerror(errno))
                              : ml_error_set(error, ML_NO_MEMORY, "out of memory");
        goto out;
    }
    while ((n = fread(block, 1, sizeof block, file)) != 0) {
        if (!ml_digest_feed(digest, ml_span_of(block, n))) {
            status = ml_error_set(error, ML_IO, "SHA-256 failed");
            goto out;
        }
    }
    if (ferror(file) != 0) {
        status = ml_error_set(error, ML_IO, "%s", strerror(errno));
        goto out;
    }
    status = ml_digest_hex(digest, out) ? ML_OK : ml_error_set(error, ML_IO, "SHA-256 failed");
out:
    if (file != NULL) {
        (void)fclose(file); /* only read */
    }
    ml_digest_free(digest);
    return status;
}
