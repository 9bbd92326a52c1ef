/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/decrypt_suite.h"

#include "proto/tls/names.h"

/* Longer names first where one begins like another. */
static const struct cipher {
    const char *name; /* in the name of a suite */
    enum ml_tls_mode mode;
    const char *cipher;
    uint8_t key_len, iv_len, explicit_len, tag_len;
    bool is_legacy;
    uint8_t material_len; /* 0: key_len */
} ciphers[] = {
    {"AES_128_GCM", ML_TLS_MODE_AEAD, "AES-128-GCM", 16, 4, 8, 16, false, 0},
    {"AES_256_GCM", ML_TLS_MODE_AEAD, "AES-256-GCM", 32, 4, 8, 16, false, 0},
    {"AES_128_CCM_8", ML_TLS_MODE_CCM, "AES-128-CCM", 16, 4, 8, 8, false, 0},
    {"AES_128_CCM", ML_TLS_MODE_CCM, "AES-128-CCM", 16, 4, 8, 16, false, 0},
    {"AES_256_CCM_8", ML_TLS_MODE_CCM, "AES-256-CCM", 32, 4, 8, 8, false, 0},
    {"AES_256_CCM", ML_TLS_MODE_CCM, "AES-256-CCM", 32, 4, 8, 16, false, 0},
    {"CHACHA20_POLY1305", ML_TLS_MODE_AEAD, "ChaCha20-Poly1305", 32, 12, 0, 16, false, 0},
    {"ARIA_128_GCM", ML_TLS_MODE_AEAD, "ARIA-128-GCM", 16, 4, 8, 16, false, 0},
    {"ARIA_256_GCM", ML_TLS_MODE_AEAD, "ARIA-256-GCM", 32, 4, 8, 16, false, 0},
    {"AES_128_CBC", ML_TLS_MODE_CBC, "AES-128-CBC", 16, 16, 0, 0, false, 0},
    {"AES_256_CBC", ML_TLS_MODE_CBC, "AES-256-CBC", 32, 16, 0, 0, false, 0},
    {"3DES_EDE_CBC", ML_TLS_MODE_CBC, "DES-EDE3-CBC", 24, 8, 0, 0, false, 0},
    {"CAMELLIA_128_CBC", ML_TLS_MODE_CBC, "CAMELLIA-128-CBC", 16, 16, 0, 0, false, 0},
    {"CAMELLIA_256_CBC", ML_TLS_MODE_CBC, "CAMELLIA-256-CBC", 32, 16, 0, 0, false, 0},
    {"ARIA_128_CBC", ML_TLS_MODE_CBC, "ARIA-128-CBC", 16, 16, 0, 0, false, 0},
    {"ARIA_256_CBC", ML_TLS_MODE_CBC, "ARIA-256-CBC", 32, 16, 0, 0, false, 0},
    {"SEED_CBC", ML_TLS_MODE_CBC, "SEED-CBC", 16, 16, 0, 0, true, 0},
    {"IDEA_CBC", ML_TLS_MODE_CBC, "IDEA-CBC", 16, 8, 0, 0, true, 0},
    {"DES_CBC_40", ML_TLS_MODE_CBC, "DES-CBC", 8, 8, 0, 0, true, 5},
    {"DES40_CBC", ML_TLS_MODE_CBC, "DES-CBC", 8, 8, 0, 0, true, 5},
    {"DES_CBC", ML_TLS_MODE_CBC, "DES-CBC", 8, 8, 0, 0, true, 0},
    {"RC2_CBC_40", ML_TLS_MODE_CBC, "RC2-CBC", 16, 8, 0, 0, true, 5},
    {"RC2_CBC_56", ML_TLS_MODE_CBC, "RC2-CBC", 16, 8, 0, 0, true, 7},
    {"RC4_40", ML_TLS_MODE_RC4, NULL, 16, 0, 0, 0, false, 5},
    {"RC4_56", ML_TLS_MODE_RC4, NULL, 16, 0, 0, 0, false, 7},
    {"RC4_128", ML_TLS_MODE_RC4, NULL, 16, 0, 0, 0, false, 0},
    {"NULL", ML_TLS_MODE_NULL, NULL, 0, 0, 0, 0, false, 0},
};

static const struct digest {
    const char *name; /* at the end of a suite's name */
    const char *digest;
    uint8_t len;
} digests[] = {
    {"_MD5", "MD5", 16},
    {"_SHA", "SHA1", 20},
    {"_SHA256", "SHA256", 32},
    {"_SHA384", "SHA384", 48},
};

/* Drafts of ChaCha20-Poly1305 under numbers of their own, with another nonce. */
static bool is_draft(uint16_t number)
{
    return number >= 0xcc13 && number <= 0xcc15;
}

/* What follows "_WITH_", or "TLS_" for suites of TLS 1.3, which name no key exchange. */
static struct ml_span cipher_part(const char *name, bool *is_13)
{
    struct ml_span text = ml_span_text(name);
    struct ml_span with = ml_span_text("_WITH_");
    size_t at = ml_span_find(text, with);
    *is_13 = at == text.len;
    if (*is_13) {
        return ml_span_starts(text, "TLS_") ? ml_span_cut(text, 4, text.len) : ml_span_of(NULL, 0);
    }
    return ml_span_cut(text, at + with.len, text.len);
}

static const struct digest *find_digest(struct ml_span rest)
{
    for (size_t i = 0; i < sizeof digests / sizeof digests[0]; i++) {
        if (ml_span_equal(rest, ml_span_text(digests[i].name))) {
            return &digests[i];
        }
    }
    return NULL;
}

static bool fill(const struct cipher *cipher, struct ml_span rest, bool is_13, struct ml_tls_suite *out)
{
    const struct digest *digest = find_digest(rest);
    bool is_aead = cipher->mode == ML_TLS_MODE_AEAD || cipher->mode == ML_TLS_MODE_CCM;
    if ((digest == NULL && (rest.len != 0 || !is_aead)) || (is_13 && !is_aead)) {
        return false; /* CCM suites of TLS 1.2 name no digest; nothing else may lack one */
    }
    *out = (struct ml_tls_suite){
        .mode = cipher->mode,
        .cipher = cipher->cipher,
        .hash = digest != NULL && digest->len == 48 ? "SHA384" : "SHA256",
        .is_legacy = cipher->is_legacy,
        .key_len = cipher->key_len,
        .material_len = cipher->material_len != 0 ? cipher->material_len : cipher->key_len,
        .iv_len = cipher->iv_len,
        .explicit_len = cipher->explicit_len,
        .tag_len = cipher->tag_len,
    };
    if (!is_aead) {
        out->mac = digest->digest;
        out->mac_len = digest->len;
    }
    return true;
}

bool ml_tls_suite_of(uint16_t number, struct ml_tls_suite *out)
{
    const char *name = ml_tls_suite_name(number);
    bool is_13 = false;
    *out = (struct ml_tls_suite){0};
    if (name == NULL || is_draft(number)) {
        return false;
    }
    bool is_export = ml_span_find(ml_span_text(name), ml_span_text("EXPORT")) != strlen(name);
    struct ml_span part = cipher_part(name, &is_13);
    for (size_t i = 0; i < sizeof ciphers / sizeof ciphers[0]; i++) {
        if (ml_span_starts(part, ciphers[i].name)) {
            size_t len = strlen(ciphers[i].name);
            bool ok = fill(&ciphers[i], ml_span_cut(part, len, part.len), is_13, out);
            out->is_export = ok && is_export;
            return ok;
        }
    }
    return false;
}
