/* SPDX-License-Identifier: Apache-2.0 */
#include "support/build.h"

#include "core/mem.h"
#include "support/cm.h"
#include "support/kit.h"

static struct ml_buf out;

static int begin(void **state)
{
    (void)state;
    ml_buf_init(&out, 1 << 20);
    return 0;
}

static int end(void **state)
{
    (void)state;
    ml_buf_fini(&out);
    return 0;
}

static void written(const char *digits)
{
    struct ml_span want = unhex(digits);
    assert_int_equal(out.len, want.len);
    assert_memory_equal(out.bytes, want.ptr, want.len);
    ml_mem_free((void *)(uintptr_t)want.ptr);
    ml_buf_clear(&out);
}

/* Sum over a transport segment with its checksum in place is zero (RFC 1071). */
static void checksum_is_right(const struct build_ends *ends, uint8_t proto, struct ml_span segment)
{
    assert_int_equal(build_checksum(ends, proto, segment), 0);
}

static void random_numbers_are_those_of_splitmix64(void **state)
{
    (void)state;
    /* First outputs for the seed 1234567, as published with the generator's reference code. */
    struct build_prng prng = {1234567};
    assert_true(build_u64(&prng) == UINT64_C(6457827717110365317));
    assert_true(build_u64(&prng) == UINT64_C(3203168211198807973));
}

static void integers_and_lengths_are_placed(void **state)
{
    (void)state;
    build_be(&out, 3, 0x010203);
    build_le(&out, 2, 0x0405);
    size_t outer = build_open(&out, 2);
    size_t inner = build_open(&out, 1);
    build_be(&out, 2, 0xffff);
    build_close(&out, 1, inner);
    build_close(&out, 2, outer);
    written("010203 0504 0003 02 ffff");
}

static void an_ipv4_header_has_its_checksum(void **state)
{
    (void)state;
    struct build_ip ip = {
        .src = build_address("192.0.2.1"), .dst = build_address("198.51.100.7"), .proto = 17, .id = 0x1234, .ttl = 1};
    build_ip(&out, &ip, ml_span_text("abc"));
    written("45 00 0017 1234 4000 01 11 7b66 c0000201 c6336407 616263");
}

static void udp_is_whole_in_both_families(void **state)
{
    (void)state;
    struct build_ends ends = build_ends("192.0.2.1", 5353, "198.51.100.7", 53);
    build_datagram(&out, &ends, ml_span_text("hello"));
    assert_int_equal(out.len, 20 + 8 + 5);
    checksum_is_right(&ends, 17, ml_span_cut(build_span(&out), 20, out.len));
    ml_buf_clear(&out);
    ends = build_ends("2001:db8::1", 5353, "2001:db8::2", 53);
    build_datagram(&out, &ends, ml_span_text("hello"));
    assert_int_equal(out.len, 40 + 8 + 5);
    assert_int_equal(out.bytes[5], 13); /* payload length */
    checksum_is_right(&ends, 17, ml_span_cut(build_span(&out), 40, out.len));
}

static void a_udp_checksum_is_never_zero(void **state)
{
    (void)state;
    struct build_ends ends = build_ends("192.0.2.1", 1, "192.0.2.2", 2);
    /* Choose the payload so that the sum becomes ffff, whose complement is zero. */
    build_udp(&out, &ends, ml_span_of("\0\0", 2));
    uint8_t payload[2] = {out.bytes[6], out.bytes[7]};
    ml_buf_clear(&out);
    build_udp(&out, &ends, ml_span_of(payload, 2));
    assert_int_equal(out.bytes[6] << 8 | out.bytes[7], 0xffff);
}

static void tcp_options_are_padded(void **state)
{
    (void)state;
    struct build_ends ends = build_ends("192.0.2.1", 40000, "192.0.2.2", 443);
    struct build_tcp tcp = {
        .seq = 1, .ack = 2, .flags = 0x12, .window = 500, .options = ml_span_of("\x02\x04\x05\x78\x04\x02", 6)};
    build_tcp(&out, &ends, &tcp, ml_span_text("x"));
    assert_int_equal(out.len, 28 + 1);
    assert_int_equal(out.bytes[12], 7 << 4);
    assert_int_equal(out.bytes[13], 0x12);
    checksum_is_right(&ends, 6, build_span(&out));
    ml_buf_clear(&out);
    build_segment(&out, &ends, &tcp, ml_span_text("x"));
    assert_int_equal(out.len, 20 + 29);
}

struct pieces {
    struct ml_buf payload;
    unsigned n;
    size_t header;
};

static void put_together(void *context, struct ml_span packet)
{
    struct pieces *pieces = context;
    ml_buf_add_span(&pieces->payload, ml_span_cut(packet, pieces->header, packet.len));
    if (pieces->header == 20) {
        unsigned offset = (unsigned)(packet.ptr[6] << 8 | packet.ptr[7]);
        assert_int_equal((offset & 0x1fff) * 8, pieces->n * 16);
        assert_int_equal(offset >> 13, pieces->n < 2 ? 1 : 0);
    } else {
        assert_int_equal(packet.ptr[6], 44);
        assert_int_equal(packet.ptr[40], 17);
        assert_int_equal(packet.ptr[42] << 8 | packet.ptr[43], pieces->n * 16 | (pieces->n < 2 ? 1 : 0));
    }
    pieces->n++;
}

static void fragments_cover_the_payload(void **state)
{
    (void)state;
    static const char *const ends[][2] = {{"192.0.2.1", "192.0.2.2"}, {"2001:db8::1", "2001:db8::2"}};
    const char *text = "0123456789abcdefghijklmnopqrstuvwxyzAB";
    for (int i = 0; i < 2; i++) {
        struct pieces pieces = {.header = i == 0 ? 20 : 48};
        struct build_ip ip = {.src = build_address(ends[i][0]), .dst = build_address(ends[i][1]), .proto = 17, .id = 7};
        ml_buf_init(&pieces.payload, 100);
        build_fragments(&ip, ml_span_text(text), 16, put_together, &pieces);
        assert_int_equal(pieces.n, 3);
        assert_span_text(build_span(&pieces.payload), text);
        ml_buf_fini(&pieces.payload);
    }
}

static void frames_name_what_they_carry(void **state)
{
    (void)state;
    struct ml_span v4 = ml_span_of("\x45", 1);
    struct ml_span v6 = ml_span_of("\x60", 1);
    build_frame(&out, BUILD_LINK_ETHERNET, true, v4);
    written("020000000001 020000000002 0800 45");
    build_frame(&out, BUILD_LINK_ETHERNET, true, v6);
    written("020000000001 020000000002 86dd 60");
    build_frame(&out, BUILD_LINK_SLL, true, v4);
    written("0004 0001 0006 020000000002 0000 0800 45");
    build_frame(&out, BUILD_LINK_SLL2, true, v6);
    written("86dd 0000 00000001 0001 04 06 020000000002 0000 60");
    build_frame(&out, BUILD_LINK_NULL, true, v4);
    written("02000000 45");
    build_frame(&out, BUILD_LINK_LOOP, true, v6);
    written("00000018 60");
    build_frame(&out, BUILD_LINK_ETHERNET, false, v4);
    written("020000000002 020000000001 0800 45");
    build_frame(&out, BUILD_LINK_SLL, false, v4);
    written("0000 0001 0006 020000000001 0000 0800 45");
    build_frame(&out, BUILD_LINK_RAW, true, v6);
    written("60");
    struct build_eth eth = {.vlans = {100, 200}, .type = 0x8863};
    build_eth(&out, &eth, v4);
    written("000000000000 000000000000 88a8 0064 8100 00c8 8863 45");
    eth = (struct build_eth){.vlans = {7}};
    build_eth(&out, &eth, v4);
    written("000000000000 000000000000 8100 0007 0800 45");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_numbers_are_those_of_splitmix64, begin, end),
        cmocka_unit_test_setup_teardown(integers_and_lengths_are_placed, begin, end),
        cmocka_unit_test_setup_teardown(an_ipv4_header_has_its_checksum, begin, end),
        cmocka_unit_test_setup_teardown(udp_is_whole_in_both_families, begin, end),
        cmocka_unit_test_setup_teardown(a_udp_checksum_is_never_zero, begin, end),
        cmocka_unit_test_setup_teardown(tcp_options_are_padded, begin, end),
        cmocka_unit_test_setup_teardown(fragments_cover_the_payload, begin, end),
        cmocka_unit_test_setup_teardown(frames_name_what_they_carry, begin, end),
    };
    return cmocka_run_group_tests_name("support/build", tests, NULL, NULL);
}
