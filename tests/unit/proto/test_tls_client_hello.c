/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/tls/client_hello.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/tls_build.h"

/* RFC 8448, section 3: the ClientHello of the simple 1-RTT handshake, without the message header. */
static const char rfc_8448[] =
    "0303cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7000006130113031302010000"
    "910000000b0009000006736572766572ff01000100000a00140012001d0017001800190100010101020103010400"
    "230000003300260024001d002099381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c00"
    "2b0003020304000d0020001e040305030603020308040805080604010501060102010402050206020202002d0002"
    "0101001c00024001";

static void free_span(struct ml_span bytes)
{
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
}

static void assert_hex(struct ml_span bytes, const char *digits)
{
    struct ml_span want = unhex(digits);
    assert_true(ml_span_equal(bytes, want));
    free_span(want);
}

static void the_example_of_rfc_8448_is_read(void **state)
{
    (void)state;
    struct ml_span bytes = unhex(rfc_8448);
    struct ml_reader rd = ml_rd_open_framed(bytes);
    struct ml_tls_client_hello hello;
    assert_true(ml_tls_client_hello_parse(&rd, false, &hello));
    assert_false(hello.is_cut);
    assert_int_equal(hello.legacy_version, 0x0303);
    assert_int_equal(hello.random.len, 32);
    assert_int_equal(hello.random.ptr[0], 0xcb);
    assert_int_equal(hello.session_id.len, 0);
    assert_hex(hello.ciphers, "130113031302");
    assert_true(hello.has_server_name);
    assert_span_text(hello.host_name, "server");
    assert_hex(hello.groups, "001d00170018001901000101010201030104");
    assert_hex(hello.versions, "0304");
    assert_hex(hello.signatures, "040305030603020308040805080604010501060102010402050206020202");
    assert_int_equal(hello.ticket.len, 0); /* session_ticket is there, and empty */
    assert_int_equal(hello.extensions.len, 0x91);
    assert_int_equal(hello.ech, ML_TLS_ECH_NONE);
    free_span(bytes);
}

static bool parse(const struct ml_buf *buf, struct ml_tls_client_hello *hello)
{
    struct ml_reader rd = ml_rd_open_framed(ml_buf_span(buf));
    return ml_tls_client_hello_parse(&rd, false, hello);
}

static void a_hello_without_extensions_is_whole(void **state)
{
    (void)state;
    struct ml_buf buf = tb_buf();
    struct ml_tls_client_hello hello;
    tb_client_hello(&buf, &(struct tb_client_hello){.version = 0x0300});
    buf.len -= 2; /* not even the length of the list: SSL 3.0 */
    assert_true(parse(&buf, &hello));
    assert_false(hello.is_cut);
    assert_false(hello.has_server_name);
    ml_buf_fini(&buf);
}

static void values_of_further_extensions_are_found(void **state)
{
    (void)state;
    struct ml_buf buf = tb_buf();
    struct ml_tls_client_hello hello;
    tb_client_hello(&buf, &(struct tb_client_hello){.alpn = "h2",
                                                    .more = "000b 0002 0100"                       /* point formats */
                                                            "002a 0000"                            /* early_data */
                                                            "fe0d 0006 00 0001 0003 2a"            /* ECH, config 42 */
                                                            "0039 0004 b129 0161"                  /* quic parameters */
                                                            "0029 000a 0008 0002 abcd 00000000"}); /* PSK */
    assert_true(parse(&buf, &hello));
    assert_hex(hello.alpn, "026832");
    assert_hex(hello.point_formats, "00");
    assert_true(hello.has_early_data);
    assert_int_equal(hello.ech, ML_TLS_ECH_OUTER);
    assert_int_equal(hello.ech_config_id, 42);
    assert_int_equal(hello.quic_parameters.len, 4);
    assert_hex(hello.ticket, "abcd");
    ml_buf_fini(&buf);
}

static void a_session_ticket_comes_before_a_psk(void **state)
{
    (void)state;
    struct ml_buf buf = tb_buf();
    struct ml_tls_client_hello hello;
    tb_client_hello(&buf, &(struct tb_client_hello){.more = "0023 0003 010203"});
    assert_true(parse(&buf, &hello));
    assert_hex(hello.ticket, "010203");
    ml_buf_fini(&buf);
}

static void inner_ech_and_the_old_esni_are_told_apart(void **state)
{
    (void)state;
    struct ml_buf buf = tb_buf();
    struct ml_tls_client_hello hello;
    tb_client_hello(&buf, &(struct tb_client_hello){.more = "fe0d 0001 01"});
    assert_true(parse(&buf, &hello));
    assert_int_equal(hello.ech, ML_TLS_ECH_INNER);
    ml_buf_clear(&buf);
    tb_client_hello(&buf, &(struct tb_client_hello){.more = "ffce 0002 1301"});
    assert_true(parse(&buf, &hello));
    assert_int_equal(hello.ech, ML_TLS_ECH_ESNI);
    ml_buf_fini(&buf);
}

static void an_extension_with_a_fault_is_as_if_absent(void **state)
{
    (void)state;
    static const char *const faults[] = {
        "0000 0005 0003 00 0009",   /* a name longer than its list */
        "000a 0003 0002 1d",        /* half a group */
        "000a 0006 0002 001d 0017", /* bytes behind the list */
        "0010 0005 0003 05 6832",   /* a protocol longer than its list */
        "002b 0002 0203",           /* a version short */
        "fe0d 0003 00 0001",        /* ECH without a configuration */
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct ml_buf buf = tb_buf();
        struct ml_tls_client_hello hello;
        tb_client_hello(&buf, &(struct tb_client_hello){.more = faults[i]});
        assert_true(parse(&buf, &hello));
        assert_false(hello.is_cut);
        assert_int_equal(hello.host_name.len, 0);
        assert_int_equal(hello.groups.len, 0);
        assert_int_equal(hello.alpn.len, 0);
        assert_int_equal(hello.versions.len, 0);
        assert_int_equal(hello.ech, ML_TLS_ECH_NONE);
        ml_buf_fini(&buf);
    }
}

static void a_fault_between_extensions_ends_the_hello_there(void **state)
{
    (void)state;
    struct ml_buf buf = tb_buf();
    struct ml_tls_client_hello hello;
    tb_client_hello(&buf, &(struct tb_client_hello){.host = "chat.example.com", .more = "0017 0009 00"});
    assert_true(parse(&buf, &hello));
    assert_true(hello.is_cut);
    assert_span_text(hello.host_name, "chat.example.com");
    ml_buf_fini(&buf);
}

static void what_cannot_be_a_hello_is_refused(void **state)
{
    (void)state;
    struct ml_buf buf = tb_buf();
    struct ml_tls_client_hello hello;
    tb_client_hello(&buf, &(struct tb_client_hello){.ciphers = "130113"}); /* half a cipher */
    assert_false(parse(&buf, &hello));
    assert_int_equal(hello.legacy_version, 0);
    ml_buf_clear(&buf);
    tb_client_hello(&buf, &(struct tb_client_hello){
                              .session_id = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"});
    assert_false(parse(&buf, &hello)); /* 33 bytes of session id */
    ml_buf_fini(&buf);
}

static void a_dtls_hello_has_a_cookie(void **state)
{
    (void)state;
    struct ml_buf buf = tb_buf();
    struct ml_tls_client_hello hello;
    tb_client_hello(&buf, &(struct tb_client_hello){.version = 0xfefd, .is_dtls = true, .host = "call.example.net"});
    struct ml_reader rd = ml_rd_open_framed(ml_buf_span(&buf));
    assert_true(ml_tls_client_hello_parse(&rd, true, &hello));
    assert_span_text(hello.host_name, "call.example.net");
    ml_buf_fini(&buf);
}

/* A cut hello says it is cut, and never a name that was not sent. */
static void check_cut(void *context, struct ml_span bytes)
{
    struct ml_tls_client_hello hello;
    struct ml_reader rd = ml_rd_open(bytes);
    unsigned *n_named = context;
    if (!ml_tls_client_hello_parse(&rd, false, &hello)) {
        assert_null(hello.ciphers.ptr);
        return;
    }
    assert_true(hello.is_cut);
    if (hello.host_name.len != 0) {
        assert_span_text(hello.host_name, "server");
        ++*n_named;
    }
}

static void a_cut_hello_says_what_is_there(void **state)
{
    (void)state;
    struct ml_span bytes = unhex(rfc_8448);
    unsigned n_named = 0;
    sweep_truncations(bytes, check_cut, &n_named);
    assert_true(n_named > 100); /* from the end of server_name on */
    free_span(bytes);
}

static void check_inside(struct ml_span part, struct ml_span whole)
{
    assert_true(part.len == 0 || (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len));
}

static void check_any(void *context, struct ml_span bytes)
{
    (void)context;
    struct ml_tls_client_hello hello;
    struct ml_reader rd = ml_rd_open_framed(bytes);
    char host[ML_TLS_HOST_TEXT];
    if (ml_tls_client_hello_parse(&rd, false, &hello)) {
        check_inside(hello.host_name, bytes);
        check_inside(hello.alpn, bytes);
        check_inside(hello.ticket, bytes);
        check_inside(hello.extensions, bytes);
        assert_true(ml_tls_host_name(&hello, host) < sizeof host);
    }
}

static void every_bit_may_be_wrong(void **state)
{
    (void)state;
    struct ml_span bytes = unhex(rfc_8448);
    sweep_bit_flips(bytes, check_any, NULL);
    free_span(bytes);
}

static size_t host_of(const char *text, char out[ML_TLS_HOST_TEXT])
{
    struct ml_tls_client_hello hello = {.host_name = ml_span_text(text)};
    return ml_tls_host_name(&hello, out);
}

static void host_names_are_normal_and_literals_kept(void **state)
{
    (void)state;
    char out[ML_TLS_HOST_TEXT];
    assert_int_equal(host_of("Chat.EXAMPLE.com.", out), 16);
    assert_string_equal(out, "chat.example.com");
    assert_true(host_of("192.0.2.7", out) != 0);
    assert_string_equal(out, "192.0.2.7");
    assert_true(host_of("2001:db8::7", out) != 0);
    assert_string_equal(out, "2001:db8::7");
    assert_int_equal(host_of("", out), 0);
    assert_int_equal(host_of("a b", out), 0);
    assert_int_equal(host_of("a\x01", out), 0);
    assert_string_equal(out, "");
}

/* RFC 6101, appendix E.2: the fields of an SSL 2.0 hello; lengths are those of what follows. */
static const char ssl2[] = "802e 01 0301 0015 0000 0010"
                           "000004 000005 00000a 010080 030080 0700c0 000009"
                           "00112233445566778899aabbccddeeff";

static void an_ssl_2_hello_is_read(void **state)
{
    (void)state;
    struct ml_span bytes = unhex(ssl2);
    struct ml_tls_client_hello hello;
    size_t len = 0;
    assert_true(ml_tls_ssl2_hello_length(bytes, &len));
    assert_int_equal(len, bytes.len);
    struct ml_reader rd = ml_rd_open_framed(bytes);
    assert_true(ml_tls_ssl2_hello_parse(&rd, &hello));
    assert_true(hello.is_ssl2);
    assert_int_equal(hello.legacy_version, 0x0301);
    assert_int_equal(hello.ciphers.len, 21);
    assert_int_equal(hello.random.len, 16);
    free_span(bytes);
}

static void what_is_no_ssl_2_hello_is_refused(void **state)
{
    (void)state;
    static const char *const others[] = {
        "802e 01 0301 0015 0000",      /* too short to tell */
        "002e 01 0301 0015 0000 0010", /* three-byte header: never a hello */
        "802e 02 0301 0015 0000 0010", /* another message */
        "802e 01 0901 0015 0000 0010", /* no such version */
        "802e 01 0301 0014 0000 0010", /* two thirds of a cipher */
        "802e 01 0301 0015 0001 000f", /* session id of one byte */
        "802e 01 0301 0018 0000 000d", /* challenge too short */
        "802f 01 0301 0015 0000 0010", /* lengths do not add up */
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct ml_span bytes = unhex(others[i]);
        size_t len = 1;
        assert_false(ml_tls_ssl2_hello_length(bytes, &len));
        assert_int_equal(len, 0);
        free_span(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_rfc_8448_is_read),
        cmocka_unit_test(a_hello_without_extensions_is_whole),
        cmocka_unit_test(values_of_further_extensions_are_found),
        cmocka_unit_test(a_session_ticket_comes_before_a_psk),
        cmocka_unit_test(inner_ech_and_the_old_esni_are_told_apart),
        cmocka_unit_test(an_extension_with_a_fault_is_as_if_absent),
        cmocka_unit_test(a_fault_between_extensions_ends_the_hello_there),
        cmocka_unit_test(what_cannot_be_a_hello_is_refused),
        cmocka_unit_test(a_dtls_hello_has_a_cookie),
        cmocka_unit_test(a_cut_hello_says_what_is_there),
        cmocka_unit_test(every_bit_may_be_wrong),
        cmocka_unit_test(host_names_are_normal_and_literals_kept),
        cmocka_unit_test(an_ssl_2_hello_is_read),
        cmocka_unit_test(what_is_no_ssl_2_hello_is_refused),
    };
    return cmocka_run_group_tests_name("proto/tls_client_hello", tests, NULL, NULL);
}
