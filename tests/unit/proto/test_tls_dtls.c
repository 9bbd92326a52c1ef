/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/tls.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"
#include "support/tls_build.h"

enum { CLIENT_HELLO = 1, SERVER_HELLO = 2, VERIFY_REQUEST = 3, CERTIFICATE = 11, DONE = 14 };

static const struct tb_client_hello simple = {.version = 0xfefd, .is_dtls = true, .host = "call.example.net"};

static struct ml_buf body_of(const struct tb_client_hello *hello)
{
    struct ml_buf body = tb_buf();
    tb_client_hello(&body, hello);
    return body;
}

static void begin(struct proto_rig *rig)
{
    proto_rig_init(rig, ML_IP_UDP, 3478);
    proto_rig_parser(rig, &ml_parser_dtls);
}

/* One datagram with one fragment. */
static void feed(struct proto_rig *rig, enum ml_dir dir, uint8_t type, uint16_t seq, const struct ml_buf *body,
                 size_t from, size_t len)
{
    struct ml_buf out = tb_buf();
    tb_dtls(&out, type, seq, ml_buf_span(body), from, len);
    proto_rig_feed(rig, dir, ml_buf_span(&out));
    ml_buf_fini(&out);
}

static void feed_hex(struct proto_rig *rig, enum ml_dir dir, const char *digits)
{
    struct ml_buf out = tb_buf();
    tb_hex(&out, digits);
    proto_rig_feed(rig, dir, ml_buf_span(&out));
    ml_buf_fini(&out);
}

static bool has_fact(struct proto_rig *rig, const char *part)
{
    return strstr(proto_rig_facts(rig), part) != NULL;
}

static void a_hello_in_one_datagram_is_read(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf body = body_of(&simple);
    begin(&rig);
    feed(&rig, ML_UP, CLIENT_HELLO, 0, &body, 0, body.len);
    assert_true(has_fact(&rig, "tls.client_hello up tls.sni=call.example.net tls.ja3="));
    assert_true(has_fact(&rig, " tls.ja4=dd2d020100_c1929292aa6b_000000000000 tls.version_offered=DTLS 1.2 "));
    proto_rig_fini(&rig);
    ml_buf_fini(&body);
}

static void fragments_in_any_order_make_a_message(void **state)
{
    (void)state;
    static const size_t orders[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}};
    for (size_t i = 0; i < 3; i++) {
        struct proto_rig rig;
        struct ml_buf body = body_of(&simple);
        size_t part = (body.len + 3) / 4;
        begin(&rig);
        for (size_t k = 0; k < 4; k++) {
            assert_string_equal(proto_rig_facts(&rig), "");
            feed(&rig, ML_UP, CLIENT_HELLO, 0, &body, orders[i][k] * part, part);
            feed(&rig, ML_UP, CLIENT_HELLO, 0, &body, orders[i][k] * part, part); /* sent again */
        }
        assert_int_equal(rig.flow.n_facts, 1);
        assert_true(has_fact(&rig, "tls.sni=call.example.net tls.ja3="));
        assert_int_equal(proto_rig_fact(&rig, 0)->first_seq, 1);
        assert_int_equal(proto_rig_fact(&rig, 0)->last_seq, 7);
        proto_rig_fini(&rig);
        ml_buf_fini(&body);
    }
}

static void a_whole_handshake_is_followed(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf hello = body_of(&simple);
    struct ml_buf server = tb_buf();
    struct ml_buf der = tb_buf();
    struct ml_buf chain = tb_buf();
    struct ml_buf verify = tb_buf();
    struct ml_buf none = tb_buf();
    tb_hex(&verify, "feff 04 aabbccdd");
    tb_server_hello(&server, &(struct tb_server_hello){.version = 0xfefd, .suite = 0xc02f});
    tb_certificate(
        &der, &(struct tb_certificate){.subject = "WebRTC", .not_before_s = 1600000000, .not_after_s = 1800000000});
    tb_chain(&chain, ml_buf_span(&der));
    begin(&rig);
    feed(&rig, ML_UP, CLIENT_HELLO, 0, &hello, 0, hello.len);
    feed(&rig, ML_DOWN, VERIFY_REQUEST, 0, &verify, 0, verify.len);
    feed(&rig, ML_UP, CLIENT_HELLO, 1, &hello, 0, hello.len);
    feed(&rig, ML_DOWN, SERVER_HELLO, 1, &server, 0, server.len);
    feed(&rig, ML_DOWN, CERTIFICATE, 2, &chain, 0, 100);
    feed(&rig, ML_DOWN, CERTIFICATE, 2, &chain, 100, chain.len);
    feed(&rig, ML_DOWN, DONE, 3, &none, 0, 0);
    feed(&rig, ML_UP, CERTIFICATE, 2, &chain, 0, chain.len);
    assert_true(has_fact(&rig, " count=2\n")); /* the hello with and without cookie says the same */
    assert_true(has_fact(&rig, "tls.certificate down tls.cert.subject=CN=WebRTC,O=Example"));
    assert_true(has_fact(&rig, "tls.cert.self_signed=true"));
    assert_true(has_fact(&rig, "tls.server_hello down tls.version=DTLS 1.2"));
    assert_true(has_fact(&rig, "tls.client_certificate up tls.client_cert.subject=CN=WebRTC,O=Example\n"));
    assert_int_equal(rig.counters.n[ML_COUNT_BAD_TLS], 0);
    proto_rig_fini(&rig);
    ml_buf_fini(&hello);
    ml_buf_fini(&server);
    ml_buf_fini(&der);
    ml_buf_fini(&chain);
    ml_buf_fini(&verify);
}

static void a_new_handshake_on_the_old_ports_is_read(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf first = body_of(&simple);
    struct ml_buf second = body_of(
        &(struct tb_client_hello){.version = 0xfefd, .is_dtls = true, .random = 7, .host = "other.example.net"});
    begin(&rig);
    feed(&rig, ML_UP, CLIENT_HELLO, 0, &first, 0, first.len);
    feed(&rig, ML_UP, CLIENT_HELLO, 0, &first, 0, first.len); /* sent again: no news */
    feed(&rig, ML_UP, CLIENT_HELLO, 0, &second, 0, second.len);
    assert_int_equal(rig.flow.n_facts, 2);
    assert_int_equal(proto_rig_fact(&rig, 0)->count, 1);
    assert_true(has_fact(&rig, "tls.sni=other.example.net"));
    proto_rig_fini(&rig);
    ml_buf_fini(&first);
    ml_buf_fini(&second);
}

static void fragments_that_disagree_are_refused(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf body = body_of(&simple);
    struct ml_buf longer = body_of(&simple);
    tb_uint(&longer, 4, 0);
    begin(&rig);
    feed(&rig, ML_UP, CLIENT_HELLO, 0, &body, 0, 50);
    feed(&rig, ML_UP, CLIENT_HELLO, 0, &longer, 50, longer.len);
    assert_string_equal(proto_rig_facts(&rig), "");
    assert_int_equal(rig.counters.n[ML_COUNT_LIMIT_MESSAGE], 1);
    feed(&rig, ML_UP, CLIENT_HELLO, 0, &body, 50, body.len);
    assert_true(has_fact(&rig, "tls.sni=call.example.net"));
    proto_rig_fini(&rig);
    ml_buf_fini(&body);
    ml_buf_fini(&longer);
}

static void too_many_messages_in_parts_are_counted(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf body = body_of(&simple);
    begin(&rig);
    for (uint16_t seq = 0; seq < 9; seq++) {
        feed(&rig, ML_DOWN, CERTIFICATE, seq, &body, 0, 10);
    }
    assert_int_equal(rig.counters.n[ML_COUNT_LIMIT_MESSAGE], 1);
    proto_rig_fini(&rig);
    ml_buf_fini(&body);
}

static void what_stays_in_parts_is_stated_at_the_end(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf body = body_of(
        &(struct tb_client_hello){.version = 0xfefd, .is_dtls = true, .host = "call.example.net", .alpn = "webrtc"});
    begin(&rig);
    feed(&rig, ML_UP, CLIENT_HELLO, 0, &body, 0, body.len - 3);
    proto_rig_end(&rig);
    assert_true(has_fact(&rig, "tls.sni=call.example.net tls.version_offered=DTLS 1.2"));
    assert_true(has_fact(&rig, " cut\n"));
    proto_rig_fini(&rig);
    ml_buf_fini(&body);
}

static void only_alerts_in_clear_are_read(void **state)
{
    (void)state;
    struct proto_rig rig;
    begin(&rig);
    feed_hex(&rig, ML_DOWN, "15 fefd 0000 000000000001 0002 0228");
    feed_hex(&rig, ML_DOWN, "15 fefd 0001 000000000001 0002 0230");
    assert_string_equal(proto_rig_facts(&rig), "tls.alert down tls.alert=handshake_failure\n");
    assert_int_equal(proto_rig_fact(&rig, 0)->range_from, 13);
    proto_rig_fini(&rig);
}

static void a_server_that_goes_on_at_once_resumes(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf hello = body_of(&(struct tb_client_hello){.version = 0xfefd, .is_dtls = true, .session_id = "0102"});
    struct ml_buf server = tb_buf();
    tb_server_hello(&server, &(struct tb_server_hello){.version = 0xfefd, .session_id = "0102", .suite = 0xc02f});
    begin(&rig);
    feed(&rig, ML_UP, CLIENT_HELLO, 0, &hello, 0, hello.len);
    feed(&rig, ML_DOWN, SERVER_HELLO, 0, &server, 0, server.len);
    assert_false(has_fact(&rig, "tls.server_hello"));
    feed_hex(&rig, ML_DOWN, "14 fefd 0000 000000000002 0001 01 16 fefd 0001 000000000000 0004 deadbeef");
    assert_true(has_fact(&rig, "tls.resumed=true\n"));
    proto_rig_fini(&rig);
    ml_buf_fini(&hello);
    ml_buf_fini(&server);
}

static enum ml_match probe(const char *digits, bool is_cut)
{
    struct ml_buf bytes = tb_buf();
    tb_hex(&bytes, digits);
    const struct ml_chunk chunk = {.is_datagram = true, .is_cut = is_cut, .bytes = ml_buf_span(&bytes)};
    enum ml_match match = ml_parser_dtls.probe(&chunk);
    ml_buf_fini(&bytes);
    return match;
}

static void a_datagram_must_be_records_to_its_end(void **state)
{
    (void)state;
    assert_int_equal(probe("", false), ML_MATCH_NO);
    assert_int_equal(probe("15 fefd 0000 000000000001 0002 0228", false), ML_MATCH_YES);
    assert_int_equal(probe("15 0100 0000 000000000001 0002 0228", false), ML_MATCH_YES);
    assert_int_equal(probe("17 fefd 0001 000000000001 0002 0000 17 fefd 0001 000000000002 0001 00", false),
                     ML_MATCH_YES);
    assert_int_equal(probe("15 fefd 0000 000000000001 0002 0228 00", false), ML_MATCH_NO); /* something behind */
    assert_int_equal(probe("15 fefd 0000 000000000001 0003 0228", false), ML_MATCH_NO);    /* longer than there is */
    assert_int_equal(probe("15 fefd 0000 000000000001 0003 0228", true), ML_MATCH_YES);    /* but not when cut */
    assert_int_equal(probe("15 0303 0000 000000000001 0002 0228", false), ML_MATCH_NO);
    assert_int_equal(probe("15 fefd 0000 000000000001 0000", false), ML_MATCH_NO);
    assert_int_equal(probe("16 fefd 0000 000000000000 000c 01 000000 0000 000000 000000", false), ML_MATCH_YES);
    assert_int_equal(probe("16 fefd 0000 000000000000 000c 63 000000 0000 000000 000000", false), ML_MATCH_NO);
    assert_int_equal(probe("16 fefd 0000 000000000000 000c 01 000000 0000 000001 000000", false), ML_MATCH_NO);
    assert_int_equal(probe("80 60 0001 00000000 00000000", false), ML_MATCH_NO); /* RTP */
}

static void run(void *context, struct ml_span bytes)
{
    (void)context;
    struct proto_rig rig;
    begin(&rig);
    proto_rig_feed(&rig, ML_UP, bytes);
    proto_rig_end(&rig);
    assert_true(rig.flow.n_facts <= 3);
    proto_rig_fini(&rig);
}

static void any_byte_may_be_missing_or_wrong(void **state)
{
    (void)state;
    struct ml_buf body = body_of(&simple);
    struct ml_buf out = tb_buf();
    tb_dtls(&out, CLIENT_HELLO, 0, ml_buf_span(&body), 0, 60);
    tb_dtls(&out, CLIENT_HELLO, 0, ml_buf_span(&body), 60, body.len);
    tb_hex(&out, "15 fefd 0000 000000000001 0002 0228");
    sweep_truncations(ml_buf_span(&out), run, NULL);
    sweep_bit_flips(ml_buf_span(&out), run, NULL);
    ml_buf_fini(&body);
    ml_buf_fini(&out);
}

static void run_without_memory(void *context)
{
    const struct ml_buf *body = context;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_UDP, 3478);
    rig.self = ml_parser_dtls.create(&rig.env, &rig.flow);
    if (rig.self != NULL) {
        rig.parser = &ml_parser_dtls;
        for (size_t at = 0; at < body->len; at += 40) {
            uint8_t bytes[200];
            struct ml_span part = ml_span_cut(ml_buf_span(body), at, 40);
            /* Header by hand: building must not need memory. */
            const uint8_t head[] = {22,
                                    0xfe,
                                    0xfd,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    (uint8_t)(part.len + 12),
                                    1,
                                    0,
                                    0,
                                    (uint8_t)body->len,
                                    0,
                                    0,
                                    0,
                                    0,
                                    (uint8_t)at,
                                    0,
                                    0,
                                    (uint8_t)part.len};
            memcpy(bytes, head, sizeof head);
            memcpy(bytes + sizeof head, part.ptr, part.len);
            proto_rig_feed(&rig, ML_UP, ml_span_of(bytes, sizeof head + part.len));
        }
    }
    proto_rig_fini(&rig);
}

static void missing_memory_is_survived(void **state)
{
    (void)state;
    struct ml_buf body = body_of(&simple);
    assert_true(body.len < 256);
    assert_true(oom_sweep(run_without_memory, &body) > 5);
    ml_buf_fini(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hello_in_one_datagram_is_read),
        cmocka_unit_test(fragments_in_any_order_make_a_message),
        cmocka_unit_test(a_whole_handshake_is_followed),
        cmocka_unit_test(a_new_handshake_on_the_old_ports_is_read),
        cmocka_unit_test(fragments_that_disagree_are_refused),
        cmocka_unit_test(too_many_messages_in_parts_are_counted),
        cmocka_unit_test(what_stays_in_parts_is_stated_at_the_end),
        cmocka_unit_test(only_alerts_in_clear_are_read),
        cmocka_unit_test(a_server_that_goes_on_at_once_resumes),
        cmocka_unit_test(a_datagram_must_be_records_to_its_end),
        cmocka_unit_test(any_byte_may_be_missing_or_wrong),
        cmocka_unit_test(missing_memory_is_survived),
    };
    return cmocka_run_group_tests_name("proto/tls_dtls", tests, NULL, NULL);
}
