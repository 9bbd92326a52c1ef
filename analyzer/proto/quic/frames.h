/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frames - the CRYPTO frames of an opened Initial packet.
 *
 * In:        a reader over the frames, framed unless the capture cut the packet.
 * Out:       one CRYPTO frame after the other; what else may stand in an Initial packet is passed over.
 * See:       RFC 9000, sections 12.4 and 19; Q050, T050 and T051 keep the frame types of gQUIC.
 */
#ifndef MITLESER_PROTO_QUIC_FRAMES_H
#define MITLESER_PROTO_QUIC_FRAMES_H

#include "core/reader.h"

struct ml_quic_crypto_frame {
    uint64_t offset;
    struct ml_span bytes;
};

/* False at the end, at a frame that has no place in an Initial packet (the reader is then BAD), or where bytes end. */
bool ml_quic_crypto_next(struct ml_reader *rd, bool has_google_frames, struct ml_quic_crypto_frame *out);

/* --- parts of frames, of Initial packets and others; false where bytes end --- */

bool ml_quic_skip_padding(struct ml_reader *rd);

/* So many variable-length integers. */
bool ml_quic_skip_numbers(struct ml_reader *rd, uint64_t n);

/* What is behind the type of an ACK frame. */
bool ml_quic_skip_ack(struct ml_reader *rd, bool has_ecn);

#endif
