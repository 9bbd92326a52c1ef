/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/names.h"
#include "support/cm.h"

static void names_are_those_of_the_registries(void **state)
{
    (void)state;
    assert_string_equal(ml_tls_version_name(0x0304), "TLS 1.3");
    assert_string_equal(ml_tls_version_name(0x0300), "SSL 3.0");
    assert_string_equal(ml_tls_version_name(0x7f1c), "TLS 1.3 (draft 28)");
    assert_string_equal(ml_tls_version_name(0xfefd), "DTLS 1.2");
    assert_string_equal(ml_tls_suite_name(0x0000), "TLS_NULL_WITH_NULL_NULL");
    assert_string_equal(ml_tls_suite_name(0x1301), "TLS_AES_128_GCM_SHA256");
    assert_string_equal(ml_tls_suite_name(0xc02f), "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    assert_string_equal(ml_tls_suite_name(0x5600), "TLS_FALLBACK_SCSV");
    assert_string_equal(ml_tls_suite_name(0xffe1), "SSL_RSA_FIPS_WITH_DES_CBC_SHA");
    assert_string_equal(ml_tls_ssl2_suite_name(0x010080), "SSL_CK_RC4_128_WITH_MD5");
    assert_string_equal(ml_tls_group_name(1), "sect163k1");
    assert_string_equal(ml_tls_group_name(29), "x25519");
    assert_string_equal(ml_tls_group_name(41), "curveSM2");
    assert_string_equal(ml_tls_group_name(256), "ffdhe2048");
    assert_string_equal(ml_tls_group_name(4588), "X25519MLKEM768");
    assert_string_equal(ml_tls_alert_name(40), "handshake_failure");
    assert_string_equal(ml_tls_alert_name(121), "ech_required");
}

static void every_suite_of_the_table_is_found(void **state)
{
    (void)state;
    static const struct {
        uint16_t value;
        const char *name;
    } suites[] = {
#define ML_TLS_SUITE(value, name) {(value), (name)},
#include "proto/tls/suites.def"
#undef ML_TLS_SUITE
    };
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        assert_string_equal(ml_tls_suite_name(suites[i].value), suites[i].name);
        assert_true(i == 0 || suites[i - 1].value < suites[i].value);
    }
}

static void unknown_values_have_no_name_but_their_number(void **state)
{
    (void)state;
    char spare[ML_TLS_UNKNOWN_TEXT];
    assert_null(ml_tls_suite_name(0x1234));
    assert_null(ml_tls_suite_name(0x00ff - 1));
    assert_null(ml_tls_group_name(0));
    assert_null(ml_tls_group_name(42));
    assert_null(ml_tls_version_name(0x0305));
    assert_null(ml_tls_alert_name(2));
    assert_null(ml_tls_ssl2_suite_name(0));
    assert_string_equal(ml_tls_name_or_number(NULL, 0x00ab, spare), "0x00ab");
    assert_string_equal(ml_tls_name_or_number("x", 0x00ab, spare), "x");
}

static void grease_is_sixteen_values(void **state)
{
    (void)state;
    unsigned n = 0;
    for (unsigned value = 0; value <= UINT16_MAX; value++) {
        n += ml_tls_is_grease((uint16_t)value) ? 1 : 0;
    }
    assert_int_equal(n, 16); /* RFC 8701, section 2 */
    assert_true(ml_tls_is_grease(0x0a0a));
    assert_true(ml_tls_is_grease(0xfafa));
    assert_false(ml_tls_is_grease(0x0a1a));
}

static void only_ml_kem_and_its_forerunners_are_post_quantum(void **state)
{
    (void)state;
    assert_true(ml_tls_group_is_post_quantum(4588));
    assert_true(ml_tls_group_is_post_quantum(25497));
    assert_true(ml_tls_group_is_post_quantum(16696));
    assert_false(ml_tls_group_is_post_quantum(29));
    assert_false(ml_tls_group_is_post_quantum(0x9999));
}

static void secrecy_follows_the_key_exchange_in_the_name(void **state)
{
    (void)state;
    assert_int_equal(ml_tls_suite_secrecy(0xc02f), ML_TLS_SECRECY_FORWARD); /* ECDHE */
    assert_int_equal(ml_tls_suite_secrecy(0x0033), ML_TLS_SECRECY_FORWARD); /* DHE */
    assert_int_equal(ml_tls_suite_secrecy(0x0034), ML_TLS_SECRECY_FORWARD); /* DH_anon */
    assert_int_equal(ml_tls_suite_secrecy(0x002f), ML_TLS_SECRECY_NONE);    /* RSA */
    assert_int_equal(ml_tls_suite_secrecy(0xc004), ML_TLS_SECRECY_NONE);    /* ECDH with a fixed key */
    assert_int_equal(ml_tls_suite_secrecy(0x1301), ML_TLS_SECRECY_UNKNOWN); /* does not tell */
    assert_int_equal(ml_tls_suite_secrecy(0x1234), ML_TLS_SECRECY_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_those_of_the_registries),
        cmocka_unit_test(every_suite_of_the_table_is_found),
        cmocka_unit_test(unknown_values_have_no_name_but_their_number),
        cmocka_unit_test(grease_is_sixteen_values),
        cmocka_unit_test(only_ml_kem_and_its_forerunners_are_post_quantum),
        cmocka_unit_test(secrecy_follows_the_key_exchange_in_the_name),
    };
    return cmocka_run_group_tests_name("proto/tls_names", tests, NULL, NULL);
}
