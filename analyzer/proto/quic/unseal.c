/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/unseal.h"

#include "core/mem.h"
#include "proto/quic/header.h"
#include "proto/secrets/secrets.h"
#include "proto/tls/decrypt_keys.h"

#include <openssl/err.h>
#include <openssl/evp.h>

enum { SAMPLE = 16, MAX_NUMBER = 4, NONCE = 12, MAX_KEY = 32, MASK = 5, LONG_HEADER = 0x80 };

struct ml_quic_masker {
    EVP_CIPHER_CTX *ctx; /* owned */
    bool is_chacha;
};

struct ml_quic_aead {
    EVP_CIPHER_CTX *ctx; /* owned */
    struct ml_tls_suite suite;
    uint16_t number; /* of the suite */
    bool has_v2_labels;
    uint8_t iv[NONCE];
    uint8_t secret[ML_SECRET_MAX_BYTES];
    size_t secret_len;
};

/* Suites of TLS 1.3 but for CCM_8, which RFC 9001, section 5.3 forbids. */
static bool find_suite(uint16_t number, struct ml_tls_suite *out)
{
    bool is_13 = number >> 8 == 0x13;
    return is_13 && ml_tls_suite_of(number, out) && out->tag_len == ML_QUIC_TAG;
}

static bool is_chacha(const struct ml_tls_suite *suite)
{
    return strcmp(suite->cipher, "ChaCha20-Poly1305") == 0;
}

/* --- header protection --- */

static const EVP_CIPHER *mask_cipher(const struct ml_tls_suite *suite)
{
    if (is_chacha(suite)) {
        return EVP_chacha20();
    }
    return suite->key_len == 32 ? EVP_aes_256_ecb() : EVP_aes_128_ecb();
}

struct ml_quic_masker *ml_quic_masker_new(const struct ml_quic_secret *secret)
{
    struct ml_tls_suite suite;
    uint8_t key[MAX_KEY];
    const char *label = secret->has_v2_labels ? "quicv2 hp" : "quic hp";
    if (!find_suite(secret->suite, &suite)) {
        return NULL;
    }
    struct ml_quic_masker *masker = ml_mem_array(1, sizeof *masker);
    if (masker == NULL) {
        return NULL;
    }
    masker->is_chacha = is_chacha(&suite);
    masker->ctx = EVP_CIPHER_CTX_new();
    bool ok = masker->ctx != NULL && ml_tls_expand_label(suite.hash, secret->bytes, label, key, suite.key_len) &&
              EVP_EncryptInit_ex(masker->ctx, mask_cipher(&suite), NULL, key, NULL) == 1;
    ml_mem_wipe(key, sizeof key);
    if (!ok) {
        ml_quic_masker_free(masker);
        return NULL;
    }
    return masker;
}

void ml_quic_masker_free(struct ml_quic_masker *masker)
{
    if (masker != NULL) {
        EVP_CIPHER_CTX_free(masker->ctx); /* wipes the key */
        ml_mem_free(masker);
    }
}

/* RFC 9001, sections 5.4.3 and 5.4.4: with ChaCha20 the sample is counter and nonce. */
static bool make_mask(struct ml_quic_masker *masker, struct ml_span sample, uint8_t mask[2 * SAMPLE])
{
    static const uint8_t zeros[MASK] = {0};
    int len = 0;
    if (masker->is_chacha) {
        return EVP_EncryptInit_ex(masker->ctx, NULL, NULL, NULL, sample.ptr) == 1 &&
               EVP_EncryptUpdate(masker->ctx, mask, &len, zeros, sizeof zeros) == 1 && len == MASK;
    }
    return EVP_EncryptUpdate(masker->ctx, mask, &len, sample.ptr, SAMPLE) == 1 && len == SAMPLE;
}

bool ml_quic_unmask(struct ml_quic_masker *masker, struct ml_span packet, size_t number_at,
                    struct ml_quic_unmasked *out)
{
    struct ml_span sample = ml_span_cut(packet, number_at + MAX_NUMBER, SAMPLE);
    uint8_t mask[2 * SAMPLE];
    memset(out, 0, sizeof *out);
    if (sample.len != SAMPLE || !make_mask(masker, sample, mask)) {
        return false;
    }
    out->packet = packet;
    out->number_at = number_at;
    out->first = packet.ptr[0] ^ (mask[0] & ((packet.ptr[0] & LONG_HEADER) != 0 ? 0x0f : 0x1f));
    out->number_len = 1U + (out->first & 3);
    for (unsigned i = 0; i < out->number_len; i++) {
        out->number[i] = packet.ptr[number_at + i] ^ mask[1 + i];
        out->truncated = out->truncated << 8 | out->number[i];
    }
    return true;
}

uint64_t ml_quic_whole_number(uint64_t expected, uint32_t truncated, unsigned len)
{
    uint64_t window = UINT64_C(1) << 8 * len;
    uint64_t half = window / 2;
    uint64_t number = (expected & ~(window - 1)) | truncated;
    if (number + half <= expected) {
        return number + window;
    }
    if (number > expected + half && number >= window) {
        return number - window;
    }
    return number;
}

/* --- packet protection --- */

static bool start_cipher(struct ml_quic_aead *aead, const uint8_t *key)
{
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, aead->suite.cipher, NULL);
    aead->ctx = EVP_CIPHER_CTX_new();
    bool ok = cipher != NULL && aead->ctx != NULL && EVP_DecryptInit_ex(aead->ctx, cipher, NULL, NULL, NULL) == 1;
    if (ok && aead->suite.mode == ML_TLS_MODE_CCM) {
        ok = EVP_CIPHER_CTX_ctrl(aead->ctx, EVP_CTRL_AEAD_SET_IVLEN, NONCE, NULL) == 1 &&
             EVP_CIPHER_CTX_ctrl(aead->ctx, EVP_CTRL_AEAD_SET_TAG, ML_QUIC_TAG, NULL) == 1;
    }
    ok = ok && EVP_DecryptInit_ex(aead->ctx, NULL, NULL, key, NULL) == 1;
    EVP_CIPHER_free(cipher);
    return ok;
}

struct ml_quic_aead *ml_quic_aead_new(const struct ml_quic_secret *secret)
{
    uint8_t key[MAX_KEY];
    struct ml_tls_suite suite;
    if (!find_suite(secret->suite, &suite) || secret->bytes.len > ML_SECRET_MAX_BYTES) {
        return NULL;
    }
    struct ml_quic_aead *aead = ml_mem_array(1, sizeof *aead);
    if (aead == NULL) {
        return NULL;
    }
    aead->suite = suite;
    aead->number = secret->suite;
    aead->has_v2_labels = secret->has_v2_labels;
    aead->secret_len = secret->bytes.len;
    memcpy(aead->secret, secret->bytes.ptr, secret->bytes.len);
    bool is_v2 = secret->has_v2_labels;
    bool ok = ml_tls_expand_label(suite.hash, secret->bytes, is_v2 ? "quicv2 key" : "quic key", key, suite.key_len) &&
              ml_tls_expand_label(suite.hash, secret->bytes, is_v2 ? "quicv2 iv" : "quic iv", aead->iv, NONCE) &&
              start_cipher(aead, key);
    ml_mem_wipe(key, sizeof key);
    if (!ok) {
        ml_quic_aead_free(aead);
        return NULL;
    }
    return aead;
}

void ml_quic_aead_free(struct ml_quic_aead *aead)
{
    if (aead != NULL) {
        EVP_CIPHER_CTX_free(aead->ctx);
        ml_mem_wipe(aead, sizeof *aead);
        ml_mem_free(aead);
    }
}

struct ml_quic_aead *ml_quic_aead_next(const struct ml_quic_aead *aead)
{
    uint8_t next[ML_SECRET_MAX_BYTES];
    struct ml_span secret = ml_span_of(aead->secret, aead->secret_len);
    struct ml_quic_aead *result = NULL;
    if (ml_tls_expand_label(aead->suite.hash, secret, aead->has_v2_labels ? "quicv2 ku" : "quic ku", next,
                            secret.len)) {
        const struct ml_quic_secret of = {
            .suite = aead->number, .has_v2_labels = aead->has_v2_labels, .bytes = ml_span_of(next, secret.len)};
        result = ml_quic_aead_new(&of);
    }
    ml_mem_wipe(next, sizeof next);
    return result;
}

/* The header that is authenticated: unmasked, with the number as sent. */
static bool add_header(EVP_CIPHER_CTX *ctx, const struct ml_quic_unmasked *packet)
{
    uint8_t header[1 + 4 + 2 * (1 + ML_QUIC_MAX_CID)];
    int len = 0;
    size_t n = packet->number_at;
    struct ml_buf whole;
    if (n + packet->number_len <= sizeof header) {
        memcpy(header, packet->packet.ptr, n);
        header[0] = packet->first;
        memcpy(header + n, packet->number, packet->number_len);
        return EVP_DecryptUpdate(ctx, NULL, &len, header, (int)(n + packet->number_len)) == 1;
    }
    ml_buf_init(&whole, UINT16_MAX); /* only a packet with a token has so long a header */
    bool ok = ml_buf_add_byte(&whole, packet->first) && ml_buf_add(&whole, packet->packet.ptr + 1, n - 1) &&
              ml_buf_add(&whole, packet->number, packet->number_len) &&
              EVP_DecryptUpdate(ctx, NULL, &len, whole.bytes, (int)whole.len) == 1;
    ml_buf_fini(&whole);
    return ok;
}

bool ml_quic_aead_open(struct ml_quic_aead *aead, const struct ml_quic_unmasked *packet, uint64_t number,
                       struct ml_buf *plain)
{
    size_t from = packet->number_at + packet->number_len;
    uint8_t nonce[NONCE];
    uint8_t tag[ML_QUIC_TAG];
    EVP_CIPHER_CTX *ctx = aead->ctx;
    int len = 0;
    ml_buf_clear(plain);
    if (packet->packet.len < from + ML_QUIC_TAG || packet->packet.len > UINT16_MAX) {
        return false;
    }
    struct ml_span sealed = ml_span_cut(packet->packet, from, packet->packet.len - from - ML_QUIC_TAG);
    memcpy(tag, packet->packet.ptr + packet->packet.len - ML_QUIC_TAG, sizeof tag);
    memcpy(nonce, aead->iv, sizeof nonce);
    for (unsigned i = 0; i < 8; i++) {
        nonce[sizeof nonce - 1 - i] ^= (uint8_t)(number >> 8 * i);
    }
    bool is_ccm = aead->suite.mode == ML_TLS_MODE_CCM;
    bool ok = ml_buf_reserve(plain, sealed.len + 1);
    if (ok && is_ccm) {
        ok = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, ML_QUIC_TAG, tag) == 1;
    }
    ok = ok && EVP_DecryptInit_ex(ctx, NULL, NULL, NULL, nonce) == 1;
    if (ok && is_ccm) {
        ok = EVP_DecryptUpdate(ctx, NULL, &len, NULL, (int)sealed.len) == 1;
    }
    ok = ok && add_header(ctx, packet) &&
         EVP_DecryptUpdate(ctx, plain->bytes, &len, sealed.ptr, (int)sealed.len) == 1 && (size_t)len == sealed.len;
    if (ok && !is_ccm) { /* CCM has checked already */
        ok = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, ML_QUIC_TAG, tag) == 1 &&
             EVP_DecryptFinal_ex(ctx, plain->bytes + len, &len) == 1;
    }
    if (!ok) {
        ERR_clear_error();
        return false;
    }
    plain->len = sealed.len;
    return true;
}
