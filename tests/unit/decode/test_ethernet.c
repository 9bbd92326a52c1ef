/* SPDX-License-Identifier: Apache-2.0 */
#include "support/cm.h"
#include "support/decode_rig.h"

static struct frame frame;

static void an_ethernet_frame_gives_addresses_ports_and_payload(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig);
    frame_hello4(&frame);
    pre_eth(&frame, 0x0800);
    assert_true(rig_frame(&rig, LINK_ETHERNET, &frame));
    char text[ML_IP_TEXT];
    assert_int_equal(ml_ip_format(&rig.segment.src, text), 9);
    assert_string_equal(text, "192.0.2.1");
    assert_int_equal(ml_ip_format(&rig.segment.dst, text), 12);
    assert_string_equal(text, "198.51.100.2");
    assert_true(rig.segment.has_mac);
    assert_memory_equal(rig.segment.dst_mac, "\x02\0\0\0\0\x02", 6);
    assert_memory_equal(rig.segment.src_mac, "\x02\0\0\0\0\x01", 6);
    assert_int_equal(rig.segment.ttl, 64);
    assert_int_equal(rig.segment.time_ns, 1000000000);
    assert_int_equal(rig.counters.n[ML_COUNT_BYTES_WIRE], 47);
    assert_int_equal(rig.counters.n[ML_COUNT_BYTES_CAPTURED], 47);
    rig_fini(&rig);
}

static void padding_of_short_frames_is_cut_off(void **state)
{
    (void)state;
    frame_hello4(&frame);
    post(&frame, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 17);
    pre_eth(&frame, 0x0800);
    expect_hello(LINK_ETHERNET, &frame, 4, "");
}

/* IEEE 802.1Q, sections 9.5 and 9.6; the others are of vendors or of the time before 802.1ad. */
static void tags_are_taken_off(void **state)
{
    (void)state;
    static const unsigned types[] = {0x8100, 0x88a8, 0x9100, 0x9200, 0x9300};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        frame_hello6(&frame);
        pre_hex(&frame, "0064 86dd");
        pre_hex(&frame, "0065 8100");
        pre_eth(&frame, types[i]);
        expect_hello(LINK_ETHERNET, &frame, 6, "");
    }
    frame_hello4(&frame);
    pre_hex(&frame, "80000001 0800"); /* VN-Tag */
    pre_eth(&frame, 0x8926);
    expect_hello(LINK_ETHERNET, &frame, 4, "");
    frame_hello4(&frame);
    pre_hex(&frame, "000000010000 0800"); /* 802.1BR */
    pre_eth(&frame, 0x893f);
    expect_hello(LINK_ETHERNET, &frame, 4, "");
    frame_hello4(&frame);
    pre_hex(&frame, "0101 00010002 0800"); /* Cisco metadata */
    pre_eth(&frame, 0x8909);
    expect_hello(LINK_ETHERNET, &frame, 4, "");
    frame_hello4(&frame);
    pre_eth(&frame, 0x0800);
    pre_hex(&frame, "4020"); /* FabricPath */
    pre_eth(&frame, 0x8903);
    expect_hello(LINK_ETHERNET, &frame, 4, "");
}

static void a_provider_backbone_tag_holds_the_whole_customer_frame(void **state)
{
    (void)state;
    frame_hello4(&frame);
    pre_eth(&frame, 0x0800);
    pre_hex(&frame, "00000123");
    pre_hex(&frame, "0200000000aa 0200000000bb 88e7");
    struct rig rig;
    rig_init(&rig);
    assert_true(rig_frame(&rig, LINK_ETHERNET, &frame));
    assert_memory_equal(rig.segment.src_mac, "\x02\0\0\0\0\x01", 6); /* the inner one */
    rig_fini(&rig);
}

static void tags_without_end_are_given_up(void **state)
{
    (void)state;
    frame_hello4(&frame);
    pre_hex(&frame, "0064 0800");
    for (int i = 0; i < ML_MAX_HEADERS; i++) {
        pre_hex(&frame, "0064 8100");
    }
    pre_eth(&frame, 0x8100);
    expect_reason(LINK_ETHERNET, &frame, ML_COUNT_UNDECODED_TUNNEL_DEPTH);
}

static void switch_tags_are_taken_off(void **state)
{
    (void)state;
    frame_hello4(&frame);
    pre_hex(&frame, "020000000002 020000000001 20000003 0800");
    expect_hello(281, &frame, 4, "");
    frame_hello4(&frame);
    pre_eth(&frame, 0x0800);
    pre_hex(&frame, "20000003");
    expect_hello(282, &frame, 4, "");
    frame_hello4(&frame);
    pre_hex(&frame, "020000000002 020000000001 c0100539 0800");
    expect_hello(284, &frame, 4, "");
    frame_hello4(&frame);
    pre_hex(&frame, "0000 c0000000 0800");
    pre_eth(&frame, 0xdada);
    expect_hello(285, &frame, 4, "");
    frame_hello4(&frame);
    pre_eth(&frame, 0x0800);
    pre_hex(&frame, "01000c000002 020000000001 0041 aaaa03 00000c 0002 0000 0000"); /* ISL */
    expect_hello(LINK_ETHERNET, &frame, 4, "");
}

/* IEEE 802.1AE, section 9.5: bits E and C. */
static void signed_macsec_is_read_and_encrypted_macsec_is_counted(void **state)
{
    (void)state;
    frame_hello4(&frame);
    pre_hex(&frame, "20 00 00000001 0200000000010001 0800"); /* with the identifier of the channel */
    pre_eth(&frame, 0x88e5);
    post(&frame, "0123456789abcdef", 16); /* the check value */
    expect_hello(LINK_ETHERNET, &frame, 4, "");
    frame_hello4(&frame);
    pre_hex(&frame, "00 00 00000001 0800");
    pre_eth(&frame, 0x88e5);
    expect_hello(LINK_ETHERNET, &frame, 4, "");
    frame_hello4(&frame);
    pre_hex(&frame, "2c 00 00000001 0200000000010001");
    pre_eth(&frame, 0x88e5);
    expect_reason(LINK_ETHERNET, &frame, ML_COUNT_UNDECODED_ENCRYPTED_LINK);
    frame_hello4(&frame);
    pre_hex(&frame, "80 00 00000001 0800");
    pre_eth(&frame, 0x88e5);
    expect_reason(LINK_ETHERNET, &frame, ML_COUNT_UNDECODED_BAD_LINK);
}

/* RFC 1042; IEEE 802.1H. */
static void ip_in_802_2_is_found(void **state)
{
    (void)state;
    static const char *const headers[] = {"aaaa03 000000 0800", "aaaa03 0000f8 0800", "060603", "fefe03 cc"};
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        frame_hello4(&frame);
        pre_hex(&frame, headers[i]);
        size_t len = frame.len;
        post(&frame, "\0\0\0", 3);
        pre_eth(&frame, (unsigned)len);
        expect_hello(LINK_ETHERNET, &frame, 4, "");
    }
    frame_hello6(&frame);
    pre_eth(&frame, 0x86dd);
    pre_hex(&frame, "aaaa03 0080c2 0007"); /* a bridged frame */
    pre_eth(&frame, (unsigned)frame.len);
    expect_hello(LINK_ETHERNET, &frame, 6, "");
}

static void what_is_not_ip_is_counted_by_kind(void **state)
{
    (void)state;
    static const struct {
        unsigned type;
        const char *content;
        enum ml_counter reason;
    } cases[] = {
        {0x0806, "0001 0800 06 04 0001", ML_COUNT_UNDECODED_ARP},
        {0x8035, "0001 0800 06 04 0003", ML_COUNT_UNDECODED_ARP},
        {0x888e, "01 00 0000", ML_COUNT_UNDECODED_EAPOL},
        {0x88c7, "01 00 0000", ML_COUNT_UNDECODED_EAPOL},
        {0x88cc, "0207 04", ML_COUNT_UNDECODED_LLDP},
        {0x8863, "11 09 0000 0000", ML_COUNT_UNDECODED_PPP_CONTROL},
        {0x88b5, "00", ML_COUNT_UNDECODED_NOT_IP}, /* for experiments */
        {0x05ff, "00", ML_COUNT_UNDECODED_BAD_LINK},
        {0x0026, "424203 0000 00 00", ML_COUNT_UNDECODED_LLC},     /* spanning tree */
        {0x0026, "aaaa03 00000c 2000 02", ML_COUNT_UNDECODED_LLC}, /* CDP */
        {0x0026, "aaaa03 000000 0102 02", ML_COUNT_UNDECODED_LLC},
        {0x0026, "aaaa03 0080c2 000e 02", ML_COUNT_UNDECODED_LLC},
        {0x0026, "ffff 0022 0011", ML_COUNT_UNDECODED_LLC}, /* IPX as Novell framed it */
        {0x0026, "fefe03 83 00", ML_COUNT_UNDECODED_LLC},   /* IS-IS */
        {0x0026, "aaaa", ML_COUNT_UNDECODED_SHORT_LINK},
        {0x0026, "aaaa03 0000", ML_COUNT_UNDECODED_SHORT_LINK},
        {0x8100, "0064 08", ML_COUNT_UNDECODED_SHORT_LINK},
        {0x88e7, "000001", ML_COUNT_UNDECODED_SHORT_LINK},
        {0x88e5, "2c00", ML_COUNT_UNDECODED_SHORT_LINK},
        {0x8909, "0201 00010002 0800", ML_COUNT_UNDECODED_BAD_LINK},
        {0x8909, "01", ML_COUNT_UNDECODED_SHORT_LINK},
        {0x8903, "40", ML_COUNT_UNDECODED_SHORT_LINK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        frame.len = 0;
        pre_hex(&frame, cases[i].content);
        pre_eth(&frame, cases[i].type);
        expect_reason(LINK_ETHERNET, &frame, cases[i].reason);
    }
    frame.len = 0;
    pre_hex(&frame, "020000000002 020000000001 08");
    expect_reason(LINK_ETHERNET, &frame, ML_COUNT_UNDECODED_SHORT_LINK);
    frame.len = 0;
    expect_reason(LINK_ETHERNET, &frame, ML_COUNT_UNDECODED_SHORT_LINK);
    expect_reason(147, &frame, ML_COUNT_UNDECODED_LINK_TYPE);
}

/* RFC 3032; RFC 4385 for the pseudowire. */
static void mpls_is_looked_through(void **state)
{
    (void)state;
    frame_hello4(&frame);
    pre_hex(&frame, "00010040 00020140");
    pre_eth(&frame, 0x8847);
    expect_hello(LINK_ETHERNET, &frame, 4, "mpls");
    frame_hello6(&frame);
    pre_hex(&frame, "00020140");
    pre_eth(&frame, 0x8848);
    expect_hello(LINK_ETHERNET, &frame, 6, "mpls");
    frame_hello4(&frame);
    pre_eth(&frame, 0x0800);
    pre_hex(&frame, "00020140 00000000");
    pre_eth(&frame, 0x8847);
    expect_hello(LINK_ETHERNET, &frame, 4, "mpls");
    frame.len = 0;
    pre_hex(&frame, "00020140 10000021 00"); /* the channel that watches the pseudowire */
    pre_eth(&frame, 0x8847);
    expect_reason(LINK_ETHERNET, &frame, ML_COUNT_UNDECODED_NOT_IP);
    frame.len = 0;
    pre_hex(&frame, "00020040"); /* no bottom of the stack */
    pre_eth(&frame, 0x8847);
    expect_reason(LINK_ETHERNET, &frame, ML_COUNT_UNDECODED_SHORT_LINK);
    frame.len = 0;
    pre_hex(&frame, "00020140");
    pre_eth(&frame, 0x8847);
    expect_reason(LINK_ETHERNET, &frame, ML_COUNT_UNDECODED_SHORT_LINK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ethernet_frame_gives_addresses_ports_and_payload),
        cmocka_unit_test(padding_of_short_frames_is_cut_off),
        cmocka_unit_test(tags_are_taken_off),
        cmocka_unit_test(a_provider_backbone_tag_holds_the_whole_customer_frame),
        cmocka_unit_test(tags_without_end_are_given_up),
        cmocka_unit_test(switch_tags_are_taken_off),
        cmocka_unit_test(signed_macsec_is_read_and_encrypted_macsec_is_counted),
        cmocka_unit_test(ip_in_802_2_is_found),
        cmocka_unit_test(what_is_not_ip_is_counted_by_kind),
        cmocka_unit_test(mpls_is_looked_through),
    };
    return cmocka_run_group_tests_name("decode/ethernet", tests, NULL, NULL);
}
