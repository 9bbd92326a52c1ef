/* SPDX-License-Identifier: Apache-2.0 */
/*
 * certificate - the chain of a Certificate message up to TLS 1.2, and what its certificates say.
 *
 * In:        the message's body; DER bytes of one certificate.
 * Out:       spans of the chain; names, validity, key and signature of a certificate as text.
 * Lifetime:  chain spans borrow the bytes below the reader; struct ml_tls_certificate owns what it holds.
 * See:       RFC 5246, section 7.4.2; RFC 5280; RFC 4514 (names as text).
 */
#ifndef MITLESER_PROTO_TLS_CERTIFICATE_H
#define MITLESER_PROTO_TLS_CERTIFICATE_H

#include "core/buf.h"
#include "core/reader.h"

enum {
    ML_TLS_MAX_CHAIN = 16, /* certificates kept of a chain; real ones have two to five */
    ML_TLS_CERT_TIME = 24, /* "2026-11-26T11:05:40Z" */
    ML_TLS_CERT_KEY = 48
};

struct ml_tls_chain {
    struct ml_span der[ML_TLS_MAX_CHAIN]; /* leaf first */
    size_t n;
    bool is_cut; /* the end is missing, not well formed, or beyond the ceiling */
};

/* Certificates up to the first fault; those that a capture cut short are not in the chain. */
void ml_tls_chain_parse(struct ml_reader *rd, struct ml_tls_chain *out);

enum ml_tls_truth { ML_TLS_UNTOLD, ML_TLS_FALSE, ML_TLS_TRUE };

struct ml_tls_certificate {
    struct ml_buf subject; /* RFC 4514, UTF-8; all owned */
    struct ml_buf issuer;
    struct ml_buf names; /* DNS names (normal form) and addresses of subjectAltName, each with a zero byte behind it */
    char not_before[ML_TLS_CERT_TIME]; /* "" when it cannot be read */
    char not_after[ML_TLS_CERT_TIME];
    bool has_not_after;
    int64_t not_after_s;              /* seconds since 1970 */
    char key[ML_TLS_CERT_KEY];        /* "RSA 2048", "EC P-256", "Ed25519", or the algorithm's name */
    char signature[ML_TLS_CERT_KEY];  /* "sha256WithRSAEncryption", or dotted numbers */
    enum ml_tls_truth is_self_signed; /* names equal and the signature holds under its own key */
};

/* What ml_tls_certificate_fini may be called on, without anything in it. */
void ml_tls_certificate_init(struct ml_tls_certificate *certificate);

/* False when the bytes are no certificate; *out needs ml_tls_certificate_fini either way. */
bool ml_tls_certificate_parse(struct ml_span der, struct ml_tls_certificate *out) ML_MUST_USE;
void ml_tls_certificate_fini(struct ml_tls_certificate *certificate);

#endif
