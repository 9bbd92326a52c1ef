/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/mail/mail.h"
#include "starttls.h"
#include "support/cm.h"
#include "support/proto_rig.h"
#include "support/script.h"

static void assert_talk(const struct script_line *lines, size_t n, const char *facts)
{
    const struct script script = {&ml_parser_pop, ML_IP_TCP, 110, lines, n};
    script_assert(&script, facts);
}

/* RFC 1939, section 10 */
static void a_message_is_fetched(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        DOWN("+OK POP3 server ready <1896.697170952@dbc.mtview.example>\r\n"),
        UP("APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n"),
        DOWN("+OK mrose's maildrop has 2 messages (320 octets)\r\n"),
        UP("STAT\r\n"),
        DOWN("+OK 2 320\r\n"),
        UP("LIST\r\n"),
        DOWN("+OK 2 messages (320 octets)\r\n1 120\r\n2 200\r\n.\r\n"),
        UP("RETR 1\r\n"),
        DOWN("+OK 120 octets\r\nFrom: a@example.com\r\nTo: Rose <rose@example.net>\r\nSubject: hi\r\n\r\n+OK no "
             "status\r\n"
             ".\r\n"),
        UP("TOP 2 0\r\nRETR 3\r\n"),
        DOWN("+OK\r\nFrom: b@example.com\r\n\r\n.\r\n-ERR no such message\r\n"),
        UP("QUIT\r\n"),
        DOWN("+OK bye\r\n"),
    };
    assert_talk(lines, sizeof lines / sizeof lines[0],
                "pop.server down mail.greeting=POP3 server ready <1896.697170952@dbc.mtview.example>\n"
                "pop.login up login.method=APOP login.user=mrose login.has_secret=false\n"
                "pop.message down message.from=a@example.com message.to=rose@example.net message.bytes=15 "
                "mail.subject=hi\n"
                "pop.message down message.from=b@example.com\n");
}

/* RFC 1939, section 7; RFC 5034, section 4 and 6 */
static void logins_tell_who_and_whether_the_secret_was_read(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        DOWN("+OK ready\r\n"),
        UP("USER alex@example.com\r\n"),
        DOWN("+OK\r\n"),
        UP("PASS pass word\r\n"),
        DOWN("-ERR no\r\n"),
        UP("AUTH\r\n"),
        DOWN("+OK\r\nPLAIN\r\n.\r\n"),
        UP("AUTH PLAIN dGVzdAB0ZXN0AHRlc3Q=\r\n"),
        DOWN("-ERR no\r\n"),
        UP("AUTH LOGIN\r\n"),
        DOWN("+ VXNlcm5hbWU6\r\n"),
        UP("YWxleA==\r\n"),
        DOWN("+ UGFzc3dvcmQ6\r\n"),
        UP("eA==\r\nAUTH CRAM-MD5\r\n*\r\nNOOP\r\n"),
    };
    assert_talk(lines, sizeof lines / sizeof lines[0],
                "pop.server down mail.greeting=ready\n"
                "pop.login up login.method=PASS login.user=alex@example.com login.has_secret=true\n"
                "pop.login up login.method=PLAIN login.user=test login.has_secret=true\n"
                "pop.login up login.method=LOGIN login.user=alex login.has_secret=true\n");
}

/* RFC 2449, section 5; RFC 2595, section 4 */
static void tls_behind_stls_is_read(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        DOWN("+OK ready\r\n"),
        UP("CAPA\r\n"),
        DOWN("+OK Capability list follows\r\nTOP\r\nUSER\r\nSTLS\r\n.\r\n"),
        UP("STLS\r\n"),
        DOWN("+OK Begin TLS negotiation\r\n"),
    };
    const struct script script = {&ml_parser_pop, ML_IP_TCP, 110, lines, 5};
    assert_starttls(&script, ML_LAYER_POP, "-ERR no\r\n");
    assert_talk(lines, 5,
                "pop.server down mail.greeting=ready\n"
                "pop.server down mail.capabilities=TOP mail.capabilities=USER mail.capabilities=STLS\n"
                "pop.starttls down mail.starttls=accepted\n");
}

static enum ml_match probe(const char *text, uint16_t port, uint64_t said_before)
{
    struct ml_flow flow = {.server_port = port, .payload_bytes = {said_before, 0}};
    struct ml_chunk chunk = {.flow = &flow, .bytes = ml_span_text(text)};
    return ml_parser_pop.probe(&chunk);
}

static void the_first_line_tells(void **state)
{
    (void)state;
    assert_int_equal(probe("", 110, 0), ML_MATCH_MORE);
    assert_int_equal(probe("+OK rea", 1234, 0), ML_MATCH_MORE);
    assert_int_equal(probe("+OK ready\r\n", 1234, 0), ML_MATCH_YES);
    assert_int_equal(probe("+OK ready\r\n", 1234, 1), ML_MATCH_NO);
    assert_int_equal(probe("+OK\r\n", 6379, 0), ML_MATCH_NO); /* Redis */
    assert_int_equal(probe("+OK\r\n", 995, 1), ML_MATCH_YES);
    assert_int_equal(probe("-ERR x\r\n", 110, 1), ML_MATCH_YES);
    assert_int_equal(probe("-ERR x\r\n", 6379, 0), ML_MATCH_NO);
    assert_int_equal(probe("CAPA\r\n", 1234, 0), ML_MATCH_YES);
    assert_int_equal(probe("CAPA x\r\n", 1234, 0), ML_MATCH_NO);
    assert_int_equal(probe("STLS\r\n", 1234, 0), ML_MATCH_YES);
    assert_int_equal(probe("USER x\r\n", 110, 0), ML_MATCH_YES);
    assert_int_equal(probe("USER x\r\n", 21, 0), ML_MATCH_NO);
    assert_int_equal(probe("APOP x y\r\n", 110, 0), ML_MATCH_YES);
    assert_int_equal(probe("EHLO x\r\n", 110, 0), ML_MATCH_NO);
    assert_int_equal(probe("+\x01", 110, 0), ML_MATCH_NO);
}

static void a_hole_costs_only_itself(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        UP("USER al"),
        HOLE_UP(10),
        UP("\r\nPASS x\r\nRETR 1\r\n"),
        DOWN("+OK\r\n+OK\r\n+OK\r\nTo: a@example.com\r\n\r\nab"),
        HOLE_DOWN(70),
        DOWN("cd\r\n.\r\n"),
    };
    assert_talk(lines, sizeof lines / sizeof lines[0],
                "pop.login up login.method=PASS login.has_secret=true\n"
                "pop.message down message.to=a@example.com message.bytes=4\n");
}

static void more_commands_than_are_told_apart_do_no_harm(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 110);
    proto_rig_parser(&rig, &ml_parser_pop);
    for (int i = 0; i < 100; i++) {
        proto_rig_feed(&rig, ML_UP, ml_span_text("LIST\r\n"));
    }
    for (int i = 0; i < 100; i++) {
        proto_rig_feed(&rig, ML_DOWN, ml_span_text("+OK\r\n.\r\n"));
    }
    proto_rig_feed(&rig, ML_UP, ml_span_text("RETR 1\r\n"));
    proto_rig_feed(&rig, ML_DOWN, ml_span_text("+OK\r\n\r\nx\r\n.\r\n"));
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig), "pop.message down message.bytes=3\n");
    assert_int_equal(rig.counters.n[ML_COUNT_LIMIT_MESSAGE], 100 - 32);
    proto_rig_fini(&rig);
}

static void any_byte_may_be_missing_or_wrong(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        DOWN("+OK a\r\n"),
        UP("USER a\r\nPASS b\r\nAUTH PLAIN AHRpbQB0\r\nCAPA\r\nRETR 1\r\nSTLS\r\n"),
        DOWN("+OK\r\n+OK\r\n+OK\r\n+OK\r\nTOP\r\n.\r\n+OK\r\nTo: a@b\r\n\r\nx\r\n.\r\n+OK\r\n"),
    };
    const struct script script = {&ml_parser_pop, ML_IP_TCP, 110, lines, 3};
    assert_true(script_sweep(&script) > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_fetched),
        cmocka_unit_test(logins_tell_who_and_whether_the_secret_was_read),
        cmocka_unit_test(tls_behind_stls_is_read),
        cmocka_unit_test(the_first_line_tells),
        cmocka_unit_test(a_hole_costs_only_itself),
        cmocka_unit_test(more_commands_than_are_told_apart_do_no_harm),
        cmocka_unit_test(any_byte_may_be_missing_or_wrong),
    };
    return cmocka_run_group_tests_name("proto/pop", tests, NULL, NULL);
}
