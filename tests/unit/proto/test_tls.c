/* SPDX-License-Identifier: Apache-2.0 */
/* What both sides say in clear: hellos, certificates, resumption, alerts; and how TLS is told from other protocols. */
#include "tls_rig.h"

#include "core/mem.h"
#include "proto/tls/tls.h"
#include "support/cm.h"

/* --- client hello --- */

static void a_client_hello_becomes_a_fact(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf hello = tls_client_flight(&tls_simple_hello);
    tls_begin(&rig);
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&hello));
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig), TLS_SIMPLE_FACT "\n");
    const struct ml_fact *fact = proto_rig_fact(&rig, 0);
    assert_int_equal(fact->first_seq, 1);
    assert_int_equal(fact->last_seq, 1);
    assert_int_equal(fact->range_from, 0);
    assert_int_equal(fact->range_len, hello.len - 5); /* without the record's header */
    assert_int_equal(fact->n_layers, 2);
    assert_int_equal(fact->layers[1], ML_LAYER_TLS_HANDSHAKE);
    proto_rig_fini(&rig);
    ml_buf_fini(&hello);
}

static void what_is_offered_is_listed(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf hello = tls_client_flight(&(struct tb_client_hello){.ciphers = "2a2a 1301 1234",
                                                                      .groups = "3a3a 11ec 001d 9999",
                                                                      .versions = "4a4a 0304 0303",
                                                                      .more = "fe0d 0006 00 0001 0003 07"
                                                                              "002a 0000 0023 0002 abcd"});
    tls_begin(&rig);
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&hello));
    assert_true(tls_has_fact(&rig, "tls.ech=offered tls.ech_config_id=7 tls.version_offered=TLS 1.3 "
                                   "tls.version_offered=TLS 1.2 tls.early_data=true tls.ticket_sha256="
                                   "123d4c7ef2d1600a1b3a0f6addc60a10f05a3495c9409f2ecbf4cc095d000a6b "
                                   "tls.post_quantum=true tls.groups_offered=X25519MLKEM768 tls.groups_offered=x25519 "
                                   "tls.groups_offered=0x9999 tls.ciphers_offered=TLS_AES_128_GCM_SHA256 "
                                   "tls.ciphers_offered=0x1234\n"));
    proto_rig_fini(&rig);
    ml_buf_fini(&hello);
}

/* RFC 8446, section 4.1.2: what a client sends once a database, a mail or a file server agreed to TLS. */
static void a_hello_behind_what_nobody_knows_is_found(void **state)
{
    (void)state;
    struct ml_buf hello = tls_client_flight(&tls_simple_hello);
    for (unsigned n_before = 1; n_before <= 31; n_before += 15) {
        struct proto_rig rig;
        proto_rig_init(&rig, ML_IP_TCP, 3306);
        for (unsigned i = 0; i < n_before; i++) {
            proto_rig_feed(&rig, i % 2 == 0 ? ML_DOWN : ML_UP, ml_span_of("\1\2 greeting", 11));
        }
        proto_rig_feed(&rig, ML_UP, ml_buf_span(&hello));
        proto_rig_end(&rig);
        assert_string_equal(proto_rig_facts(&rig), TLS_SIMPLE_FACT "\n");
        proto_rig_fini(&rig);
    }
    ml_buf_fini(&hello);
}

static void what_only_resembles_a_hello_within_a_stream_is_none(void **state)
{
    (void)state;
    struct ml_buf hello = tls_client_flight(&tls_simple_hello);
    static const uint8_t places[] = {0, 1, 2, 3, 5, 6, 9, 10}; /* type, version, length; type, length, version */
    for (size_t i = 0; i < sizeof places; i++) {
        struct proto_rig rig;
        proto_rig_init(&rig, ML_IP_TCP, 3306);
        proto_rig_feed(&rig, ML_DOWN, ml_span_of("\1\2 greeting", 11));
        proto_rig_feed(&rig, ML_UP, ml_span_of("\1\2 answer", 9));
        hello.bytes[places[i]] ^= 0x55;
        proto_rig_feed(&rig, ML_UP, ml_buf_span(&hello));
        hello.bytes[places[i]] ^= 0x55;
        proto_rig_end(&rig);
        assert_string_equal(proto_rig_facts(&rig), "");
        proto_rig_fini(&rig);
    }
    ml_buf_fini(&hello);
}

static void any_split_gives_the_same_facts(void **state)
{
    (void)state;
    struct ml_buf message = tb_buf();
    struct ml_buf body = tb_buf();
    struct ml_buf server = tls_server_flight(NULL);
    char *want = NULL;
    tb_client_hello(&body, &tls_simple_hello);
    tb_message(&message, CLIENT_HELLO, ml_buf_span(&body));
    static const size_t record_sizes[] = {16000, 1, 7};
    static const size_t segment_sizes[] = {16000, 1, 3};
    for (size_t i = 0; i < 9; i++) {
        struct ml_buf up = tb_buf();
        struct ml_buf down = tb_buf();
        struct proto_rig rig;
        tls_begin(&rig);
        tb_records(&up, 22, ml_buf_span(&message), record_sizes[i / 3]);
        tb_records(&down, 22, ml_buf_span(&server), record_sizes[i / 3]);
        proto_rig_feed_split(&rig, ML_UP, ml_buf_span(&up), segment_sizes[i % 3]);
        proto_rig_feed_split(&rig, ML_DOWN, ml_buf_span(&down), segment_sizes[i % 3]);
        proto_rig_end(&rig);
        if (want == NULL) {
            want = ml_mem_text(proto_rig_facts(&rig), strlen(proto_rig_facts(&rig)));
            assert_int_equal(rig.flow.n_facts, 3);
        }
        assert_string_equal(proto_rig_facts(&rig), want);
        assert_int_equal(rig.counters.n[ML_COUNT_BAD_TLS], 0);
        proto_rig_fini(&rig);
        ml_buf_fini(&up);
        ml_buf_fini(&down);
    }
    ml_mem_free(want);
    ml_buf_fini(&message);
    ml_buf_fini(&body);
    ml_buf_fini(&server);
}

static void a_fact_names_the_first_and_last_packet(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf hello = tls_client_flight(&tls_simple_hello);
    tls_begin(&rig);
    proto_rig_feed_split(&rig, ML_UP, ml_buf_span(&hello), (hello.len + 2) / 3);
    assert_int_equal(proto_rig_fact(&rig, 0)->first_seq, 1);
    assert_int_equal(proto_rig_fact(&rig, 0)->last_seq, 3);
    assert_int_equal(proto_rig_fact(&rig, 0)->time_ns, INT64_C(1700000000001000000));
    proto_rig_fini(&rig);
    ml_buf_fini(&hello);
}

static void an_ssl_2_hello_is_a_client_hello(void **state)
{
    (void)state;
    for (size_t piece = 1; piece <= 60; piece += 59) {
        struct proto_rig rig;
        struct ml_buf bytes = tb_buf();
        tb_hex(&bytes,
               "8028 01 0301 000f 0000 0010 000004 010080 00c02f 070041 0a0000 00112233445566778899aabbccddeeff");
        tls_begin(&rig);
        proto_rig_feed_split(&rig, ML_UP, ml_buf_span(&bytes), piece);
        assert_string_equal(proto_rig_facts(&rig),
                            "tls.client_hello up tls.version_offered=TLS 1.0 "
                            "tls.ciphers_offered=TLS_RSA_WITH_RC4_128_MD5 tls.ciphers_offered=SSL_CK_RC4_128_WITH_MD5 "
                            "tls.ciphers_offered=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n");
        proto_rig_fini(&rig);
        ml_buf_fini(&bytes);
    }
}

/* --- server --- */

static void a_full_handshake_is_told(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf hello = tls_client_flight(&tls_simple_hello);
    struct ml_buf server = tls_server_flight("0badcafe");
    tls_begin(&rig);
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&hello));
    tls_feed_records(&rig, ML_DOWN, 22, ml_buf_span(&server), 16000);
    assert_true(tls_has_fact(&rig,
                             "tls.server_hello down tls.version=TLS 1.2 "
                             "tls.cipher=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 tls.group=x25519 tls.alpn=h2 "
                             "tls.ja3s=896415616b22361262d7a961b6325cfd tls.resumed=false tls.forward_secret=true "
                             "tls.client_cert.requested=true\n"));
    assert_true(tls_has_fact(&rig, "tls.certificate down tls.cert.subject=CN=chat.example.com,O=Example "
                                   "tls.cert.issuer=CN=Example CA,O=Example tls.cert.not_before=2020-09-13T12:26:40Z "
                                   "tls.cert.not_after=2023-11-14T22:13:19Z tls.cert.key=EC P-256 "
                                   "tls.cert.signature=ecdsa-with-SHA256 tls.cert.self_signed=false "
                                   "tls.cert.expired=true tls.cert.sha256=")); /* a second before the packet's time */
    assert_true(tls_has_fact(&rig, " tls.cert.names=chat.example.com\n"));
    proto_rig_fini(&rig);
    ml_buf_fini(&hello);
    ml_buf_fini(&server);
}

static void a_known_session_id_without_certificate_is_a_resumption(void **state)
{
    (void)state;
    static const char id[] = "0102030405060708090a0b0c0d0e0f10";
    struct proto_rig rig;
    struct ml_buf hello = tls_client_flight(&(struct tb_client_hello){.session_id = id});
    struct ml_buf server = tb_buf();
    tls_begin(&rig);
    tls_add_server_hello(&server, &(struct tb_server_hello){.session_id = id, .suite = 0xc02f});
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&hello));
    tls_feed_records(&rig, ML_DOWN, 22, ml_buf_span(&server), 16000);
    assert_false(tls_has_fact(&rig, "tls.server_hello")); /* a certificate may still come */
    tls_feed_hex(&rig, ML_DOWN, "14 0303 0001 01 16 0303 0004 deadbeef");
    assert_true(tls_has_fact(&rig, "tls.resumed=true\n")); /* and nothing on forward secrecy */
    assert_true(rig.wants_more);
    tls_feed_hex(&rig, ML_UP, "14 0303 0001 01 16 0303 0004 deadbeef");
    assert_false(rig.wants_more); /* both sides are encrypted now */
    proto_rig_fini(&rig);
    ml_buf_fini(&hello);
    ml_buf_fini(&server);
}

static void a_certificate_behind_a_known_session_id_is_no_resumption(void **state)
{
    (void)state;
    static const char id[] = "01020304";
    struct proto_rig rig;
    struct ml_buf hello = tls_client_flight(&(struct tb_client_hello){.session_id = id});
    struct ml_buf server = tls_server_flight(id);
    tls_begin(&rig);
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&hello));
    tls_feed_records(&rig, ML_DOWN, 22, ml_buf_span(&server), 16000);
    assert_true(tls_has_fact(&rig, "tls.resumed=false"));
    proto_rig_fini(&rig);
    ml_buf_fini(&hello);
    ml_buf_fini(&server);
}

static void where_the_capture_ends_resumption_is_left_open(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf hello = tls_client_flight(&(struct tb_client_hello){.session_id = "01020304"});
    struct ml_buf server = tb_buf();
    tls_begin(&rig);
    tls_add_server_hello(&server, &(struct tb_server_hello){.session_id = "01020304", .suite = 0x002f});
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&hello));
    tls_feed_records(&rig, ML_DOWN, 22, ml_buf_span(&server), 16000);
    proto_rig_end(&rig);
    assert_true(tls_has_fact(&rig, "tls.cipher=TLS_RSA_WITH_AES_128_CBC_SHA"));
    assert_false(tls_has_fact(&rig, "tls.resumed"));
    assert_true(tls_has_fact(&rig, "tls.forward_secret=false\n"));
    proto_rig_fini(&rig);
    ml_buf_fini(&hello);
    ml_buf_fini(&server);
}

static void tls_1_3_is_told_by_its_extensions(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf hello = tls_client_flight(&(struct tb_client_hello){.session_id = "0102"});
    struct ml_buf server = tb_buf();
    tls_begin(&rig);
    tls_add_server_hello(&server, &(struct tb_server_hello){.session_id = "0102",
                                                            .suite = 0x1301,
                                                            .extensions = "002b 0002 0304 0033 0005 11ec 0001 aa"
                                                                          "0029 0002 0000"});
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&hello));
    tls_feed_records(&rig, ML_DOWN, 22, ml_buf_span(&server), 16000);
    assert_true(tls_has_fact(&rig, "tls.server_hello down tls.version=TLS 1.3 tls.cipher=TLS_AES_128_GCM_SHA256 "
                                   "tls.group=X25519MLKEM768 tls.ja3s="));
    assert_true(tls_has_fact(&rig, " tls.resumed=true tls.forward_secret=true\n"));
    tls_feed_hex(&rig, ML_DOWN, "14 0303 0001 01 17 0303 0002 aabb");
    assert_true(rig.wants_more);
    tls_feed_hex(&rig, ML_UP, "14 0303 0001 01 17 0303 0002 aabb");
    assert_false(rig.wants_more);
    proto_rig_fini(&rig);
    ml_buf_fini(&hello);
    ml_buf_fini(&server);
}

static void a_psk_alone_is_not_forward_secret(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf server = tb_buf();
    tls_begin(&rig);
    tls_add_server_hello(&server,
                         &(struct tb_server_hello){.suite = 0x1301, .extensions = "002b 0002 0304 0029 0002 0000"});
    tls_feed_records(&rig, ML_DOWN, 22, ml_buf_span(&server), 16000);
    assert_true(tls_has_fact(&rig, "tls.resumed=true tls.forward_secret=false\n"));
    proto_rig_fini(&rig);
    ml_buf_fini(&server);
}

static void hellos_go_on_behind_a_retry_request(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf first = tls_client_flight(&(struct tb_client_hello){.host = "chat.example.com", .versions = "0304"});
    struct ml_buf second =
        tls_client_flight(&(struct tb_client_hello){.host = "chat.example.com", .versions = "0304", .groups = "0017"});
    struct ml_buf server = tb_buf();
    tls_begin(&rig);
    tls_add_server_hello(
        &server, &(struct tb_server_hello){.random = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c",
                                           .suite = 0x1301,
                                           .extensions = "002b 0002 0304 0033 0002 0017"});
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&first));
    tls_feed_records(&rig, ML_DOWN, 22, ml_buf_span(&server), 16000);
    tls_feed_hex(&rig, ML_DOWN, "14 0303 0001 01");
    tls_feed_hex(&rig, ML_UP, "14 0303 0001 01");
    proto_rig_feed_split(&rig, ML_UP, ml_buf_span(&second), 2);
    ml_buf_clear(&server);
    tls_add_server_hello(
        &server, &(struct tb_server_hello){.suite = 0x1301, .extensions = "002b 0002 0304 0033 0005 0017 0001 aa"});
    tls_feed_records(&rig, ML_DOWN, 22, ml_buf_span(&server), 16000);
    proto_rig_end(&rig);
    assert_int_equal(rig.flow.n_facts, 3); /* two client hellos, one server hello */
    assert_true(tls_has_fact(&rig, "tls.groups_offered=secp256r1"));
    assert_true(tls_has_fact(&rig, "tls.server_hello down tls.version=TLS 1.3"));
    assert_int_equal(rig.counters.n[ML_COUNT_BAD_TLS], 0);
    proto_rig_fini(&rig);
    ml_buf_fini(&first);
    ml_buf_fini(&second);
    ml_buf_fini(&server);
}

static void a_retry_request_alone_is_stated_at_the_end(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf server = tb_buf();
    tls_begin(&rig);
    tls_add_server_hello(
        &server, &(struct tb_server_hello){.random = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c",
                                           .suite = 0x1302,
                                           .extensions = "002b 0002 0304 0033 0002 0018"});
    tls_feed_records(&rig, ML_DOWN, 22, ml_buf_span(&server), 16000);
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig), "tls.server_hello down tls.version=TLS 1.3 "
                                               "tls.cipher=TLS_AES_256_GCM_SHA384 tls.group=secp384r1\n");
    proto_rig_fini(&rig);
    ml_buf_fini(&server);
}

static void a_dhe_group_is_told_by_its_size(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf server = tb_buf();
    tls_begin(&rig);
    tls_add_server_hello(&server, &(struct tb_server_hello){.version = 0x0301, .suite = 0x0033});
    tls_add_message(&server, KEY_EXCHANGE, "0080 80000000000000000000000000000000");
    tls_add_message(&server, DONE, "");
    tls_feed_records(&rig, ML_DOWN, 22, ml_buf_span(&server), 16000);
    assert_true(
        tls_has_fact(&rig, "tls.version=TLS 1.0 tls.cipher=TLS_DHE_RSA_WITH_AES_128_CBC_SHA tls.group=dh 1024 "));
    proto_rig_fini(&rig);
    ml_buf_fini(&server);
}

static void a_client_certificate_is_personal(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf hello = tls_client_flight(&tls_simple_hello);
    struct ml_buf certificate = tb_buf();
    tls_begin(&rig);
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&hello));
    tls_add_certificate(
        &certificate,
        &(struct tb_certificate){.subject = "Jane Doe", .not_before_s = 1600000000, .not_after_s = 1800000000});
    tls_feed_records(&rig, ML_UP, 22, ml_buf_span(&certificate), 16000);
    assert_true(tls_has_fact(&rig, "tls.client_certificate up tls.client_cert.subject=CN=Jane Doe,O=Example\n"));
    const struct ml_fact *fact = proto_rig_fact(&rig, 1);
    assert_int_equal(fact->attrs[0].sensitivity, ML_SENS_PERSONAL);
    proto_rig_fini(&rig);
    ml_buf_fini(&hello);
    ml_buf_fini(&certificate);
}

static void a_ticket_given_matches_the_ticket_shown(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf ticket = tb_buf();
    tls_begin(&rig);
    tls_add_message(&ticket, TICKET, "00000e10 0002 abcd");
    tls_feed_records(&rig, ML_DOWN, 22, ml_buf_span(&ticket), 16000);
    assert_string_equal(proto_rig_facts(&rig), "tls.session_ticket down tls.ticket_sha256="
                                               "123d4c7ef2d1600a1b3a0f6addc60a10f05a3495c9409f2ecbf4cc095d000a6b\n");
    proto_rig_fini(&rig);
    ml_buf_fini(&ticket);
}

static void only_alerts_in_clear_are_read(void **state)
{
    (void)state;
    struct proto_rig rig;
    tls_begin(&rig);
    tls_feed_hex(&rig, ML_DOWN, "15 0301 0002 02");
    tls_feed_hex(&rig, ML_DOWN, "28");
    tls_feed_hex(&rig, ML_UP, "15 0301 0002 01ee");
    tls_feed_hex(&rig, ML_UP, "15 0301 0002 0900"); /* no such level */
    tls_feed_hex(&rig, ML_UP, "14 0301 0001 01");
    tls_feed_hex(&rig, ML_UP, "15 0301 0002 0200"); /* encrypted, whatever it looks like */
    assert_string_equal(proto_rig_facts(&rig),
                        "tls.alert down tls.alert=handshake_failure\ntls.alert up tls.alert=0x00ee\n");
    assert_int_equal(proto_rig_fact(&rig, 0)->range_from, 5);
    assert_int_equal(proto_rig_fact(&rig, 0)->range_len, 2);
    proto_rig_fini(&rig);
}

/* --- probe --- */

static enum ml_match probe(const char *digits, bool saw_start)
{
    struct ml_buf bytes = tb_buf();
    struct ml_flow flow = {.saw_start = saw_start};
    tb_hex(&bytes, digits);
    const struct ml_chunk chunk = {.flow = &flow, .bytes = ml_buf_span(&bytes)};
    enum ml_match match = ml_parser_tls.probe(&chunk);
    ml_buf_fini(&bytes);
    return match;
}

static void the_first_bytes_tell(void **state)
{
    (void)state;
    assert_int_equal(probe("", true), ML_MATCH_MORE);
    assert_int_equal(probe("16", true), ML_MATCH_MORE);
    assert_int_equal(probe("16 0301 0040", true), ML_MATCH_MORE);
    assert_int_equal(probe("16 0301 0040 01", true), ML_MATCH_YES);
    assert_int_equal(probe("16 0301 0040 77", true), ML_MATCH_NO);
    assert_int_equal(probe("16 0301 0040 77", false), ML_MATCH_YES); /* an encrypted Finished, say */
    assert_int_equal(probe("17 0303 0040", false), ML_MATCH_YES);
    assert_int_equal(probe("17 0303 ffff", false), ML_MATCH_NO);
    assert_int_equal(probe("47455420", true), ML_MATCH_NO);
    assert_int_equal(probe("16 f103", true), ML_MATCH_NO);
    assert_int_equal(probe("80", true), ML_MATCH_MORE);
    assert_int_equal(probe("802e 01 0301 0015 0000 0010", true), ML_MATCH_YES);
    assert_int_equal(probe("802e 02", true), ML_MATCH_NO);
    assert_int_equal(probe("802e 01 0301 0014 0000 0010", true), ML_MATCH_NO);
}

static void the_demultiplexer_chooses_tls(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf hello = tls_client_flight(&tls_simple_hello);
    proto_rig_init(&rig, ML_IP_TCP, 8443);
    proto_rig_feed_split(&rig, ML_UP, ml_buf_span(&hello), 1);
    const char *names[2];
    assert_int_equal(ml_demux_names(rig.demux, names, 2), 1);
    assert_string_equal(names[0], "tls");
    assert_string_equal(proto_rig_facts(&rig), TLS_SIMPLE_FACT "\n");
    proto_rig_fini(&rig);
    ml_buf_fini(&hello);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_hello_becomes_a_fact),
        cmocka_unit_test(what_is_offered_is_listed),
        cmocka_unit_test(a_hello_behind_what_nobody_knows_is_found),
        cmocka_unit_test(what_only_resembles_a_hello_within_a_stream_is_none),
        cmocka_unit_test(any_split_gives_the_same_facts),
        cmocka_unit_test(a_fact_names_the_first_and_last_packet),
        cmocka_unit_test(an_ssl_2_hello_is_a_client_hello),
        cmocka_unit_test(a_full_handshake_is_told),
        cmocka_unit_test(a_known_session_id_without_certificate_is_a_resumption),
        cmocka_unit_test(a_certificate_behind_a_known_session_id_is_no_resumption),
        cmocka_unit_test(where_the_capture_ends_resumption_is_left_open),
        cmocka_unit_test(tls_1_3_is_told_by_its_extensions),
        cmocka_unit_test(a_psk_alone_is_not_forward_secret),
        cmocka_unit_test(hellos_go_on_behind_a_retry_request),
        cmocka_unit_test(a_retry_request_alone_is_stated_at_the_end),
        cmocka_unit_test(a_dhe_group_is_told_by_its_size),
        cmocka_unit_test(a_client_certificate_is_personal),
        cmocka_unit_test(a_ticket_given_matches_the_ticket_shown),
        cmocka_unit_test(only_alerts_in_clear_are_read),
        cmocka_unit_test(the_first_bytes_tell),
        cmocka_unit_test(the_demultiplexer_chooses_tls),
    };
    return cmocka_run_group_tests_name("proto/tls", tests, NULL, NULL);
}
