/* SPDX-License-Identifier: Apache-2.0 */
/*
 * names - what the numbers of TLS are called: versions, cipher suites, groups, alerts.
 *
 * In:        values as on the wire.
 * Out:       names of the IANA registries, constants of the program; NULL for values they do not know.
 * See:       IANA "TLS Parameters"; RFC 8701 (GREASE), RFC 8446 and its drafts, RFC 6101 (SSL 3.0).
 */
#ifndef MITLESER_PROTO_TLS_NAMES_H
#define MITLESER_PROTO_TLS_NAMES_H

#include "core/span.h"

enum {
    ML_TLS_SSL2 = 0x0002,
    ML_TLS_SSL3 = 0x0300,
    ML_TLS_1_0 = 0x0301,
    ML_TLS_1_1 = 0x0302,
    ML_TLS_1_2 = 0x0303,
    ML_TLS_1_3 = 0x0304,
    ML_DTLS_1_0_OPENSSL = 0x0100, /* OpenSSL before 0.9.8f */
    ML_DTLS_1_0 = 0xfeff,
    ML_DTLS_1_2 = 0xfefd,
    ML_DTLS_1_3 = 0xfefc
};

enum { ML_TLS_UNKNOWN_TEXT = 7 }; /* "0x1234" and its zero byte */

/* "TLS 1.3", "SSL 3.0", "TLS 1.3 (draft 28)", "DTLS 1.2", ... */
const char *ml_tls_version_name(uint16_t version);

/* "TLS_AES_128_GCM_SHA256", ... */
const char *ml_tls_suite_name(uint16_t suite);

/* Kind of cipher of an SSL 2.0 hello: three bytes on the wire. */
const char *ml_tls_ssl2_suite_name(uint32_t suite);

/* "x25519", "X25519MLKEM768", ... */
const char *ml_tls_group_name(uint16_t group);

/* "handshake_failure", ... */
const char *ml_tls_alert_name(uint8_t description);

/* `name`, or "0x1234" written to `spare` when it is NULL. */
const char *ml_tls_name_or_number(const char *name, uint16_t value, char spare[ML_TLS_UNKNOWN_TEXT]);

/* A value that only tests whether the peer ignores the unknown (RFC 8701, section 2). */
static inline bool ml_tls_is_grease(uint16_t value)
{
    return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

/* Version 1.3 of TLS or DTLS, or one of its drafts: what follows the hello is encrypted. */
bool ml_tls_is_13(uint16_t version);

/* Does the group resist a quantum computer (ML-KEM, Kyber, CECPQ2, alone or with a classical group)? */
bool ml_tls_group_is_post_quantum(uint16_t group);

enum ml_tls_secrecy {
    ML_TLS_SECRECY_UNKNOWN,
    ML_TLS_SECRECY_NONE,   /* whoever gets the server's key later can read what was recorded */
    ML_TLS_SECRECY_FORWARD /* keys of the session do not depend on a long-term one */
};

/* Of the key exchange of a suite up to TLS 1.2; suites of TLS 1.3 do not tell: UNKNOWN. */
enum ml_tls_secrecy ml_tls_suite_secrecy(uint16_t suite);

#endif
