/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/irc/irc.h"
#include "proto/irc/line.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"
#include "support/script.h"
#include "support/tls_build.h"

/* --- lines --- */

/* RFC 2812, section 2.3.1. */
static void a_line_is_sender_command_and_parameters(void **state)
{
    (void)state;
    struct ml_irc_line line;
    assert_true(ml_irc_line_read(ml_span_text(":Angel!wings@irc.example.org PRIVMSG Wiz :Are you receiving ?"), &line));
    assert_span_text(line.nick, "Angel");
    assert_true(line.is_user);
    assert_span_text(line.command, "PRIVMSG");
    assert_int_equal(line.n_params, 2);
    assert_span_text(line.params[0], "Wiz");
    assert_span_text(line.params[1], "Are you receiving ?");
    assert_true(ml_irc_line_read(ml_span_text("@time=12:00;x=y :irc.example.org 001 Wiz :Welcome"), &line));
    assert_span_text(line.nick, "irc.example.org");
    assert_false(line.is_user);
    assert_true(ml_irc_is(&line, "001"));
    assert_true(ml_irc_line_read(ml_span_text("   user guest  0 * :Ronnie Reagan "), &line));
    assert_true(ml_irc_is(&line, "USER"));
    assert_int_equal(line.n_params, 4);
    assert_span_text(line.params[3], "Ronnie Reagan ");
    assert_int_equal(ml_irc_param(&line, 4).len, 0);
}

static void what_has_no_command_is_no_line(void **state)
{
    (void)state;
    static const char *const lies[] = {"",    "   ",     ":only.a.sender",      "220 ",        "22 x", "2200 x",
                                       "P x", "NI-CK x", "ABCDEFGHIJKLMNOPQ x", "\x16\x03\x01"};
    struct ml_irc_line line;
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        bool is_number = strcmp(lies[i], "220 ") == 0; /* a command of three digits is one */
        assert_int_equal(ml_irc_line_read(ml_span_text(lies[i]), &line), is_number);
    }
    assert_true(ml_irc_line_read(ml_span_text("A1 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16"), &line) == false);
    assert_true(ml_irc_line_read(ml_span_text("AB 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16"), &line));
    assert_int_equal(line.n_params, ML_IRC_MAX_PARAMS);
}

/* --- conversations --- */

static void assert_talk(const char *up, const char *down, const char *facts)
{
    const struct script_line lines[] = {{ML_UP, ml_span_text(up)}, {ML_DOWN, ml_span_text(down)}};
    const struct script script = {&ml_parser_irc, ML_IP_TCP, 6667, lines, 2};
    script_assert(&script, facts);
}

static const char greeting[] = ":irc.example.org NOTICE * :*** Looking up your hostname\r\n"
                               ":irc.example.org 001 wiz :Welcome\r\n";

static void logins_tell_names_and_whether_a_secret_went_along(void **state)
{
    (void)state;
    assert_talk("PASS hunter2\r\nNICK wiz\r\nUSER wiz 0 * :Wiz\r\nOPER root toor\r\n", greeting,
                "irc.login up login.method=PASS login.has_secret=true\n"
                "irc.login up login.method=NICK login.user=wiz login.has_secret=false\n"
                "irc.login up login.method=OPER login.user=root login.has_secret=true\n");
    assert_talk("NICK wiz\r\nPRIVMSG NickServ :IDENTIFY hunter2\r\nNS IDENTIFY hunter2\r\nNICK wiz2\r\n", greeting,
                "irc.login up login.method=NICK login.user=wiz login.has_secret=false\n"
                "irc.login up login.method=IDENTIFY login.has_secret=true count=2\n"
                "irc.login up login.method=NICK login.user=wiz2 login.has_secret=false\n");
}

/* IRCv3 "SASL 3.1" */
static void sasl_carries_a_secret_only_with_plain(void **state)
{
    (void)state;
    assert_talk("CAP LS 302\r\nNICK jilles\r\nAUTHENTICATE PLAIN\r\n"
                "AUTHENTICATE amlsbGVzAGppbGxlcwBzZXNhbWU=\r\n",
                ":irc.example.org CAP * LS :sasl\r\nAUTHENTICATE +\r\n",
                "irc.login up login.method=NICK login.user=jilles login.has_secret=false\n"
                "irc.login up login.method=SASL PLAIN login.has_secret=true\n");
    assert_talk("CAP LS 302\r\nAUTHENTICATE SCRAM-SHA-256\r\nAUTHENTICATE biwsbj11c2VyLHI9bm9uY2U=\r\n", "",
                "irc.login up login.method=SASL login.has_secret=false\n");
    assert_talk("CAP LS 302\r\nNICK a\r\nAUTHENTICATE EXTERNAL\r\nAUTHENTICATE +\r\n", "",
                "irc.login up login.method=NICK login.user=a login.has_secret=false\n");
}

static void messages_tell_who_to_whom_and_how_much(void **state)
{
    (void)state;
    assert_talk("NICK wiz\r\nPRIVMSG #chat :hello there\r\nPRIVMSG angel :\001ACTION waves\001\r\n"
                "PRIVMSG angel :\001VERSION\001\r\n",
                ":angel!wings@example.org PRIVMSG wiz :hi\r\n:irc.example.org NOTICE wiz :server note\r\n"
                ":angel!wings@example.org NOTICE wiz :user note\r\n:angel!wings@example.org JOIN #chat\r\n",
                "irc.login up login.method=NICK login.user=wiz login.has_secret=false\n"
                "irc.message up message.to=#chat message.bytes=11\n"
                "irc.message up message.to=angel message.bytes=14\n"
                "irc.message down message.from=angel message.to=wiz message.bytes=2\n"
                "irc.message down message.from=angel message.to=wiz message.bytes=9\n");
}

static void texts_are_never_kept_and_names_are_personal(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 6667);
    proto_rig_parser(&rig, &ml_parser_irc);
    proto_rig_feed(&rig, ML_UP, ml_span_text("PASS hunter2\r\nNICK wiz\r\nPRIVMSG angel :a secret text\r\n"));
    assert_null(strstr(proto_rig_facts(&rig), "hunter2"));
    assert_null(strstr(proto_rig_facts(&rig), "secret text"));
    assert_int_equal(ml_fact_attr(proto_rig_fact(&rig, 1), ML_F_LOGIN_USER)->sensitivity, ML_SENS_PERSONAL);
    assert_int_equal(ml_fact_attr(proto_rig_fact(&rig, 2), ML_F_MESSAGE_TO)->sensitivity, ML_SENS_PERSONAL);
    proto_rig_fini(&rig);
}

/* --- STARTTLS --- */

static struct ml_buf client_hello(void)
{
    const struct tb_client_hello hello = {.host = "irc.example.org"};
    struct ml_buf body = tb_buf();
    struct ml_buf out = tb_buf();
    tb_client_hello(&body, &hello);
    tb_handshake(&out, 1, ml_buf_span(&body));
    ml_buf_fini(&body);
    return out;
}

static void tls_behind_starttls_is_read(void **state)
{
    (void)state;
    struct ml_buf hello = client_hello();
    const struct script_line lines[] = {
        {ML_UP, ml_span_text("STARTTLS\r\n")},
        {ML_DOWN, ml_span_text(":irc.example.org 670 * :STARTTLS successful\r\n")},
        {ML_UP, ml_buf_span(&hello)},
    };
    const struct script script = {&ml_parser_irc, ML_IP_TCP, 6667, lines, 3};
    for (size_t piece = 0; piece < 3; piece++) {
        char *facts = script_facts(&script, piece);
        assert_non_null(strstr(facts, "tls.client_hello up tls.sni=irc.example.org"));
        ml_mem_free(facts);
    }
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 6667);
    proto_rig_parser(&rig, &ml_parser_irc);
    for (size_t i = 0; i < 3; i++) {
        proto_rig_feed(&rig, lines[i].dir, lines[i].bytes);
    }
    const struct ml_fact *fact = proto_rig_fact(&rig, 0);
    assert_int_equal(fact->n_layers, 3);
    assert_int_equal(fact->layers[1], ML_LAYER_IRC);
    proto_rig_fini(&rig);
    ml_buf_fini(&hello);
}

static void without_the_servers_consent_it_stays_text(void **state)
{
    (void)state;
    assert_talk("STARTTLS\r\nNICK wiz\r\n", ":irc.example.org 691 * :STARTTLS failed\r\n",
                "irc.login up login.method=NICK login.user=wiz login.has_secret=false\n");
    assert_talk("NICK wiz\r\nPRIVMSG a :b\r\n", ":irc.example.org 670 * :nobody asked\r\n",
                "irc.login up login.method=NICK login.user=wiz login.has_secret=false\n"
                "irc.message up message.to=a message.bytes=1\n");
}

/* --- the first bytes --- */

static enum ml_match probe(const char *text, uint16_t port)
{
    struct ml_flow flow = {.server_port = port};
    struct ml_chunk chunk = {.flow = &flow, .bytes = ml_span_text(text)};
    return ml_parser_irc.probe(&chunk);
}

static void the_first_line_tells(void **state)
{
    (void)state;
    assert_int_equal(probe("", 6667), ML_MATCH_MORE);
    assert_int_equal(probe("NICK wi", 6667), ML_MATCH_MORE);
    assert_int_equal(probe("NICK wiz\r\n", 1234), ML_MATCH_YES);
    assert_int_equal(probe("NICK wiz now please\r\n", 6667), ML_MATCH_NO);
    assert_int_equal(probe("USER wiz 0 * :Wiz\r\n", 1234), ML_MATCH_YES);
    assert_int_equal(probe("USER anonymous\r\n", 21), ML_MATCH_NO); /* FTP, POP */
    assert_int_equal(probe("PASS x\r\n", 6667), ML_MATCH_MORE);
    assert_int_equal(probe("PASS x\r\nNICK wiz\r\n", 1234), ML_MATCH_YES);
    assert_int_equal(probe("PASS x\r\nSTAT\r\n", 110), ML_MATCH_NO);
    assert_int_equal(probe("PASS x\r\nPASS y\r\n", 6667), ML_MATCH_NO);
    assert_int_equal(probe("CAP LS\r\n", 1234), ML_MATCH_YES);
    assert_int_equal(probe("CAPA\r\n", 110), ML_MATCH_NO); /* POP */
    assert_int_equal(probe("JOIN #x\r\n", 1234), ML_MATCH_YES);
    assert_int_equal(probe("JOIN x\r\n", 1234), ML_MATCH_NO);
    assert_int_equal(probe("PING :x\r\n", 6667), ML_MATCH_YES);
    assert_int_equal(probe("PING\r\n", 6379), ML_MATCH_NO); /* Redis */
    assert_int_equal(probe("STARTTLS\r\n", 6667), ML_MATCH_YES);
    assert_int_equal(probe("STARTTLS\r\n", 587), ML_MATCH_NO);
    assert_int_equal(probe(":s NOTICE AUTH :*** x\r\n", 1234), ML_MATCH_YES);
    assert_int_equal(probe("NOTICE AUTH :*** x\r\n", 1234), ML_MATCH_YES);
    assert_int_equal(probe("NOTICE everybody :x\r\n", 1234), ML_MATCH_NO);
    assert_int_equal(probe(":s 001 wiz :Welcome\r\n", 1234), ML_MATCH_YES);
    assert_int_equal(probe(":s 001\r\n", 1234), ML_MATCH_NO);
    assert_int_equal(probe(":a!b@c PRIVMSG x :y\r\n", 1234), ML_MATCH_YES);
    assert_int_equal(probe(":a PRIVMSG x :y\r\n", 1234), ML_MATCH_NO);
    assert_int_equal(probe("220 mail.example.org ESMTP\r\n", 25), ML_MATCH_NO);
    assert_int_equal(probe("GET / HTTP/1.1\r\n", 80), ML_MATCH_NO);
    assert_int_equal(probe("\x16\x03\x01", 6697), ML_MATCH_NO);
    char long_line[700];
    memset(long_line, 'A', sizeof long_line - 1);
    long_line[sizeof long_line - 1] = '\0';
    assert_int_equal(probe(long_line, 6667), ML_MATCH_NO);
}

static void a_line_too_long_or_a_hole_costs_only_itself(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf up;
    ml_buf_init(&up, 1 << 20);
    ml_buf_add_text(&up, "NICK wiz\r\nPRIVMSG a :");
    for (int i = 0; i < 20000; i++) {
        ml_buf_add_byte(&up, 'x');
    }
    ml_buf_add_text(&up, "\r\nNICK wiz2\r\n");
    proto_rig_init(&rig, ML_IP_TCP, 6667);
    proto_rig_parser(&rig, &ml_parser_irc);
    proto_rig_feed(&rig, ML_UP, ml_buf_span(&up));
    proto_rig_feed(&rig, ML_UP, ml_span_text("PRIVMSG a :lo"));
    proto_rig_gap(&rig, ML_UP, 10);
    proto_rig_feed(&rig, ML_UP, ml_span_text("st\r\nNICK wiz3\r\n"));
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig),
                        "irc.login up login.method=NICK login.user=wiz login.has_secret=false\n"
                        "irc.login up login.method=NICK login.user=wiz2 login.has_secret=false\n"
                        "irc.login up login.method=NICK login.user=wiz3 login.has_secret=false\n");
    proto_rig_fini(&rig);
    ml_buf_fini(&up);
}

static void any_byte_may_be_missing_or_wrong(void **state)
{
    (void)state;
    const struct script_line lines[] = {
        {ML_UP, ml_span_text("PASS x\r\nNICK wiz\r\nPRIVMSG #c :hello\r\nSTARTTLS\r\n")},
        {ML_DOWN, ml_span_text(":a!b@c PRIVMSG wiz :hi\r\n:s 670 * :go\r\n")},
    };
    const struct script script = {&ml_parser_irc, ML_IP_TCP, 6667, lines, 2};
    assert_true(script_sweep(&script) > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_sender_command_and_parameters),
        cmocka_unit_test(what_has_no_command_is_no_line),
        cmocka_unit_test(logins_tell_names_and_whether_a_secret_went_along),
        cmocka_unit_test(sasl_carries_a_secret_only_with_plain),
        cmocka_unit_test(messages_tell_who_to_whom_and_how_much),
        cmocka_unit_test(texts_are_never_kept_and_names_are_personal),
        cmocka_unit_test(tls_behind_starttls_is_read),
        cmocka_unit_test(without_the_servers_consent_it_stays_text),
        cmocka_unit_test(the_first_line_tells),
        cmocka_unit_test(a_line_too_long_or_a_hole_costs_only_itself),
        cmocka_unit_test(any_byte_may_be_missing_or_wrong),
    };
    return cmocka_run_group_tests_name("proto/irc", tests, NULL, NULL);
}
