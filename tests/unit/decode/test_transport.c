/* SPDX-License-Identifier: Apache-2.0 */
#include "support/cm.h"
#include "support/decode_rig.h"

static struct frame frame;
static struct rig rig;

static int start(void **state)
{
    (void)state;
    rig_init(&rig);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    rig_fini(&rig);
    return 0;
}

/* A TCP header with `options`, whose length must be a multiple of four, in front of "hello". */
static void build_tcp(const char *options)
{
    frame_text(&frame, "hello");
    pre_hex(&frame, options);
    size_t words = 5 + (frame.len - 5) / 4;
    pre_tcp(&frame, ML_TCP_PSH | ML_TCP_ACK);
    frame.bytes[sizeof frame.bytes - frame.len + 12] = (uint8_t)(words << 4);
    pre_ip4(&frame, ML_IP_TCP);
}

/* RFC 9293, section 3.1. */
static void the_fields_of_a_tcp_header_are_read(void **state)
{
    (void)state;
    frame_text(&frame, "hello");
    pre_tcp(&frame, 0xc0 | ML_TCP_SYN | ML_TCP_ACK); /* with the bits of RFC 3168 */
    pre_ip6(&frame, ML_IP_TCP);
    assert_true(rig_frame(&rig, LINK_RAW, &frame));
    assert_int_equal(rig.segment.src_port, 40000);
    assert_int_equal(rig.segment.dst_port, 443);
    assert_int_equal(rig.segment.tcp_seq, 1000);
    assert_int_equal(rig.segment.tcp_ack, 2000);
    assert_int_equal(rig.segment.tcp_flags, ML_TCP_SYN | ML_TCP_ACK);
    assert_int_equal(rig.segment.tcp_window, 4096);
    assert_int_equal(rig.segment.tcp_tsval, 0);
    assert_span_text(rig.segment.payload, "hello");
}

/* RFC 7323, section 3.2, and the order of appendix A. */
static void the_timestamp_is_found_in_any_order_of_options(void **state)
{
    (void)state;
    static const char *const options[] = {
        "0101 080a 01020304 00000000",
        "080a 01020304 00000000 0101",
        "020405b4 0402 080a 01020304 00000000 01 030307",
    };
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        build_tcp(options[i]);
        assert_true(rig_frame(&rig, LINK_RAW, &frame));
        assert_int_equal(rig.segment.tcp_tsval, 0x01020304);
        assert_span_text(rig.segment.payload, "hello");
    }
}

static void options_that_make_no_sense_cost_only_the_timestamp(void **state)
{
    (void)state;
    static const char *const options[] = {
        "0800 0102 03040000",           /* a length of zero */
        "02ff 0000 080a0102",           /* runs over the end */
        "0808 0102 03040000",           /* a length that is not the timestamp's */
        "00 080a 01020304 00000000 01", /* behind the end of the list */
        "01010108",                     /* no room for a length */
    };
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        build_tcp(options[i]);
        assert_true(rig_frame(&rig, LINK_RAW, &frame));
        assert_int_equal(rig.segment.tcp_tsval, 0);
        assert_span_text(rig.segment.payload, "hello");
    }
}

static void tcp_headers_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    build_tcp("");
    frame.bytes[sizeof frame.bytes - frame.len + 20 + 12] = 0x40; /* 16 bytes */
    expect_reason(LINK_RAW, &frame, ML_COUNT_UNDECODED_BAD_TRANSPORT);
    build_tcp("");
    frame.bytes[sizeof frame.bytes - frame.len + 20 + 12] = 0x70; /* 28 bytes of 25 */
    expect_reason(LINK_RAW, &frame, ML_COUNT_UNDECODED_BAD_TRANSPORT);
    frame.len = 0;
    pre_hex(&frame, "9c4001bb");
    pre_ip4(&frame, ML_IP_TCP);
    expect_reason(LINK_RAW, &frame, ML_COUNT_UNDECODED_BAD_TRANSPORT);
}

static void options_cut_by_the_capture_leave_the_segment(void **state)
{
    (void)state;
    build_tcp("0101 080a 01020304 00000000");
    struct ml_span whole = frame_span(&frame);
    assert_true(rig_decode(&rig, LINK_RAW, ml_span_of(whole.ptr, 45), whole.len));
    assert_true(rig.segment.is_cut);
    assert_int_equal(rig.segment.tcp_seq, 1000);
    assert_int_equal(rig.segment.payload.len, 0);
    assert_int_equal(rig.segment.payload_len, 5);
    assert_false(rig_decode(&rig, LINK_RAW, ml_span_of(whole.ptr, 39), whole.len));
    assert_int_equal(rig.counters.n[ML_COUNT_UNDECODED_SHORT_TRANSPORT], 1);
    /* Nothing but the options is missing, but they are said to be longer than the packet. */
    build_tcp("01010101");
    whole = frame_span(&frame);
    frame.bytes[sizeof frame.bytes - frame.len + 20 + 12] = 0xf0;
    assert_false(rig_decode(&rig, LINK_RAW, ml_span_of(whole.ptr, 42), whole.len));
    assert_int_equal(rig.counters.n[ML_COUNT_UNDECODED_BAD_TRANSPORT], 1);
}

/* RFC 768; RFC 2675, section 4 for the length of zero. */
static void the_length_of_udp_is_checked_against_ip(void **state)
{
    (void)state;
    frame_text(&frame, "hello");
    pre_udp(&frame, 53, 40000);
    post(&frame, "trailing", 8);
    pre_ip4(&frame, ML_IP_UDP);
    assert_true(rig_frame(&rig, LINK_RAW, &frame));
    assert_span_text(rig.segment.payload, "hello");
    static const struct {
        const char *head;
        bool is_good;
    } cases[] = {{"9c401388 0000 0000", true}, {"9c401388 0007 0000", false}, {"9c401388 000e 0000", false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        frame_text(&frame, "hello");
        pre_hex(&frame, cases[i].head);
        pre_ip4(&frame, ML_IP_UDP);
        assert_int_equal(rig_frame(&rig, LINK_RAW, &frame), cases[i].is_good);
    }
    assert_int_equal(rig.counters.n[ML_COUNT_UNDECODED_BAD_TRANSPORT], 2);
    frame.len = 0;
    pre_hex(&frame, "9c401388 0008");
    pre_ip4(&frame, ML_IP_UDP);
    assert_false(rig_frame(&rig, LINK_RAW, &frame));
    assert_int_equal(rig.counters.n[ML_COUNT_UNDECODED_BAD_TRANSPORT], 3);
}

/* RFC 9260, section 3.1; RFC 4340, section 5.1; RFC 3828, section 3.1. */
static void other_transports_with_ports_are_read(void **state)
{
    (void)state;
    static const struct {
        uint8_t proto;
        const char *head;
    } cases[] = {
        {ML_IP_SCTP, "9c401388 00000001 00000000"},
        {33, "9c401388 03 00 0000 04000001"},
        {33, "9c401388 04 00 0000 05000001 00000001"},
        {136, "9c401388 0008 0000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        frame_text(&frame, "hello");
        pre_hex(&frame, cases[i].head);
        pre_ip4(&frame, cases[i].proto);
        assert_true(rig_frame(&rig, LINK_RAW, &frame));
        assert_int_equal(rig.segment.src_port, 40000);
        assert_int_equal(rig.segment.dst_port, 5000);
        assert_int_equal(rig.segment.ip_proto, cases[i].proto);
        assert_span_text(rig.segment.payload, "hello");
    }
    static const struct {
        uint8_t proto;
        const char *head;
    } refused[] = {
        {ML_IP_SCTP, "9c401388 00000001 000000"},
        {33, "9c401388 02 00 0000 04000001"},
        {33, "9c401388 04 00 0000 04000001"},
        {33, "9c401388 03"},
        {136, "9c401388 0008"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        frame.len = 0;
        pre_hex(&frame, refused[i].head);
        pre_ip4(&frame, refused[i].proto);
        expect_reason(LINK_RAW, &frame, ML_COUNT_UNDECODED_BAD_TRANSPORT);
    }
}

static void protocols_without_ports_keep_their_whole_message(void **state)
{
    (void)state;
    static const uint8_t protos[] = {ML_IP_ICMP, ML_IP_ICMP6, 2, 50, 89, 253};
    for (size_t i = 0; i < sizeof protos; i++) {
        frame_text(&frame, "whole");
        pre_ip6(&frame, protos[i]);
        assert_true(rig_frame(&rig, LINK_RAW, &frame));
        assert_int_equal(rig.segment.ip_proto, protos[i]);
        assert_int_equal(rig.segment.src_port, 0);
        assert_int_equal(rig.segment.dst_port, 0);
        assert_span_text(rig.segment.payload, "whole");
    }
}

/* RFC 4302: in IPv4 the header is a protocol that names the next one. */
static void authentication_headers_are_skipped_in_ipv4(void **state)
{
    (void)state;
    frame_text(&frame, "hello");
    pre_udp(&frame, 40000, 5000);
    pre_hex(&frame, "11 04 0000 00000001 00000001 000000000000000000000000");
    pre_ip4(&frame, 51);
    assert_true(rig_frame(&rig, LINK_RAW, &frame));
    assert_span_text(rig.segment.payload, "hello");
    assert_int_equal(rig.segment.ip_proto, ML_IP_UDP);
    static const char *const refused[] = {"11 04 0000 00000001 00000001 00", "11 04 0000",
                                          "11 00 0000 00000001 00000001"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        frame.len = 0;
        pre_hex(&frame, refused[i]);
        pre_ip4(&frame, 51);
        expect_reason(LINK_RAW, &frame, ML_COUNT_UNDECODED_BAD_TRANSPORT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_fields_of_a_tcp_header_are_read, start, stop),
        cmocka_unit_test_setup_teardown(the_timestamp_is_found_in_any_order_of_options, start, stop),
        cmocka_unit_test_setup_teardown(options_that_make_no_sense_cost_only_the_timestamp, start, stop),
        cmocka_unit_test(tcp_headers_that_do_not_fit_are_refused),
        cmocka_unit_test_setup_teardown(options_cut_by_the_capture_leave_the_segment, start, stop),
        cmocka_unit_test_setup_teardown(the_length_of_udp_is_checked_against_ip, start, stop),
        cmocka_unit_test_setup_teardown(other_transports_with_ports_are_read, start, stop),
        cmocka_unit_test_setup_teardown(protocols_without_ports_keep_their_whole_message, start, stop),
        cmocka_unit_test_setup_teardown(authentication_headers_are_skipped_in_ipv4, start, stop),
    };
    return cmocka_run_group_tests_name("decode/transport", tests, NULL, NULL);
}
