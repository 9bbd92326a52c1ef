/* SPDX-License-Identifier: Apache-2.0 */
/* Connections that go on from another port or address, and early data in front of its hello. */
#include "core/mem.h"
#include "proto/quic/paths.h"
#include "proto/quic/quic.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/quic_bed.h"
#include "support/tls_build.h"

#define NOW INT64_C(1700000000000000000) /* about when packets of the rig come */
#define FIRST_ID "8394c8f03e515708"      /* of the client's first packet */

/* Another flow of the same shard. */
struct path {
    struct ml_flow flow;
    struct ml_demux *demux;
    struct quic_bed *bed;
};

static void open_path(struct path *path, struct quic_bed *bed, uint16_t server_port)
{
    *path = (struct path){.bed = bed};
    path->flow = bed->rig.flow;
    path->flow.facts = path->flow.facts_last = NULL;
    path->flow.n_facts = 0;
    path->flow.client_port = 50001;
    path->flow.server_port = server_port;
    path->demux = ml_demux_new(&bed->rig.env, &path->flow, ML_OVER_UDP);
    assert_non_null(path->demux);
}

static void close_path(struct path *path)
{
    ml_demux_free(path->demux);
    path->demux = NULL;
}

static void feed_path_at(struct path *path, enum ml_dir dir, struct ml_span bytes, int64_t time_ns)
{
    const struct ml_chunk chunk = {.flow = &path->flow,
                                   .dir = dir,
                                   .bytes = bytes,
                                   .is_datagram = true,
                                   .seq = ++path->bed->rig.seq,
                                   .time_ns = time_ns,
                                   .n_layers = 1,
                                   .layers = {ML_LAYER_UDP}};
    (void)ml_demux_feed(path->demux, &chunk);
}

/* The next packet of the connection, on this path. */
static void send_on_path(struct path *path, enum ml_dir dir, uint64_t stream, const char *digits)
{
    struct ml_buf out = tb_buf();
    struct ml_buf bytes = tb_buf();
    struct ml_buf frames = tb_buf();
    tb_hex(&bytes, digits);
    qs_stream(&frames, stream, 0, ml_buf_span(&bytes), true);
    quic_bed_add_packet(&out, path->bed, dir, ml_buf_span(&frames));
    feed_path_at(path, dir, ml_buf_span(&out), NOW + (int64_t)path->bed->rig.seq * 1000000);
    ml_buf_fini(&out);
    ml_buf_fini(&bytes);
    ml_buf_fini(&frames);
}

static const struct ml_fact *find(const struct ml_flow *flow, enum ml_fact_kind kind)
{
    const struct ml_fact *fact = flow->facts;
    while (fact != NULL && fact->kind != kind) {
        fact = fact->next;
    }
    return fact;
}

static void open_connection(struct quic_bed *bed)
{
    struct qs_keys keys = quic_bed_keys(0x1301);
    quic_bed_open(bed, 0x1301, 1, &keys);
    quic_bed_greet(bed);
    quic_bed_exchange(bed, 0);
}

static void assert_path(const struct path *path, const char *id)
{
    const struct ml_fact *fact = find(&path->flow, ML_FACT_QUIC_PATH);
    assert_non_null(fact);
    assert_true(ml_span_equal(ml_attr_text(ml_fact_attr(fact, ML_F_QUIC_DCID)), ml_span_text(FIRST_ID)));
    assert_true(ml_span_equal(ml_attr_text(ml_fact_attr(fact, ML_F_QUIC_DCID_PREFIX)), ml_span_text(id)));
    assert_int_equal(fact->count, 1);
}

static void assert_counted_once(const struct quic_bed *bed)
{
    assert_int_equal(quic_bed_counted(bed, ML_COUNT_DECRYPTION_POSSIBLE), 1);
    assert_int_equal(quic_bed_counted(bed, ML_COUNT_DECRYPTION_DONE), 1);
    assert_int_equal(quic_bed_counted(bed, ML_COUNT_UNSEALED_BAD_TAG), 0);
    assert_int_equal(quic_bed_counted(bed, ML_COUNT_UNSEALED_GAP), 0);
}

static void a_connection_that_goes_on_from_another_port_is_read_on(void **state)
{
    (void)state;
    static const uint16_t ports[] = {443, 8443};
    for (size_t i = 0; i < 4; i++) {
        struct quic_bed bed;
        struct path path;
        open_connection(&bed);
        open_path(&path, &bed, ports[i % 2]);
        send_on_path(&path, ML_UP, 4, quic_bed_request);
        send_on_path(&path, ML_DOWN, 4, quic_bed_response);
        assert_path(&path, "0102030405060708");
        assert_int_equal(find(&path.flow, ML_FACT_HTTP_REQUEST)->count, 1);
        assert_int_equal(find(&path.flow, ML_FACT_HTTP_RESPONSE)->count, 1);
        assert_int_equal(find(&bed.rig.flow, ML_FACT_HTTP_REQUEST)->count, 1);
        const char *name = NULL;
        assert_int_equal(ml_demux_names(path.demux, &name, 1), 1);
        assert_string_equal(name, "quic");
        if (i < 2) { /* either may be over first */
            close_path(&path);
            proto_rig_end(&bed.rig);
        } else {
            proto_rig_end(&bed.rig);
            close_path(&path);
        }
        assert_counted_once(&bed);
        quic_bed_close(&bed);
    }
}

static void state_goes_along_from_path_to_path_and_back(void **state)
{
    (void)state;
    struct quic_bed bed;
    struct path path;
    open_connection(&bed);
    open_path(&path, &bed, 443);
    quic_bed_send_stream(&bed, ML_UP, 4, quic_bed_request, true);
    send_on_path(&path, ML_UP, 8, quic_bed_request);
    send_on_path(&path, ML_DOWN, 4, quic_bed_response); /* the answer to what was asked before */
    quic_bed_send_stream(&bed, ML_DOWN, 8, quic_bed_response, true);
    proto_rig_end(&bed.rig); /* the first flow is over, the connection is not */
    bed.packets[ML_UP].generation = bed.packets[ML_DOWN].generation = 1;
    send_on_path(&path, ML_UP, 12, quic_bed_request);
    send_on_path(&path, ML_DOWN, 12, quic_bed_response);
    assert_int_equal(find(&path.flow, ML_FACT_HTTP_REQUEST)->count, 2);
    assert_int_equal(find(&path.flow, ML_FACT_HTTP_RESPONSE)->count, 2);
    assert_int_equal(find(&bed.rig.flow, ML_FACT_HTTP_RESPONSE)->count, 2);
    close_path(&path);
    assert_counted_once(&bed);
    quic_bed_close(&bed);
}

static void an_id_that_was_only_given_under_encryption_is_known_too(void **state)
{
    (void)state;
    static const uint8_t other[] = {9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9};
    struct quic_bed bed;
    struct path path;
    struct ml_buf frames = tb_buf();
    open_connection(&bed);
    tb_hex(&frames, "180100"
                    "0c"
                    "090909090909090909090909"
                    "000102030405060708090a0b0c0d0e0f");
    quic_bed_send_frames(&bed, ML_DOWN, ml_buf_span(&frames));
    bed.packets[ML_UP].dcid = ml_span_of(other, sizeof other);
    open_path(&path, &bed, 443);
    send_on_path(&path, ML_UP, 4, quic_bed_request);
    assert_path(&path, "090909090909090909090909");
    assert_non_null(find(&path.flow, ML_FACT_HTTP_REQUEST));
    close_path(&path);
    proto_rig_end(&bed.rig);
    assert_counted_once(&bed);
    quic_bed_close(&bed);
    ml_buf_fini(&frames);
}

static void what_the_id_repeats_in_clear_is_told_as_without_keys(void **state)
{
    (void)state;
    struct quic_bed bed;
    struct path path;
    open_connection(&bed);
    open_path(&path, &bed, 443);
    for (uint64_t stream = 4; stream <= 12; stream += 4) {
        send_on_path(&path, ML_UP, stream, quic_bed_request);
    }
    const struct ml_fact *fact = find(&path.flow, ML_FACT_QUIC_SHORT);
    assert_non_null(fact);
    assert_true(ml_span_starts(ml_attr_text(ml_fact_attr(fact, ML_F_QUIC_DCID_PREFIX)), "0102030405060708"));
    close_path(&path);
    proto_rig_end(&bed.rig);
    quic_bed_close(&bed);
}

static void a_packet_with_a_known_id_whose_tag_does_not_hold_tells_nothing(void **state)
{
    (void)state;
    struct quic_bed bed;
    struct path path;
    open_connection(&bed);
    open_path(&path, &bed, 443);
    feed_path_at(&path, ML_UP, ml_span_text("\x41\x01\x02\x03\x04\x05\x06\x07\x08 forged by whoever saw the id"), NOW);
    assert_null(path.flow.facts);
    send_on_path(&path, ML_UP, 4, quic_bed_request);
    assert_path(&path, "0102030405060708");
    close_path(&path);
    proto_rig_end(&bed.rig);
    assert_int_equal(quic_bed_counted(&bed, ML_COUNT_UNSEALED_BAD_TAG), 1);
    quic_bed_close(&bed);
}

static void expect_unknown(enum ml_dir dir, const uint8_t *id, size_t len, int64_t time_ns)
{
    struct quic_bed bed;
    struct path path;
    struct ml_buf out = tb_buf();
    struct ml_buf frames = tb_buf();
    open_connection(&bed);
    bed.packets[ML_UP].dcid = ml_span_of(id, len);
    qs_stream(&frames, 4, 0, ml_span_text("xyz"), true);
    quic_bed_add_packet(&out, &bed, ML_UP, ml_buf_span(&frames));
    open_path(&path, &bed, 443);
    feed_path_at(&path, dir, ml_buf_span(&out), time_ns);
    close_path(&path);
    assert_null(path.flow.facts);
    proto_rig_end(&bed.rig);
    assert_counted_once(&bed);
    quic_bed_close(&bed);
    ml_buf_fini(&out);
    ml_buf_fini(&frames);
}

static void a_connection_is_not_found_by_another_id_direction_or_after_a_long_silence(void **state)
{
    (void)state;
    static const uint8_t other[] = {1, 2, 3, 4, 5, 6, 7, 9};
    int64_t silence_ns = ML_FLOW_IDLE_OTHER_S * INT64_C(1000000000);
    expect_unknown(ML_UP, other, sizeof other, NOW);
    expect_unknown(ML_DOWN, quic_bed_server_id, sizeof quic_bed_server_id, NOW);
    expect_unknown(ML_UP, quic_bed_server_id, sizeof quic_bed_server_id, NOW + silence_ns + 1000000000);
}

static void a_connection_that_is_over_is_not_found(void **state)
{
    (void)state;
    struct quic_bed bed;
    struct path path;
    open_connection(&bed);
    open_path(&path, &bed, 443);
    proto_rig_end(&bed.rig);
    send_on_path(&path, ML_UP, 4, quic_bed_request);
    assert_null(path.flow.facts);
    close_path(&path);
    assert_counted_once(&bed);
    quic_bed_close(&bed);
}

static void another_connection_on_the_first_ports_leaves_the_one_that_moved_as_it_is(void **state)
{
    (void)state;
    struct quic_bed bed;
    struct path path;
    struct ml_buf out = tb_buf();
    struct ml_buf frames = tb_buf();
    struct ml_buf body = tb_buf();
    struct ml_buf message = tb_buf();
    static const uint8_t key_id[] = {0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58};
    const struct tb_client_hello hello = {.random = 0x77, .host = "other.example.com", .alpn = "h3"};
    open_connection(&bed);
    open_path(&path, &bed, 443);
    send_on_path(&path, ML_UP, 4, quic_bed_request);
    tb_client_hello(&body, &hello);
    tb_message(&message, 1, ml_buf_span(&body));
    qb_crypto(&frames, 0, ml_buf_span(&message));
    struct qb_initial initial = qb_version_1();
    initial.key_id = initial.dcid = ml_span_of(key_id, sizeof key_id);
    initial.frames = ml_buf_span(&frames);
    qb_initial(&out, &initial);
    quic_bed_feed(&bed, ML_UP, &out);
    send_on_path(&path, ML_DOWN, 4, quic_bed_response);
    assert_non_null(find(&path.flow, ML_FACT_HTTP_RESPONSE));
    close_path(&path);
    proto_rig_end(&bed.rig);
    assert_true(quic_bed_says(&bed, "quic.sni=other.example.com"));
    quic_bed_close(&bed);
    ml_buf_fini(&out);
    ml_buf_fini(&frames);
    ml_buf_fini(&body);
    ml_buf_fini(&message);
}

static void ids_are_kept_up_to_a_ceiling_and_go_with_their_connection(void **state)
{
    (void)state;
    struct quic_bed bed;
    struct ml_counters *counters = &bed.rig.counters;
    struct ml_quic_decrypt *connection = (struct ml_quic_decrypt *)&bed; /* is not looked into */
    size_t id_len = 0;
    struct qs_keys keys = quic_bed_keys(0x1301);
    quic_bed_open(&bed, 0x1301, 1, &keys);
    for (uint32_t i = 0; i <= ML_MAX_QUIC_PATHS; i++) {
        uint8_t id[8] = {0};
        memcpy(id, &i, sizeof i);
        ml_quic_paths_add(&bed.rig.env, connection, ML_UP, ml_span_of(id, sizeof id));
    }
    assert_int_equal(counters->n[ML_COUNT_LIMIT_QUIC_PATHS], 1);
    ml_quic_paths_add(&bed.rig.env, connection, ML_UP, ml_span_text("abc")); /* too short */
    assert_int_equal(counters->n[ML_COUNT_LIMIT_QUIC_PATHS], 1);
    ml_quic_paths_remove(&bed.rig.env, connection);
    const struct ml_chunk chunk = {.dir = ML_UP, .bytes = ml_span_of((const uint8_t[9]){0x41}, 9)};
    assert_null(ml_quic_paths_find(&bed.rig.env, &chunk, &id_len));
    proto_rig_end(&bed.rig);
    quic_bed_close(&bed);
}

/* --- early data --- */

/* The client's hello in two Initial packets. */
static void split_hello(struct ml_buf parts[2])
{
    struct ml_buf body = tb_buf();
    struct ml_buf message = tb_buf();
    const struct tb_client_hello hello = {.random = QUIC_BED_RANDOM,
                                          .ciphers = "130113021303",
                                          .host = "chat.example.com",
                                          .alpn = "h3",
                                          .versions = "0304"};
    tb_client_hello(&body, &hello);
    tb_message(&message, 1, ml_buf_span(&body));
    struct ml_span all = ml_buf_span(&message);
    for (unsigned i = 0; i < 2; i++) {
        struct ml_buf frames = tb_buf();
        struct qb_initial initial = qb_version_1();
        size_t from = i * (all.len / 2);
        qb_crypto(&frames, from, ml_span_cut(all, from, i == 0 ? all.len / 2 : all.len));
        initial.scid = ml_span_of(quic_bed_client_id, sizeof quic_bed_client_id);
        initial.frames = ml_buf_span(&frames);
        initial.number = i;
        parts[i] = tb_buf();
        qb_initial(&parts[i], &initial);
        ml_buf_fini(&frames);
    }
    ml_buf_fini(&body);
    ml_buf_fini(&message);
}

static void early_data_in_front_of_its_hello_is_held(void **state)
{
    (void)state;
    static const uint8_t first_id[] = {0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08};
    for (unsigned order = 0; order < 2; order++) {
        struct quic_bed bed;
        struct ml_buf parts[2];
        struct ml_buf early = tb_buf();
        struct qs_keys keys = quic_bed_keys(0x1301);
        split_hello(parts);
        quic_bed_open(&bed, 0x1301, 1, &keys);
        bed.packets[ML_UP].dcid = ml_span_of(first_id, sizeof first_id);
        quic_bed_add_early(&early, &bed, 0);
        if (order == 0) {
            quic_bed_feed(&bed, ML_UP, &early); /* in front of both */
        }
        quic_bed_feed(&bed, ML_UP, &parts[0]);
        if (order == 1) {
            quic_bed_feed(&bed, ML_UP, &early); /* between them */
        }
        assert_false(quic_bed_says(&bed, QUIC_BED_REQUEST_FACT));
        quic_bed_feed(&bed, ML_UP, &parts[1]);
        assert_true(quic_bed_says(&bed, QUIC_BED_REQUEST_FACT));
        const struct ml_fact *fact = find(&bed.rig.flow, ML_FACT_HTTP_REQUEST);
        assert_int_equal(fact->first_seq, order + 1); /* the packet that held it */
        proto_rig_end(&bed.rig);
        assert_counted_once(&bed);
        quic_bed_close(&bed);
        ml_buf_fini(&parts[0]);
        ml_buf_fini(&parts[1]);
        ml_buf_fini(&early);
    }
}

static void early_data_of_another_connection_or_beyond_the_ceiling_stays_closed(void **state)
{
    (void)state;
    struct quic_bed bed;
    struct ml_buf out = tb_buf();
    struct qs_keys keys = quic_bed_keys(0x1301);
    quic_bed_open(&bed, 0x1301, 1, &keys);
    for (unsigned i = 0; i <= ML_MAX_QUIC_EARLY; i++) { /* to the id of a connection that never begins */
        quic_bed_add_early(&out, &bed, i);
        quic_bed_feed(&bed, ML_UP, &out);
    }
    assert_int_equal(quic_bed_counted(&bed, ML_COUNT_LIMIT_QUIC_WAITING), 1);
    quic_bed_add_client(&out, &bed);
    quic_bed_feed(&bed, ML_UP, &out);
    proto_rig_end(&bed.rig);
    assert_false(quic_bed_says(&bed, QUIC_BED_REQUEST_FACT));
    quic_bed_close(&bed);
    ml_buf_fini(&out);
}

static void run_damaged(void *context, struct ml_span bytes)
{
    struct quic_bed bed;
    struct path path;
    (void)context;
    open_connection(&bed);
    open_path(&path, &bed, 443);
    feed_path_at(&path, ML_UP, bytes, NOW);
    assert_null(find(&path.flow, ML_FACT_HTTP_REQUEST));
    close_path(&path);
    proto_rig_end(&bed.rig);
    quic_bed_close(&bed);
}

static void a_fixed_bit_that_was_cleared_on_purpose_does_not_hide_the_connection(void **state)
{
    (void)state;
    struct quic_bed bed;
    struct path path;
    struct ml_buf out = tb_buf();
    struct ml_buf frames = tb_buf();
    open_connection(&bed);
    open_path(&path, &bed, 443);
    send_on_path(&path, ML_UP, 4, quic_bed_request);
    qs_stream(&frames, 4, 0, ml_span_text("xyz"), true);
    quic_bed_add_packet(&out, &bed, ML_DOWN, ml_buf_span(&frames));
    out.bytes[0] ^= 0x40; /* it is not that of the sender, so the tag does not hold */
    feed_path_at(&path, ML_DOWN, ml_buf_span(&out), NOW);
    close_path(&path);
    proto_rig_end(&bed.rig);
    assert_int_equal(quic_bed_counted(&bed, ML_COUNT_UNSEALED_BAD_TAG), 1); /* it was looked at */
    quic_bed_close(&bed);
    ml_buf_fini(&out);
    ml_buf_fini(&frames);
}

static void cut_and_changed_packets_on_another_path_open_nothing(void **state)
{
    (void)state;
    struct quic_bed bed;
    struct ml_buf out = tb_buf();
    struct ml_buf bytes = tb_buf();
    struct ml_buf frames = tb_buf();
    open_connection(&bed);
    tb_hex(&bytes, quic_bed_request);
    qs_stream(&frames, 4, 0, ml_buf_span(&bytes), true);
    quic_bed_add_packet(&out, &bed, ML_UP, ml_buf_span(&frames));
    sweep_truncations(ml_buf_span(&out), run_damaged, NULL);
    sweep_bit_flips(ml_buf_span(&out), run_damaged, NULL);
    proto_rig_end(&bed.rig);
    quic_bed_close(&bed);
    ml_buf_fini(&out);
    ml_buf_fini(&bytes);
    ml_buf_fini(&frames);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_that_goes_on_from_another_port_is_read_on),
        cmocka_unit_test(state_goes_along_from_path_to_path_and_back),
        cmocka_unit_test(an_id_that_was_only_given_under_encryption_is_known_too),
        cmocka_unit_test(what_the_id_repeats_in_clear_is_told_as_without_keys),
        cmocka_unit_test(a_packet_with_a_known_id_whose_tag_does_not_hold_tells_nothing),
        cmocka_unit_test(a_connection_is_not_found_by_another_id_direction_or_after_a_long_silence),
        cmocka_unit_test(a_connection_that_is_over_is_not_found),
        cmocka_unit_test(another_connection_on_the_first_ports_leaves_the_one_that_moved_as_it_is),
        cmocka_unit_test(ids_are_kept_up_to_a_ceiling_and_go_with_their_connection),
        cmocka_unit_test(early_data_in_front_of_its_hello_is_held),
        cmocka_unit_test(early_data_of_another_connection_or_beyond_the_ceiling_stays_closed),
        cmocka_unit_test(a_fixed_bit_that_was_cleared_on_purpose_does_not_hide_the_connection),
        cmocka_unit_test(cut_and_changed_packets_on_another_path_open_nothing),
    };
    return cmocka_run_group_tests_name("proto/quic_path", tests, NULL, NULL);
}
