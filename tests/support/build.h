/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build - packets from parts, so that tests and sample captures carry no opaque hexadecimal.
 *
 * Everything appends to an ml_buf, whose latch is checked where the bytes are used (build_span). Checksums and lengths
 * are right unless a field says otherwise. The same arguments give the same bytes on every machine.
 */
#ifndef MITLESER_TESTS_BUILD_H
#define MITLESER_TESTS_BUILD_H

#include "core/buf.h"
#include "core/ip.h"

/* --- numbers --- */

/* splitmix64; deterministic bytes where a protocol has random ones. */
struct build_prng {
    uint64_t state; /* the seed */
};

uint64_t build_u64(struct build_prng *prng);
void build_random(struct ml_buf *out, struct build_prng *prng, size_t n);

/* Big-endian integers of 1 to 8 bytes. */
void build_be(struct ml_buf *out, unsigned width, uint64_t value);
void build_le(struct ml_buf *out, unsigned width, uint64_t value);

/*
 * A length in front of what follows: build_open writes a place of `width` bytes and returns it, build_close fills it
 * with the number of bytes added since.
 */
size_t build_open(struct ml_buf *out, unsigned width);
void build_close(struct ml_buf *out, unsigned width, size_t at);

/* The bytes, borrowed until the next change; stops the process when the buffer has failed. */
struct ml_span build_span(const struct ml_buf *buf);

/* --- network and transport --- */

struct build_ends {
    struct ml_ip src, dst;
    uint16_t src_port, dst_port;
};

/* Addresses as text; stops the process when one is none. */
struct build_ends build_ends(const char *src, uint16_t src_port, const char *dst, uint16_t dst_port);
struct build_ends build_ends_back(const struct build_ends *ends);
struct ml_ip build_address(const char *text);

/* Internet checksum (RFC 1071) of a transport segment with the pseudo header of its addresses. */
uint16_t build_checksum(const struct build_ends *ends, uint8_t proto, struct ml_span segment);

struct build_ip {
    struct ml_ip src, dst; /* both of one family */
    uint8_t proto;
    uint8_t ttl;     /* 0: 64 */
    uint32_t id;     /* IPv4 identification, or that of the IPv6 fragment header */
    uint16_t offset; /* of the fragment, in bytes, a multiple of 8 */
    bool has_more;   /* fragments follow */
    bool is_bare;    /* IPv4: without "don't fragment" */
};

/* IPv4 or IPv6 header and payload; IPv6 gets a fragment header when offset or has_more ask for it. */
void build_ip(struct ml_buf *out, const struct build_ip *ip, struct ml_span payload);

struct build_tcp {
    uint32_t seq, ack;
    uint8_t flags;          /* enum of decode/segment.h: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32 */
    uint16_t window;        /* 0: 65535 */
    struct ml_span options; /* padded to a multiple of four with zeros */
};

/* Transport header and payload, without the IP header. */
void build_tcp(struct ml_buf *out, const struct build_ends *ends, const struct build_tcp *tcp, struct ml_span payload);
void build_udp(struct ml_buf *out, const struct build_ends *ends, struct ml_span payload);

/* The same with an IP header in front. */
void build_segment(struct ml_buf *out, const struct build_ends *ends, const struct build_tcp *tcp,
                   struct ml_span payload);
void build_datagram(struct ml_buf *out, const struct build_ends *ends, struct ml_span payload);

/*
 * Cuts an IP payload (a whole transport segment) into IP packets of at most `size` payload bytes, a multiple of 8, and
 * hands out each; `packet` is borrowed during the call.
 */
void build_fragments(const struct build_ip *ip, struct ml_span payload, size_t size,
                     void (*emit)(void *context, struct ml_span packet), void *context);

/* --- link --- */

enum build_link { /* LINKTYPE_ values of tcpdump.org's registry */
                  BUILD_LINK_NULL = 0,
                  BUILD_LINK_ETHERNET = 1,
                  BUILD_LINK_RAW = 101,
                  BUILD_LINK_LOOP = 108,
                  BUILD_LINK_SLL = 113,
                  BUILD_LINK_SLL2 = 276
};

struct build_eth {
    uint8_t dst[6], src[6];
    uint16_t vlans[4]; /* VLAN ids, outermost first, 0 ends; the outer one of two is 802.1ad */
    uint16_t type;     /* 0: from the version of the IP packet */
};

void build_eth(struct ml_buf *out, const struct build_eth *eth, struct ml_span payload);

/*
 * Frame of a link type around an IP packet, seen at the device (02:00:00:00:00:02) behind a router
 * (02:00:00:00:00:01): outbound frames go from the one to the other.
 */
void build_frame(struct ml_buf *out, enum build_link link, bool is_outbound, struct ml_span packet);

#endif
