/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/tls/certificate.h"
#include "proto/tls/der.h"
#include "proto/tls/known.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/tls_build.h"

static const int64_t from_s = 1700000000;  /* 2023-11-14T22:13:20Z */
static const int64_t until_s = 1763072000; /* 2025-11-13T22:13:20Z */

static void what_a_certificate_says_is_read(void **state)
{
    (void)state;
    struct ml_buf der = tb_buf();
    struct ml_tls_certificate certificate;
    tb_certificate(&der, &(struct tb_certificate){.subject = "Chat.example.com",
                                                  .issuer = "Example CA",
                                                  .names = "DNS:Chat.Example.com, DNS:*.example.net, IP:192.0.2.7, "
                                                           "IP:2001:db8::7, email:someone@example.org",
                                                  .not_before_s = from_s,
                                                  .not_after_s = until_s});
    assert_true(ml_tls_certificate_parse(ml_buf_span(&der), &certificate));
    assert_span_text(ml_buf_span(&certificate.subject), "CN=Chat.example.com,O=Example");
    assert_span_text(ml_buf_span(&certificate.issuer), "CN=Example CA,O=Example");
    static const char names[] = "chat.example.com\0*.example.net\0"
                                "192.0.2.7\0"
                                "2001:db8::7";
    assert_int_equal(certificate.names.len, sizeof names);
    assert_memory_equal(certificate.names.bytes, names, sizeof names);
    assert_string_equal(certificate.not_before, "2023-11-14T22:13:20Z");
    assert_string_equal(certificate.not_after, "2025-11-13T22:13:20Z");
    assert_true(certificate.has_not_after);
    assert_int_equal(certificate.not_after_s, until_s);
    assert_string_equal(certificate.key, "EC P-256");
    assert_string_equal(certificate.signature, "ecdsa-with-SHA256");
    assert_int_equal(certificate.is_self_signed, ML_TLS_FALSE);
    ml_tls_certificate_fini(&certificate);
    ml_buf_fini(&der);
}

static void a_self_signed_one_is_known(void **state)
{
    (void)state;
    struct ml_buf der = tb_buf();
    struct ml_tls_certificate certificate;
    tb_certificate(&der,
                   &(struct tb_certificate){
                       .subject = "localhost.test", .not_before_s = from_s, .not_after_s = until_s, .is_rsa = true});
    assert_true(ml_tls_certificate_parse(ml_buf_span(&der), &certificate));
    assert_int_equal(certificate.is_self_signed, ML_TLS_TRUE);
    assert_string_equal(certificate.key, "RSA 2048");
    assert_string_equal(certificate.signature, "sha256WithRSAEncryption");
    assert_int_equal(certificate.names.len, 0);
    ml_tls_certificate_fini(&certificate);

    der.bytes[der.len - 1] ^= 1; /* names still equal, but the signature does not hold */
    assert_true(ml_tls_certificate_parse(ml_buf_span(&der), &certificate));
    assert_int_equal(certificate.is_self_signed, ML_TLS_FALSE);
    ml_tls_certificate_fini(&certificate);
    ml_buf_fini(&der);
}

static void a_certificate_without_end_has_a_date_all_the_same(void **state)
{
    (void)state;
    struct ml_buf der = tb_buf();
    struct ml_tls_certificate certificate;
    tb_certificate(&der, &(struct tb_certificate){
                             .subject = "example.org", .not_before_s = from_s, .not_after_s = INT64_C(253402300799)});
    assert_true(ml_tls_certificate_parse(ml_buf_span(&der), &certificate));
    assert_string_equal(certificate.not_after, "9999-12-31T23:59:59Z"); /* RFC 5280, section 4.1.2.5 */
    assert_int_equal(certificate.not_after_s, INT64_C(253402300799));
    ml_tls_certificate_fini(&certificate);
    ml_buf_fini(&der);
}

static void check_parse(void *context, struct ml_span bytes)
{
    struct ml_tls_certificate certificate;
    unsigned *n_parsed = context;
    *n_parsed += ml_tls_certificate_parse(bytes, &certificate) ? 1 : 0;
    ml_tls_certificate_fini(&certificate);
}

static void what_is_no_certificate_is_refused(void **state)
{
    (void)state;
    struct ml_buf der = tb_buf();
    unsigned n_parsed = 0;
    tb_certificate(&der,
                   &(struct tb_certificate){.subject = "example.org", .not_before_s = from_s, .not_after_s = until_s});
    sweep_truncations(ml_buf_span(&der), check_parse, &n_parsed);
    assert_int_equal(n_parsed, 0);
    ml_buf_fini(&der);
}

static void check_any(void *context, struct ml_span bytes)
{
    (void)context;
    struct ml_tls_certificate certificate;
    if (ml_tls_certificate_parse(bytes, &certificate)) {
        assert_true(strlen(certificate.key) < sizeof certificate.key);
    }
    ml_tls_certificate_fini(&certificate);
}

static void any_bit_of_a_certificate_may_be_wrong(void **state)
{
    (void)state;
    struct ml_buf der = tb_buf();
    tb_certificate(&der, &(struct tb_certificate){.subject = "chat.example.com",
                                                  .issuer = "Example CA",
                                                  .names = "DNS:chat.example.com, IP:192.0.2.7",
                                                  .not_before_s = from_s,
                                                  .not_after_s = until_s});
    sweep_bit_flips(ml_buf_span(&der), check_any, NULL);
    ml_buf_fini(&der);
}

static void a_key_that_is_not_what_it_says_keeps_its_algorithms_name(void **state)
{
    (void)state;
    static const uint8_t rsa_start[] = {0x03, 0x82, 0x01, 0x0f, 0x00, 0x30}; /* BIT STRING around a SEQUENCE */
    struct ml_buf der = tb_buf();
    struct ml_tls_certificate certificate;
    tb_certificate(&der, &(struct tb_certificate){.subject = "example.org",
                                                  .issuer = "Example CA",
                                                  .not_before_s = from_s,
                                                  .not_after_s = until_s,
                                                  .is_rsa = true});
    size_t at = ml_span_find(ml_buf_span(&der), ml_span_of(rsa_start, sizeof rsa_start));
    assert_true(at < der.len);
    der.bytes[at + 5] = 0x04;
    assert_true(ml_tls_certificate_parse(ml_buf_span(&der), &certificate));
    assert_string_equal(certificate.key, "rsaEncryption");
    ml_tls_certificate_fini(&certificate);
    ml_buf_fini(&der);
}

/* X.690, section 8.1.3: short and long lengths; indefinite ones are not DER. */
static void values_are_walked_by_tag_and_length(void **state)
{
    (void)state;
    struct ml_span bytes = unhex("02 01 05 04 81 02 aabb 30 00");
    struct ml_reader rd = ml_rd_open_framed(bytes);
    struct ml_der value;
    assert_true(ml_der_expect(&rd, ML_DER_INTEGER, &value));
    assert_int_equal(value.whole.len, 3);
    assert_int_equal(ml_der_bits(value.body), 3);
    assert_true(ml_der_next(&rd, &value));
    assert_int_equal(value.tag, ML_DER_OCTET_STRING);
    assert_int_equal(ml_rd_left(&value.body), 2);
    assert_false(ml_der_expect(&rd, ML_DER_OBJECT, &value));
    assert_int_equal(rd.state, ML_RD_BAD);
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
    static const char *const others[] = {"30 80 0000", "1f 81 00", "04 02 aa", "04 85 0000000001 aa", "04 82 01", "04"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        bytes = unhex(others[i]);
        rd = ml_rd_open_framed(bytes);
        assert_false(ml_der_next(&rd, &value));
        assert_int_equal(rd.state, ML_RD_BAD);
        ml_mem_free((void *)(uintptr_t)bytes.ptr);
    }
}

static void a_chain_is_read_leaf_first(void **state)
{
    (void)state;
    struct ml_span bytes = unhex("00000b 000002 aabb 000003 ccddee");
    struct ml_reader rd = ml_rd_open_framed(bytes);
    struct ml_tls_chain chain;
    ml_tls_chain_parse(&rd, &chain);
    assert_int_equal(chain.n, 2);
    assert_false(chain.is_cut);
    assert_int_equal(chain.der[0].len, 2);
    assert_int_equal(chain.der[1].ptr[0], 0xcc);
    ml_tls_chain_parse(&rd, &chain); /* nothing left */
    assert_int_equal(chain.n, 0);
    assert_true(chain.is_cut);
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
}

static void check_chain(void *context, struct ml_span bytes)
{
    (void)context;
    struct ml_tls_chain chain;
    struct ml_reader rd = ml_rd_open(bytes);
    ml_tls_chain_parse(&rd, &chain);
    assert_true(chain.is_cut);
    assert_true(chain.n <= 1);
    if (chain.n == 1) {
        assert_int_equal(chain.der[0].len, 2); /* never a part of one */
    }
}

static void a_cut_chain_holds_whole_certificates_only(void **state)
{
    (void)state;
    struct ml_span bytes = unhex("00000b 000002 aabb 000003 ccddee");
    sweep_truncations(bytes, check_chain, NULL);
    struct ml_span lie = unhex("000005 000009 aabb"); /* a certificate longer than the list */
    struct ml_reader rd = ml_rd_open_framed(lie);
    struct ml_tls_chain chain;
    ml_tls_chain_parse(&rd, &chain);
    assert_int_equal(chain.n, 0);
    assert_true(chain.is_cut);
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
    ml_mem_free((void *)(uintptr_t)lie.ptr);
}

static void a_long_chain_is_cut_at_the_ceiling(void **state)
{
    (void)state;
    struct ml_buf buf = tb_buf();
    struct ml_tls_chain chain;
    size_t list = tb_open(&buf, 3);
    for (int i = 0; i < 20; i++) {
        tb_hex(&buf, "000001 30");
    }
    tb_close(&buf, list, 3);
    struct ml_reader rd = ml_rd_open_framed(ml_buf_span(&buf));
    ml_tls_chain_parse(&rd, &chain);
    assert_int_equal(chain.n, ML_TLS_MAX_CHAIN);
    assert_true(chain.is_cut);
    ml_buf_fini(&buf);
}

/* Asks as the parser does; the digest is made up where two certificates shall meet in one place. */
static void expect_known(struct ml_proto_env *env, struct ml_span der, const uint8_t sha256[32], const char *subject,
                         bool is_good)
{
    struct ml_tls_certificate spare;
    bool is_good_now = !is_good;
    const struct ml_tls_certificate *leaf = ml_tls_known(env, der, sha256, &spare, &is_good_now);
    assert_int_equal(is_good_now, is_good);
    assert_span_text(ml_buf_span(&leaf->subject), subject);
    ml_tls_certificate_fini(&spare);
}

static void a_certificate_met_again_says_the_same(void **state)
{
    (void)state;
    struct ml_proto_env env = {0};
    struct ml_buf one = tb_buf();
    struct ml_buf other = tb_buf();
    const struct ml_span none = ml_span_text("no certificate");
    uint8_t digests[3][32] = {{7, 7, 1}, {7, 7, 2}, {7, 7, 3}}; /* one place for all */
    tb_certificate(&one, &(struct tb_certificate){.subject = "one.example.com", .issuer = "Example CA"});
    tb_certificate(&other, &(struct tb_certificate){.subject = "other.example.com", .issuer = "Example CA"});
    for (int i = 0; i < 3; i++) {
        for (int again = 0; again < 2; again++) {
            expect_known(&env, ml_buf_span(&one), digests[0], "CN=one.example.com,O=Example", true);
        }
        expect_known(&env, ml_buf_span(&other), digests[1], "CN=other.example.com,O=Example", true);
        for (int again = 0; again < 2; again++) {
            expect_known(&env, none, digests[2], "", false);
        }
    }
    expect_known(&env, none, digests[0], "", false);              /* it had to go */
    expect_known(&env, ml_buf_span(&one), digests[0], "", false); /* the digest decides: nothing was read */
    ml_proto_env_fini(&env);
    ml_buf_fini(&one);
    ml_buf_fini(&other);
}

static void a_certificate_of_many_names_is_not_kept(void **state)
{
    (void)state;
    struct ml_proto_env env = {0};
    struct ml_buf names = tb_buf();
    struct ml_buf der = tb_buf();
    uint8_t digest[32] = {9};
    for (int i = 0; i < 400; i++) {
        assert_true(ml_buf_add_text(&names, i == 0 ? "" : ", "));
        assert_true(ml_buf_add_text(&names, "DNS:a-name-that-is-long-enough.example.com"));
    }
    assert_true(ml_buf_add(&names, "", 1));
    tb_certificate(&der, &(struct tb_certificate){
                             .subject = "many.example.com", .issuer = "Example CA", .names = (char *)names.bytes});
    expect_known(&env, ml_buf_span(&der), digest, "CN=many.example.com,O=Example", true);
    expect_known(&env, ml_span_text("something else"), digest, "", false);
    ml_proto_env_fini(&env);
    ml_buf_fini(&names);
    ml_buf_fini(&der);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_certificate_says_is_read),
        cmocka_unit_test(a_self_signed_one_is_known),
        cmocka_unit_test(a_certificate_met_again_says_the_same),
        cmocka_unit_test(a_certificate_of_many_names_is_not_kept),
        cmocka_unit_test(a_certificate_without_end_has_a_date_all_the_same),
        cmocka_unit_test(what_is_no_certificate_is_refused),
        cmocka_unit_test(any_bit_of_a_certificate_may_be_wrong),
        cmocka_unit_test(a_key_that_is_not_what_it_says_keeps_its_algorithms_name),
        cmocka_unit_test(values_are_walked_by_tag_and_length),
        cmocka_unit_test(a_chain_is_read_leaf_first),
        cmocka_unit_test(a_cut_chain_holds_whole_certificates_only),
        cmocka_unit_test(a_long_chain_is_cut_at_the_ceiling),
    };
    return cmocka_run_group_tests_name("proto/tls_certificate", tests, NULL, NULL);
}
