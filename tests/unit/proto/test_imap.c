/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/mail/mail.h"
#include "starttls.h"
#include "support/cm.h"
#include "support/script.h"

static void assert_talk(const struct script_line *lines, size_t n, const char *facts)
{
    const struct script script = {&ml_parser_imap, ML_IP_TCP, 143, lines, n};
    script_assert(&script, facts);
}

/* RFC 3501, section 8 (the conversation of RFC 9051, section 8 is over TLS) */
static void a_message_is_fetched(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        DOWN("* OK IMAP4rev1 Service Ready\r\n"),
        UP("a001 login mrc secret\r\n"),
        DOWN("a001 OK LOGIN completed\r\n"),
        UP("a002 select inbox\r\n"),
        DOWN("* 18 EXISTS\r\n* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n* 2 RECENT\r\n"
             "* OK [UNSEEN 17] Message 17 is the first unseen message\r\na002 OK [READ-WRITE] SELECT completed\r\n"),
        UP("a004 fetch 12 body[header]\r\n"),
        DOWN("* 12 FETCH (BODY[HEADER] {123}\r\nDate: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\n"
             "From: Terry Gray <gray@cac.example.edu>\r\nSubject: IMAP4rev1 WG mtg summary\r\n\r\n)\r\n"
             "a004 OK FETCH completed\r\n"),
        UP("a005 fetch 13 (flags body[])\r\n"),
        DOWN("* 13 FETCH (FLAGS () BODY[] {27}\r\nTo: <b@example.com>\n\nhello\n)\r\na005 OK done\r\n"),
        UP("a006 logout\r\n"),
        DOWN("* BYE IMAP4rev1 server terminating connection\r\na006 OK LOGOUT completed\r\n"),
    };
    assert_talk(lines, sizeof lines / sizeof lines[0],
                "imap.server down mail.greeting=IMAP4rev1 Service Ready\n"
                "imap.login up login.method=LOGIN login.user=mrc login.has_secret=true\n"
                "imap.message down message.from=gray@cac.example.edu mail.subject=IMAP4rev1 WG mtg summary\n"
                "imap.message down message.to=b@example.com message.bytes=6\n");
}

/* RFC 9051, section 4.3: arguments as quoted texts and as counted blocks, with and without waiting for consent */
static void logins_are_read_in_every_form(void **state)
{
    (void)state;
    static const struct script_line quoted[] = {
        UP("A1 LOGIN \"alex@example.com\" \"pass word\"\r\nA2 CAPABILITY\r\n"),
        DOWN("A1 OK x\r\n* CAPABILITY IMAP4rev2 STARTTLS AUTH=GSSAPI\r\nA2 OK x\r\n"),
    };
    assert_talk(quoted, 2,
                "imap.login up login.method=LOGIN login.user=alex@example.com login.has_secret=true\n"
                "imap.server down mail.capabilities=IMAP4rev2 mail.capabilities=STARTTLS "
                "mail.capabilities=AUTH=GSSAPI\n");
    static const struct script_line blocks[] = {
        UP("A001 LOGIN {11}\r\n"),
        DOWN("+ Ready for additional command text\r\n"),
        UP("FRED FOOBAR {7}\r\n"),
        DOWN("+ Ready for additional command text\r\n"),
        UP("fat man\r\nA2 LOGIN {4+}\r\nalex {0+}\r\n\r\n"),
        DOWN("A001 OK LOGIN completed\r\n"),
    };
    assert_talk(blocks, 6,
                "imap.login up login.method=LOGIN login.user=FRED FOOBAR login.has_secret=true\n"
                "imap.login up login.method=LOGIN login.user=alex login.has_secret=false\n");
}

/* RFC 9051, section 6.2.2; RFC 4959 */
static void logins_by_sasl_tell_who(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        DOWN("* OK hello\r\n"),
        UP("C01 AUTHENTICATE PLAIN dGVzdAB0ZXN0AHRlc3Q=\r\n"),
        DOWN("C01 OK done\r\n"),
        UP("C02 AUTHENTICATE LOGIN\r\n"),
        DOWN("+ \r\n"),
        UP("YWxleA==\r\n"),
        DOWN("+ \r\n"),
        UP("eA==\r\nC03 AUTHENTICATE GSSAPI\r\n"),
        DOWN("C02 OK done\r\nC03 NO not here\r\n"),
        UP("C04 AUTHENTICATE PLAIN\r\n*\r\nC05 NOOP\r\n"),
    };
    assert_talk(lines, sizeof lines / sizeof lines[0],
                "imap.server down mail.greeting=hello\n"
                "imap.login up login.method=PLAIN login.user=test login.has_secret=true\n"
                "imap.login up login.method=LOGIN login.user=alex login.has_secret=true\n");
}

/* RFC 2971, section 3.1; RFC 9051, section 6.3.12 */
static void clients_name_themselves_and_store_messages(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        UP("a023 ID (\"name\" \"sodr\" \"version\" \"19.34\" \"vendor\" \"Pink Floyd Music Limited\")\r\n"
           "A003 APPEND saved-messages (\\Seen) {38}\r\n"),
        DOWN("* ID NIL\r\na023 OK ID completed\r\n+ Ready for literal data\r\n"),
        UP("From: <a@example.com>\r\n\r\nHello Joe\r\n\n\r\nA4 NOOP\r\n"),
        DOWN("A003 OK APPEND completed\r\n"),
    };
    assert_talk(lines, 4,
                "imap.client up mail.agent=(\"name\" \"sodr\" \"version\" \"19.34\" \"vendor\" \"Pink Floyd Music "
                "Limited\")\n"
                "imap.message up message.from=a@example.com message.bytes=13\n");
}

static void parts_without_a_head_count_only(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        DOWN("* 1 FETCH (UID 7 BODY[1] {9}\r\nTo: text\n BODY[HEADER.FIELDS (FROM TO)] {13}\r\nFrom: a@b.c\r\n)\r\n"
             "* 2 FETCH (RFC822.SIZE 44 ENVELOPE (\"date\" {3}\r\nabc NIL) RFC822.TEXT {0}\r\n)\r\n"),
        UP("a UID FETCH 1 BODY[1]\r\n"),
    };
    assert_talk(lines, 2,
                "imap.message down message.bytes=9\n"
                "imap.message down message.from=a@b.c\n");
}

/* RFC 9051, section 6.2.1 */
static void tls_behind_starttls_is_read(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        DOWN("* OK [CAPABILITY IMAP4rev2 STARTTLS] hello\r\n"),
        UP("a001 CAPABILITY\r\na002 STARTTLS\r\n"),
        DOWN("* CAPABILITY IMAP4rev2 STARTTLS LOGINDISABLED\r\na001 OK done\r\na002 OK Begin TLS negotiation now\r\n"),
    };
    const struct script script = {&ml_parser_imap, ML_IP_TCP, 143, lines, 3};
    assert_starttls(&script, ML_LAYER_IMAP, "a001 OK done\r\na002 BAD no\r\n");
    assert_talk(lines, 3,
                "imap.server down mail.greeting=[CAPABILITY IMAP4rev2 STARTTLS] hello\n"
                "imap.server down mail.capabilities=IMAP4rev2 mail.capabilities=STARTTLS "
                "mail.capabilities=LOGINDISABLED\n"
                "imap.starttls down mail.starttls=accepted\n");
}

/* RFC 4978, section 3 */
static void behind_compression_nothing_is_read(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        UP("a LOGIN x y\r\nc COMPRESS DEFLATE\r\n"),
        DOWN("a OK\r\nc OK DEFLATE active\r\n"),
        UP("d LOGIN z z\r\n"),
    };
    assert_talk(lines, 3, "imap.login up login.method=LOGIN login.user=x login.has_secret=true\n");
}

static enum ml_match probe(const char *text, uint16_t port)
{
    struct ml_flow flow = {.server_port = port};
    struct ml_chunk chunk = {.flow = &flow, .bytes = ml_span_text(text)};
    return ml_parser_imap.probe(&chunk);
}

static void the_first_line_tells(void **state)
{
    (void)state;
    assert_int_equal(probe("", 143), ML_MATCH_MORE);
    assert_int_equal(probe("* OK rea", 1234), ML_MATCH_MORE);
    assert_int_equal(probe("* OK ready\r\n", 1234), ML_MATCH_YES);
    assert_int_equal(probe("* PREAUTH hello\r\n", 1234), ML_MATCH_YES);
    assert_int_equal(probe("* OK\r\n", 1234), ML_MATCH_NO);
    assert_int_equal(probe("* 3 EXISTS\r\n", 143), ML_MATCH_YES);
    assert_int_equal(probe("* 3 EXISTS\r\n", 1234), ML_MATCH_NO);
    assert_int_equal(probe("*1\r\n$4\r\nPING\r\n", 6379), ML_MATCH_NO); /* Redis */
    assert_int_equal(probe("*1\r", 6379), ML_MATCH_NO);
    assert_int_equal(probe("a001 CAPABILITY\r\n", 1234), ML_MATCH_YES);
    assert_int_equal(probe("a CAPABILITY\r\n", 143), ML_MATCH_YES);
    assert_int_equal(probe("a CAPABILITY\r\n", 1234), ML_MATCH_NO);
    assert_int_equal(probe("1 LOGIN a b\r\n", 1234), ML_MATCH_YES);
    assert_int_equal(probe("1 LOGIN\r\n", 1234), ML_MATCH_NO);
    assert_int_equal(probe("1 NOOP\r\n", 993), ML_MATCH_YES);
    assert_int_equal(probe("1 NOOP\r\n", 1234), ML_MATCH_NO);
    assert_int_equal(probe("GET /x HTTP/1.1\r\n", 80), ML_MATCH_NO);
    assert_int_equal(probe("a/b LOGIN x y\r\n", 143), ML_MATCH_NO);
    assert_int_equal(probe("\x16\x03\x01", 993), ML_MATCH_NO);
}

static void a_hole_costs_only_itself(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        UP("a1 LOGIN al"),
        HOLE_UP(10),
        UP("\r\na2 LOGIN sam x\r\n"),
        DOWN("* 1 FETCH (BODY[] {100}\r\nTo: a@example.com\r\n\r\nabc"),
        HOLE_DOWN(70), /* within the message */
        DOWN("12345678)\r\n* 2 FETCH (BODY[1] {3}\r\nabc)\r\n"),
    };
    assert_talk(lines, sizeof lines / sizeof lines[0],
                "imap.login up login.method=LOGIN login.user=sam login.has_secret=true\n"
                "imap.message down message.to=a@example.com message.bytes=9\n"
                "imap.message down message.bytes=3\n");
}

static void any_byte_may_be_missing_or_wrong(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        DOWN("* OK a\r\n"),
        UP("a1 LOGIN {2+}\r\nab c\r\na2 ID (\"n\" \"v\")\r\na3 AUTHENTICATE PLAIN AHRpbQB0\r\na4 STARTTLS\r\n"),
        DOWN("* CAPABILITY A\r\n* 1 FETCH (BODY[] {15}\r\nTo: a@b\r\n\r\nabc\r)\r\na4 OK a\r\n"),
    };
    const struct script script = {&ml_parser_imap, ML_IP_TCP, 143, lines, 3};
    assert_true(script_sweep(&script) > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_fetched),
        cmocka_unit_test(logins_are_read_in_every_form),
        cmocka_unit_test(logins_by_sasl_tell_who),
        cmocka_unit_test(clients_name_themselves_and_store_messages),
        cmocka_unit_test(parts_without_a_head_count_only),
        cmocka_unit_test(tls_behind_starttls_is_read),
        cmocka_unit_test(behind_compression_nothing_is_read),
        cmocka_unit_test(the_first_line_tells),
        cmocka_unit_test(a_hole_costs_only_itself),
        cmocka_unit_test(any_byte_may_be_missing_or_wrong),
    };
    return cmocka_run_group_tests_name("proto/imap", tests, NULL, NULL);
}
