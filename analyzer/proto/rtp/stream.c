/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/rtp/stream.h"

enum {
    MAX_STEP = 64,          /* packets lost in a row */
    MAX_PAUSE = 90000 * 30, /* units of timestamp: half a minute of the fastest clock in use */
    MAX_BACK = 90000,       /* pictures are sent out of their order */
    MIN_GOOD = 4,
    GOOD_FOR_BAD = 3
};

static void count_type(struct ml_rtp_stream *stream, uint8_t type)
{
    for (unsigned i = 0; i < stream->n_types; i++) {
        if (stream->types[i] == type) {
            stream->type_counts[i]++;
            return;
        }
    }
    if (stream->n_types < ML_RTP_MAX_TYPES) {
        stream->types[stream->n_types] = type;
        stream->type_counts[stream->n_types++] = 1;
    }
}

static void take(struct ml_rtp_stream *stream, const struct ml_chunk *chunk, const struct ml_rtp_packet *packet)
{
    stream->n_packets++;
    stream->last_packet = chunk->seq;
    count_type(stream, packet->payload_type);
    if (ml_rtp_is_static_audio(packet->payload_type)) {
        ml_rtp_sample_add(&stream->sample, packet->payload);
    }
}

void ml_rtp_stream_begin(struct ml_rtp_stream *stream, const struct ml_chunk *chunk, const struct ml_rtp_packet *packet)
{
    memset(stream, 0, sizeof *stream);
    stream->ssrc = packet->ssrc;
    stream->dir = chunk->dir;
    stream->last_seq = packet->seq;
    stream->last_timestamp = packet->timestamp;
    stream->first = *chunk;
    stream->first.bytes = ml_span_of(NULL, 0);
    stream->first_len = (uint32_t)chunk->bytes.len;
    take(stream, chunk, packet);
}

void ml_rtp_stream_add(struct ml_rtp_stream *stream, const struct ml_chunk *chunk, const struct ml_rtp_packet *packet)
{
    uint16_t step = (uint16_t)(packet->seq - stream->last_seq);
    uint32_t moved = packet->timestamp - stream->last_timestamp;
    uint32_t back = stream->last_timestamp - packet->timestamp;
    bool is_late = step == 0 || step > UINT16_MAX - MAX_STEP; /* repeated or overtaken: proves nothing */
    bool is_timely = moved <= MAX_PAUSE || back <= MAX_BACK;
    take(stream, chunk, packet);
    if (is_late) {
        return;
    }
    if (step <= MAX_STEP && is_timely) {
        stream->n_good++;
    } else {
        stream->n_bad++;
    }
    stream->last_seq = packet->seq;
    stream->last_timestamp = packet->timestamp;
}

bool ml_rtp_stream_is_believed(const struct ml_rtp_stream *stream)
{
    return stream->n_good >= MIN_GOOD && stream->n_good >= GOOD_FOR_BAD * stream->n_bad;
}

uint8_t ml_rtp_stream_type(const struct ml_rtp_stream *stream)
{
    unsigned best = 0;
    for (unsigned i = 1; i < stream->n_types; i++) {
        best = stream->type_counts[i] > stream->type_counts[best] ? i : best;
    }
    return stream->types[best];
}
