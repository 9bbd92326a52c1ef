/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/http/http.h"
#include "proto/telegram/obfuscated2.h"
#include "proto/telegram/plain.h"
#include "proto/telegram/telegram.h"
#include "support/build.h"
#include "support/cm.h"
#include "support/http_messages.h"
#include "support/kit.h"
#include "support/proto_rig.h"
#include "support/script.h"

/*
 * Starts made with the openssl command (enc -aes-256-ctr) from the rule of core.telegram.org: 56 bytes, key 8 to 39,
 * vector 40 to 55, then eight bytes of the covered text.
 */
#define START                                                                                                          \
    "0d2a4764819ebbd8f5122f4c6986a3c0ddfa1734516e8ba8c5e2ff1c39567390adcae704213e5b7895b2cfec092643607d9ab7d4f10e2b48"
static const char start_2_media[] = START "818cb7ef3abd826c";   /* intermediate, -2 */
static const char start_4[] = START "808db6eec042826c";         /* abridged, 4 */
static const char start_2_test[] = START "b2bf84dcd665826c";    /* padded, 10002 */
static const char start_203[] = START "808db6ee0f42826c";       /* abridged, 203 */
static const char start_no_centre[] = START "808db6ee14c8826c"; /* abridged, -30000 */

/*
 * Behind start_2_media: an unencrypted message of 40 bytes, then one of 56 that asks for a quick acknowledgement,
 * with the key id 0123456789abcdef; from the server such an acknowledgement, a message of 24 bytes with that key id,
 * and an error code of four bytes.
 */
static const char up_stream[] =
    "a1ccb5d7c438831c6573897c44521e9568ae5b61a5876f32a17231e23fae9d2c81d4d62075e61ef7a2c6bd11"
    "2ffe8e4049d882943db4e5daa766a819a06e1c96596a7615e7790d83d1d18423f0471b385582769de565e495"
    "108e131dd2dc6666c15db985be79f58d";
static const char down_stream[] = "f0e34335a45822ff44f7e046130dfa12566495a6caa464b9603e2b6154a60d8dbcc50e2032d95e87";

static void add_hex(struct ml_buf *out, const char *digits)
{
    struct ml_span bytes = unhex(digits);
    ml_buf_add_span(out, bytes);
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
}

/* NIST SP 800-38A, section F.5.5: CTR-AES256.Encrypt. */
static void the_cipher_is_aes_256_in_counter_mode(void **state)
{
    (void)state;
    struct ml_span key = unhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
    struct ml_span iv = unhex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    struct ml_span plain = unhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
                                 "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
    struct ml_span sealed = unhex("601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
                                  "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6");
    uint8_t out[64];
    struct ml_mtproto_cipher *cipher = ml_mtproto_cipher_new();
    assert_non_null(cipher);
    for (size_t piece = 1; piece <= 64; piece += 9) { /* again and again with the same cipher, cut anywhere */
        assert_true(ml_mtproto_cipher_start(cipher, key.ptr, iv.ptr));
        for (size_t at = 0; at < 64; at += piece) {
            assert_true(ml_mtproto_cipher_run(cipher, ml_span_cut(sealed, at, piece), out + at));
        }
        assert_memory_equal(out, plain.ptr, 64);
    }
    ml_mtproto_cipher_free(cipher);
    ml_mem_free((void *)(uintptr_t)key.ptr);
    ml_mem_free((void *)(uintptr_t)iv.ptr);
    ml_mem_free((void *)(uintptr_t)plain.ptr);
    ml_mem_free((void *)(uintptr_t)sealed.ptr);
}

static void a_start_names_transport_and_data_centre(void **state)
{
    (void)state;
    static const struct {
        const char *start;
        enum ml_mtproto_transport transport;
        const char *dc;
    } cases[] = {
        {start_2_media, ML_MTPROTO_INTERMEDIATE, "2 media"}, {start_4, ML_MTPROTO_ABRIDGED, "4"},
        {start_2_test, ML_MTPROTO_PADDED, "2 test"},         {start_203, ML_MTPROTO_ABRIDGED, "203"},
        {start_no_centre, ML_MTPROTO_ABRIDGED, ""},
    };
    struct ml_mtproto_cipher *cipher = ml_mtproto_cipher_new();
    assert_non_null(cipher);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ml_span start = unhex(cases[i].start);
        enum ml_mtproto_transport transport = ML_MTPROTO_ABRIDGED;
        char dc[ML_MTPROTO_DC_TEXT];
        assert_true(ml_mtproto_start_read(cipher, start.ptr, &transport, dc));
        assert_int_equal(transport, cases[i].transport);
        assert_string_equal(dc, cases[i].dc);
        ml_mem_free((void *)(uintptr_t)start.ptr);
    }
    ml_mtproto_cipher_free(cipher);
}

static void key_ids_are_read_under_the_cover(void **state)
{
    (void)state;
    struct ml_buf up;
    struct ml_buf down;
    ml_buf_init(&up, 4096);
    ml_buf_init(&down, 4096);
    add_hex(&up, start_2_media);
    add_hex(&up, up_stream);
    add_hex(&down, down_stream);
    const struct script_line lines[] = {{ML_UP, build_span(&up)}, {ML_DOWN, build_span(&down)}};
    const struct script script = {&ml_parser_mtproto, ML_IP_TCP, 443, lines, 2};
    script_assert(&script, "mtproto.obfuscated2 up mtproto.transport=intermediate mtproto.dc=2 media"
                           " mtproto.auth_key_id=0123456789abcdef\n"
                           "mtproto.obfuscated2 down mtproto.transport=intermediate mtproto.dc=2 media"
                           " mtproto.auth_key_id=0123456789abcdef\n");
    /* Key, vector, tag and centre, lengths, key ids. */
    assert_true(script_sweep(&script) > 8 * (48 + 6 + 8 + 8));
    ml_buf_fini(&up);
    ml_buf_fini(&down);
}

static void a_fact_names_the_place_of_the_key_id(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf up;
    ml_buf_init(&up, 4096);
    add_hex(&up, start_2_media);
    add_hex(&up, up_stream);
    proto_rig_init(&rig, ML_IP_TCP, 443);
    proto_rig_parser(&rig, &ml_parser_mtproto);
    proto_rig_feed(&rig, ML_UP, ml_span_cut(build_span(&up), 0, 115)); /* the id begins at 64 + 44 + 4 */
    proto_rig_feed(&rig, ML_UP, ml_span_cut(build_span(&up), 115, SIZE_MAX));
    const struct ml_fact *fact = proto_rig_fact(&rig, 0);
    assert_int_equal(fact->range_from, 112);
    assert_int_equal(fact->range_len, 8);
    assert_int_equal(fact->first_seq, 1);
    assert_int_equal(fact->last_seq, 2);
    const struct ml_attr *id = ml_fact_attr(fact, ML_F_MTPROTO_AUTH_KEY_ID);
    assert_non_null(id);
    assert_int_equal(id->sensitivity, ML_SENS_PERSONAL);
    proto_rig_fini(&rig);
    ml_buf_fini(&up);
}

static void a_start_alone_is_a_connection_too(void **state)
{
    (void)state;
    struct ml_span start = unhex(start_4);
    const struct script_line lines[] = {{ML_UP, start}};
    const struct script script = {&ml_parser_mtproto, ML_IP_TCP, 5222, lines, 1};
    script_assert(&script, "mtproto.obfuscated2 up mtproto.transport=abridged mtproto.dc=4\n");
    ml_mem_free((void *)(uintptr_t)start.ptr);
}

/* Random starts of other protocols: none is taken, and no cipher is asked about those with a mark. */
static void random_bytes_are_not_taken(void **state)
{
    (void)state;
    struct build_prng prng = {11};
    struct ml_mtproto_cipher *cipher = ml_mtproto_cipher_new();
    assert_non_null(cipher);
    for (int i = 0; i < 2000; i++) {
        struct ml_buf bytes;
        enum ml_mtproto_transport transport;
        char dc[ML_MTPROTO_DC_TEXT];
        ml_buf_init(&bytes, 64);
        build_random(&bytes, &prng, 64);
        assert_false(ml_mtproto_start_read(cipher, build_span(&bytes).ptr, &transport, dc));
        ml_buf_fini(&bytes);
    }
    ml_mtproto_cipher_free(cipher);
}

static bool is_other(const char *digits)
{
    struct ml_span bytes = unhex(digits);
    bool is = ml_mtproto_is_other(bytes);
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
    return is;
}

static void starts_that_other_protocols_have_are_left_alone(void **state)
{
    (void)state;
    assert_true(is_other("ef"));
    assert_true(is_other("504f5354")); /* POST */
    assert_true(is_other("48454144")); /* HEAD */
    assert_true(is_other("16030102"));
    assert_true(is_other("dddddddd"));
    assert_true(is_other("eeeeeeee"));
    assert_true(is_other("01020304 00000000"));
    assert_false(is_other(""));
    assert_false(is_other("504f53"));
    assert_false(is_other("01020304 00000001"));
    assert_false(is_other(start_4));
    /* 64 bytes of text */
    assert_true(is_other("4142434445464748494a4b4c4d4e4f504142434445464748494a4b4c4d4e4f50"
                         "4142434445464748494a4b4c4d4e4f504142434445464748494a4b4c4d4e4f50"));
}

static void only_the_client_and_the_first_bytes_count(void **state)
{
    (void)state;
    struct ml_span start = unhex(start_4);
    struct ml_buf shifted;
    ml_buf_init(&shifted, 128);
    ml_buf_add_byte(&shifted, 1);
    ml_buf_add_span(&shifted, start);
    const struct script_line down[] = {{ML_DOWN, start}};
    const struct script_line late[] = {{ML_UP, build_span(&shifted)}};
    const struct script scripts[] = {{&ml_parser_mtproto, ML_IP_TCP, 443, down, 1},
                                     {&ml_parser_mtproto, ML_IP_TCP, 443, late, 1}};
    script_assert_refused(&scripts[0]);
    script_assert_refused(&scripts[1]);
    ml_buf_fini(&shifted);
    ml_mem_free((void *)(uintptr_t)start.ptr);
}

/* --- without a cover --- */

/* core.telegram.org, "Creating an Authorization Key": req_pq_multi in an unencrypted message. */
#define REQUEST "0000000000000000 0010203040506000 14000000 f18e7ebe 000102030405060708090a0b0c0d0e0f"

static void assert_plain(const char *digits, const char *facts)
{
    struct ml_span up = unhex(digits);
    const struct script_line lines[] = {{ML_UP, up}};
    const struct script script = {&ml_parser_mtproto_plain, ML_IP_TCP, 443, lines, 1};
    script_assert(&script, facts);
    ml_mem_free((void *)(uintptr_t)up.ptr);
}

static void transports_without_a_cover_are_known(void **state)
{
    (void)state;
    assert_plain("ef 0a" REQUEST, "mtproto.plain up mtproto.transport=abridged\n");
    assert_plain("eeeeeeee 28000000" REQUEST, "mtproto.plain up mtproto.transport=intermediate\n");
    assert_plain("dddddddd 2b000000" REQUEST "aabbcc", "mtproto.plain up mtproto.transport=padded\n");
    assert_plain("eeeeeeee 38000000 0123456789abcdef 000102030405060708090a0b0c0d0e0f"
                 "101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f",
                 "mtproto.plain up mtproto.transport=intermediate mtproto.auth_key_id=0123456789abcdef\n");
}

static enum ml_match plain_match(const char *digits)
{
    struct ml_span bytes = unhex(digits);
    enum ml_mtproto_transport transport;
    enum ml_match match = ml_mtproto_plain_match(bytes, &transport);
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
    return match;
}

static void what_does_not_fit_a_transport_is_refused(void **state)
{
    (void)state;
    assert_int_equal(plain_match(""), ML_MATCH_MORE);
    assert_int_equal(plain_match("ef"), ML_MATCH_MORE);
    assert_int_equal(plain_match("ef 0a 0000"), ML_MATCH_MORE);
    assert_int_equal(plain_match("ef 0b"), ML_MATCH_NO); /* a message of a key that is known has no mark */
    assert_int_equal(plain_match("ef 0a 01"), ML_MATCH_NO);
    assert_int_equal(plain_match("ef 0a 0000000000000000 0110203040506000 14000000 f18e7ebe"), ML_MATCH_NO);
    assert_int_equal(plain_match("ef 0a 0000000000000000 0010203040506000 15000000 f18e7ebe"), ML_MATCH_NO);
    assert_int_equal(plain_match("ef 0a 0000000000000000 0010203040506000 14000000 f18e7ebf"), ML_MATCH_NO);
    assert_int_equal(plain_match("ee ee ee"), ML_MATCH_MORE);
    assert_int_equal(plain_match("ee ee dd"), ML_MATCH_NO);
    assert_int_equal(plain_match("eeeeeeee 39000000"), ML_MATCH_NO); /* not blocks behind 24 bytes */
    assert_int_equal(plain_match("eeeeeeee 18000000"), ML_MATCH_NO); /* no block at all */
    assert_int_equal(plain_match("eeeeeeee 38000001"), ML_MATCH_NO); /* 16 MiB */
    assert_int_equal(plain_match("dddddddd 39000000"), ML_MATCH_YES);
    assert_int_equal(plain_match("16030100"), ML_MATCH_NO);
}

static char *http_facts(const char *line, const char *digits)
{
    static const char *const headers[] = {"Host: 203.0.113.5", NULL};
    struct proto_rig rig;
    struct ml_span body = unhex(digits);
    struct ml_buf message;
    ml_buf_init(&message, 4096);
    build_http(&message, line, headers, body);
    proto_rig_init(&rig, ML_IP_TCP, 80);
    proto_rig_parser(&rig, &ml_parser_http);
    proto_rig_feed_split(&rig, ML_UP, build_span(&message), 1);
    proto_rig_end(&rig);
    const char *facts = proto_rig_facts(&rig);
    char *copy = ml_mem_text(facts, strlen(facts));
    proto_rig_fini(&rig);
    ml_buf_fini(&message);
    ml_mem_free((void *)(uintptr_t)body.ptr);
    assert_non_null(copy);
    return copy;
}

static void a_body_of_http_begins_a_key_too(void **state)
{
    (void)state;
    char *facts = http_facts("POST /api HTTP/1.1", REQUEST);
    assert_non_null(strstr(facts, "mtproto.plain up mtproto.transport=http\n"));
    ml_mem_free(facts);
    facts = http_facts("POST /other HTTP/1.1", REQUEST);
    assert_null(strstr(facts, "mtproto"));
    ml_mem_free(facts);
    facts = http_facts("POST /api HTTP/1.1", "0000000000000000 0010203040506000 14000000 00000000");
    assert_null(strstr(facts, "mtproto"));
    ml_mem_free(facts);
}

/* --- frames --- */

static size_t read_ids(struct ml_mtproto_frames *frames, const char *digits, size_t piece, char *out)
{
    struct ml_span bytes = unhex(digits);
    size_t n = 0;
    out[0] = '\0';
    for (size_t at = 0; at < bytes.len; at += piece) {
        struct ml_span rest = ml_span_cut(bytes, at, piece);
        size_t used = 0;
        while (ml_mtproto_frames_next(frames, rest, &used)) {
            out[n++] = (char)('0' + frames->id[0]);
            out[n] = '\0';
            rest = ml_span_cut(rest, used, rest.len);
        }
    }
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
    return n;
}

static void assert_ids(enum ml_mtproto_transport transport, bool is_server, const char *digits, const char *ids,
                       bool is_lost)
{
    for (size_t piece = 1; piece < 12; piece++) {
        struct ml_mtproto_frames frames = {.transport = transport, .is_server = is_server};
        char out[32];
        (void)read_ids(&frames, digits, piece, out);
        assert_string_equal(out, ids);
        assert_int_equal(frames.is_lost, is_lost);
    }
}

static void frames_are_told_apart_in_each_transport(void **state)
{
    (void)state;
    /* abridged: 8 bytes, then 12 with the top bit set, then 16 with a long length */
    assert_ids(ML_MTPROTO_ABRIDGED, false,
               "02 0100000000000000 83 0200000000000000ffffffff 7f040000 0300000000000000ffffffffffffffff", "123",
               false);
    /* from a server a first byte with the top bit is an acknowledgement of four bytes */
    assert_ids(ML_MTPROTO_ABRIDGED, true, "83aabbcc 02 0400000000000000", "4", false);
    assert_ids(ML_MTPROTO_INTERMEDIATE, false, "08000000 0100000000000000 0a000080 0200000000000000ffff", "12", false);
    assert_ids(ML_MTPROTO_INTERMEDIATE, true, "0a000080 08000000 0300000000000000", "3", false);
    assert_ids(ML_MTPROTO_PADDED, false, "0b000000 0100000000000000aabbcc 04000000 ffffffff 08000000 0200000000000000",
               "12", false);
    assert_ids(ML_MTPROTO_INTERMEDIATE, false, "00000000", "", true);
    assert_ids(ML_MTPROTO_INTERMEDIATE, false, "01000001", "", true);
    assert_ids(ML_MTPROTO_ABRIDGED, false, "00", "", true);
    assert_ids(ML_MTPROTO_ABRIDGED, false, "7fffffff", "", true);
}

static void a_hole_ends_a_direction(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf up;
    ml_buf_init(&up, 4096);
    add_hex(&up, start_2_media);
    add_hex(&up, up_stream);
    proto_rig_init(&rig, ML_IP_TCP, 443);
    proto_rig_parser(&rig, &ml_parser_mtproto);
    proto_rig_feed(&rig, ML_UP, ml_span_cut(build_span(&up), 0, 70));
    proto_rig_gap(&rig, ML_UP, 20);
    assert_true(rig.wants_more);
    proto_rig_feed(&rig, ML_UP, build_span(&up));
    proto_rig_gap(&rig, ML_DOWN, 20);
    assert_false(rig.wants_more);
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig),
                        "mtproto.obfuscated2 up mtproto.transport=intermediate mtproto.dc=2 media\n");
    proto_rig_fini(&rig);
    ml_buf_fini(&up);
}

/* --- the old relay --- */

static void the_relay_is_known_on_its_ports(void **state)
{
    (void)state;
    struct ml_span mark = unhex("000102030405060708090a0b0c0d0e0f ffffffffffffffffffffffff aabb");
    struct ml_span other = unhex("000102030405060708090a0b0c0d0e0f fffffffffffffffffffffffe aabb");
    struct ml_span later = unhex("000102030405060708090a0b0c0d0e0f 0102030405060708090a0b0c aabb");
    const struct script_line lines[] = {{ML_UP, mark}, {ML_DOWN, later}, {ML_UP, mark}};
    const struct script_line wrong[] = {{ML_UP, other}};
    const struct script script = {&ml_parser_mtproto_reflector, ML_IP_UDP, 529, lines, 3};
    const struct script below = {&ml_parser_mtproto_reflector, ML_IP_UDP, 499, lines, 3};
    const struct script above = {&ml_parser_mtproto_reflector, ML_IP_UDP, 601, lines, 3};
    const struct script without = {&ml_parser_mtproto_reflector, ML_IP_UDP, 529, wrong, 1};
    script_assert(&script, "mtproto.reflector up count=2\n");
    script_assert_refused(&below);
    script_assert_refused(&above);
    script_assert_refused(&without);
    assert_true(script_sweep(&script) >= 8 * 12);
    ml_mem_free((void *)(uintptr_t)mark.ptr);
    ml_mem_free((void *)(uintptr_t)other.ptr);
    ml_mem_free((void *)(uintptr_t)later.ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cipher_is_aes_256_in_counter_mode),
        cmocka_unit_test(a_start_names_transport_and_data_centre),
        cmocka_unit_test(key_ids_are_read_under_the_cover),
        cmocka_unit_test(a_fact_names_the_place_of_the_key_id),
        cmocka_unit_test(a_start_alone_is_a_connection_too),
        cmocka_unit_test(random_bytes_are_not_taken),
        cmocka_unit_test(starts_that_other_protocols_have_are_left_alone),
        cmocka_unit_test(only_the_client_and_the_first_bytes_count),
        cmocka_unit_test(transports_without_a_cover_are_known),
        cmocka_unit_test(what_does_not_fit_a_transport_is_refused),
        cmocka_unit_test(a_body_of_http_begins_a_key_too),
        cmocka_unit_test(frames_are_told_apart_in_each_transport),
        cmocka_unit_test(a_hole_ends_a_direction),
        cmocka_unit_test(the_relay_is_known_on_its_ports),
    };
    return cmocka_run_group_tests_name("proto/telegram", tests, NULL, NULL);
}
