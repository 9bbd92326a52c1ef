/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ftp/address.h"
#include "proto/ftp/ftp.h"
#include "starttls.h"
#include "support/cm.h"
#include "support/proto_rig.h"
#include "support/script.h"

static void assert_talk(const struct script_line *lines, size_t n, const char *facts)
{
    const struct script script = {&ml_parser_ftp, ML_IP_TCP, 21, lines, n};
    script_assert(&script, facts);
}

/* --- addresses --- */

static void assert_address(bool is_read, const struct ml_ftp_address *address, const char *ip, uint16_t port)
{
    char text[ML_IP_TEXT];
    assert_true(is_read);
    (void)ml_ip_format(&address->ip, text);
    assert_string_equal(text, ip);
    assert_int_equal(address->port, port);
}

/* RFC 959, section 4.1.2 and 4.2 */
static void six_numbers_are_an_address_and_a_port(void **state)
{
    (void)state;
    struct ml_ftp_address out;
    assert_address(ml_ftp_six_numbers(ml_span_text("192,0,2,1,4,1"), &out), &out, "192.0.2.1", 1025);
    assert_address(ml_ftp_six_numbers(ml_span_text("227 Entering Passive Mode (192,0,2,1,255,255)."), &out), &out,
                   "192.0.2.1", 65535);
    assert_address(ml_ftp_six_numbers(ml_span_text("Passive 192,0,2,1,0,20"), &out), &out, "192.0.2.1", 20);
    static const char *const lies[] = {"",
                                       "192,0,2,1,4",
                                       "192,0,2,1,4,",
                                       "192,0,2,256,4,1",
                                       "192,0,2,1000,4,1",
                                       "192.0.2.1,4,1",
                                       "192,0,2,1,0,0",
                                       "1,2,,3,4,5"};
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        assert_false(ml_ftp_six_numbers(ml_span_text(lies[i]), &out));
        assert_int_equal(out.port, 0);
    }
}

/* RFC 2428, sections 2 and 3 */
static void strokes_hold_addresses_of_both_families(void **state)
{
    (void)state;
    struct ml_ftp_address out;
    assert_address(ml_ftp_strokes(ml_span_text("|1|132.235.1.2|6275|"), &out), &out, "132.235.1.2", 6275);
    assert_address(ml_ftp_strokes(ml_span_text("|2|1080::8:800:200C:417A|5282|"), &out), &out, "1080::8:800:200c:417a",
                   5282);
    assert_address(ml_ftp_strokes(ml_span_text("Entering Extended Passive Mode (|||6446|)"), &out), &out, "", 6446);
    assert_address(ml_ftp_strokes(ml_span_text("(!!!6446!)"), &out), &out, "", 6446);
    static const char *const lies[] = {"",        "(",           "(|||6446)",  "(||6446|)",    "(|||0|)", "(|||65536|)",
                                       "(|||x|)", "(111644611)", "|1|host|1|", "|1|192.0.2.1|"};
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        assert_false(ml_ftp_strokes(ml_span_text(lies[i]), &out));
    }
}

/* --- conversations --- */

/* RFC 959, section 7 */
static void a_file_is_fetched(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        DOWN("220-Welcome\r\n220 Service ready\r\n"),
        UP("USER Dumb\r\n"),
        DOWN("331 User name ok, need password\r\n"),
        UP("PASS MuMbLe\r\n"),
        DOWN("230 User logged in\r\n"),
        UP("PORT 192,0,2,10,4,1\r\n"),
        DOWN("200 Command okay\r\n"),
        UP("RETR test.pl1\r\n"),
        DOWN("150 File status okay; about to open data connection\r\n226 Closing data connection\r\n"),
        UP("EPSV\r\n"),
        DOWN("229 Entering Extended Passive Mode (|||6446|)\r\n"),
        UP("STOR /letters/my letter.txt\r\nPASV\r\n"),
        DOWN("550 Access denied\r\n227 Entering Passive Mode (192,168,0,5,7,208)\r\n"),
        UP("EPRT |2|2001:db8::1|5282|\r\nLIST\r\n"),
    };
    assert_talk(lines, sizeof lines / sizeof lines[0],
                "ftp.server down ftp.greeting=Welcome\n"
                "ftp.login up login.method=PASS login.user=Dumb login.has_secret=true\n"
                "ftp.data up ftp.data_address=192.0.2.10 ftp.data_port=1025\n"
                "ftp.file up ftp.command=RETR ftp.path=test.pl1\n"
                "ftp.data down ftp.data_port=6446\n"
                "ftp.file up ftp.command=STOR ftp.path=/letters/my letter.txt\n"
                "ftp.data down ftp.data_address=192.168.0.5 ftp.data_port=2000\n"
                "ftp.data up ftp.data_address=2001:db8::1 ftp.data_port=5282\n");
}

/* RFC 1635 */
static void a_public_account_has_no_secret(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        DOWN("220 FTP\r\n"),
        UP("USER anonymous\r\nPASS guest@example.com\r\n"),
        DOWN("331 x\r\n230 x\r\n"),
        UP("USER alex\r\nPASS \r\n"),
    };
    assert_talk(lines, 4,
                "ftp.server down ftp.greeting=FTP\n"
                "ftp.login up login.method=PASS login.user=anonymous login.has_secret=false\n"
                "ftp.login up login.method=PASS login.user=alex login.has_secret=false\n");
}

static void a_name_that_no_password_follows_is_told_too(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        DOWN("220 FTP\r\n"),      UP("USER alex\r\n"),       DOWN("530 This server is anonymous only.\r\n"),
        UP("USER robin\r\n"),     DOWN("230 Logged in\r\n"), UP("USER kim\r\n"),
        DOWN("331 Password\r\n"), UP("USER sam\r\n"),        DOWN("331-Password\r\n331 please\r\n"),
    };
    assert_talk(lines, sizeof lines / sizeof lines[0],
                "ftp.server down ftp.greeting=FTP\n"
                "ftp.login up login.method=USER login.user=alex login.has_secret=false\n"
                "ftp.login up login.method=USER login.user=robin login.has_secret=false\n"
                "ftp.login up login.method=USER login.user=kim login.has_secret=false\n"
                "ftp.login up login.method=USER login.user=sam login.has_secret=false\n");
}

static void a_name_alone_is_proven_by_its_own_line(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 21);
    proto_rig_feed(&rig, ML_DOWN, ml_span_text("220 FTP\r\n"));
    proto_rig_feed(&rig, ML_UP, ml_span_text("SYST\r\n"));
    proto_rig_feed(&rig, ML_UP, ml_span_text("USER alex\r\n"));
    proto_rig_feed(&rig, ML_DOWN, ml_span_text("530 No\r\n"));
    const struct ml_fact *fact = proto_rig_fact(&rig, 1);
    assert_int_equal(fact->range_from, 6);
    assert_int_equal(fact->range_len, 11);
    assert_int_equal(fact->first_seq, fact->last_seq);
    assert_int_equal(fact->first_seq, proto_rig_fact(&rig, 0)->first_seq + 2);
    proto_rig_end(&rig);
    proto_rig_fini(&rig);
}

static void passwords_are_never_kept_and_names_are_personal(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 21);
    proto_rig_parser(&rig, &ml_parser_ftp);
    proto_rig_feed(&rig, ML_UP, ml_span_text("USER alex\r\nPASS hunter2\r\nRETR x\r\n"));
    assert_null(strstr(proto_rig_facts(&rig), "hunter2"));
    assert_int_equal(ml_fact_attr(proto_rig_fact(&rig, 0), ML_F_LOGIN_USER)->sensitivity, ML_SENS_PERSONAL);
    assert_int_equal(ml_fact_attr(proto_rig_fact(&rig, 1), ML_F_FTP_PATH)->sensitivity, ML_SENS_PERSONAL);
    proto_rig_fini(&rig);
}

/* RFC 4217, section 4 and 12.1 */
static void tls_behind_auth_tls_is_read(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        DOWN("220 FTP server\r\n"),
        UP("AUTH TLS\r\n"),
        DOWN("234 AUTH command ok; starting SSL connection.\r\n"),
    };
    const struct script script = {&ml_parser_ftp, ML_IP_TCP, 21, lines, 3};
    assert_starttls(&script, ML_LAYER_FTP, "504 unknown mechanism\r\n");
    assert_talk(lines, 3,
                "ftp.server down ftp.greeting=FTP server\n"
                "ftp.starttls down ftp.auth_tls=accepted\n");
    static const struct script_line other[] = {
        DOWN("220 FTP server\r\n"),
        UP("AUTH GSSAPI\r\n"),
        DOWN("234 ok\r\n"),
        UP("USER alex\r\nPASS x\r\n"),
    };
    assert_talk(other, 4,
                "ftp.server down ftp.greeting=FTP server\n"
                "ftp.login up login.method=PASS login.user=alex login.has_secret=true\n");
}

/* --- data connections --- */

static const char *named(struct proto_rig *rig, const char *bytes)
{
    const char *names[1] = {NULL};
    struct ml_demux *demux = ml_demux_new(&rig->env, &rig->flow, ML_OVER_TCP);
    struct ml_chunk chunk = {.flow = &rig->flow, .dir = ML_DOWN, .bytes = ml_span_text(bytes), .seq = 1, .n_layers = 1};
    (void)ml_demux_feed(demux, &chunk);
    size_t n = ml_demux_names(demux, names, 1);
    ml_demux_free(demux);
    return n != 0 ? names[0] : "";
}

static void a_conversation_that_was_announced_is_named(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 21);
    proto_rig_parser(&rig, &ml_parser_ftp);
    const struct ml_ip client = rig.flow.client;
    const struct ml_ip server = rig.flow.server;
    proto_rig_feed(&rig, ML_UP, ml_span_text("PORT 192,168,0,9,4,1\r\n"));
    proto_rig_feed(&rig, ML_DOWN, ml_span_text("227 x (192,168,0,5,7,208)\r\n"));
    rig.flow.server_port = 2000;
    assert_string_equal(named(&rig, "just a file\n"), "ftp-data");
    rig.flow.server_port = 2001;
    assert_string_equal(named(&rig, "just a file\n"), "");
    rig.flow.server_port = 2000;
    rig.flow.server = client;
    assert_string_equal(named(&rig, "just a file\n"), "");
    rig.flow.server_port = 1025; /* the server connects */
    rig.flow.client = server;
    assert_string_equal(named(&rig, "just a file\n"), "ftp-data");
    assert_true(ml_ip_parse(ml_span_text("192.168.0.9"), &rig.flow.server));
    assert_string_equal(named(&rig, "just a file\n"), "ftp-data"); /* without translation */
    rig.flow.server = server;
    for (int i = 0; i < 2 * ML_MAX_EXPECTED; i++) { /* the oldest are forgotten */
        proto_rig_feed(&rig, ML_UP, ml_span_text("PORT 192,168,0,9,9,9\r\n"));
    }
    rig.flow.server_port = 2000;
    assert_string_equal(named(&rig, "just a file\n"), "");
    proto_rig_fini(&rig);
}

/* --- the first line --- */

static enum ml_match probe(const char *text, uint16_t port, uint64_t answered)
{
    struct ml_flow flow = {.server_port = port, .payload_bytes = {0, answered}};
    struct ml_chunk chunk = {.flow = &flow, .bytes = ml_span_text(text)};
    return ml_parser_ftp.probe(&chunk);
}

static void the_first_line_tells(void **state)
{
    (void)state;
    assert_int_equal(probe("", 21, 0), ML_MATCH_MORE);
    assert_int_equal(probe("220 wel", 1234, 0), ML_MATCH_MORE);
    assert_int_equal(probe("220 welcome\r\n", 21, 0), ML_MATCH_YES);
    assert_int_equal(probe("220 welcome\r\n", 1234, 0), ML_MATCH_MORE); /* the client tells */
    assert_int_equal(probe("220 ProFTPD\r\n", 1234, 0), ML_MATCH_YES);
    assert_int_equal(probe("220 mx.example.com ESMTP\r\n", 1234, 0), ML_MATCH_NO);
    assert_int_equal(probe("530 no\r\n", 21, 0), ML_MATCH_YES);
    assert_int_equal(probe("530 no\r\n", 1234, 0), ML_MATCH_NO);
    assert_int_equal(probe("227 x (192,0,2,1,4,1)\r\n", 1234, 0), ML_MATCH_YES);
    assert_int_equal(probe("227 x\r\n", 1234, 0), ML_MATCH_NO);
    assert_int_equal(probe("USER alex\r\n", 21, 0), ML_MATCH_YES);
    assert_int_equal(probe("USER alex\r\n", 1234, 0), ML_MATCH_MORE);
    assert_int_equal(probe("USER alex\r\n", 1234, 10), ML_MATCH_YES);
    assert_int_equal(probe("USER alex\r\n", 110, 10), ML_MATCH_NO);          /* POP */
    assert_int_equal(probe("USER wiz 0 * :Wiz\r\n", 6667, 10), ML_MATCH_NO); /* IRC */
    assert_int_equal(probe("USER\r\n", 21, 0), ML_MATCH_NO);
    assert_int_equal(probe("AUTH TLS\r\n", 1234, 0), ML_MATCH_YES);
    assert_int_equal(probe("AUTH PLAIN x\r\n", 587, 0), ML_MATCH_NO);
    assert_int_equal(probe("PWD\r\n", 21, 0), ML_MATCH_YES);
    assert_int_equal(probe("PWD\r\n", 1234, 0), ML_MATCH_NO);
    assert_int_equal(probe("GET / HTTP/1.1\r\n", 21, 0), ML_MATCH_NO);
    assert_int_equal(probe("\xff\xfb\x25", 21, 0), ML_MATCH_NO); /* Telnet */
}

static void a_line_too_long_or_a_hole_costs_only_itself(void **state)
{
    (void)state;
    struct ml_buf up;
    ml_buf_init(&up, 1 << 20);
    ml_buf_add_text(&up, "USER alex\r\nRETR ");
    for (int i = 0; i < 20000; i++) {
        ml_buf_add_byte(&up, 'x');
    }
    ml_buf_add_text(&up, "\r\nPASS x\r\n");
    const struct script_line lines[] = {{ML_UP, ml_buf_span(&up)}, UP("RETR a"), HOLE_UP(10), UP("\r\nRETR b\r\n")};
    assert_talk(lines, sizeof lines / sizeof lines[0],
                "ftp.login up login.method=PASS login.user=alex login.has_secret=true\n"
                "ftp.file up ftp.command=RETR ftp.path=b\n");
    const struct script script = {&ml_parser_ftp, ML_IP_TCP, 21, lines, sizeof lines / sizeof lines[0]};
    assert_int_equal(script_count(&script, ML_COUNT_LIMIT_MESSAGE), 1);
    ml_buf_fini(&up);
}

static void any_byte_may_be_missing_or_wrong(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        DOWN("220 a\r\n"),
        UP("USER a\r\nPASS b\r\nPORT 1,2,3,4,5,6\r\nEPRT |1|1.2.3.4|5|\r\nRETR c\r\nAUTH TLS\r\n"),
        DOWN("229 (|||7|)\r\n227 (1,2,3,4,5,6)\r\n234 d\r\n"),
    };
    const struct script script = {&ml_parser_ftp, ML_IP_TCP, 21, lines, 3};
    assert_true(script_sweep(&script) > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(six_numbers_are_an_address_and_a_port),
        cmocka_unit_test(strokes_hold_addresses_of_both_families),
        cmocka_unit_test(a_file_is_fetched),
        cmocka_unit_test(a_public_account_has_no_secret),
        cmocka_unit_test(a_name_that_no_password_follows_is_told_too),
        cmocka_unit_test(a_name_alone_is_proven_by_its_own_line),
        cmocka_unit_test(passwords_are_never_kept_and_names_are_personal),
        cmocka_unit_test(tls_behind_auth_tls_is_read),
        cmocka_unit_test(a_conversation_that_was_announced_is_named),
        cmocka_unit_test(the_first_line_tells),
        cmocka_unit_test(a_line_too_long_or_a_hole_costs_only_itself),
        cmocka_unit_test(any_byte_may_be_missing_or_wrong),
    };
    return cmocka_run_group_tests_name("proto/ftp", tests, NULL, NULL);
}
