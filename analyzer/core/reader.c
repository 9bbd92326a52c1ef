/* SPDX-License-Identifier: Apache-2.0 */
#include "core/reader.h"

size_t ml_rd_pos(const struct ml_reader *rd)
{
    return rd->pos;
}

bool ml_rd_ok(const struct ml_reader *rd)
{
    return rd->state == ML_RD_OK;
}

bool ml_rd_done(const struct ml_reader *rd)
{
    return rd->state == ML_RD_OK && rd->pos == rd->size;
}

static bool latch(struct ml_reader *rd, enum ml_rd_state state)
{
    if (rd->state == ML_RD_OK) {
        rd->state = state;
    }
    rd->size = rd->pos; /* empties the reader: every later read fails as well */
    return false;
}

bool ml_rd_reject(struct ml_reader *rd)
{
    return latch(rd, ML_RD_BAD);
}

const uint8_t *ml_rd_take_slow(struct ml_reader *rd, size_t n)
{
    if (rd->state == ML_RD_OK && n == 0) {
        return rd->base != NULL ? rd->base + rd->pos : (const uint8_t *)""; /* nothing, but not a failure */
    }
    (void)latch(rd, rd->framed ? ML_RD_BAD : ML_RD_SHORT);
    return NULL;
}

static bool big_endian(struct ml_reader *rd, unsigned width, uint64_t *out)
{
    const uint8_t *p = ml_rd_take(rd, width);
    *out = 0;
    if (p == NULL) {
        return false;
    }
    for (unsigned i = 0; i < width; i++) {
        *out = *out << 8 | p[i];
    }
    return true;
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

bool ml_rd_u8(struct ml_reader *rd, uint8_t *out)
{
    const uint8_t *p = ml_rd_take(rd, 1);
    *out = p != NULL ? p[0] : 0;
    return p != NULL;
}

bool ml_rd_u16(struct ml_reader *rd, uint16_t *out)
{
    const uint8_t *p = ml_rd_take(rd, 2);
    *out = (uint16_t)(p != NULL ? p[0] << 8 | p[1] : 0);
    return p != NULL;
}

bool ml_rd_u24(struct ml_reader *rd, uint32_t *out)
{
    const uint8_t *p = ml_rd_take(rd, 3);
    *out = p != NULL ? (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2] : 0;
    return p != NULL;
}

bool ml_rd_u32(struct ml_reader *rd, uint32_t *out)
{
    const uint8_t *p = ml_rd_take(rd, 4);
    *out = p != NULL ? be32(p) : 0;
    return p != NULL;
}

bool ml_rd_u64(struct ml_reader *rd, uint64_t *out)
{
    const uint8_t *p = ml_rd_take(rd, 8);
    *out = p != NULL ? (uint64_t)be32(p) << 32 | be32(p + 4) : 0;
    return p != NULL;
}

bool ml_rd_le16(struct ml_reader *rd, uint16_t *out)
{
    const uint8_t *p = ml_rd_take(rd, 2);
    *out = (uint16_t)(p != NULL ? p[1] << 8 | p[0] : 0);
    return p != NULL;
}

bool ml_rd_le32(struct ml_reader *rd, uint32_t *out)
{
    const uint8_t *p = ml_rd_take(rd, 4);
    *out = p != NULL ? le32(p) : 0;
    return p != NULL;
}

bool ml_rd_le64(struct ml_reader *rd, uint64_t *out)
{
    const uint8_t *p = ml_rd_take(rd, 8);
    *out = p != NULL ? (uint64_t)le32(p + 4) << 32 | le32(p) : 0;
    return p != NULL;
}

bool ml_rd_varint(struct ml_reader *rd, uint64_t *out)
{
    uint8_t first = 0;
    *out = 0;
    if (!ml_rd_peek(rd, &first)) {
        return false;
    }
    unsigned width = 1U << (first >> 6);
    if (!big_endian(rd, width, out)) {
        return false;
    }
    *out &= UINT64_MAX >> (64 - 8 * width + 2);
    return true;
}

bool ml_rd_peek(struct ml_reader *rd, uint8_t *out)
{
    const uint8_t *p = ml_rd_take(rd, 1);
    *out = p != NULL ? p[0] : 0;
    rd->pos -= p != NULL ? 1 : 0;
    return p != NULL;
}

bool ml_rd_skip(struct ml_reader *rd, size_t n)
{
    return ml_rd_take(rd, n) != NULL;
}

bool ml_rd_span(struct ml_reader *rd, size_t n, struct ml_span *out)
{
    const uint8_t *p = ml_rd_take(rd, n);
    *out = p != NULL ? ml_span_of(p, n) : ml_span_of(NULL, 0);
    return p != NULL;
}

bool ml_rd_copy(struct ml_reader *rd, void *out, size_t n)
{
    const uint8_t *p = ml_rd_take(rd, n);
    if (p == NULL) {
        memset(out, 0, n);
        return false;
    }
    memcpy(out, p, n);
    return true;
}

struct ml_span ml_rd_rest(struct ml_reader *rd)
{
    struct ml_span rest = {0};
    bool ok = ml_rd_span(rd, ml_rd_left(rd), &rest);
    return ok ? rest : ml_span_of(NULL, 0); /* a latched reader has nothing left */
}

bool ml_rd_sub(struct ml_reader *rd, size_t n, struct ml_reader *child)
{
    struct ml_span bytes = {0};
    bool ok = ml_rd_span(rd, n, &bytes);
    *child = ml_rd_open_framed(bytes);
    if (!ok) {
        child->state = rd->state; /* a child nobody may read from */
    }
    return ok;
}

bool ml_rd_vector(struct ml_reader *rd, unsigned width, struct ml_reader *child)
{
    uint64_t len = 0;
    *child = ml_rd_open_framed(ml_span_of(NULL, 0));
    if (!big_endian(rd, width, &len)) {
        child->state = rd->state;
        return false;
    }
    return ml_rd_sub(rd, (size_t)len, child);
}

bool ml_rd_vector_clipped(struct ml_reader *rd, unsigned width, struct ml_reader *child)
{
    uint64_t len = 0;
    *child = ml_rd_open_framed(ml_span_of(NULL, 0));
    if (!big_endian(rd, width, &len)) {
        child->state = rd->state;
        return false;
    }
    if (len > ml_rd_left(rd) && !rd->framed) {
        *child = ml_rd_open(ml_rd_rest(rd));
        return true;
    }
    return ml_rd_sub(rd, (size_t)len, child);
}

bool ml_rd_until(struct ml_reader *rd, uint8_t stop, struct ml_span *out)
{
    size_t left = ml_rd_left(rd);
    const uint8_t *from = left != 0 ? rd->base + rd->pos : NULL;
    const uint8_t *hit = from != NULL ? memchr(from, stop, left) : NULL;
    if (hit == NULL) {
        *out = ml_span_of(NULL, 0);
        return latch(rd, rd->framed ? ML_RD_BAD : ML_RD_SHORT);
    }
    return ml_rd_span(rd, (size_t)(hit - from), out) && ml_rd_skip(rd, 1);
}
