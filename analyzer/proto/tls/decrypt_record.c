/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/decrypt_record.h"

#include "core/mem.h"
#include "proto/tls/names.h"
#include "proto/tls/rc4.h"
#include "proto/tls/records.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>

enum { NONCE = 12, MAX_BLOCK = 16, MAX_AAD = 13 };

struct ml_tls_opener {
    struct ml_tls_opener_config config;
    struct ml_tls_keys keys;
    uint64_t seq;
    OSSL_LIB_CTX *library;    /* owned; NULL but for old ciphers: nothing else shall ever use those */
    OSSL_PROVIDER *legacy;    /* owned; in `library` */
    EVP_CIPHER_CTX *ctx;      /* owned; NULL without a cipher */
    EVP_MAC_CTX *mac;         /* owned; NULL for authenticated ciphers */
    uint8_t chain[MAX_BLOCK]; /* CBC up to TLS 1.0: last block of the record before */
    struct ml_rc4 rc4;
};

static bool load_legacy(struct ml_tls_opener *opener)
{
    opener->library = OSSL_LIB_CTX_new();
    opener->legacy = opener->library != NULL ? OSSL_PROVIDER_load(opener->library, "legacy") : NULL;
    return opener->legacy != NULL;
}

static bool start_cipher(struct ml_tls_opener *opener)
{
    const struct ml_tls_suite *suite = &opener->config.suite;
    if (suite->is_legacy && !load_legacy(opener)) {
        return false;
    }
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(opener->library, suite->cipher, NULL);
    opener->ctx = EVP_CIPHER_CTX_new();
    bool ok = cipher != NULL && opener->ctx != NULL && EVP_DecryptInit_ex(opener->ctx, cipher, NULL, NULL, NULL) == 1;
    if (ok && suite->mode == ML_TLS_MODE_CCM) {
        ok = EVP_CIPHER_CTX_ctrl(opener->ctx, EVP_CTRL_AEAD_SET_IVLEN, NONCE, NULL) == 1 &&
             EVP_CIPHER_CTX_ctrl(opener->ctx, EVP_CTRL_AEAD_SET_TAG, suite->tag_len, NULL) == 1;
    }
    ok = ok && EVP_DecryptInit_ex(opener->ctx, NULL, NULL, opener->keys.key, NULL) == 1;
    if (ok && suite->mode == ML_TLS_MODE_CBC) {
        ok = EVP_CIPHER_CTX_set_padding(opener->ctx, 0) == 1;
    }
    EVP_CIPHER_free(cipher);
    return ok;
}

static bool start_mac(struct ml_tls_opener *opener)
{
    const struct ml_tls_suite *suite = &opener->config.suite;
    char digest[16] = {0};
    memcpy(digest, suite->mac, strnlen(suite->mac, sizeof digest - 1)); /* OpenSSL wants it writable */
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                               OSSL_PARAM_construct_end()};
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    opener->mac = hmac != NULL ? EVP_MAC_CTX_new(hmac) : NULL;
    EVP_MAC_free(hmac);
    return opener->mac != NULL && EVP_MAC_init(opener->mac, opener->keys.mac, suite->mac_len, parameters) == 1;
}

struct ml_tls_opener *ml_tls_opener_new(const struct ml_tls_opener_config *config, const struct ml_tls_keys *keys)
{
    struct ml_tls_opener *opener = ml_mem_array(1, sizeof *opener);
    if (opener == NULL) {
        return NULL;
    }
    opener->config = *config;
    opener->keys = *keys;
    memcpy(opener->chain, keys->iv, sizeof opener->chain);
    if (config->suite.mode == ML_TLS_MODE_RC4) {
        ml_rc4_init(&opener->rc4, ml_span_of(keys->key, config->suite.key_len));
    }
    if ((config->suite.cipher != NULL && !start_cipher(opener)) || (config->suite.mac != NULL && !start_mac(opener))) {
        ml_tls_opener_free(opener);
        return NULL;
    }
    return opener;
}

void ml_tls_opener_free(struct ml_tls_opener *opener)
{
    if (opener == NULL) {
        return;
    }
    EVP_CIPHER_CTX_free(opener->ctx);
    EVP_MAC_CTX_free(opener->mac);
    if (opener->legacy != NULL) {
        (void)OSSL_PROVIDER_unload(opener->legacy); /* its context goes next */
    }
    OSSL_LIB_CTX_free(opener->library);
    ml_mem_wipe(opener, sizeof *opener);
    ml_mem_free(opener);
}

uint64_t ml_tls_opener_seq(const struct ml_tls_opener *opener)
{
    return opener->seq;
}

void ml_tls_opener_set_seq(struct ml_tls_opener *opener, uint64_t seq)
{
    opener->seq = seq;
}

static bool is_chained(const struct ml_tls_opener *opener)
{
    return opener->config.suite.mode == ML_TLS_MODE_CBC && opener->config.version <= ML_TLS_1_0;
}

bool ml_tls_opener_can_retry(const struct ml_tls_opener *opener)
{
    return opener->config.suite.mode != ML_TLS_MODE_RC4 && !is_chained(opener);
}

static void put_seq(uint8_t *out, uint64_t seq)
{
    for (unsigned i = 0; i < 8; i++) {
        out[i] = (uint8_t)(seq >> (56 - 8 * i));
    }
}

/* Number, type, version and length: what is authenticated beside the bytes (RFC 5246, section 6.2.3.3). */
static size_t put_header(const struct ml_tls_opener *opener, const struct ml_tls_sealed *sealed, size_t len,
                         uint8_t out[MAX_AAD])
{
    size_t n = 8;
    put_seq(out, opener->seq);
    out[n++] = sealed->type;
    out[n++] = (uint8_t)(sealed->version >> 8);
    out[n++] = (uint8_t)sealed->version;
    out[n++] = (uint8_t)(len >> 8);
    out[n++] = (uint8_t)len;
    return n;
}

/* --- authenticated ciphers --- */

static void make_nonce(const struct ml_tls_opener *opener, struct ml_span explicit_part, uint8_t nonce[NONCE])
{
    if (explicit_part.len != 0) {
        memcpy(nonce, opener->keys.iv, NONCE - explicit_part.len);
        memcpy(nonce + NONCE - explicit_part.len, explicit_part.ptr, explicit_part.len);
        return;
    }
    uint8_t seq[8];
    put_seq(seq, opener->seq);
    memcpy(nonce, opener->keys.iv, NONCE);
    for (unsigned i = 0; i < sizeof seq; i++) {
        nonce[NONCE - sizeof seq + i] ^= seq[i];
    }
}

struct aead {
    const uint8_t *nonce;
    struct ml_span aad, text, tag;
};

static bool open_aead(const struct ml_tls_opener *opener, const struct aead *aead, uint8_t *room)
{
    EVP_CIPHER_CTX *ctx = opener->ctx;
    uint8_t tag[16];
    int n = 0;
    memcpy(tag, aead->tag.ptr, aead->tag.len);          /* OpenSSL wants it writable */
    if (opener->config.suite.mode == ML_TLS_MODE_CCM) { /* the tag is needed first, and checked with the only update */
        return EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, (int)aead->tag.len, tag) == 1 &&
               EVP_DecryptInit_ex(ctx, NULL, NULL, opener->keys.key, aead->nonce) == 1 &&
               EVP_DecryptUpdate(ctx, NULL, &n, NULL, (int)aead->text.len) == 1 &&
               EVP_DecryptUpdate(ctx, NULL, &n, aead->aad.ptr, (int)aead->aad.len) == 1 &&
               EVP_DecryptUpdate(ctx, room, &n, aead->text.ptr, (int)aead->text.len) == 1;
    }
    return EVP_DecryptInit_ex(ctx, NULL, NULL, NULL, aead->nonce) == 1 &&
           EVP_DecryptUpdate(ctx, NULL, &n, aead->aad.ptr, (int)aead->aad.len) == 1 &&
           EVP_DecryptUpdate(ctx, room, &n, aead->text.ptr, (int)aead->text.len) == 1 &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, (int)aead->tag.len, tag) == 1 &&
           EVP_DecryptFinal_ex(ctx, room + n, &n) == 1;
}

static bool open_aead_12(struct ml_tls_opener *opener, const struct ml_tls_sealed *sealed, uint8_t *room,
                         struct ml_tls_plain *out)
{
    const struct ml_tls_suite *suite = &opener->config.suite;
    uint8_t aad[MAX_AAD];
    uint8_t nonce[NONCE];
    size_t overhead = (size_t)suite->explicit_len + suite->tag_len;
    if (sealed->body.len < overhead) {
        return false;
    }
    size_t len = sealed->body.len - overhead;
    make_nonce(opener, ml_span_cut(sealed->body, 0, suite->explicit_len), nonce);
    const struct aead aead = {
        .nonce = nonce,
        .aad = ml_span_of(aad, put_header(opener, sealed, len, aad)),
        .text = ml_span_cut(sealed->body, suite->explicit_len, len),
        .tag = ml_span_cut(sealed->body, suite->explicit_len + len, suite->tag_len),
    };
    *out = (struct ml_tls_plain){.type = sealed->type, .bytes = ml_span_of(room, len)};
    return open_aead(opener, &aead, room);
}

/* TLS 1.3: the type stands behind the content, and zeros may follow it (RFC 8446, section 5.4). */
static bool open_aead_13(struct ml_tls_opener *opener, const struct ml_tls_sealed *sealed, uint8_t *room,
                         struct ml_tls_plain *out)
{
    const struct ml_tls_suite *suite = &opener->config.suite;
    uint8_t nonce[NONCE];
    size_t n = sealed->body.len;
    const uint8_t header[ML_TLS_RECORD_HEADER] = {sealed->type, (uint8_t)(sealed->version >> 8),
                                                  (uint8_t)sealed->version, (uint8_t)(n >> 8), (uint8_t)n};
    if (n < (size_t)suite->tag_len + 1) {
        return false;
    }
    size_t len = n - suite->tag_len;
    make_nonce(opener, ml_span_of(NULL, 0), nonce);
    const struct aead aead = {
        .nonce = nonce,
        .aad = ml_span_of(header, sizeof header),
        .text = ml_span_cut(sealed->body, 0, len),
        .tag = ml_span_cut(sealed->body, len, suite->tag_len),
    };
    if (!open_aead(opener, &aead, room)) {
        return false;
    }
    while (len != 0 && room[len - 1] == 0) {
        len--;
    }
    if (len == 0) {
        return false; /* no type at all */
    }
    *out = (struct ml_tls_plain){.type = room[len - 1], .bytes = ml_span_of(room, len - 1)};
    return true;
}

/* --- ciphers with a MAC --- */

static bool tls_mac(const struct ml_tls_opener *opener, struct ml_span header, struct ml_span bytes, uint8_t *out)
{
    size_t n = 0;
    return EVP_MAC_init(opener->mac, NULL, 0, NULL) == 1 && EVP_MAC_update(opener->mac, header.ptr, header.len) == 1 &&
           EVP_MAC_update(opener->mac, bytes.ptr, bytes.len) == 1 &&
           EVP_MAC_final(opener->mac, out, &n, EVP_MAX_MD_SIZE) == 1 && n == opener->config.suite.mac_len;
}

/* Does the MAC at the end of `bytes` hold? Gives what is before it. */
static bool check_mac(const struct ml_tls_opener *opener, const struct ml_tls_sealed *sealed, struct ml_span bytes,
                      struct ml_span *content)
{
    const struct ml_tls_suite *suite = &opener->config.suite;
    uint8_t header[MAX_AAD];
    uint8_t mac[EVP_MAX_MD_SIZE];
    if (bytes.len < suite->mac_len) {
        return false;
    }
    size_t len = bytes.len - suite->mac_len;
    struct ml_span start = ml_span_of(header, put_header(opener, sealed, len, header));
    *content = ml_span_cut(bytes, 0, len);
    return tls_mac(opener, start, *content, mac) && CRYPTO_memcmp(mac, bytes.ptr + len, suite->mac_len) == 0;
}

/* Without the padding: its last byte tells its length, and all its bytes are the same. */
static bool strip_padding(struct ml_span *bytes)
{
    if (bytes->len == 0) {
        return false;
    }
    size_t n = (size_t)bytes->ptr[bytes->len - 1] + 1;
    if (n > bytes->len) {
        return false;
    }
    for (size_t i = bytes->len - n; i < bytes->len; i++) {
        if (bytes->ptr[i] != n - 1) {
            return false;
        }
    }
    bytes->len -= n;
    return true;
}

static bool decrypt_cbc(struct ml_tls_opener *opener, struct ml_span text, uint8_t *room, struct ml_span *out)
{
    size_t block = opener->config.suite.iv_len;
    const uint8_t *iv = opener->chain;
    int n = 0;
    if (!is_chained(opener)) { /* the first block is the IV (RFC 4346, section 6.2.3.2) */
        if (text.len < block) {
            return false;
        }
        iv = text.ptr;
        text = ml_span_cut(text, block, text.len);
    }
    if (text.len == 0 || text.len % block != 0) {
        return false;
    }
    bool ok = EVP_DecryptInit_ex(opener->ctx, NULL, NULL, NULL, iv) == 1 &&
              EVP_DecryptUpdate(opener->ctx, room, &n, text.ptr, (int)text.len) == 1 && (size_t)n == text.len;
    if (is_chained(opener)) {
        memcpy(opener->chain, text.ptr + text.len - block, block);
    }
    *out = ml_span_of(room, text.len);
    return ok;
}

static bool open_cbc(struct ml_tls_opener *opener, const struct ml_tls_sealed *sealed, uint8_t *room,
                     struct ml_tls_plain *out)
{
    struct ml_span text = sealed->body;
    bool mac_first = opener->config.has_encrypt_then_mac;
    if (mac_first && !check_mac(opener, sealed, sealed->body, &text)) {
        return false;
    }
    out->type = sealed->type;
    return decrypt_cbc(opener, text, room, &out->bytes) && strip_padding(&out->bytes) &&
           (mac_first || check_mac(opener, sealed, out->bytes, &out->bytes));
}

static bool open_stream(struct ml_tls_opener *opener, const struct ml_tls_sealed *sealed, uint8_t *room,
                        struct ml_tls_plain *out)
{
    memcpy(room, sealed->body.ptr, sealed->body.len);
    if (opener->config.suite.mode == ML_TLS_MODE_RC4) {
        ml_rc4_apply(&opener->rc4, room, sealed->body.len);
    }
    out->type = sealed->type;
    return check_mac(opener, sealed, ml_span_of(room, sealed->body.len), &out->bytes);
}

bool ml_tls_opener_open(struct ml_tls_opener *opener, const struct ml_tls_sealed *sealed, uint8_t *room,
                        struct ml_tls_plain *out)
{
    bool ok = false;
    memset(out, 0, sizeof *out);
    if (sealed->body.len == 0) {
        return false;
    }
    switch (opener->config.suite.mode) {
    case ML_TLS_MODE_NULL:
    case ML_TLS_MODE_RC4:
        ok = open_stream(opener, sealed, room, out);
        break;
    case ML_TLS_MODE_CBC:
        ok = open_cbc(opener, sealed, room, out);
        break;
    case ML_TLS_MODE_AEAD:
    case ML_TLS_MODE_CCM:
        ok = ml_tls_is_13(opener->config.version) ? open_aead_13(opener, sealed, room, out)
                                                  : open_aead_12(opener, sealed, room, out);
        break;
    }
    if (!ok) {
        memset(out, 0, sizeof *out);
        return false;
    }
    opener->seq++;
    return true;
}
