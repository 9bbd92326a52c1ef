/* SPDX-License-Identifier: Apache-2.0 */
#include "support/build.h"

enum { IP_TCP = 6, IP_UDP = 17, IP6_FRAGMENT = 44 };

uint64_t build_u64(struct build_prng *prng)
{
    uint64_t z = prng->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void build_random(struct ml_buf *out, struct build_prng *prng, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        build_be(out, 1, build_u64(prng) >> 56);
    }
}

void build_be(struct ml_buf *out, unsigned width, uint64_t value)
{
    for (unsigned i = width; i-- > 0;) {
        ml_buf_add_byte(out, (uint8_t)(value >> 8 * i)); /* latches, here and everywhere below */
    }
}

void build_le(struct ml_buf *out, unsigned width, uint64_t value)
{
    for (unsigned i = 0; i < width; i++) {
        ml_buf_add_byte(out, (uint8_t)(value >> 8 * i));
    }
}

size_t build_open(struct ml_buf *out, unsigned width)
{
    size_t at = out->len;
    build_be(out, width, 0);
    return at;
}

void build_close(struct ml_buf *out, unsigned width, size_t at)
{
    size_t len = out->len - at - width;
    ML_ASSERT(out->failed || width == 8 || len >> 8 * width == 0);
    for (unsigned i = 0; i < width && !out->failed; i++) {
        out->bytes[at + i] = (uint8_t)(len >> 8 * (width - 1 - i));
    }
}

struct ml_span build_span(const struct ml_buf *buf)
{
    ML_ASSERT(!buf->failed);
    return ml_buf_span(buf);
}

struct ml_ip build_address(const char *text)
{
    struct ml_ip ip;
    bool ok = ml_ip_parse(ml_span_text(text), &ip);
    ML_ASSERT(ok);
    return ip;
}

struct build_ends build_ends(const char *src, uint16_t src_port, const char *dst, uint16_t dst_port)
{
    struct build_ends ends = {build_address(src), build_address(dst), src_port, dst_port};
    ML_ASSERT(ends.src.family == ends.dst.family);
    return ends;
}

struct build_ends build_ends_back(const struct build_ends *ends)
{
    return (struct build_ends){ends->dst, ends->src, ends->dst_port, ends->src_port};
}

static size_t address_len(const struct ml_ip *ip)
{
    return ip->family == 4 ? 4 : 16;
}

static uint64_t sum_of(struct ml_span bytes)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        sum += (uint64_t)bytes.ptr[i] << (i % 2 == 0 ? 8 : 0);
    }
    return sum;
}

static uint16_t fold(uint64_t sum)
{
    while (sum >> 16 != 0) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

uint16_t build_checksum(const struct build_ends *ends, uint8_t proto, struct ml_span segment)
{
    size_t len = address_len(&ends->src);
    uint64_t sum = sum_of(ml_span_of(ends->src.bytes, len)) + sum_of(ml_span_of(ends->dst.bytes, len));
    return fold(sum + proto + segment.len + sum_of(segment));
}

static void put_u16(struct ml_buf *out, size_t at, uint16_t value)
{
    if (!out->failed) {
        out->bytes[at] = (uint8_t)(value >> 8);
        out->bytes[at + 1] = (uint8_t)value;
    }
}

static void ip4(struct ml_buf *out, const struct build_ip *ip, struct ml_span payload)
{
    size_t start = out->len;
    unsigned flags = (ip->has_more ? 0x2000U : 0U) | (ip->is_bare || ip->has_more || ip->offset != 0 ? 0U : 0x4000U);
    build_be(out, 2, 0x4500);
    build_be(out, 2, 20 + payload.len);
    build_be(out, 2, ip->id);
    build_be(out, 2, flags | ip->offset / 8U);
    build_be(out, 1, ip->ttl != 0 ? ip->ttl : 64);
    build_be(out, 1, ip->proto);
    build_be(out, 2, 0);
    ml_buf_add(out, ip->src.bytes, 4);
    ml_buf_add(out, ip->dst.bytes, 4);
    if (!out->failed) {
        put_u16(out, start + 10, fold(sum_of(ml_span_of(out->bytes + start, 20))));
    }
    ml_buf_add_span(out, payload);
}

static void ip6(struct ml_buf *out, const struct build_ip *ip, struct ml_span payload)
{
    bool is_fragment = ip->has_more || ip->offset != 0;
    build_be(out, 4, 0x60000000);
    build_be(out, 2, payload.len + (is_fragment ? 8 : 0));
    build_be(out, 1, is_fragment ? IP6_FRAGMENT : ip->proto);
    build_be(out, 1, ip->ttl != 0 ? ip->ttl : 64);
    ml_buf_add(out, ip->src.bytes, 16);
    ml_buf_add(out, ip->dst.bytes, 16);
    if (is_fragment) {
        build_be(out, 2, (uint64_t)ip->proto << 8);
        build_be(out, 2, ip->offset | (ip->has_more ? 1U : 0U));
        build_be(out, 4, ip->id);
    }
    ml_buf_add_span(out, payload);
}

void build_ip(struct ml_buf *out, const struct build_ip *ip, struct ml_span payload)
{
    ML_ASSERT(ip->src.family == ip->dst.family && ip->offset % 8 == 0);
    if (ip->src.family == 4) {
        ip4(out, ip, payload);
    } else {
        ip6(out, ip, payload);
    }
}

void build_tcp(struct ml_buf *out, const struct build_ends *ends, const struct build_tcp *tcp, struct ml_span payload)
{
    size_t start = out->len;
    size_t padded = (tcp->options.len + 3) / 4 * 4;
    build_be(out, 2, ends->src_port);
    build_be(out, 2, ends->dst_port);
    build_be(out, 4, tcp->seq);
    build_be(out, 4, tcp->ack);
    build_be(out, 1, (5 + padded / 4) << 4);
    build_be(out, 1, tcp->flags);
    build_be(out, 2, tcp->window != 0 ? tcp->window : 65535);
    build_be(out, 4, 0); /* checksum, urgent pointer */
    ml_buf_add_span(out, tcp->options);
    build_be(out, (unsigned)(padded - tcp->options.len), 0);
    ml_buf_add_span(out, payload);
    if (!out->failed) {
        put_u16(out, start + 16, build_checksum(ends, IP_TCP, ml_span_of(out->bytes + start, out->len - start)));
    }
}

void build_udp(struct ml_buf *out, const struct build_ends *ends, struct ml_span payload)
{
    size_t start = out->len;
    build_be(out, 2, ends->src_port);
    build_be(out, 2, ends->dst_port);
    build_be(out, 2, 8 + payload.len);
    build_be(out, 2, 0);
    ml_buf_add_span(out, payload);
    if (!out->failed) {
        uint16_t sum = build_checksum(ends, IP_UDP, ml_span_of(out->bytes + start, out->len - start));
        put_u16(out, start + 6, sum != 0 ? sum : 0xffff); /* RFC 768: zero would mean "none" */
    }
}

static void with_ip(struct ml_buf *out, const struct build_ends *ends, uint8_t proto, struct ml_buf *segment)
{
    struct build_ip ip = {.src = ends->src, .dst = ends->dst, .proto = proto};
    build_ip(out, &ip, build_span(segment));
    ml_buf_fini(segment);
}

void build_segment(struct ml_buf *out, const struct build_ends *ends, const struct build_tcp *tcp,
                   struct ml_span payload)
{
    struct ml_buf segment;
    ml_buf_init(&segment, 1 << 17);
    build_tcp(&segment, ends, tcp, payload);
    with_ip(out, ends, IP_TCP, &segment);
}

void build_datagram(struct ml_buf *out, const struct build_ends *ends, struct ml_span payload)
{
    struct ml_buf segment;
    ml_buf_init(&segment, 1 << 17);
    build_udp(&segment, ends, payload);
    with_ip(out, ends, IP_UDP, &segment);
}

void build_fragments(const struct build_ip *ip, struct ml_span payload, size_t size,
                     void (*emit)(void *context, struct ml_span packet), void *context)
{
    ML_ASSERT(size != 0 && size % 8 == 0);
    struct ml_buf packet;
    ml_buf_init(&packet, 1 << 17);
    for (size_t at = 0; at < payload.len; at += size) {
        struct build_ip part = *ip;
        struct ml_span bytes = ml_span_cut(payload, at, size);
        part.offset = (uint16_t)at;
        part.has_more = at + bytes.len < payload.len;
        ml_buf_clear(&packet);
        build_ip(&packet, &part, bytes);
        emit(context, build_span(&packet));
    }
    ml_buf_fini(&packet);
}

static uint16_t ether_type(struct ml_span packet)
{
    ML_ASSERT(packet.len != 0);
    return packet.ptr[0] >> 4 == 6 ? 0x86dd : 0x0800;
}

void build_eth(struct ml_buf *out, const struct build_eth *eth, struct ml_span payload)
{
    ml_buf_add(out, eth->dst, 6);
    ml_buf_add(out, eth->src, 6);
    for (size_t i = 0; i < 4 && eth->vlans[i] != 0; i++) {
        bool is_outer = i == 0 && eth->vlans[1] != 0;
        build_be(out, 2, is_outer ? 0x88a8 : 0x8100);
        build_be(out, 2, eth->vlans[i]);
    }
    build_be(out, 2, eth->type != 0 ? eth->type : ether_type(payload));
    ml_buf_add_span(out, payload);
}

void build_frame(struct ml_buf *out, enum build_link link, bool is_outbound, struct ml_span packet)
{
    /* Locally administered (bit 1 of the first byte), so that no maker is named. */
    static const uint8_t device[6] = {2, 0, 0, 0, 0, 2};
    static const uint8_t router[6] = {2, 0, 0, 0, 0, 1};
    struct build_eth eth = {.type = ether_type(packet)};
    memcpy(eth.src, is_outbound ? device : router, 6);
    memcpy(eth.dst, is_outbound ? router : device, 6);
    switch (link) {
    case BUILD_LINK_ETHERNET:
        build_eth(out, &eth, packet);
        return;
    case BUILD_LINK_NULL: /* the host's byte order: little endian here */
        build_le(out, 4, eth.type == 0x86dd ? 24 : 2);
        break;
    case BUILD_LINK_LOOP:
        build_be(out, 4, eth.type == 0x86dd ? 24 : 2);
        break;
    case BUILD_LINK_SLL:
        build_be(out, 2, is_outbound ? 4 : 0); /* sent by this host, or to it */
        build_be(out, 2, 1);                   /* ARPHRD_ETHER */
        build_be(out, 2, 6);
        ml_buf_add(out, eth.src, 6);
        build_be(out, 2, 0);
        build_be(out, 2, eth.type);
        break;
    case BUILD_LINK_SLL2:
        build_be(out, 2, eth.type);
        build_be(out, 2, 0);
        build_be(out, 4, 1); /* interface index */
        build_be(out, 2, 1);
        build_be(out, 1, is_outbound ? 4 : 0);
        build_be(out, 1, 6);
        ml_buf_add(out, eth.src, 6);
        build_be(out, 2, 0);
        break;
    case BUILD_LINK_RAW:
        break;
    }
    ml_buf_add_span(out, packet);
}
