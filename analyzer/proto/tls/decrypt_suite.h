/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decrypt_suite - what a cipher suite means for its records.
 *
 * In:        the number of a suite.
 * Out:       cipher, lengths and digests. Read off the registered name, so that no second table can disagree with it.
 * See:       RFC 5246, appendix C; RFC 2246, appendix C (export); RFC 5469; RFC 5288, RFC 6655, RFC 7905;
 *            RFC 8446, appendix B.4.
 */
#ifndef MITLESER_PROTO_TLS_DECRYPT_SUITE_H
#define MITLESER_PROTO_TLS_DECRYPT_SUITE_H

#include "core/span.h"
#include "core/status.h"

enum ml_tls_mode {
    ML_TLS_MODE_NULL, /* readable, with a MAC */
    ML_TLS_MODE_RC4,
    ML_TLS_MODE_CBC,
    ML_TLS_MODE_AEAD, /* GCM, ChaCha20-Poly1305 */
    ML_TLS_MODE_CCM
};

struct ml_tls_suite {
    enum ml_tls_mode mode;
    const char *cipher; /* name for OpenSSL; NULL for NULL and RC4 */
    bool is_legacy;     /* OpenSSL keeps it in a module that need not be installed */
    bool is_export;     /* weakened keys, made from few bytes (RFC 2246, section 6.3.1) */
    const char *mac;    /* digest of the MAC; NULL for authenticated ciphers */
    const char *hash;   /* digest of the key schedule of TLS 1.2 and 1.3 */
    uint8_t key_len;
    uint8_t material_len; /* bytes of a key in the key block: key_len but for export suites */
    uint8_t iv_len;       /* CBC: a block; AEAD: the part that comes from the key block (up to TLS 1.2) */
    uint8_t explicit_len; /* AEAD: bytes of the nonce in the record (TLS 1.2) */
    uint8_t tag_len;
    uint8_t mac_len;
};

/* False for suites this build cannot open. */
bool ml_tls_suite_of(uint16_t number, struct ml_tls_suite *out) ML_MUST_USE;

#endif
