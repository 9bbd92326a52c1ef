/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/protect.h"

#include "core/buf.h"
#include "core/mem.h"
#include "proto/quic/unseal.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

enum { HASH = 32, SAMPLE = 16, MAX_NUMBER = 4, MAX_LABEL = 32 };

struct ml_quic_crypto {
    EVP_MAC *mac; /* all owned */
    EVP_MAC_CTX *hmac;
    EVP_CIPHER *gcm;
    EVP_CIPHER *ecb;
    EVP_CIPHER_CTX *opener;
    EVP_CIPHER_CTX *masker;
    struct ml_buf plain;
};

void ml_quic_crypto_free(void *pointer)
{
    struct ml_quic_crypto *crypto = pointer;
    if (crypto == NULL) {
        return;
    }
    EVP_CIPHER_CTX_free(crypto->opener);
    EVP_CIPHER_CTX_free(crypto->masker);
    EVP_CIPHER_free(crypto->gcm);
    EVP_CIPHER_free(crypto->ecb);
    EVP_MAC_CTX_free(crypto->hmac);
    EVP_MAC_free(crypto->mac);
    ml_buf_fini(&crypto->plain);
    ml_mem_free(crypto);
}

static bool fetch(struct ml_quic_crypto *crypto)
{
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                 OSSL_PARAM_construct_end()};
    crypto->mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    crypto->gcm = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
    crypto->ecb = EVP_CIPHER_fetch(NULL, "AES-128-ECB", NULL);
    crypto->hmac = crypto->mac != NULL ? EVP_MAC_CTX_new(crypto->mac) : NULL;
    crypto->opener = EVP_CIPHER_CTX_new();
    crypto->masker = EVP_CIPHER_CTX_new();
    return crypto->hmac != NULL && crypto->gcm != NULL && crypto->ecb != NULL && crypto->opener != NULL &&
           crypto->masker != NULL && EVP_MAC_CTX_set_params(crypto->hmac, params) == 1 &&
           EVP_DecryptInit_ex2(crypto->opener, crypto->gcm, NULL, NULL, NULL) == 1 &&
           EVP_EncryptInit_ex2(crypto->masker, crypto->ecb, NULL, NULL, NULL) == 1;
}

struct ml_quic_crypto *ml_quic_crypto_new(void)
{
    struct ml_quic_crypto *crypto = ml_mem_array(1, sizeof *crypto);
    if (crypto == NULL) {
        return NULL;
    }
    ml_buf_init(&crypto->plain, UINT16_MAX);
    if (!fetch(crypto)) {
        ml_quic_crypto_free(crypto);
        return NULL;
    }
    return crypto;
}

static bool hmac(struct ml_quic_crypto *crypto, struct ml_span key, struct ml_span data, uint8_t out[HASH])
{
    size_t len = 0;
    return EVP_MAC_init(crypto->hmac, key.ptr, key.len, NULL) == 1 &&
           EVP_MAC_update(crypto->hmac, data.ptr, data.len) == 1 && EVP_MAC_final(crypto->hmac, out, &len, HASH) == 1 &&
           len == HASH;
}

/* HKDF-Expand-Label of RFC 8446, section 7.1, without context, for at most one block of output. */
static bool expand_label(struct ml_quic_crypto *crypto, const uint8_t secret[HASH], const char *label, uint8_t *out,
                         size_t len)
{
    static const char prefix[] = "tls13 ";
    uint8_t info[4 + MAX_LABEL];
    uint8_t block[HASH];
    size_t label_len = strlen(label);
    size_t n = 0;
    ML_ASSERT(sizeof prefix - 1 + label_len <= MAX_LABEL && len <= HASH);
    info[n++] = 0;
    info[n++] = (uint8_t)len;
    info[n++] = (uint8_t)(sizeof prefix - 1 + label_len);
    memcpy(info + n, prefix, sizeof prefix - 1);
    n += sizeof prefix - 1;
    memcpy(info + n, label, label_len);
    n += label_len;
    info[n++] = 0; /* no context */
    uint8_t message[sizeof info + 1];
    memcpy(message, info, n);
    message[n++] = 1; /* the first block of HKDF-Expand */
    if (!hmac(crypto, ml_span_of(secret, HASH), ml_span_of(message, n), block)) {
        return false;
    }
    memcpy(out, block, len);
    return true;
}

bool ml_quic_initial_keys(struct ml_quic_crypto *crypto, const struct ml_quic_version *version, struct ml_span dcid,
                          bool is_server, struct ml_quic_keys *out)
{
    uint8_t initial[HASH];
    uint8_t secret[HASH];
    bool is_v2 = version->has_v2_labels;
    return hmac(crypto, ml_span_of(version->salt, ML_QUIC_SALT), dcid, initial) &&
           expand_label(crypto, initial, is_server ? "server in" : "client in", secret, sizeof secret) &&
           expand_label(crypto, secret, is_v2 ? "quicv2 key" : "quic key", out->key, sizeof out->key) &&
           expand_label(crypto, secret, is_v2 ? "quicv2 iv" : "quic iv", out->iv, sizeof out->iv) &&
           expand_label(crypto, secret, is_v2 ? "quicv2 hp" : "quic hp", out->hp, sizeof out->hp);
}

struct unmasked {
    uint8_t first;
    uint8_t number[MAX_NUMBER];
    unsigned number_len;
    uint64_t value;
};

static bool unmask(struct ml_quic_crypto *crypto, const struct ml_quic_keys *keys, const struct ml_quic_header *header,
                   uint64_t expected, struct unmasked *out)
{
    struct ml_span sample = ml_span_cut(header->packet, header->number_at + MAX_NUMBER, SAMPLE);
    uint8_t mask[2 * SAMPLE];
    uint32_t truncated = 0;
    int len = 0;
    if (sample.len != SAMPLE || EVP_EncryptInit_ex2(crypto->masker, NULL, keys->hp, NULL, NULL) != 1 ||
        EVP_EncryptUpdate(crypto->masker, mask, &len, sample.ptr, SAMPLE) != 1 || len != SAMPLE) {
        return false;
    }
    out->first = header->packet.ptr[0] ^ (mask[0] & 0x0f);
    out->number_len = 1U + (out->first & 3);
    for (unsigned i = 0; i < out->number_len; i++) {
        out->number[i] = header->packet.ptr[header->number_at + i] ^ mask[1 + i];
        truncated = truncated << 8 | out->number[i];
    }
    out->value = ml_quic_whole_number(expected, truncated, out->number_len);
    return true;
}

static bool decrypt(struct ml_quic_crypto *crypto, const struct ml_quic_keys *keys, struct ml_span packet,
                    const struct unmasked *header, size_t number_at, struct ml_span sealed)
{
    EVP_CIPHER_CTX *ctx = crypto->opener;
    uint8_t nonce[sizeof keys->iv];
    int len = 0;
    memcpy(nonce, keys->iv, sizeof nonce);
    for (unsigned i = 0; i < 8; i++) {
        nonce[sizeof nonce - 1 - i] ^= (uint8_t)(header->value >> 8 * i);
    }
    ml_buf_clear(&crypto->plain);
    return ml_buf_reserve(&crypto->plain, sealed.len) && EVP_DecryptInit_ex2(ctx, NULL, keys->key, nonce, NULL) == 1 &&
           EVP_DecryptUpdate(ctx, NULL, &len, &header->first, 1) == 1 &&
           EVP_DecryptUpdate(ctx, NULL, &len, packet.ptr + 1, (int)(number_at - 1)) == 1 &&
           EVP_DecryptUpdate(ctx, NULL, &len, header->number, (int)header->number_len) == 1 &&
           EVP_DecryptUpdate(ctx, crypto->plain.bytes, &len, sealed.ptr, (int)sealed.len) == 1 &&
           (size_t)len == sealed.len;
}

static bool check_tag(struct ml_quic_crypto *crypto, struct ml_span tag)
{
    uint8_t copy[ML_QUIC_TAG];
    uint8_t none[ML_QUIC_TAG];
    int len = 0;
    memcpy(copy, tag.ptr, sizeof copy); /* the parameter is not const */
    return EVP_CIPHER_CTX_ctrl(crypto->opener, EVP_CTRL_AEAD_SET_TAG, ML_QUIC_TAG, copy) == 1 &&
           EVP_DecryptFinal_ex(crypto->opener, none, &len) == 1;
}

bool ml_quic_open(struct ml_quic_crypto *crypto, const struct ml_quic_keys *keys, const struct ml_quic_header *header,
                  uint64_t expected, struct ml_quic_opened *out)
{
    struct unmasked unmasked;
    memset(out, 0, sizeof *out);
    if (!unmask(crypto, keys, header, expected, &unmasked)) {
        return false;
    }
    /* The sample lies behind four bytes of number, so the packet is longer than number and tag. */
    size_t from = header->number_at + unmasked.number_len;
    bool is_whole = header->packet.len == header->len;
    size_t end = header->len >= from + ML_QUIC_TAG ? header->len - ML_QUIC_TAG : from;
    struct ml_span sealed = ml_span_cut(header->packet, from, end - from);
    if (sealed.len == 0 || !decrypt(crypto, keys, header->packet, &unmasked, header->number_at, sealed)) {
        return false;
    }
    if (is_whole && !check_tag(crypto, ml_span_cut(header->packet, end, ML_QUIC_TAG))) {
        ERR_clear_error();
        return false;
    }
    out->is_verified = is_whole;
    out->number = unmasked.value;
    out->frames = ml_span_of(crypto->plain.bytes, sealed.len);
    return true;
}
