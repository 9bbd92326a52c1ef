/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 8200; RFC 4302 (AH); RFC 6946 (atomic fragments). */
#include "decode/net.h"

enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, AUTHENTICATION = 51, NO_NEXT = 59, OPTIONS = 60 };

/* Where the walk over the extension headers stands. */
struct chain {
    const uint8_t *head; /* of the IPv6 header */
    size_t len;          /* bytes of headers read, from `head` */
    size_t named_at;     /* offset from `head` of the byte that named the header at hand */
    uint8_t next;        /* its number */
};

static bool is_short(struct ml_peel *peel)
{
    return ml_peel_short(peel, ML_COUNT_UNDECODED_SHORT_IP, ML_COUNT_UNDECODED_BAD_IP);
}

/* All extension headers but the fragment header start with the next header's number and their own length. */
static bool skip_extension(struct ml_peel *peel, struct chain *chain)
{
    const uint8_t *start = ml_peel_head(peel, 2);
    if (start == NULL) {
        return is_short(peel);
    }
    size_t len = chain->next == AUTHENTICATION ? (start[1] + 2U) * 4U : (start[1] + 1U) * 8U;
    if (!ml_rd_skip(&peel->rd, len - 2)) {
        return is_short(peel);
    }
    chain->next = start[0];
    chain->named_at = chain->len;
    chain->len += len;
    return true;
}

static ML_COLD bool add_fragment(struct ml_peel *peel, const struct chain *chain, const uint8_t *header)
{
    const struct ml_segment *segment = peel->segment;
    struct ml_fragment fragment = {
        .src = segment->src,
        .dst = segment->dst,
        .id = ml_be32(header + 4),
        .head = ml_span_of(chain->head, chain->len),
        .named_at = chain->named_at,
        .next = header[0],
        .offset = ml_be16(header + 2) & 0xfff8U,
        .is_last = (header[3] & 1) == 0,
        .bytes = ml_rd_rest(&peel->rd),
        .missing = peel->missing,
        .wire_len = segment->ip_len,
        .time_ns = segment->time_ns,
    };
    return ml_net_fragment(peel, &fragment, ml_net_ip6);
}

/* *is_whole: the header did not make this packet a part of another, so the walk goes on behind it. */
static bool read_fragment(struct ml_peel *peel, struct chain *chain, bool *is_whole)
{
    const uint8_t *header = ml_peel_head(peel, 8);
    if (header == NULL) {
        return is_short(peel);
    }
    *is_whole = (ml_be16(header + 2) & 0xfff9) == 0;
    if (!*is_whole) {
        return add_fragment(peel, chain, header);
    }
    chain->next = header[0];
    chain->named_at = chain->len;
    chain->len += 8;
    return true;
}

static bool walk(struct ml_peel *peel, struct chain *chain)
{
    for (unsigned n = 0; n <= ML_MAX_IP6_EXTENSIONS; n++) {
        bool is_whole = true;
        switch (chain->next) {
        case HOP_BY_HOP:
        case ROUTING:
        case OPTIONS:
        case AUTHENTICATION:
            if (!skip_extension(peel, chain)) {
                return false;
            }
            break;
        case FRAGMENT:
            if (!read_fragment(peel, chain, &is_whole)) {
                return false;
            }
            if (!is_whole) {
                return true; /* the next step reads the datagram */
            }
            break;
        default:
            peel->segment->ip_proto = chain->next;
            return ml_net_transport(peel);
        }
    }
    return ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_IP);
}

static void set_address(struct ml_ip *ip, const uint8_t *bytes)
{
    ip->family = 6;
    memcpy(ip->bytes, bytes, 16);
}

bool ml_net_ip6(struct ml_peel *peel)
{
    enum { HEADER = 40 };
    struct ml_segment *segment = peel->segment;
    size_t room = ml_rd_left(&peel->rd) + peel->missing;
    const uint8_t *head = ml_peel_head(peel, HEADER);
    if (head == NULL) {
        return is_short(peel);
    }
    size_t len = ml_be16(head + 4);
    if (head[0] >> 4 != 6) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_IP);
    }
    if (len == 0 && head[6] != NO_NEXT) {
        len = room - HEADER; /* a large send not yet cut into packets, or a jumbogram */
    }
    if (!ml_net_frame(peel, head, HEADER, len)) {
        return false;
    }
    segment->ttl = head[7];
    set_address(&segment->src, head + 8);
    set_address(&segment->dst, head + 24);
    struct chain chain = {.head = head, .len = HEADER, .named_at = 6, .next = head[6]};
    return walk(peel, &chain);
}
