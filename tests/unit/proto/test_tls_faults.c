/* SPDX-License-Identifier: Apache-2.0 */
/* Handshakes with holes, with wrong bytes, and without memory. */
#include "tls_rig.h"

#include "proto/tls/tls.h"
#include "support/cm.h"
#include "support/kit.h"

static void a_hello_cut_by_a_hole_is_stated_as_far_as_it_goes(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf hello = tls_client_flight(&tls_simple_hello);
    tls_begin(&rig);
    proto_rig_feed(&rig, ML_UP, ml_span_cut(ml_buf_span(&hello), 0, hello.len - 4)); /* within ALPN */
    proto_rig_gap(&rig, ML_UP, 4);
    assert_string_equal(proto_rig_facts(&rig),
                        "tls.client_hello up tls.sni=chat.example.com tls.version_offered=TLS 1.2 "
                        "tls.ciphers_offered=TLS_AES_128_GCM_SHA256 "
                        "tls.ciphers_offered=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 cut\n");
    assert_int_equal(proto_rig_fact(&rig, 0)->range_len, hello.len - 5 - 4);
    proto_rig_fini(&rig);
    ml_buf_fini(&hello);
}

static void behind_a_hole_the_next_record_is_found(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf server = tls_server_flight(NULL);
    tls_begin(&rig);
    proto_rig_gap(&rig, ML_DOWN, 70);
    tls_feed_hex(&rig, ML_DOWN, "0011223344"); /* the middle of something */
    tls_feed_records(&rig, ML_DOWN, 22, ml_buf_span(&server), 16000);
    proto_rig_end(&rig);
    assert_true(tls_has_fact(&rig, "tls.certificate down"));
    assert_true(tls_has_fact(&rig, "tls.server_hello down"));
    proto_rig_fini(&rig);
    ml_buf_fini(&server);
}

static void a_hole_in_application_data_changes_nothing(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf hello = tls_client_flight(&tls_simple_hello);
    tls_begin(&rig);
    tls_feed_hex(&rig, ML_DOWN, "17 0303 0010 0011");
    proto_rig_gap(&rig, ML_DOWN, 13);
    tls_feed_hex(&rig, ML_DOWN, "ff 15 0303 0002 0228");
    assert_int_equal(rig.counters.n[ML_COUNT_BAD_TLS], 0);
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&hello));
    assert_string_equal(proto_rig_facts(&rig), TLS_SIMPLE_FACT "\n");
    proto_rig_fini(&rig);
    ml_buf_fini(&hello);
}

static void bytes_that_are_no_records_are_left_alone(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf hello = tls_client_flight(&tls_simple_hello);
    tls_begin(&rig);
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&hello));
    for (int i = 0; i < 300 && rig.wants_more; i++) {
        tls_feed_hex(&rig, ML_UP, "485454502f312e31");
        tls_feed_hex(&rig, ML_DOWN, "485454502f312e31");
    }
    assert_false(rig.wants_more);
    assert_int_equal(rig.counters.n[ML_COUNT_BAD_TLS], 1); /* the side that had begun well */
    proto_rig_fini(&rig);
    ml_buf_fini(&hello);
}

static void a_message_beyond_the_ceiling_is_given_up(void **state)
{
    (void)state;
    struct proto_rig rig;
    tls_begin(&rig);
    tls_feed_hex(&rig, ML_UP, "16 0303 0008 01 ffffff 0303 0000");
    assert_int_equal(rig.counters.n[ML_COUNT_LIMIT_MESSAGE], 1);
    assert_string_equal(proto_rig_facts(&rig), "");
    proto_rig_fini(&rig);
}

static void run_flight(void *context, struct ml_span bytes)
{
    struct proto_rig rig;
    enum ml_dir *dir = context;
    tls_begin(&rig);
    proto_rig_feed(&rig, *dir, bytes);
    proto_rig_end(&rig);
    assert_true(rig.flow.n_facts <= 8);
    proto_rig_fini(&rig);
}

static void any_byte_may_be_missing_or_wrong(void **state)
{
    (void)state;
    enum ml_dir dir = ML_UP;
    struct ml_buf hello = tls_client_flight(&tls_simple_hello);
    sweep_truncations(ml_buf_span(&hello), run_flight, &dir);
    sweep_bit_flips(ml_buf_span(&hello), run_flight, &dir);
    ml_buf_fini(&hello);
    struct ml_buf server = tb_buf();
    struct ml_buf out = tb_buf();
    dir = ML_DOWN;
    tls_add_server_hello(&server, &(struct tb_server_hello){.suite = 0xc02f, .extensions = "0010 0005 0003 02 6832"});
    tls_add_message(&server, CERTIFICATE, "000006 000003 300100");
    tls_add_message(&server, KEY_EXCHANGE, "03 001d 02 aabb");
    tls_add_message(&server, TICKET, "00000e10 0002 abcd");
    tls_add_message(&server, DONE, "");
    tb_records(&out, 22, ml_buf_span(&server), 60);
    sweep_truncations(ml_buf_span(&out), run_flight, &dir);
    sweep_bit_flips(ml_buf_span(&out), run_flight, &dir);
    ml_buf_fini(&server);
    ml_buf_fini(&out);
}

static void run_without_memory(void *context)
{
    const struct ml_buf *flights = context;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 443);
    void *self = ml_parser_tls.create(&rig.env, &rig.flow);
    if (self != NULL) {
        rig.parser = &ml_parser_tls;
        rig.self = self;
        proto_rig_feed_split(&rig, ML_UP, ml_buf_span(&flights[0]), 50);
        proto_rig_feed_split(&rig, ML_DOWN, ml_buf_span(&flights[1]), 50);
    }
    proto_rig_fini(&rig);
}

static void missing_memory_is_survived(void **state)
{
    (void)state;
    struct ml_buf server = tls_server_flight(NULL);
    struct ml_buf flights[2] = {tls_client_flight(&tls_simple_hello), tb_buf()};
    tb_records(&flights[1], 22, ml_buf_span(&server), 16000);
    assert_true(oom_sweep(run_without_memory, flights) > 10);
    ml_buf_fini(&server);
    ml_buf_fini(&flights[0]);
    ml_buf_fini(&flights[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hello_cut_by_a_hole_is_stated_as_far_as_it_goes),
        cmocka_unit_test(behind_a_hole_the_next_record_is_found),
        cmocka_unit_test(a_hole_in_application_data_changes_nothing),
        cmocka_unit_test(bytes_that_are_no_records_are_left_alone),
        cmocka_unit_test(a_message_beyond_the_ceiling_is_given_up),
        cmocka_unit_test(any_byte_may_be_missing_or_wrong),
        cmocka_unit_test(missing_memory_is_survived),
    };
    return cmocka_run_group_tests_name("proto/tls_faults", tests, NULL, NULL);
}
