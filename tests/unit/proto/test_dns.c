/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/dns/dns.h"
#include "support/cm.h"
#include "support/dns_build.h"
#include "support/kit.h"
#include "support/proto_rig.h"

#include <stdio.h>

/* Facts of one datagram to `port`, chosen by the demultiplexer; asserts them. */
static void expect_datagram(uint16_t port, enum ml_dir dir, const struct dns_build *dns, const char *facts)
{
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_UDP, port);
    proto_rig_feed(&rig, dir, dns_span(dns));
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig), facts);
    proto_rig_fini(&rig);
}

/* --- questions and answers --- */

static void a_question_states_its_name_and_type(void **state)
{
    (void)state;
    struct dns_build dns;
    dns_begin(&dns, DNS_QUERY, 1, 0, 0, 0);
    dns_question(&dns, "Chat.Example.COM", 28);
    expect_datagram(53, ML_UP, &dns, "dns.query up dns.name=chat.example.com dns.type=AAAA dns.transport=udp\n");
}

static void a_client_subnet_is_part_of_the_question(void **state)
{
    (void)state;
    struct dns_build dns;
    dns_begin(&dns, DNS_QUERY, 1, 0, 0, 1);
    dns_question(&dns, "example.com", 1);
    dns_client_subnet(&dns, 1, 24, "\xc0\x00\x02", 3);
    expect_datagram(53, ML_UP, &dns,
                    "dns.query up dns.name=example.com dns.type=A dns.ecs=192.0.2.0/24 dns.transport=udp\n");
}

static void an_answer_states_its_chain_and_all_addresses(void **state)
{
    (void)state;
    struct dns_build dns;
    dns_begin(&dns, DNS_RESPONSE, 1, 4, 0, 0);
    dns_question(&dns, "www.example.com", 1);
    dns_cname(&dns, "www.example.com", "a.Example.net");
    dns_cname(&dns, "a.example.net", "b.example.net");
    dns_a(&dns, "b.example.net", "192.0.2.1");
    dns_a(&dns, "b.example.net", "192.0.2.2");
    expect_datagram(53, ML_DOWN, &dns,
                    "dns.answer down dns.name=www.example.com dns.type=A dns.rcode=NOERROR dns.cnames=a.example.net "
                    "dns.cnames=b.example.net dns.addresses=192.0.2.1 dns.addresses=192.0.2.2 dns.transport=udp\n");
}

static void addresses_outside_the_answer_section_are_no_answers(void **state)
{
    (void)state;
    struct dns_build dns;
    dns_begin(&dns, DNS_RESPONSE | 3, 1, 0, 0, 1);
    dns_question(&dns, "none.example.com", 1);
    dns_a(&dns, "ns.example.com", "192.0.2.53");
    expect_datagram(53, ML_DOWN, &dns,
                    "dns.answer down dns.name=none.example.com dns.type=A dns.rcode=NXDOMAIN dns.transport=udp\n");
}

static void hints_and_ech_of_a_service_binding_are_told(void **state)
{
    (void)state;
    struct dns_build dns;
    dns_begin(&dns, DNS_RESPONSE, 1, 1, 0, 0);
    dns_question(&dns, "example.com", 65);
    size_t start = dns_begin_record(&dns, "example.com", 65, 60);
    dns_bytes(&dns, "\0\1\0\0\4\0\4\xc0\x00\x02\x07\0\5\0\2\xfe\x0d", 17);
    dns_end_record(&dns, start);
    expect_datagram(53, ML_DOWN, &dns,
                    "dns.answer down dns.name=example.com dns.type=HTTPS dns.rcode=NOERROR dns.ech=true "
                    "dns.addresses=192.0.2.7 dns.transport=udp\n");
}

static void the_upper_bits_of_the_response_code_come_from_edns(void **state)
{
    (void)state;
    struct dns_build dns;
    dns_begin(&dns, DNS_RESPONSE, 1, 0, 0, 1);
    dns_question(&dns, "example.com", 1);
    dns_end_record(&dns, dns_begin_record(&dns, "", 41, UINT32_C(1) << 24));
    expect_datagram(53, ML_DOWN, &dns,
                    "dns.answer down dns.name=example.com dns.type=A dns.rcode=BADVERS dns.transport=udp\n");
}

static void more_addresses_than_a_fact_holds_go_into_further_facts(void **state)
{
    (void)state;
    struct dns_build dns;
    struct proto_rig rig;
    dns_begin(&dns, DNS_RESPONSE, 1, 100, 0, 0);
    dns_question(&dns, "many.example.com", 1);
    for (unsigned i = 0; i < 100; i++) {
        char address[16];
        (void)snprintf(address, sizeof address, "192.0.2.%u", i);
        dns_a(&dns, "many.example.com", address);
    }
    proto_rig_init(&rig, ML_IP_UDP, 53);
    proto_rig_feed(&rig, ML_DOWN, dns_span(&dns));
    proto_rig_end(&rig);
    const char *text = proto_rig_facts(&rig);
    unsigned n = 0;
    for (const char *at = text; (at = strstr(at, "dns.addresses=")) != NULL; at++) {
        n++;
    }
    assert_int_equal(n, 100);
    assert_null(strstr(text, "cut"));
    proto_rig_fini(&rig);
}

static void answers_to_several_questions_are_kept_apart(void **state)
{
    (void)state;
    struct dns_build dns;
    dns_begin(&dns, DNS_RESPONSE, 2, 2, 0, 0);
    dns_question(&dns, "a.example.com", 1);
    dns_question(&dns, "b.example.com", 1);
    dns_a(&dns, "b.example.com", "192.0.2.2");
    dns_a(&dns, "a.example.com", "192.0.2.1");
    expect_datagram(53, ML_DOWN, &dns,
                    "dns.answer down dns.name=a.example.com dns.type=A dns.rcode=NOERROR dns.addresses=192.0.2.1 "
                    "dns.transport=udp\n"
                    "dns.answer down dns.name=b.example.com dns.type=A dns.rcode=NOERROR dns.addresses=192.0.2.2 "
                    "dns.transport=udp\n");
}

static void an_update_states_the_names_a_host_registers(void **state)
{
    (void)state;
    struct dns_build dns;
    struct proto_rig rig;
    dns_begin(&dns, 0x2800, 1, 0, 1, 0);
    dns_question(&dns, "example.com", 6);
    dns_a(&dns, "laptop.example.com", "192.0.2.77");
    proto_rig_init(&rig, ML_IP_UDP, 53);
    proto_rig_feed(&rig, ML_UP, dns_span(&dns));
    assert_string_equal(proto_rig_facts(&rig),
                        "dns.update up dns.name=laptop.example.com dns.addresses=192.0.2.77 dns.transport=udp\n");
    assert_int_equal(ml_fact_attr(proto_rig_fact(&rig, 0), ML_F_DNS_NAME)->sensitivity, ML_SENS_PERSONAL);
    proto_rig_fini(&rig);
}

static void what_comes_before_a_broken_record_still_counts(void **state)
{
    (void)state;
    struct dns_build dns;
    struct proto_rig rig;
    dns_begin(&dns, DNS_RESPONSE, 1, 2, 0, 0);
    dns_question(&dns, "example.com", 1);
    dns_a(&dns, "example.com", "192.0.2.1");
    dns_pointer(&dns, (unsigned)dns.len); /* leads to itself */
    proto_rig_init(&rig, ML_IP_UDP, 53);
    proto_rig_feed(&rig, ML_DOWN, dns_span(&dns));
    assert_string_equal(proto_rig_facts(&rig), "dns.answer down dns.name=example.com dns.type=A dns.rcode=NOERROR "
                                               "dns.addresses=192.0.2.1 dns.transport=udp cut\n");
    assert_int_equal(rig.counters.n[ML_COUNT_BAD_DNS], 1);
    proto_rig_fini(&rig);
}

/* --- ports --- */

static void strange_ports_need_a_message_that_is_whole_to_the_last_byte(void **state)
{
    (void)state;
    struct dns_build dns;
    dns_begin(&dns, DNS_QUERY, 1, 0, 0, 0);
    dns_question(&dns, "example.com", 1);
    expect_datagram(4444, ML_UP, &dns, "dns.query up dns.name=example.com dns.type=A dns.transport=udp\n");
    dns_u8(&dns, 0);
    expect_datagram(4444, ML_UP, &dns, "");
    expect_datagram(53, ML_UP, &dns, "dns.query up dns.name=example.com dns.type=A dns.transport=udp\n");
    dns_begin(&dns, DNS_QUERY, 1, 0, 0, 0);
    dns_name(&dns, "example.com");
    dns_u16(&dns, 1);
    dns_u16(&dns, 3); /* class CHAOS */
    expect_datagram(4444, ML_UP, &dns, "");
}

static void other_traffic_on_port_53_is_not_dns(void **state)
{
    (void)state;
    static const struct ml_span others[] = {
        {(const uint8_t *)"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n", 37},
        {(const uint8_t *)"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00\x00\x00\x00\x00\x00\x00", 18},
        {(const uint8_t *)"\x00\x01\x00\x08\x21\x12\xa4\x42"
                          "abcdefghijkl"
                          "\x00\x00\x00\x00",
         24},
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct dns_build dns = {.len = 0};
        dns_bytes(&dns, others[i].ptr, others[i].len);
        expect_datagram(53, ML_UP, &dns, "");
    }
}

static void questions_of_no_class_or_opcode_are_not_dns(void **state)
{
    (void)state;
    struct dns_build dns;
    dns_begin(&dns, 0x7800, 1, 0, 0, 0); /* opcode 15 */
    dns_question(&dns, "example.com", 1);
    expect_datagram(53, ML_UP, &dns, "");
    dns_begin(&dns, DNS_QUERY, 1, 0, 0, 0);
    dns_name(&dns, "example.com");
    dns_u16(&dns, 1);
    dns_u16(&dns, 77);
    expect_datagram(53, ML_UP, &dns, "");
    dns_begin(&dns, DNS_QUERY, 0, 0, 0, 0);
    expect_datagram(53, ML_UP, &dns, "");
}

/* --- the local link --- */

static void link_local_names_are_personal(void **state)
{
    (void)state;
    struct dns_build dns;
    struct proto_rig rig;
    dns_begin(&dns, 0, 1, 0, 0, 0);
    dns_question(&dns, "LAPTOP-1", 1);
    proto_rig_init(&rig, ML_IP_UDP, 5355);
    proto_rig_feed(&rig, ML_UP, dns_span(&dns));
    assert_string_equal(proto_rig_facts(&rig), "dns.query up dns.name=laptop-1 dns.type=A dns.transport=llmnr\n");
    assert_int_equal(ml_fact_attr(proto_rig_fact(&rig, 0), ML_F_DNS_NAME)->sensitivity, ML_SENS_PERSONAL);
    proto_rig_fini(&rig);
}

static void a_multicast_query_states_all_its_questions(void **state)
{
    (void)state;
    struct dns_build dns;
    struct proto_rig rig;
    dns_begin(&dns, 0, 2, 0, 0, 0);
    dns_question(&dns, "_airplay._tcp.local", 12);
    dns_question(&dns, "Kitchen._airplay._tcp.local", 33);
    dns.bytes[12 + 21 + 2] |= 0x80; /* the answer may come by unicast: top bit of the class, RFC 6762, section 5.4 */
    proto_rig_init(&rig, ML_IP_UDP, 5353);
    proto_rig_feed(&rig, ML_UP, dns_span(&dns));
    assert_string_equal(proto_rig_facts(&rig),
                        "dns.query up dns.name=_airplay._tcp.local dns.type=PTR dns.transport=mdns\n"
                        "dns.query up dns.name=kitchen._airplay._tcp.local dns.type=SRV dns.transport=mdns\n");
    assert_int_equal(ml_fact_attr(proto_rig_fact(&rig, 0), ML_F_DNS_NAME)->sensitivity, ML_SENS_NONE);
    assert_int_equal(ml_fact_attr(proto_rig_fact(&rig, 1), ML_F_DNS_NAME)->sensitivity, ML_SENS_PERSONAL);
    proto_rig_fini(&rig);
}

static void a_multicast_response_announces_services_hosts_and_instances(void **state)
{
    (void)state;
    struct dns_build dns;
    dns_begin(&dns, DNS_MULTICAST, 0, 3, 0, 4);
    size_t start = dns_begin_record(&dns, "_services._dns-sd._udp.local", 12, 4500);
    dns_name(&dns, "_airplay._tcp.local");
    dns_end_record(&dns, start);
    start = dns_begin_record(&dns, "_airplay._tcp.local", 12, 4500);
    dns_name(&dns, "Kitchen TV._airplay._tcp.local");
    dns_end_record(&dns, start);
    start = dns_begin_record(&dns, "10.2.0.192.in-addr.arpa", 12, 120);
    dns_name(&dns, "Kitchen-TV.local");
    dns_end_record(&dns, start);
    start = dns_begin_record(&dns, "Kitchen TV._airplay._tcp.local", 33, 120);
    dns_bytes(&dns, "\0\0\0\0\x1b\x58", 6);
    dns_name(&dns, "Kitchen-TV.local");
    dns_end_record(&dns, start);
    start = dns_begin_record(&dns, "Kitchen TV._airplay._tcp.local", 16, 4500);
    dns_bytes(&dns,
              "\x0b"
              "model=TV1,2"
              "\x0c"
              "deviceid=0:1",
              25);
    dns_end_record(&dns, start);
    dns_a(&dns, "Kitchen-TV.local", "192.0.2.10");
    dns_a(&dns, "kitchen-tv.local", "2001:db8::10");
    expect_datagram(5353, ML_UP, &dns,
                    "mdns.announcement up mdns.service=_airplay._tcp.local dns.transport=mdns\n"
                    "mdns.announcement up mdns.service=_airplay._tcp.local "
                    "mdns.instance=Kitchen TV._airplay._tcp.local dns.transport=mdns\n"
                    "mdns.announcement up dns.name=10.2.0.192.in-addr.arpa mdns.host=kitchen-tv.local "
                    "dns.transport=mdns\n"
                    "mdns.announcement up mdns.service=_airplay._tcp.local "
                    "mdns.instance=Kitchen TV._airplay._tcp.local mdns.host=kitchen-tv.local dns.transport=mdns\n"
                    "mdns.announcement up mdns.service=_airplay._tcp.local "
                    "mdns.instance=Kitchen TV._airplay._tcp.local mdns.txt=model=TV1,2 mdns.txt=deviceid=0:1 "
                    "dns.transport=mdns\n"
                    "mdns.announcement up mdns.host=kitchen-tv.local dns.addresses=192.0.2.10 "
                    "dns.addresses=2001:db8::10 dns.transport=mdns\n");
}

static void netbios_questions_registrations_and_answers_are_told(void **state)
{
    (void)state;
    struct dns_build dns;
    dns_begin(&dns, 0x0110, 1, 0, 0, 0);
    dns_netbios_name(&dns, "PRINTER", 0x20);
    dns_u16(&dns, 32);
    dns_u16(&dns, 1);
    expect_datagram(137, ML_UP, &dns, "dns.query up dns.name=PRINTER<20> dns.type=NB dns.transport=nbns\n");

    dns_begin(&dns, 0x2910, 1, 0, 0, 1); /* registration */
    dns_netbios_name(&dns, "LAPTOP-1", 0);
    dns_u16(&dns, 32);
    dns_u16(&dns, 1);
    dns_pointer(&dns, 12);
    dns_u16(&dns, 32);
    dns_u16(&dns, 1);
    dns_u32(&dns, 300000);
    dns_u16(&dns, 6);
    dns_bytes(&dns, "\0\0\xc0\0\2\x0a", 6);
    expect_datagram(137, ML_UP, &dns,
                    "nbns.name up dns.name=LAPTOP-1<00> dns.addresses=192.0.2.10 dns.transport=nbns\n");

    dns_begin(&dns, 0x8500, 0, 1, 0, 0);
    dns_netbios_name(&dns, "PRINTER", 0x20);
    dns_u16(&dns, 32);
    dns_u16(&dns, 1);
    dns_u32(&dns, 300000);
    dns_u16(&dns, 12);
    dns_bytes(&dns, "\0\0\xc0\0\2\x14\0\0\xc0\0\2\x15", 12);
    expect_datagram(137, ML_DOWN, &dns,
                    "dns.answer down dns.name=PRINTER<20> dns.type=NB dns.rcode=NOERROR dns.addresses=192.0.2.20 "
                    "dns.addresses=192.0.2.21 dns.transport=nbns\n");
}

static void a_node_status_lists_the_names_of_a_host(void **state)
{
    (void)state;
    struct dns_build dns;
    dns_begin(&dns, 0x8400, 0, 1, 0, 0);
    dns_netbios_name(&dns, "*", 0);
    dns_u16(&dns, 33);
    dns_u16(&dns, 1);
    dns_u32(&dns, 0);
    dns_u16(&dns, 1 + 2 * 18);
    dns_u8(&dns, 2);
    dns_bytes(&dns, "LAPTOP-1       \x00\x04\x00", 18);
    dns_bytes(&dns, "ALEX           \x03\x04\x00", 18);
    expect_datagram(137, ML_DOWN, &dns,
                    "nbns.name down dns.name=LAPTOP-1<00> dns.transport=nbns\n"
                    "nbns.name down dns.name=ALEX<03> dns.transport=nbns\n");
}

/* --- streams --- */

static struct ml_span three_messages(struct dns_build *all)
{
    struct dns_build one;
    all->len = 0;
    for (unsigned i = 0; i < 3; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "n%u.example.com", i);
        dns_begin(&one, DNS_QUERY, 1, 0, 0, 0);
        dns_question(&one, name, 1);
        struct ml_span framed = dns_framed(&one);
        dns_bytes(all, framed.ptr, framed.len);
    }
    return dns_span(all);
}

static const char three_facts[] = "dns.query up dns.name=n0.example.com dns.type=A dns.transport=tcp\n"
                                  "dns.query up dns.name=n1.example.com dns.type=A dns.transport=tcp\n"
                                  "dns.query up dns.name=n2.example.com dns.type=A dns.transport=tcp\n";

static void messages_on_a_stream_may_be_split_anywhere(void **state)
{
    (void)state;
    struct dns_build dns;
    struct ml_span bytes = three_messages(&dns);
    for (size_t piece = 1; piece <= bytes.len; piece++) {
        struct proto_rig rig;
        proto_rig_init(&rig, ML_IP_TCP, 53);
        proto_rig_feed_split(&rig, ML_UP, bytes, piece);
        proto_rig_end(&rig);
        assert_string_equal(proto_rig_facts(&rig), three_facts);
        proto_rig_fini(&rig);
    }
}

static void facts_of_a_stream_lead_to_their_bytes_and_packets(void **state)
{
    (void)state;
    struct dns_build dns;
    struct proto_rig rig;
    struct ml_span bytes = three_messages(&dns);
    proto_rig_init(&rig, ML_IP_TCP, 53);
    proto_rig_feed_split(&rig, ML_UP, bytes, 20);
    const struct ml_fact *fact = proto_rig_fact(&rig, 1);
    size_t len = bytes.len / 3;
    assert_int_equal(fact->range_from, len + 2);
    assert_int_equal(fact->range_len, len - 2);
    assert_int_equal(fact->first_seq, (len + 2) / 20 + 1);
    assert_int_equal(fact->last_seq, (2 * len - 1) / 20 + 1);
    proto_rig_fini(&rig);
}

static void behind_a_hole_the_next_segment_that_begins_with_a_message_counts(void **state)
{
    (void)state;
    struct dns_build dns;
    struct proto_rig rig;
    struct ml_span bytes = three_messages(&dns);
    size_t len = bytes.len / 3;
    proto_rig_init(&rig, ML_IP_TCP, 53);
    proto_rig_feed(&rig, ML_UP, ml_span_cut(bytes, 0, len));
    proto_rig_gap(&rig, ML_UP, len - 5);
    proto_rig_feed(&rig, ML_UP, ml_span_cut(bytes, 2 * len - 5, 5)); /* the end of a message: no length */
    proto_rig_feed(&rig, ML_UP, ml_span_cut(bytes, 2 * len, len));
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig), "dns.query up dns.name=n0.example.com dns.type=A dns.transport=tcp\n"
                                               "dns.query up dns.name=n2.example.com dns.type=A dns.transport=tcp\n");
    proto_rig_fini(&rig);
}

static void a_stream_that_ends_within_a_message_states_what_it_held(void **state)
{
    (void)state;
    struct dns_build dns;
    struct proto_rig rig;
    dns_begin(&dns, DNS_RESPONSE, 1, 2, 0, 0);
    dns_question(&dns, "example.com", 1);
    dns_a(&dns, "example.com", "192.0.2.1");
    dns_a(&dns, "example.com", "192.0.2.2");
    struct ml_span bytes = dns_framed(&dns);
    proto_rig_init(&rig, ML_IP_TCP, 53);
    proto_rig_feed(&rig, ML_DOWN, ml_span_cut(bytes, 0, bytes.len - 1));
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig), "dns.answer down dns.name=example.com dns.type=A dns.rcode=NOERROR "
                                               "dns.addresses=192.0.2.1 dns.transport=tcp cut\n");
    proto_rig_fini(&rig);
}

static void streams_on_strange_ports_need_a_whole_message(void **state)
{
    (void)state;
    struct dns_build dns;
    struct ml_span bytes = three_messages(&dns);
    for (size_t piece = 1; piece <= bytes.len; piece += 7) {
        struct proto_rig rig;
        proto_rig_init(&rig, ML_IP_TCP, 5300);
        proto_rig_feed_split(&rig, ML_UP, bytes, piece);
        proto_rig_end(&rig);
        assert_string_equal(proto_rig_facts(&rig), three_facts);
        proto_rig_fini(&rig);
    }
}

/* --- sweeps --- */

static void build_answer(struct dns_build *dns)
{
    dns_begin(dns, DNS_RESPONSE, 1, 3, 0, 1);
    dns_question(dns, "www.example.com", 65);
    dns_cname(dns, "www.example.com", "a.example.net");
    dns_a(dns, "a.example.net", "192.0.2.1");
    size_t start = dns_begin_record(dns, "a.example.net", 65, 60);
    dns_bytes(dns, "\0\1\0\0\4\0\4\xc0\x00\x02\x07\0\5\0\2\xfe\x0d", 17);
    dns_end_record(dns, start);
    dns_client_subnet(dns, 1, 24, "\xc0\x00\x02", 3);
}

struct sweep {
    uint16_t port;
    unsigned n_facts;
};

static void feed_all_ways(void *context, struct ml_span bytes)
{
    struct sweep *sweep = context;
    for (int is_cut = 0; is_cut <= 1; is_cut++) {
        struct proto_rig rig;
        proto_rig_init(&rig, ML_IP_UDP, sweep->port);
        struct ml_chunk chunk = {.flow = &rig.flow, .is_datagram = true, .is_cut = is_cut != 0, .bytes = bytes};
        struct ml_demux *demux = ml_demux_new(&rig.env, &rig.flow, ML_OVER_UDP);
        assert_non_null(demux);
        (void)ml_demux_feed(demux, &chunk);
        ml_demux_free(demux);
        sweep->n_facts += rig.flow.n_facts;
        for (const struct ml_fact *fact = rig.flow.facts; fact != NULL; fact = fact->next) {
            assert_true(fact->range_len == bytes.len);
        }
        proto_rig_fini(&rig);
    }
}

static void broken_messages_are_survived(void **state)
{
    (void)state;
    static const uint16_t ports[] = {53, 5353, 5355, 137, 9999};
    struct dns_build dns;
    build_answer(&dns);
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
        struct sweep sweep = {.port = ports[i]};
        sweep_truncations(dns_span(&dns), feed_all_ways, &sweep);
        sweep_bit_flips(dns_span(&dns), feed_all_ways, &sweep);
        assert_true(sweep.n_facts > 0 || ports[i] == 137);
    }
}

static void broken_netbios_messages_are_survived(void **state)
{
    (void)state;
    struct dns_build dns;
    struct sweep sweep = {.port = 137};
    dns_begin(&dns, 0x8400, 0, 1, 0, 0);
    dns_netbios_name(&dns, "*", 0);
    dns_u16(&dns, 33);
    dns_u16(&dns, 1);
    dns_u32(&dns, 0);
    dns_u16(&dns, 1 + 18);
    dns_u8(&dns, 1);
    dns_bytes(&dns, "LAPTOP-1       \x00\x04\x00", 18);
    sweep_truncations(dns_span(&dns), feed_all_ways, &sweep);
    sweep_bit_flips(dns_span(&dns), feed_all_ways, &sweep);
    assert_true(sweep.n_facts > 0);
}

static void feed_stream_under_pressure(void *context)
{
    struct dns_build *dns = context;
    struct proto_rig rig;
    memset(&rig, 0, sizeof rig);
    ml_fact_store_init(&rig.facts, &rig.counters);
    rig.env = (struct ml_proto_env){.facts = &rig.facts, .counters = &rig.counters};
    rig.flow.server_port = 53;
    void *self = ml_parser_dns.create(&rig.env, &rig.flow);
    struct ml_chunk chunk = {.flow = &rig.flow, .dir = ML_DOWN, .bytes = dns_span(dns)};
    if (self != NULL) {
        (void)ml_parser_dns.feed(self, &chunk);
        ml_parser_dns.destroy(self);
    }
    ml_proto_env_fini(&rig.env);
    ml_fact_store_fini(&rig.facts);
}

static void running_out_of_memory_is_survived(void **state)
{
    (void)state;
    struct dns_build dns;
    build_answer(&dns);
    (void)dns_framed(&dns);
    assert_true(oom_sweep(feed_stream_under_pressure, &dns) > 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_states_its_name_and_type),
        cmocka_unit_test(a_client_subnet_is_part_of_the_question),
        cmocka_unit_test(an_answer_states_its_chain_and_all_addresses),
        cmocka_unit_test(addresses_outside_the_answer_section_are_no_answers),
        cmocka_unit_test(hints_and_ech_of_a_service_binding_are_told),
        cmocka_unit_test(the_upper_bits_of_the_response_code_come_from_edns),
        cmocka_unit_test(more_addresses_than_a_fact_holds_go_into_further_facts),
        cmocka_unit_test(answers_to_several_questions_are_kept_apart),
        cmocka_unit_test(an_update_states_the_names_a_host_registers),
        cmocka_unit_test(what_comes_before_a_broken_record_still_counts),
        cmocka_unit_test(strange_ports_need_a_message_that_is_whole_to_the_last_byte),
        cmocka_unit_test(other_traffic_on_port_53_is_not_dns),
        cmocka_unit_test(questions_of_no_class_or_opcode_are_not_dns),
        cmocka_unit_test(link_local_names_are_personal),
        cmocka_unit_test(a_multicast_query_states_all_its_questions),
        cmocka_unit_test(a_multicast_response_announces_services_hosts_and_instances),
        cmocka_unit_test(netbios_questions_registrations_and_answers_are_told),
        cmocka_unit_test(a_node_status_lists_the_names_of_a_host),
        cmocka_unit_test(messages_on_a_stream_may_be_split_anywhere),
        cmocka_unit_test(facts_of_a_stream_lead_to_their_bytes_and_packets),
        cmocka_unit_test(behind_a_hole_the_next_segment_that_begins_with_a_message_counts),
        cmocka_unit_test(a_stream_that_ends_within_a_message_states_what_it_held),
        cmocka_unit_test(streams_on_strange_ports_need_a_whole_message),
        cmocka_unit_test(broken_messages_are_survived),
        cmocka_unit_test(broken_netbios_messages_are_survived),
        cmocka_unit_test(running_out_of_memory_is_survived),
    };
    return cmocka_run_group_tests_name("proto/dns", tests, NULL, NULL);
}
