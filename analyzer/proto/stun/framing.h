/* SPDX-License-Identifier: Apache-2.0 */
/*
 * framing - where a message begins and ends: in a stream, and within Microsoft's multiplexed relay.
 *
 * In:        the bytes of one direction, from the start of a frame.
 * Out:       the frame's content, and how long the frame is.
 * See:       RFC 8489, section 6.2.2 and RFC 8656, section 12.5 (self-delimiting); RFC 4571 (16-bit length, as ICE over
 *            TCP uses it); [MS-TURN], section 2.2 (multiplexed).
 */
#ifndef MITLESER_PROTO_STUN_FRAMING_H
#define MITLESER_PROTO_STUN_FRAMING_H

#include "proto/parser.h"

enum ml_stun_framing {
    ML_STUN_UNFRAMED,    /* STUN messages and ChannelData one after the other */
    ML_STUN_LENGTH,      /* a 16-bit length before each */
    ML_STUN_MULTIPLEXED, /* ff10, a 16-bit length and a session of 8 bytes before each */
    ML_STUN_N_FRAMINGS
};

/*
 * Do these first bytes of a stream begin with a STUN message in this framing? The first frame must be a message with
 * cookie, because nothing else of it would be telling.
 */
enum ml_match ml_stun_framing_probe(enum ml_stun_framing framing, struct ml_span bytes);

/*
 * The next frame of a stream: its content (`content_at` bytes into the frame), and its length with all that frames it.
 * MORE: not all there. NO: not framed like this.
 */
enum ml_match ml_stun_frame(enum ml_stun_framing framing, struct ml_span bytes, struct ml_span *content,
                            size_t *content_at, size_t *frame_len);

/* A datagram of ChannelData (RFC 8656, section 12.4): channels 0x4000 to 0x4fff, padding allowed. */
bool ml_stun_channel_data(struct ml_span bytes, bool is_cut, uint16_t *channel, struct ml_span *data) ML_MUST_USE;

/* A whole datagram of the multiplexed relay: ff10, the length of what follows it, and a STUN message with cookie. */
bool ml_stun_multiplexed(struct ml_span datagram, struct ml_span *content) ML_MUST_USE;

#endif
