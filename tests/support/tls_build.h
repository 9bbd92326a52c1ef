/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_build - handshakes, records and certificates from parts, so that tests carry no opaque bytes.
 *
 * Everything is appended to a buffer that the test owns.
 */
#ifndef MITLESER_TESTS_TLS_BUILD_H
#define MITLESER_TESTS_TLS_BUILD_H

#include "core/buf.h"
#include "proto/tls/client_hello.h"

/* A buffer with room for any message. */
struct ml_buf tb_buf(void);

void tb_uint(struct ml_buf *out, unsigned width, uint64_t value);
void tb_hex(struct ml_buf *out, const char *digits);

/* Leaves room for a length of `width` bytes; tb_close writes it over what was added since. */
size_t tb_open(struct ml_buf *out, unsigned width);
void tb_close(struct ml_buf *out, size_t at, unsigned width);

struct tb_client_hello {
    uint16_t version;       /* legacy_version; 0: TLS 1.2 */
    uint8_t random;         /* every byte of it */
    const char *session_id; /* hexadecimal; NULL: empty */
    bool is_dtls;           /* with a cookie */
    const char *ciphers;    /* hexadecimal; NULL: 1301, c02f */
    const char *host;       /* server_name; NULL: no such extension */
    const char *alpn;       /* one name; NULL: none */
    const char *groups;     /* hexadecimal; NULL: none */
    const char *versions;   /* hexadecimal; NULL: none */
    const char *more;       /* further extensions, hexadecimal with type and length */
};

/* Body of a ClientHello. */
void tb_client_hello(struct ml_buf *out, const struct tb_client_hello *hello);

/* The same as the parser reads it, its bytes in `buf`, which is emptied before. */
struct ml_tls_client_hello tb_client_hello_read(struct ml_buf *buf, const struct tb_client_hello *hello);

struct tb_server_hello {
    uint16_t version;   /* legacy_version; 0: TLS 1.2 */
    const char *random; /* hexadecimal; NULL: 32 bytes of 0x5a */
    const char *session_id;
    uint16_t suite;
    const char *extensions; /* hexadecimal with type and length; NULL: not even the length of the list */
};

void tb_server_hello(struct ml_buf *out, const struct tb_server_hello *hello);

/* A handshake message around `body`. */
void tb_message(struct ml_buf *out, uint8_t type, struct ml_span body);

/* Records of at most `piece` bytes of payload each. */
void tb_records(struct ml_buf *out, uint8_t type, struct ml_span payload, size_t piece);

/* One record that holds one message. */
void tb_handshake(struct ml_buf *out, uint8_t type, struct ml_span body);

/* A DTLS record with the part of a message that begins at `from`; epoch 0. */
void tb_dtls(struct ml_buf *out, uint8_t type, uint16_t message_seq, struct ml_span body, size_t from, size_t len);

struct tb_certificate {
    const char *subject; /* common name */
    const char *issuer;  /* common name; NULL: self-signed */
    const char *names;   /* subjectAltName as OpenSSL writes it, "DNS:chat.example.com"; NULL: none */
    int64_t not_before_s, not_after_s;
    bool is_rsa; /* else ECDSA on P-256 */
};

/* DER bytes. */
void tb_certificate(struct ml_buf *out, const struct tb_certificate *certificate);

/* Body of a Certificate message with one certificate. */
void tb_chain(struct ml_buf *out, struct ml_span der);

#endif
