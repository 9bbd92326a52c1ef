/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decrypt - what is inside the 0-RTT, Handshake and 1-RTT packets of a connection whose secrets are known.
 *
 * In:        packets of both directions, and what the hellos agreed on.
 * Out:       facts of the handshake messages that only the keys make readable; streams in order to the application.
 * Invariant: nothing is handed on whose tag does not hold. Which length connection ids have that a short header does
 *            not tell, and which generation of keys holds, is found by the tag, within ceilings.
 * Cost:      nothing is set up before a secret is found.
 * Lifetime:  as long as a flow of the connection is open: it may go on from another address or port (paths.h).
 * See:       RFC 9001; RFC 9000, sections 5.1, 12 and 17; RFC 9369.
 */
#ifndef MITLESER_PROTO_QUIC_DECRYPT_H
#define MITLESER_PROTO_QUIC_DECRYPT_H

#include "proto/quic/header.h"
#include "proto/tls/conversation.h"
#include "proto/tls/unsealed.h"

struct ml_quic_decrypt;

struct ml_quic_decrypt_config {
    struct ml_tls_conversation *conversation; /* borrowed; its client hello was seen */
    struct ml_flow *flow;                     /* borrowed */
    bool speaks_http3;                        /* the client offered it */
    const char *name;                         /* borrowed during the call: id of the client's first packet, in digits */
};

/* NULL when memory runs out. */
struct ml_quic_decrypt *ml_quic_decrypt_new(const struct ml_quic_decrypt_config *config) ML_MUST_USE;

/*
 * The flow in which the connection began is over, or the connection is. What waits is handed on, and how it went is
 * added to *result. Where other flows go on with the connection, *result is taken over and counted with the last of
 * them; what was borrowed is not needed any more.
 */
void ml_quic_decrypt_end(struct ml_quic_decrypt *decrypt, struct ml_unsealed *result);

/* Another flow goes on with the connection; each join is left again. */
void ml_quic_decrypt_join(struct ml_quic_decrypt *decrypt);
void ml_quic_decrypt_leave(struct ml_quic_decrypt *decrypt);

/* Was there a packet within the time that a flow may be silent before `time_ns`? */
bool ml_quic_decrypt_is_fresh(const struct ml_quic_decrypt *decrypt, int64_t time_ns);

/* The name given, "" for none. */
const char *ml_quic_decrypt_name(const struct ml_quic_decrypt *decrypt);

/* May packets of this direction have no id at all? */
bool ml_quic_decrypt_lacks_id(const struct ml_quic_decrypt *decrypt, enum ml_dir dir);

/* A long header of `dir`: the id it wants to be called by, and the version it speaks. */
void ml_quic_decrypt_header(struct ml_quic_decrypt *decrypt, const struct ml_quic_header *header, enum ml_dir dir);

/* A 0-RTT or Handshake packet of the datagram `chunk`. */
void ml_quic_decrypt_long(struct ml_quic_decrypt *decrypt, const struct ml_quic_header *header,
                          const struct ml_chunk *chunk);

/* A packet with a short header: from its first byte to the end of the datagram. Does its tag hold? */
bool ml_quic_decrypt_short(struct ml_quic_decrypt *decrypt, struct ml_span packet, const struct ml_chunk *chunk);

/* Is there more to learn? */
bool ml_quic_decrypt_wants(const struct ml_quic_decrypt *decrypt);

#endif
