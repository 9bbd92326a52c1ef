/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decode_rig - frames built from the inside out, and a decoder that is checked after each of them.
 *
 * A frame starts with its payload; each `pre_` function puts a header in front whose length field is right for what is
 * there already. Addresses: 192.0.2.1 to 198.51.100.2, 2001:db8::1 to 2001:db8::2.
 */
#ifndef MITLESER_TESTS_DECODE_RIG_H
#define MITLESER_TESTS_DECODE_RIG_H

#include "decode/decode.h"
#include "support/kit.h"

enum { LINK_ETHERNET = 1, LINK_RAW = 101 };

struct frame {
    uint8_t bytes[16 * 1024]; /* filled from the end */
    size_t len;
};

/* The frame's bytes, borrowed until it changes. */
struct ml_span frame_span(const struct frame *frame);

void frame_text(struct frame *frame, const char *text); /* starts a frame */
void frame_zeros(struct frame *frame, size_t len);      /* starts a frame */
void pre(struct frame *frame, const void *bytes, size_t len);
void pre_hex(struct frame *frame, const char *digits);
void pre_u16(struct frame *frame, unsigned value);
void pre_u32(struct frame *frame, uint32_t value);
void post(struct frame *frame, const void *bytes, size_t len);

void pre_tcp(struct frame *frame, uint8_t flags); /* ports 40000 and 443, sequence 1000, acknowledgment 2000 */
void pre_udp(struct frame *frame, unsigned src_port, unsigned dst_port);
void pre_ip4(struct frame *frame, uint8_t proto);
void pre_ip6(struct frame *frame, uint8_t next);
void pre_eth(struct frame *frame, unsigned type); /* 02:00:00:00:00:01 to 02:00:00:00:00:02 */

/* A UDP datagram "hello" from port 40000 to 5000 in IPv4 (or IPv6): what tunnels and links carry. */
void frame_hello4(struct frame *frame);
void frame_hello6(struct frame *frame);

struct rig {
    struct ml_counters counters;
    struct ml_decoder *decoder;
    struct guard guard; /* holds the last packet */
    struct ml_segment segment;
    uint64_t seq;
    int64_t time_ns; /* of the next packet */
    bool is_decoded; /* the last packet gave a segment */
};

void rig_init(struct rig *rig);
void rig_fini(struct rig *rig);

/*
 * Decodes bytes whose last one touches an unmapped page, of which `wire_len` were on the wire, and checks what must
 * hold for every packet: each is counted once, spans lie where bytes are, lengths agree. True when it gave a segment.
 */
bool rig_decode(struct rig *rig, int link_type, struct ml_span bytes, size_t wire_len);
bool rig_frame(struct rig *rig, int link_type, const struct frame *frame);

/* One frame through a decoder of its own: it must give the hello, or nothing and the reason. */
void expect_hello(int link_type, const struct frame *frame, unsigned version, const char *tunnels);
void expect_reason(int link_type, const struct frame *frame, enum ml_counter reason);

/* "gre,vxlan", "" without; static storage of the caller. */
const char *tunnel_list(const struct ml_segment *segment, char out[64]);

#endif
