/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session - what both sides of a TLS connection agreed on in clear: all that a key log needs to be of use.
 *
 * Filled by the conversation as the hellos pass. A decryptor reads it together with the records, which the record
 * layer (records.h) hands out one fragment at a time, encrypted ones too.
 * See:       RFC 8446, section 7.1; RFC 5246, sections 7.4.1.3 and 8.1; RFC 7627; RFC 7366.
 */
#ifndef MITLESER_PROTO_TLS_SESSION_H
#define MITLESER_PROTO_TLS_SESSION_H

#include "flow/chunk.h"

struct ml_tls_session {
    bool has_client_hello;
    bool has_server_hello; /* a real one: after a HelloRetryRequest this stays false */
    bool is_resumed;
    bool has_extended_master_secret;
    bool has_encrypt_then_mac;
    enum ml_dir client_dir; /* direction of the hello; the flow's own guess may differ */
    uint16_t version;       /* negotiated, 0 while unknown */
    uint16_t suite;
    uint8_t client_random[32]; /* names the session in a key log */
    uint8_t server_random[32];
    bool has_id;
    uint8_t id[32]; /* which the server sent, and zeros; names the session in other key logs */
    bool has_premaster_id;
    uint8_t premaster_id[32]; /* RSA key exchange: first 8 bytes of the encrypted premaster secret, and zeros */
    uint8_t hash_len;         /* 0 where nothing needs it, or a message is missing */
    uint8_t hash[64];         /* session_hash of RFC 7627, section 3 */
};

#endif
