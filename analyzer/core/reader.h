/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader - the one way to look at hostile bytes.
 *
 * In:        a span and the knowledge whether its end was declared by the sender ("framed") or is only the
 *            edge of what was captured.
 * Out:       values, child readers, and one of three outcomes: OK, SHORT (edge of the capture: wait, or count as
 *            truncated), BAD (the bytes contradict themselves: never wait).
 * Invariant: pos <= size. The only bounds test is n <= size - pos, which cannot wrap.
 * Latch:     the first failure empties the reader, so that all later reads fail too and one check at the end of a
 *            chain suffices. Out-values are 0 (or empty) after a failure.
 * Lifetime:  spans handed out borrow the bytes below the reader.
 */
#ifndef MITLESER_CORE_READER_H
#define MITLESER_CORE_READER_H

#include "core/span.h"
#include "core/status.h"

enum ml_rd_state {
    ML_RD_OK,
    ML_RD_SHORT, /* ran over the edge of the capture */
    ML_RD_BAD    /* ran over a length the sender declared, or a value was rejected */
};

struct ml_reader {
    const uint8_t *base;
    size_t size;
    size_t pos;
    enum ml_rd_state state;
    bool framed; /* the end of these bytes was declared by the sender */
};

/* Reads captured bytes: running over the end is SHORT. */
static inline struct ml_reader ml_rd_open(struct ml_span bytes)
{
    return (struct ml_reader){.base = bytes.ptr, .size = bytes.len};
}

/* Reads bytes whose end the sender declared: running over the end is BAD. */
static inline struct ml_reader ml_rd_open_framed(struct ml_span bytes)
{
    return (struct ml_reader){.base = bytes.ptr, .size = bytes.len, .framed = true};
}

/* Bytes not yet read; 0 after a failure. */
static inline size_t ml_rd_left(const struct ml_reader *rd)
{
    return rd->size - rd->pos;
}

/* Bytes already read. */
size_t ml_rd_pos(const struct ml_reader *rd);

/* No failure so far. */
bool ml_rd_ok(const struct ml_reader *rd);

/* No failure and nothing left. */
bool ml_rd_done(const struct ml_reader *rd);

/* The parser refuses a value it has read: latches BAD, returns false. */
bool ml_rd_reject(struct ml_reader *rd);

/* Big-endian (network order) integers. */
bool ml_rd_u8(struct ml_reader *rd, uint8_t *out) ML_MUST_USE;
bool ml_rd_u16(struct ml_reader *rd, uint16_t *out) ML_MUST_USE;
bool ml_rd_u24(struct ml_reader *rd, uint32_t *out) ML_MUST_USE;
bool ml_rd_u32(struct ml_reader *rd, uint32_t *out) ML_MUST_USE;
bool ml_rd_u64(struct ml_reader *rd, uint64_t *out) ML_MUST_USE;

/* Little-endian integers. */
bool ml_rd_le16(struct ml_reader *rd, uint16_t *out) ML_MUST_USE;
bool ml_rd_le32(struct ml_reader *rd, uint32_t *out) ML_MUST_USE;
bool ml_rd_le64(struct ml_reader *rd, uint64_t *out) ML_MUST_USE;

/* Variable-length integer of RFC 9000, section 16. */
bool ml_rd_varint(struct ml_reader *rd, uint64_t *out) ML_MUST_USE;

/* What ml_rd_take does when it cannot; not called from elsewhere. */
ML_COLD const uint8_t *ml_rd_take_slow(struct ml_reader *rd, size_t n);

/*
 * The next n bytes, NULL when they are not there: the one bounds test of the program, inline because every header of
 * every packet passes it. For headers of fixed length, read at constant offsets below n.
 */
static inline const uint8_t *ml_rd_take(struct ml_reader *rd, size_t n)
{
    if (n == 0 || n > rd->size - rd->pos) { /* a failed reader has nothing left */
        return ml_rd_take_slow(rd, n);
    }
    const uint8_t *at = rd->base + rd->pos;
    rd->pos += n;
    return at;
}

/* A header declared that n bytes are left: what lies behind is cut off, and the reader is framed. n <= ml_rd_left. */
static inline bool ml_rd_frame(struct ml_reader *rd, size_t n)
{
    if (n > rd->size - rd->pos) {
        return ml_rd_take_slow(rd, n) != NULL;
    }
    rd->size = rd->pos + n;
    rd->framed = true;
    return true;
}

/* Looks at the next byte without taking it. */
bool ml_rd_peek(struct ml_reader *rd, uint8_t *out) ML_MUST_USE;

bool ml_rd_skip(struct ml_reader *rd, size_t n) ML_MUST_USE;
bool ml_rd_span(struct ml_reader *rd, size_t n, struct ml_span *out) ML_MUST_USE;

/* Copies n bytes to `out`, which is zeroed on failure. */
bool ml_rd_copy(struct ml_reader *rd, void *out, size_t n) ML_MUST_USE;

/* Everything that is left; empty after a failure. */
struct ml_span ml_rd_rest(struct ml_reader *rd);

/* Splits off n bytes as a framed child. */
bool ml_rd_sub(struct ml_reader *rd, size_t n, struct ml_reader *child) ML_MUST_USE;

/* Reads a length of `width` bytes (1, 2, 3 or 4, big endian) and splits that many bytes off as a framed child. */
bool ml_rd_vector(struct ml_reader *rd, unsigned width, struct ml_reader *child) ML_MUST_USE;

/*
 * As ml_rd_vector, but where a capture cut the bytes short the child holds what is there and is not framed, so that
 * running over its edge is SHORT. Inside a framed reader a length beyond the frame stays BAD.
 */
bool ml_rd_vector_clipped(struct ml_reader *rd, unsigned width, struct ml_reader *child) ML_MUST_USE;

/* Bytes before the next `stop`, which is consumed but not part of `out`. Without a `stop`: SHORT or BAD. */
bool ml_rd_until(struct ml_reader *rd, uint8_t stop, struct ml_span *out) ML_MUST_USE;

#endif
