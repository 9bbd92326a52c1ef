/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/net.h"
#include "decode/tunnel/tunnel.h"

enum {
    IP_IN_IP = 4,
    IP6_IN_IP = 41,
    GRE = 47,
    AUTHENTICATION = 51,
    DCCP = 33,
    ETHERIP = 97,
    UDP_LITE = 136,
    MPLS_IN_IP = 137
};

/* The capture was cut inside a transport header, or the IP packet is too small for it. */
static bool is_short(struct ml_peel *peel)
{
    return ml_peel_short(peel, ML_COUNT_UNDECODED_SHORT_TRANSPORT, ML_COUNT_UNDECODED_BAD_TRANSPORT);
}

static void set_ports(struct ml_segment *segment, const uint8_t *head)
{
    segment->src_port = ml_be16(head);
    segment->dst_port = ml_be16(head + 2);
}

/* RFC 7323, section 3.2. Options that contradict themselves end the search: the segment is good without them. */
static uint32_t find_tsval(struct ml_reader *options)
{
    enum { END = 0, NO_OPERATION = 1, TIMESTAMPS = 8, TIMESTAMPS_LEN = 10 };
    uint8_t kind = 0;
    uint8_t len = 0;
    uint32_t tsval = 0;
    while (ml_rd_u8(options, &kind) && kind != END) {
        if (kind == NO_OPERATION) {
            continue;
        }
        if (!ml_rd_u8(options, &len) || len < 2) {
            return 0;
        }
        if (kind == TIMESTAMPS && len == TIMESTAMPS_LEN) {
            return ml_rd_u32(options, &tsval) ? tsval : 0;
        }
        if (!ml_rd_skip(options, len - 2U)) {
            return 0;
        }
    }
    return 0;
}

/* The options may be cut by the capture; then there is no payload either, but its length on the wire is known. */
static bool read_options(struct ml_peel *peel, size_t len)
{
    size_t left = ml_rd_left(&peel->rd);
    if (len > left) {
        if (len - left > peel->missing) {
            (void)ml_rd_reject(&peel->rd);
            return is_short(peel);
        }
        peel->missing -= len - left;
        peel->rd = ml_rd_open(ml_span_of(NULL, 0));
        peel->segment->is_cut = true;
        return true;
    }
    struct ml_span bytes = {0};
    if (!ml_rd_span(&peel->rd, len, &bytes)) {
        return is_short(peel);
    }
    const uint32_t usual = 0x0101080a; /* two NOPs and the timestamps, as nearly all stacks write them */
    if (len == 12 && ml_be32(bytes.ptr) == usual) {
        peel->segment->tcp_tsval = ml_be32(bytes.ptr + 4);
        return true;
    }
    struct ml_reader options = ml_rd_open_framed(bytes);
    peel->segment->tcp_tsval = find_tsval(&options);
    return true;
}

static bool read_tcp(struct ml_peel *peel)
{
    enum { HEADER = 20 };
    struct ml_segment *segment = peel->segment;
    const uint8_t *head = ml_peel_head(peel, HEADER);
    if (head == NULL) {
        return is_short(peel);
    }
    size_t head_len = (head[12] >> 4) * 4U;
    if (head_len < HEADER) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_TRANSPORT);
    }
    set_ports(segment, head);
    segment->tcp_seq = ml_be32(head + 4);
    segment->tcp_ack = ml_be32(head + 8);
    segment->tcp_flags = head[13] & 0x3f;
    segment->tcp_window = ml_be16(head + 14);
    if (head_len != HEADER && !read_options(peel, head_len - HEADER)) {
        return false;
    }
    ml_peel_finish(peel);
    return true;
}

static bool read_udp(struct ml_peel *peel)
{
    enum { HEADER = 8 };
    const uint8_t *head = ml_peel_head(peel, HEADER);
    if (head == NULL) {
        return is_short(peel);
    }
    size_t len = ml_be16(head + 4);
    /* RFC 2675, section 4: length 0 is for datagrams longer than the field can tell. */
    if (len != 0 && (len < HEADER || !ml_peel_frame(peel, len - HEADER))) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_TRANSPORT);
    }
    set_ports(peel->segment, head);
    ml_peel_finish(peel);
    return ml_tunnel_over_udp(peel);
}

/* Headers of a fixed length that start with the ports. */
static bool read_ports(struct ml_peel *peel, size_t len)
{
    const uint8_t *head = ml_peel_head(peel, len);
    if (head == NULL) {
        return is_short(peel);
    }
    set_ports(peel->segment, head);
    ml_peel_finish(peel);
    return true;
}

static bool read_dccp(struct ml_peel *peel)
{
    enum { SHORTEST = 12 };
    const uint8_t *head = ml_peel_head(peel, SHORTEST);
    if (head == NULL) {
        return is_short(peel);
    }
    size_t len = head[4] * 4U; /* data offset */
    if (len < SHORTEST) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_TRANSPORT);
    }
    if (!ml_rd_skip(&peel->rd, len - SHORTEST)) {
        return is_short(peel);
    }
    set_ports(peel->segment, head);
    ml_peel_finish(peel);
    return true;
}

/* RFC 4302 in IPv4, where it is no extension header: the packet goes on behind it. */
static bool skip_authentication(struct ml_peel *peel)
{
    const uint8_t *head = ml_peel_head(peel, 12);
    if (head == NULL) {
        return is_short(peel);
    }
    size_t len = (head[1] + 2U) * 4U;
    if (len < 12) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_TRANSPORT);
    }
    if (!ml_rd_skip(&peel->rd, len - 12)) {
        return is_short(peel);
    }
    peel->segment->ip_proto = head[0];
    return ml_peel_go(peel, ml_net_transport);
}

bool ml_net_transport(struct ml_peel *peel)
{
    struct ml_segment *segment = peel->segment;
    segment->src_port = 0; /* an outer header may have set them */
    segment->dst_port = 0;
    switch (segment->ip_proto) {
    case ML_IP_TCP:
        return read_tcp(peel);
    case ML_IP_UDP:
        return read_udp(peel);
    case ML_IP_SCTP:
        return read_ports(peel, 12);
    case UDP_LITE:
        return read_ports(peel, 8);
    case DCCP:
        return read_dccp(peel);
    case AUTHENTICATION:
        return skip_authentication(peel);
    case IP_IN_IP:
    case IP6_IN_IP:
    case ETHERIP:
    case MPLS_IN_IP:
        ml_peel_finish(peel);
        return ml_tunnel_over_ip(peel);
    case GRE:
        ml_peel_finish(peel);
        return ml_tunnel_gre(peel);
    default:
        ml_peel_finish(peel); /* ICMP, ESP and all others: no ports */
        return true;
    }
}
