/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/tls/server_hello.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/tls_build.h"

/* RFC 8448, section 3: the ServerHello, without the message header. */
static const char rfc_8448[] =
    "0303a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e2692800130100002e00330024001d"
    "0020c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f002b00020304";

static bool parse_hex(const char *digits, struct ml_tls_server_hello *hello)
{
    struct ml_span bytes = unhex(digits);
    struct ml_reader rd = ml_rd_open_framed(bytes);
    bool ok = ml_tls_server_hello_parse(&rd, hello);
    hello->random = hello->session_id = hello->extensions = hello->alpn = ml_span_of(NULL, 0);
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
    return ok;
}

static void the_example_of_rfc_8448_is_read(void **state)
{
    (void)state;
    struct ml_tls_server_hello hello;
    assert_true(parse_hex(rfc_8448, &hello));
    assert_int_equal(hello.legacy_version, 0x0303);
    assert_int_equal(hello.version, 0x0304);
    assert_int_equal(hello.suite, 0x1301);
    assert_true(hello.has_group);
    assert_int_equal(hello.group, 29);
    assert_false(hello.is_retry);
    assert_false(hello.is_cut);
    assert_false(hello.has_psk);
}

static void a_retry_request_is_known_by_its_random(void **state)
{
    (void)state;
    struct ml_buf buf = tb_buf();
    struct ml_tls_server_hello hello;
    tb_server_hello(
        &buf, &(struct tb_server_hello){.random = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c",
                                        .suite = 0x1302,
                                        .extensions = "002b 0002 0304 0033 0002 0017"});
    struct ml_reader rd = ml_rd_open_framed(ml_buf_span(&buf));
    assert_true(ml_tls_server_hello_parse(&rd, &hello));
    assert_true(hello.is_retry);
    assert_int_equal(hello.group, 23);
    ml_buf_fini(&buf);
}

static void what_a_tls_1_2_server_chose_is_read(void **state)
{
    (void)state;
    struct ml_buf buf = tb_buf();
    struct ml_tls_server_hello hello;
    tb_server_hello(
        &buf, &(struct tb_server_hello){.session_id = "0102",
                                        .suite = 0xc02f,
                                        .extensions = "0010 0005 0003 02 6832 0017 0000 0016 0000 0029 0002 0000"});
    struct ml_reader rd = ml_rd_open_framed(ml_buf_span(&buf));
    assert_true(ml_tls_server_hello_parse(&rd, &hello));
    assert_int_equal(hello.version, 0x0303);
    assert_span_text(hello.alpn, "h2");
    assert_int_equal(hello.session_id.len, 2);
    assert_true(hello.has_extended_master_secret);
    assert_true(hello.has_encrypt_then_mac);
    assert_true(hello.has_psk);
    assert_false(hello.has_group);
    ml_buf_fini(&buf);
}

static void a_hello_without_extensions_is_whole(void **state)
{
    (void)state;
    struct ml_buf buf = tb_buf();
    struct ml_tls_server_hello hello;
    tb_server_hello(&buf, &(struct tb_server_hello){.version = 0x0300, .suite = 5});
    struct ml_reader rd = ml_rd_open_framed(ml_buf_span(&buf));
    assert_true(ml_tls_server_hello_parse(&rd, &hello));
    assert_false(hello.is_cut);
    assert_int_equal(hello.version, 0x0300);
    ml_buf_fini(&buf);
}

static void early_drafts_have_no_session_id(void **state)
{
    (void)state;
    struct ml_buf buf = tb_buf();
    struct ml_tls_server_hello hello;
    tb_uint(&buf, 2, 0x7f12); /* draft 18 */
    for (int i = 0; i < 32; i++) {
        tb_uint(&buf, 1, 1);
    }
    tb_hex(&buf, "1301 0008 0028 0004 001d 0000"); /* key_share had number 40 */
    struct ml_reader rd = ml_rd_open_framed(ml_buf_span(&buf));
    assert_true(ml_tls_server_hello_parse(&rd, &hello));
    assert_int_equal(hello.version, 0x7f12);
    assert_int_equal(hello.suite, 0x1301);
    assert_int_equal(hello.group, 29);
    assert_false(hello.is_cut);
    ml_buf_fini(&buf);
}

static void what_cannot_be_a_hello_is_refused(void **state)
{
    (void)state;
    struct ml_tls_server_hello hello;
    struct ml_buf buf = tb_buf();
    assert_false(parse_hex("0303", &hello));
    tb_server_hello(&buf, &(struct tb_server_hello){
                              .session_id = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"});
    struct ml_reader rd = ml_rd_open_framed(ml_buf_span(&buf));
    assert_false(ml_tls_server_hello_parse(&rd, &hello));
    assert_int_equal(hello.legacy_version, 0);
    ml_buf_fini(&buf);
}

static void check_cut(void *context, struct ml_span bytes)
{
    (void)context;
    struct ml_tls_server_hello hello;
    struct ml_reader rd = ml_rd_open(bytes);
    if (ml_tls_server_hello_parse(&rd, &hello)) {
        assert_true(hello.is_cut);
        assert_int_equal(hello.suite, 0x1301);
    }
}

static void check_any(void *context, struct ml_span bytes)
{
    (void)context;
    struct ml_tls_server_hello hello;
    struct ml_reader rd = ml_rd_open_framed(bytes);
    if (ml_tls_server_hello_parse(&rd, &hello)) {
        assert_true(hello.alpn.len <= 255);
        assert_int_equal(hello.random.len, 32);
    }
}

static void any_byte_may_be_missing_or_wrong(void **state)
{
    (void)state;
    struct ml_span bytes = unhex(rfc_8448);
    sweep_truncations(bytes, check_cut, NULL);
    sweep_bit_flips(bytes, check_any, NULL);
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
}

static struct ml_reader open_hex(const char *digits, struct ml_span *bytes)
{
    *bytes = unhex(digits);
    return ml_rd_open_framed(*bytes);
}

static void the_curve_of_a_key_exchange_is_read(void **state)
{
    (void)state;
    struct ml_span bytes;
    uint16_t group = 0;
    struct ml_reader rd = open_hex("03 001d 20", &bytes);
    assert_true(ml_tls_key_exchange_curve(&rd, &group));
    assert_int_equal(group, 29);
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
    rd = open_hex("01 001d 20", &bytes); /* explicit_prime: no name */
    assert_false(ml_tls_key_exchange_curve(&rd, &group));
    assert_int_equal(group, 0);
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
}

static void the_size_of_a_prime_is_counted_in_bits(void **state)
{
    (void)state;
    struct ml_span bytes;
    unsigned bits = 0;
    static const struct {
        const char *digits;
        unsigned bits;
    } cases[] = {{"0002 8000", 16}, {"0003 00ffff", 16}, {"0001 01", 1}, {"0002 0000", 0}, {"0000", 0}, {"0004 00", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ml_reader rd = open_hex(cases[i].digits, &bytes);
        assert_int_equal(ml_tls_key_exchange_prime(&rd, &bits), cases[i].bits != 0);
        assert_int_equal(bits, cases[i].bits);
        ml_mem_free((void *)(uintptr_t)bytes.ptr);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_rfc_8448_is_read),
        cmocka_unit_test(a_retry_request_is_known_by_its_random),
        cmocka_unit_test(what_a_tls_1_2_server_chose_is_read),
        cmocka_unit_test(a_hello_without_extensions_is_whole),
        cmocka_unit_test(early_drafts_have_no_session_id),
        cmocka_unit_test(what_cannot_be_a_hello_is_refused),
        cmocka_unit_test(any_byte_may_be_missing_or_wrong),
        cmocka_unit_test(the_curve_of_a_key_exchange_is_read),
        cmocka_unit_test(the_size_of_a_prime_is_counted_in_bits),
    };
    return cmocka_run_group_tests_name("proto/tls_server_hello", tests, NULL, NULL);
}
