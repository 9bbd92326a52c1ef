/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/quic/quic.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"
#include "support/quic_build.h"
#include "support/tls_build.h"

#define RFC_INITIAL                                                                                                    \
    "quic.initial up quic.version=1 quic.sni=example.com quic.dcid=8394c8f03e515708\n"                                 \
    "tls.client_hello up tls.sni=example.com tls.alpn=alpn "

static void free_span(struct ml_span bytes)
{
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
}

static void begin(struct proto_rig *rig)
{
    proto_rig_init(rig, ML_IP_UDP, 443);
    proto_rig_parser(rig, &ml_parser_quic);
}

static bool has_fact(struct proto_rig *rig, const char *part)
{
    return strstr(proto_rig_facts(rig), part) != NULL;
}

static void feed_initial(struct proto_rig *rig, enum ml_dir dir, const struct qb_initial *initial)
{
    struct ml_buf out = tb_buf();
    qb_initial(&out, initial);
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

/* The hello of the appendix as CRYPTO data, without the frame's header. */
static struct ml_span hello_of(struct ml_span frames)
{
    return ml_span_cut(frames, 4, frames.len);
}

static struct qb_initial server_of(struct qb_initial initial, struct ml_span frames)
{
    static const uint8_t scid[] = {0xf0, 0x67, 0xa5, 0x50, 0x2a, 0x42, 0x62, 0xb5};
    initial.is_server = true;
    initial.dcid = ml_span_of(NULL, 0);
    initial.scid = ml_span_of(scid, sizeof scid);
    initial.number = 1;
    initial.number_len = 2;
    initial.frames = frames;
    initial.padded = 0;
    return initial;
}

static void the_exchange_of_rfc_9001_is_told(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_span client = qb_rfc_client_frames();
    struct ml_span server = qb_rfc_server_frames();
    struct qb_initial initial = qb_version_1();
    struct qb_initial reply = server_of(initial, server);
    initial.frames = client;
    begin(&rig);
    feed_initial(&rig, ML_UP, &initial);
    assert_true(has_fact(&rig, RFC_INITIAL));
    assert_true(has_fact(&rig, " tls.ja4=q13d0211an_")); /* "q" for QUIC; the first protocol is "alpn" */
    assert_true(rig.wants_more);
    feed_initial(&rig, ML_DOWN, &reply);
    assert_true(has_fact(&rig, "tls.server_hello down tls.version=TLS 1.3 tls.cipher=TLS_AES_128_GCM_SHA256 "
                               "tls.group=x25519 tls.ja3s=eb1d94daa7e0344597e756a1fb6e7054 tls.resumed=false "
                               "tls.forward_secret=true\n"));
    assert_false(rig.wants_more);
    assert_int_equal(rig.flow.rtt_us, 1000);
    const struct ml_fact *fact = proto_rig_fact(&rig, 1);
    assert_int_equal(fact->layers[1], ML_LAYER_QUIC_CRYPTO);
    assert_int_equal(fact->range_from, 0);
    assert_int_equal(fact->range_len, 241);
    fact = proto_rig_fact(&rig, 0);
    assert_int_equal(fact->n_layers, 1);
    assert_int_equal(fact->range_len, 1200);
    proto_rig_fini(&rig);
    free_span(client);
    free_span(server);
}

static void version_2_and_a_server_that_changes_to_it_are_followed(void **state)
{
    (void)state;
    struct ml_span client = qb_rfc_client_frames();
    struct ml_span server = qb_rfc_server_frames();
    for (int is_first = 0; is_first < 2; is_first++) {
        struct proto_rig rig;
        struct qb_initial initial = is_first != 0 ? qb_version_2() : qb_version_1();
        struct qb_initial reply = server_of(qb_version_2(), server); /* RFC 9369, section 4 */
        initial.frames = client;
        begin(&rig);
        feed_initial(&rig, ML_UP, &initial);
        feed_initial(&rig, ML_DOWN, &reply);
        assert_true(has_fact(&rig, is_first != 0 ? "quic.version=2 quic.sni=example.com" : "quic.version=1 quic.sni"));
        assert_true(has_fact(&rig, "tls.server_hello down tls.version=TLS 1.3"));
        proto_rig_fini(&rig);
    }
    free_span(client);
    free_span(server);
}

static void every_salt_opens_its_version(void **state)
{
    (void)state;
    static const struct {
        uint32_t wire;
        const char *salt;
        const char *name;
    } versions[] = {{0xff000016, "7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a", "quic.version=draft-22 "},
                    {0xff00001c, "c3eef712c72ebb5a11a7d2432bb46365bef9f502", "quic.version=draft-28 "},
                    {0xff00001d, "afbfec289993d24c9e9786f19c6111e04390a899", "quic.version=draft-29 "},
                    {0xff000020, "afbfec289993d24c9e9786f19c6111e04390a899", "quic.version=draft-32 "},
                    {0xff000022, "38762cf7f55934b34d179ae6a4c80cadccbb7f0a", "quic.version=draft-34 "},
                    {0x0a1a2a3a, "38762cf7f55934b34d179ae6a4c80cadccbb7f0a", "quic.version=reserved "},
                    {0xfaea0a1a, "afbfec289993d24c9e9786f19c6111e04390a899", "quic.version=reserved "}};
    struct ml_span frames = qb_rfc_client_frames();
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        struct proto_rig rig;
        struct qb_initial initial = qb_version_1();
        initial.version = versions[i].wire;
        initial.salt = versions[i].salt;
        initial.frames = frames;
        proto_rig_init(&rig, ML_IP_UDP, 443); /* the demultiplexer chooses: the probe must know them too */
        feed_initial(&rig, ML_UP, &initial);
        assert_true(has_fact(&rig, versions[i].name));
        assert_true(has_fact(&rig, "quic.sni=example.com"));
        proto_rig_fini(&rig);
    }
    free_span(frames);
}

/* Cuts the hello into pieces of `piece` bytes, in the order given by a stride, several in a packet. */
static void feed_pieces(struct proto_rig *rig, struct ml_span hello, size_t piece, size_t stride, size_t per_packet)
{
    size_t n = (hello.len + piece - 1) / piece;
    struct qb_initial initial = qb_version_1();
    struct ml_buf frames = tb_buf();
    size_t in_packet = 0;
    initial.number = 0;
    initial.padded = 40;
    for (size_t i = 0; i < n; i++) {
        size_t at = i * stride % n * piece;
        tb_hex(&frames, "00 01"); /* PADDING and PING in between */
        qb_crypto(&frames, at, ml_span_cut(hello, at, piece));
        if (++in_packet == per_packet || i + 1 == n) {
            initial.frames = ml_buf_span(&frames);
            feed_initial(rig, ML_UP, &initial);
            initial.number++;
            in_packet = 0;
            ml_buf_clear(&frames);
        }
    }
    ml_buf_fini(&frames);
}

static void a_hello_in_pieces_of_any_order_is_put_together(void **state)
{
    (void)state;
    static const struct {
        size_t piece, stride, per_packet;
    } cuts[] = {{241, 1, 1}, {50, 1, 1}, {50, 3, 1}, {1, 100, 30}, {7, 34, 5}, {1, 1, 241}};
    struct ml_span frames = qb_rfc_client_frames();
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        struct proto_rig rig;
        begin(&rig);
        feed_pieces(&rig, hello_of(frames), cuts[i].piece, cuts[i].stride, cuts[i].per_packet);
        assert_true(has_fact(&rig, RFC_INITIAL));
        assert_int_equal(rig.flow.n_facts, 2);
        assert_int_equal(proto_rig_fact(&rig, 1)->first_seq, 1);
        assert_int_equal(proto_rig_fact(&rig, 1)->last_seq, rig.seq);
        assert_int_equal(proto_rig_fact(&rig, 0)->last_seq, rig.seq);
        assert_int_equal(rig.counters.n[ML_COUNT_BAD_QUIC], 0);
        proto_rig_fini(&rig);
    }
    free_span(frames);
}

static void a_later_packet_may_go_to_the_id_the_server_chose(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_span frames = qb_rfc_client_frames();
    struct ml_span hello = hello_of(frames);
    struct ml_buf half = tb_buf();
    static const uint8_t chosen[] = {1, 2, 3, 4, 5};
    struct qb_initial initial = qb_version_1();
    begin(&rig);
    qb_crypto(&half, 0, ml_span_cut(hello, 0, 100));
    initial.frames = ml_buf_span(&half);
    feed_initial(&rig, ML_UP, &initial);
    ml_buf_clear(&half);
    qb_crypto(&half, 100, ml_span_cut(hello, 100, hello.len));
    initial.frames = ml_buf_span(&half);
    initial.dcid = ml_span_of(chosen, sizeof chosen); /* the keys stay those of the first id */
    initial.number = 3;
    feed_initial(&rig, ML_UP, &initial);
    assert_true(has_fact(&rig, RFC_INITIAL));
    proto_rig_fini(&rig);
    ml_buf_fini(&half);
    free_span(frames);
}

static void after_a_retry_keys_hang_on_the_new_id(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_span client = qb_rfc_client_frames();
    struct ml_span server = qb_rfc_server_frames();
    static const uint8_t chosen[] = {1, 2, 3, 4, 5};
    static const uint8_t token[] = "token";
    struct qb_initial initial = qb_version_1();
    initial.frames = client;
    begin(&rig);
    feed_initial(&rig, ML_UP, &initial);
    feed_hex(&rig, ML_DOWN, "f0 00000001 00 05 0102030405 746f6b656e 00112233445566778899aabbccddeeff");
    initial.dcid = initial.key_id = ml_span_of(chosen, sizeof chosen);
    initial.token = ml_span_of(token, 5);
    initial.number = 3;
    feed_initial(&rig, ML_UP, &initial);
    struct qb_initial reply = server_of(initial, server);
    feed_initial(&rig, ML_DOWN, &reply);
    assert_true(has_fact(&rig, "quic.dcid=8394c8f03e515708 count=2\n")); /* still the connection it was */
    assert_true(has_fact(&rig, "tls.server_hello down"));
    assert_true(has_fact(&rig, "quic.retry down quic.version=1 quic.server_cid=0102030405\n"));
    assert_int_equal(rig.flow.rtt_us, 1000); /* a Retry answers at once */
    proto_rig_fini(&rig);
    free_span(client);
    free_span(server);
}

static void a_second_connection_on_the_old_ports_is_told_apart(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_span client = qb_rfc_client_frames();
    static const uint8_t other[] = {9, 9, 9, 9, 9, 9, 9, 9};
    struct qb_initial initial = qb_version_1();
    initial.frames = client;
    begin(&rig);
    feed_initial(&rig, ML_UP, &initial);
    initial.dcid = initial.key_id = ml_span_of(other, sizeof other);
    feed_initial(&rig, ML_UP, &initial);
    assert_true(has_fact(&rig, "quic.dcid=8394c8f03e515708\n"));
    assert_true(has_fact(&rig, "quic.dcid=0909090909090909\n"));
    proto_rig_fini(&rig);
    free_span(client);
}

static void packets_before_and_behind_the_initial_do_not_matter(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_span client = qb_rfc_client_frames();
    struct ml_buf datagram = tb_buf();
    struct qb_initial initial = qb_version_1();
    initial.frames = client;
    tb_hex(&datagram, "d0 00000001 00 00 04 11111111"); /* 0-RTT, out of order */
    qb_initial(&datagram, &initial);
    tb_hex(&datagram, "e0 00000001 00 00 04 22222222 41 3333"); /* Handshake, short header */
    begin(&rig);
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&datagram));
    assert_true(has_fact(&rig, RFC_INITIAL));
    proto_rig_fini(&rig);
    ml_buf_fini(&datagram);
    free_span(client);
}

static void a_repeated_initial_gives_no_round_trip(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_span client = qb_rfc_client_frames();
    struct qb_initial initial = qb_version_1();
    initial.frames = client;
    begin(&rig);
    feed_initial(&rig, ML_UP, &initial);
    initial.number++;
    feed_initial(&rig, ML_UP, &initial);
    feed_hex(&rig, ML_DOWN, "e0 00000001 00 00 04 22222222");
    assert_int_equal(rig.flow.rtt_us, 0);
    proto_rig_fini(&rig);
    free_span(client);
}

static void a_known_round_trip_is_kept(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_span client = qb_rfc_client_frames();
    struct qb_initial initial = qb_version_1();
    initial.frames = client;
    begin(&rig);
    rig.flow.rtt_us = 7;
    feed_initial(&rig, ML_UP, &initial);
    feed_hex(&rig, ML_DOWN, "80 00000000 00 00 00000001"); /* a version negotiation is an answer too */
    assert_true(has_fact(&rig, "quic.version_negotiation down"));
    assert_int_equal(rig.flow.rtt_us, 7);
    proto_rig_fini(&rig);
    free_span(client);
}

static void a_client_on_the_wrong_side_is_found(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_span client = qb_rfc_client_frames();
    struct ml_span server = qb_rfc_server_frames();
    struct qb_initial initial = qb_version_1();
    struct qb_initial reply = server_of(initial, server);
    initial.frames = client;
    begin(&rig);
    feed_initial(&rig, ML_UP, &reply); /* the capture began late: cannot be opened */
    feed_initial(&rig, ML_DOWN, &initial);
    feed_initial(&rig, ML_UP, &reply);
    assert_true(has_fact(&rig, "quic.initial down quic.version=1 quic.sni=example.com quic.dcid=8394c8f03e515708\n"));
    assert_true(has_fact(&rig, "tls.server_hello up"));
    proto_rig_fini(&rig);
    free_span(client);
    free_span(server);
}

static void what_cannot_be_opened_is_stated_by_its_header(void **state)
{
    (void)state;
    struct proto_rig rig;
    begin(&rig);
    feed_hex(&rig, ML_UP,
             "c3 00000001 04 01020304 02 aabb 00 4019 00112233445566778899aabbccddeeff00112233445566778899");
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig),
                        "quic.initial up quic.version=1 quic.dcid=01020304 quic.scid=aabb cut\n");
    proto_rig_fini(&rig);
}

static void half_a_hello_is_stated_at_the_end(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_span frames = qb_rfc_client_frames();
    struct ml_buf half = tb_buf();
    struct qb_initial initial = qb_version_1();
    qb_crypto(&half, 0, ml_span_cut(hello_of(frames), 0, 150));
    initial.frames = ml_buf_span(&half);
    begin(&rig);
    feed_initial(&rig, ML_UP, &initial);
    assert_string_equal(proto_rig_facts(&rig), "");
    proto_rig_end(&rig);
    assert_true(has_fact(&rig, "quic.sni=example.com quic.dcid=8394c8f03e515708 cut\n"));
    assert_true(has_fact(&rig, "tls.client_hello up tls.sni=example.com tls.alpn=alpn tls.version_offered="));
    proto_rig_fini(&rig);
    ml_buf_fini(&half);
    free_span(frames);
}

static void feed_cut(struct proto_rig *rig, struct ml_span bytes)
{
    struct ml_chunk chunk = {.flow = &rig->flow,
                             .is_datagram = true,
                             .is_cut = true,
                             .bytes = bytes,
                             .seq = 1,
                             .time_ns = 1,
                             .n_layers = 1,
                             .layers = {ML_LAYER_UDP}};
    (void)rig->parser->feed(rig->self, &chunk);
}

static void a_datagram_cut_by_the_capture_is_read_as_far_as_it_goes(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_span frames = qb_rfc_client_frames();
    struct ml_buf out = tb_buf();
    struct qb_initial initial = qb_version_1();
    initial.frames = frames;
    qb_initial(&out, &initial);
    begin(&rig);
    feed_cut(&rig, ml_span_cut(ml_buf_span(&out), 0, 200));
    proto_rig_end(&rig);
    assert_true(has_fact(&rig, "quic.sni=example.com quic.dcid=8394c8f03e515708 cut\n"));
    proto_rig_fini(&rig);
    begin(&rig);
    out.bytes[10] ^= 1; /* another id, so other keys: noise must not be believed */
    feed_cut(&rig, ml_span_cut(ml_buf_span(&out), 0, 200));
    proto_rig_end(&rig);
    assert_false(has_fact(&rig, "quic.sni"));
    assert_false(has_fact(&rig, "tls."));
    proto_rig_fini(&rig);
    ml_buf_fini(&out);
    free_span(frames);
}

static void frames_without_a_place_are_counted(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_span frames = unhex("0a 00 01 61");
    struct qb_initial initial = qb_version_1();
    initial.frames = frames;
    begin(&rig);
    feed_initial(&rig, ML_UP, &initial);
    assert_int_equal(rig.counters.n[ML_COUNT_BAD_QUIC], 1);
    proto_rig_fini(&rig);
    free_span(frames);
}

/* --- the end --- */

static void a_conversation_without_hellos_is_left_alone(void **state)
{
    (void)state;
    struct proto_rig rig;
    unsigned n = 0;
    begin(&rig);
    while (rig.wants_more && n < 1000) {
        feed_hex(&rig, n % 2 != 0 ? ML_UP : ML_DOWN, "41 00112233445566778899");
        n++;
    }
    assert_int_equal(n, 64);
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig), "");
    proto_rig_fini(&rig);
}

static void a_silent_server_is_not_waited_for_long(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_span client = qb_rfc_client_frames();
    struct qb_initial initial = qb_version_1();
    unsigned n = 0;
    initial.frames = client;
    begin(&rig);
    feed_initial(&rig, ML_UP, &initial);
    while (rig.wants_more && n < 1000) {
        feed_hex(&rig, ML_UP, "41 00112233445566778899");
        n++;
    }
    assert_int_equal(n, 15);
    proto_rig_fini(&rig);
    free_span(client);
}

static enum ml_match probe(const char *digits)
{
    struct ml_buf bytes = tb_buf();
    tb_hex(&bytes, digits);
    const struct ml_chunk chunk = {.is_datagram = true, .bytes = ml_buf_span(&bytes)};
    enum ml_match match = ml_parser_quic.probe(&chunk);
    ml_buf_fini(&bytes);
    return match;
}

static void only_what_must_be_quic_is_taken(void **state)
{
    (void)state;
    assert_int_equal(probe("c3 00000001 04 01020304 00 00 05 1122334455"), ML_MATCH_YES);
    assert_int_equal(probe("80 00000000 00 00 00000001"), ML_MATCH_YES);
    assert_int_equal(probe("09 1122334455667788 51303433 01"), ML_MATCH_YES);
    assert_int_equal(probe("83 00000001 04 01020304 00 00 05 1122334455"), ML_MATCH_NO); /* fixed bit */
    assert_int_equal(probe("c3 00000003 04 01020304 00 00 05 1122334455"), ML_MATCH_NO);
    assert_int_equal(probe("c3 0a0a0a0a 04 01020304 00 00 05 1122334455"), ML_MATCH_NO); /* reserved, and short */
    assert_int_equal(probe("41 00112233445566778899"), ML_MATCH_NO);
    assert_int_equal(probe(""), ML_MATCH_NO);
}

static void run(void *context, struct ml_span bytes)
{
    (void)context;
    struct proto_rig rig;
    begin(&rig);
    proto_rig_feed(&rig, ML_UP, bytes);
    proto_rig_end(&rig);
    assert_true(rig.flow.n_facts <= 2);
    proto_rig_fini(&rig);
}

static void any_byte_may_be_missing_or_wrong(void **state)
{
    (void)state;
    struct ml_span frames = qb_rfc_client_frames();
    struct ml_buf out = tb_buf();
    struct qb_initial initial = qb_version_1();
    initial.frames = frames;
    initial.padded = 0;
    qb_initial(&out, &initial);
    sweep_truncations(ml_buf_span(&out), run, NULL);
    sweep_bit_flips(ml_span_cut(ml_buf_span(&out), 0, 60), run, NULL);
    ml_buf_fini(&out);
    free_span(frames);
}

static void run_without_memory(void *context)
{
    const struct ml_buf *datagram = context;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_UDP, 443);
    rig.self = ml_parser_quic.create(&rig.env, &rig.flow);
    if (rig.self != NULL) {
        rig.parser = &ml_parser_quic;
        proto_rig_feed(&rig, ML_UP, ml_buf_span(datagram));
    }
    proto_rig_fini(&rig);
}

static void missing_memory_is_survived(void **state)
{
    (void)state;
    struct ml_span frames = qb_rfc_client_frames();
    struct ml_buf out = tb_buf();
    struct qb_initial initial = qb_version_1();
    initial.frames = frames;
    qb_initial(&out, &initial);
    assert_true(oom_sweep(run_without_memory, &out) > 5);
    ml_buf_fini(&out);
    free_span(frames);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_exchange_of_rfc_9001_is_told),
        cmocka_unit_test(version_2_and_a_server_that_changes_to_it_are_followed),
        cmocka_unit_test(every_salt_opens_its_version),
        cmocka_unit_test(a_hello_in_pieces_of_any_order_is_put_together),
        cmocka_unit_test(a_later_packet_may_go_to_the_id_the_server_chose),
        cmocka_unit_test(after_a_retry_keys_hang_on_the_new_id),
        cmocka_unit_test(a_second_connection_on_the_old_ports_is_told_apart),
        cmocka_unit_test(packets_before_and_behind_the_initial_do_not_matter),
        cmocka_unit_test(a_repeated_initial_gives_no_round_trip),
        cmocka_unit_test(a_known_round_trip_is_kept),
        cmocka_unit_test(a_client_on_the_wrong_side_is_found),
        cmocka_unit_test(what_cannot_be_opened_is_stated_by_its_header),
        cmocka_unit_test(half_a_hello_is_stated_at_the_end),
        cmocka_unit_test(a_datagram_cut_by_the_capture_is_read_as_far_as_it_goes),
        cmocka_unit_test(frames_without_a_place_are_counted),
        cmocka_unit_test(a_conversation_without_hellos_is_left_alone),
        cmocka_unit_test(a_silent_server_is_not_waited_for_long),
        cmocka_unit_test(only_what_must_be_quic_is_taken),
        cmocka_unit_test(any_byte_may_be_missing_or_wrong),
        cmocka_unit_test(missing_memory_is_survived),
    };
    return cmocka_run_group_tests_name("proto/quic", tests, NULL, NULL);
}
