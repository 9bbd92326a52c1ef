/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sample - is the payload of an audio stream readable, or evenly spread as a cipher leaves it?
 *
 * In:        payload bytes of a codec that RFC 3551 assigns.
 * Out:       clear, cipher, or not told.
 * Why:       SRTP encrypts with AES in counter mode or GCM, whose bytes are evenly spread: chi-square over 256 values
 *            is then 255 with a deviation of 22.6. Speech, silence and tones lie far above. The last bytes of a packet
 *            are left out, because a key identifier (RFC 3711, section 3.1) that repeats would look like clear text.
 */
#ifndef MITLESER_PROTO_RTP_SAMPLE_H
#define MITLESER_PROTO_RTP_SAMPLE_H

#include "proto/rtp/packet.h"

enum ml_rtp_look { ML_RTP_UNTOLD, ML_RTP_CLEAR, ML_RTP_CIPHER };

struct ml_rtp_sample {
    uint32_t n; /* bytes counted */
    uint16_t seen[256];
};

void ml_rtp_sample_add(struct ml_rtp_sample *sample, struct ml_span payload);

/*
 * CIPHER only for the two codecs of plain samples (PCMU, PCMA), which are never spread evenly; other codecs compress so
 * well that evenness proves nothing.
 */
enum ml_rtp_look ml_rtp_sample_look(const struct ml_rtp_sample *sample, uint8_t payload_type);

#endif
