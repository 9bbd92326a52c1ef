/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/stream.h"

#include "core/mem.h"

struct ml_waiting {
    struct ml_waiting *prev, *next;
    uint64_t offset;
    uint64_t seq;
    int64_t time_ns;
    uint32_t len;      /* bytes held */
    uint32_t wire_len; /* bytes sent; more than len when the capture cut them */
    uint8_t bytes[];
};

/* Part of a segment: [offset, offset + wire_len), of which the first bytes.len were captured. */
struct piece {
    uint64_t offset;
    uint32_t wire_len;
    struct ml_span bytes;
    uint64_t seq;
    int64_t time_ns;
};

static uint64_t end_of(const struct ml_waiting *waiting)
{
    return waiting->offset + waiting->wire_len;
}

static struct piece piece_cut(const struct piece *piece, uint64_t from, uint64_t to)
{
    struct piece part = *piece;
    part.offset = from;
    part.wire_len = (uint32_t)(to - from);
    part.bytes = ml_span_cut(piece->bytes, (size_t)(from - piece->offset), part.wire_len);
    return part;
}

/* --- handing out --- */

static bool emit(struct ml_stream *stream, const struct ml_stream_env *env, const struct ml_chunk *from, uint64_t len)
{
    struct ml_chunk chunk = *from;
    chunk.flow = env->flow;
    chunk.dir = env->dir;
    chunk.offset = stream->offset;
    chunk.n_layers = 1;
    chunk.layers[0] = ML_LAYER_TCP;
    stream->offset += len;
    stream->next_seq += (uint32_t)len;
    stream->n_patient = 0;
    return env->emit(env->context, &chunk);
}

static bool emit_gap(struct ml_stream *stream, const struct ml_stream_env *env, uint64_t to, uint64_t seq,
                     int64_t time_ns)
{
    uint64_t len = to - stream->offset;
    stream->n_gaps++;
    env->flow->n_gaps++;
    ml_count_add(env->counters, ML_COUNT_STREAM_GAP_BYTES, len);
    struct ml_chunk chunk = {.gap_len = len, .seq = seq, .time_ns = time_ns};
    return emit(stream, env, &chunk, len);
}

/* Hands out a piece that begins at the stream's offset; its missing tail is a gap. False: no more is wanted. */
static bool emit_piece(struct ml_stream *stream, const struct ml_stream_env *env, const struct piece *piece)
{
    if (piece->bytes.len != 0) {
        ml_count_add(env->counters, ML_COUNT_STREAM_BYTES, piece->bytes.len);
        struct ml_chunk chunk = {.bytes = piece->bytes, .seq = piece->seq, .time_ns = piece->time_ns};
        if (!emit(stream, env, &chunk, piece->bytes.len)) {
            return false;
        }
    }
    uint64_t end = piece->offset + piece->wire_len;
    return stream->offset >= end || emit_gap(stream, env, end, piece->seq, piece->time_ns);
}

/* --- waiting segments --- */

static void remove_waiting(struct ml_stream *stream, const struct ml_stream_env *env, struct ml_waiting *waiting)
{
    *(waiting->prev != NULL ? &waiting->prev->next : &stream->first) = waiting->next;
    *(waiting->next != NULL ? &waiting->next->prev : &stream->last) = waiting->prev;
    stream->n_waiting--;
    stream->waiting_bytes -= waiting->len;
    *env->shard_waiting -= waiting->len;
    ml_mem_free(waiting);
}

static void insert_waiting(struct ml_stream *stream, const struct ml_stream_env *env, struct ml_waiting *after,
                           const struct piece *piece)
{
    struct ml_waiting *waiting = ml_mem_array(1, sizeof *waiting + piece->bytes.len);
    if (waiting == NULL) {
        ml_count(env->counters, ML_COUNT_LIMIT_MEMORY); /* the bytes become a gap */
        return;
    }
    waiting->offset = piece->offset;
    waiting->seq = piece->seq;
    waiting->time_ns = piece->time_ns;
    waiting->len = (uint32_t)piece->bytes.len;
    waiting->wire_len = piece->wire_len;
    if (piece->bytes.len != 0) {
        memcpy(waiting->bytes, piece->bytes.ptr, piece->bytes.len);
    }
    waiting->prev = after;
    waiting->next = after != NULL ? after->next : stream->first;
    *(waiting->prev != NULL ? &waiting->prev->next : &stream->first) = waiting;
    *(waiting->next != NULL ? &waiting->next->prev : &stream->last) = waiting;
    stream->n_waiting++;
    stream->waiting_bytes += waiting->len;
    *env->shard_waiting += waiting->len;
}

/* Counts an overlap whose two versions differ: a retransmission that says something else, or an attempt to hide. */
static void compare_overlap(const struct ml_stream_env *env, const struct ml_waiting *waiting,
                            const struct piece *piece)
{
    uint64_t from = waiting->offset > piece->offset ? waiting->offset : piece->offset;
    uint64_t end = waiting->offset + waiting->len;
    uint64_t piece_end = piece->offset + piece->bytes.len;
    end = end < piece_end ? end : piece_end;
    if (from < end && memcmp(waiting->bytes + (from - waiting->offset), piece->bytes.ptr + (from - piece->offset),
                             (size_t)(end - from)) != 0) {
        ml_count(env->counters, ML_COUNT_STREAMS_CONFLICTS);
    }
}

/* Keeps the parts of the piece that nothing waiting covers. */
static void keep_piece(struct ml_stream *stream, const struct ml_stream_env *env, const struct piece *piece)
{
    uint64_t end = piece->offset + piece->wire_len;
    uint64_t from = piece->offset;
    /* Most segments belong at the end, so look for the place from there. */
    struct ml_waiting *before = stream->last;
    while (before != NULL && before->offset > from) {
        before = before->prev;
    }
    while (from < end) {
        struct ml_waiting *next = before != NULL ? before->next : stream->first;
        if (before != NULL && end_of(before) > from) {
            compare_overlap(env, before, piece);
            from = end_of(before);
        }
        uint64_t to = next != NULL && next->offset < end ? next->offset : end;
        if (from < to) {
            struct piece part = piece_cut(piece, from, to);
            insert_waiting(stream, env, before, &part);
            from = to;
        }
        if (next == NULL) {
            break;
        }
        before = next;
    }
}

/* Hands out waiting segments whose turn has come. False: no more is wanted. */
static bool emit_ready(struct ml_stream *stream, const struct ml_stream_env *env)
{
    while (stream->first != NULL && stream->first->offset <= stream->offset) {
        struct ml_waiting *waiting = stream->first;
        bool goes_on = true;
        if (end_of(waiting) > stream->offset) {
            struct piece piece = {.offset = waiting->offset,
                                  .wire_len = waiting->wire_len,
                                  .seq = waiting->seq,
                                  .bytes = ml_span_of(waiting->bytes, waiting->len),
                                  .time_ns = waiting->time_ns};
            piece = piece_cut(&piece, stream->offset, end_of(waiting));
            goes_on = emit_piece(stream, env, &piece);
        }
        remove_waiting(stream, env, waiting);
        if (!goes_on) {
            return false;
        }
    }
    return true;
}

/* Gives up the hole before the first waiting segment. False: no more is wanted. */
static bool skip_hole(struct ml_stream *stream, const struct ml_stream_env *env, uint64_t to)
{
    return emit_gap(stream, env, to, stream->first->seq, stream->first->time_ns) && emit_ready(stream, env);
}

static bool is_over_ceiling(const struct ml_stream *stream, const struct ml_stream_env *env)
{
    return stream->first != NULL &&
           (stream->waiting_bytes > env->limits->max_waiting || stream->n_waiting > env->limits->max_segments ||
            *env->shard_waiting > env->limits->max_shard_waiting);
}

/* --- a segment --- */

/* Hands out a piece that begins at or before the stream's offset; what waits for the same place came first. */
static void pass_piece(struct ml_stream *stream, const struct ml_stream_env *env, const struct piece *piece)
{
    uint64_t end = piece->offset + piece->wire_len;
    for (;;) {
        const struct ml_waiting *first = stream->first;
        if (first != NULL && first->offset < end) {
            compare_overlap(env, first, piece);
        }
        if (first == NULL || first->offset > stream->offset) {
            if (stream->offset >= end) {
                return;
            }
            struct piece part =
                piece_cut(piece, stream->offset, first != NULL && first->offset < end ? first->offset : end);
            if (!emit_piece(stream, env, &part)) {
                return;
            }
        }
        if (!emit_ready(stream, env)) {
            return;
        }
    }
}

static void take_piece(struct ml_stream *stream, const struct ml_stream_env *env, const struct piece *piece)
{
    if (piece->offset <= stream->offset) {
        pass_piece(stream, env, piece);
        return;
    }
    keep_piece(stream, env, piece);
    if (is_over_ceiling(stream, env)) {
        ml_count(env->counters, ML_COUNT_LIMIT_STREAM_WAITING);
        while (is_over_ceiling(stream, env)) {
            if (!skip_hole(stream, env, stream->first->offset)) {
                return;
            }
        }
    }
}

/*
 * Stream offset of a sequence number, by the shorter way round the circle. False when it lies before byte 0 or
 * further ahead than any window: a segment of an older connection, or one made up.
 */
static bool offset_of(const struct ml_stream *stream, uint32_t seq, uint64_t *offset)
{
    int64_t distance = (int32_t)(seq - stream->next_seq);
    if (distance > ML_MAX_STREAM_AHEAD || (distance < 0 && (uint64_t)-distance > stream->offset)) {
        return false;
    }
    *offset = stream->offset + (uint64_t)distance;
    return true;
}

void ml_stream_init(struct ml_stream *stream)
{
    *stream = (struct ml_stream){.fin = UINT64_MAX};
}

void ml_stream_start(struct ml_stream *stream, uint32_t seq)
{
    if (!stream->is_started) {
        stream->is_started = true;
        stream->has_syn = true;
        stream->next_seq = seq;
    }
}

/* Bytes before byte 0 (a keep-alive of one byte, a capture that began in the middle) are cut off. */
static bool place(const struct ml_stream *stream, uint32_t seq, struct piece *piece)
{
    uint32_t before = stream->next_seq - (uint32_t)stream->offset - seq; /* bytes of the segment before byte 0 */
    if (stream->offset <= ML_MAX_STREAM_AHEAD && (int32_t)before > 0) {
        if (before > piece->wire_len) {
            return false;
        }
        piece->wire_len -= before;
        piece->bytes = ml_span_cut(piece->bytes, before, piece->bytes.len);
        seq += before;
    }
    return offset_of(stream, seq, &piece->offset);
}

void ml_stream_feed(struct ml_stream *stream, const struct ml_stream_env *env, const struct ml_segment *segment)
{
    uint32_t seq = segment->tcp_seq;
    if ((segment->tcp_flags & ML_TCP_SYN) != 0) {
        seq++; /* the SYN takes one number; bytes beside it are TCP Fast Open */
        ml_stream_start(stream, seq);
    }
    bool has_fin = (segment->tcp_flags & ML_TCP_FIN) != 0;
    if (segment->payload_len == 0 && !has_fin) {
        return;
    }
    if (!stream->is_started) {
        stream->is_started = true; /* the capture began in the middle */
        stream->next_seq = seq;
    }
    struct piece piece = {
        .wire_len = segment->payload_len, .bytes = segment->payload, .seq = segment->seq, .time_ns = segment->time_ns};
    if (!place(stream, seq, &piece)) {
        ml_count(env->counters, ML_COUNT_STREAMS_STRAY);
        return;
    }
    if (has_fin && stream->fin == UINT64_MAX) {
        stream->fin = piece.offset + piece.wire_len;
    }
    if (piece.offset >= stream->fin) {
        return; /* nothing is sent behind a FIN */
    }
    if (piece.offset + piece.wire_len > stream->fin) {
        piece = piece_cut(&piece, piece.offset, stream->fin);
    }
    if (piece.wire_len != 0) {
        take_piece(stream, env, &piece);
    }
}

void ml_stream_ack(struct ml_stream *stream, uint32_t ack)
{
    uint64_t offset = 0;
    if (stream->is_started && offset_of(stream, ack, &offset)) {
        offset = offset < stream->fin ? offset : stream->fin; /* a FIN is acknowledged as one more number */
        stream->acked = offset > stream->acked ? offset : stream->acked;
    }
}

void ml_stream_tick(struct ml_stream *stream, const struct ml_stream_env *env)
{
    if (stream->first == NULL || stream->acked <= stream->offset || ++stream->n_patient <= ML_STREAM_PATIENCE) {
        return;
    }
    uint64_t to = stream->acked < stream->first->offset ? stream->acked : stream->first->offset;
    (void)skip_hole(stream, env, to); /* the emitter remembers that it wants no more */
}

static void count_stream(const struct ml_stream *stream, const struct ml_stream_env *env)
{
    if (stream->n_gaps != 0) {
        ml_count(env->counters, ML_COUNT_STREAMS_WITH_GAPS);
    } else if (stream->offset != 0 && stream->has_syn) {
        ml_count(env->counters, ML_COUNT_STREAMS_COMPLETE);
    }
}

void ml_stream_drop(struct ml_stream *stream, const struct ml_stream_env *env)
{
    count_stream(stream, env);
    while (stream->first != NULL) {
        remove_waiting(stream, env, stream->first);
    }
}

void ml_stream_finish(struct ml_stream *stream, const struct ml_stream_env *env)
{
    bool goes_on = true;
    while (goes_on && stream->first != NULL) {
        goes_on = skip_hole(stream, env, stream->first->offset);
    }
    uint64_t missing = stream->acked > stream->offset ? stream->acked - stream->offset : 0;
    /* One number more may be a FIN that was not captured. */
    if (goes_on && missing > (stream->fin == UINT64_MAX ? 1 : 0)) {
        (void)emit_gap(stream, env, stream->acked, env->flow->last_seq, env->flow->last_ns);
    }
    ml_stream_drop(stream, env);
}
