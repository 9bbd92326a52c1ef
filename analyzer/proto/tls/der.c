/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/der.h"

enum { MULTIPLE_BYTES = 0x1f, LONG_FORM = 0x80, MAX_LENGTH_BYTES = 4 };

static bool read_length(struct ml_reader *rd, size_t *len)
{
    uint8_t first = 0;
    uint8_t next = 0;
    *len = 0;
    if (!ml_rd_u8(rd, &first)) {
        return false;
    }
    if ((first & LONG_FORM) == 0) {
        *len = first;
        return true;
    }
    unsigned width = first & (LONG_FORM - 1);
    if (width == 0 || width > MAX_LENGTH_BYTES) { /* indefinite, or longer than any message */
        return ml_rd_reject(rd);
    }
    for (unsigned i = 0; i < width; i++) {
        if (!ml_rd_u8(rd, &next)) {
            return false;
        }
        *len = *len << 8 | next;
    }
    return true;
}

bool ml_der_next(struct ml_reader *rd, struct ml_der *out)
{
    size_t from = ml_rd_pos(rd);
    struct ml_span all = ml_span_of(rd->base, rd->size);
    size_t len = 0;
    memset(out, 0, sizeof *out);
    if (ml_rd_left(rd) == 0 || !ml_rd_u8(rd, &out->tag)) {
        return false;
    }
    if ((out->tag & MULTIPLE_BYTES) == MULTIPLE_BYTES) {
        return ml_rd_reject(rd);
    }
    if (!read_length(rd, &len) || !ml_rd_sub(rd, len, &out->body)) {
        return false;
    }
    out->whole = ml_span_cut(all, from, ml_rd_pos(rd) - from);
    return true;
}

bool ml_der_expect(struct ml_reader *rd, uint8_t tag, struct ml_der *out)
{
    return ml_der_next(rd, out) && (out->tag == tag || ml_rd_reject(rd));
}

unsigned ml_der_bits(struct ml_reader body)
{
    uint8_t top = 0;
    unsigned bits = 0;
    while (top == 0 && ml_rd_left(&body) != 0 && ml_rd_u8(&body, &top)) {
    }
    for (; top != 0; top >>= 1) {
        bits++;
    }
    return bits != 0 ? bits + 8 * (unsigned)ml_rd_left(&body) : 0;
}
