/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/dns/doh.h"
#include "proto/http/http.h"
#include "support/cm.h"
#include "support/dns_build.h"
#include "support/kit.h"
#include "support/proto_rig.h"

/* Facts of DNS among those of a conversation. */
static void expect_dns(struct proto_rig *rig, const char *facts)
{
    struct ml_buf ours;
    ml_buf_init(&ours, 8192);
    proto_rig_end(rig);
    struct ml_reader rd = ml_rd_open(ml_span_text(proto_rig_facts(rig)));
    struct ml_span line;
    while (ml_rd_until(&rd, '\n', &line)) {
        if (!ml_span_starts(line, "http.")) {
            assert_true(ml_buf_add_span(&ours, line) && ml_buf_add_byte(&ours, '\n'));
        }
    }
    assert_span_text(ml_buf_span(&ours), facts);
    ml_buf_fini(&ours);
    proto_rig_fini(rig);
}

static void a_get_holds_the_question_of_rfc_8484_section_4_1_1(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 80);
    proto_rig_feed(&rig, ML_UP,
                   ml_span_text("GET /dns-query?ct&dns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB HTTP/1.1\r\n"
                                "Host: dnsserver.example.net\r\nAccept: application/dns-message\r\n\r\n"));
    expect_dns(&rig, "dns.query up dns.name=www.example.com dns.type=A dns.transport=doh\n");
}

static void other_parameters_of_that_name_are_not_ours(void **state)
{
    (void)state;
    static const char *const queries[] = {"dns=8.8.8.8", "dns=", "dns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQ",
                                          "edns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB"};
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        struct proto_rig rig;
        struct ml_buf bytes;
        ml_buf_init(&bytes, 1024);
        (void)ml_buf_printf(&bytes, "GET /?%s HTTP/1.1\r\n\r\n", queries[i]);
        proto_rig_init(&rig, ML_IP_TCP, 80);
        proto_rig_feed(&rig, ML_UP, ml_buf_span(&bytes));
        assert_int_equal(rig.counters.n[ML_COUNT_BAD_DNS], 0);
        expect_dns(&rig, "");
        ml_buf_fini(&bytes);
    }
}

/* A message with its HTTP head. */
static struct ml_buf wrap(const char *first_line, const struct dns_build *dns)
{
    struct ml_buf bytes;
    ml_buf_init(&bytes, 16384);
    (void)ml_buf_printf(&bytes, "%s\r\nContent-Type: application/dns-message\r\nContent-Length: %zu\r\n\r\n",
                        first_line, dns->len);
    assert_true(ml_buf_add_span(&bytes, dns_span(dns)));
    return bytes;
}

static void bodies_hold_question_and_answer_however_they_are_cut(void **state)
{
    (void)state;
    struct dns_build dns;
    dns_begin(&dns, DNS_QUERY, 1, 0, 0, 0);
    dns_question(&dns, "chat.example.com", 1);
    struct ml_buf query = wrap("POST /dns-query HTTP/1.1", &dns);
    dns_begin(&dns, DNS_RESPONSE, 1, 1, 0, 0);
    dns_question(&dns, "chat.example.com", 1);
    dns_a(&dns, "chat.example.com", "192.0.2.1");
    struct ml_buf answer = wrap("HTTP/1.1 200 OK", &dns);
    for (size_t piece = 1; piece <= answer.len; piece += 13) {
        struct proto_rig rig;
        proto_rig_init(&rig, ML_IP_TCP, 80);
        proto_rig_parser(&rig, &ml_parser_http);
        proto_rig_feed_split(&rig, ML_UP, ml_buf_span(&query), piece);
        proto_rig_feed_split(&rig, ML_DOWN, ml_buf_span(&answer), piece);
        expect_dns(&rig, "dns.query up dns.name=chat.example.com dns.type=A dns.transport=doh\n"
                         "dns.answer down dns.name=chat.example.com dns.type=A dns.rcode=NOERROR "
                         "dns.addresses=192.0.2.1 dns.transport=doh\n");
    }
    ml_buf_fini(&query);
    ml_buf_fini(&answer);
}

static void a_body_that_is_cut_gives_what_is_there(void **state)
{
    (void)state;
    struct dns_build dns;
    struct proto_rig rig;
    dns_begin(&dns, DNS_RESPONSE, 1, 2, 0, 0);
    dns_question(&dns, "chat.example.com", 1);
    dns_a(&dns, "chat.example.com", "192.0.2.1");
    dns_a(&dns, "chat.example.com", "192.0.2.2");
    struct ml_buf answer = wrap("HTTP/1.1 200 OK", &dns);
    proto_rig_init(&rig, ML_IP_TCP, 80);
    proto_rig_feed(&rig, ML_DOWN, ml_span_cut(ml_buf_span(&answer), 0, answer.len - 20));
    proto_rig_gap(&rig, ML_DOWN, 10);
    proto_rig_feed(&rig, ML_DOWN, ml_span_cut(ml_buf_span(&answer), answer.len - 10, 10));
    expect_dns(&rig, "dns.answer down dns.name=chat.example.com dns.type=A dns.rcode=NOERROR dns.addresses=192.0.2.1 "
                     "dns.transport=doh cut\n");
    ml_buf_fini(&answer);
}

static void a_body_that_is_no_dns_is_counted(void **state)
{
    (void)state;
    struct dns_build dns = {.len = 0};
    struct proto_rig rig;
    dns_bytes(&dns, "<html></html>", 13);
    struct ml_buf answer = wrap("HTTP/1.1 200 OK", &dns);
    proto_rig_init(&rig, ML_IP_TCP, 80);
    proto_rig_feed(&rig, ML_DOWN, ml_buf_span(&answer));
    proto_rig_end(&rig);
    assert_int_equal(rig.counters.n[ML_COUNT_BAD_DNS], 1);
    expect_dns(&rig, "");
    ml_buf_fini(&answer);
}

static void feed_broken(void *context, struct ml_span bytes)
{
    unsigned *n = context;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 80);
    proto_rig_feed(&rig, ML_DOWN, bytes);
    proto_rig_end(&rig);
    *n += rig.flow.n_facts;
    proto_rig_fini(&rig);
}

static void broken_bodies_are_survived(void **state)
{
    (void)state;
    unsigned n = 0;
    struct dns_build dns;
    dns_begin(&dns, DNS_RESPONSE, 1, 1, 0, 0);
    dns_question(&dns, "a.example", 1);
    dns_cname(&dns, "a.example", "b.example");
    struct ml_buf answer = wrap("HTTP/1.1 200 OK", &dns);
    sweep_truncations(ml_buf_span(&answer), feed_broken, &n);
    sweep_bit_flips(ml_buf_span(&answer), feed_broken, &n);
    assert_true(n > 0);
    ml_buf_fini(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_get_holds_the_question_of_rfc_8484_section_4_1_1),
        cmocka_unit_test(other_parameters_of_that_name_are_not_ours),
        cmocka_unit_test(bodies_hold_question_and_answer_however_they_are_cut),
        cmocka_unit_test(a_body_that_is_cut_gives_what_is_there),
        cmocka_unit_test(a_body_that_is_no_dns_is_counted),
        cmocka_unit_test(broken_bodies_are_survived),
    };
    return cmocka_run_group_tests_name("proto/doh", tests, NULL, NULL);
}
