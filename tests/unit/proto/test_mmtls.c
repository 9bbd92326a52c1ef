/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/http/http.h"
#include "proto/mmtls/hello.h"
#include "proto/mmtls/link.h"
#include "proto/mmtls/mmtls.h"
#include "proto/mmtls/random.h"
#include "support/cm.h"
#include "support/http_messages.h"
#include "support/kit.h"
#include "support/proto_rig.h"
#include "support/script.h"
#include "support/wechat_messages.h"

#include <stdio.h>

/* docs/protocols/mmtls.md: a 0-RTT hello with one ticket of a week, as its body of 161 bytes is laid out. */
static const char week_hello[] = "19 f104 00a1"
                                 "0000009d 01 04f1 01 00a8"
                                 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
                                 "6553f100" /* 2023-11-14T22:13:20Z */
                                 "0000006f 01"
                                 "0000006a 000f 01 00000063"
                                 "01 00093a80 0000 0000003d 000c c0c1c2c3c4c5c6c7c8c9cacb 0048"
                                 "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"
                                 "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"
                                 "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";
#define WEEK_TICKET "9f3c2b48f8f4702abd7e278e7da52aa32e4663035da97b3eb1079a3c1425ec9c"

/* A server's answer to a ticket: 46 bytes. */
static const char psk_answer[] = "16 f104 002e"
                                 "0000002a 02 04f1 00a8"
                                 "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
                                 "00000001 00";

static const char clear_alert[] = "15 f104 0007 00000003 007302";

/* A record nobody can read: its header and `n` bytes. */
static void add_sealed(struct ml_buf *out, uint8_t type, size_t n)
{
    struct build_prng prng = {n};
    build_mmtls_sealed(out, type, MMTLS_F104, &prng, n);
}

static void add_hex(struct ml_buf *out, const char *digits)
{
    struct ml_span bytes = unhex(digits);
    ml_buf_add_span(out, bytes);
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
}

struct talk_bytes {
    struct ml_buf up, down;
};

/* What a resumed long link looks like: hello, sealed handshake, data. */
static void long_link(struct talk_bytes *talk)
{
    ml_buf_init(&talk->up, 1 << 20);
    ml_buf_init(&talk->down, 1 << 20);
    add_hex(&talk->up, week_hello);
    talk->up.bytes[0] = MMTLS_HANDSHAKE; /* a long link does not send data along with its hello */
    add_sealed(&talk->up, MMTLS_HANDSHAKE, 55);
    add_sealed(&talk->up, MMTLS_DATA, 300);
    add_hex(&talk->down, psk_answer);
    add_sealed(&talk->down, MMTLS_HANDSHAKE, 55);
    add_sealed(&talk->down, MMTLS_DATA, 900);
}

static void free_talk(struct talk_bytes *talk)
{
    ml_buf_fini(&talk->up);
    ml_buf_fini(&talk->down);
}

static void a_hello_of_the_published_layout_is_read(void **state)
{
    (void)state;
    struct ml_span record = unhex(week_hello);
    struct ml_mmtls_client_hello hello;
    assert_true(ml_mmtls_client_hello_read(ml_span_cut(record, 5, record.len), &hello));
    assert_int_equal(hello.time, 1700000000);
    assert_int_equal(hello.n_suites, 1);
    assert_int_equal(hello.suites[0], 0x00a8);
    assert_int_equal(hello.n_tickets, 1);
    assert_int_equal(hello.tickets[0].lifetime, 604800);
    assert_int_equal(hello.tickets[0].bytes.len, 72);
    ml_mem_free((void *)(uintptr_t)record.ptr);
}

static void a_hello_that_contradicts_itself_is_refused(void **state)
{
    (void)state;
    /* place of a byte in the body, and what a liar puts there */
    static const struct {
        size_t at;
        uint8_t value;
    } lies[] = {
        {3, 0x9c},  /* length of the message */
        {4, 3},     /* kind */
        {6, 0xf2},  /* version */
        {7, 0},     /* no suite */
        {7, 9},     /* more suites than anybody offers */
        {49, 0x70}, /* length of the extensions */
        {50, 2},    /* their number */
        {54, 0x6b}, /* length of one */
        {57, 2},    /* number of tickets */
        {61, 0x64}, /* length of the ticket's entry */
        {74, 0x0d}, /* nonce */
        {88, 0x49}, /* ticket */
    };
    struct ml_span record = unhex(week_hello);
    struct ml_mmtls_client_hello hello;
    struct ml_span body = ml_span_cut(record, 5, record.len);
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        uint8_t copy[161];
        memcpy(copy, body.ptr, sizeof copy);
        assert_int_not_equal(copy[lies[i].at], lies[i].value);
        copy[lies[i].at] = lies[i].value;
        assert_false(ml_mmtls_client_hello_read(ml_span_of(copy, sizeof copy), &hello));
    }
    ml_mem_free((void *)(uintptr_t)record.ptr);
}

static void a_server_hello_is_refused_where_lengths_disagree(void **state)
{
    (void)state;
    struct ml_span record = unhex(psk_answer);
    struct ml_mmtls_server_hello hello;
    struct ml_span body = ml_span_cut(record, 5, record.len);
    assert_true(ml_mmtls_server_hello_read(body, &hello));
    assert_int_equal(hello.suite, 0x00a8);
    assert_false(ml_mmtls_server_hello_read(ml_span_cut(body, 0, body.len - 1), &hello));
    uint8_t copy[46];
    memcpy(copy, body.ptr, sizeof copy);
    copy[44] = 2; /* length of the extensions */
    assert_false(ml_mmtls_server_hello_read(ml_span_of(copy, sizeof copy), &hello));
    ml_mem_free((void *)(uintptr_t)record.ptr);
}

/* Values of random() behind srandom() of the GNU C library 2.36. */
static void the_generator_gives_what_the_c_library_gives(void **state)
{
    (void)state;
    assert_int_equal(ml_mmtls_first_random(0), 1804289383);
    assert_int_equal(ml_mmtls_first_random(1), 1804289383);
    assert_int_equal(ml_mmtls_first_random(12345), 383100999);
    assert_int_equal(ml_mmtls_first_random(1700000000), 0x10b7f527);
    assert_int_equal(ml_mmtls_first_random(0x7fffffff), 1065668062);
    assert_int_equal(ml_mmtls_first_random(0x80000000), 1336741213);
    assert_int_equal(ml_mmtls_first_random(0xffffffff), 254925627);
}

static void a_long_link_is_told_however_it_is_cut(void **state)
{
    (void)state;
    struct talk_bytes talk;
    long_link(&talk);
    const struct script_line lines[] = {{ML_UP, build_span(&talk.up)}, {ML_DOWN, build_span(&talk.down)}};
    const struct script script = {&ml_parser_mmtls, ML_IP_TCP, 8080, lines, 2};
    script_assert(&script, "mmtls.client_hello up mmtls.link=long mmtls.version=f104"
                           " mmtls.client_time=2023-11-14T22:13:20.000000000Z"
                           " mmtls.suites=TLS_PSK_WITH_AES_128_GCM_SHA256"
                           " mmtls.ticket_sha256=" WEEK_TICKET " mmtls.ticket_lifetime=604800\n"
                           "mmtls.server_hello down mmtls.link=long mmtls.version=f104"
                           " mmtls.suite=TLS_PSK_WITH_AES_128_GCM_SHA256\n"
                           "mmtls.records up mmtls.link=long mmtls.version=f104"
                           " mmtls.record_types=22 mmtls.record_lengths=161"
                           " mmtls.record_types=22 mmtls.record_lengths=55"
                           " mmtls.record_types=23 mmtls.record_lengths=300\n"
                           "mmtls.records down mmtls.link=long mmtls.version=f104"
                           " mmtls.record_types=22 mmtls.record_lengths=46"
                           " mmtls.record_types=22 mmtls.record_lengths=55"
                           " mmtls.record_types=23 mmtls.record_lengths=900\n");
    free_talk(&talk);
}

static void a_full_handshake_offers_both_suites(void **state)
{
    (void)state;
    struct build_mmtls_hello hello = {
        .seed = 7, .time = 1, .ticket_index = 2, .ticket_seed = 2, .has_key_shares = true, .version = MMTLS_F103};
    struct ml_buf up;
    ml_buf_init(&up, 1 << 16);
    build_mmtls_client_hello(&up, &hello);
    const struct script_line lines[] = {{ML_UP, build_span(&up)}};
    const struct script script = {&ml_parser_mmtls, ML_IP_TCP, 443, lines, 1};
    char *facts = script_facts(&script, 0);
    assert_non_null(strstr(facts, "mmtls.version=f103 mmtls.client_time=1970-01-01T00:00:01.000000000Z"
                                  " mmtls.suites=TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
                                  " mmtls.suites=TLS_PSK_WITH_AES_128_GCM_SHA256"));
    assert_non_null(strstr(facts, " mmtls.ticket_lifetime=2592000\n"));
    ml_mem_free(facts);
    ml_buf_fini(&up);
}

static void an_alert_in_clear_is_told_and_an_encrypted_one_is_not(void **state)
{
    (void)state;
    struct ml_buf down;
    ml_buf_init(&down, 1 << 16);
    add_hex(&down, clear_alert);
    add_sealed(&down, MMTLS_ALERT, 23);
    add_hex(&down, "15 f104 0007 00000002 007302"); /* its length is wrong */
    const struct script_line lines[] = {{ML_DOWN, build_span(&down)}};
    const struct script script = {&ml_parser_mmtls, ML_IP_TCP, 80, lines, 1};
    script_assert(&script, "mmtls.alert down mmtls.link=long mmtls.version=f104 mmtls.alert=007302\n"
                           "mmtls.records down mmtls.link=long mmtls.version=f104"
                           " mmtls.record_types=21 mmtls.record_lengths=7"
                           " mmtls.record_types=21 mmtls.record_lengths=23"
                           " mmtls.record_types=21 mmtls.record_lengths=7\n");
    ml_buf_fini(&down);
}

static void the_list_of_records_has_an_end(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf up;
    ml_buf_init(&up, 1 << 20);
    for (int i = 0; i < ML_MMTLS_MAX_RECORDS + 5; i++) {
        add_sealed(&up, MMTLS_DATA, 20);
    }
    proto_rig_init(&rig, ML_IP_TCP, 8080);
    proto_rig_parser(&rig, &ml_parser_mmtls);
    proto_rig_feed(&rig, ML_UP, build_span(&up));
    assert_true(rig.wants_more); /* the other direction may still tell something */
    proto_rig_feed(&rig, ML_DOWN, build_span(&up));
    assert_false(rig.wants_more);
    proto_rig_end(&rig);
    const struct ml_fact *fact = proto_rig_fact(&rig, 0);
    assert_int_equal(fact->n_attrs, 2 + 2 * ML_MMTLS_MAX_RECORDS);
    proto_rig_fini(&rig);
    ml_buf_fini(&up);
}

static void a_hole_in_data_does_no_harm_and_one_in_a_header_ends_the_link(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct talk_bytes talk;
    long_link(&talk);
    struct ml_span up = build_span(&talk.up);
    proto_rig_init(&rig, ML_IP_TCP, 8080);
    proto_rig_parser(&rig, &ml_parser_mmtls);
    proto_rig_feed(&rig, ML_UP, ml_span_cut(up, 0, up.len - 100));
    proto_rig_gap(&rig, ML_UP, 50);
    proto_rig_feed(&rig, ML_UP, ml_span_cut(up, up.len - 50, 50));
    proto_rig_feed(&rig, ML_UP, ml_span_text("\x17\xf1\x04"));
    proto_rig_gap(&rig, ML_UP, 2);
    proto_rig_feed(&rig, ML_UP, up);
    proto_rig_end(&rig);
    const struct ml_fact *fact = proto_rig_fact(&rig, 1);
    assert_int_equal(fact->kind, ML_FACT_MMTLS_RECORDS);
    assert_int_equal(fact->n_attrs, 2 + 2 * 3);
    assert_true(fact->is_cut);
    proto_rig_fini(&rig);
    free_talk(&talk);
}

static void bytes_that_are_no_records_end_the_link(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct talk_bytes talk;
    long_link(&talk);
    ml_buf_add_text(&talk.up, "GET / HTTP/1.1");
    proto_rig_init(&rig, ML_IP_TCP, 8080);
    proto_rig_parser(&rig, &ml_parser_mmtls);
    proto_rig_feed(&rig, ML_UP, build_span(&talk.up));
    assert_int_equal(rig.counters.n[ML_COUNT_BAD_OTHER], 1);
    proto_rig_end(&rig);
    assert_true(proto_rig_fact(&rig, 1)->is_cut);
    proto_rig_fini(&rig);
    free_talk(&talk);
}

static enum ml_match probe(const char *digits, bool saw_start)
{
    struct ml_span bytes = unhex(digits);
    struct ml_flow flow = {.saw_start = saw_start};
    struct ml_chunk chunk = {.flow = &flow, .bytes = bytes};
    enum ml_match match = ml_parser_mmtls.probe(&chunk);
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
    return match;
}

static void the_first_bytes_tell(void **state)
{
    (void)state;
    assert_int_equal(probe("16", true), ML_MATCH_MORE);
    assert_int_equal(probe("16 f1", true), ML_MATCH_MORE);
    assert_int_equal(probe("16 03", true), ML_MATCH_NO);
    assert_int_equal(probe("16 f104", true), ML_MATCH_MORE);
    assert_int_equal(probe("16 f105", true), ML_MATCH_NO);
    assert_int_equal(probe("14 f104", true), ML_MATCH_NO);
    assert_int_equal(probe("16 f104 0000", true), ML_MATCH_NO);
    assert_int_equal(probe("16 f104 00a1 0000009d", true), ML_MATCH_MORE);
    assert_int_equal(probe("16 f104 00a1 0000009d 01", true), ML_MATCH_YES);
    assert_int_equal(probe("16 f103 002e 0000002a 02", true), ML_MATCH_YES);
    assert_int_equal(probe("16 f104 00a1 0000009e 01", true), ML_MATCH_NO);
    assert_int_equal(probe("16 f104 00a1 0000009d 03", true), ML_MATCH_NO);
    assert_int_equal(probe("16 f104 002d 00000029 02", true), ML_MATCH_NO); /* shorter than any hello */
    assert_int_equal(probe("15 f104 0007", true), ML_MATCH_YES);
    assert_int_equal(probe("17 f104 0100", true), ML_MATCH_NO); /* no connection begins with data */
    assert_int_equal(probe("17 f104 0100", false), ML_MATCH_YES);
    assert_int_equal(probe("17 f104 0002 aabb 17", false), ML_MATCH_YES);
    assert_int_equal(probe("17 f104 0002 aabb 18", false), ML_MATCH_NO); /* no record behind the first */
}

/* --- short link --- */

static void post(struct ml_buf *out, const char *path, struct ml_span body)
{
    static const char *const headers[] = {"Host: sgshort.wechat.com", "Upgrade: mmtls", NULL};
    char line[64];
    (void)snprintf(line, sizeof line, "POST %s HTTP/1.1", path);
    build_http(out, line, headers, body);
}

/* Facts of mmtls in an exchange: a POST to `path` with the hello of a week, and its answer. */
static char *short_link(const char *path)
{
    static const char *const headers[] = {"Connection: close", NULL};
    struct proto_rig rig;
    struct ml_buf body;
    struct ml_buf message;
    ml_buf_init(&body, 1 << 16);
    ml_buf_init(&message, 1 << 16);
    proto_rig_init(&rig, ML_IP_TCP, 80);
    proto_rig_parser(&rig, &ml_parser_http);
    add_hex(&body, week_hello);
    add_sealed(&body, MMTLS_HANDSHAKE_0RTT, 36);
    add_sealed(&body, MMTLS_DATA, 200);
    add_sealed(&body, MMTLS_ALERT, 23);
    post(&message, path, build_span(&body));
    proto_rig_feed(&rig, ML_UP, build_span(&message));
    ml_buf_clear(&message);
    ml_buf_clear(&body);
    add_hex(&body, psk_answer);
    build_http(&message, "HTTP/1.1 200 OK", headers, build_span(&body));
    proto_rig_feed_split(&rig, ML_DOWN, build_span(&message), 3);
    proto_rig_end(&rig);
    const char *facts = proto_rig_facts(&rig);
    char *copy = ml_mem_text(facts, strlen(facts));
    proto_rig_fini(&rig);
    ml_buf_fini(&body);
    ml_buf_fini(&message);
    assert_non_null(copy);
    return copy;
}

static void a_short_link_is_read_in_both_bodies(void **state)
{
    (void)state;
    char *facts = short_link("/mmtls/10b7f527");
    assert_non_null(strstr(facts, "mmtls.client_hello up mmtls.link=short mmtls.version=f104"
                                  " mmtls.client_time=2023-11-14T22:13:20.000000000Z"
                                  " mmtls.suites=TLS_PSK_WITH_AES_128_GCM_SHA256"
                                  " mmtls.ticket_sha256=" WEEK_TICKET " mmtls.ticket_lifetime=604800"
                                  " mmtls.path_genuine=true\n"));
    assert_non_null(strstr(facts, "mmtls.records up mmtls.link=short mmtls.version=f104"
                                  " mmtls.record_types=25 mmtls.record_lengths=161"
                                  " mmtls.record_types=25 mmtls.record_lengths=36"
                                  " mmtls.record_types=23 mmtls.record_lengths=200"
                                  " mmtls.record_types=21 mmtls.record_lengths=23\n"));
    assert_non_null(strstr(facts, "mmtls.server_hello down mmtls.link=short mmtls.version=f104"
                                  " mmtls.suite=TLS_PSK_WITH_AES_128_GCM_SHA256\n"));
    ml_mem_free(facts);
}

static void a_path_that_is_not_of_that_second_is_not_genuine(void **state)
{
    (void)state;
    char *facts = short_link("/mmtls/10b7f528");
    assert_non_null(strstr(facts, "mmtls.path_genuine=false\n"));
    ml_mem_free(facts);
    facts = short_link("/mmtls/10b7f52"); /* seven digits: nothing to compare */
    assert_null(strstr(facts, "mmtls.path_genuine"));
    assert_non_null(strstr(facts, "mmtls.client_hello up"));
    ml_mem_free(facts);
    facts = short_link("/other/10b7f527");
    assert_null(strstr(facts, "mmtls."));
    ml_mem_free(facts);
}

static void any_byte_may_be_missing_or_wrong(void **state)
{
    (void)state;
    struct talk_bytes talk;
    long_link(&talk);
    struct ml_span up = ml_span_cut(build_span(&talk.up), 0, 161 + 5 + 55 + 5 + 20);
    struct ml_span down = ml_span_cut(build_span(&talk.down), 0, 46 + 5 + 20);
    const struct script_line lines[] = {{ML_UP, up}, {ML_DOWN, down}};
    const struct script script = {&ml_parser_mmtls, ML_IP_TCP, 8080, lines, 2};
    /* What is sealed and random may change; lengths, suites, times and the ticket may not. */
    assert_true(script_sweep(&script) > 8 * (5 + 16 + 72));
    free_talk(&talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hello_of_the_published_layout_is_read),
        cmocka_unit_test(a_hello_that_contradicts_itself_is_refused),
        cmocka_unit_test(a_server_hello_is_refused_where_lengths_disagree),
        cmocka_unit_test(the_generator_gives_what_the_c_library_gives),
        cmocka_unit_test(a_long_link_is_told_however_it_is_cut),
        cmocka_unit_test(a_full_handshake_offers_both_suites),
        cmocka_unit_test(an_alert_in_clear_is_told_and_an_encrypted_one_is_not),
        cmocka_unit_test(the_list_of_records_has_an_end),
        cmocka_unit_test(a_hole_in_data_does_no_harm_and_one_in_a_header_ends_the_link),
        cmocka_unit_test(bytes_that_are_no_records_end_the_link),
        cmocka_unit_test(the_first_bytes_tell),
        cmocka_unit_test(a_short_link_is_read_in_both_bodies),
        cmocka_unit_test(a_path_that_is_not_of_that_second_is_not_genuine),
        cmocka_unit_test(any_byte_may_be_missing_or_wrong),
    };
    return cmocka_run_group_tests_name("proto/mmtls", tests, NULL, NULL);
}
