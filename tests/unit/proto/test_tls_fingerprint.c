/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/fingerprint.h"
#include "support/cm.h"
#include "support/tls_build.h"

#include <stdio.h>

/* The example of the JA4 specification, in an order of its own: GREASE and sorting must not matter. */
static const struct tb_client_hello chrome = {
    .ciphers = "6a6a 1301 1302 1303 c02b c02f c02c c030 cca9 cca8 c013 c014 009c 009d 002f 0035",
    .host = "chat.example.com",
    .alpn = "h2",
    .more = "1a1a 0000"
            "ff01 0001 00 0017 0000 0023 0000 000b 0002 0100 0005 0005 0100000000 0012 0000"
            "000d 0012 0010 0403 0804 0401 0503 0805 0501 0806 0601"
            "0033 0002 0000 002d 0002 0101 001b 0003 020002 4469 0005 0003026832 0015 0000"
            "002b 0007 06 8a8a 0304 0303 000a 0004 0002 001d"
            "2a2a 0001 00",
};

static void the_example_of_the_ja4_specification_is_met(void **state)
{
    (void)state;
    struct ml_buf buf = tb_buf();
    char out[ML_TLS_JA4_TEXT];
    struct ml_tls_client_hello hello = tb_client_hello_read(&buf, &chrome);
    assert_true(ml_tls_ja4(&hello, 't', out));
    assert_string_equal(out, "t13d1516h2_8daaf6152771_e5627efa2ab1");
    ml_buf_fini(&buf);
}

static void ja4_tells_transport_name_and_protocol(void **state)
{
    (void)state;
    struct ml_buf buf = tb_buf();
    char out[ML_TLS_JA4_TEXT];
    struct ml_tls_client_hello hello =
        tb_client_hello_read(&buf, &(struct tb_client_hello){.alpn = "h3", .versions = "0304"});
    assert_true(ml_tls_ja4(&hello, 'q', out));
    out[10] = '\0';
    assert_string_equal(out, "q13i0202h3");
    hello = tb_client_hello_read(&buf, &(struct tb_client_hello){.version = 0xfeff, .versions = "fefd fefc 0a0a"});
    assert_true(ml_tls_ja4(&hello, 'd', out));
    out[10] = '\0';
    assert_string_equal(out, "dd3i020100"); /* numbers of DTLS fall as versions rise */
    ml_buf_fini(&buf);
}

static void ja4_codes_the_first_protocol(void **state)
{
    (void)state;
    static const struct {
        const char *alpn;
        const char *code;
    } cases[] = {{"http/1.1", "h1"},
                 {"h2", "h2"},
                 {"x", "xx"},
                 {"\xab", "ab"},
                 {"\xab\xcd", "ad"},
                 {"0\xab", "3b"},
                 {"0\xab\xcd"
                  "1",
                  "01"}};
    struct ml_buf buf = tb_buf();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[ML_TLS_JA4_TEXT];
        struct ml_tls_client_hello hello = tb_client_hello_read(&buf, &(struct tb_client_hello){.alpn = cases[i].alpn});
        assert_true(ml_tls_ja4(&hello, 't', out));
        assert_memory_equal(out + 8, cases[i].code, 2);
    }
    ml_buf_fini(&buf);
}

static void ja4_without_ciphers_and_extensions_is_zeros(void **state)
{
    (void)state;
    struct ml_buf buf = tb_buf();
    char out[ML_TLS_JA4_TEXT];
    struct ml_tls_client_hello hello =
        tb_client_hello_read(&buf, &(struct tb_client_hello){.ciphers = "0a0a", .version = 0x0305});
    assert_true(ml_tls_ja4(&hello, 't', out));
    assert_string_equal(out, "t00i000000_000000000000_000000000000");
    ml_buf_fini(&buf);
}

static void ja4_counts_stop_at_99(void **state)
{
    (void)state;
    struct ml_buf buf = tb_buf();
    char ciphers[4 * 150 + 1];
    char out[ML_TLS_JA4_TEXT];
    for (unsigned i = 0; i < 150; i++) {
        (void)snprintf(ciphers + 4 * i, 5, "%04x", 0xc000 + i);
    }
    struct ml_tls_client_hello hello = tb_client_hello_read(&buf, &(struct tb_client_hello){.ciphers = ciphers});
    assert_true(ml_tls_ja4(&hello, 't', out));
    out[8] = '\0';
    assert_string_equal(out, "t12i9900");
    ml_buf_fini(&buf);
}

static void the_order_of_ciphers_does_not_change_ja4(void **state)
{
    (void)state;
    struct ml_buf buf = tb_buf();
    char rising[4 * 200 + 1];
    char falling[4 * 200 + 1];
    char want[ML_TLS_JA4_TEXT];
    char out[ML_TLS_JA4_TEXT];
    for (unsigned n = 1; n <= 200; n++) {
        for (unsigned i = 0; i < n; i++) {
            (void)snprintf(rising + (size_t)4 * i, 5, "%04x", 0xc000 + i);
            (void)snprintf(falling + (size_t)4 * i, 5, "%04x", 0xc000 + (n - 1 - i));
        }
        struct ml_tls_client_hello hello = tb_client_hello_read(&buf, &(struct tb_client_hello){.ciphers = rising});
        assert_true(ml_tls_ja4(&hello, 't', want));
        hello = tb_client_hello_read(&buf, &(struct tb_client_hello){.ciphers = falling});
        assert_true(ml_tls_ja4(&hello, 't', out));
        assert_string_equal(out, want);
    }
    ml_buf_fini(&buf);
}

static void the_examples_of_ja3_are_met(void **state)
{
    (void)state;
    struct ml_buf buf = tb_buf();
    char out[ML_MD5_HEX];
    /* 769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0 */
    struct ml_tls_client_hello hello = tb_client_hello_read(
        &buf, &(struct tb_client_hello){.version = 0x0301,
                                        .ciphers = "002f 0035 0005 000a c009 c00a c013 c014 0032 0038 0013 0004",
                                        .host = "chat.example.com",
                                        .groups = "0017 0018 0019",
                                        .more = "000b 0002 0100"});
    assert_true(ml_tls_ja3(&hello, out));
    assert_string_equal(out, "ada70206e40642a3e4461f35503241d5");
    /* 769,4-5-10-9-100-98-3-6-19-18-99,,, */
    hello = tb_client_hello_read(
        &buf, &(struct tb_client_hello){.version = 0x0301,
                                        .ciphers = "0004 0005 000a 0009 0064 0062 0003 0006 0013 0012 0063"});
    assert_true(ml_tls_ja3(&hello, out));
    assert_string_equal(out, "de350869b8c85de67a350c8d186f11e6");
    ml_buf_fini(&buf);
}

static void grease_does_not_change_ja3(void **state)
{
    (void)state;
    struct ml_buf buf = tb_buf();
    char plain[ML_MD5_HEX];
    char greased[ML_MD5_HEX];
    struct ml_tls_client_hello hello =
        tb_client_hello_read(&buf, &(struct tb_client_hello){.ciphers = "1301", .groups = "001d"});
    assert_true(ml_tls_ja3(&hello, plain));
    hello = tb_client_hello_read(
        &buf, &(struct tb_client_hello){.ciphers = "4a4a1301", .groups = "001d5a5a", .more = "7a7a 0000"});
    assert_true(ml_tls_ja3(&hello, greased));
    assert_string_equal(plain, greased);
    ml_buf_fini(&buf);
}

static void ja3s_is_the_md5_of_version_suite_and_extensions(void **state)
{
    (void)state;
    struct ml_buf buf = tb_buf();
    struct ml_tls_server_hello hello;
    char want[ML_MD5_HEX];
    char out[ML_MD5_HEX];
    tb_server_hello(&buf, &(struct tb_server_hello){.suite = 0xc030,
                                                    .extensions = "ff01 0001 00 0000 0000 000b 0002 0100 0023 0000"
                                                                  "0005 0000 0010 0000"});
    struct ml_reader rd = ml_rd_open_framed(ml_buf_span(&buf));
    assert_true(ml_tls_server_hello_parse(&rd, &hello));
    assert_true(ml_tls_ja3s(&hello, out));
    assert_true(ml_md5_hex(ml_span_text("771,49200,65281-0-11-35-5-16"), want));
    assert_string_equal(out, want);
    assert_string_equal(out, "35af4c8cd9495354f7d701ce8ad7fd2d");
    ml_buf_fini(&buf);
}

static void a_cut_hello_has_no_fingerprint(void **state)
{
    (void)state;
    struct ml_buf buf = tb_buf();
    char ja3[ML_MD5_HEX];
    char ja4[ML_TLS_JA4_TEXT];
    struct ml_tls_client_hello hello = tb_client_hello_read(&buf, &chrome);
    hello.is_cut = true;
    assert_false(ml_tls_ja3(&hello, ja3));
    assert_false(ml_tls_ja4(&hello, 't', ja4));
    assert_string_equal(ja3, "");
    assert_string_equal(ja4, "");
    ml_buf_fini(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_ja4_specification_is_met),
        cmocka_unit_test(ja4_tells_transport_name_and_protocol),
        cmocka_unit_test(ja4_codes_the_first_protocol),
        cmocka_unit_test(ja4_without_ciphers_and_extensions_is_zeros),
        cmocka_unit_test(ja4_counts_stop_at_99),
        cmocka_unit_test(the_order_of_ciphers_does_not_change_ja4),
        cmocka_unit_test(the_examples_of_ja3_are_met),
        cmocka_unit_test(grease_does_not_change_ja3),
        cmocka_unit_test(ja3s_is_the_md5_of_version_suite_and_extensions),
        cmocka_unit_test(a_cut_hello_has_no_fingerprint),
    };
    return cmocka_run_group_tests_name("proto/tls_fingerprint", tests, NULL, NULL);
}
