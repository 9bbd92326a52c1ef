/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream - packets of one source in one direction: believed to be RTP once their counters count.
 *
 * Invariant: believed means five packets of the same source whose sequence numbers went up in small steps and whose
 *            timestamps moved by no more than a pause of speech explains, and hardly any that did not.
 * See:       RFC 3550, sections 5.1 and A.1.
 */
#ifndef MITLESER_PROTO_RTP_STREAM_H
#define MITLESER_PROTO_RTP_STREAM_H

#include "flow/chunk.h"
#include "proto/rtp/sample.h"

enum { ML_RTP_MAX_LENGTH = 1024 }; /* sound of 60 ms is shorter */
enum { ML_RTP_MAX_TYPES = 4 };     /* payload types of one stream that are counted: audio, comfort noise, tones */

struct ml_rtp_stream {
    uint32_t ssrc;
    enum ml_dir dir;
    uint16_t last_seq;
    uint32_t last_timestamp;
    uint32_t n_packets, n_good, n_bad;
    unsigned n_types;
    uint8_t types[ML_RTP_MAX_TYPES];
    uint32_t type_counts[ML_RTP_MAX_TYPES];
    struct ml_rtp_sample sample;              /* of static audio */
    uint32_t step;                            /* of the timestamp from one packet to the next: that of most of them */
    uint32_t n_step;                          /* how many more had it than not */
    uint32_t n_steps;                         /* packets that followed the one before */
    uint64_t lengths[ML_RTP_MAX_LENGTH / 64]; /* of payloads, a bit each */
    struct ml_chunk first;                    /* without bytes */
    uint32_t first_len;                       /* bytes of that datagram */
    uint64_t last_packet;                     /* seq of the last packet */
};

void ml_rtp_stream_begin(struct ml_rtp_stream *stream, const struct ml_chunk *chunk,
                         const struct ml_rtp_packet *packet);
void ml_rtp_stream_add(struct ml_rtp_stream *stream, const struct ml_chunk *chunk, const struct ml_rtp_packet *packet);
bool ml_rtp_stream_is_believed(const struct ml_rtp_stream *stream);

/*
 * How many lengths the payloads of a stream of sound had. 0: too few packets, or no sound: its packets are 10 to 60 ms
 * apart on a clock of 8, 16 or 48 kHz, which is no step of video (RFC 3551, section 4.1; RFC 7587, section 4.1).
 */
unsigned ml_rtp_stream_lengths(const struct ml_rtp_stream *stream);

/* The payload type most packets had. */
uint8_t ml_rtp_stream_type(const struct ml_rtp_stream *stream);

#endif
