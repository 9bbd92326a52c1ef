/* SPDX-License-Identifier: Apache-2.0 */
/* request - the messages of a SOCKS client, one after the other; internal to proto/socks. */
#ifndef MITLESER_PROTO_SOCKS_REQUEST_H
#define MITLESER_PROTO_SOCKS_REQUEST_H

#include "core/ip.h"
#include "core/reader.h"

struct ml_socks_request {
    unsigned version; /* 4 or 5 */
    bool is_4a;
    uint8_t command; /* 1 connect, 2 bind, 3 UDP associate */
    uint16_t port;
    struct ml_ip ip;     /* family 0: `name` */
    struct ml_span name; /* borrowed from the reader's bytes */
    struct ml_span user; /* version 4 */
};

/* Methods a client of version 5 offers: 05, a count, the methods. */
bool ml_socks_greeting(struct ml_reader *rd) ML_MUST_USE;

/* User name and password, RFC 1929. */
bool ml_socks_login(struct ml_reader *rd, struct ml_span *user, struct ml_span *password) ML_MUST_USE;

bool ml_socks_request5(struct ml_reader *rd, struct ml_socks_request *out) ML_MUST_USE;
bool ml_socks_request4(struct ml_reader *rd, struct ml_socks_request *out) ML_MUST_USE;

/* The server's answers: chosen method (one that we can follow), reply of version 5, reply of version 4. */
bool ml_socks_choice(struct ml_reader *rd, uint8_t *method) ML_MUST_USE;
bool ml_socks_reply5(struct ml_reader *rd, uint8_t *status) ML_MUST_USE;
bool ml_socks_reply4(struct ml_reader *rd, uint8_t *status) ML_MUST_USE;

#endif
