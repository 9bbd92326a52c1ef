/* SPDX-License-Identifier: Apache-2.0 */
#include "support/quic_sealed.h"

#include "support/build.h"
#include "support/quic_build.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

enum { VERSION_2 = 0x6b3343cf, MAX_SECRET = 48, MAX_MESSAGE = 65536, TAG = 16, SAMPLE = 16 };

struct suite {
    const char *digest;
    size_t secret_len, key_len;
    bool is_chacha;
};

static struct suite suite_of(uint16_t number)
{
    switch (number) {
    case 0x1302:
        return (struct suite){"SHA384", 48, 32, false};
    case 0x1303:
        return (struct suite){"SHA256", 32, 32, true};
    default:
        return (struct suite){"SHA256", 32, 16, false};
    }
}

static void expand(const struct suite *suite, const uint8_t *secret, const char *label, uint8_t *out, size_t len)
{
    int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    struct ml_buf info;
    ml_buf_init(&info, MAX_MESSAGE);
    build_be(&info, 2, len);
    size_t at = build_open(&info, 1);
    ML_ASSERT(ml_buf_printf(&info, "tls13 %s", label));
    build_close(&info, 1, at);
    build_be(&info, 1, 0);
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t)suite->digest, 0),
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)secret, suite->secret_len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.bytes, info.len),
        OSSL_PARAM_construct_end(),
    };
    ML_ASSERT(EVP_KDF_derive(ctx, out, len, params) == 1);
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    ml_buf_fini(&info);
}

struct keys {
    uint8_t key[32], iv[12], hp[32];
};

static struct keys derive(const struct suite *suite, const struct qs_packet *packet)
{
    struct keys keys;
    uint8_t secret[MAX_SECRET];
    bool is_v2 = packet->version == VERSION_2;
    memset(secret, packet->secret, sizeof secret);
    expand(suite, secret, is_v2 ? "quicv2 hp" : "quic hp", keys.hp, suite->key_len);
    for (unsigned i = 0; i < packet->generation; i++) {
        uint8_t next[MAX_SECRET];
        expand(suite, secret, is_v2 ? "quicv2 ku" : "quic ku", next, suite->secret_len);
        memcpy(secret, next, suite->secret_len);
    }
    expand(suite, secret, is_v2 ? "quicv2 key" : "quic key", keys.key, suite->key_len);
    expand(suite, secret, is_v2 ? "quicv2 iv" : "quic iv", keys.iv, sizeof keys.iv);
    return keys;
}

static void header(struct ml_buf *out, const struct qs_packet *packet)
{
    static const uint8_t bits_1[] = {[QS_ZERO_RTT] = 1, [QS_HANDSHAKE] = 2};
    static const uint8_t bits_2[] = {[QS_ZERO_RTT] = 2, [QS_HANDSHAKE] = 3};
    if (packet->type == QS_SHORT) {
        build_be(out, 1, 0x40U | (packet->generation & 1) << 2 | (packet->number_len - 1));
        ML_ASSERT(ml_buf_add_span(out, packet->dcid));
    } else {
        unsigned bits = packet->version == VERSION_2 ? bits_2[packet->type] : bits_1[packet->type];
        build_be(out, 1, 0xc0U | bits << 4 | (packet->number_len - 1));
        build_be(out, 4, packet->version);
        build_be(out, 1, packet->dcid.len);
        ML_ASSERT(ml_buf_add_span(out, packet->dcid));
        build_be(out, 1, packet->scid.len);
        ML_ASSERT(ml_buf_add_span(out, packet->scid));
        build_be(out, 2, (packet->number_len + packet->frames.len + TAG) | 0x4000);
    }
}

static void mask(struct ml_buf *out, size_t header_at, size_t number_at, const struct suite *suite,
                 const struct keys *keys, const struct qs_packet *packet)
{
    static const uint8_t zeros[SAMPLE] = {0};
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t stream[2 * SAMPLE];
    const uint8_t *sample = out->bytes + number_at + 4;
    int len = 0;
    if (suite->is_chacha) {
        ML_ASSERT(EVP_EncryptInit_ex(ctx, EVP_chacha20(), NULL, keys->hp, sample) == 1);
        ML_ASSERT(EVP_EncryptUpdate(ctx, stream, &len, zeros, 5) == 1);
    } else {
        const EVP_CIPHER *cipher = suite->key_len == 32 ? EVP_aes_256_ecb() : EVP_aes_128_ecb();
        ML_ASSERT(EVP_EncryptInit_ex(ctx, cipher, NULL, keys->hp, NULL) == 1);
        ML_ASSERT(EVP_EncryptUpdate(ctx, stream, &len, sample, SAMPLE) == 1);
    }
    EVP_CIPHER_CTX_free(ctx);
    out->bytes[header_at] ^= stream[0] & (packet->type == QS_SHORT ? 0x1f : 0x0f);
    for (unsigned i = 0; i < packet->number_len; i++) {
        out->bytes[number_at + i] ^= stream[1 + i];
    }
}

void qs_packet(struct ml_buf *out, const struct qs_packet *packet)
{
    struct suite suite = suite_of(packet->suite);
    struct keys keys = derive(&suite, packet);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t tag[TAG];
    int len = 0;
    size_t header_at = out->len;
    header(out, packet);
    size_t number_at = out->len;
    build_be(out, packet->number_len, packet->number & ((UINT64_C(1) << 8 * packet->number_len) - 1));
    for (unsigned i = 0; i < 8; i++) {
        keys.iv[11 - i] ^= (uint8_t)(packet->number >> 8 * i);
    }
    const EVP_CIPHER *cipher = suite.is_chacha       ? EVP_chacha20_poly1305()
                               : suite.key_len == 32 ? EVP_aes_256_gcm()
                                                     : EVP_aes_128_gcm();
    ML_ASSERT(ml_buf_reserve(out, packet->frames.len + TAG));
    ML_ASSERT(EVP_EncryptInit_ex(ctx, cipher, NULL, keys.key, keys.iv) == 1);
    ML_ASSERT(EVP_EncryptUpdate(ctx, NULL, &len, out->bytes + header_at, (int)(out->len - header_at)) == 1);
    ML_ASSERT(EVP_EncryptUpdate(ctx, out->bytes + out->len, &len, packet->frames.ptr, (int)packet->frames.len) == 1);
    out->len += packet->frames.len;
    ML_ASSERT(EVP_EncryptFinal_ex(ctx, out->bytes + out->len, &len) == 1);
    ML_ASSERT(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG, tag) == 1);
    EVP_CIPHER_CTX_free(ctx);
    ML_ASSERT(ml_buf_add(out, tag, sizeof tag));
    mask(out, header_at, number_at, &suite, &keys, packet);
}

static void keylog_line(struct ml_buf *out, const char *label, const struct qs_keys *keys, uint8_t secret)
{
    struct suite suite = suite_of(keys->suite);
    if (secret == 0) {
        return;
    }
    ML_ASSERT(ml_buf_printf(out, "%s ", label));
    for (unsigned i = 0; i < 32; i++) {
        ML_ASSERT(ml_buf_printf(out, "%02x", keys->random));
    }
    ML_ASSERT(ml_buf_add_text(out, " "));
    for (size_t i = 0; i < suite.secret_len; i++) {
        ML_ASSERT(ml_buf_printf(out, "%02x", secret));
    }
    ML_ASSERT(ml_buf_add_text(out, "\n"));
}

void qs_keylog(struct ml_buf *out, const struct qs_keys *keys)
{
    keylog_line(out, "CLIENT_EARLY_TRAFFIC_SECRET", keys, keys->early);
    keylog_line(out, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", keys, keys->client_handshake);
    keylog_line(out, "SERVER_HANDSHAKE_TRAFFIC_SECRET", keys, keys->server_handshake);
    keylog_line(out, "CLIENT_TRAFFIC_SECRET_0", keys, keys->client);
    keylog_line(out, "SERVER_TRAFFIC_SECRET_0", keys, keys->server);
}

void qs_stream(struct ml_buf *out, uint64_t stream, uint64_t offset, struct ml_span bytes, bool is_end)
{
    build_be(out, 1, is_end ? 0x0f : 0x0e);
    qb_varint(out, stream);
    qb_varint(out, offset);
    qb_varint(out, bytes.len);
    ML_ASSERT(ml_buf_add_span(out, bytes));
}
