/* SPDX-License-Identifier: Apache-2.0 */
/* Connections whose packets were protected by other code than ours, read with their key logs. */
#include "core/mem.h"
#include "proto/quic/quic.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/quic_bed.h"
#include "support/tls_build.h"

/* --- tests --- */

static void assert_read(struct quic_bed *bed, const char *facts)
{
    if (!quic_bed_says(bed, facts)) {
        fail_msg("%s is not in:\n%s", facts, proto_rig_facts(&bed->rig));
    }
    assert_int_equal(quic_bed_counted(bed, ML_COUNT_DECRYPTION_POSSIBLE), 1);
    assert_int_equal(quic_bed_counted(bed, ML_COUNT_DECRYPTION_DONE), 1);
    assert_int_equal(quic_bed_counted(bed, ML_COUNT_UNSEALED_BAD_TAG) + quic_bed_counted(bed, ML_COUNT_UNSEALED_GAP) +
                         quic_bed_counted(bed, ML_COUNT_UNSEALED_NO_SECRET) +
                         quic_bed_counted(bed, ML_COUNT_UNSEALED_UNKNOWN_SUITE),
                     0);
    assert_int_equal(quic_bed_counted(bed, ML_COUNT_BAD_QUIC) + quic_bed_counted(bed, ML_COUNT_BAD_HTTP), 0);
}

static void http3_is_read_under_every_suite_and_version(void **state)
{
    (void)state;
    static const uint16_t suites[] = {0x1301, 0x1302, 0x1303};
    for (size_t i = 0; i < 6; i++) {
        struct quic_bed bed;
        struct qs_keys keys = quic_bed_keys(suites[i % 3]);
        quic_bed_open(&bed, suites[i % 3], i < 3 ? 1 : QUIC_BED_VERSION_2, &keys);
        quic_bed_greet(&bed);
        quic_bed_exchange(&bed, 0);
        proto_rig_end(&bed.rig);
        assert_read(&bed, QUIC_BED_REQUEST_FACT);
        assert_read(&bed, QUIC_BED_RESPONSE_FACT);
        assert_int_equal(ml_secrets_count(bed.secrets, bed.source).used, 2);
        const struct ml_fact *fact = bed.rig.flow.facts;
        while (fact->kind != ML_FACT_HTTP_REQUEST) {
            fact = fact->next;
        }
        assert_int_equal(fact->n_layers, 3);
        assert_int_equal(fact->layers[1], ML_LAYER_QUIC);
        assert_int_equal(fact->layers[2], ML_LAYER_HTTP3);
        assert_int_equal(fact->first_seq, 3);
        assert_int_equal(fact->range_from, 0);
        assert_int_equal(fact->range_len, 25);
        quic_bed_close(&bed);
    }
}

static void add_handshake(struct ml_buf *out, struct quic_bed *bed, enum ml_dir dir, uint8_t type, const char *body)
{
    struct ml_buf bytes = tb_buf();
    struct ml_buf message = tb_buf();
    struct ml_buf frames = tb_buf();
    struct qs_packet packet = bed->packets[dir];
    tb_hex(&bytes, body);
    tb_message(&message, type, ml_buf_span(&bytes));
    qb_crypto(&frames, 0, ml_buf_span(&message));
    packet.type = QS_HANDSHAKE;
    packet.secret = dir == ML_UP ? QUIC_BED_CLIENT_HANDSHAKE : QUIC_BED_SERVER_HANDSHAKE;
    packet.scid = dir == ML_UP ? ml_span_of(quic_bed_client_id, sizeof quic_bed_client_id)
                               : ml_span_of(quic_bed_server_id, sizeof quic_bed_server_id);
    packet.number = 0;
    packet.frames = ml_buf_span(&frames);
    qs_packet(out, &packet);
    ml_buf_fini(&bytes);
    ml_buf_fini(&message);
    ml_buf_fini(&frames);
}

static void packets_that_share_a_datagram_are_all_read(void **state)
{
    (void)state;
    struct quic_bed bed;
    struct qs_keys keys = quic_bed_keys(0x1301);
    struct ml_buf out = tb_buf();
    struct ml_buf frames = tb_buf();
    struct ml_buf bytes = tb_buf();
    quic_bed_open(&bed, 0x1301, 1, &keys);
    quic_bed_add_client(&out, &bed);
    quic_bed_feed(&bed, ML_UP, &out);
    quic_bed_add_server(&out, &bed);
    add_handshake(&out, &bed, ML_DOWN, 8, "000700100003000102" /* ALPN, cut short: no name in it */);
    tb_hex(&bytes, quic_bed_response);
    qs_stream(&frames, 0, 0, ml_buf_span(&bytes), true);
    quic_bed_add_packet(&out, &bed, ML_DOWN, ml_buf_span(&frames));
    quic_bed_feed(&bed, ML_DOWN, &out);
    proto_rig_end(&bed.rig);
    assert_read(&bed, QUIC_BED_RESPONSE_FACT);
    assert_int_equal(ml_secrets_count(bed.secrets, bed.source).used, 2);
    quic_bed_close(&bed);
    ml_buf_fini(&bytes);
    ml_buf_fini(&frames);
    ml_buf_fini(&out);
}

static void the_protocol_chosen_is_told(void **state)
{
    (void)state;
    struct quic_bed bed;
    struct qs_keys keys = quic_bed_keys(0x1302);
    struct ml_buf out = tb_buf();
    quic_bed_open(&bed, 0x1302, QUIC_BED_VERSION_2, &keys);
    quic_bed_greet(&bed);
    add_handshake(&out, &bed, ML_DOWN, 8,
                  "000900100005000302"
                  "6833");
    quic_bed_feed(&bed, ML_DOWN, &out);
    proto_rig_end(&bed.rig);
    assert_read(&bed, "tls.encrypted_extensions down tls.alpn=h3\n");
    quic_bed_close(&bed);
    ml_buf_fini(&out);
}

static void early_data_is_read_before_the_server_answers(void **state)
{
    (void)state;
    struct quic_bed bed;
    struct qs_keys keys = quic_bed_keys(0x1303);
    struct ml_buf out = tb_buf();
    struct ml_buf frames = tb_buf();
    struct ml_buf bytes = tb_buf();
    quic_bed_open(&bed, 0x1303, 1, &keys);
    quic_bed_add_client(&out, &bed);
    tb_hex(&bytes, quic_bed_request);
    qs_stream(&frames, 0, 0, ml_buf_span(&bytes), true);
    struct qs_packet packet = bed.packets[ML_UP];
    packet.type = QS_ZERO_RTT;
    packet.secret = QUIC_BED_EARLY;
    packet.scid = ml_span_of(quic_bed_client_id, sizeof quic_bed_client_id);
    packet.frames = ml_buf_span(&frames);
    qs_packet(&out, &packet);
    quic_bed_feed(&bed, ML_UP, &out);
    assert_true(quic_bed_says(&bed, QUIC_BED_REQUEST_FACT));
    bed.packets[ML_UP].number = 1;
    quic_bed_add_server(&out, &bed);
    quic_bed_feed(&bed, ML_DOWN, &out);
    quic_bed_send_stream(&bed, ML_DOWN, 0, quic_bed_response, true);
    proto_rig_end(&bed.rig);
    assert_read(&bed, QUIC_BED_RESPONSE_FACT);
    quic_bed_close(&bed);
    ml_buf_fini(&bytes);
    ml_buf_fini(&frames);
    ml_buf_fini(&out);
}

static void key_updates_are_followed_even_those_in_a_hole(void **state)
{
    (void)state;
    static const unsigned steps[][4] = {{0, 1, 2, 3}, {0, 2, 3, 5}, {0, 3, 4, 6}};
    for (size_t i = 0; i < 3; i++) {
        struct quic_bed bed;
        struct qs_keys keys = quic_bed_keys(0x1301);
        quic_bed_open(&bed, 0x1301, i == 1 ? QUIC_BED_VERSION_2 : 1, &keys);
        quic_bed_greet(&bed);
        for (unsigned k = 0; k < 4; k++) {
            bed.packets[ML_UP].generation = steps[i][k];
            bed.packets[ML_DOWN].generation = steps[i][k];
            quic_bed_exchange(&bed, 4 * k);
        }
        /* One of the generation before, late. */
        bed.packets[ML_UP].generation = steps[i][3] - 1;
        quic_bed_send_stream(&bed, ML_UP, 16, quic_bed_request, true);
        proto_rig_end(&bed.rig);
        assert_read(&bed, "http.path=/ http.body_bytes=0 count=5\n");
        assert_read(&bed, "http.body_bytes=5 count=4\n");
        quic_bed_close(&bed);
    }
}

static void ids_of_another_length_are_found(void **state)
{
    (void)state;
    static const uint8_t longer[] = {9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9};
    struct quic_bed bed;
    struct qs_keys keys = quic_bed_keys(0x1301);
    struct ml_buf frames = tb_buf();
    quic_bed_open(&bed, 0x1301, 1, &keys);
    quic_bed_greet(&bed);
    quic_bed_exchange(&bed, 0);
    tb_hex(&frames, "180100"
                    "0c"
                    "090909090909090909090909"
                    "000102030405060708090a0b0c0d0e0f");
    quic_bed_send_frames(&bed, ML_DOWN, ml_buf_span(&frames));
    bed.packets[ML_UP].dcid = ml_span_of(longer, sizeof longer);
    quic_bed_exchange(&bed, 4);
    proto_rig_end(&bed.rig);
    assert_read(&bed, "http.path=/ http.body_bytes=0 count=2\n");
    quic_bed_close(&bed);
    ml_buf_fini(&frames);
}

static void a_retry_begins_the_same_connection_again(void **state)
{
    (void)state;
    static const uint8_t retry_id[] = {0xa1, 0xa2, 0xa3, 0xa4};
    struct quic_bed bed;
    struct qs_keys keys = quic_bed_keys(0x1301);
    struct ml_buf out = tb_buf();
    struct ml_buf body = tb_buf();
    struct ml_buf message = tb_buf();
    struct ml_buf frames = tb_buf();
    const struct tb_client_hello hello = {.random = QUIC_BED_RANDOM, .host = "chat.example.com", .alpn = "h3"};
    quic_bed_open(&bed, 0x1301, 1, &keys);
    quic_bed_add_client(&out, &bed);
    quic_bed_add_early(&out, &bed, 0);
    quic_bed_feed(&bed, ML_UP, &out);
    tb_hex(&out, "f000000001" /* no id of the client */ "00"
                 "04a1a2a3a4"
                 "746f6b656e"
                 "000102030405060708090a0b0c0d0e0f");
    quic_bed_feed(&bed, ML_DOWN, &out);
    tb_client_hello(&body, &hello);
    tb_message(&message, 1, ml_buf_span(&body));
    qb_crypto(&frames, 0, ml_buf_span(&message));
    struct qb_initial again = qb_version_1();
    again.key_id = again.dcid = ml_span_of(retry_id, sizeof retry_id);
    again.scid = ml_span_of(quic_bed_client_id, sizeof quic_bed_client_id);
    again.token = ml_span_text("token");
    again.frames = ml_buf_span(&frames);
    again.number = 3;
    qb_initial(&out, &again);
    quic_bed_add_early(&out, &bed, 1);
    quic_bed_feed(&bed, ML_UP, &out);
    /* The server's hello is missing here: the suite is found by trying. */
    quic_bed_send_stream(&bed, ML_DOWN, 0, quic_bed_response, true);
    proto_rig_end(&bed.rig);
    assert_true(quic_bed_says(&bed, QUIC_BED_REQUEST_FACT)); /* once */
    assert_true(quic_bed_says(&bed, QUIC_BED_RESPONSE_FACT));
    assert_int_equal(quic_bed_counted(&bed, ML_COUNT_DECRYPTION_POSSIBLE), 1);
    assert_int_equal(quic_bed_counted(&bed, ML_COUNT_DECRYPTION_DONE), 1);
    quic_bed_close(&bed);
    ml_buf_fini(&body);
    ml_buf_fini(&message);
    ml_buf_fini(&frames);
    ml_buf_fini(&out);
}

static void a_reason_is_counted_for_what_stays_closed(void **state)
{
    (void)state;
    static const struct {
        struct qs_keys keys;
        uint16_t suite;
        unsigned generation;
        enum ml_counter reason;
    } cases[] = {
        {{.suite = 0x1301, .random = 0x77, .client = QUIC_BED_CLIENT}, 0x1301, 0, ML_COUNT_UNSEALED_NO_SECRET},
        {{.suite = 0x1301, .random = QUIC_BED_RANDOM, .client = QUIC_BED_CLIENT},
         0x1301,
         0,
         ML_COUNT_UNSEALED_NO_SECRET},
        {{.suite = 0x1301, .random = QUIC_BED_RANDOM, .client = 0x99, .server = 0x99},
         0x1301,
         0,
         ML_COUNT_UNSEALED_BAD_TAG},
        {{.suite = 0x1301, .random = QUIC_BED_RANDOM, .client = QUIC_BED_CLIENT, .server = QUIC_BED_SERVER},
         0x1305,
         0,
         ML_COUNT_UNSEALED_UNKNOWN_SUITE},
        {{.suite = 0x1301, .random = QUIC_BED_RANDOM, .client = QUIC_BED_CLIENT, .server = QUIC_BED_SERVER},
         0x1301,
         9,
         ML_COUNT_UNSEALED_BAD_TAG},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct quic_bed bed;
        quic_bed_open(&bed, cases[i].suite, 1, &cases[i].keys);
        quic_bed_greet(&bed);
        quic_bed_exchange(&bed, 0);
        bed.packets[ML_UP].generation = cases[i].generation; /* too far ahead */
        quic_bed_exchange(&bed, 4);
        proto_rig_end(&bed.rig);
        if (quic_bed_counted(&bed, cases[i].reason) != 1) {
            fail_msg("case %zu: %s was not counted", i, ml_counter_name(cases[i].reason));
        }
        assert_int_equal(quic_bed_counted(&bed, ML_COUNT_DECRYPTION_POSSIBLE), 1);
        quic_bed_close(&bed);
    }
}

static void bytes_that_were_not_captured_are_a_gap_and_what_follows_is_read(void **state)
{
    (void)state;
    struct quic_bed bed;
    struct qs_keys keys = quic_bed_keys(0x1301);
    struct ml_buf bytes = tb_buf();
    struct ml_buf frames = tb_buf();
    quic_bed_open(&bed, 0x1301, 1, &keys);
    quic_bed_greet(&bed);
    quic_bed_send_stream(&bed, ML_UP, 0, quic_bed_request, true);
    tb_hex(&bytes, "01030000d9"
                   "000a68656c6c6f");
    qs_stream(&frames, 0, 0, ml_buf_span(&bytes), false);
    quic_bed_send_frames(&bed, ML_DOWN, ml_buf_span(&frames));
    ml_buf_clear(&frames);
    qs_stream(&frames, 0, 15, ml_span_text("lo"), true); /* 12 to 14 are missing, in the middle of DATA */
    quic_bed_send_frames(&bed, ML_DOWN, ml_buf_span(&frames));
    quic_bed_exchange(&bed, 4);
    proto_rig_end(&bed.rig);
    assert_true(quic_bed_says(&bed, "http.response down http.status=200 http.body_bytes=10 cut\n"));
    assert_true(quic_bed_says(&bed, QUIC_BED_RESPONSE_FACT));
    assert_int_equal(quic_bed_counted(&bed, ML_COUNT_UNSEALED_GAP), 1);
    quic_bed_close(&bed);
    ml_buf_fini(&bytes);
    ml_buf_fini(&frames);
}

static void a_stray_packet_does_not_end_the_reading(void **state)
{
    (void)state;
    struct quic_bed bed;
    struct qs_keys keys = quic_bed_keys(0x1301);
    quic_bed_open(&bed, 0x1301, 1, &keys);
    quic_bed_greet(&bed);
    quic_bed_exchange(&bed, 0);
    for (unsigned i = 0; i < ML_MAX_QUIC_FAILURES - 1; i++) {
        proto_rig_feed(&bed.rig, ML_DOWN, ml_span_text("\x41no packet of this connection at all, but a reset of one"));
    }
    quic_bed_exchange(&bed, 4);
    assert_true(bed.rig.wants_more);
    proto_rig_end(&bed.rig);
    assert_true(quic_bed_says(&bed, "http.body_bytes=5 count=2\n"));
    assert_int_equal(quic_bed_counted(&bed, ML_COUNT_UNSEALED_BAD_TAG), 1);
    quic_bed_close(&bed);
}

static void without_keys_nothing_more_is_wanted(void **state)
{
    (void)state;
    struct quic_bed bed;
    struct qs_keys keys = {.suite = 0x1301, .random = 0x77, .client = QUIC_BED_CLIENT};
    quic_bed_open(&bed, 0x1301, 1, &keys);
    quic_bed_greet(&bed);
    assert_false(bed.rig.wants_more);
    proto_rig_end(&bed.rig);
    assert_int_equal(quic_bed_counted(&bed, ML_COUNT_UNSEALED_NO_SECRET), 1);
    assert_int_equal(quic_bed_counted(&bed, ML_COUNT_DECRYPTION_DONE), 0);
    quic_bed_close(&bed);
}

/* RFC 9250, section 4.2: a message with its length in front, one query a stream. */
static void dns_over_quic_is_read(void **state)
{
    (void)state;
    struct quic_bed bed;
    struct qs_keys keys = quic_bed_keys(0x1301);
    quic_bed_open(&bed, 0x1301, 1, &keys);
    bed.alpn = "doq";
    quic_bed_greet(&bed);
    quic_bed_send_stream(&bed, ML_UP, 0,
                         "001e"
                         "00000100000100000000000004"
                         "6e616d65"
                         "07"
                         "6578616d706c65"
                         "00"
                         "00010001",
                         true);
    proto_rig_end(&bed.rig);
    assert_read(&bed, "dns.query up");
    assert_true(quic_bed_says(&bed, "name.example"));
    quic_bed_close(&bed);
}

static void run_damaged(void *context, struct ml_span bytes)
{
    struct quic_bed bed;
    struct qs_keys keys = quic_bed_keys(0x1301);
    (void)context;
    quic_bed_open(&bed, 0x1301, 1, &keys);
    quic_bed_greet(&bed);
    quic_bed_send_frames(&bed, ML_UP, bytes);
    proto_rig_end(&bed.rig);
    quic_bed_close(&bed);
}

static void damaged_frames_under_a_tag_that_holds_are_survived(void **state)
{
    (void)state;
    struct ml_buf bytes = tb_buf();
    struct ml_buf frames = tb_buf();
    tb_hex(&bytes, quic_bed_request);
    tb_hex(&frames, "06000461626364");
    qs_stream(&frames, 0, 0, ml_buf_span(&bytes), true);
    sweep_truncations(ml_buf_span(&frames), run_damaged, NULL);
    ml_buf_fini(&bytes);
    ml_buf_fini(&frames);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(http3_is_read_under_every_suite_and_version),
        cmocka_unit_test(packets_that_share_a_datagram_are_all_read),
        cmocka_unit_test(the_protocol_chosen_is_told),
        cmocka_unit_test(early_data_is_read_before_the_server_answers),
        cmocka_unit_test(key_updates_are_followed_even_those_in_a_hole),
        cmocka_unit_test(ids_of_another_length_are_found),
        cmocka_unit_test(a_retry_begins_the_same_connection_again),
        cmocka_unit_test(a_reason_is_counted_for_what_stays_closed),
        cmocka_unit_test(bytes_that_were_not_captured_are_a_gap_and_what_follows_is_read),
        cmocka_unit_test(a_stray_packet_does_not_end_the_reading),
        cmocka_unit_test(without_keys_nothing_more_is_wanted),
        cmocka_unit_test(dns_over_quic_is_read),
        cmocka_unit_test(damaged_frames_under_a_tag_that_holds_are_survived),
    };
    return cmocka_run_group_tests_name("proto/quic_decrypt", tests, NULL, NULL);
}
