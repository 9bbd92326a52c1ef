/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 791; what both versions of IP share. */
#include "decode/net.h"

bool ml_net_fragment(struct ml_peel *peel, const struct ml_fragment *fragment, ml_step *again)
{
    struct ml_datagram whole;
    switch (ml_defrag_add(peel->defrag, fragment, &whole)) {
    case ML_DEFRAG_WHOLE:
        peel->rd = whole.missing != 0 ? ml_rd_open(whole.packet) : ml_rd_open_framed(whole.packet);
        peel->missing = whole.missing;
        peel->whole_len = whole.wire_len;
        peel->has_whole = true;
        peel->segment->was_fragmented = true;
        return ml_peel_go(peel, again);
    case ML_DEFRAG_WAITING:
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_FRAGMENT);
    case ML_DEFRAG_BAD:
    default:
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_FRAGMENT);
    }
}

static void set_address(struct ml_ip *ip, const uint8_t *bytes)
{
    memset(ip, 0, sizeof *ip); /* an outer IPv6 header may have filled it */
    ip->family = 4;
    memcpy(ip->bytes, bytes, 4);
}

static ML_COLD bool add_fragment(struct ml_peel *peel, const uint8_t *head, size_t head_len)
{
    enum { MORE = 0x2000, OFFSET = 0x1fff };
    const struct ml_segment *segment = peel->segment;
    uint16_t word = ml_be16(head + 6);
    struct ml_fragment fragment = {
        .src = segment->src,
        .dst = segment->dst,
        .id = ml_be16(head + 4),
        .proto = segment->ip_proto,
        .head = ml_span_of(head, head_len),
        .offset = (word & OFFSET) * 8U,
        .is_last = (word & MORE) == 0,
        .bytes = ml_rd_rest(&peel->rd),
        .missing = peel->missing,
        .wire_len = segment->ip_len,
        .time_ns = segment->time_ns,
    };
    return ml_net_fragment(peel, &fragment, ml_net_ip4);
}

bool ml_net_ip4(struct ml_peel *peel)
{
    enum { FRAGMENT = 0x3fff };
    struct ml_segment *segment = peel->segment;
    size_t room = ml_rd_left(&peel->rd) + peel->missing;
    const uint8_t *head = ml_peel_head(peel, 20);
    if (head == NULL) {
        return ml_peel_short(peel, ML_COUNT_UNDECODED_SHORT_IP, ML_COUNT_UNDECODED_BAD_IP);
    }
    size_t head_len = (head[0] & 0x0fU) * 4U;
    size_t len = ml_be16(head + 2);
    if (len == 0) {
        len = room; /* the card was left to cut a large send into packets and to write the length */
    }
    if (head[0] >> 4 != 4 || head_len < 20 || len < head_len) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_IP);
    }
    if (!ml_net_frame(peel, head, 20, len - 20)) {
        return false;
    }
    if (head_len != 20 && !ml_rd_skip(&peel->rd, head_len - 20)) {
        return ml_peel_short(peel, ML_COUNT_UNDECODED_SHORT_IP, ML_COUNT_UNDECODED_BAD_IP);
    }
    segment->ttl = head[8];
    segment->ip_proto = head[9];
    set_address(&segment->src, head + 12);
    set_address(&segment->dst, head + 16);
    if ((ml_be16(head + 6) & FRAGMENT) != 0) {
        return add_fragment(peel, head, head_len);
    }
    return ml_net_transport(peel);
}
