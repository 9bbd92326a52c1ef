/* SPDX-License-Identifier: Apache-2.0 */
/* Check digits and shapes of identifiers. */
#include "leaks/chance.h"
#include "leaks/check.h"
#include "support/cm.h"

#include <math.h>

#define S(text) ml_span_text(text)

static void luhn_takes_the_example_of_the_standard_and_refuses_a_changed_digit(void **state)
{
    (void)state;
    assert_true(ml_check_luhn(S("79927398713"))); /* ISO/IEC 7812-1 */
    assert_false(ml_check_luhn(S("79927398710")));
    assert_false(ml_check_luhn(S("0000000000")));
}

static void an_imei_has_fifteen_digits_a_check_and_no_pattern(void **state)
{
    (void)state;
    assert_true(ml_check_imei(S("490154203237518"))); /* 3GPP TS 23.003, annex B */
    assert_false(ml_check_imei(S("490154203237517")));
    assert_false(ml_check_imei(S("49015420323751")));
    assert_false(ml_check_imei(S("49015420323751x")));
    assert_false(ml_check_imei(S("000000000000000")));
}

static void an_imsi_begins_with_a_country(void **state)
{
    (void)state;
    assert_true(ml_check_imsi(S("310170845466094")));
    assert_false(ml_check_imsi(S("110170845466094")));
    assert_false(ml_check_imsi(S("3101708454660945")));
}

static void a_card_belongs_to_a_network_and_has_its_length(void **state)
{
    (void)state;
    assert_true(ml_check_card(S("4539578763621486")));
    assert_true(ml_check_card(S("378282246310005")));
    assert_false(ml_check_card(S("4539578763621487"))); /* check digit */
    assert_false(ml_check_card(S("7992739871360004"))); /* no network */
    assert_false(ml_check_card(S("4111111111111111"))); /* a pattern: everybody's test number */
}

static void an_iban_has_the_length_of_its_country_and_its_check_digits(void **state)
{
    (void)state;
    assert_true(ml_check_iban(S("GB82WEST12345698765432"))); /* ISO 13616 */
    assert_true(ml_check_iban(S("de89370400440532013000")));
    assert_false(ml_check_iban(S("DE89370400440532013001")));
    assert_false(ml_check_iban(S("DE8937040044053201300")));
    assert_false(ml_check_iban(S("DE89 3704 0044 0532 0130 00")));
}

static void a_hardware_address_is_that_of_one_device(void **state)
{
    (void)state;
    uint8_t out[6];
    assert_true(ml_check_mac(S("02:1a:2B:3c:4d:5e"), out));
    assert_memory_equal(out, "\x02\x1a\x2b\x3c\x4d\x5e", 6);
    assert_true(ml_check_mac(S("02-1a-2b-3c-4d-5e"), out));
    assert_true(ml_check_mac(S("021a2b3c4d5e"), out));
    assert_false(ml_check_mac(S("02:1a-2b:3c:4d:5e"), out));
    assert_false(ml_check_mac(S("02:00:00:00:00:00"), out));
    assert_false(ml_check_mac(S("ff:ff:ff:ff:ff:ff"), out));
    assert_false(ml_check_mac(S("01:00:5e:00:00:fb"), out));
    assert_false(ml_check_mac(S("02:1a:2b:3c:4d:5g"), out));
}

static void a_uuid_has_its_dashes_and_differing_digits(void **state)
{
    (void)state;
    uint8_t out[16];
    assert_true(ml_check_uuid(S("38400000-8cf0-11bd-b23e-10b96e40000d"), out));
    assert_int_equal(out[0], 0x38);
    assert_int_equal(out[15], 0x0d);
    assert_false(ml_check_uuid(S("00000000-0000-0000-0000-000000000000"), out));
    assert_false(ml_check_uuid(S("384000008cf0-11bd-b23e-10b96e40000d0"), out));
}

static void a_mail_address_has_a_mailbox_and_a_domain(void **state)
{
    (void)state;
    assert_true(ml_check_email(S("erika.m+x@mail.example.com")));
    assert_false(ml_check_email(S("@example.com")));
    assert_false(ml_check_email(S("a@example")));
    assert_false(ml_check_email(S("a..b@example.com")));
    assert_false(ml_check_email(S("a@example..com")));
    assert_false(ml_check_email(S("logo@2x.png2")));
    assert_false(ml_check_email(S("a b@example.com")));
}

static void degrees_have_bounds_and_count_their_decimals(void **state)
{
    (void)state;
    double value = 0;
    unsigned decimals = 0;
    assert_true(ml_check_degrees(S("-13.404954"), 180, &value, &decimals));
    assert_true(fabs(value + 13.404954) < 1e-9);
    assert_int_equal(decimals, 6);
    assert_true(ml_check_degrees(S("52"), 90, &value, &decimals));
    assert_int_equal(decimals, 0);
    assert_false(ml_check_degrees(S("90.1"), 90, &value, &decimals));
    assert_false(ml_check_degrees(S("1.2.3"), 90, &value, &decimals));
    assert_false(ml_check_degrees(S("1.5e3"), 90, &value, &decimals));
    assert_false(ml_check_degrees(S("1234.5"), 180, &value, &decimals));
}

static void chance_is_small_for_long_random_values_and_large_for_words_and_patterns(void **state)
{
    (void)state;
    assert_true(ml_chance_text(S("4915123987406")) >= ML_MIN_CHANCE_BITS);
    assert_true(ml_chance_text(S("021a9b3c7d5e")) >= ML_MIN_CHANCE_BITS);
    assert_true(ml_chance_text(S("Erika Mustermann")) >= ML_MIN_CHANCE_BITS - 2);
    assert_true(ml_chance_text(S("1234567890")) < ML_MIN_CHANCE_BITS);
    assert_true(ml_chance_text(S("aaaaaaaaaaaaaaaaaaaaaa")) < ML_MIN_CHANCE_BITS);
    assert_true(ml_chance_text(S("message")) < ML_MIN_CHANCE_BITS);
    assert_true(ml_chance_raw(ml_span_of("\x02\x1a\x9b\x3c\x7d\x5e", 6)) >= ML_MIN_CHANCE_BITS);
    assert_true(ml_chance_raw(ml_span_of("\x02\0\0\0\0\x01", 6)) < ML_MIN_CHANCE_BITS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(luhn_takes_the_example_of_the_standard_and_refuses_a_changed_digit),
        cmocka_unit_test(an_imei_has_fifteen_digits_a_check_and_no_pattern),
        cmocka_unit_test(an_imsi_begins_with_a_country),
        cmocka_unit_test(a_card_belongs_to_a_network_and_has_its_length),
        cmocka_unit_test(an_iban_has_the_length_of_its_country_and_its_check_digits),
        cmocka_unit_test(a_hardware_address_is_that_of_one_device),
        cmocka_unit_test(a_uuid_has_its_dashes_and_differing_digits),
        cmocka_unit_test(a_mail_address_has_a_mailbox_and_a_domain),
        cmocka_unit_test(degrees_have_bounds_and_count_their_decimals),
        cmocka_unit_test(chance_is_small_for_long_random_values_and_large_for_words_and_patterns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
