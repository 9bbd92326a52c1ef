/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/stun/stun.h"

#include "core/mem.h"
#include "proto/stun/app.h"
#include "proto/stun/facts.h"
#include "proto/stun/framing.h"
#include "proto/stun/turn.h"

enum { MULTIPLEXED_HEADER = 12 };

/* One direction of a stream. */
struct side {
    struct ml_gather gather;
    struct ml_chunk last; /* without bytes */
    bool is_lost;         /* behind a hole: where the next frame begins is not known */
};

struct stun {
    struct ml_proto_env *env; /* borrowed */
    struct ml_turn turn;
    bool has_message;
    bool has_framing;
    enum ml_stun_framing framing;
    struct side sides[2]; /* not used for datagrams */
};

/* --- probes --- */

static struct ml_reader open_datagram(const struct ml_chunk *chunk)
{
    return chunk->is_cut ? ml_rd_open(chunk->bytes) : ml_rd_open_framed(chunk->bytes);
}

/* A message that fills the datagram. */
static bool read_datagram(const struct ml_chunk *chunk, struct ml_stun_message *message)
{
    struct ml_reader rd = open_datagram(chunk);
    if (!ml_stun_message_read(&rd, message) || !ml_rd_done(&rd)) {
        return false;
    }
    return message->has_cookie || (!chunk->is_cut && ml_stun_is_zoom(message));
}

static enum ml_match probe_datagram(const struct ml_chunk *chunk)
{
    struct ml_stun_message message;
    struct ml_span content;
    bool is_stun = read_datagram(chunk, &message) || ml_stun_multiplexed(chunk->bytes, &content);
    return is_stun ? ML_MATCH_YES : ML_MATCH_NO;
}

static enum ml_match probe_stream(struct ml_span bytes, enum ml_stun_framing *framing)
{
    enum ml_match best = ML_MATCH_NO;
    for (int i = ML_STUN_UNFRAMED; i < ML_STUN_N_FRAMINGS; i++) {
        enum ml_match match = ml_stun_framing_probe((enum ml_stun_framing)i, bytes);
        if (match == ML_MATCH_YES) {
            *framing = (enum ml_stun_framing)i;
            return match;
        }
        best = match == ML_MATCH_MORE ? match : best;
    }
    return best;
}

static enum ml_match probe(const struct ml_chunk *chunk)
{
    enum ml_stun_framing framing;
    return chunk->is_datagram ? probe_datagram(chunk) : probe_stream(chunk->bytes, &framing);
}

static bool claims(const void *self, const struct ml_chunk *chunk)
{
    const struct stun *stun = self;
    uint16_t channel = 0;
    struct ml_span data;
    return probe_datagram(chunk) == ML_MATCH_YES ||
           (stun->has_message && ml_stun_channel_data(chunk->bytes, chunk->is_cut, &channel, &data));
}

/* --- messages --- */

static bool is_within_relay(const struct ml_chunk *chunk)
{
    for (unsigned i = 0; i < chunk->n_layers; i++) {
        if (chunk->layers[i] == ML_LAYER_STUN) {
            return true;
        }
    }
    return false;
}

static void relay(struct stun *stun, const struct ml_stun_place *place, const struct ml_stun_message *message,
                  const struct ml_stun_details *details)
{
    if (is_within_relay(place->chunk) || details->peer.family == 0) {
        return;
    }
    if (message->method == ML_STUN_CHANNEL_BIND && message->message_class == ML_STUN_REQUEST) {
        ml_turn_bind(&stun->turn, &details->peer, details->peer_port, details->channel);
    } else if (message->message_class == ML_STUN_INDICATION && details->data.len != 0) {
        struct ml_turn_peer *peer = ml_turn_peer_at(&stun->turn, &details->peer, details->peer_port);
        uint64_t at = (uint64_t)(details->data.ptr - message->whole.ptr);
        ml_turn_feed(&stun->turn, peer, place->chunk, details->data, place->offset + at);
    }
}

static void on_message(struct stun *stun, const struct ml_stun_place *place, const struct ml_stun_message *message)
{
    struct ml_stun_details details;
    if (!ml_stun_fingerprint_fits(message)) {
        ml_count(stun->env->counters, ML_COUNT_BAD_OTHER);
        return;
    }
    stun->has_message = true;
    ml_stun_state(stun->env, place, message, &details);
    relay(stun, place, message, &details);
}

static void on_channel(struct stun *stun, const struct ml_stun_place *place, struct ml_span frame)
{
    uint16_t channel = 0;
    struct ml_span data;
    if (!is_within_relay(place->chunk) && ml_stun_channel_data(frame, place->is_cut, &channel, &data)) {
        struct ml_turn_peer *peer = ml_turn_peer_on(&stun->turn, channel);
        ml_turn_feed(&stun->turn, peer, place->chunk, data, place->offset + (uint64_t)(data.ptr - frame.ptr));
    }
}

static void on_multiplexed(struct stun *stun, const struct ml_stun_place *place, size_t len)
{
    struct ml_fact_draft draft;
    ml_stun_begin(&draft, ML_FACT_SKYPE_TEAMS_CALL, place, len);
    (void)ml_fact_emit(stun->env->facts, &draft); /* a ceiling is counted there */
}

/* --- datagrams --- */

static void feed_datagram(struct stun *stun, const struct ml_chunk *chunk)
{
    struct ml_stun_message message;
    struct ml_span content;
    struct ml_stun_place place = {.chunk = chunk,
                                  .first_seq = chunk->seq,
                                  .last_seq = chunk->seq,
                                  .time_ns = chunk->time_ns,
                                  .offset = chunk->offset,
                                  .is_cut = chunk->is_cut};
    if (read_datagram(chunk, &message)) {
        on_message(stun, &place, &message);
    } else if (ml_stun_multiplexed(chunk->bytes, &content)) {
        struct ml_reader rd = ml_rd_open_framed(content);
        on_multiplexed(stun, &place, chunk->bytes.len);
        place.offset += MULTIPLEXED_HEADER;
        if (ml_stun_message_read(&rd, &message)) {
            on_message(stun, &place, &message);
        }
    } else {
        on_channel(stun, &place, chunk->bytes);
    }
}

/* --- streams --- */

static void on_frame(struct stun *stun, struct side *side, struct ml_span content, size_t content_at)
{
    struct ml_stun_message message;
    struct ml_reader rd = ml_rd_open_framed(content);
    const struct ml_gather_mark *first = ml_gather_mark_at(&side->gather, content_at);
    const struct ml_gather_mark *last = ml_gather_mark_at(&side->gather, content_at + content.len - 1);
    struct ml_stun_place place = {.chunk = &side->last,
                                  .first_seq = first->seq,
                                  .last_seq = last->seq,
                                  .time_ns = first->time_ns,
                                  .offset = side->gather.offset + content_at};
    if (stun->framing == ML_STUN_MULTIPLEXED) {
        on_multiplexed(stun, &place, content.len);
    }
    if (ml_stun_message_read(&rd, &message) && message.has_cookie && ml_rd_done(&rd)) {
        on_message(stun, &place, &message);
    } else if (stun->framing == ML_STUN_UNFRAMED) {
        on_channel(stun, &place, content);
    } else if (!is_within_relay(&side->last)) { /* RFC 7983: media and DTLS on the same connection */
        ml_turn_feed(&stun->turn, ml_turn_peer_on(&stun->turn, ML_TURN_SELF), &side->last, content, place.offset);
    }
}

/* One frame off the front; false when there is none yet. What is no frame puts the side out of step. */
static bool take_frame(struct stun *stun, struct side *side)
{
    struct ml_span content;
    size_t content_at = 0;
    size_t frame_len = 0;
    struct ml_span held = ml_gather_span(&side->gather);
    enum ml_match match = ml_stun_frame(stun->framing, held, &content, &content_at, &frame_len);
    if (match == ML_MATCH_NO) {
        ml_count(stun->env->counters, ML_COUNT_BAD_OTHER);
        side->is_lost = true;
        ml_gather_drop(&side->gather, 1); /* or it would be found to begin here again */
    }
    if (match != ML_MATCH_YES) {
        return false;
    }
    if (content.len != 0) {
        on_frame(stun, side, content, content_at);
    }
    ml_gather_drop(&side->gather, frame_len);
    return true;
}

/*
 * Behind a hole, or what is no frame, the next message with a cookie puts a side in step again; what comes before it is
 * let go. The first message of all tells the framing of both sides.
 */
static bool is_in_step(struct stun *stun, struct side *side)
{
    enum ml_match match = ML_MATCH_NO;
    while (side->is_lost && ml_gather_span(&side->gather).len != 0) {
        struct ml_span held = ml_gather_span(&side->gather);
        match = stun->has_framing ? ml_stun_framing_probe(stun->framing, held) : probe_stream(held, &stun->framing);
        if (match == ML_MATCH_MORE) {
            return false;
        }
        side->is_lost = match != ML_MATCH_YES;
        ml_gather_drop(&side->gather, match == ML_MATCH_YES ? 0 : 1);
    }
    if (!stun->has_framing) {
        stun->has_framing = probe_stream(ml_gather_span(&side->gather), &stun->framing) == ML_MATCH_YES;
    }
    return stun->has_framing && !side->is_lost;
}

static void take_frames(struct stun *stun, struct side *side)
{
    while (ml_gather_span(&side->gather).len != 0 && is_in_step(stun, side)) {
        if (!take_frame(stun, side) && !side->is_lost) {
            return;
        }
    }
}

static void feed_stream(struct stun *stun, const struct ml_chunk *chunk)
{
    struct side *side = &stun->sides[chunk->dir];
    bool had_framing = stun->has_framing;
    if (chunk->gap_len != 0) {
        ml_gather_clear(&side->gather);
        side->is_lost = true;
        return;
    }
    side->last = *chunk;
    side->last.bytes = ml_span_of(NULL, 0);
    if (!ml_gather_add(&side->gather, chunk)) {
        ml_count(stun->env->counters, ML_COUNT_LIMIT_MESSAGE);
        ml_gather_clear(&side->gather);
        side->is_lost = true;
        return;
    }
    if (is_in_step(stun, side) && !had_framing) { /* then what the other side sent before can be told as well */
        take_frames(stun, &stun->sides[ml_dir_other(chunk->dir)]);
    }
    take_frames(stun, side);
}

/* --- the parser --- */

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    struct stun *stun = ml_mem_array(1, sizeof *stun);
    if (stun != NULL) {
        stun->env = env;
        stun->turn.env = env;
        ml_gather_init(&stun->sides[ML_UP].gather, ML_MAX_MESSAGE);
        ml_gather_init(&stun->sides[ML_DOWN].gather, ML_MAX_MESSAGE);
    }
    return stun;
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    if (chunk->is_datagram) {
        feed_datagram(self, chunk);
    } else {
        feed_stream(self, chunk);
    }
    return true;
}

static void destroy(void *self)
{
    struct stun *stun = self;
    ml_turn_fini(&stun->turn);
    ml_gather_fini(&stun->sides[ML_UP].gather);
    ml_gather_fini(&stun->sides[ML_DOWN].gather);
    ml_mem_free(stun);
}

const struct ml_parser ml_parser_stun = {
    .name = "stun",
    .over = ML_OVER_TCP | ML_OVER_UDP,
    .probe = probe,
    .claims = claims,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
