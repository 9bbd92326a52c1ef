/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/header.h"

enum { LONG_HEADER = 0x80, FIXED_BIT = 0x40 };

/* Two bits of the first byte; version 2 rotates their meaning so that nobody hard-codes it. */
static enum ml_quic_type type_of(uint8_t first, const struct ml_quic_version *version)
{
    static const enum ml_quic_type types[] = {ML_QUIC_INITIAL, ML_QUIC_ZERO_RTT, ML_QUIC_HANDSHAKE, ML_QUIC_RETRY};
    unsigned bits = first >> 4 & 3;
    return types[version->has_v2_types ? (bits + 3) & 3 : bits];
}

static bool read_cid(struct ml_reader *rd, struct ml_span *out)
{
    uint8_t len = 0;
    return ml_rd_u8(rd, &len) && (len <= ML_QUIC_MAX_CID || ml_rd_reject(rd)) && ml_rd_span(rd, len, out);
}

/* A list of versions; believed when it is one and holds a version that is known. */
static bool read_negotiation(struct ml_reader *rd, struct ml_quic_header *out)
{
    uint32_t wire = 0;
    bool has_known = false;
    out->type = ML_QUIC_NEGOTIATION;
    if (ml_rd_left(rd) % 4 != 0) {
        return ml_rd_reject(rd);
    }
    while (ml_rd_left(rd) != 0 && ml_rd_u32(rd, &wire)) {
        has_known = has_known || ml_quic_version_find(wire) != NULL;
    }
    return has_known;
}

static bool read_length(struct ml_reader *rd, size_t begin, struct ml_quic_header *out)
{
    uint64_t token = 0;
    uint64_t length = 0;
    if (out->type == ML_QUIC_INITIAL &&
        (!ml_rd_varint(rd, &token) || token > SIZE_MAX || !ml_rd_skip(rd, (size_t)token))) {
        return false;
    }
    if (!ml_rd_varint(rd, &length)) {
        return false;
    }
    out->number_at = ml_rd_pos(rd) - begin;
    if (length > ml_rd_left(rd) && rd->framed) { /* more than the datagram holds: a lie */
        return ml_rd_reject(rd);
    }
    if (length > UINT16_MAX) {
        return ml_rd_reject(rd);
    }
    out->len = out->number_at + (size_t)length;
    return ml_rd_skip(rd, length < ml_rd_left(rd) ? (size_t)length : ml_rd_left(rd));
}

bool ml_quic_header_next(struct ml_reader *rd, struct ml_quic_header *out)
{
    size_t begin = ml_rd_pos(rd);
    struct ml_span whole = ml_span_of(rd->base, rd->size);
    uint8_t first = 0;
    uint32_t wire = 0;
    memset(out, 0, sizeof *out);
    if (ml_rd_left(rd) == 0 || !ml_rd_u8(rd, &first) || (first & LONG_HEADER) == 0 || !ml_rd_u32(rd, &wire) ||
        !read_cid(rd, &out->dcid) || !read_cid(rd, &out->scid)) {
        return false;
    }
    if (wire == 0) {
        return read_negotiation(rd, out);
    }
    out->version = ml_quic_version_find(wire);
    if (out->version == NULL) {
        return false;
    }
    out->has_fixed_bit = (first & FIXED_BIT) != 0;
    out->type = type_of(first, out->version);
    if (out->type == ML_QUIC_RETRY) { /* token and tag up to the end of the datagram */
        out->len = ml_rd_left(rd) + ml_rd_pos(rd) - begin;
        out->packet = ml_span_cut(whole, begin, out->len);
        return ml_rd_left(rd) >= ML_QUIC_TAG && ml_rd_skip(rd, ml_rd_left(rd));
    }
    if (!read_length(rd, begin, out)) {
        return false;
    }
    out->packet = ml_span_cut(whole, begin, ml_rd_pos(rd) - begin);
    return true;
}
