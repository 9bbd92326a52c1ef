/* SPDX-License-Identifier: Apache-2.0 */
#include "core/buf.h"
#include "proto/dhcp/dhcp.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"

#define BYTES(text) ml_span_of((text), sizeof(text) - 1)

static void expect(uint16_t port, struct ml_span bytes, const char *facts)
{
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_UDP, port);
    proto_rig_feed(&rig, ML_UP, bytes);
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig), facts);
    proto_rig_fini(&rig);
}

/* --- IPv4 --- */

/* A message of client 00:53:00:11:22:33 with these options (RFC 2131, section 2). */
static struct ml_buf message4(unsigned op, struct ml_span options)
{
    struct ml_buf out;
    uint8_t head[236] = {(uint8_t)op, 1, 6, 0, 0x12, 0x34, 0x56, 0x78};
    memcpy(head + 28, "\x00\x53\x00\x11\x22\x33", 6);
    ml_buf_init(&out, 1024);
    assert_true(ml_buf_add(&out, head, sizeof head) && ml_buf_add(&out, "\x63\x82\x53\x63", 4) &&
                ml_buf_add_span(&out, options));
    return out;
}

static void a_client_tells_names_identifiers_and_its_kind(void **state)
{
    (void)state;
    struct ml_buf bytes = message4(1, BYTES("\x35\1\3"
                                            "\x0c\x09"
                                            "laptop-1\0"
                                            "\x3d\7\1\x00\x53\x00\x11\x22\x33"
                                            "\x3c\x08MSFT 5.0"
                                            "\0\0" /* pads */
                                            "\x32\4\xc0\0\2\x0a"
                                            "\x37\4\1\3\6\x0f"
                                            "\x51\x17\0\0\0laptop-1.example.com"
                                            "\xff"));
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_UDP, 67);
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&bytes));
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig),
                        "dhcp.client up dhcp.message=REQUEST dhcp.client_mac=00:53:00:11:22:33 dhcp.hostname=laptop-1 "
                        "dhcp.client_id=01005300112233 dhcp.vendor_class=MSFT 5.0 dhcp.requested=192.0.2.10 "
                        "dhcp.parameters=1,3,6,15 dhcp.fqdn=laptop-1.example.com\n");
    static const enum ml_field personal[] = {ML_F_DHCP_HOSTNAME, ML_F_DHCP_CLIENT_ID, ML_F_DHCP_CLIENT_MAC,
                                             ML_F_DHCP_FQDN};
    for (size_t i = 0; i < sizeof personal / sizeof personal[0]; i++) {
        assert_int_equal(ml_fact_attr(proto_rig_fact(&rig, 0), personal[i])->sensitivity, ML_SENS_PERSONAL);
    }
    proto_rig_fini(&rig);
    ml_buf_fini(&bytes);
}

static void a_name_in_labels_is_read_too(void **state)
{
    (void)state;
    struct ml_buf whole = message4(1, BYTES("\x35\1\1\x51\x0c\4\0\0\2pc\4test\0\xff"));
    expect(67, ml_buf_span(&whole),
           "dhcp.client up dhcp.message=DISCOVER dhcp.client_mac=00:53:00:11:22:33 dhcp.fqdn=pc.test\n");
    ml_buf_fini(&whole);
    struct ml_buf partial = message4(1, BYTES("\x35\1\1\x51\6\4\0\0\2pc\xff"));
    expect(67, ml_buf_span(&partial),
           "dhcp.client up dhcp.message=DISCOVER dhcp.client_mac=00:53:00:11:22:33 dhcp.fqdn=pc\n");
    ml_buf_fini(&partial);
}

static void a_server_gives_out_resolvers_and_domain(void **state)
{
    (void)state;
    struct ml_buf bytes = message4(2, BYTES("\x35\1\5\6\x08\xc0\0\2\x35\xc6\x33\x64\x35\x0f\7"
                                            "lan.org"
                                            "\x2a\4\xc0\0\2\x7b"
                                            "\x0c\4host\xff"));
    expect(68, ml_buf_span(&bytes),
           "dhcp.server up dhcp.message=ACK dhcp.client_mac=00:53:00:11:22:33 dhcp.resolvers=192.0.2.53 "
           "dhcp.resolvers=198.51.100.53 dhcp.domain=lan.org dhcp.time_servers=192.0.2.123\n");
    ml_buf_fini(&bytes);
}

static void other_datagrams_are_refused(void **state)
{
    (void)state;
    struct ml_buf bytes = message4(1, BYTES("\x35\1\1\xff"));
    expect(69, ml_buf_span(&bytes), "");
    bytes.bytes[236] = 0; /* no cookie */
    expect(67, ml_buf_span(&bytes), "");
    bytes.bytes[236] = 0x63;
    bytes.bytes[0] = 3; /* neither request nor reply */
    expect(67, ml_buf_span(&bytes), "");
    bytes.bytes[0] = 1;
    bytes.bytes[2] = 17; /* a hardware address longer than its field */
    expect(67, ml_buf_span(&bytes), "");
    ml_buf_fini(&bytes);
}

static void expect_cut(uint16_t port, struct ml_span bytes, const char *facts)
{
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_UDP, port);
    rig.flow.client_port = 68;
    struct ml_chunk chunk = {.flow = &rig.flow, .is_datagram = true, .is_cut = true, .bytes = bytes};
    proto_rig_parser(&rig, &ml_parser_dhcp);
    if (ml_parser_dhcp.probe(&chunk) == ML_MATCH_YES) {
        assert_true(ml_parser_dhcp.feed(rig.self, &chunk));
    }
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig), facts);
    proto_rig_fini(&rig);
}

/* 96 bytes of an Ethernet frame, as tcpdump once took, are 54 of the message. */
static void a_message_cut_behind_the_hardware_address_still_tells_it(void **state)
{
    (void)state;
    static const char fact[] = "dhcp.client up dhcp.client_mac=00:53:00:11:22:33 cut\n";
    struct ml_buf bytes = message4(1, BYTES("\x35\1\1\xff"));
    expect_cut(67, ml_span_of(bytes.bytes, 54), fact);
    expect_cut(67, ml_span_of(bytes.bytes, 34), fact);
    expect_cut(67, ml_span_of(bytes.bytes, 235), fact);
    expect_cut(67, ml_span_of(bytes.bytes, 33), ""); /* the address is cut, too */
    expect_cut(69, ml_span_of(bytes.bytes, 54), ""); /* one port is not enough */
    expect(67, ml_span_of(bytes.bytes, 54), "");     /* sent that short */
    for (size_t at = 0; at < 3; at++) {              /* op, hardware, length of its address */
        bytes.bytes[at] ^= 7;
        expect_cut(67, ml_span_of(bytes.bytes, 54), "");
        bytes.bytes[at] ^= 7;
    }
    bytes.bytes[43] = 1; /* the field of the address is padded with zeros */
    expect_cut(67, ml_span_of(bytes.bytes, 54), "");
    ml_buf_fini(&bytes);
}

/* --- IPv6 --- */

static const char solicit[] = "\1\x12\x34\x56"
                              "\0\1\0\x0e\0\1\0\1\x2a\x2b\x2c\x2d\x00\x53\x00\x11\x22\x33" /* DUID-LLT */
                              "\0\x10\0\x0e\0\0\1\x37\0\x08MSFT 5.0"
                              "\0\x27\0\x0a\0\2pc\4test\0"
                              "\0\6\0\4\0\x17\0\x18";

static void a_client_of_ipv6_tells_its_duid_and_name(void **state)
{
    (void)state;
    expect(547, BYTES(solicit),
           "dhcp.client up dhcp.message=SOLICIT dhcp.client_id=000100012a2b2c2d005300112233 "
           "dhcp.client_mac=00:53:00:11:22:33 dhcp.vendor_class=MSFT 5.0 dhcp.fqdn=pc.test\n");
}

static void a_duid_without_a_hardware_address_has_none(void **state)
{
    (void)state;
    expect(547, BYTES("\x0b\0\0\1\0\1\0\x12\0\4\0\1\2\3\4\5\6\7\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"),
           "dhcp.client up dhcp.message=INFORMATION-REQUEST "
           "dhcp.client_id=0004000102030405060708090a0b0c0d0e0f\n");
}

static void a_relayed_message_is_found_within(void **state)
{
    (void)state;
    struct ml_buf bytes;
    struct ml_span inner = BYTES("\1\0\0\1\0\1\0\4\0\2\0\1");
    ml_buf_init(&bytes, 4096);
    for (unsigned i = 0; i < 2; i++) {
        (void)ml_buf_add(&bytes, "\x0c\0", 2);
        for (unsigned j = 0; j < 32; j++) {
            (void)ml_buf_add_byte(&bytes, 0);
        }
        (void)ml_buf_add(&bytes, "\0\x12\0\1x\0\x09\0", 8); /* interface id, then the message */
        (void)ml_buf_add_byte(&bytes, (uint8_t)(i == 0 ? 43 + inner.len : inner.len));
    }
    assert_true(ml_buf_add_span(&bytes, inner));
    expect(547, ml_buf_span(&bytes), "dhcp.client up dhcp.message=SOLICIT dhcp.client_id=00020001\n");
    ml_buf_fini(&bytes);
}

static void a_server_of_ipv6_gives_out_resolvers_and_domain(void **state)
{
    (void)state;
    expect(546, BYTES("\7\0\0\1\0\x17\0\x10\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x35\0\x18\0\x09\3lan\3org\0"),
           "dhcp.server up dhcp.message=REPLY dhcp.resolvers=2001:db8::35 dhcp.domain=lan.org\n");
}

static void ipv6_messages_that_do_not_add_up_are_refused(void **state)
{
    (void)state;
    expect(548, BYTES(solicit), "");
    expect(547, BYTES("\0\0\0\1\0\1\0\4\0\2\0\1"), ""); /* no such type */
    expect(547, BYTES("\x0e\0\0\1\0\1\0\4\0\2\0\1"), "");
    expect(547, BYTES("\1\0\0\1\0\1\0\5\0\2\0\1"), "");   /* an option beyond the end */
    expect(547, BYTES("\1\0\0\1\0\1\0\4\0\2\0\1\0"), ""); /* a byte left over */
    expect(547, BYTES("\1\0\0\1\0\0\0\0"), "");           /* option 0 */
}

static void relays_within_relays_end(void **state)
{
    (void)state;
    struct ml_buf bytes;
    ml_buf_init(&bytes, 4096);
    for (size_t left = 20; left-- > 0;) {
        (void)ml_buf_add(&bytes, "\x0c\0", 2);
        for (unsigned j = 0; j < 32; j++) {
            (void)ml_buf_add_byte(&bytes, 0);
        }
        (void)ml_buf_add(&bytes, "\0\x09", 2);
        (void)ml_buf_add_byte(&bytes, (uint8_t)((left * 38 + 12) >> 8));
        (void)ml_buf_add_byte(&bytes, (uint8_t)(left * 38 + 12));
    }
    (void)ml_buf_add(&bytes, "\1\0\0\1\0\1\0\4\0\2\0\1", 12);
    expect(547, ml_buf_span(&bytes), "");
    ml_buf_fini(&bytes);
}

/* --- both --- */

struct sweep {
    const struct ml_parser *parser;
    unsigned n_facts;
};

static void feed_broken(void *context, struct ml_span bytes)
{
    struct sweep *sweep = context;
    for (int is_cut = 0; is_cut <= 1; is_cut++) {
        struct proto_rig rig;
        proto_rig_init(&rig, ML_IP_UDP, 67);
        proto_rig_parser(&rig, sweep->parser);
        struct ml_chunk chunk = {.flow = &rig.flow, .is_datagram = true, .is_cut = is_cut != 0, .bytes = bytes};
        (void)sweep->parser->probe(&chunk);
        assert_true(sweep->parser->feed(rig.self, &chunk));
        sweep->n_facts += rig.flow.n_facts;
        assert_int_equal(rig.flow.n_facts + rig.counters.n[ML_COUNT_BAD_OTHER], 1);
        proto_rig_fini(&rig);
    }
}

static void broken_messages_are_survived_and_counted(void **state)
{
    (void)state;
    struct sweep four = {.parser = &ml_parser_dhcp};
    struct sweep six = {.parser = &ml_parser_dhcp6};
    struct ml_buf bytes = message4(1, BYTES("\x35\1\1\x0c\4host"
                                            "\x51\x0b\4\0\0\2pc\4test\x32\4\xc0\0\2\1\x37\2\1\3\xff"));
    sweep_truncations(ml_buf_span(&bytes), feed_broken, &four);
    sweep_bit_flips(ml_buf_span(&bytes), feed_broken, &four);
    sweep_truncations(BYTES(solicit), feed_broken, &six);
    sweep_bit_flips(BYTES(solicit), feed_broken, &six);
    assert_true(four.n_facts > 0 && six.n_facts > 0);
    ml_buf_fini(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_tells_names_identifiers_and_its_kind),
        cmocka_unit_test(a_name_in_labels_is_read_too),
        cmocka_unit_test(a_server_gives_out_resolvers_and_domain),
        cmocka_unit_test(other_datagrams_are_refused),
        cmocka_unit_test(a_message_cut_behind_the_hardware_address_still_tells_it),
        cmocka_unit_test(a_client_of_ipv6_tells_its_duid_and_name),
        cmocka_unit_test(a_duid_without_a_hardware_address_has_none),
        cmocka_unit_test(a_relayed_message_is_found_within),
        cmocka_unit_test(a_server_of_ipv6_gives_out_resolvers_and_domain),
        cmocka_unit_test(ipv6_messages_that_do_not_add_up_are_refused),
        cmocka_unit_test(relays_within_relays_end),
        cmocka_unit_test(broken_messages_are_survived_and_counted),
    };
    return cmocka_run_group_tests_name("proto/dhcp", tests, NULL, NULL);
}
