/* SPDX-License-Identifier: Apache-2.0 */
#include "support/decode_rig.h"

#include "core/mem.h"
#include "support/cm.h"

#include <stdio.h>

struct ml_span frame_span(const struct frame *frame)
{
    return ml_span_of(frame->bytes + sizeof frame->bytes - frame->len, frame->len);
}

void pre(struct frame *frame, const void *bytes, size_t len)
{
    assert_true(frame->len + len <= sizeof frame->bytes);
    frame->len += len;
    memcpy(frame->bytes + sizeof frame->bytes - frame->len, bytes, len);
}

void post(struct frame *frame, const void *bytes, size_t len)
{
    uint8_t *end = frame->bytes + sizeof frame->bytes;
    assert_true(frame->len + len <= sizeof frame->bytes);
    memmove(end - frame->len - len, end - frame->len, frame->len);
    memcpy(end - len, bytes, len);
    frame->len += len;
}

void frame_text(struct frame *frame, const char *text)
{
    frame->len = 0;
    pre(frame, text, strlen(text));
}

void frame_zeros(struct frame *frame, size_t len)
{
    memset(frame->bytes, 0, sizeof frame->bytes);
    frame->len = len;
}

void pre_hex(struct frame *frame, const char *digits)
{
    struct ml_span bytes = unhex(digits);
    pre(frame, bytes.ptr, bytes.len);
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
}

void pre_u16(struct frame *frame, unsigned value)
{
    uint8_t bytes[] = {(uint8_t)(value >> 8), (uint8_t)value};
    pre(frame, bytes, sizeof bytes);
}

void pre_u32(struct frame *frame, uint32_t value)
{
    pre_u16(frame, value & 0xffffU);
    pre_u16(frame, value >> 16);
}

void pre_tcp(struct frame *frame, uint8_t flags)
{
    uint8_t head[20] = {0x9c, 0x40, 0x01, 0xbb, 0, 0, 0x03, 0xe8, 0, 0, 0x07, 0xd0, 0x50, flags, 0x10, 0x00};
    pre(frame, head, sizeof head);
}

void pre_udp(struct frame *frame, unsigned src_port, unsigned dst_port)
{
    size_t len = frame->len + 8;
    pre_u16(frame, 0);
    pre_u16(frame, (unsigned)len);
    pre_u16(frame, dst_port);
    pre_u16(frame, src_port);
}

void pre_ip4(struct frame *frame, uint8_t proto)
{
    size_t len = frame->len + 20;
    uint8_t head[20] = {
        0x45, 0, (uint8_t)(len >> 8), (uint8_t)len, 0x12, 0x34, 0, 0, 64, proto, 0, 0, 192, 0, 2, 1, 198, 51, 100, 2};
    pre(frame, head, sizeof head);
}

void pre_ip6(struct frame *frame, uint8_t next)
{
    uint8_t head[40] = {0x60, 0, 0, 0, (uint8_t)(frame->len >> 8), (uint8_t)frame->len, next, 64};
    static const uint8_t network[] = {0x20, 0x01, 0x0d, 0xb8};
    memcpy(head + 8, network, sizeof network);
    memcpy(head + 24, network, sizeof network);
    head[23] = 1;
    head[39] = 2;
    pre(frame, head, sizeof head);
}

void pre_eth(struct frame *frame, unsigned type)
{
    pre_u16(frame, type);
    pre_hex(frame, "020000000002 020000000001");
}

void frame_hello4(struct frame *frame)
{
    frame_text(frame, "hello");
    pre_udp(frame, 40000, 5000);
    pre_ip4(frame, ML_IP_UDP);
}

void frame_hello6(struct frame *frame)
{
    frame_text(frame, "hello");
    pre_udp(frame, 40000, 5000);
    pre_ip6(frame, ML_IP_UDP);
}

void rig_init(struct rig *rig)
{
    memset(rig, 0, sizeof *rig);
    rig->time_ns = 1000000000;
    rig->decoder = ml_decoder_new(&rig->counters);
    assert_non_null(rig->decoder);
}

void rig_fini(struct rig *rig)
{
    ml_decoder_free(rig->decoder);
    if (rig->guard.base != NULL) {
        guard_fini(&rig->guard);
    }
}

static uint64_t undecoded(const struct ml_counters *counters)
{
    uint64_t sum = 0;
    for (int i = 0; i < ML_N_COUNTERS; i++) {
        sum += strncmp(ml_counter_name((enum ml_counter)i), "undecoded.", 10) == 0 ? counters->n[i] : 0;
    }
    return sum;
}

static void check_segment(const struct rig *rig)
{
    const struct ml_segment *segment = &rig->segment;
    volatile uint8_t sink = 0; /* the guard page and the sanitizers see a span that is too long */
    for (size_t i = 0; i < segment->payload.len; i++) {
        sink ^= segment->payload.ptr[i];
    }
    for (size_t i = 0; i < segment->ip.len; i++) {
        sink ^= segment->ip.ptr[i];
    }
    assert_true(segment->payload.len <= segment->payload_len);
    assert_true(segment->payload.len <= segment->ip.len);
    assert_true(segment->is_cut || segment->payload.len == segment->payload_len);
    assert_true(segment->src.family == 4 || segment->src.family == 6);
    assert_int_equal(segment->src.family, segment->dst.family);
    assert_true(segment->n_tunnels <= ML_MAX_TUNNEL_DEPTH);
    assert_int_equal(segment->seq, rig->seq);
}

bool rig_decode(struct rig *rig, int link_type, struct ml_span bytes, size_t wire_len)
{
    if (rig->guard.base != NULL) {
        guard_fini(&rig->guard);
    }
    guard_init(&rig->guard, bytes);
    struct ml_packet packet = {.seq = ++rig->seq,
                               .frame = rig->seq,
                               .time_ns = rig->time_ns,
                               .link_type = link_type,
                               .wire_len = (uint32_t)wire_len,
                               .bytes = rig->guard.span};
    rig->is_decoded = ml_decode_packet(rig->decoder, &packet, &rig->segment);
    assert_int_equal(rig->counters.n[ML_COUNT_PACKETS_READ], rig->seq);
    assert_int_equal(rig->counters.n[ML_COUNT_PACKETS_READ],
                     rig->counters.n[ML_COUNT_PACKETS_DECODED] + undecoded(&rig->counters));
    if (rig->is_decoded) {
        check_segment(rig);
    }
    return rig->is_decoded;
}

bool rig_frame(struct rig *rig, int link_type, const struct frame *frame)
{
    return rig_decode(rig, link_type, frame_span(frame), frame->len);
}

const char *tunnel_list(const struct ml_segment *segment, char out[64])
{
    size_t len = 0;
    out[0] = '\0';
    for (unsigned i = 0; i < segment->n_tunnels; i++) {
        len += (size_t)snprintf(out + len, 64 - len, "%s%s", i != 0 ? "," : "",
                                ml_tunnel_name((enum ml_tunnel)segment->tunnels[i]));
    }
    return out;
}

void expect_hello(int link_type, const struct frame *frame, unsigned version, const char *tunnels)
{
    struct rig rig;
    char text[64];
    rig_init(&rig);
    if (!rig_frame(&rig, link_type, frame)) {
        for (int i = 0; i < ML_N_COUNTERS; i++) {
            if (rig.counters.n[i] != 0) {
                print_message("%s=%d\n", ml_counter_name((enum ml_counter)i), (int)rig.counters.n[i]);
            }
        }
        fail_msg("no segment");
    }
    assert_string_equal(tunnel_list(&rig.segment, text), tunnels);
    assert_span_text(rig.segment.payload, "hello");
    assert_int_equal(rig.segment.src.family, version);
    assert_int_equal(rig.segment.ip_proto, ML_IP_UDP);
    assert_int_equal(rig.segment.src_port, 40000);
    assert_int_equal(rig.segment.dst_port, 5000);
    assert_int_equal(rig.segment.ip_len, version == 4 ? 33 : 53);
    assert_int_equal(rig.segment.ip.len, rig.segment.ip_len);
    assert_false(rig.segment.is_cut);
    rig_fini(&rig);
}

void expect_reason(int link_type, const struct frame *frame, enum ml_counter reason)
{
    struct rig rig;
    rig_init(&rig);
    assert_false(rig_frame(&rig, link_type, frame));
    if (rig.counters.n[reason] != 1) {
        for (int i = 0; i < ML_N_COUNTERS; i++) {
            if (rig.counters.n[i] != 0) {
                print_message("%s=%d\n", ml_counter_name((enum ml_counter)i), (int)rig.counters.n[i]);
            }
        }
        fail_msg("not counted as %s", ml_counter_name(reason));
    }
    rig_fini(&rig);
}
