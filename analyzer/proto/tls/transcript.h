/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transcript - the messages of a handshake up to the client's key exchange, which the extended master secret is made
 * of.
 *
 * In:        whole messages of both sides in order, from the ClientHello on.
 * Out:       their digest, as the version and the suite want it.
 * Invariant: a message that is missing, cut or out of order ends the transcript: there is no digest then.
 * Lifetime:  what is kept is freed with the digest, the next ClientHello or ml_tls_transcript_fini.
 * See:       RFC 7627, section 3; RFC 6347, section 4.2.6 (headers of DTLS as if in one fragment).
 */
#ifndef MITLESER_PROTO_TLS_TRANSCRIPT_H
#define MITLESER_PROTO_TLS_TRANSCRIPT_H

#include "core/buf.h"

struct ml_tls_transcript {
    struct ml_buf bytes;
    bool is_kept;
    int32_t next[2]; /* number of the next message of a direction (DTLS); -1: any */
};

struct ml_tls_transcript_message {
    bool is_datagrams; /* DTLS */
    uint16_t number;   /* of the message in DTLS */
    unsigned dir;
    uint8_t type;
    struct ml_span body;
};

/* Zeroed storage is an empty transcript. */
void ml_tls_transcript_fini(struct ml_tls_transcript *transcript);

/* A ClientHello: the transcript begins with it. */
void ml_tls_transcript_start(struct ml_tls_transcript *transcript, const struct ml_tls_transcript_message *message);

/* A message behind it. */
void ml_tls_transcript_add(struct ml_tls_transcript *transcript, const struct ml_tls_transcript_message *message);

/*
 * Gives the length of the digest of what was kept and forgets that; 0 when there is none. `version` is that of TLS, for
 * DTLS the one its keys are made like.
 */
size_t ml_tls_transcript_take(struct ml_tls_transcript *transcript, uint16_t version, uint16_t suite, uint8_t out[64]);

#endif
