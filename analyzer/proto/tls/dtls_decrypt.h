/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dtls_decrypt - what is inside the records of DTLS 1.0 and 1.2 whose master secret is known.
 *
 * In:        records with the epoch and number they carry, and what the hellos agreed on.
 * Out:       the application's datagrams to a demultiplexer of their own, as chunks of layer dtls; alerts; messages of
 *            a renegotiation to the conversation, whose keys are those of the next epoch.
 * Invariant: nothing is handed on whose tag or MAC does not hold. Records do not depend on each other: those that are
 *            missing, repeated or late change nothing.
 * Limits:    of each direction the keys of two epochs are held; a handshake whose messages are missing in the capture
 *            leaves the epochs behind it closed.
 * See:       RFC 6347, sections 4.1, 4.1.2.1 and 4.1.2.2; RFC 5246, section 6.3.
 */
#ifndef MITLESER_PROTO_TLS_DTLS_DECRYPT_H
#define MITLESER_PROTO_TLS_DTLS_DECRYPT_H

#include "proto/tls/conversation.h"

struct ml_dtls_decrypt;

/* Both borrowed. NULL when memory runs out. Cheap: nothing is set up before a secret is found. */
struct ml_dtls_decrypt *ml_dtls_decrypt_new(struct ml_tls_conversation *conversation, struct ml_flow *flow) ML_MUST_USE;

/* Counts how it went. */
void ml_dtls_decrypt_free(struct ml_dtls_decrypt *decrypt);

struct ml_dtls_record {
    uint8_t type;
    uint16_t version;
    uint16_t epoch;
    uint64_t number; /* 48 bits */
    struct ml_span body;
    bool is_cut; /* the capture ends inside */
};

/* An encrypted record of the datagram `chunk`. */
void ml_dtls_decrypt_record(struct ml_dtls_decrypt *decrypt, const struct ml_chunk *chunk,
                            const struct ml_dtls_record *record);

#endif
