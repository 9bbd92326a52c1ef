/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/streams.h"

#include "core/mem.h"

enum {
    KINDS = 4,      /* of streams: who began them, one way or both */
    REMEMBERED = 16 /* words of bits: sides that are over, of the newest 1,024 streams of a kind */
};

#define NO_END UINT64_MAX

struct piece {
    struct piece *next; /* by offset, without overlap */
    uint64_t offset;
    uint64_t seq;
    int64_t time_ns;
    size_t len;
    uint8_t bytes[];
};

struct side {
    uint64_t stream;
    uint64_t order;       /* of its arrival */
    uint64_t next;        /* offset of the next byte to hand on */
    uint64_t end;         /* NO_END: not known */
    struct piece *pieces; /* owned */
    struct ml_chunk last; /* without bytes */
};

/* Sides of one kind that are over: what is sent again of them must not begin them anew. */
struct finished {
    uint64_t base; /* number of the stream of the first bit, all before are over */
    uint64_t bits[REMEMBERED];
};

struct ml_quic_streams {
    struct ml_quic_stream_owner owner;
    struct side *open[ML_MAX_QUIC_STREAMS]; /* owned */
    size_t n_open;
    uint64_t n_begun;
    size_t waiting; /* bytes in pieces */
    size_t n_pieces;
    struct finished finished[2][KINDS];
};

struct ml_quic_streams *ml_quic_streams_new(const struct ml_quic_stream_owner *owner)
{
    struct ml_quic_streams *streams = ml_mem_array(1, sizeof *streams);
    if (streams != NULL) {
        streams->owner = *owner;
    }
    return streams;
}

/* --- sides that are over --- */

static bool is_finished(const struct ml_quic_streams *streams, enum ml_dir dir, uint64_t stream)
{
    const struct finished *finished = &streams->finished[dir][stream % KINDS];
    uint64_t number = stream / KINDS;
    if (number < finished->base) {
        return true;
    }
    uint64_t at = number - finished->base;
    return at / 64 < REMEMBERED && (finished->bits[at / 64] >> at % 64 & 1) != 0;
}

/* Makes room for the number: older ones count as over, whatever they were. */
static void reach(struct finished *finished, uint64_t number)
{
    uint64_t words = (number - finished->base) / 64;
    if (words < REMEMBERED) {
        return;
    }
    uint64_t drop = words - REMEMBERED + 1;
    for (uint64_t i = 0; i < REMEMBERED; i++) {
        finished->bits[i] = drop < REMEMBERED && i + drop < REMEMBERED ? finished->bits[i + drop] : 0;
    }
    finished->base += 64 * drop;
}

static void finish(struct ml_quic_streams *streams, enum ml_dir dir, uint64_t stream)
{
    struct finished *finished = &streams->finished[dir][stream % KINDS];
    uint64_t number = stream / KINDS;
    if (number >= finished->base) {
        reach(finished, number);
        finished->bits[(number - finished->base) / 64] |= UINT64_C(1) << (number - finished->base) % 64;
    }
}

/* --- handing on --- */

static void hand_on(struct ml_quic_streams *streams, struct side *side, const struct ml_chunk *chunk)
{
    side->next = chunk->offset + chunk->gap_len + chunk->bytes.len;
    streams->owner.take(streams->owner.context, side->stream, chunk, side->next == side->end);
}

static void drop_piece(struct ml_quic_streams *streams, struct side *side)
{
    struct piece *piece = side->pieces;
    side->pieces = piece->next;
    streams->waiting -= piece->len;
    streams->n_pieces--;
    ml_mem_free(piece);
}

/* Hands on the pieces that stand at the front. */
static void drain(struct ml_quic_streams *streams, struct side *side)
{
    while (side->pieces != NULL && side->pieces->offset <= side->next) {
        const struct piece *piece = side->pieces;
        uint64_t known = side->next - piece->offset;
        if (known < piece->len) {
            struct ml_chunk chunk = side->last;
            chunk.seq = piece->seq;
            chunk.time_ns = piece->time_ns;
            chunk.offset = side->next;
            chunk.bytes = ml_span_of(piece->bytes + known, piece->len - (size_t)known);
            hand_on(streams, side, &chunk);
        }
        drop_piece(streams, side);
    }
}

/* Nothing fills the hole at the front any more. */
static void give_up_hole(struct ml_quic_streams *streams, struct side *side)
{
    if (side->pieces != NULL && side->pieces->offset > side->next) {
        struct ml_chunk gap = side->last;
        gap.offset = side->next;
        gap.gap_len = side->pieces->offset - side->next;
        hand_on(streams, side, &gap);
    }
    drain(streams, side);
}

static void remove_at(struct ml_quic_streams *streams, size_t at)
{
    struct side *side = streams->open[at];
    while (side->pieces != NULL) {
        drop_piece(streams, side);
    }
    finish(streams, side->last.dir, side->stream);
    streams->open[at] = streams->open[--streams->n_open];
    ml_mem_free(side);
}

/* Hands on what waits, and says that the end is missing where it is. */
static void end_at(struct ml_quic_streams *streams, size_t at)
{
    struct side *side = streams->open[at];
    while (side->pieces != NULL) {
        give_up_hole(streams, side);
    }
    if (side->next != side->end) {
        streams->owner.cut(streams->owner.context, side->stream, &side->last);
    }
    remove_at(streams, at);
}

static size_t oldest(const struct ml_quic_streams *streams)
{
    size_t found = 0;
    for (size_t i = 1; i < streams->n_open; i++) {
        if (streams->open[i]->order < streams->open[found]->order) {
            found = i;
        }
    }
    return found;
}

void ml_quic_streams_free(struct ml_quic_streams *streams)
{
    if (streams != NULL) {
        while (streams->n_open != 0) {
            end_at(streams, oldest(streams));
        }
        ml_mem_free(streams);
    }
}

/* --- taking in --- */

static size_t find(const struct ml_quic_streams *streams, enum ml_dir dir, uint64_t stream)
{
    size_t at = 0;
    while (at < streams->n_open && (streams->open[at]->stream != stream || streams->open[at]->last.dir != dir)) {
        at++;
    }
    return at;
}

/* The streams that a connection needs to the end are those of one way (control, tables): they are not the oldest. */
static size_t victim(const struct ml_quic_streams *streams)
{
    size_t found = streams->n_open;
    for (size_t i = 0; i < streams->n_open; i++) {
        bool is_both_ways = (streams->open[i]->stream & 2) == 0;
        if (is_both_ways && (found == streams->n_open || streams->open[i]->order < streams->open[found]->order)) {
            found = i;
        }
    }
    return found < streams->n_open ? found : oldest(streams);
}

/* NULL for a side that is over, or when memory runs out. */
static struct side *get(struct ml_quic_streams *streams, const struct ml_chunk *chunk, uint64_t stream)
{
    size_t at = find(streams, chunk->dir, stream);
    if (at < streams->n_open) {
        return streams->open[at];
    }
    if (is_finished(streams, chunk->dir, stream)) {
        return NULL;
    }
    if (streams->n_open == ML_MAX_QUIC_STREAMS) {
        ml_count(streams->owner.counters, ML_COUNT_LIMIT_QUIC_STREAMS);
        end_at(streams, victim(streams));
    }
    struct side *side = ml_mem_array(1, sizeof *side);
    if (side == NULL) {
        ml_count(streams->owner.counters, ML_COUNT_LIMIT_MEMORY);
        return NULL;
    }
    side->stream = stream;
    side->order = ++streams->n_begun;
    side->end = NO_END;
    streams->open[streams->n_open++] = side;
    return side;
}

static bool insert(struct ml_quic_streams *streams, struct piece **link, const struct ml_chunk *chunk, uint64_t offset,
                   struct ml_span bytes)
{
    struct piece *piece = ml_mem_array(sizeof *piece + bytes.len, 1);
    if (piece == NULL) {
        ml_count(streams->owner.counters, ML_COUNT_LIMIT_MEMORY);
        return false;
    }
    piece->offset = offset;
    piece->seq = chunk->seq;
    piece->time_ns = chunk->time_ns;
    piece->len = bytes.len;
    memcpy(piece->bytes, bytes.ptr, bytes.len);
    piece->next = *link;
    *link = piece;
    streams->waiting += bytes.len;
    streams->n_pieces++;
    return true;
}

/* Keeps what is new of bytes that lie behind a hole; of bytes sent twice the first copy stays. */
static void keep(struct ml_quic_streams *streams, struct side *side, const struct ml_chunk *chunk)
{
    struct piece **link = &side->pieces;
    uint64_t at = chunk->offset;
    uint64_t end = chunk->offset + chunk->bytes.len;
    while (at < end) {
        while (*link != NULL && (*link)->offset + (*link)->len <= at) {
            link = &(*link)->next;
        }
        if (*link != NULL && (*link)->offset <= at) {
            at = (*link)->offset + (*link)->len;
            continue;
        }
        uint64_t to = *link != NULL && (*link)->offset < end ? (*link)->offset : end;
        struct ml_span part = ml_span_cut(chunk->bytes, (size_t)(at - chunk->offset), (size_t)(to - at));
        if (!insert(streams, link, chunk, at, part)) {
            return;
        }
        at = to;
    }
}

static bool has_room(const struct ml_quic_streams *streams, size_t len)
{
    return len <= ML_MAX_QUIC_WAITING - streams->waiting && streams->n_pieces + 1 < ML_MAX_QUIC_PIECES;
}

static void add_bytes(struct ml_quic_streams *streams, struct side *side, const struct ml_chunk *chunk)
{
    uint64_t end = chunk->offset + chunk->bytes.len;
    if (chunk->offset > side->next && !has_room(streams, chunk->bytes.len)) {
        ml_count(streams->owner.counters, ML_COUNT_LIMIT_QUIC_WAITING);
        while (side->pieces != NULL && side->pieces->offset < chunk->offset) {
            give_up_hole(streams, side);
        }
    }
    if (chunk->offset > side->next && has_room(streams, chunk->bytes.len)) {
        keep(streams, side, chunk);
        return;
    }
    if (chunk->offset > side->next) { /* what waits in other streams leaves no room */
        struct ml_chunk gap = side->last;
        gap.offset = side->next;
        gap.gap_len = chunk->offset - side->next;
        hand_on(streams, side, &gap);
    }
    while (side->next < end) {
        uint64_t to = side->pieces != NULL && side->pieces->offset < end ? side->pieces->offset : end;
        struct ml_chunk part = *chunk;
        part.offset = side->next;
        part.bytes = ml_span_cut(chunk->bytes, (size_t)(side->next - chunk->offset),
                                 to > side->next ? (size_t)(to - side->next) : 0);
        if (part.bytes.len != 0) {
            hand_on(streams, side, &part);
        }
        drain(streams, side);
    }
    drain(streams, side);
}

void ml_quic_streams_add(struct ml_quic_streams *streams, uint64_t stream, const struct ml_chunk *chunk, bool is_end)
{
    if (chunk->offset > UINT64_MAX / 4 - chunk->bytes.len) { /* a varint has 62 bits */
        ml_count(streams->owner.counters, ML_COUNT_BAD_QUIC);
        return;
    }
    struct side *side = get(streams, chunk, stream);
    if (side == NULL) {
        return;
    }
    side->last = *chunk;
    side->last.bytes = ml_span_of(NULL, 0);
    if (is_end && side->end == NO_END) {
        side->end = chunk->offset + chunk->bytes.len;
    }
    bool was_over = side->next == side->end;
    struct ml_chunk part = *chunk;
    if (side->end != NO_END && chunk->offset + chunk->bytes.len > side->end) { /* bytes behind the end: a liar */
        part.bytes = ml_span_cut(chunk->bytes, 0, chunk->offset < side->end ? (size_t)(side->end - chunk->offset) : 0);
    }
    if (part.bytes.len != 0) {
        add_bytes(streams, side, &part);
    }
    if (was_over) { /* an end of its own, without bytes */
        side->last.offset = side->next;
        streams->owner.take(streams->owner.context, stream, &side->last, true);
    }
    if (side->next > side->end) { /* bytes behind the end came before it: a liar */
        streams->owner.cut(streams->owner.context, stream, &side->last);
    }
    if (side->next >= side->end) {
        remove_at(streams, find(streams, chunk->dir, stream));
    }
}

void ml_quic_streams_reset(struct ml_quic_streams *streams, uint64_t stream, const struct ml_chunk *chunk)
{
    struct side *side = get(streams, chunk, stream);
    if (side == NULL) {
        return;
    }
    side->last = *chunk;
    side->last.bytes = ml_span_of(NULL, 0);
    end_at(streams, find(streams, chunk->dir, stream));
}
