/* SPDX-License-Identifier: Apache-2.0 */
#include "support/cm.h"
#include "support/decode_rig.h"

enum { WLAN = 105, PRISM = 119, RADIOTAP = 127, AVS = 163, PPI = 192 };

#define ADDRESS1 "020000000011"
#define ADDRESS2 "020000000022"
#define ADDRESS3 "020000000033"
#define ADDRESS4 "020000000044"
#define SNAP4 "aaaa03 000000 0800"

static struct frame frame;

static void hello_after(const char *header)
{
    frame_hello4(&frame);
    pre_hex(&frame, header);
}

static void expect_macs(const char *header, const char *src, const char *dst)
{
    struct rig rig;
    uint8_t macs[12] = {0};
    rig_init(&rig);
    hello_after(header);
    assert_true(rig_frame(&rig, WLAN, &frame));
    assert_span_text(rig.segment.payload, "hello");
    frame.len = 0;
    pre_hex(&frame, dst);
    pre_hex(&frame, src);
    memcpy(macs, frame_span(&frame).ptr, 12);
    assert_memory_equal(rig.segment.src_mac, macs, 6);
    assert_memory_equal(rig.segment.dst_mac, macs + 6, 6);
    rig_fini(&rig);
}

/* IEEE 802.11, table 9-30. */
static void both_ends_are_found_in_each_kind_of_data_frame(void **state)
{
    (void)state;
    expect_macs("0800 0000" ADDRESS1 ADDRESS2 ADDRESS3 "0000" SNAP4, ADDRESS2, ADDRESS1);
    expect_macs("0801 0000" ADDRESS1 ADDRESS2 ADDRESS3 "0000" SNAP4, ADDRESS2, ADDRESS3);
    expect_macs("0802 0000" ADDRESS1 ADDRESS2 ADDRESS3 "0000" SNAP4, ADDRESS3, ADDRESS1);
    expect_macs("0803 0000" ADDRESS1 ADDRESS2 ADDRESS3 "0000" ADDRESS4 SNAP4, ADDRESS4, ADDRESS3);
    expect_macs("8801 0000" ADDRESS1 ADDRESS2 ADDRESS3 "0000 0000" SNAP4, ADDRESS2, ADDRESS3);          /* QoS */
    expect_macs("8880 0000" ADDRESS1 ADDRESS2 ADDRESS3 "0000 0000 00000000" SNAP4, ADDRESS2, ADDRESS1); /* HT control */
    expect_macs("8803 0000" ADDRESS1 ADDRESS2 ADDRESS3 "0000" ADDRESS4 "0000" SNAP4, ADDRESS4, ADDRESS3);
}

static void frames_without_ip_are_counted_by_kind(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        enum ml_counter reason;
    } cases[] = {
        {"8000 0000", ML_COUNT_UNDECODED_WLAN_MANAGEMENT}, /* a beacon */
        {"b400 0000", ML_COUNT_UNDECODED_WLAN_CONTROL},    /* RTS */
        {"4801 0000" ADDRESS1 ADDRESS2 ADDRESS3 "0000", ML_COUNT_UNDECODED_WLAN_NULL},
        {"c801 0000" ADDRESS1 ADDRESS2 ADDRESS3 "0000 0000", ML_COUNT_UNDECODED_WLAN_NULL},
        {"0841 0000" ADDRESS1 ADDRESS2 ADDRESS3 "0000 0123456700000000 0badc0de", ML_COUNT_UNDECODED_ENCRYPTED_LINK},
        {"0801 0000" ADDRESS1 ADDRESS2 ADDRESS3 "0100" SNAP4, ML_COUNT_UNDECODED_WLAN_FRAGMENT},
        {"0801 0000" ADDRESS1 ADDRESS2 ADDRESS3 "0000 aaaa03 000000 888e 02", ML_COUNT_UNDECODED_EAPOL},
        {"0901 0000" ADDRESS1 ADDRESS2 ADDRESS3 "0000" SNAP4, ML_COUNT_UNDECODED_BAD_LINK}, /* version 1 */
        {"0801 0000" ADDRESS1 ADDRESS2 ADDRESS3, ML_COUNT_UNDECODED_SHORT_LINK},
        {"0803 0000" ADDRESS1 ADDRESS2 ADDRESS3 "0000 02", ML_COUNT_UNDECODED_SHORT_LINK},
        {"8801 0000" ADDRESS1 ADDRESS2 ADDRESS3 "0000 00", ML_COUNT_UNDECODED_SHORT_LINK},
        {"8801 0000" ADDRESS1 ADDRESS2 ADDRESS3 "0000 8000 02", ML_COUNT_UNDECODED_SHORT_LINK}, /* no subframe */
        {"", ML_COUNT_UNDECODED_SHORT_LINK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        frame.len = 0;
        pre_hex(&frame, cases[i].bytes);
        expect_reason(WLAN, &frame, cases[i].reason);
    }
}

static void frames_the_driver_has_decrypted_are_read_despite_the_flag(void **state)
{
    (void)state;
    hello_after("0841 0000" ADDRESS1 ADDRESS2 ADDRESS3 "0000" SNAP4);
    expect_hello(WLAN, &frame, 4, "");
    hello_after("0841 0000" ADDRESS1 ADDRESS2 ADDRESS3 "0000 0123002000000000" SNAP4);
    expect_hello(WLAN, &frame, 4, "");
    hello_after("0841 0000" ADDRESS1 ADDRESS2 ADDRESS3 "0000 01234500" SNAP4);
    expect_hello(WLAN, &frame, 4, "");
}

/* IEEE 802.11, section 9.3.2.2. */
static void the_first_packet_of_an_aggregate_is_taken_and_the_others_counted(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig);
    frame_hello4(&frame);
    pre_hex(&frame, SNAP4);
    pre_u16(&frame, 41);
    pre_hex(&frame, ADDRESS3 ADDRESS2);
    post(&frame, "\0", 1); /* 14 + 41 bytes are padded to 56 */
    struct ml_span one = frame_span(&frame);
    static uint8_t copy[64];
    assert_int_equal(one.len, 56);
    memcpy(copy, one.ptr, one.len);
    post(&frame, copy, 56);
    post(&frame, copy, 55);
    pre_hex(&frame, "8801 0000" ADDRESS1 ADDRESS2 ADDRESS1 "0000 8000");
    assert_true(rig_frame(&rig, WLAN, &frame));
    assert_span_text(rig.segment.payload, "hello");
    assert_memory_equal(rig.segment.dst_mac, "\x02\0\0\0\0\x33", 6);
    assert_int_equal(rig.counters.n[ML_COUNT_AMSDU_LEFT_OUT], 2);
    rig_fini(&rig);
}

static void an_aggregate_frames_its_packets(void **state)
{
    (void)state;
    frame_hello4(&frame);
    pre_hex(&frame, SNAP4);
    pre_u16(&frame, 40); /* one byte less than the IP packet needs */
    pre_hex(&frame, ADDRESS3 ADDRESS2);
    pre_hex(&frame, "8801 0000" ADDRESS1 ADDRESS2 ADDRESS1 "0000 8000");
    expect_reason(WLAN, &frame, ML_COUNT_UNDECODED_BAD_IP);
}

/* radiotap.org: fields are aligned to their size, bit 31 announces another word. */
static void radiotap_is_skipped_and_its_flags_are_heeded(void **state)
{
    (void)state;
    hello_after("0000 0800 00000000 0801 0000" ADDRESS1 ADDRESS2 ADDRESS3 "0000" SNAP4);
    expect_hello(RADIOTAP, &frame, 4, "");
    /* Time and flags behind two words: the time starts at 16, the flags are at 24; header padded to four bytes. */
    hello_after("0000 1900 03000080 00000000 00000000 0000000000000000 20"
                "8801 0000" ADDRESS1 ADDRESS2 ADDRESS3 "0000 0000 0000" SNAP4);
    expect_hello(RADIOTAP, &frame, 4, "");
    hello_after("0000 0900 02000000 40 0801 0000" ADDRESS1 ADDRESS2 ADDRESS3 "0000" SNAP4);
    expect_reason(RADIOTAP, &frame, ML_COUNT_UNDECODED_BAD_LINK); /* the checksum was wrong on the air */
    hello_after("0100 0800 00000000 0801 0000" ADDRESS1 ADDRESS2 ADDRESS3 "0000" SNAP4);
    expect_reason(RADIOTAP, &frame, ML_COUNT_UNDECODED_BAD_LINK); /* version 1 */
    hello_after("0000 0700 00000000 0801 0000" ADDRESS1 ADDRESS2 ADDRESS3 "0000" SNAP4);
    expect_reason(RADIOTAP, &frame, ML_COUNT_UNDECODED_BAD_LINK); /* shorter than itself */
    frame.len = 0;
    pre_hex(&frame, "0000 2000 00000080 00000080");
    expect_reason(RADIOTAP, &frame, ML_COUNT_UNDECODED_SHORT_LINK);
    frame.len = 0;
    pre_hex(&frame, "0000 0c00 00000080 00000080 8000"); /* words without end inside the header */
    expect_reason(RADIOTAP, &frame, ML_COUNT_UNDECODED_WLAN_MANAGEMENT);
    frame.len = 0;
    pre_hex(&frame, "0000 08");
    expect_reason(RADIOTAP, &frame, ML_COUNT_UNDECODED_SHORT_LINK);
}

static void other_headers_of_wifi_cards_are_skipped(void **state)
{
    (void)state;
#define DATA "0801 0000" ADDRESS1 ADDRESS2 ADDRESS3 "0000" SNAP4
    hello_after("80211001 00000010 0000000000000000" DATA);
    expect_hello(AVS, &frame, 4, "");
    hello_after("80211002 00000010 0000000000000000" DATA);
    expect_hello(PRISM, &frame, 4, "");
    hello_after("44000000 18000000 776c616e30000000 0000000000000000" DATA);
    expect_hello(PRISM, &frame, 4, "");
    hello_after("00000044 00000018 776c616e30000000 0000000000000000" DATA);
    expect_hello(PRISM, &frame, 4, "");
    hello_after("00 00 0c00 69000000 00000000" DATA);
    expect_hello(PPI, &frame, 4, "");
    hello_after("00 00 0800 01000000 020000000002 020000000001 0800");
    expect_hello(PPI, &frame, 4, "");
    static const struct {
        int link_type;
        const char *bytes;
        enum ml_counter reason;
    } cases[] = {
        {AVS, "80211001 00000007 00", ML_COUNT_UNDECODED_BAD_LINK},
        {AVS, "80211001 00000040 00", ML_COUNT_UNDECODED_SHORT_LINK},
        {AVS, "80211001", ML_COUNT_UNDECODED_SHORT_LINK},
        {PRISM, "44000000 07000000", ML_COUNT_UNDECODED_BAD_LINK},
        {PRISM, "44000000 90000000", ML_COUNT_UNDECODED_SHORT_LINK},
        {PRISM, "44", ML_COUNT_UNDECODED_SHORT_LINK},
        {PPI, "00 00 0700 69000000", ML_COUNT_UNDECODED_BAD_LINK},
        {PPI, "01 00 0800 69000000", ML_COUNT_UNDECODED_BAD_LINK},
        {PPI, "00 00 0800 93000000", ML_COUNT_UNDECODED_LINK_TYPE},
        {PPI, "00 00 2000 69000000", ML_COUNT_UNDECODED_SHORT_LINK},
        {PPI, "00 00", ML_COUNT_UNDECODED_SHORT_LINK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        frame.len = 0;
        pre_hex(&frame, cases[i].bytes);
        expect_reason(cases[i].link_type, &frame, cases[i].reason);
    }
}

static void headers_that_name_themselves_end(void **state)
{
    (void)state;
    frame_hello4(&frame);
    for (int i = 0; i <= ML_MAX_HEADERS; i++) {
        pre_hex(&frame, "00 00 0800 c0000000"); /* PPI in PPI */
    }
    expect_reason(PPI, &frame, ML_COUNT_UNDECODED_TUNNEL_DEPTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ends_are_found_in_each_kind_of_data_frame),
        cmocka_unit_test(frames_without_ip_are_counted_by_kind),
        cmocka_unit_test(frames_the_driver_has_decrypted_are_read_despite_the_flag),
        cmocka_unit_test(the_first_packet_of_an_aggregate_is_taken_and_the_others_counted),
        cmocka_unit_test(an_aggregate_frames_its_packets),
        cmocka_unit_test(radiotap_is_skipped_and_its_flags_are_heeded),
        cmocka_unit_test(other_headers_of_wifi_cards_are_skipped),
        cmocka_unit_test(headers_that_name_themselves_end),
    };
    return cmocka_run_group_tests_name("decode/wlan", tests, NULL, NULL);
}
