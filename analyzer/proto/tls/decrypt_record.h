/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decrypt_record - opens the records of one direction under one set of keys.
 *
 * In:        whole records in order, or with the number that a record must have had.
 * Out:       their plaintext, only where tag or MAC holds.
 * Invariant: `seq` is the number of the next record. A record that does not open changes nothing but the chaining of
 *            CBC up to TLS 1.0 and the key stream of RC4, which go by bytes and not by numbers.
 * See:       RFC 8446, section 5.2; RFC 5246, section 6.2.3; RFC 7366 (encrypt-then-MAC); RFC 7905; RFC 6655.
 */
#ifndef MITLESER_PROTO_TLS_DECRYPT_RECORD_H
#define MITLESER_PROTO_TLS_DECRYPT_RECORD_H

#include "proto/tls/decrypt_keys.h"

struct ml_tls_opener;

struct ml_tls_opener_config {
    struct ml_tls_suite suite;
    uint16_t version; /* negotiated; any of 1.3 stands for 1.3 */
    bool has_encrypt_then_mac;
};

/* Gives an opener, NULL when memory runs out or OpenSSL lacks the cipher. The keys are copied. */
struct ml_tls_opener *ml_tls_opener_new(const struct ml_tls_opener_config *config,
                                        const struct ml_tls_keys *keys) ML_MUST_USE;
void ml_tls_opener_free(struct ml_tls_opener *opener);

uint64_t ml_tls_opener_seq(const struct ml_tls_opener *opener);
void ml_tls_opener_set_seq(struct ml_tls_opener *opener, uint64_t seq);

/* May records be tried again under another number? Not where opening one depends on the bytes before. */
bool ml_tls_opener_can_retry(const struct ml_tls_opener *opener);

struct ml_tls_sealed {
    uint8_t type;
    uint16_t version; /* as the record says */
    struct ml_span body;
};

struct ml_tls_plain {
    uint8_t type;         /* what it really is (TLS 1.3 hides that) */
    struct ml_span bytes; /* in the room given */
};

/*
 * Opens a record into `room`, which has at least body.len bytes and does not overlap it. On success the next record has
 * the next number.
 */
bool ml_tls_opener_open(struct ml_tls_opener *opener, const struct ml_tls_sealed *sealed, uint8_t *room,
                        struct ml_tls_plain *out) ML_MUST_USE;

#endif
