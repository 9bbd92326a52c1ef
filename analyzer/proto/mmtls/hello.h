/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hello - the messages of an mmtls handshake that are not encrypted.
 *
 * In:        the body of a whole record of type handshake, 0-RTT handshake or alert.
 * Out:       borrowed spans and numbers; tickets one at a time.
 * See:       docs/protocols/mmtls.md.
 */
#ifndef MITLESER_PROTO_MMTLS_HELLO_H
#define MITLESER_PROTO_MMTLS_HELLO_H

#include "core/reader.h"

enum {
    ML_MMTLS_MAX_SUITES = 8,  /* clients offer one or two */
    ML_MMTLS_MAX_TICKETS = 4, /* clients offer one; there are two kinds */
    ML_MMTLS_MIN_HELLO = 46   /* body of the shortest: a server's without extensions */
};

struct ml_mmtls_ticket {
    uint32_t lifetime; /* seconds */
    struct ml_span bytes;
};

struct ml_mmtls_client_hello {
    uint32_t time; /* seconds since 1970, by the client's clock */
    uint8_t n_suites;
    uint16_t suites[ML_MMTLS_MAX_SUITES];
    uint8_t n_tickets;
    struct ml_mmtls_ticket tickets[ML_MMTLS_MAX_TICKETS];
};

struct ml_mmtls_server_hello {
    uint16_t suite;
};

/* May a body of `len` bytes that begins like this be a hello? 1 client's, 2 server's, 0 none. Needs five bytes. */
uint8_t ml_mmtls_hello_kind(struct ml_span start, size_t len);

bool ml_mmtls_client_hello_read(struct ml_span body, struct ml_mmtls_client_hello *out) ML_MUST_USE;
bool ml_mmtls_server_hello_read(struct ml_span body, struct ml_mmtls_server_hello *out) ML_MUST_USE;

/* The three bytes of an alert that is not encrypted. */
bool ml_mmtls_alert_read(struct ml_span body, struct ml_span *out) ML_MUST_USE;

#endif
