/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_messages - TLS handshake messages, records and X.509 certificates from parts.
 *
 * Handshake functions append one message with its four-byte header; records wrap what is given. Random values come
 * from a seed. Certificates are signed with ECDSA on P-256 under small private keys, so that they verify and are
 * still the same bytes in every run; they protect nothing.
 *
 * See: RFC 8446, RFC 5246, RFC 5280.
 */
#ifndef MITLESER_TESTS_TLS_MESSAGES_H
#define MITLESER_TESTS_TLS_MESSAGES_H

#include "support/build.h"

enum { TLS_10 = 0x0301, TLS_11 = 0x0302, TLS_12 = 0x0303, TLS_13 = 0x0304 };
enum { TLS_CHANGE_CIPHER_SPEC = 20, TLS_ALERT = 21, TLS_HANDSHAKE = 22, TLS_APPLICATION_DATA = 23 };

struct build_hello {
    uint64_t seed;           /* of random, session id and key shares */
    uint16_t version;        /* legacy_version [TLS_12] */
    const char *sni;         /* NULL: no server_name */
    const char *const *alpn; /* NULL: none; else ended by NULL */
    const uint16_t *suites;  /* NULL: three of TLS 1.3 and six of TLS 1.2 */
    size_t n_suites;
    bool is_13;             /* offers TLS 1.3 (and 1.2), with key shares and a session id */
    const uint16_t *groups; /* NULL: x25519, secp256r1, secp384r1; key share for the first */
    size_t n_groups;
    struct ml_span ticket; /* session_ticket extension (empty when has_ticket only) */
    bool has_ticket;
    struct ml_span psk; /* TLS 1.3 ticket: pre_shared_key, always last */
    bool has_early_data;
    struct ml_span extensions; /* ready-made ones, before pre_shared_key */
};

void build_client_hello(struct ml_buf *out, const struct build_hello *hello);

struct build_server_hello {
    uint64_t seed;
    uint16_t version; /* legacy_version [TLS_12] */
    uint16_t suite;
    bool is_13;                /* selects TLS 1.3 with a key share */
    uint16_t group;            /* [x25519] */
    const char *alpn;          /* TLS 1.2 only; NULL: none */
    struct ml_span session;    /* session id echoed */
    struct ml_span extensions; /* ready-made ones */
};

void build_server_hello(struct ml_buf *out, const struct build_server_hello *hello);

/* One extension: type, length, body. */
void build_extension(struct ml_buf *out, uint16_t type, struct ml_span body);

/* Certificate message of TLS 1.2, leaf first. */
void build_certificate(struct ml_buf *out, const struct ml_span *certificates, size_t n);

/* NewSessionTicket of TLS 1.2 (RFC 5077). */
void build_new_session_ticket(struct ml_buf *out, uint32_t lifetime, struct ml_span ticket);

/* Any handshake message. */
void build_handshake(struct ml_buf *out, uint8_t type, struct ml_span body);

/* ECDHE server and client key exchange, ServerHelloDone, as their lengths are on the wire. */
void build_server_key_exchange(struct ml_buf *out, uint64_t seed);
void build_server_hello_done(struct ml_buf *out);
void build_client_key_exchange(struct ml_buf *out, uint64_t seed);

/* Records of at most 2^14 bytes. */
void build_record(struct ml_buf *out, uint8_t type, uint16_t version, struct ml_span bytes);

/* One record of n bytes nobody can read. */
void build_sealed_record(struct ml_buf *out, uint8_t type, struct build_prng *prng, size_t n);

struct build_x509 {
    uint64_t seed;            /* of the serial number */
    const char *subject;      /* common name */
    const char *organisation; /* NULL: none */
    const char *issuer;       /* common name; NULL: self-signed */
    const char *const *names; /* subject alternative names, ended by NULL; NULL: none */
    const char *not_before;   /* UTCTime, "240101000000Z" */
    const char *not_after;
    uint32_t key;        /* private keys: 1, 2, ... */
    uint32_t issuer_key; /* 0: key */
    bool is_authority;
};

/* DER of a certificate. */
void build_x509(struct ml_buf *out, const struct build_x509 *x509);

#endif
