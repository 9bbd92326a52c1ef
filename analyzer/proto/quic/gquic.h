/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gquic - Google's QUIC before TLS (Q024 to Q046, and the CHLO of Q050): a client hello in clear.
 *
 * In:        datagrams with a version in their header.
 * Out:       server name and user agent of a CHLO that lies within one frame, as those of browsers do.
 * Lifetime:  spans borrow the datagram.
 * See:       "QUIC Crypto" and "QUIC Wire Layout Specification" (Google, 2016), sections CHLO and frames.
 */
#ifndef MITLESER_PROTO_QUIC_GQUIC_H
#define MITLESER_PROTO_QUIC_GQUIC_H

#include "core/reader.h"

struct ml_gquic_packet {
    char version[5]; /* "Q043" */
    unsigned number; /* 43 */
    struct ml_span cid;
    struct ml_span frames; /* of packets not encrypted yet */
};

/* False when these bytes are no such packet. `frames` may be empty. */
bool ml_gquic_packet_parse(struct ml_reader *rd, struct ml_gquic_packet *out);

struct ml_gquic_hello {
    struct ml_span host_name;
    struct ml_span user_agent;
    bool is_cut; /* some values lie beyond the bytes */
};

/* CHLO among the frames of the handshake stream. */
bool ml_gquic_hello_find(const struct ml_gquic_packet *packet, struct ml_span *chlo);

/* False when these bytes do not begin a CHLO. */
bool ml_gquic_hello_parse(struct ml_reader *rd, struct ml_gquic_hello *out);

#endif
