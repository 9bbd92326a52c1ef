/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/ymsg/ymsg.h"
#include "support/build.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"
#include "support/script.h"

/* docs/protocols/ymsg.md. `pairs`: key, value, ... ended by NULL. */
static void add_packet(struct ml_buf *out, uint16_t service, const char *const *pairs)
{
    ml_buf_add_text(out, "YMSG");
    build_be(out, 2, 16);
    build_be(out, 2, 0);
    size_t at = out->len;
    build_be(out, 2, 0);
    build_be(out, 2, service);
    build_be(out, 4, 1);
    build_be(out, 4, 0x43317134);
    size_t body = out->len;
    for (; *pairs != NULL; pairs++) {
        ml_buf_add_text(out, *pairs);
        build_be(out, 2, 0xc080);
    }
    size_t len = out->len - body;
    out->bytes[at] = (uint8_t)(len >> 8);
    out->bytes[at + 1] = (uint8_t)len;
}

enum { LOGON = 1, MESSAGE = 6, NOTIFY = 0x4b, AUTH_RESPONSE = 0x54, LIST = 0x55, AUTH = 0x57, KEEP_ALIVE = 0x8a };

static const char *const auth[] = {"1", "alice", NULL};
static const char *const response[] = {"0",   "alice", "1",   "alice", "277", "Y=v=1&n=x",
                                       "278", "T=z=y", "307", "hash",  NULL};
static const char *const text[] = {"1", "alice", "5", "bob", "14", "hello there", "97", "1", NULL};
static const char *const answer[] = {"4", "bob", "5", "alice", "14", "hi", NULL};
static const char *const typing[] = {"4", "bob", "5", "alice", "13", "1", "14", " ", "49", "TYPING", NULL};
static const char *const list[] = {"87", "Friends:bob,carol", "59", "Y\tv=1&n=x", NULL};

static void logins_and_messages_are_told(void **state)
{
    (void)state;
    struct ml_buf up;
    struct ml_buf down;
    ml_buf_init(&up, 1 << 16);
    ml_buf_init(&down, 1 << 16);
    add_packet(&up, AUTH, auth);
    add_packet(&up, AUTH_RESPONSE, response);
    add_packet(&up, MESSAGE, text);
    add_packet(&up, KEEP_ALIVE, (const char *const[]){"0", "alice", NULL});
    add_packet(&down, LIST, list);
    add_packet(&down, NOTIFY, typing);
    add_packet(&down, MESSAGE, answer);
    add_packet(&down, LOGON, (const char *const[]){"0", "carol", NULL}); /* somebody else's */
    const struct script_line lines[] = {{ML_UP, build_span(&up)}, {ML_DOWN, build_span(&down)}};
    const struct script script = {&ml_parser_ymsg, ML_IP_TCP, 5050, lines, 2};
    script_assert(&script, "ymsg.login up login.method=challenge login.user=alice login.has_secret=false\n"
                           "ymsg.login up login.method=challenge login.user=alice login.has_secret=true\n"
                           "ymsg.message up message.from=alice message.to=bob message.bytes=11\n"
                           "ymsg.login up login.method=session login.user=alice login.has_secret=false\n"
                           "ymsg.login down login.method=cookie login.has_secret=true\n"
                           "ymsg.message down message.from=bob message.to=alice message.bytes=2\n");
    assert_true(script_sweep(&script) > 8 * 40);
    ml_buf_fini(&up);
    ml_buf_fini(&down);
}

static void texts_and_cookies_are_never_kept_and_names_are_personal(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf up;
    ml_buf_init(&up, 1 << 16);
    add_packet(&up, AUTH_RESPONSE, response);
    add_packet(&up, MESSAGE, text);
    proto_rig_init(&rig, ML_IP_TCP, 5050);
    proto_rig_parser(&rig, &ml_parser_ymsg);
    proto_rig_feed(&rig, ML_UP, build_span(&up));
    assert_null(strstr(proto_rig_facts(&rig), "hello"));
    assert_null(strstr(proto_rig_facts(&rig), "v=1"));
    assert_int_equal(ml_fact_attr(proto_rig_fact(&rig, 0), ML_F_LOGIN_USER)->sensitivity, ML_SENS_PERSONAL);
    assert_int_equal(ml_fact_attr(proto_rig_fact(&rig, 1), ML_F_MESSAGE_TO)->sensitivity, ML_SENS_PERSONAL);
    proto_rig_fini(&rig);
    ml_buf_fini(&up);
}

static void behind_a_hole_or_a_broken_head_the_next_magic_is_found(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf packet;
    ml_buf_init(&packet, 1 << 16);
    add_packet(&packet, MESSAGE, answer);
    for (size_t piece = 1; piece < 40; piece += 6) {
        proto_rig_init(&rig, ML_IP_TCP, 5050);
        proto_rig_parser(&rig, &ml_parser_ymsg);
        proto_rig_feed_split(&rig, ML_DOWN, ml_span_cut(build_span(&packet), 0, 25), piece);
        proto_rig_gap(&rig, ML_DOWN, 300);
        proto_rig_feed_split(&rig, ML_DOWN, ml_span_text("tail YM YMSX"), piece);
        proto_rig_feed_split(&rig, ML_DOWN, build_span(&packet), piece);
        proto_rig_feed_split(&rig, ML_DOWN, ml_span_text("junk"), piece);
        proto_rig_feed_split(&rig, ML_DOWN, build_span(&packet), piece);
        proto_rig_end(&rig);
        assert_string_equal(proto_rig_facts(&rig),
                            "ymsg.message down message.from=bob message.to=alice message.bytes=2 count=2\n");
        assert_int_equal(rig.counters.n[ML_COUNT_BAD_OTHER], 1); /* the hole is none of the sender's doing */
        proto_rig_fini(&rig);
    }
    ml_buf_fini(&packet);
}

static void what_does_not_fit_is_not_believed(void **state)
{
    (void)state;
    struct ml_buf up;
    ml_buf_init(&up, 1 << 16);
    add_packet(&up, MESSAGE,
               (const char *const[]){"1", "alice", "x", "y", "14", "text", NULL});   /* a key that is none */
    add_packet(&up, MESSAGE, (const char *const[]){"1", "alice", "5", "bob", NULL}); /* no text */
    add_packet(&up, MESSAGE, (const char *const[]){"14", NULL});                     /* no value */
    add_packet(&up, AUTH, (const char *const[]){"2", "alice", NULL});                /* no account */
    add_packet(&up, MESSAGE, text);
    const struct script_line lines[] = {{ML_UP, build_span(&up)}};
    const struct script script = {&ml_parser_ymsg, ML_IP_TCP, 5050, lines, 1};
    script_assert(&script, "ymsg.message up message.from=alice message.to=bob message.bytes=11\n");
    ml_buf_fini(&up);
}

static void bodies_beyond_the_ceiling_are_passed_over(void **state)
{
    (void)state;
    static const uint8_t zeros[65535];
    struct proto_rig rig;
    struct ml_buf up;
    ml_buf_init(&up, 1 << 20);
    ml_buf_add_text(&up, "YMSG");
    build_be(&up, 4, 16 << 16);
    build_be(&up, 2, 65535);
    build_be(&up, 2, MESSAGE);
    build_be(&up, 8, 0);
    ml_buf_add(&up, zeros, sizeof zeros);
    add_packet(&up, MESSAGE, text);
    proto_rig_init(&rig, ML_IP_TCP, 5050);
    proto_rig_parser(&rig, &ml_parser_ymsg);
    proto_rig_feed(&rig, ML_UP, build_span(&up));
    assert_string_equal(proto_rig_facts(&rig), "ymsg.message up message.from=alice message.to=bob message.bytes=11\n");
    proto_rig_fini(&rig);
    ml_buf_fini(&up);
}

static enum ml_match probe(const char *digits)
{
    struct ml_span bytes = unhex(digits);
    struct ml_chunk chunk = {.bytes = bytes};
    enum ml_match match = ml_parser_ymsg.probe(&chunk);
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
    return match;
}

static void the_magic_tells(void **state)
{
    (void)state;
    assert_int_equal(probe(""), ML_MATCH_MORE);
    assert_int_equal(probe("594d53"), ML_MATCH_MORE);
    assert_int_equal(probe("594d54"), ML_MATCH_NO);
    assert_int_equal(probe("594d5347 00100000 0000 0001 00000000 000000"), ML_MATCH_MORE);
    assert_int_equal(probe("594d5347 00100000 0000 0001 00000000 00000000"), ML_MATCH_YES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logins_and_messages_are_told),
        cmocka_unit_test(texts_and_cookies_are_never_kept_and_names_are_personal),
        cmocka_unit_test(behind_a_hole_or_a_broken_head_the_next_magic_is_found),
        cmocka_unit_test(what_does_not_fit_is_not_believed),
        cmocka_unit_test(bodies_beyond_the_ceiling_are_passed_over),
        cmocka_unit_test(the_magic_tells),
    };
    return cmocka_run_group_tests_name("proto/ymsg", tests, NULL, NULL);
}
