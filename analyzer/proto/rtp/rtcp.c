/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/rtp/rtcp.h"

enum {
    VERSION_2 = 2,
    WORD = 4,
    SENDER_HEAD = 24, /* bytes behind the first word */
    RECEIVER_HEAD = 4,
    BLOCK = 24,
    TAG = 10,
    INDEX = 4,
    ENCRYPTED = 31 /* bit */
};

bool ml_rtcp_next(struct ml_reader *rd, struct ml_rtcp_packet *out)
{
    uint8_t first = 0;
    uint16_t words = 0;
    memset(out, 0, sizeof *out);
    if (ml_rd_left(rd) == 0 || !ml_rd_u8(rd, &first) || !ml_rd_u8(rd, &out->type) || !ml_rd_u16(rd, &words)) {
        return false;
    }
    if (first >> 6 != VERSION_2 || out->type < ML_RTCP_SR || out->type > ML_RTCP_XR) {
        return ml_rd_reject(rd);
    }
    out->count = first & 0x1f;
    if (!ml_rd_span(rd, WORD * (size_t)words, &out->body)) {
        return false;
    }
    struct ml_reader body = ml_rd_open_framed(out->body);
    return ml_rd_u32(&body, &out->ssrc) || words == 0;
}

bool ml_rtcp_begins(struct ml_span datagram, struct ml_rtcp_packet *first)
{
    struct ml_reader rd = ml_rd_open_framed(datagram);
    return ml_rtcp_next(&rd, first) && first->body.len != 0;
}

bool ml_rtcp_is_compound(struct ml_span datagram)
{
    struct ml_reader rd = ml_rd_open_framed(datagram);
    struct ml_rtcp_packet packet;
    unsigned n = 0;
    while (ml_rtcp_next(&rd, &packet)) {
        n++;
    }
    return n != 0 && ml_rd_done(&rd);
}

bool ml_rtcp_is_report(const struct ml_rtcp_packet *packet)
{
    size_t head = packet->type == ML_RTCP_SR ? SENDER_HEAD : RECEIVER_HEAD;
    return packet->type <= ML_RTCP_RR && packet->body.len == head + (size_t)packet->count * BLOCK;
}

void ml_rtcp_walk_init(struct ml_rtcp_walk *walk, const struct ml_rtcp_packet *description)
{
    *walk = (struct ml_rtcp_walk){
        .rd = ml_rd_open_framed(description->type == ML_RTCP_SDES ? description->body : ml_span_of(NULL, 0)),
        .n_left = description->type == ML_RTCP_SDES ? description->count : 0,
    };
}

/* The items of a source end with a zero byte and are filled up to the next word. */
static bool end_source(struct ml_rtcp_walk *walk)
{
    walk->is_inside = false;
    return ml_rd_skip(&walk->rd, (WORD - ml_rd_pos(&walk->rd) % WORD) % WORD);
}

bool ml_rtcp_walk_next(struct ml_rtcp_walk *walk, uint8_t *item, struct ml_span *text)
{
    for (;;) {
        uint8_t len = 0;
        if (!walk->is_inside) {
            if (walk->n_left == 0 || !ml_rd_u32(&walk->rd, &walk->ssrc)) {
                return false;
            }
            walk->n_left--;
            walk->is_inside = true;
        }
        if (!ml_rd_u8(&walk->rd, item)) {
            return false;
        }
        if (*item != ML_RTCP_END) {
            return *item <= ML_RTCP_PRIV && ml_rd_u8(&walk->rd, &len) && ml_rd_span(&walk->rd, len, text);
        }
        if (!end_source(walk)) {
            return false;
        }
    }
}

uint32_t ml_srtcp_index(struct ml_span datagram, bool is_last)
{
    size_t behind = is_last ? INDEX : INDEX + TAG;
    uint32_t word = 0;
    if (datagram.len < 8 + behind) {
        return 0;
    }
    struct ml_reader rd = ml_rd_open_framed(ml_span_cut(datagram, datagram.len - behind, INDEX));
    return ml_rd_u32(&rd, &word) && word >> ENCRYPTED != 0 ? word : 0;
}
