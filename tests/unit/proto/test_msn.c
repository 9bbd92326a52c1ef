/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/msn/msn.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"
#include "support/script.h"

static void assert_talk(const char *up, const char *down, const char *facts)
{
    const struct script_line lines[] = {{ML_UP, ml_span_text(up)}, {ML_DOWN, ml_span_text(down)}};
    const struct script script = {&ml_parser_msn, ML_IP_TCP, 1863, lines, 2};
    script_assert(&script, facts);
}

/* draft-movva-msn-messenger-protocol-00, section 7.3 */
static void a_login_by_challenge_has_no_secret_to_reuse(void **state)
{
    (void)state;
    assert_talk("VER 0 MSNP2\r\nINF 1\r\nUSR 2 MD5 I example@example.com\r\n"
                "USR 3 MD5 S d09c8ed4ac60a14d17d8ad0ba2e6d8ca\r\n",
                "VER 0 MSNP2\r\nINF 1 MD5\r\nUSR 2 MD5 S 1013928519.683957190\r\n",
                "msn.login up login.method=MD5 login.user=example@example.com login.has_secret=false\n"
                "msn.login up login.method=MD5 login.has_secret=false\n");
}

static void a_ticket_is_a_secret(void **state)
{
    (void)state;
    assert_talk("VER 1 MSNP8 CVR0\r\nUSR 3 TWN I alice@example.com\r\nUSR 4 TWN S t=53*1hAu8ADuD3TEwdXoOMi08sD&p=x\r\n",
                "VER 1 MSNP8\r\n",
                "msn.login up login.method=TWN login.user=alice@example.com login.has_secret=false\n"
                "msn.login up login.method=TWN login.has_secret=true\n");
}

#define TEXT "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\nhello!"
#define TYPING "Content-Type: text/x-msmsgscontrol\r\nTypingUser: a@example.com\r\n"

static void messages_are_counted_and_typing_is_none(void **state)
{
    (void)state;
    assert_int_equal(strlen(TEXT), 68);
    assert_int_equal(strlen(TYPING), 63);
    assert_talk("ANS 1 bob@example.com 1050826919.32308 17262740\r\nMSG 2 U 63\r\n" TYPING "MSG 3 N 68\r\n" TEXT
                "MSG 4 U 63\r\n" TYPING,
                "IRO 1 1 1 alice@example.com Alice\r\nANS 1 OK\r\nMSG alice@example.com Alice 68\r\n" TEXT
                "MSG Hotmail Hotmail 68\r\n" TEXT "MSG alice@example.com Alice 63\r\n" TYPING,
                "msn.login up login.method=switchboard login.user=bob@example.com login.has_secret=false\n"
                "msn.message up message.bytes=6\n"
                "msn.message down message.from=alice@example.com message.bytes=6\n");
}

static void payloads_nobody_wants_are_passed_over(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf down;
    ml_buf_init(&down, 1 << 20);
    ml_buf_add_text(&down, "VER 1 MSNP15\r\nUBX alice@example.com 1 30000\r\n");
    for (int i = 0; i < 3000; i++) {
        ml_buf_add_text(&down, "MSG a@b 1\n");
    }
    ml_buf_add_text(&down, "MSG alice@example.com Alice 68\r\n" TEXT);
    proto_rig_init(&rig, ML_IP_TCP, 1863);
    proto_rig_parser(&rig, &ml_parser_msn);
    proto_rig_feed(&rig, ML_DOWN, ml_buf_span(&down));
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig), "msn.message down message.from=alice@example.com message.bytes=6\n");
    proto_rig_fini(&rig);
    ml_buf_fini(&down);
}

static void a_hole_costs_only_what_it_cut(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 1863);
    proto_rig_parser(&rig, &ml_parser_msn);
    proto_rig_feed(&rig, ML_DOWN, ml_span_text("MSG alice@example.com Alice 68\r\nMIME"));
    proto_rig_gap(&rig, ML_DOWN, 30);
    proto_rig_feed(&rig, ML_DOWN, ml_span_text("rest\r\n\r\nhello!MSG alice@example.com Alice 63\r\n" TYPING));
    proto_rig_feed(&rig, ML_DOWN, ml_span_text("MSG alice@example.com Alice 68\r\n" TEXT));
    proto_rig_end(&rig);
    /* What follows the cut text stands in its last line and is lost too; that one ends with a line end. */
    assert_string_equal(proto_rig_facts(&rig), "msn.message down message.from=alice@example.com message.bytes=6\n");
    proto_rig_fini(&rig);
}

static void names_are_personal_and_texts_are_never_kept(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 1863);
    proto_rig_parser(&rig, &ml_parser_msn);
    proto_rig_feed(&rig, ML_UP, ml_span_text("USR 3 TWN I alice@example.com\r\nUSR 4 TWN S t=tickettext\r\n"));
    proto_rig_feed(&rig, ML_DOWN, ml_span_text("MSG bob@example.com Bob 68\r\n" TEXT));
    assert_null(strstr(proto_rig_facts(&rig), "tickettext"));
    assert_null(strstr(proto_rig_facts(&rig), "hello"));
    assert_int_equal(ml_fact_attr(proto_rig_fact(&rig, 0), ML_F_LOGIN_USER)->sensitivity, ML_SENS_PERSONAL);
    assert_int_equal(ml_fact_attr(proto_rig_fact(&rig, 2), ML_F_MESSAGE_FROM)->sensitivity, ML_SENS_PERSONAL);
    proto_rig_fini(&rig);
}

static enum ml_match probe(const char *text, uint16_t port)
{
    struct ml_flow flow = {.server_port = port, .client_port = 50000};
    struct ml_chunk chunk = {.flow = &flow, .bytes = ml_span_text(text)};
    return ml_parser_msn.probe(&chunk);
}

static void the_first_line_tells(void **state)
{
    (void)state;
    assert_int_equal(probe("", 1863), ML_MATCH_MORE);
    assert_int_equal(probe("VER 0 MS", 80), ML_MATCH_MORE);
    assert_int_equal(probe("VER 0 MSNP8 CVR0\r\n", 80), ML_MATCH_YES);
    assert_int_equal(probe("VER 0 CVR0\r\n", 80), ML_MATCH_YES);
    assert_int_equal(probe("VER x MSNP8\r\n", 80), ML_MATCH_NO);
    assert_int_equal(probe("VER 0 FOO\r\n", 80), ML_MATCH_NO);
    assert_int_equal(probe("ANS 1 bob@example.com 1 2\r\n", 80), ML_MATCH_YES);
    assert_int_equal(probe("USR 1 bob@example.com 1.2\r\n", 80), ML_MATCH_YES);
    assert_int_equal(probe("USR 1 bob 1.2\r\n", 80), ML_MATCH_NO);
    assert_int_equal(probe("MSG 77 U 89\r\n", 80), ML_MATCH_YES);
    assert_int_equal(probe("MSG a@example.com A 89\r\n", 80), ML_MATCH_YES);
    assert_int_equal(probe("MSG 77 U\r\n", 80), ML_MATCH_NO);
    assert_int_equal(probe("MSG subject 1 5\r\n", 4222), ML_MATCH_NO); /* NATS */
    assert_int_equal(probe("IRO 1 1 1 a@example.com A\r\n", 80), ML_MATCH_YES);
    assert_int_equal(probe("PNG\r\n", 1863), ML_MATCH_YES);
    assert_int_equal(probe("PNG\r\n", 80), ML_MATCH_NO);
    assert_int_equal(probe("PNG\n", 1863), ML_MATCH_NO);
    assert_int_equal(probe("XYZ 1\r\n", 1863), ML_MATCH_NO);
    assert_int_equal(probe("GET / HTTP/1.1\r\n", 1863), ML_MATCH_NO);
    assert_int_equal(probe("POST", 1863), ML_MATCH_NO);
    assert_int_equal(probe("png", 1863), ML_MATCH_NO);
}

static void any_byte_may_be_missing_or_wrong(void **state)
{
    (void)state;
    const struct script_line lines[] = {
        {ML_UP, ml_span_text("USR 4 TWN S t=abc\r\nMSG 3 N 68\r\n" TEXT)},
        {ML_DOWN, ml_span_text("MSG a@example.com A 68\r\n" TEXT)},
    };
    const struct script script = {&ml_parser_msn, ML_IP_TCP, 1863, lines, 2};
    assert_true(script_sweep(&script) > 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_login_by_challenge_has_no_secret_to_reuse),
        cmocka_unit_test(a_ticket_is_a_secret),
        cmocka_unit_test(messages_are_counted_and_typing_is_none),
        cmocka_unit_test(payloads_nobody_wants_are_passed_over),
        cmocka_unit_test(a_hole_costs_only_what_it_cut),
        cmocka_unit_test(names_are_personal_and_texts_are_never_kept),
        cmocka_unit_test(the_first_line_tells),
        cmocka_unit_test(any_byte_may_be_missing_or_wrong),
    };
    return cmocka_run_group_tests_name("proto/msn", tests, NULL, NULL);
}
