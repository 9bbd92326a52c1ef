/* SPDX-License-Identifier: Apache-2.0 */
/* Connections whose packets were protected by other code than ours, read with their key logs. */
#include "core/mem.h"
#include "proto/quic/quic.h"
#include "proto/secrets/secrets.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"
#include "support/quic_build.h"
#include "support/quic_sealed.h"
#include "support/tls_build.h"

enum {
    RANDOM = 0x11,
    EARLY = 0x21,
    CLIENT_HANDSHAKE = 0x22,
    SERVER_HANDSHAKE = 0x23,
    CLIENT = 0x24,
    SERVER = 0x25,
    VERSION_2 = 0x6b3343cf
};

static const uint8_t client_id[] = {0xc1, 0xc2, 0xc3, 0xc4};
static const uint8_t server_id[] = {1, 2, 3, 4, 5, 6, 7, 8};

/* HEADERS with GET https://chat.example.com/ and HEADERS with 200 in front of DATA "hello", by static entries. */
static const char request[] = "01170000d1d7c15010636861742e6578616d706c652e636f6d";
static const char response[] = "0103"
                               "0000d9"
                               "000568656c6c6f";

#define REQUEST_FACT "http.request up http.method=GET http.host=chat.example.com http.path=/ http.body_bytes=0\n"
#define RESPONSE_FACT "http.response down http.status=200 http.body_bytes=5\n"

struct bed {
    struct proto_rig rig;
    struct ml_secrets *secrets;
    uint32_t source;
    struct qs_packet packets[2]; /* by direction: what the next one is like */
    uint16_t suite;
    uint32_t version;
    const char *alpn;
};

static struct qs_keys all_keys(uint16_t suite)
{
    return (struct qs_keys){.suite = suite,
                            .random = RANDOM,
                            .early = EARLY,
                            .client_handshake = CLIENT_HANDSHAKE,
                            .server_handshake = SERVER_HANDSHAKE,
                            .client = CLIENT,
                            .server = SERVER};
}

static void open_bed(struct bed *bed, uint16_t suite, uint32_t version, const struct qs_keys *keys)
{
    struct ml_buf log = tb_buf();
    *bed = (struct bed){.suite = suite, .version = version, .alpn = "h3"};
    proto_rig_init(&bed->rig, ML_IP_UDP, 443);
    proto_rig_parser(&bed->rig, &ml_parser_quic);
    bed->secrets = ml_secrets_new();
    assert_non_null(bed->secrets);
    assert_int_equal(ml_secrets_source(bed->secrets, &bed->source), ML_OK);
    qs_keylog(&log, keys);
    assert_int_equal(ml_secrets_add(bed->secrets, bed->source, ml_buf_span(&log)), ML_OK);
    bed->rig.env.secrets = bed->secrets;
    ml_buf_fini(&log);
    const struct qs_packet packet = {.suite = suite, .version = version, .type = QS_SHORT, .number_len = 2};
    bed->packets[ML_UP] = bed->packets[ML_DOWN] = packet;
    bed->packets[ML_UP].secret = CLIENT;
    bed->packets[ML_UP].dcid = ml_span_of(server_id, sizeof server_id);
    bed->packets[ML_DOWN].secret = SERVER;
    bed->packets[ML_DOWN].dcid = ml_span_of(client_id, sizeof client_id);
}

static void close_bed(struct bed *bed)
{
    proto_rig_fini(&bed->rig);
    ml_secrets_free(bed->secrets);
}

static bool says(struct bed *bed, const char *text)
{
    return strstr(proto_rig_facts(&bed->rig), text) != NULL;
}

static uint64_t counted(const struct bed *bed, enum ml_counter counter)
{
    return bed->rig.counters.n[counter];
}

/* --- packets --- */

static void add_initial(struct ml_buf *out, const struct bed *bed, enum ml_dir dir, struct ml_span message)
{
    struct ml_buf frames = tb_buf();
    struct qb_initial initial = bed->version == VERSION_2 ? qb_version_2() : qb_version_1();
    qb_crypto(&frames, 0, message);
    initial.is_server = dir == ML_DOWN;
    initial.frames = ml_buf_span(&frames);
    if (dir == ML_UP) {
        initial.scid = ml_span_of(client_id, sizeof client_id);
    } else {
        initial.dcid = ml_span_of(client_id, sizeof client_id);
        initial.scid = ml_span_of(server_id, sizeof server_id);
        initial.padded = 0;
    }
    qb_initial(out, &initial);
    ml_buf_fini(&frames);
}

static void add_client_initial(struct ml_buf *out, const struct bed *bed)
{
    struct ml_buf body = tb_buf();
    struct ml_buf message = tb_buf();
    const struct tb_client_hello hello = {
        .random = RANDOM, .ciphers = "130113021303", .host = "chat.example.com", .alpn = bed->alpn, .versions = "0304"};
    tb_client_hello(&body, &hello);
    tb_message(&message, 1, ml_buf_span(&body));
    add_initial(out, bed, ML_UP, ml_buf_span(&message));
    ml_buf_fini(&body);
    ml_buf_fini(&message);
}

static void add_server_initial(struct ml_buf *out, const struct bed *bed)
{
    struct ml_buf body = tb_buf();
    struct ml_buf message = tb_buf();
    const struct tb_server_hello hello = {.suite = bed->suite, .extensions = "002b00020304"};
    tb_server_hello(&body, &hello);
    tb_message(&message, 2, ml_buf_span(&body));
    add_initial(out, bed, ML_DOWN, ml_buf_span(&message));
    ml_buf_fini(&body);
    ml_buf_fini(&message);
}

static void feed_and_clear(struct bed *bed, enum ml_dir dir, struct ml_buf *out)
{
    proto_rig_feed(&bed->rig, dir, ml_buf_span(out));
    ml_buf_clear(out);
}

/* Both hellos, each a datagram. */
static void greet(struct bed *bed)
{
    struct ml_buf out = tb_buf();
    add_client_initial(&out, bed);
    feed_and_clear(bed, ML_UP, &out);
    add_server_initial(&out, bed);
    feed_and_clear(bed, ML_DOWN, &out);
    ml_buf_fini(&out);
}

/* The next packet of a direction with these frames. */
static void add_packet(struct ml_buf *out, struct bed *bed, enum ml_dir dir, struct ml_span frames)
{
    struct qs_packet *packet = &bed->packets[dir];
    packet->frames = frames;
    qs_packet(out, packet);
    packet->number++;
}

static void send_frames(struct bed *bed, enum ml_dir dir, struct ml_span frames)
{
    struct ml_buf out = tb_buf();
    add_packet(&out, bed, dir, frames);
    feed_and_clear(bed, dir, &out);
    ml_buf_fini(&out);
}

static void send_stream(struct bed *bed, enum ml_dir dir, uint64_t stream, const char *digits, bool is_end)
{
    struct ml_buf bytes = tb_buf();
    struct ml_buf frames = tb_buf();
    tb_hex(&bytes, digits);
    qs_stream(&frames, stream, 0, ml_buf_span(&bytes), is_end);
    send_frames(bed, dir, ml_buf_span(&frames));
    ml_buf_fini(&bytes);
    ml_buf_fini(&frames);
}

static void exchange(struct bed *bed, uint64_t stream)
{
    send_stream(bed, ML_UP, stream, request, true);
    send_stream(bed, ML_DOWN, stream, response, true);
}

/* --- tests --- */

static void assert_read(struct bed *bed, const char *facts)
{
    if (!says(bed, facts)) {
        fail_msg("%s is not in:\n%s", facts, proto_rig_facts(&bed->rig));
    }
    assert_int_equal(counted(bed, ML_COUNT_DECRYPTION_POSSIBLE), 1);
    assert_int_equal(counted(bed, ML_COUNT_DECRYPTION_DONE), 1);
    assert_int_equal(counted(bed, ML_COUNT_UNSEALED_BAD_TAG) + counted(bed, ML_COUNT_UNSEALED_GAP) +
                         counted(bed, ML_COUNT_UNSEALED_NO_SECRET) + counted(bed, ML_COUNT_UNSEALED_UNKNOWN_SUITE),
                     0);
    assert_int_equal(counted(bed, ML_COUNT_BAD_QUIC) + counted(bed, ML_COUNT_BAD_HTTP), 0);
}

static void http3_is_read_under_every_suite_and_version(void **state)
{
    (void)state;
    static const uint16_t suites[] = {0x1301, 0x1302, 0x1303};
    for (size_t i = 0; i < 6; i++) {
        struct bed bed;
        struct qs_keys keys = all_keys(suites[i % 3]);
        open_bed(&bed, suites[i % 3], i < 3 ? 1 : VERSION_2, &keys);
        greet(&bed);
        exchange(&bed, 0);
        proto_rig_end(&bed.rig);
        assert_read(&bed, REQUEST_FACT);
        assert_read(&bed, RESPONSE_FACT);
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
        close_bed(&bed);
    }
}

static void add_handshake(struct ml_buf *out, struct bed *bed, enum ml_dir dir, uint8_t type, const char *body)
{
    struct ml_buf bytes = tb_buf();
    struct ml_buf message = tb_buf();
    struct ml_buf frames = tb_buf();
    struct qs_packet packet = bed->packets[dir];
    tb_hex(&bytes, body);
    tb_message(&message, type, ml_buf_span(&bytes));
    qb_crypto(&frames, 0, ml_buf_span(&message));
    packet.type = QS_HANDSHAKE;
    packet.secret = dir == ML_UP ? CLIENT_HANDSHAKE : SERVER_HANDSHAKE;
    packet.scid = dir == ML_UP ? ml_span_of(client_id, sizeof client_id) : ml_span_of(server_id, sizeof server_id);
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
    struct bed bed;
    struct qs_keys keys = all_keys(0x1301);
    struct ml_buf out = tb_buf();
    struct ml_buf frames = tb_buf();
    struct ml_buf bytes = tb_buf();
    open_bed(&bed, 0x1301, 1, &keys);
    add_client_initial(&out, &bed);
    feed_and_clear(&bed, ML_UP, &out);
    add_server_initial(&out, &bed);
    add_handshake(&out, &bed, ML_DOWN, 8, "000700100003000102" /* ALPN, cut short: no name in it */);
    tb_hex(&bytes, response);
    qs_stream(&frames, 0, 0, ml_buf_span(&bytes), true);
    add_packet(&out, &bed, ML_DOWN, ml_buf_span(&frames));
    feed_and_clear(&bed, ML_DOWN, &out);
    proto_rig_end(&bed.rig);
    assert_read(&bed, RESPONSE_FACT);
    assert_int_equal(ml_secrets_count(bed.secrets, bed.source).used, 2);
    close_bed(&bed);
    ml_buf_fini(&bytes);
    ml_buf_fini(&frames);
    ml_buf_fini(&out);
}

static void the_protocol_chosen_is_told(void **state)
{
    (void)state;
    struct bed bed;
    struct qs_keys keys = all_keys(0x1302);
    struct ml_buf out = tb_buf();
    open_bed(&bed, 0x1302, VERSION_2, &keys);
    greet(&bed);
    add_handshake(&out, &bed, ML_DOWN, 8,
                  "000900100005000302"
                  "6833");
    feed_and_clear(&bed, ML_DOWN, &out);
    proto_rig_end(&bed.rig);
    assert_read(&bed, "tls.encrypted_extensions down tls.alpn=h3\n");
    close_bed(&bed);
    ml_buf_fini(&out);
}

static void early_data_is_read_before_the_server_answers(void **state)
{
    (void)state;
    struct bed bed;
    struct qs_keys keys = all_keys(0x1303);
    struct ml_buf out = tb_buf();
    struct ml_buf frames = tb_buf();
    struct ml_buf bytes = tb_buf();
    open_bed(&bed, 0x1303, 1, &keys);
    add_client_initial(&out, &bed);
    tb_hex(&bytes, request);
    qs_stream(&frames, 0, 0, ml_buf_span(&bytes), true);
    struct qs_packet packet = bed.packets[ML_UP];
    packet.type = QS_ZERO_RTT;
    packet.secret = EARLY;
    packet.scid = ml_span_of(client_id, sizeof client_id);
    packet.frames = ml_buf_span(&frames);
    qs_packet(&out, &packet);
    feed_and_clear(&bed, ML_UP, &out);
    assert_true(says(&bed, REQUEST_FACT));
    bed.packets[ML_UP].number = 1;
    add_server_initial(&out, &bed);
    feed_and_clear(&bed, ML_DOWN, &out);
    send_stream(&bed, ML_DOWN, 0, response, true);
    proto_rig_end(&bed.rig);
    assert_read(&bed, RESPONSE_FACT);
    close_bed(&bed);
    ml_buf_fini(&bytes);
    ml_buf_fini(&frames);
    ml_buf_fini(&out);
}

static void key_updates_are_followed_even_those_in_a_hole(void **state)
{
    (void)state;
    static const unsigned steps[][4] = {{0, 1, 2, 3}, {0, 2, 3, 5}, {0, 3, 4, 6}};
    for (size_t i = 0; i < 3; i++) {
        struct bed bed;
        struct qs_keys keys = all_keys(0x1301);
        open_bed(&bed, 0x1301, i == 1 ? VERSION_2 : 1, &keys);
        greet(&bed);
        for (unsigned k = 0; k < 4; k++) {
            bed.packets[ML_UP].generation = steps[i][k];
            bed.packets[ML_DOWN].generation = steps[i][k];
            exchange(&bed, 4 * k);
        }
        /* One of the generation before, late. */
        bed.packets[ML_UP].generation = steps[i][3] - 1;
        send_stream(&bed, ML_UP, 16, request, true);
        proto_rig_end(&bed.rig);
        assert_read(&bed, "http.path=/ http.body_bytes=0 count=5\n");
        assert_read(&bed, "http.body_bytes=5 count=4\n");
        close_bed(&bed);
    }
}

static void ids_of_another_length_are_found(void **state)
{
    (void)state;
    static const uint8_t longer[] = {9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9};
    struct bed bed;
    struct qs_keys keys = all_keys(0x1301);
    struct ml_buf frames = tb_buf();
    open_bed(&bed, 0x1301, 1, &keys);
    greet(&bed);
    exchange(&bed, 0);
    tb_hex(&frames, "180100"
                    "0c"
                    "090909090909090909090909"
                    "000102030405060708090a0b0c0d0e0f");
    send_frames(&bed, ML_DOWN, ml_buf_span(&frames));
    bed.packets[ML_UP].dcid = ml_span_of(longer, sizeof longer);
    exchange(&bed, 4);
    proto_rig_end(&bed.rig);
    assert_read(&bed, "http.path=/ http.body_bytes=0 count=2\n");
    close_bed(&bed);
    ml_buf_fini(&frames);
}

/* A 0-RTT packet with the request, as it is sent in front of a Retry and again behind it. */
static void add_early_request(struct ml_buf *out, const struct bed *bed, uint64_t number)
{
    struct ml_buf frames = tb_buf();
    struct ml_buf bytes = tb_buf();
    struct qs_packet packet = bed->packets[ML_UP];
    tb_hex(&bytes, request);
    qs_stream(&frames, 0, 0, ml_buf_span(&bytes), true);
    packet.type = QS_ZERO_RTT;
    packet.secret = EARLY;
    packet.scid = ml_span_of(client_id, sizeof client_id);
    packet.number = number;
    packet.frames = ml_buf_span(&frames);
    qs_packet(out, &packet);
    ml_buf_fini(&frames);
    ml_buf_fini(&bytes);
}

static void a_retry_begins_the_same_connection_again(void **state)
{
    (void)state;
    static const uint8_t retry_id[] = {0xa1, 0xa2, 0xa3, 0xa4};
    struct bed bed;
    struct qs_keys keys = all_keys(0x1301);
    struct ml_buf out = tb_buf();
    struct ml_buf body = tb_buf();
    struct ml_buf message = tb_buf();
    struct ml_buf frames = tb_buf();
    const struct tb_client_hello hello = {.random = RANDOM, .host = "chat.example.com", .alpn = "h3"};
    open_bed(&bed, 0x1301, 1, &keys);
    add_client_initial(&out, &bed);
    add_early_request(&out, &bed, 0);
    feed_and_clear(&bed, ML_UP, &out);
    tb_hex(&out, "f000000001" /* no id of the client */ "00"
                 "04a1a2a3a4"
                 "746f6b656e"
                 "000102030405060708090a0b0c0d0e0f");
    feed_and_clear(&bed, ML_DOWN, &out);
    tb_client_hello(&body, &hello);
    tb_message(&message, 1, ml_buf_span(&body));
    qb_crypto(&frames, 0, ml_buf_span(&message));
    struct qb_initial again = qb_version_1();
    again.key_id = again.dcid = ml_span_of(retry_id, sizeof retry_id);
    again.scid = ml_span_of(client_id, sizeof client_id);
    again.token = ml_span_text("token");
    again.frames = ml_buf_span(&frames);
    again.number = 3;
    qb_initial(&out, &again);
    add_early_request(&out, &bed, 1);
    feed_and_clear(&bed, ML_UP, &out);
    /* The server's hello is missing here: the suite is found by trying. */
    send_stream(&bed, ML_DOWN, 0, response, true);
    proto_rig_end(&bed.rig);
    assert_true(says(&bed, REQUEST_FACT)); /* once */
    assert_true(says(&bed, RESPONSE_FACT));
    assert_int_equal(counted(&bed, ML_COUNT_DECRYPTION_POSSIBLE), 1);
    assert_int_equal(counted(&bed, ML_COUNT_DECRYPTION_DONE), 1);
    close_bed(&bed);
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
        {{.suite = 0x1301, .random = 0x77, .client = CLIENT}, 0x1301, 0, ML_COUNT_UNSEALED_NO_SECRET},
        {{.suite = 0x1301, .random = RANDOM, .client = CLIENT}, 0x1301, 0, ML_COUNT_UNSEALED_NO_SECRET},
        {{.suite = 0x1301, .random = RANDOM, .client = 0x99, .server = 0x99}, 0x1301, 0, ML_COUNT_UNSEALED_BAD_TAG},
        {{.suite = 0x1301, .random = RANDOM, .client = CLIENT, .server = SERVER},
         0x1305,
         0,
         ML_COUNT_UNSEALED_UNKNOWN_SUITE},
        {{.suite = 0x1301, .random = RANDOM, .client = CLIENT, .server = SERVER}, 0x1301, 9, ML_COUNT_UNSEALED_BAD_TAG},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bed bed;
        open_bed(&bed, cases[i].suite, 1, &cases[i].keys);
        greet(&bed);
        exchange(&bed, 0);
        bed.packets[ML_UP].generation = cases[i].generation; /* too far ahead */
        exchange(&bed, 4);
        proto_rig_end(&bed.rig);
        if (counted(&bed, cases[i].reason) != 1) {
            fail_msg("case %zu: %s was not counted", i, ml_counter_name(cases[i].reason));
        }
        assert_int_equal(counted(&bed, ML_COUNT_DECRYPTION_POSSIBLE), 1);
        close_bed(&bed);
    }
}

static void bytes_that_were_not_captured_are_a_gap_and_what_follows_is_read(void **state)
{
    (void)state;
    struct bed bed;
    struct qs_keys keys = all_keys(0x1301);
    struct ml_buf bytes = tb_buf();
    struct ml_buf frames = tb_buf();
    open_bed(&bed, 0x1301, 1, &keys);
    greet(&bed);
    send_stream(&bed, ML_UP, 0, request, true);
    tb_hex(&bytes, "01030000d9"
                   "000a68656c6c6f");
    qs_stream(&frames, 0, 0, ml_buf_span(&bytes), false);
    send_frames(&bed, ML_DOWN, ml_buf_span(&frames));
    ml_buf_clear(&frames);
    qs_stream(&frames, 0, 15, ml_span_text("lo"), true); /* 12 to 14 are missing, in the middle of DATA */
    send_frames(&bed, ML_DOWN, ml_buf_span(&frames));
    exchange(&bed, 4);
    proto_rig_end(&bed.rig);
    assert_true(says(&bed, "http.response down http.status=200 http.body_bytes=10 cut\n"));
    assert_true(says(&bed, RESPONSE_FACT));
    assert_int_equal(counted(&bed, ML_COUNT_UNSEALED_GAP), 1);
    close_bed(&bed);
    ml_buf_fini(&bytes);
    ml_buf_fini(&frames);
}

static void a_stray_packet_does_not_end_the_reading(void **state)
{
    (void)state;
    struct bed bed;
    struct qs_keys keys = all_keys(0x1301);
    open_bed(&bed, 0x1301, 1, &keys);
    greet(&bed);
    exchange(&bed, 0);
    for (unsigned i = 0; i < ML_MAX_QUIC_FAILURES - 1; i++) {
        proto_rig_feed(&bed.rig, ML_DOWN, ml_span_text("\x41no packet of this connection at all, but a reset of one"));
    }
    exchange(&bed, 4);
    assert_true(bed.rig.wants_more);
    proto_rig_end(&bed.rig);
    assert_true(says(&bed, "http.body_bytes=5 count=2\n"));
    assert_int_equal(counted(&bed, ML_COUNT_UNSEALED_BAD_TAG), 1);
    close_bed(&bed);
}

static void without_keys_nothing_more_is_wanted(void **state)
{
    (void)state;
    struct bed bed;
    struct qs_keys keys = {.suite = 0x1301, .random = 0x77, .client = CLIENT};
    open_bed(&bed, 0x1301, 1, &keys);
    greet(&bed);
    assert_false(bed.rig.wants_more);
    proto_rig_end(&bed.rig);
    assert_int_equal(counted(&bed, ML_COUNT_UNSEALED_NO_SECRET), 1);
    assert_int_equal(counted(&bed, ML_COUNT_DECRYPTION_DONE), 0);
    close_bed(&bed);
}

/* RFC 9250, section 4.2: a message with its length in front, one query a stream. */
static void dns_over_quic_is_read(void **state)
{
    (void)state;
    struct bed bed;
    struct qs_keys keys = all_keys(0x1301);
    open_bed(&bed, 0x1301, 1, &keys);
    bed.alpn = "doq";
    greet(&bed);
    send_stream(&bed, ML_UP, 0,
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
    assert_true(says(&bed, "name.example"));
    close_bed(&bed);
}

static void run_damaged(void *context, struct ml_span bytes)
{
    struct bed bed;
    struct qs_keys keys = all_keys(0x1301);
    (void)context;
    open_bed(&bed, 0x1301, 1, &keys);
    greet(&bed);
    send_frames(&bed, ML_UP, bytes);
    proto_rig_end(&bed.rig);
    close_bed(&bed);
}

static void damaged_frames_under_a_tag_that_holds_are_survived(void **state)
{
    (void)state;
    struct ml_buf bytes = tb_buf();
    struct ml_buf frames = tb_buf();
    tb_hex(&bytes, request);
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
