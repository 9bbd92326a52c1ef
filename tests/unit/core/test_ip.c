/* SPDX-License-Identifier: Apache-2.0 */
#include "core/ip.h"

#include "support/cm.h"

static struct ml_ip ip_of(const char *text)
{
    struct ml_ip ip = {0};
    assert_true(ml_ip_parse(ml_span_text(text), &ip));
    return ip;
}

/* RFC 5952: input as somebody may write it, output as the RFC wants it. */
static void addresses_are_written_as_rfc_5952_wants(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"2001:0db8::0001", "2001:db8::1"},               /* 4.1 leading zeros */
        {"2001:db8::0:0:1", "2001:db8::1"},               /* 4.2.1 as short as possible */
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"}, /* 4.2.2 a single group stays */
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},          /* 4.2.3 the longest run */
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},    /* 4.2.3 the first of equals */
        {"2001:DB8:AAAA:BBBB:CCCC:DDDD:EEEE:FFFF", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff"}, /* 4.3 */
        {"0:0:0:0:0:0:0:0", "::"},
        {"0:0:0:0:0:0:0:1", "::1"},
        {"2001:db8:0:0:0:0:0:0", "2001:db8::"},
        {"0:0:1:0:0:0:0:0", "0:0:1::"},
        {"::ffff:192.0.2.1", "::ffff:192.0.2.1"}, /* 5, a well-known prefix */
        {"::192.0.2.1", "::c000:201"},
        {"192.0.2.255", "192.0.2.255"},
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ml_ip ip = ip_of(cases[i][0]);
        char out[ML_IP_TEXT];
        assert_int_equal(ml_ip_format(&ip, out), strlen(cases[i][1]));
        assert_string_equal(out, cases[i][1]);
    }
}

static void no_address_is_the_empty_text(void **state)
{
    (void)state;
    struct ml_ip none = {0};
    char out[ML_IP_TEXT] = "x";
    assert_int_equal(ml_ip_format(&none, out), 0);
    assert_string_equal(out, "");
}

static void what_is_no_address_is_refused(void **state)
{
    (void)state;
    static const char *const refused[] = {"",
                                          "192.0.2",
                                          "192.0.2.256",
                                          "192.0.2.1.",
                                          " 192.0.2.1",
                                          "0xc0.0.2.1",
                                          "192.0.2.01",
                                          "1:2:3",
                                          "::1::",
                                          "12345::",
                                          "fe80::1%eth0",
                                          "[::1]",
                                          "example.com",
                                          "2001:db8::/32",
                                          "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct ml_ip ip = {.family = 9};
        assert_false(ml_ip_parse(ml_span_text(refused[i]), &ip));
        assert_int_equal(ip.family, 0);
    }
    struct ml_ip ip;
    assert_false(ml_ip_parse(ml_span_of("192.0.2.1\0x", 11), &ip)); /* C text functions would not see the rest */
    assert_false(ml_ip_parse(ml_span_of("192.0.2.1\0", 10), &ip));
}

static void order_is_family_then_number(void **state)
{
    (void)state;
    static const char *const sorted[] = {"0.0.0.0", "9.0.0.0", "10.0.0.0",   "192.0.2.1",
                                         "::",      "::1",     "2001:db8::", "ff02::1"};
    for (size_t i = 0; i < sizeof sorted / sizeof sorted[0]; i++) {
        for (size_t j = 0; j < sizeof sorted / sizeof sorted[0]; j++) {
            struct ml_ip a = ip_of(sorted[i]);
            struct ml_ip b = ip_of(sorted[j]);
            int order = ml_ip_compare(&a, &b);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
            assert_int_equal(ml_ip_equal(&a, &b), i == j);
        }
    }
}

static void prefixes_are_whole(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        unsigned bits;
    } cases[] = {
        {"192.0.2.0/24", true, 24},
        {"192.0.2.1", true, 32},
        {"0.0.0.0/0", true, 0},
        {"2001:db8::/32", true, 32},
        {"2001:db8::1", true, 128},
        {"::/0", true, 0},
        {"192.0.2.128/25", true, 25},
        {"2001:db8::1/128", true, 128},
        {"192.0.2.1/24", false, 24},
        {"192.0.2.128/24", false, 24},
        {"2001:db8::1/127", false, 127},
        {"192.0.2.0/33", false, 0},
        {"::/129", false, 0},
        {"192.0.2.0/", false, 0},
        {"192.0.2.0/-1", false, 0},
        {"/24", false, 0},
        {"192.0.2.0/24/1", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ml_ip ip;
        unsigned bits = 99;
        assert_int_equal(ml_ip_prefix_parse(ml_span_text(cases[i].text), &ip, &bits), cases[i].ok);
        assert_int_equal(bits, cases[i].bits);
    }
}

static void membership_is_decided_by_the_leading_bits(void **state)
{
    (void)state;
    static const struct {
        const char *ip;
        const char *prefix;
        bool is_in;
    } cases[] = {
        {"192.0.2.7", "192.0.2.0/24", true},    {"192.0.3.7", "192.0.2.0/24", false},
        {"192.0.2.127", "192.0.2.0/25", true},  {"192.0.2.128", "192.0.2.0/25", false},
        {"203.0.113.1", "0.0.0.0/0", true},     {"192.0.2.1", "192.0.2.1/32", true},
        {"192.0.2.2", "192.0.2.1/32", false},   {"2001:db8:ffff::", "2001:db8::/32", true},
        {"2001:db9::", "2001:db8::/32", false}, {"fe80::1", "fe80::/10", true},
        {"fec0::1", "fe80::/10", false},        {"::1", "::1/128", true},
        {"192.0.2.1", "::/0", false}, /* another family */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ml_ip ip = ip_of(cases[i].ip);
        struct ml_ip prefix;
        unsigned bits = 0;
        assert_true(ml_ip_prefix_parse(ml_span_text(cases[i].prefix), &prefix, &bits));
        assert_int_equal(ml_ip_in_prefix(&ip, &prefix, bits), cases[i].is_in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_written_as_rfc_5952_wants),
        cmocka_unit_test(no_address_is_the_empty_text),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(order_is_family_then_number),
        cmocka_unit_test(prefixes_are_whole),
        cmocka_unit_test(membership_is_decided_by_the_leading_bits),
    };
    return cmocka_run_group_tests_name("core/ip", tests, NULL, NULL);
}
