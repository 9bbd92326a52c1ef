/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/rtp/stream.h"

enum {
    MAX_STEP = 64,          /* packets lost in a row */
    MAX_PAUSE = 90000 * 30, /* units of timestamp: half a minute of the fastest clock in use */
    MAX_BACK = 90000,       /* pictures are sent out of their order */
    MIN_GOOD = 4,
    GOOD_FOR_BAD = 3,
    MIN_SOUND = 50 /* packets: a second */
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
    if (packet->payload.len < ML_RTP_MAX_LENGTH) {
        stream->lengths[packet->payload.len / 64] |= UINT64_C(1) << (packet->payload.len % 64);
    }
    if (ml_rtp_is_static_audio(packet->payload_type)) {
        ml_rtp_sample_add(&stream->sample, packet->payload);
    }
}

/* The step that more than half of the packets have is the one left over (Boyer and Moore). */
static void count_step(struct ml_rtp_stream *stream, uint32_t moved)
{
    stream->n_steps++;
    if (stream->n_step == 0) {
        stream->step = moved;
    }
    stream->n_step += stream->step == moved ? 1 : UINT32_MAX;
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
    if (step == 1) {
        count_step(stream, moved);
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

static bool is_sound(uint32_t step)
{
    static const uint32_t steps[] = {80, 160, 240, 320, 480, 640, 960, 1920, 2880};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (steps[i] == step) {
            return true;
        }
    }
    return false;
}

unsigned ml_rtp_stream_lengths(const struct ml_rtp_stream *stream)
{
    unsigned n = 0;
    if (stream->n_steps < MIN_SOUND || stream->n_step < stream->n_steps / 4 || !is_sound(stream->step)) {
        return 0;
    }
    for (size_t i = 0; i < ML_RTP_MAX_LENGTH / 64; i++) {
        n += (unsigned)__builtin_popcountll(stream->lengths[i]);
    }
    return n;
}

uint8_t ml_rtp_stream_type(const struct ml_rtp_stream *stream)
{
    unsigned best = 0;
    for (unsigned i = 1; i < stream->n_types; i++) {
        best = stream->type_counts[i] > stream->type_counts[best] ? i : best;
    }
    return stream->types[best];
}
