/* SPDX-License-Identifier: Apache-2.0 */
#include "support/cm.h"
#include "support/decode_rig.h"

static struct frame frame;

/* In front of an inner packet: a header in hex, then UDP with these ports (0: none), then IPv4 or IPv6 of `proto`. */
struct wrapping {
    const char *header;
    unsigned src_port, dst_port;
    uint8_t proto;
    unsigned outer, inner;
    bool has_ethernet;
    const char *tunnels;
};

static void wrap(const struct wrapping *how)
{
    pre_hex(&frame, how->header);
    if (how->dst_port != 0) {
        pre_udp(&frame, how->src_port, how->dst_port);
    }
    if (how->outer == 4) {
        pre_ip4(&frame, how->proto);
    } else {
        pre_ip6(&frame, how->proto);
    }
}

static void expect_inner(const struct wrapping *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (cases[i].inner == 4) {
            frame_hello4(&frame);
        } else {
            frame_hello6(&frame);
        }
        if (cases[i].has_ethernet) {
            pre_eth(&frame, cases[i].inner == 4 ? 0x0800 : 0x86dd);
        }
        wrap(&cases[i]);
        expect_hello(LINK_RAW, &frame, cases[i].inner, cases[i].tunnels);
    }
}

/* The packet around is the segment, `kept` times because what is inside is no IP packet. */
static void expect_outer(const struct wrapping *how, unsigned kept)
{
    struct rig rig;
    char text[64];
    rig_init(&rig);
    wrap(how);
    assert_true(rig_frame(&rig, LINK_RAW, &frame));
    assert_int_equal(rig.segment.ip_proto, how->proto);
    assert_int_equal(rig.segment.src_port, how->dst_port != 0 ? how->src_port : 0);
    assert_int_equal(rig.segment.dst_port, how->dst_port);
    assert_int_equal(rig.segment.ip_len, frame.len);
    assert_string_equal(tunnel_list(&rig.segment, text), "");
    assert_int_equal(rig.counters.n[ML_COUNT_TUNNELS_KEPT_OUTER], kept);
    rig_fini(&rig);
}

static void expect_plain(const struct wrapping *cases, size_t n, unsigned kept)
{
    for (size_t i = 0; i < n; i++) {
        frame_hello4(&frame);
        if (cases[i].has_ethernet) {
            pre_eth(&frame, 0x0800);
        }
        expect_outer(&cases[i], kept);
    }
}

/* RFC 2003, RFC 4213, RFC 2473, RFC 3378, RFC 4023. */
static void ip_in_ip_is_followed(void **state)
{
    (void)state;
    static const struct wrapping cases[] = {
        {"", 0, 0, 4, 4, 4, false, "ipip"},        {"", 0, 0, 41, 4, 6, false, "6in4"},
        {"", 0, 0, 4, 6, 4, false, "4in6"},        {"", 0, 0, 41, 6, 6, false, "6in6"},
        {"3000", 0, 0, 97, 4, 6, true, "etherip"}, {"00020140", 0, 0, 137, 4, 4, false, "mpls"},
    };
    expect_inner(cases, sizeof cases / sizeof cases[0]);
    static const struct wrapping plain[] = {{"4000", 0, 0, 97, 4, 4, true, ""}};
    expect_plain(plain, 1, 0);
    static const struct wrapping doubtful[] = {{"ff", 0, 0, 4, 4, 4, false, ""}, {"ff", 0, 0, 41, 4, 4, false, ""}};
    expect_plain(doubtful, 2, 1);
}

/* RFC 2784, RFC 2890. */
static void gre_is_followed(void **state)
{
    (void)state;
    static const struct wrapping cases[] = {
        {"0000 0800", 0, 0, 47, 4, 4, false, "gre"},
        {"0000 86dd", 0, 0, 47, 6, 6, false, "gre"},
        {"8000 0800 12340000", 0, 0, 47, 4, 4, false, "gre"},
        {"b000 0800 12340000 00000007 00000001", 0, 0, 47, 4, 4, false, "gre"},
        {"2000 6558 00000100", 0, 0, 47, 4, 6, true, "gre"},
        {"0000 8847 00020140", 0, 0, 47, 4, 4, false, "gre,mpls"},
        {"0000 880b ff030021", 0, 0, 47, 4, 4, false, "gre"},
        {"0000 8100 0064 0800", 0, 0, 47, 4, 4, false, "gre"},
        {"0000 883e", 0, 0, 47, 4, 4, false, "gre"},          /* WCCP */
        {"0000 883e 01000000", 0, 0, 47, 4, 4, false, "gre"}, /* WCCP 2 */
        {"0000 8200 0801 0000 020000000011 020000000022 020000000033 0000 aaaa03 000000 0800", 0, 0, 47, 4, 4, false,
         "gre"},                                           /* 802.11 */
        {"0000 0800", 4754, 4754, 17, 4, 4, false, "gre"}, /* RFC 8086 */
    };
    expect_inner(cases, sizeof cases / sizeof cases[0]);
    static const struct wrapping plain[] = {
        {"4000 0800 00000000", 0, 0, 47, 4, 4, false, ""}, /* source routing */
        {"0100 0800", 0, 0, 47, 4, 4, false, ""},          /* recursion control */
        {"0000 0000", 0, 0, 47, 4, 4, false, ""},          /* a keepalive */
        {"0002 0800", 0, 0, 47, 4, 4, false, ""},          /* version 2 */
        {"0000 883e 01000000 00", 0, 0, 47, 4, 4, false, ""},
    };
    expect_plain(plain, sizeof plain / sizeof plain[0], 0);
    static const struct wrapping doubtful[] = {
        {"0000 2001", 0, 0, 47, 4, 4, false, ""}, /* NHRP */
        {"0000 0806", 0, 0, 47, 4, 4, false, ""},
        {"0000 0800 00", 0, 0, 47, 4, 4, false, ""},
    };
    expect_plain(doubtful, sizeof doubtful / sizeof doubtful[0], 1);
    frame.len = 0;
    expect_outer(&(struct wrapping){"00", 0, 0, 47, 4, 4, false, ""}, 0);
}

/* RFC 2637, section 4.1. */
static void pptp_is_followed_unless_it_is_compressed(void **state)
{
    (void)state;
    static const struct wrapping cases[] = {
        {"3001 880b 0025 0007 00000001 ff030021", 0, 0, 47, 4, 4, false, "gre"},
        {"3081 880b 0036 0007 00000001 00000000 57", 0, 0, 47, 4, 6, false, "gre"},
    };
    expect_inner(cases, sizeof cases / sizeof cases[0]);
    static const struct wrapping plain[] = {
        {"2081 880b 0000 0007 00000001", 0, 0, 47, 4, 4, false, ""}, /* an acknowledgment */
        {"3001 0800 0021 0007 00000001", 0, 0, 47, 4, 4, false, ""},
    };
    expect_plain(plain, 2, 0);
    static const struct wrapping doubtful[] = {
        {"3001 880b 0023 0007 00000001 00fd", 0, 0, 47, 4, 4, false, ""}, /* MPPE */
        {"3001 880b 0100 0007 00000001 0021", 0, 0, 47, 4, 4, false, ""}, /* longer than its packet */
        {"3001 880b 0005 0007 00000001 0021", 0, 0, 47, 4, 4, false, ""}, /* shorter than what it holds */
    };
    expect_plain(doubtful, 3, 1);
}

/* draft-foschiano-erspan, sections 4.1 to 4.3. */
static void erspan_is_followed(void **state)
{
    (void)state;
    static const struct wrapping cases[] = {
        {"0000 88be", 0, 0, 47, 4, 4, true, "erspan"},
        {"1000 88be 00000001 10640001 00000000", 0, 0, 47, 4, 6, true, "erspan"},
        {"1000 22eb 00000001 20640001 00000000 0000 0000", 0, 0, 47, 4, 4, true, "erspan"},
        {"1000 22eb 00000001 20640001 00000000 0000 0001 0000000000000000", 0, 0, 47, 4, 4, true, "erspan"},
        {"1000 22eb 00000001 20640001 00000000 0000 0800", 0, 0, 47, 4, 4, false, "erspan"}, /* IP, no Ethernet */
    };
    expect_inner(cases, sizeof cases / sizeof cases[0]);
    static const struct wrapping plain[] = {
        {"1000 88be 00000001 20640001 00000000", 0, 0, 47, 4, 4, true, ""},
        {"1000 22eb 00000001 10640001 00000000 0000 0000", 0, 0, 47, 4, 4, true, ""},
        {"1000 22eb 00000001 20640001 00000000 0000 0800 00", 0, 0, 47, 4, 4, false, ""},
    };
    expect_plain(plain, 3, 0);
}

/* RFC 7348, section 5; RFC 8926, section 3.4. */
static void virtual_networks_are_followed(void **state)
{
    (void)state;
    static const struct wrapping cases[] = {
        {"08000000 00002a00", 40001, 4789, 17, 4, 4, true, "vxlan"},
        {"88000001 00002a01", 40001, 8472, 17, 6, 6, true, "vxlan"}, /* reserved bits are ignored */
        {"00006558 00002a00", 40001, 6081, 17, 4, 4, true, "geneve"},
        {"02000800 00002a00 0102800100000000", 40001, 6081, 17, 4, 4, false, "geneve"},
        {"004086dd 00002a00", 40001, 6081, 17, 4, 6, false, "geneve"},
    };
    expect_inner(cases, sizeof cases / sizeof cases[0]);
    static const struct wrapping plain[] = {
        {"00000000 00002a00", 40001, 4789, 17, 4, 4, true, ""}, /* no network */
        {"40006558 00002a00", 40001, 6081, 17, 4, 4, true, ""}, /* version 1 */
        {"00016558 00002a00", 40001, 6081, 17, 4, 4, true, ""}, /* reserved */
        {"00006558 00002a01", 40001, 6081, 17, 4, 4, true, ""},
        {"3f006558 00002a00", 40001, 6081, 17, 4, 4, true, ""}, /* options longer than the packet */
        {"00000806 00002a00", 40001, 6081, 17, 4, 4, true, ""},
        {"08000000 00002a00", 40001, 4790, 17, 4, 4, true, ""}, /* another port */
    };
    expect_plain(plain, sizeof plain / sizeof plain[0], 0);
    frame.len = 0;
    pre_hex(&frame, "0001 0800 06 04 0001");
    pre_eth(&frame, 0x0806);
    expect_outer(&(struct wrapping){"08000000 00002a00", 40001, 4789, 17, 4, 4, true, ""}, 1); /* ARP inside */
    frame_text(&frame, "short");
    expect_outer(&(struct wrapping){"", 40001, 4789, 17, 4, 4, true, ""}, 0);
    frame_text(&frame, "short");
    expect_outer(&(struct wrapping){"", 40001, 6081, 17, 4, 4, true, ""}, 0);
}

/* 3GPP TS 29.281, sections 5.1 and 5.2; RFC 2661, section 3.1. */
static void tunnels_of_access_networks_are_followed(void **state)
{
    (void)state;
    static const struct wrapping cases[] = {
        {"30ff 0021 00000001", 2152, 2152, 17, 4, 4, false, "gtp-u"},
        {"32ff 0025 00000001 00010000", 2152, 2152, 17, 4, 4, false, "gtp-u"},
        {"34ff 0029 00000001 00000085 01000900", 2152, 40001, 17, 4, 4, false, "gtp-u"}, /* 5G's session container */
        {"34ff 0031 00000001 000000c0 010000c0 01000085 01000900", 2152, 2152, 17, 6, 4, false, "gtp-u"},
        {"0002 0001 0002 ff03 0021", 1701, 1701, 17, 4, 4, false, "l2tp"},
        {"4002 002d 0001 0002 ff03 0021", 1701, 1701, 17, 4, 4, false, "l2tp"},
        {"4a02 0046 0001 0002 0001 0002 0002 0000 57", 1701, 1701, 17, 4, 6, false, "l2tp"},
    };
    expect_inner(cases, sizeof cases / sizeof cases[0]);
    static const struct wrapping plain[] = {
        {"3001 0021 00000001", 2152, 2152, 17, 4, 4, false, ""},                   /* echo request */
        {"30ff 0022 00000001", 2152, 2152, 17, 4, 4, false, ""},                   /* longer than its datagram */
        {"50ff 0021 00000001", 2152, 2152, 17, 4, 4, false, ""},                   /* version 2 */
        {"20ff 0021 00000001", 2152, 2152, 17, 4, 4, false, ""},                   /* GTP' */
        {"34ff 0029 00000001 00000085 00000900", 2152, 2152, 17, 4, 4, false, ""}, /* an extension of no length */
        {"34ff 0029 00000001 00000085 ff000900", 2152, 2152, 17, 4, 4, false, ""},
        {"30ff 0022 00000001 00", 2152, 2152, 17, 4, 4, false, ""},         /* no IP inside */
        {"c802 002b 0001 0000 0000 0000", 1701, 1701, 17, 4, 4, false, ""}, /* control */
        {"0003 0001 0002 ff03 0021", 1701, 1701, 17, 4, 4, false, ""},      /* version 3 */
        {"0012 0001 0002 ff03 0021", 1701, 1701, 17, 4, 4, false, ""},      /* reserved */
        {"4002 002c 0001 0002 ff03 0021", 1701, 1701, 17, 4, 4, false, ""}, /* a wrong length */
        {"0202 0001 0002 0400", 1701, 1701, 17, 4, 4, false, ""},           /* an offset beyond the packet */
    };
    expect_plain(plain, sizeof plain / sizeof plain[0], 0);
    frame.len = 0;
    pre_hex(&frame, "ff03 c021 01010004");
    expect_outer(&(struct wrapping){"0002 0001 0002", 1701, 1701, 17, 4, 4, false, ""}, 1); /* LCP */
    frame_text(&frame, "x");
    expect_outer(&(struct wrapping){"", 1701, 1701, 17, 4, 4, false, ""}, 0);
    frame_text(&frame, "x");
    expect_outer(&(struct wrapping){"", 2152, 2152, 17, 4, 4, false, ""}, 0);
}

/* RFC 4380, section 5.1.1; draft-massar-v6ops-ayiya, section 3. */
static void ipv6_over_udp_is_followed(void **state)
{
    (void)state;
    static const struct wrapping cases[] = {
        {"", 3544, 40001, 17, 4, 6, false, "teredo"},
        {"0000 eebb 3fffffff", 40001, 3544, 17, 4, 6, false, "teredo"},
        {"0001 0000 0102030405060708 00", 40001, 3544, 17, 4, 6, false, "teredo"},
        {"0001 0304 aabbcc 11223344 0102030405060708 00 0000 eebb 3fffffff", 3544, 40001, 17, 4, 6, false, "teredo"},
        {"41 52 11 29 00000001 20010db8000000000000000000000001 0000000000000000000000000000000000000000", 40001, 5072,
         17, 4, 6, false, "ayiya"},
        {"01 02 01 04 00000001 aa", 40001, 5072, 17, 4, 4, false, "ayiya"},
    };
    expect_inner(cases, sizeof cases / sizeof cases[0]);
    static const struct wrapping plain[] = {
        {"", 40001, 3544, 17, 4, 4, false, ""}, /* IPv4 is no Teredo */
        {"00", 40001, 3544, 17, 4, 4, false, ""},
        {"0001 ff00 00", 40001, 3544, 17, 4, 4, false, ""},
        {"01 02 02 04 00000001 aa", 40001, 5072, 17, 4, 4, false, ""}, /* an echo */
        {"01 02 01 29 00000001 aa", 40001, 5072, 17, 4, 4, false, ""}, /* says IPv6, holds IPv4 */
        {"f1 f2 01 04 00000001 aa", 40001, 5072, 17, 4, 4, false, ""}, /* an identity of 32768 bytes */
    };
    expect_plain(plain, sizeof plain / sizeof plain[0], 0);
    frame_hello6(&frame); /* one byte more than the IPv6 packet says */
    post(&frame, "x", 1);
    expect_outer(&(struct wrapping){"", 40001, 3544, 17, 4, 6, false, ""}, 0);
    frame.len = 0;
    expect_outer(&(struct wrapping){"0001 0000 0102030405060708 00", 40001, 3544, 17, 4, 6, false, ""}, 0);
    frame_text(&frame, "x");
    expect_outer(&(struct wrapping){"", 40001, 5072, 17, 4, 4, false, ""}, 0);
}

static void nested_tunnels_are_listed_from_the_outside(void **state)
{
    (void)state;
    frame_hello6(&frame);
    pre_udp(&frame, 40001, 3544);
    pre_ip4(&frame, ML_IP_UDP);
    pre_eth(&frame, 0x0800);
    pre_hex(&frame, "08000000 00002a00");
    pre_udp(&frame, 40001, 4789);
    pre_ip4(&frame, ML_IP_UDP);
    pre_hex(&frame, "0021");
    pre_hex(&frame, "1100 0001 0000");
    pre_eth(&frame, 0x8864);
    expect_hello(LINK_ETHERNET, &frame, 6, "pppoe,vxlan,teredo");
}

static void the_packet_around_the_damage_is_handed_out_not_the_outermost(void **state)
{
    (void)state;
    struct rig rig;
    char text[64];
    rig_init(&rig);
    frame_text(&frame, "no packet of any kind");
    pre_eth(&frame, 0x0800);
    pre_hex(&frame, "08000000 00002a00");
    pre_udp(&frame, 40001, 4789);
    pre_ip6(&frame, ML_IP_UDP);
    pre_hex(&frame, "0000 86dd");
    pre_ip4(&frame, 47);
    assert_true(rig_frame(&rig, LINK_RAW, &frame));
    assert_string_equal(tunnel_list(&rig.segment, text), "gre");
    assert_int_equal(rig.segment.src.family, 6);
    assert_int_equal(rig.segment.dst_port, 4789);
    assert_int_equal(rig.counters.n[ML_COUNT_TUNNELS_KEPT_OUTER], 1);
    rig_fini(&rig);
}

static void nothing_of_an_outer_header_is_left_in_the_inner_segment(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig);
    frame_text(&frame, "ping");
    pre_ip4(&frame, ML_IP_ICMP);
    pre_hex(&frame, "30ff 0018 00000001");
    pre_udp(&frame, 2152, 2152);
    pre_ip6(&frame, ML_IP_UDP);
    assert_true(rig_frame(&rig, LINK_RAW, &frame));
    assert_int_equal(rig.segment.src_port, 0);
    assert_int_equal(rig.segment.dst_port, 0);
    assert_memory_equal(rig.segment.src.bytes, "\xc0\0\x02\x01\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    assert_memory_equal(rig.segment.dst.bytes, "\xc6\x33\x64\x02\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    rig_fini(&rig);
}

static void tunnels_are_followed_to_a_depth(void **state)
{
    (void)state;
    frame_hello4(&frame);
    for (int i = 0; i < ML_MAX_TUNNEL_DEPTH; i++) {
        pre_ip4(&frame, 4);
    }
    expect_hello(LINK_RAW, &frame, 4, "ipip,ipip,ipip,ipip");
    pre_ip4(&frame, 4);
    expect_reason(LINK_RAW, &frame, ML_COUNT_UNDECODED_TUNNEL_DEPTH);
    frame_hello4(&frame);
    for (int i = 0; i <= ML_MAX_TUNNEL_DEPTH; i++) {
        pre_hex(&frame, "8847");
        pre_hex(&frame, "020000000002 020000000001");
        pre_hex(&frame, "00020140 00000000");
    }
    pre_eth(&frame, 0x8847);
    expect_reason(LINK_ETHERNET, &frame, ML_COUNT_UNDECODED_TUNNEL_DEPTH);
}

static void a_cut_tunnel_gives_the_inner_packet_as_far_as_it_goes(void **state)
{
    (void)state;
    struct rig rig;
    char text[64];
    rig_init(&rig);
    frame_hello6(&frame);
    pre_udp(&frame, 40001, 3544);
    pre_ip4(&frame, ML_IP_UDP);
    struct ml_span whole = frame_span(&frame);
    assert_true(rig_decode(&rig, LINK_RAW, ml_span_of(whole.ptr, whole.len - 3), whole.len));
    assert_string_equal(tunnel_list(&rig.segment, text), "teredo");
    assert_span_text(rig.segment.payload, "he");
    assert_int_equal(rig.segment.payload_len, 5);
    assert_true(rig.segment.is_cut);
    /* Cut inside the inner UDP header: the outer datagram is what is known. */
    assert_true(rig_decode(&rig, LINK_RAW, ml_span_of(whole.ptr, whole.len - 6), whole.len));
    assert_string_equal(tunnel_list(&rig.segment, text), "");
    assert_int_equal(rig.segment.dst_port, 3544);
    assert_true(rig.segment.is_cut);
    rig_fini(&rig);
}

static void every_tunnel_has_a_name(void **state)
{
    (void)state;
    assert_string_equal(ml_tunnel_name(ML_TUNNEL_NONE), "none");
    for (int i = 0; i < ML_N_TUNNELS; i++) {
        assert_non_null(ml_tunnel_name((enum ml_tunnel)i));
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(ml_tunnel_name((enum ml_tunnel)i), ml_tunnel_name((enum ml_tunnel)k));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ip_in_ip_is_followed),
        cmocka_unit_test(gre_is_followed),
        cmocka_unit_test(pptp_is_followed_unless_it_is_compressed),
        cmocka_unit_test(erspan_is_followed),
        cmocka_unit_test(virtual_networks_are_followed),
        cmocka_unit_test(tunnels_of_access_networks_are_followed),
        cmocka_unit_test(ipv6_over_udp_is_followed),
        cmocka_unit_test(nested_tunnels_are_listed_from_the_outside),
        cmocka_unit_test(the_packet_around_the_damage_is_handed_out_not_the_outermost),
        cmocka_unit_test(nothing_of_an_outer_header_is_left_in_the_inner_segment),
        cmocka_unit_test(tunnels_are_followed_to_a_depth),
        cmocka_unit_test(a_cut_tunnel_gives_the_inner_packet_as_far_as_it_goes),
        cmocka_unit_test(every_tunnel_has_a_name),
    };
    return cmocka_run_group_tests_name("decode/tunnel", tests, NULL, NULL);
}
