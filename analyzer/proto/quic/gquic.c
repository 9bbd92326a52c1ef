/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/gquic.h"

#include "core/text.h"

enum {
    HAS_VERSION = 0x01, /* public flags */
    IS_RESET = 0x02,
    HAS_CID = 0x08,
    RESERVED = 0xc0, /* multipath never came */
    LONG_HEADER = 0x80,
    CID = 8,
    AUTHENTICATION_HASH = 12, /* FNV-1a in place of a tag, before there are keys */
    MAX_TAGS = 128,           /* the ceiling of Google's own code */
    FIRST_VERSION = 24,       /* the first with this hash in place of a tag */
    LAST_VERSION = 46,        /* later ones encrypt their first packets */
    FIRST_BIG_ENDIAN = 39,
    LAST_PRIVATE_FLAGS = 33, /* up to here a byte of flags stands before the frames */
    HAS_FEC_GROUP = 0x02
};

static bool read_version(struct ml_reader *rd, struct ml_gquic_packet *out)
{
    uint8_t text[4];
    if (!ml_rd_copy(rd, text, sizeof text) || text[0] != 'Q' || text[1] != '0' || !ml_is_digit(text[2]) ||
        !ml_is_digit(text[3])) {
        return false;
    }
    memcpy(out->version, text, sizeof text);
    out->number = (unsigned)(text[2] - '0') * 10 + (unsigned)(text[3] - '0');
    return out->number >= FIRST_VERSION && out->number <= LAST_VERSION;
}

/* Q044 and Q046: the header of an early draft; lengths of both ids in one byte. */
static bool read_long(struct ml_reader *rd, uint8_t first, struct ml_gquic_packet *out)
{
    uint8_t lens = 0;
    struct ml_span scid = {0};
    if (!read_version(rd, out) || !ml_rd_u8(rd, &lens)) {
        return false;
    }
    size_t dcid_len = lens >> 4 != 0 ? (size_t)(lens >> 4) + 3 : 0;
    size_t scid_len = (lens & 15) != 0 ? (size_t)(lens & 15) + 3 : 0;
    size_t number_len = out->number == 46 ? (size_t)(first & 3) + 1 : 4;
    return ml_rd_span(rd, dcid_len, &out->cid) && ml_rd_span(rd, scid_len, &scid) && ml_rd_skip(rd, number_len);
}

static bool read_public(struct ml_reader *rd, uint8_t flags, struct ml_gquic_packet *out)
{
    static const uint8_t number_lens[] = {1, 2, 4, 6};
    if ((flags & (HAS_VERSION | HAS_CID)) != (HAS_VERSION | HAS_CID) || (flags & (IS_RESET | RESERVED)) != 0) {
        return false;
    }
    return ml_rd_span(rd, CID, &out->cid) && read_version(rd, out) && ml_rd_skip(rd, number_lens[flags >> 4 & 3]);
}

bool ml_gquic_packet_parse(struct ml_reader *rd, struct ml_gquic_packet *out)
{
    uint8_t first = 0;
    memset(out, 0, sizeof *out);
    if (!ml_rd_u8(rd, &first)) {
        return false;
    }
    bool ok = (first & LONG_HEADER) != 0 ? read_long(rd, first, out) : read_public(rd, first, out);
    if (!ok) {
        return false;
    }
    uint8_t flags = 0;
    ok = ml_rd_skip(rd, AUTHENTICATION_HASH);
    if (out->number <= LAST_PRIVATE_FLAGS) {
        ok = ok && ml_rd_u8(rd, &flags) && ((flags & HAS_FEC_GROUP) == 0 || ml_rd_skip(rd, 1));
    }
    out->frames = ok ? ml_rd_rest(rd) : ml_span_of(NULL, 0);
    return true;
}

/* STREAM frame: 1fdoooss. */
static bool read_stream(struct ml_reader *rd, uint8_t type, bool is_big_endian, bool *is_handshake,
                        struct ml_span *data)
{
    size_t offset_len = (type >> 2 & 7) != 0 ? (size_t)(type >> 2 & 7) + 1 : 0;
    uint8_t id[4] = {0};
    uint16_t len = 0;
    if (!ml_rd_copy(rd, id, (size_t)(type & 3) + 1) || !ml_rd_skip(rd, offset_len)) {
        return false;
    }
    *is_handshake = (type & 3) == 0 && id[0] == 1; /* stream 1, in its shortest form */
    if ((type & 0x20) == 0) {
        *data = ml_rd_rest(rd);
        return true;
    }
    if (!(is_big_endian ? ml_rd_u16(rd, &len) : ml_rd_le16(rd, &len))) {
        return false;
    }
    return ml_rd_span(rd, len < ml_rd_left(rd) ? len : ml_rd_left(rd), data);
}

bool ml_gquic_hello_find(const struct ml_gquic_packet *packet, struct ml_span *chlo)
{
    struct ml_reader rd = ml_rd_open(packet->frames);
    *chlo = ml_span_of(NULL, 0);
    while (ml_rd_left(&rd) != 0) {
        uint8_t type = 0;
        bool is_handshake = false;
        struct ml_span data = {0};
        if (!ml_rd_u8(&rd, &type)) {
            return false;
        }
        if ((type & 0x80) == 0) {
            if (type != 0 && type != 7) { /* PADDING, PING; what else there is does not come before a hello */
                return false;
            }
            continue;
        }
        if (!read_stream(&rd, type, packet->number >= FIRST_BIG_ENDIAN, &is_handshake, &data)) {
            return false;
        }
        if (is_handshake && ml_span_starts(data, "CHLO")) {
            *chlo = data;
            return true;
        }
    }
    return false;
}

bool ml_gquic_hello_parse(struct ml_reader *rd, struct ml_gquic_hello *out)
{
    uint8_t magic[4];
    uint16_t n_tags = 0;
    struct ml_reader index;
    memset(out, 0, sizeof *out);
    if (!ml_rd_copy(rd, magic, sizeof magic) || memcmp(magic, "CHLO", 4) != 0 || !ml_rd_le16(rd, &n_tags) ||
        n_tags > MAX_TAGS || !ml_rd_skip(rd, 2) || !ml_rd_sub(rd, (size_t)n_tags * 8, &index)) {
        return false;
    }
    struct ml_span values = ml_rd_rest(rd);
    uint32_t begin = 0;
    while (ml_rd_left(&index) != 0) {
        uint8_t tag[4];
        uint32_t end = 0;
        if (!ml_rd_copy(&index, tag, sizeof tag) || !ml_rd_le32(&index, &end) || end < begin) {
            return false; /* ends must ascend */
        }
        if (end > values.len) {
            out->is_cut = true;
            return true;
        }
        struct ml_span value = ml_span_cut(values, begin, end - begin);
        if (memcmp(tag, "SNI\0", 4) == 0) {
            out->host_name = value;
        } else if (memcmp(tag, "UAID", 4) == 0) {
            out->user_agent = value;
        }
        begin = end;
    }
    return true;
}
