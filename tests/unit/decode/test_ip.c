/* SPDX-License-Identifier: Apache-2.0 */
#include "support/cm.h"
#include "support/decode_rig.h"

static struct frame frame;

/* Changes the byte `at` of the frame. */
static void set(size_t at, uint8_t value)
{
    frame.bytes[sizeof frame.bytes - frame.len + at] = value;
}

/* RFC 791, section 3.1. */
static void ipv4_options_are_skipped(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig);
    frame_text(&frame, "hello");
    pre_udp(&frame, 40000, 5000);
    pre_hex(&frame, "94040000 01010100"); /* router alert, padding */
    pre_ip4(&frame, ML_IP_UDP);
    set(0, 0x47);
    assert_true(rig_frame(&rig, LINK_RAW, &frame));
    assert_span_text(rig.segment.payload, "hello");
    assert_int_equal(rig.segment.ip_len, 41);
    assert_int_equal(rig.segment.dst_port, 5000);
    rig_fini(&rig);
}

static void ipv4_headers_that_contradict_themselves_are_refused(void **state)
{
    (void)state;
    frame_hello4(&frame);
    set(0, 0x44); /* a header of 16 bytes */
    expect_reason(LINK_RAW, &frame, ML_COUNT_UNDECODED_BAD_IP);
    frame_hello4(&frame);
    set(0, 0x55);
    expect_reason(228, &frame, ML_COUNT_UNDECODED_BAD_IP);
    frame_hello4(&frame);
    set(3, 19); /* shorter than its header */
    expect_reason(LINK_RAW, &frame, ML_COUNT_UNDECODED_BAD_IP);
    frame_hello4(&frame);
    set(0, 0x4f); /* options longer than the packet */
    expect_reason(LINK_RAW, &frame, ML_COUNT_UNDECODED_BAD_IP);
    frame_hello4(&frame);
    set(3, 24);
    set(0, 0x46); /* options fill the packet: no room for UDP */
    expect_reason(LINK_RAW, &frame, ML_COUNT_UNDECODED_BAD_TRANSPORT);
}

static void a_length_of_zero_means_the_rest_of_the_capture(void **state)
{
    (void)state;
    frame_hello4(&frame);
    set(2, 0);
    set(3, 0);
    expect_hello(LINK_RAW, &frame, 4, "");
    frame_hello6(&frame);
    set(4, 0);
    set(5, 0);
    expect_hello(LINK_RAW, &frame, 6, "");
}

static void a_packet_cut_by_the_snap_length_gives_what_is_there(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig);
    frame_hello4(&frame);
    struct ml_span whole = frame_span(&frame);
    assert_true(rig_decode(&rig, LINK_RAW, ml_span_of(whole.ptr, whole.len - 3), whole.len));
    assert_true(rig.segment.is_cut);
    assert_span_text(rig.segment.payload, "he");
    assert_int_equal(rig.segment.payload_len, 5);
    assert_int_equal(rig.segment.ip_len, 33);
    assert_int_equal(rig.segment.ip.len, 30);
    assert_int_equal(rig.counters.n[ML_COUNT_PACKETS_TRUNCATED], 1);
    assert_true(rig_decode(&rig, LINK_RAW, ml_span_of(whole.ptr, 28), whole.len));
    assert_int_equal(rig.segment.payload.len, 0);
    assert_int_equal(rig.segment.payload_len, 5);
    assert_false(rig_decode(&rig, LINK_RAW, ml_span_of(whole.ptr, 27), whole.len));
    assert_int_equal(rig.counters.n[ML_COUNT_UNDECODED_SHORT_TRANSPORT], 1);
    assert_false(rig_decode(&rig, LINK_RAW, ml_span_of(whole.ptr, 19), whole.len));
    assert_int_equal(rig.counters.n[ML_COUNT_UNDECODED_SHORT_IP], 1);
    rig_fini(&rig);
}

/* A tool that cuts packets and forgets the old length leaves an IP length beyond the frame: still a cut packet. */
static void an_ip_length_beyond_the_frame_is_a_cut(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig);
    frame_hello6(&frame);
    struct ml_span whole = frame_span(&frame);
    assert_true(rig_decode(&rig, LINK_RAW, ml_span_of(whole.ptr, whole.len - 1), whole.len - 1));
    assert_true(rig.segment.is_cut);
    assert_span_text(rig.segment.payload, "hell");
    rig_fini(&rig);
}

/* RFC 8200, section 4; RFC 4302, section 2.2. */
static void ipv6_extension_headers_are_skipped(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig);
    frame_text(&frame, "hello");
    pre_udp(&frame, 40000, 5000);
    pre_hex(&frame, "11 00 0104 00000000");                                   /* destination options, last */
    pre_hex(&frame, "3c 04 0000 00000001 00000001 000000000000000000000000"); /* authentication */
    pre_hex(&frame, "33 00 0000 00000007");                                   /* a fragment of a whole */
    pre_hex(&frame, "2c 02 00 00 00000000 20010db8000000000000000000000009"); /* routing */
    pre_hex(&frame, "2b 01 0502 0000 0100 00000000 00000000");                /* hop by hop, 16 bytes */
    pre_ip6(&frame, 0);
    assert_true(rig_frame(&rig, LINK_RAW, &frame));
    assert_span_text(rig.segment.payload, "hello");
    assert_int_equal(rig.segment.ip_proto, ML_IP_UDP);
    assert_int_equal(rig.segment.ip_len, frame.len);
    assert_false(rig.segment.was_fragmented);
    char text[ML_IP_TEXT];
    (void)ml_ip_format(&rig.segment.dst, text);
    assert_string_equal(text, "2001:db8::2");
    rig_fini(&rig);
}

static void ipv6_chains_that_run_over_their_packet_are_refused(void **state)
{
    (void)state;
    frame.len = 0;
    pre_hex(&frame, "11 05 0104 00000000");
    pre_ip6(&frame, 60);
    expect_reason(LINK_RAW, &frame, ML_COUNT_UNDECODED_BAD_IP);
    frame.len = 0;
    pre_hex(&frame, "11 00 0000 0000");
    pre_ip6(&frame, 44);
    expect_reason(LINK_RAW, &frame, ML_COUNT_UNDECODED_BAD_IP);
    frame.len = 0;
    pre_hex(&frame, "11");
    pre_ip6(&frame, 51);
    expect_reason(LINK_RAW, &frame, ML_COUNT_UNDECODED_BAD_IP);
    frame_hello4(&frame);
    expect_reason(229, &frame, ML_COUNT_UNDECODED_SHORT_IP); /* 33 bytes are no IPv6 header */
    frame_hello6(&frame);
    set(0, 0x50);
    expect_reason(229, &frame, ML_COUNT_UNDECODED_BAD_IP);
}

static void a_cut_ipv6_chain_is_short(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig);
    frame_text(&frame, "hello");
    pre_udp(&frame, 40000, 5000);
    pre_hex(&frame, "11 00 0104 00000000");
    pre_ip6(&frame, 60);
    struct ml_span whole = frame_span(&frame);
    assert_false(rig_decode(&rig, LINK_RAW, ml_span_of(whole.ptr, 44), whole.len));
    assert_int_equal(rig.counters.n[ML_COUNT_UNDECODED_SHORT_IP], 1);
    rig_fini(&rig);
}

static void the_number_of_extension_headers_is_limited(void **state)
{
    (void)state;
    frame_text(&frame, "hello");
    pre_udp(&frame, 40000, 5000);
    pre_hex(&frame, "11 00 0104 00000000");
    for (int i = 1; i < ML_MAX_IP6_EXTENSIONS; i++) {
        pre_hex(&frame, "3c 00 0104 00000000");
    }
    pre_ip6(&frame, 60);
    struct rig rig;
    rig_init(&rig);
    assert_true(rig_frame(&rig, LINK_RAW, &frame));
    rig_fini(&rig);
    frame_text(&frame, "hello");
    pre_udp(&frame, 40000, 5000);
    pre_hex(&frame, "11 00 0104 00000000");
    for (int i = 0; i < ML_MAX_IP6_EXTENSIONS; i++) {
        pre_hex(&frame, "3c 00 0104 00000000");
    }
    pre_ip6(&frame, 60);
    expect_reason(LINK_RAW, &frame, ML_COUNT_UNDECODED_BAD_IP);
}

static void the_packet_without_a_next_header_is_a_segment(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig);
    frame.len = 0;
    pre_ip6(&frame, 59);
    post(&frame, "padding", 7);
    assert_true(rig_frame(&rig, LINK_RAW, &frame));
    assert_int_equal(rig.segment.ip_proto, 59);
    assert_int_equal(rig.segment.payload_len, 0);
    assert_int_equal(rig.segment.ip_len, 40);
    rig_fini(&rig);
}

static void what_the_capture_says_is_passed_on(void **state)
{
    (void)state;
    struct ml_counters counters = {{0}};
    struct ml_decoder *decoder = ml_decoder_new(&counters);
    assert_non_null(decoder);
    frame_hello4(&frame);
    struct ml_packet packet = {.seq = 7,
                               .time_ns = -5,
                               .interface = 3,
                               .link_type = LINK_RAW,
                               .wire_len = (uint32_t)frame.len,
                               .direction = ML_PACKET_IN,
                               .process = 9,
                               .bytes = frame_span(&frame)};
    struct ml_segment segment;
    assert_true(ml_decode_packet(decoder, &packet, &segment));
    assert_int_equal(segment.seq, 7);
    assert_int_equal(segment.time_ns, -5);
    assert_int_equal(segment.interface, 3);
    assert_int_equal(segment.direction, ML_PACKET_IN);
    assert_int_equal(segment.process, 9);
    ml_decoder_free(decoder);
    ml_decoder_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ipv4_options_are_skipped),
        cmocka_unit_test(ipv4_headers_that_contradict_themselves_are_refused),
        cmocka_unit_test(a_length_of_zero_means_the_rest_of_the_capture),
        cmocka_unit_test(a_packet_cut_by_the_snap_length_gives_what_is_there),
        cmocka_unit_test(an_ip_length_beyond_the_frame_is_a_cut),
        cmocka_unit_test(ipv6_extension_headers_are_skipped),
        cmocka_unit_test(ipv6_chains_that_run_over_their_packet_are_refused),
        cmocka_unit_test(a_cut_ipv6_chain_is_short),
        cmocka_unit_test(the_number_of_extension_headers_is_limited),
        cmocka_unit_test(the_packet_without_a_next_header_is_a_segment),
        cmocka_unit_test(what_the_capture_says_is_passed_on),
    };
    return cmocka_run_group_tests_name("decode/ip", tests, NULL, NULL);
}
