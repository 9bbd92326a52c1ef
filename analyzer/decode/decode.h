/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decode - a packet's link, network and transport headers; IP fragments put together.
 *
 * In:        packets in capture order.
 * Out:       at most one segment a packet; each packet that becomes none is counted once, by reason
 *            (undecoded.* in core/counter.def): nothing is dropped silently.
 * Invariant: packets.read = packets.decoded + sum of undecoded.*
 * See:       RFC 791, RFC 8200, RFC 9293, RFC 768, RFC 815, RFC 5722 (overlapping fragments are refused),
 *            IEEE 802.1Q, the LINKTYPE_ registry of tcpdump.org.
 */
#ifndef MITLESER_DECODE_DECODE_H
#define MITLESER_DECODE_DECODE_H

#include "core/counters.h"
#include "decode/segment.h"

struct ml_decoder;

/* Gives a decoder that counts into `counters` (borrowed while it lives); NULL when memory runs out. */
struct ml_decoder *ml_decoder_new(struct ml_counters *counters) ML_MUST_USE;
void ml_decoder_free(struct ml_decoder *decoder);

/* True with *segment filled; false when the packet gave none (counted). Also counts packets.* and bytes.*. */
bool ml_decode_packet(struct ml_decoder *decoder, const struct ml_packet *packet, struct ml_segment *segment);

/* Forgets waiting fragments (end of an input); each was already counted as fragment_waiting when it came. */
void ml_decoder_flush(struct ml_decoder *decoder);

#endif
