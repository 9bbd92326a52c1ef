/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/decrypt_keys.h"

#include "core/mem.h"
#include "proto/tls/names.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

enum {
    MAX_BLOCK = 2 * (48 + 32 + 16), /* MAC keys, keys and IVs of both sides */
    MAX_SEED = 22 + 64,             /* the longest label, both randoms or a digest */
    MAX_LABEL = 32,
    RANDOM = 32
};

/* --- the key block up to TLS 1.2 --- */

/* P_hash of RFC 5246, section 5, combined by XOR with what is in `out` (which TLS 1.0 needs). */
static bool p_hash(const char *hash, struct ml_span secret, struct ml_span seed, uint8_t *out, size_t len)
{
    const EVP_MD *md = EVP_get_digestbyname(hash);
    uint8_t chain[EVP_MAX_MD_SIZE + MAX_SEED]; /* A(i), then the seed */
    uint8_t block[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    unsigned chain_len = 0;
    bool ok = md != NULL && HMAC(md, secret.ptr, (int)secret.len, seed.ptr, seed.len, chain, &chain_len) != NULL;
    for (size_t done = 0; ok && done < len; done += n) {
        memcpy(chain + chain_len, seed.ptr, seed.len);
        ok = HMAC(md, secret.ptr, (int)secret.len, chain, chain_len + seed.len, block, &n) != NULL && n != 0;
        for (size_t i = 0; ok && i < n && done + i < len; i++) {
            out[done + i] ^= block[i];
        }
        ok = ok && HMAC(md, secret.ptr, (int)secret.len, chain, chain_len, block, &n) != NULL;
        memcpy(chain, block, chain_len);
    }
    ml_mem_wipe(chain, sizeof chain);
    ml_mem_wipe(block, sizeof block);
    return ok;
}

/* What the PRF is given beside the secret. */
struct seed {
    const char *label;
    struct ml_span first, second;
};

/* TLS 1.0 and 1.1 split the secret between two digests (RFC 2246, section 5). */
static bool prf(const char *hash, uint16_t version, struct ml_span secret, const struct seed *parts, uint8_t *out,
                size_t len)
{
    uint8_t bytes[MAX_SEED];
    size_t label_len = strlen(parts->label);
    size_t n = label_len + parts->first.len + parts->second.len;
    ML_ASSERT(n <= sizeof bytes);
    memcpy(bytes, parts->label, label_len);
    memcpy(bytes + label_len, parts->first.ptr, parts->first.len);
    if (parts->second.len != 0) {
        memcpy(bytes + label_len + parts->first.len, parts->second.ptr, parts->second.len);
    }
    struct ml_span seed = ml_span_of(bytes, n);
    memset(out, 0, len);
    if (version >= ML_TLS_1_2) {
        return p_hash(hash, secret, seed, out, len);
    }
    size_t half = (secret.len + 1) / 2;
    struct ml_span first = ml_span_cut(secret, 0, half);
    struct ml_span second = ml_span_cut(secret, secret.len - half, half);
    return p_hash("MD5", first, seed, out, len) && p_hash("SHA1", second, seed, out, len);
}

bool ml_tls_master_of_premaster(const struct ml_tls_suite *suite, uint16_t version,
                                const struct ml_tls_masters *masters, uint8_t out[48])
{
    const struct seed seed = {"master secret", ml_span_of(masters->client_random, RANDOM),
                              ml_span_of(masters->server_random, RANDOM)};
    return prf(suite->hash, version, masters->master, &seed, out, 48);
}

bool ml_tls_extended_master(const struct ml_tls_suite *suite, uint16_t version, struct ml_span premaster,
                            struct ml_span hash, uint8_t out[48])
{
    const struct seed seed = {"extended master secret", hash, ml_span_of(NULL, 0)};
    return prf(suite->hash, version, premaster, &seed, out, 48);
}

/*
 * Export suites make a key from the few bytes that the key block has for it, and both IVs from what everybody can read
 * (RFC 2246, section 6.3.1). From TLS 1.1 on a record brings its IV.
 */
static bool weaken(const struct ml_tls_suite *suite, uint16_t version, const struct ml_tls_masters *masters,
                   bool is_client, struct ml_tls_keys *keys)
{
    static const uint8_t nothing = 0;
    uint8_t material[sizeof keys->key];
    uint8_t ivs[2 * sizeof keys->iv];
    struct seed seed = {is_client ? "client write key" : "server write key", ml_span_of(masters->client_random, RANDOM),
                        ml_span_of(masters->server_random, RANDOM)};
    memcpy(material, keys->key, suite->material_len);
    bool ok = prf(suite->hash, version, ml_span_of(material, suite->material_len), &seed, keys->key, suite->key_len);
    if (ok && suite->iv_len != 0 && version <= ML_TLS_1_0) {
        seed.label = "IV block";
        ok = prf(suite->hash, version, ml_span_of(&nothing, 0), &seed, ivs, 2 * (size_t)suite->iv_len);
        memcpy(keys->iv, ivs + (is_client ? 0 : suite->iv_len), suite->iv_len);
    }
    ml_mem_wipe(material, sizeof material);
    return ok;
}

bool ml_tls_keys_of_master(const struct ml_tls_suite *suite, uint16_t version, const struct ml_tls_masters *masters,
                           bool is_client, struct ml_tls_keys *out)
{
    uint8_t block[MAX_BLOCK];
    size_t mac_len = suite->mac_len;
    size_t key_len = suite->material_len;
    size_t iv_len = suite->is_export ? 0 : suite->iv_len;
    size_t side = is_client ? 0 : 1;
    size_t len = 2 * (mac_len + key_len + iv_len);
    const struct seed seed = {"key expansion", ml_span_of(masters->server_random, RANDOM),
                              ml_span_of(masters->client_random, RANDOM)};
    memset(out, 0, sizeof *out);
    ML_ASSERT(len <= sizeof block);
    bool ok = prf(suite->hash, version, masters->master, &seed, block, len);
    if (ok) {
        memcpy(out->mac, block + side * mac_len, mac_len);
        memcpy(out->key, block + 2 * mac_len + side * key_len, key_len);
        memcpy(out->iv, block + 2 * (mac_len + key_len) + side * iv_len, iv_len);
    }
    ok = ok && (!suite->is_export || weaken(suite, version, masters, is_client, out));
    ml_mem_wipe(block, sizeof block);
    return ok;
}

/* --- traffic secrets of TLS 1.3 --- */

bool ml_tls_expand_label(const char *hash, struct ml_span secret, const char *label, uint8_t *out, size_t len)
{
    const EVP_MD *md = EVP_get_digestbyname(hash);
    uint8_t info[4 + 6 + MAX_LABEL];
    uint8_t block[EVP_MAX_MD_SIZE];
    size_t label_len = strlen(label);
    unsigned n = 0;
    ML_ASSERT(label_len <= MAX_LABEL && len <= 64);
    info[0] = 0;
    info[1] = (uint8_t)len;
    info[2] = (uint8_t)(6 + label_len);
    memcpy(info + 3, "tls13 ", 6);
    memcpy(info + 9, label, label_len);
    info[9 + label_len] = 0;  /* no context */
    info[10 + label_len] = 1; /* the counter of HKDF-Expand's first round */
    bool ok = md != NULL && len <= (size_t)EVP_MD_get_size(md) &&
              HMAC(md, secret.ptr, (int)secret.len, info, 11 + label_len, block, &n) != NULL;
    if (ok) {
        memcpy(out, block, len);
    } else {
        memset(out, 0, len);
    }
    ml_mem_wipe(block, sizeof block);
    return ok;
}

bool ml_tls_keys_of_traffic(const struct ml_tls_suite *suite, struct ml_span secret, struct ml_tls_keys *out)
{
    memset(out, 0, sizeof *out);
    return ml_tls_expand_label(suite->hash, secret, "key", out->key, suite->key_len) &&
           ml_tls_expand_label(suite->hash, secret, "iv", out->iv, 12);
}

bool ml_tls_next_traffic(const struct ml_tls_suite *suite, struct ml_span secret, uint8_t *out)
{
    return ml_tls_expand_label(suite->hash, secret, "traffic upd", out, secret.len);
}
