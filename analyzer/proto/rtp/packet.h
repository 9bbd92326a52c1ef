/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packet - the header of an RTP packet.
 *
 * In:        a datagram.
 * Out:       its fields and payload, borrowed.
 * See:       RFC 3550, section 5.1; RFC 3551, section 6 (payload types); RFC 5761, section 4 (what RTCP may use).
 */
#ifndef MITLESER_PROTO_RTP_PACKET_H
#define MITLESER_PROTO_RTP_PACKET_H

#include "core/reader.h"

enum { ML_RTP_PCMU = 0, ML_RTP_PCMA = 8 };

struct ml_rtp_packet {
    uint8_t payload_type;
    uint16_t seq;
    uint32_t timestamp;
    uint32_t ssrc;
    struct ml_span payload; /* with padding and what SRTP appends */
};

/* Version 2, a payload type that RTP may have, and room for sources and extension. One datagram alone proves little. */
bool ml_rtp_read(struct ml_span datagram, struct ml_rtp_packet *out) ML_MUST_USE;

/* The codec of a payload type that RFC 3551 assigns; NULL for the others. */
const char *ml_rtp_codec(uint8_t payload_type);

/* A payload type that RFC 3551 assigns to an audio codec. */
bool ml_rtp_is_static_audio(uint8_t payload_type);

#endif
