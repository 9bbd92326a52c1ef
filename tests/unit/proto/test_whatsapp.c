/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/whatsapp/funxmpp.h"
#include "proto/whatsapp/noise.h"
#include "proto/whatsapp/whatsapp.h"
#include "support/build.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"
#include "support/script.h"

/* docs/protocols/whatsapp.md: an ephemeral key alone, then one with a static key and a payload behind it. */
#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define HELLO_XX "000024 12 22 0a20" KEY
#define HELLO_IK                                                                                                       \
    "00005c 12 5a 0a20" KEY "12 30" KEY "404142434445464748494a4b4c4d4e4f"                                             \
    "1a 04 c0c1c2c3"

static void free_span(struct ml_span span)
{
    ml_mem_free((void *)(uintptr_t)span.ptr);
}

static void assert_up(const char *digits, const char *facts)
{
    struct ml_span up = unhex(digits);
    struct ml_span down = unhex("000010 1a0e 000102030405060708090a0b0c0d");
    const struct script_line lines[] = {{ML_UP, up}, {ML_DOWN, down}};
    const struct script script = {&ml_parser_whatsapp, ML_IP_TCP, 5222, lines, 2};
    script_assert(&script, facts);
    free_span(up);
    free_span(down);
}

static void a_routing_hint_and_a_prologue_are_read_however_they_are_cut(void **state)
{
    (void)state;
    assert_up("45440001 000004 08090802 57410502" HELLO_IK,
              "whatsapp.noise up whatsapp.version=5.2 whatsapp.routing=08090802 whatsapp.handshake=IK\n");
    assert_up("45440001 000002 0807 57410201" HELLO_XX,
              "whatsapp.noise up whatsapp.version=2.1 whatsapp.routing=0807 whatsapp.handshake=XX\n");
    assert_up("45440001 000000 57410603" HELLO_XX, "whatsapp.noise up whatsapp.version=6.3 whatsapp.handshake=XX\n");
}

static void a_prologue_alone_needs_a_handshake_behind_it(void **state)
{
    (void)state;
    assert_up("57410603" HELLO_XX, "whatsapp.noise up whatsapp.version=6.3 whatsapp.handshake=XX\n");
    struct ml_span other = unhex("57410603 000010 1300 000102030405060708090a0b0c0d");
    const struct script_line lines[] = {{ML_UP, other}};
    const struct script script = {&ml_parser_whatsapp, ML_IP_TCP, 5222, lines, 1};
    script_assert_refused(&script);
    free_span(other);
}

static enum ml_match read(const char *digits)
{
    struct ml_span bytes = unhex(digits);
    struct ml_whatsapp_prologue out;
    enum ml_match match = ml_whatsapp_prologue_read(bytes, &out);
    free_span(bytes);
    return match;
}

static void what_begins_otherwise_is_refused(void **state)
{
    (void)state;
    assert_int_equal(read(""), ML_MATCH_MORE);
    assert_int_equal(read("45"), ML_MATCH_MORE);
    assert_int_equal(read("45440001"), ML_MATCH_MORE);
    assert_int_equal(read("45440002"), ML_MATCH_NO);
    assert_int_equal(read("45440001 000101"), ML_MATCH_NO); /* no hint is so long */
    assert_int_equal(read("45440001 000100"), ML_MATCH_MORE);
    assert_int_equal(read("45440001 000001 aa 57"), ML_MATCH_MORE);
    assert_int_equal(read("45440001 000001 aa 5742"), ML_MATCH_NO);
    assert_int_equal(read("45440001 000001 aa 5741 0907"), ML_MATCH_YES);
    assert_int_equal(read("57"), ML_MATCH_MORE);
    assert_int_equal(read("5741 06"), ML_MATCH_MORE);
    assert_int_equal(read("5741 0603"), ML_MATCH_YES);
    assert_int_equal(read("5741 0907"), ML_MATCH_NO); /* a version nobody has seen */
    assert_int_equal(read("474554"), ML_MATCH_NO);
}

static bool is_hello(const char *digits, enum ml_whatsapp_pattern *pattern)
{
    struct ml_span bytes = unhex(digits);
    bool is = ml_whatsapp_hello_read(bytes, pattern);
    free_span(bytes);
    return is;
}

static void a_handshake_that_contradicts_itself_is_refused(void **state)
{
    (void)state;
    enum ml_whatsapp_pattern pattern;
    assert_true(is_hello("12 22 0a20" KEY, &pattern));
    assert_int_equal(pattern, ML_WHATSAPP_XX);
    assert_true(is_hello("12 24 0a20" KEY "2005", &pattern)); /* a number nobody knows changes nothing */
    assert_int_equal(pattern, ML_WHATSAPP_XX);
    assert_false(is_hello("1a 22 0a20" KEY, &pattern));
    assert_false(is_hello("12 21 0a20" KEY, &pattern));        /* bytes behind the message */
    assert_false(is_hello("12 23 0a20" KEY, &pattern));        /* bytes missing */
    assert_false(is_hello("12 21 0a1f" KEY, &pattern));        /* a key of 31 bytes */
    assert_false(is_hello("12 22 1220" KEY, &pattern));        /* no ephemeral key first */
    assert_false(is_hello("12 24 0a20" KEY "1230", &pattern)); /* a static key beyond the end */
    assert_false(is_hello("12 23 0a20" KEY "0d", &pattern));   /* a form Protobuf gave up */
    assert_false(is_hello("12 ffffffffff01", &pattern));
    assert_int_equal(pattern, ML_WHATSAPP_UNKNOWN);
}

/* The prologue stands when the capture ends, or when what follows is nothing known. */
static void the_prologue_stands_without_a_handshake(void **state)
{
    (void)state;
    assert_up("45440001 000004 08090802 57410502",
              "whatsapp.noise up whatsapp.version=5.2 whatsapp.routing=08090802\n");
    assert_up("45440001 000004 08090802 57410502 000000",
              "whatsapp.noise up whatsapp.version=5.2 whatsapp.routing=08090802\n");
    assert_up("45440001 000004 08090802 57410502 000003 aabbcc",
              "whatsapp.noise up whatsapp.version=5.2 whatsapp.routing=08090802\n");
}

/* --- FunXMPP: "Phone-2.12.2-5222", then a login of 555 0100 200, then encrypted bytes --- */

#define FUN_HEAD "57410105 000019 f80501a5 9189 fc11 50686f6e652d322e31322e322d35323232"
#define FUN_FEATURES "000008 f8029c f804f80180"
#define FUN_AUTH "000018 f8060c56bfb5 fc0a 35353530313030323030 fc04 c0c1c2c3"

static void old_clients_send_their_number(void **state)
{
    (void)state;
    struct ml_span up = unhex(FUN_HEAD FUN_FEATURES FUN_AUTH "800010 aabbccdd");
    struct ml_span down = unhex("000005 f803013a91");
    const struct script_line lines[] = {{ML_UP, up}, {ML_DOWN, down}};
    const struct script script = {&ml_parser_whatsapp, ML_IP_TCP, 5222, lines, 2};
    script_assert(&script, "whatsapp.funxmpp up whatsapp.version=1.5 whatsapp.client=Phone-2.12.2-5222"
                           " whatsapp.phone=5550100200\n");
    assert_true(script_sweep(&script) > 8 * 20);
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 443);
    proto_rig_parser(&rig, &ml_parser_whatsapp);
    proto_rig_feed(&rig, ML_UP, up);
    const struct ml_attr *phone = ml_fact_attr(proto_rig_fact(&rig, 0), ML_F_WHATSAPP_PHONE);
    assert_non_null(phone);
    assert_int_equal(phone->sensitivity, ML_SENS_PERSONAL);
    assert_false(rig.wants_more);
    proto_rig_fini(&rig);
    free_span(up);
    free_span(down);
}

static void a_session_taken_up_again_has_no_number(void **state)
{
    (void)state;
    assert_up(FUN_HEAD "800010 000102030405060708090a0b0c0d0e0f",
              "whatsapp.funxmpp up whatsapp.version=1.5 whatsapp.client=Phone-2.12.2-5222\n");
    assert_up("57410105 000004 f8020102", "whatsapp.funxmpp up whatsapp.version=1.5\n"); /* the capture ends */
}

static void the_fact_of_a_prologue_names_its_bytes(void **state)
{
    (void)state;
    struct ml_span up = unhex("57410105 000004 f8020102 800010 aabb");
    for (size_t piece = 1; piece < 20; piece += 6) {
        struct proto_rig rig;
        proto_rig_init(&rig, ML_IP_TCP, 443);
        proto_rig_parser(&rig, &ml_parser_whatsapp);
        proto_rig_feed_split(&rig, ML_UP, up, piece);
        proto_rig_end(&rig);
        const struct ml_fact *fact = proto_rig_fact(&rig, 0);
        assert_int_equal(fact->range_from, 0);
        assert_int_equal(fact->range_len, 4);
        assert_int_equal(fact->first_seq, 1);
        assert_int_equal(fact->last_seq, 1 + 3 / piece);
        proto_rig_fini(&rig);
    }
    free_span(up);
}

static void texts_are_found_among_tokens(void **state)
{
    (void)state;
    struct ml_span body = unhex("f803 01 fc02 6162 f90001 fd000003 636465 fc05 66");
    struct ml_span text;
    size_t at = 0;
    assert_true(ml_funxmpp_text(body, &at, &text));
    assert_span_text(text, "ab");
    assert_true(ml_funxmpp_text(body, &at, &text));
    assert_span_text(text, "cde");
    assert_false(ml_funxmpp_text(body, &at, &text)); /* longer than what is there */
    free_span(body);
    assert_true(ml_funxmpp_is_phone(ml_span_text("5550100")));
    assert_false(ml_funxmpp_is_phone(ml_span_text("555010")));
    assert_false(ml_funxmpp_is_phone(ml_span_text("5550100200300400")));
    assert_false(ml_funxmpp_is_phone(ml_span_text("555o100")));
    assert_true(ml_funxmpp_is_client(ml_span_text("S40-2.12.81-443")));
    assert_false(ml_funxmpp_is_client(ml_span_text("S40-443")));
    assert_false(ml_funxmpp_is_client(ml_span_text("a-b-c")));
    assert_false(ml_funxmpp_is_client(ml_span_text("a-b/c-1")));
}

static void any_byte_may_be_missing_or_wrong(void **state)
{
    (void)state;
    struct ml_span up = unhex("45440001 000004 08090802 57410502" HELLO_IK);
    const struct script_line lines[] = {{ML_UP, up}};
    const struct script script = {&ml_parser_whatsapp, ML_IP_TCP, 443, lines, 1};
    assert_true(script_sweep(&script) > 8 * 15);
    free_span(up);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_routing_hint_and_a_prologue_are_read_however_they_are_cut),
        cmocka_unit_test(a_prologue_alone_needs_a_handshake_behind_it),
        cmocka_unit_test(what_begins_otherwise_is_refused),
        cmocka_unit_test(a_handshake_that_contradicts_itself_is_refused),
        cmocka_unit_test(the_prologue_stands_without_a_handshake),
        cmocka_unit_test(old_clients_send_their_number),
        cmocka_unit_test(a_session_taken_up_again_has_no_number),
        cmocka_unit_test(the_fact_of_a_prologue_names_its_bytes),
        cmocka_unit_test(texts_are_found_among_tokens),
        cmocka_unit_test(any_byte_may_be_missing_or_wrong),
    };
    return cmocka_run_group_tests_name("proto/whatsapp", tests, NULL, NULL);
}
