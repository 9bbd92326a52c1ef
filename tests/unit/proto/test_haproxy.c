/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/haproxy/haproxy.h"
#include "proto/haproxy/header.h"
#include "support/cm.h"
#include "support/proto_rig.h"
#include "support/script.h"
#include "support/tls_build.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"

static enum ml_rd_state read_header(const void *bytes, size_t len, struct ml_haproxy *out)
{
    return ml_haproxy_read(ml_span_of(bytes, len), out);
}

static enum ml_rd_state read_text(const char *text, struct ml_haproxy *out)
{
    return read_header(text, strlen(text), out);
}

/* Section 2.1 */
static void version_1_is_a_line(void **state)
{
    (void)state;
    struct ml_haproxy header;
    assert_int_equal(read_text("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\nGET", &header), ML_RD_OK);
    assert_int_equal(header.version, 1);
    assert_int_equal(header.len, 56);
    assert_int_equal(header.source.family, 4);
    assert_int_equal(read_text("PROXY TCP6 2001:db8::1 2001:db8::2 65535 443\r\n", &header), ML_RD_OK);
    assert_int_equal(header.destination.bytes[15], 2);
    assert_int_equal(read_text("PROXY UNKNOWN\r\n", &header), ML_RD_OK);
    assert_int_equal(header.source.family, 0);
    assert_int_equal(read_text("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
                               "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
                               &header),
                     ML_RD_OK);
    assert_int_equal(header.len, 107); /* the longest */
}

static void other_lines_are_none(void **state)
{
    (void)state;
    static const char *const lies[] = {
        "GET / HTTP/1.1\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n",
        "PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n",
        "PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 65536\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n",
        "PROXY TCP4 192.0.2.1 host 1 2\r\n",
        "PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n",
        "PROXY \r\n",
        "PROXX",
    };
    static const char *const short_of[] = {"", "P", "PROXY", "PROXY ", "PROXY TCP4 192.0.2.1", "PROXY UNKNOWN\r"};
    struct ml_haproxy header;
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        assert_int_equal(read_text(lies[i], &header), ML_RD_BAD);
    }
    for (size_t i = 0; i < sizeof short_of / sizeof short_of[0]; i++) {
        assert_int_equal(read_text(short_of[i], &header), ML_RD_SHORT);
    }
    char line[200];
    memset(line, 'x', sizeof line - 1);
    memcpy(line, "PROXY UNKNOWN ", 14);
    line[sizeof line - 1] = '\0';
    assert_int_equal(read_text(line, &header), ML_RD_BAD);
}

#define V4 "\xc0\0\2\1\xc6\x33\x64\7\xdc\4\1\xbb"

/* Section 2.2 */
static void version_2_is_binary(void **state)
{
    (void)state;
    struct ml_haproxy header;
    static const char with_name[] = SIGNATURE "\x21\x11\0\x23" V4 "\4\0\1x\2\0\x10"
                                              "mail.example.org";
    assert_int_equal(read_header(with_name, sizeof with_name - 1, &header), ML_RD_OK);
    assert_int_equal(header.version, 2);
    assert_int_equal(header.len, sizeof with_name - 1);
    assert_int_equal(header.source.bytes[3], 1);
    assert_int_equal(header.destination.bytes[3], 7);
    assert_span_text(header.authority, "mail.example.org");
    static const char v6[] = SIGNATURE "\x21\x21\0\x24\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\x20\1\x0d\xb8\0\0\0\0\0\0"
                                       "\0\0\0\0\0\2\0\1\0\2";
    assert_int_equal(read_header(v6, sizeof v6 - 1, &header), ML_RD_OK);
    assert_int_equal(header.destination.bytes[15], 2);
    static const char local[] = SIGNATURE "\x20\0\0\3abc"; /* what it holds means nothing */
    assert_int_equal(read_header(local, sizeof local - 1, &header), ML_RD_OK);
    assert_int_equal(header.len, sizeof local - 1);
    static const char unspecified[] = SIGNATURE "\x21\0\0\0";
    assert_int_equal(read_header(unspecified, sizeof unspecified - 1, &header), ML_RD_OK);
    for (size_t n = 0; n < sizeof v6 - 1; n++) {
        assert_int_equal(read_header(v6, n, &header), ML_RD_SHORT);
    }
    static const struct ml_span lies[] = {
        BYTES(SIGNATURE "\x31\x11\0\x0c" V4),           /* version 3 */
        BYTES(SIGNATURE "\x22\x11\0\x0c" V4),           /* another command */
        BYTES(SIGNATURE "\x21\x41\0\x0c" V4),           /* another family */
        BYTES(SIGNATURE "\x21\x13\0\x0c" V4),           /* another transport */
        BYTES(SIGNATURE "\x21\x11\0\x0b" V4),           /* too short for its addresses */
        BYTES(SIGNATURE "\x21\x31\0\x0c" V4),           /* of a Unix socket */
        BYTES(SIGNATURE "\x21\x11\0\x10" V4 "\2\0\2x"), /* a value beyond the end */
        BYTES(SIGNATURE "\x21\x11\xff\xff" V4),         /* longer than any */
        BYTES("\r\n\r\n\0\r\nQUIT\r\x21\x11\0\x0c" V4),
    };
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        assert_int_equal(ml_haproxy_read(lies[i], &header), ML_RD_BAD);
    }
}

/* --- conversations --- */

static struct ml_buf client_hello(const char *header, size_t len)
{
    const struct tb_client_hello hello = {.host = "mail.example.org"};
    struct ml_buf body = tb_buf();
    struct ml_buf out = tb_buf();
    tb_client_hello(&body, &hello);
    ml_buf_add(&out, header, len);
    tb_handshake(&out, 1, ml_buf_span(&body));
    ml_buf_fini(&body);
    return out;
}

static void tls_behind_the_header_is_read(void **state)
{
    (void)state;
    static const struct ml_span headers[] = {
        BYTES("PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n"),
        BYTES(SIGNATURE "\x21\x11\0\x0c" V4),
        BYTES(SIGNATURE "\x20\0\0\0"),
    };
    static const char *const facts[] = {
        "haproxy.header up haproxy.version=1 haproxy.source=192.0.2.1 haproxy.destination=198.51.100.7\n",
        "haproxy.header up haproxy.version=2 haproxy.source=192.0.2.1 haproxy.destination=198.51.100.7\n",
        "haproxy.header up haproxy.version=2\n",
    };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        struct ml_buf up = client_hello((const char *)headers[i].ptr, headers[i].len);
        const struct script_line line = {ML_UP, ml_buf_span(&up)};
        const struct script script = {&ml_parser_haproxy, ML_IP_TCP, 443, &line, 1};
        for (size_t piece = 0; piece < 4; piece++) {
            char *text = script_facts(&script, piece);
            assert_non_null(strstr(text, facts[i]));
            assert_non_null(strstr(text, "tls.client_hello up tls.sni=mail.example.org"));
            ml_mem_free(text);
        }
        ml_buf_fini(&up);
    }
}

static void whoever_speaks_first_is_heard(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        {ML_UP, BYTES("PROXY TCP4 192.0.2.1 198.51.100.7 56324 25\r\n")},
        {ML_DOWN, BYTES("220 mail.example.org ESMTP\r\n")},
        {ML_UP, BYTES("EHLO example.com\r\n")},
    };
    const struct script script = {&ml_parser_haproxy, ML_IP_TCP, 25, lines, 3};
    static const char inside[] = "smtp.server down mail.greeting=mail.example.org ESMTP\n"
                                 "smtp.client up mail.hello=example.com\n";
    char *text = script_facts(&script, 0);
    assert_non_null(strstr(text, inside));
    ml_mem_free(text);
    const struct script_line early[] = {lines[1], lines[0], lines[2]}; /* what came before is held */
    const struct script swapped = {&ml_parser_haproxy, ML_IP_TCP, 25, early, 3};
    text = script_facts(&swapped, 1);
    assert_non_null(strstr(text, "haproxy.header up"));
    assert_non_null(strstr(text, inside));
    ml_mem_free(text);
}

static void a_demultiplexer_finds_it(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        {ML_UP, BYTES("PROXY UNKNOWN\r\nGET /x HTTP/1.1\r\nHost: www.example.com\r\n\r\n")},
        {ML_DOWN, BYTES("HTTP/1.1 204 No Content\r\n\r\n")},
    };
    const struct script script = {&ml_parser_haproxy, ML_IP_TCP, 80, lines, 2};
    script_assert(&script, "haproxy.header up haproxy.version=1\n"
                           "http.request up http.method=GET http.host=www.example.com http.path=/x http.body_bytes=0\n"
                           "http.response down http.status=204 http.body_bytes=0\n");
    static const struct script_line other[] = {{ML_UP, BYTES("PROXY TCP4 nonsense\r\nGET / HTTP/1.1\r\n\r\n")}};
    const struct script refused = {&ml_parser_haproxy, ML_IP_TCP, 80, other, 1};
    script_assert_refused(&refused);
}

static void any_byte_may_be_missing_or_wrong(void **state)
{
    (void)state;
    static const struct script_line lines[] = {
        {ML_DOWN, BYTES("220 a\r\n")},
        {ML_UP, BYTES(SIGNATURE "\x21\x11\0\x10" V4 "\2\0\1xEHLO b\r\n")},
    };
    static const struct script_line text[] = {{ML_UP, BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nEHLO b\r\n")}};
    const struct script binary = {&ml_parser_haproxy, ML_IP_TCP, 25, lines, 2};
    const struct script line = {&ml_parser_haproxy, ML_IP_TCP, 25, text, 1};
    assert_true(script_sweep(&binary) > 50);
    assert_true(script_sweep(&line) > 50);
}

static void what_comes_before_the_header_has_a_ceiling(void **state)
{
    (void)state;
    static uint8_t bytes[16 * 1024];
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 443);
    proto_rig_parser(&rig, &ml_parser_haproxy);
    proto_rig_feed(&rig, ML_DOWN, ml_span_of(bytes, sizeof bytes));
    assert_true(rig.wants_more);
    assert_int_equal(rig.counters.n[ML_COUNT_LIMIT_MESSAGE], 0);
    proto_rig_feed(&rig, ML_DOWN, ml_span_of(bytes, 1));
    assert_false(rig.wants_more);
    assert_int_equal(rig.counters.n[ML_COUNT_LIMIT_MESSAGE], 1);
    proto_rig_fini(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_1_is_a_line),
        cmocka_unit_test(other_lines_are_none),
        cmocka_unit_test(version_2_is_binary),
        cmocka_unit_test(tls_behind_the_header_is_read),
        cmocka_unit_test(whoever_speaks_first_is_heard),
        cmocka_unit_test(a_demultiplexer_finds_it),
        cmocka_unit_test(any_byte_may_be_missing_or_wrong),
        cmocka_unit_test(what_comes_before_the_header_has_a_ceiling),
    };
    return cmocka_run_group_tests_name("proto/haproxy", tests, NULL, NULL);
}
