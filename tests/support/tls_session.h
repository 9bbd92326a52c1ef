/* SPDX-License-Identifier: Apache-2.0 */
/* tls_session - a whole TLS connection in a conversation: handshake and sealed exchanges of given sizes. */
#ifndef MITLESER_TESTS_TLS_SESSION_H
#define MITLESER_TESTS_TLS_SESSION_H

#include "support/talk.h"
#include "support/tls_messages.h"

struct tls_session {
    struct build_hello client;
    uint16_t version;                     /* of the server's hello [TLS_12] */
    uint16_t suite;                       /* chosen by the server [0x1301 or 0xc02b]; below 0xc000: RSA key exchange */
    bool is_13;                           /* the server chooses TLS 1.3 */
    bool is_resumed;                      /* TLS 1.2: abbreviated handshake, no certificate */
    const char *alpn;                     /* TLS 1.2: chosen protocol; NULL: none */
    struct build_x509 leaf;               /* TLS 1.2: certificate; not_before NULL: 2024 to 2025 */
    const struct build_x509 *issuer;      /* sent behind the leaf; NULL: none */
    const struct build_x509 *client_leaf; /* TLS 1.2: asked for and sent; NULL: none */
    size_t exchanges[8][2];               /* bytes of plaintext up and down, ended by {0, 0} */
    int64_t pause_ns;                     /* between exchanges [50 ms] */
};

/* The handshake and the exchanges; the conversation must be open and stays so. */
void talk_tls(struct talk *talk, const struct tls_session *session);

#endif
