/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/mail/mail.h"
#include "starttls.h"
#include "support/cm.h"
#include "support/proto_rig.h"
#include "support/script.h"

static void assert_talk(const struct script_line *lines, size_t n, const char *facts)
{
    const struct script script = {&ml_parser_smtp, ML_IP_TCP, 25, lines, n};
    script_assert(&script, facts);
}

#define GREETING "smtp.server down mail.greeting=foo.example.com Simple Mail Transfer Service Ready\n"

/* RFC 5321, appendix D.1 */
static void a_message_is_sent(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        DOWN("220 foo.example.com Simple Mail Transfer Service Ready\r\n"),
        UP("EHLO bar.example.com\r\n"),
        DOWN("250-foo.example.com greets bar.example.com\r\n250-8BITMIME\r\n250-SIZE\r\n250-DSN\r\n250 HELP\r\n"),
        UP("MAIL FROM:<Smith@bar.example.com>\r\n"),
        DOWN("250 OK\r\n"),
        UP("RCPT TO:<Jones@foo.example.com>\r\n"),
        DOWN("250 OK\r\n"),
        UP("RCPT TO:<Green@foo.example.com>\r\n"),
        DOWN("550 No such user here\r\n"),
        UP("DATA\r\n"),
        DOWN("354 Start mail input; end with <CRLF>.<CRLF>\r\n"),
        UP("From: Smith <smith@bar.example.com>\r\nSubject: Blah\r\n\r\nBlah blah blah...\r\n..etc. etc. "
           "etc.\r\n.\r\n"),
        DOWN("250 OK\r\n"),
        UP("QUIT\r\n"),
        DOWN("221 foo.example.com Service closing transmission channel\r\n"),
    };
    assert_talk(lines, sizeof lines / sizeof lines[0],
                GREETING "smtp.client up mail.hello=bar.example.com\n"
                         "smtp.server down mail.capabilities=8BITMIME mail.capabilities=SIZE mail.capabilities=DSN "
                         "mail.capabilities=HELP\n"
                         "smtp.envelope up message.from=Smith@bar.example.com\n"
                         "smtp.envelope up message.to=Jones@foo.example.com\n"
                         "smtp.envelope up message.to=Green@foo.example.com\n"
                         "smtp.message up message.from=smith@bar.example.com message.to=Jones@foo.example.com "
                         "message.bytes=37 mail.subject=Blah\n");
}

/* RFC 5321, section 3.3: without consent to DATA no message follows; RFC 2920: commands may come together. */
static void a_refused_message_is_none(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        DOWN("220 foo.example.com Simple Mail Transfer Service Ready\r\n"),
        UP("HELO bar.example.com\r\n"),
        DOWN("250 foo.example.com\r\n"),
        UP("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n"),
        DOWN("250 OK\r\n550 no\r\n554 no valid recipients\r\n"),
        UP("MAIL FROM:<c@example.com>\r\n"),
        DOWN("250 OK\r\n"),
    };
    assert_talk(lines, sizeof lines / sizeof lines[0],
                GREETING "smtp.client up mail.hello=bar.example.com\n"
                         "smtp.envelope up message.from=a@example.com\n"
                         "smtp.envelope up message.to=b@example.com\n"
                         "smtp.envelope up message.from=c@example.com\n");
}

/* RFC 3030, section 4.2 */
static void messages_come_in_blocks_too(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        UP("EHLO a.example.com\r\nMAIL FROM: <a@example.com>\r\nRCPT TO:<b@example.com>\r\n"),
        UP("BDAT 19\r\nSubject: one\r\n\r\n.\r\nBDAT 6 LAST\r\nhello\nMAIL FROM:<c@example.com>\r\n"),
        UP("BDAT 3\r\nA:\nBDAT 0 LAST\r\nBDAT x\r\nRSET\r\n"),
    };
    assert_talk(lines, sizeof lines / sizeof lines[0],
                "smtp.client up mail.hello=a.example.com\n"
                "smtp.envelope up message.from=a@example.com\n"
                "smtp.envelope up message.to=b@example.com\n"
                "smtp.message up message.from=a@example.com message.to=b@example.com message.bytes=9 "
                "mail.subject=one\n"
                "smtp.envelope up message.from=c@example.com\n"
                "smtp.message up message.from=c@example.com\n");
}

/* RFC 4954, section 4.1 and 6; the name and password of LOGIN are asked for one by one. */
static void logins_tell_who_and_whether_the_secret_was_read(void **state)
{
    (void)state;
    static const struct script_line plain[] = {
        UP("EHLO client.example.com\r\n"),
        DOWN("250-smtp.example.com Hello\r\n250 AUTH GSSAPI DIGEST-MD5 PLAIN\r\n"),
        UP("AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=\r\n"),
        DOWN("235 2.7.0 Authentication successful\r\n"),
    };
    assert_talk(plain, 4,
                "smtp.client up mail.hello=client.example.com\n"
                "smtp.server down mail.capabilities=AUTH GSSAPI DIGEST-MD5 PLAIN\n"
                "smtp.login up login.method=PLAIN login.user=test login.has_secret=true\n");
    static const struct script_line login[] = {
        UP("EHLO x.example.com\r\nAUTH LOGIN\r\n"),
        DOWN("334 VXNlcm5hbWU6\r\n"),
        UP("YWxleEBleGFtcGxlLmNvbQ==\r\n"),
        DOWN("334 UGFzc3dvcmQ6\r\n"),
        UP("ZXhhbXBsZS1wYXNzd29yZA==\r\nAUTH SCRAM-SHA-1 =\r\n"),
        DOWN("235 ok\r\n334 \r\n"),
    };
    assert_talk(login, 6,
                "smtp.client up mail.hello=x.example.com\n"
                "smtp.login up login.method=LOGIN login.user=alex@example.com login.has_secret=true\n");
    static const struct script_line given_up[] = {
        UP("EHLO x.example.com\r\nAUTH CRAM-MD5\r\n"),
        DOWN("250 x\r\n334 PDE4OTY=\r\n"),
        UP("*\r\n"),
        DOWN("501 given up\r\n"),
        UP("MAIL FROM:<a@example.com>\r\n"),
    };
    assert_talk(given_up, 5,
                "smtp.client up mail.hello=x.example.com\n"
                "smtp.envelope up message.from=a@example.com\n");
}

static void texts_and_secrets_are_never_kept(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 25);
    proto_rig_parser(&rig, &ml_parser_smtp);
    proto_rig_feed(&rig, ML_UP,
                   ml_span_text("AUTH PLAIN AHRpbQB0YW5zdGFhZg==\r\nMAIL FROM:<a@example.com>\r\nDATA\r\nSubject: s\r\n"
                                "\r\na secret text\r\n.\r\n"));
    assert_null(strstr(proto_rig_facts(&rig), "tanstaaf"));
    assert_null(strstr(proto_rig_facts(&rig), "secret text"));
    assert_int_equal(ml_fact_attr(proto_rig_fact(&rig, 0), ML_F_LOGIN_USER)->sensitivity, ML_SENS_PERSONAL);
    assert_int_equal(ml_fact_attr(proto_rig_fact(&rig, 1), ML_F_MESSAGE_FROM)->sensitivity, ML_SENS_PERSONAL);
    assert_int_equal(ml_fact_attr(proto_rig_fact(&rig, 2), ML_F_MAIL_SUBJECT)->sensitivity, ML_SENS_PERSONAL);
    proto_rig_fini(&rig);
}

static void where_roles_were_guessed_wrong_the_first_line_tells(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        UP("220 foo.example.com Simple Mail Transfer Service Ready\r\n"),
        DOWN("EHLO bar.example.com\r\n"),
        UP("250 foo.example.com\r\n"),
        DOWN("MAIL FROM:<a@example.com>\r\n"),
    };
    assert_talk(lines, 4,
                "smtp.server up mail.greeting=foo.example.com Simple Mail Transfer Service Ready\n"
                "smtp.client down mail.hello=bar.example.com\n"
                "smtp.envelope down message.from=a@example.com\n");
}

/* RFC 3207, section 5 */
static void tls_behind_starttls_is_read(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        DOWN("220 mail.example.org SMTP service ready\r\n"),
        UP("EHLO mail.example.com\r\n"),
        DOWN("250-mail.example.org offers a warm hug of welcome\r\n250-8BITMIME\r\n250 STARTTLS\r\n"),
        UP("STARTTLS\r\n"),
        DOWN("220 Go ahead\r\n"),
    };
    const struct script script = {&ml_parser_smtp, ML_IP_TCP, 25, lines, 5};
    assert_starttls(&script, ML_LAYER_SMTP, "454 TLS not available due to temporary reason\r\n");
    assert_talk(lines, 5,
                "smtp.server down mail.greeting=mail.example.org SMTP service ready\n"
                "smtp.client up mail.hello=mail.example.com\n"
                "smtp.server down mail.capabilities=8BITMIME mail.capabilities=STARTTLS\n"
                "smtp.starttls down mail.starttls=accepted\n");
    static const struct script_line refused[] = {
        UP("EHLO a\r\nSTARTTLS\r\n"),
        DOWN("250 a\r\n454 TLS not available\r\n"),
        UP("MAIL FROM:<a@example.com>\r\n"),
    };
    assert_talk(refused, 3,
                "smtp.client up mail.hello=a\n"
                "smtp.starttls down mail.starttls=refused\n"
                "smtp.envelope up message.from=a@example.com\n");
}

static enum ml_match probe(const char *text, uint16_t port)
{
    struct ml_flow flow = {.server_port = port};
    struct ml_chunk chunk = {.flow = &flow, .bytes = ml_span_text(text)};
    return ml_parser_smtp.probe(&chunk);
}

static void the_first_line_tells(void **state)
{
    (void)state;
    assert_int_equal(probe("", 25), ML_MATCH_MORE);
    assert_int_equal(probe("EHLO exam", 1234), ML_MATCH_MORE);
    assert_int_equal(probe("EHLO example.com\r\n", 1234), ML_MATCH_YES);
    assert_int_equal(probe("HELO x\n", 1234), ML_MATCH_YES);
    assert_int_equal(probe("EHLO\r\n", 1234), ML_MATCH_NO);
    assert_int_equal(probe("mail from:<a@example.com>\r\n", 1234), ML_MATCH_YES);
    assert_int_equal(probe("QUIT\r\n", 25), ML_MATCH_YES);
    assert_int_equal(probe("QUIT\r\n", 21), ML_MATCH_NO);
    assert_int_equal(probe("AUTH PLAIN\r\n", 587), ML_MATCH_YES);
    assert_int_equal(probe("220 mx.example.com ESMTP\r\n", 1234), ML_MATCH_YES);
    assert_int_equal(probe("220 mx.example.com\r\n", 25), ML_MATCH_YES);
    assert_int_equal(probe("220-mx.example.com\r\n", 587), ML_MATCH_YES);
    assert_int_equal(probe("220 welcome\r\n", 1234), ML_MATCH_MORE); /* the client tells */
    assert_int_equal(probe("220 welcome\r\n", 21), ML_MATCH_NO);
    assert_int_equal(probe("220 FTP server\r\n", 1234), ML_MATCH_NO);
    assert_int_equal(probe("250 OK\r\n", 25), ML_MATCH_YES);
    assert_int_equal(probe("250 OK\r\n", 21), ML_MATCH_NO);
    assert_int_equal(probe("200 OK\r\n", 25), ML_MATCH_NO);
    assert_int_equal(probe("GET / HTTP/1.1\r\n", 80), ML_MATCH_NO);
    assert_int_equal(probe("NICK wiz\r\n", 6667), ML_MATCH_NO);
    assert_int_equal(probe("\x16\x03\x01", 465), ML_MATCH_NO);
    char long_line[700];
    memset(long_line, 'A', sizeof long_line - 1);
    long_line[sizeof long_line - 1] = '\0';
    assert_int_equal(probe(long_line, 25), ML_MATCH_NO);
}

static void a_line_too_long_or_a_hole_costs_only_itself(void **state)
{
    (void)state;
    struct ml_buf up;
    ml_buf_init(&up, 1 << 20);
    ml_buf_add_text(&up, "EHLO a\r\nRCPT TO:<");
    for (int i = 0; i < 20000; i++) {
        ml_buf_add_byte(&up, 'x');
    }
    ml_buf_add_text(&up, "@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n\r\n");
    for (int i = 0; i < 20000; i++) { /* long lines of a message count */
        ml_buf_add_byte(&up, 'y');
    }
    ml_buf_add_text(&up, "\r\n.\r\n");
    const struct script_line lines[] = {
        {ML_UP, ml_buf_span(&up)}, UP("RCPT TO:<c@ex"), HOLE_UP(10), UP(">\r\nRCPT TO:<d@example.com>\r\n")};
    assert_talk(lines, sizeof lines / sizeof lines[0],
                "smtp.client up mail.hello=a\n"
                "smtp.envelope up message.to=b@example.com\n"
                "smtp.message up message.to=b@example.com message.bytes=20002\n"
                "smtp.envelope up message.to=d@example.com\n");
    const struct script script = {&ml_parser_smtp, ML_IP_TCP, 25, lines, sizeof lines / sizeof lines[0]};
    assert_int_equal(script_count(&script, ML_COUNT_LIMIT_MESSAGE), 1);
    ml_buf_fini(&up);
}

static void a_list_without_end_and_a_head_too_long_are_cut(void **state)
{
    (void)state;
    struct ml_buf down;
    struct ml_buf up;
    ml_buf_init(&down, 1 << 20);
    ml_buf_init(&up, 1 << 20);
    ml_buf_add_text(&down, "250-a\r\n");
    for (int i = 0; i < 300; i++) {
        ml_buf_add_text(&down, "250-SIZE\r\n");
    }
    ml_buf_add_text(&down, "250 HELP\r\n");
    ml_buf_add_text(&up, "DATA\r\nTo: a@example.com\r\nSubject: ");
    for (int i = 0; i < 20000; i++) {
        ml_buf_add_byte(&up, 'x');
    }
    ml_buf_add_text(&up, "\r\n\r\nhi\r\n.\r\n");
    const struct script_line lines[] = {UP("EHLO a\r\n"), {ML_DOWN, ml_buf_span(&down)}, {ML_UP, ml_buf_span(&up)}};
    const struct script script = {&ml_parser_smtp, ML_IP_TCP, 25, lines, sizeof lines / sizeof lines[0]};
    char *facts = script_facts(&script, 0);
    assert_non_null(strstr(facts, "mail.capabilities=SIZE cut\n"));
    assert_non_null(strstr(facts, "smtp.message up message.to=a@example.com message.bytes=4\n"));
    assert_int_equal(script_count(&script, ML_COUNT_LIMIT_MESSAGE), 1);
    ml_mem_free(facts);
    ml_buf_fini(&down);
    ml_buf_fini(&up);
}

static void any_byte_may_be_missing_or_wrong(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        DOWN("220 a ESMTP\r\n"),
        UP("EHLO a\r\n"),
        DOWN("250-a\r\n250 SIZE\r\n"),
        UP("AUTH PLAIN AHRpbQB0\r\nMAIL FROM:<a@b>\r\nBDAT 9 LAST\r\nTo: c@d\r\n\r\nDATA\r\nx\r\n.\r\nSTARTTLS\r\n"),
        DOWN("235 a\r\n250 a\r\n354 a\r\n250 a\r\n220 go\r\n"),
    };
    const struct script script = {&ml_parser_smtp, ML_IP_TCP, 25, lines, sizeof lines / sizeof lines[0]};
    assert_true(script_sweep(&script) > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_sent),
        cmocka_unit_test(a_refused_message_is_none),
        cmocka_unit_test(messages_come_in_blocks_too),
        cmocka_unit_test(logins_tell_who_and_whether_the_secret_was_read),
        cmocka_unit_test(texts_and_secrets_are_never_kept),
        cmocka_unit_test(where_roles_were_guessed_wrong_the_first_line_tells),
        cmocka_unit_test(tls_behind_starttls_is_read),
        cmocka_unit_test(the_first_line_tells),
        cmocka_unit_test(a_line_too_long_or_a_hole_costs_only_itself),
        cmocka_unit_test(a_list_without_end_and_a_head_too_long_are_cut),
        cmocka_unit_test(any_byte_may_be_missing_or_wrong),
    };
    return cmocka_run_group_tests_name("proto/smtp", tests, NULL, NULL);
}
