/* SPDX-License-Identifier: Apache-2.0 */
#include "support/quic_build.h"

#include "core/mem.h"
#include "core/text.h"
#include "support/build.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

enum { MAX_MESSAGE = 65536 };

static const uint8_t rfc_dcid[] = {0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08};

struct qb_initial qb_version_1(void)
{
    return (struct qb_initial){
        .version = 1,
        .salt = "38762cf7f55934b34d179ae6a4c80cadccbb7f0a",
        .labels = "quic",
        .key_id = ml_span_of(rfc_dcid, sizeof rfc_dcid),
        .dcid = ml_span_of(rfc_dcid, sizeof rfc_dcid),
        .number = 2,
        .number_len = 4,
        .padded = 1162,
    };
}

struct qb_initial qb_version_2(void)
{
    struct qb_initial initial = qb_version_1();
    initial.version = 0x6b3343cf;
    initial.salt = "0dede3def700a6db819381be6e269dcbf9bd2ed9";
    initial.labels = "quicv2";
    initial.type_bits = 1;
    return initial;
}

/* Given to the caller, ml_mem_free. */
static struct ml_span from_hex(const char *digits)
{
    size_t len = strlen(digits);
    uint8_t *bytes = ml_mem_array(len / 2 + 1, 1);
    ML_ASSERT(bytes != NULL && ml_hex_read(ml_span_of(digits, len), bytes));
    return ml_span_of(bytes, len / 2);
}

static void hkdf(int mode, struct ml_span key, struct ml_span salt, struct ml_span info, uint8_t *out, size_t len)
{
    char digest[] = "SHA256";
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    OSSL_PARAM params[6];
    size_t n = 0;
    params[n++] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0);
    params[n++] = OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode);
    params[n++] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)key.ptr, key.len);
    if (salt.len != 0) {
        params[n++] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)salt.ptr, salt.len);
    }
    if (info.len != 0) {
        params[n++] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)info.ptr, info.len);
    }
    params[n] = OSSL_PARAM_construct_end();
    ML_ASSERT(EVP_KDF_derive(ctx, out, len, params) == 1);
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
}

static void expand(const uint8_t secret[32], const char *first, const char *second, uint8_t *out, size_t len)
{
    struct ml_buf info;
    ml_buf_init(&info, MAX_MESSAGE);
    build_be(&info, 2, len);
    size_t label = build_open(&info, 1);
    ML_ASSERT(ml_buf_printf(&info, "tls13 %s%s", first, second));
    build_close(&info, 1, label);
    build_be(&info, 1, 0);
    hkdf(EVP_KDF_HKDF_MODE_EXPAND_ONLY, ml_span_of(secret, 32), ml_span_of(NULL, 0), ml_buf_span(&info), out, len);
    ml_buf_fini(&info);
}

struct keys {
    uint8_t key[16], iv[12], hp[16];
};

static struct keys derive(const struct qb_initial *initial)
{
    struct keys keys;
    uint8_t first[32];
    uint8_t secret[32];
    struct ml_span salt = from_hex(initial->salt);
    hkdf(EVP_KDF_HKDF_MODE_EXTRACT_ONLY, initial->key_id, salt, ml_span_of(NULL, 0), first, sizeof first);
    expand(first, initial->is_server ? "server in" : "client in", "", secret, sizeof secret);
    expand(secret, initial->labels, " key", keys.key, sizeof keys.key);
    expand(secret, initial->labels, " iv", keys.iv, sizeof keys.iv);
    expand(secret, initial->labels, " hp", keys.hp, sizeof keys.hp);
    ml_mem_free((void *)(uintptr_t)salt.ptr);
    return keys;
}

void qb_varint(struct ml_buf *out, uint64_t value)
{
    if (value < 64) {
        build_be(out, 1, value);
    } else if (value < 16384) {
        build_be(out, 2, value | 0x4000);
    } else {
        build_be(out, 4, value | 0x80000000);
    }
}

void qb_crypto(struct ml_buf *out, uint64_t offset, struct ml_span bytes)
{
    build_be(out, 1, 6);
    qb_varint(out, offset);
    build_be(out, 2, bytes.len | 0x4000); /* two bytes, as in the appendix */
    ML_ASSERT(ml_buf_add_span(out, bytes));
}

static void seal(struct ml_buf *out, size_t header_at, const struct keys *keys, const struct qb_initial *initial,
                 struct ml_span plain)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t nonce[12];
    uint8_t tag[16];
    int len = 0;
    size_t header_len = out->len - header_at;
    memcpy(nonce, keys->iv, sizeof nonce);
    for (unsigned i = 0; i < 4; i++) {
        nonce[11 - i] ^= (uint8_t)(initial->number >> 8 * i);
    }
    ML_ASSERT(ml_buf_reserve(out, plain.len + sizeof tag));
    ML_ASSERT(EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, keys->key, nonce) == 1);
    ML_ASSERT(EVP_EncryptUpdate(ctx, NULL, &len, out->bytes + header_at, (int)header_len) == 1);
    ML_ASSERT(EVP_EncryptUpdate(ctx, out->bytes + out->len, &len, plain.ptr, (int)plain.len) == 1);
    out->len += (size_t)len;
    ML_ASSERT(EVP_EncryptFinal_ex(ctx, out->bytes + out->len, &len) == 1);
    ML_ASSERT(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, sizeof tag, tag) == 1);
    EVP_CIPHER_CTX_free(ctx);
    ML_ASSERT(ml_buf_add(out, tag, sizeof tag));
}

static void mask(struct ml_buf *out, size_t header_at, size_t number_at, const struct keys *keys, unsigned number_len)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t stream[32];
    int len = 0;
    ML_ASSERT(EVP_EncryptInit_ex(ctx, EVP_aes_128_ecb(), NULL, keys->hp, NULL) == 1);
    ML_ASSERT(EVP_EncryptUpdate(ctx, stream, &len, out->bytes + number_at + 4, 16) == 1);
    EVP_CIPHER_CTX_free(ctx);
    out->bytes[header_at] ^= stream[0] & 0x0f;
    for (unsigned i = 0; i < number_len; i++) {
        out->bytes[number_at + i] ^= stream[1 + i];
    }
}

void qb_initial(struct ml_buf *out, const struct qb_initial *initial)
{
    struct keys keys = derive(initial);
    struct ml_buf plain;
    ml_buf_init(&plain, MAX_MESSAGE);
    size_t header_at = out->len;
    ML_ASSERT(ml_buf_add_span(&plain, initial->frames));
    while (plain.len < initial->padded) {
        build_be(&plain, 1, 0);
    }
    build_be(out, 1, 0xc0U | (unsigned)initial->type_bits << 4 | (initial->number_len - 1));
    build_be(out, 4, initial->version);
    build_be(out, 1, initial->dcid.len);
    ML_ASSERT(ml_buf_add_span(out, initial->dcid));
    build_be(out, 1, initial->scid.len);
    ML_ASSERT(ml_buf_add_span(out, initial->scid));
    qb_varint(out, initial->token.len);
    ML_ASSERT(ml_buf_add_span(out, initial->token));
    build_be(out, 2, (initial->number_len + plain.len + 16) | 0x4000);
    size_t number_at = out->len;
    build_be(out, initial->number_len, initial->number);
    seal(out, header_at, &keys, initial, ml_buf_span(&plain));
    mask(out, header_at, number_at, &keys, initial->number_len);
    ml_buf_fini(&plain);
}

struct ml_span qb_rfc_client_frames(void)
{
    return from_hex("060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868"
                    "04fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578"
                    "616d706c652e636f6dff01000100000a00080006001d00170018001000070005"
                    "04616c706e000500050100000000003300260024001d00209370b2c9caa47fba"
                    "baf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b000302030400"
                    "0d0010000e0403050306030203080408050806002d00020101001c0002400100"
                    "3900320408ffffffffffffffff05048000ffff07048000ffff08011001048000"
                    "75300901100f088394c8f03e51570806048000ffff");
}

struct ml_span qb_rfc_server_frames(void)
{
    return from_hex("02000000000600405a020000560303eefce7f7b37ba1d1632e96677825ddf739"
                    "88cfc79825df566dc5430b9a045a1200130100002e00330024001d00209d3c94"
                    "0d89690b84d08a60993c144eca684d1081287c834d5311bcf32bb9da1a002b00"
                    "020304");
}
