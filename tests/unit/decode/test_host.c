/* SPDX-License-Identifier: Apache-2.0 */
#include "support/cm.h"
#include "support/decode_rig.h"

enum { COOKED = 113, NFLOG = 239, PKTAP = 258, COOKED2 = 276 };

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

static void hello_after(const char *header)
{
    frame_hello4(&frame);
    pre_hex(&frame, header);
}

static void cooked_packets_tell_their_direction(void **state)
{
    (void)state;
    hello_after("0004 0001 0006 0200000000010000 0800");
    assert_true(rig_frame(&rig, COOKED, &frame));
    assert_span_text(rig.segment.payload, "hello");
    assert_int_equal(rig.segment.direction, ML_PACKET_OUT);
    assert_false(rig.segment.has_mac);
    hello_after("0000 0001 0006 0200000000010000 0800");
    assert_true(rig_frame(&rig, COOKED, &frame));
    assert_int_equal(rig.segment.direction, ML_PACKET_IN);
    hello_after("0800 0000 00000002 0001 03 06 0200000000010000");
    assert_true(rig_frame(&rig, COOKED2, &frame));
    assert_span_text(rig.segment.payload, "hello");
    assert_int_equal(rig.segment.direction, ML_PACKET_UNKNOWN); /* promiscuous: sent by one host to another */
    hello_after("0800 0000 00000002 0001 04 06 0200000000010000");
    assert_true(rig_frame(&rig, COOKED2, &frame));
    assert_int_equal(rig.segment.direction, ML_PACKET_OUT);
}

static void cooked_packets_of_other_devices_are_read_as_theirs(void **state)
{
    (void)state;
    hello_after("0000 0323 0000 0000000000000000 0004 0000 0800 00000000 0801 0000 020000000011 020000000022"
                "020000000033 0000 aaaa03 000000 0800");
    expect_hello(COOKED, &frame, 4, "");
    hello_after("0004 0321 0006 0200000000010000 0800"); /* a Wi-Fi card, but not in monitor mode */
    expect_hello(COOKED, &frame, 4, "");
    hello_after("0000 0001 0006 0200000000010000 0004 aaaa03 000000 0800");
    expect_hello(COOKED, &frame, 4, "");
    hello_after("0000 0001 0006 0200000000010000 8100 0064 0800");
    expect_hello(COOKED, &frame, 4, "");
    hello_after("0004 0338 0000 0000000000000000 0800"); /* netlink family 2048 */
    expect_reason(COOKED, &frame, ML_COUNT_UNDECODED_NOT_IP);
    hello_after("0000 0118 0000 0000000000000000 000c"); /* CAN */
    expect_reason(COOKED, &frame, ML_COUNT_UNDECODED_NOT_IP);
    frame.len = 0;
    pre_hex(&frame, "0000 0001");
    expect_reason(COOKED, &frame, ML_COUNT_UNDECODED_SHORT_LINK);
    expect_reason(COOKED2, &frame, ML_COUNT_UNDECODED_SHORT_LINK);
}

/* linux/netfilter/nfnetlink_log.h: 9 is the payload, 11 the user. */
static void nflog_tells_the_user_of_a_packet(void **state)
{
    (void)state;
    frame_hello4(&frame);
    pre_hex(&frame, "02 00 001e 0800 0100 08000100 0800 0b00 00002774 2500 0900");
    assert_true(rig_frame(&rig, NFLOG, &frame));
    assert_span_text(rig.segment.payload, "hello");
    assert_true(rig.segment.has_uid);
    assert_int_equal(rig.segment.uid, 10100);
    frame_hello4(&frame); /* a machine of the other byte order */
    pre_hex(&frame, "02 00 001e 0008 000b 00002774 0025 0009");
    assert_true(rig_frame(&rig, NFLOG, &frame));
    assert_int_equal(rig.segment.uid, 10100);
    frame_hello4(&frame); /* of a bridge, which tells the ethertype */
    pre_hex(&frame, "07 00 001e 0800 0100 08000000 2500 0900");
    assert_true(rig_frame(&rig, NFLOG, &frame));
    assert_span_text(rig.segment.payload, "hello");
    frame_hello4(&frame); /* no user */
    pre_hex(&frame, "02 00 001e 0700 0a00 77680000 2500 0900");
    assert_true(rig_frame(&rig, NFLOG, &frame));
    assert_false(rig.segment.has_uid);
}

static void nflog_without_a_packet_is_counted(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        enum ml_counter reason;
    } cases[] = {
        {"02 00 001e 0800 0b00 00002774", ML_COUNT_UNDECODED_NOT_IP},
        {"07 00 001e 0800 0900 00000000", ML_COUNT_UNDECODED_NOT_IP}, /* of a bridge, without its protocol */
        {"07 00 001e 0800 0100 08060000 0800 0900 00000000", ML_COUNT_UNDECODED_ARP},
        {"07 00 001e 0500 0100 08000000", ML_COUNT_UNDECODED_BAD_LINK},
        {"28 00 001e 0800 0900 00000000", ML_COUNT_UNDECODED_NOT_IP},
        {"02 00 001e 0300 0900 00000000", ML_COUNT_UNDECODED_BAD_LINK}, /* shorter than its header */
        {"02 00 001e 0000 0900", ML_COUNT_UNDECODED_BAD_LINK},
        {"02 00 001e 0800", ML_COUNT_UNDECODED_SHORT_LINK},
        {"02", ML_COUNT_UNDECODED_SHORT_LINK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        frame.len = 0;
        pre_hex(&frame, cases[i].bytes);
        expect_reason(NFLOG, &frame, cases[i].reason);
    }
}

static void a_cut_nflog_packet_gives_what_is_there(void **state)
{
    (void)state;
    frame_hello4(&frame);
    pre_hex(&frame, "02 00 001e 2500 0900");
    struct ml_span whole = frame_span(&frame);
    assert_true(rig_decode(&rig, NFLOG, ml_span_of(whole.ptr, whole.len - 2), whole.len));
    assert_span_text(rig.segment.payload, "hel");
    assert_true(rig.segment.is_cut);
}

static void pktap_tells_the_process_and_the_direction(void **state)
{
    (void)state;
    frame_hello4(&frame);
    struct frame header;
    frame_zeros(&header, 112);
    uint8_t *at = header.bytes + sizeof header.bytes - 112;
    at[0] = 112;
    at[4] = 1;
    at[8] = 12; /* DLT_RAW */
    at[36] = 2; /* out */
    memcpy(at + 56, "ExampleChat", 11);
    pre(&frame, at, 112);
    assert_true(rig_frame(&rig, PKTAP, &frame));
    assert_span_text(rig.segment.payload, "hello");
    assert_span_text(rig.segment.app, "ExampleChat");
    assert_int_equal(rig.segment.direction, ML_PACKET_OUT);
    assert_true(rig_frame(&rig, 149, &frame));
    at[4] = 0; /* no packet */
    expect_reason(PKTAP, &header, ML_COUNT_UNDECODED_NOT_IP);
    at[4] = 1;
    at[8] = 147;
    expect_reason(PKTAP, &header, ML_COUNT_UNDECODED_LINK_TYPE);
    at[0] = 107;
    expect_reason(PKTAP, &header, ML_COUNT_UNDECODED_BAD_LINK);
    at[0] = 255;
    at[8] = 12;
    expect_reason(PKTAP, &header, ML_COUNT_UNDECODED_SHORT_LINK);
    header.len = 100;
    expect_reason(PKTAP, &header, ML_COUNT_UNDECODED_SHORT_LINK);
}

/* A packet of `pad` bytes of padding and a trailer with the given magic and user. */
static void build_trailer(unsigned pad, const char *magic_and_user)
{
    struct frame tail;
    tail.len = 0;
    pre_hex(&tail, "4578616d706c652043686174 0000000000000000 deadbeef"); /* "Example Chat" */
    pre_hex(&tail, magic_and_user);
    frame_hello4(&frame);
    post(&frame, "\0\0\0\0", pad);
    post(&frame, frame_span(&tail).ptr, tail.len);
    pre_hex(&frame, "000000000000 000000000000 0800");
}

static void the_trailer_of_pcapdroid_tells_user_and_app(void **state)
{
    (void)state;
    for (unsigned pad = 0; pad <= 3; pad++) {
        build_trailer(pad, "01072021 00002774");
        assert_true(rig_frame(&rig, LINK_ETHERNET, &frame));
        assert_span_text(rig.segment.payload, "hello");
        assert_true(rig.segment.has_uid);
        assert_int_equal(rig.segment.uid, 10100);
        assert_span_text(rig.segment.app, "Example Chat");
        assert_false(rig.segment.has_mac); /* the addresses are made up */
    }
    build_trailer(0, "01072021 ffffffff");
    assert_true(rig_frame(&rig, LINK_ETHERNET, &frame));
    assert_false(rig.segment.has_uid);
    assert_int_equal(rig.segment.uid, 0);
}

static void the_trailer_comes_behind_a_cut_packet_too(void **state)
{
    (void)state;
    build_trailer(0, "01072021 00002774");
    static uint8_t bytes[128];
    struct ml_span whole = frame_span(&frame);
    memcpy(bytes, whole.ptr, 14 + 31); /* "hel" */
    memcpy(bytes + 14 + 31, whole.ptr + 14 + 33, 32);
    assert_true(rig_decode(&rig, LINK_ETHERNET, ml_span_of(bytes, whole.len - 2), whole.len));
    assert_span_text(rig.segment.payload, "hel");
    assert_true(rig.segment.is_cut);
    assert_int_equal(rig.segment.uid, 10100);
}

/* What a sender could write into its own payload must not name an app. */
static void a_payload_that_looks_like_a_trailer_names_nobody(void **state)
{
    (void)state;
    frame.len = 0;
    pre_hex(&frame, "01072021 00002774 4578616d706c652043686174 0000000000000000 deadbeef");
    pre_udp(&frame, 40000, 5000);
    pre_ip4(&frame, ML_IP_UDP);
    pre_hex(&frame, "000000000000 000000000000 0800");
    assert_true(rig_frame(&rig, LINK_ETHERNET, &frame));
    assert_false(rig.segment.has_uid);
    assert_int_equal(rig.segment.app.len, 0);
    assert_int_equal(rig.segment.payload.len, 32);
    build_trailer(4, "01072021 00002774"); /* the lengths do not fit */
    assert_true(rig_frame(&rig, LINK_ETHERNET, &frame));
    assert_false(rig.segment.has_uid);
    build_trailer(0, "01072022 00002774");
    assert_true(rig_frame(&rig, LINK_ETHERNET, &frame));
    assert_false(rig.segment.has_uid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cooked_packets_tell_their_direction, start, stop),
        cmocka_unit_test(cooked_packets_of_other_devices_are_read_as_theirs),
        cmocka_unit_test_setup_teardown(nflog_tells_the_user_of_a_packet, start, stop),
        cmocka_unit_test(nflog_without_a_packet_is_counted),
        cmocka_unit_test_setup_teardown(a_cut_nflog_packet_gives_what_is_there, start, stop),
        cmocka_unit_test_setup_teardown(pktap_tells_the_process_and_the_direction, start, stop),
        cmocka_unit_test_setup_teardown(the_trailer_of_pcapdroid_tells_user_and_app, start, stop),
        cmocka_unit_test_setup_teardown(the_trailer_comes_behind_a_cut_packet_too, start, stop),
        cmocka_unit_test_setup_teardown(a_payload_that_looks_like_a_trailer_names_nobody, start, stop),
    };
    return cmocka_run_group_tests_name("decode/host", tests, NULL, NULL);
}
