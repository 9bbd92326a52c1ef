/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dns/name.h"
#include "support/cm.h"
#include "support/dns_build.h"
#include "support/kit.h"

/* Text of the name at `at` of the message, or "(refused)". */
static const char *name_at(struct ml_span message, size_t at, char out[ML_DNS_NAME_TEXT])
{
    struct ml_reader rd = ml_rd_open_framed(message);
    struct ml_dns_name name;
    if (!ml_rd_skip(&rd, at) || !ml_dns_name_read(&rd, message, &name)) {
        assert_int_equal(name.len, 0);
        return "(refused)";
    }
    size_t len = ml_dns_name_write(&name, false, out);
    assert_int_equal(len, strlen(out));
    return out;
}

static const char *text_of(const void *label, size_t len, bool fold, char out[ML_DNS_NAME_TEXT])
{
    struct dns_build dns = {.len = 0};
    struct ml_dns_name name;
    dns_u8(&dns, (unsigned)len);
    dns_bytes(&dns, label, len);
    dns_name(&dns, "example");
    struct ml_reader rd = ml_rd_open_framed(dns_span(&dns));
    assert_true(ml_dns_name_read(&rd, dns_span(&dns), &name));
    (void)ml_dns_name_write(&name, fold, out);
    return out;
}

static void compression_follows_the_example_of_rfc_1035_section_4_1_4(void **state)
{
    (void)state;
    struct dns_build dns = {.len = 20};
    char out[ML_DNS_NAME_TEXT];
    dns_name(&dns, "F.ISI.ARPA"); /* at 20 */
    dns.len = 40;
    dns_u8(&dns, 3);
    dns_bytes(&dns, "FOO", 3);
    dns_pointer(&dns, 20);
    dns.len = 64;
    dns_pointer(&dns, 26);
    dns.len = 92;
    dns_name(&dns, "");
    assert_string_equal(name_at(dns_span(&dns), 20, out), "F.ISI.ARPA");
    assert_string_equal(name_at(dns_span(&dns), 40, out), "FOO.F.ISI.ARPA");
    assert_string_equal(name_at(dns_span(&dns), 64, out), "ARPA");
    assert_string_equal(name_at(dns_span(&dns), 92, out), ".");
}

static void reading_goes_on_behind_the_pointer(void **state)
{
    (void)state;
    struct dns_build dns = {.len = 0};
    struct ml_dns_name name;
    uint16_t next = 0;
    dns_name(&dns, "example.com");
    dns_pointer(&dns, 0);
    dns_u16(&dns, 0x4711);
    struct ml_reader rd = ml_rd_open_framed(dns_span(&dns));
    assert_true(ml_rd_skip(&rd, 13) && ml_dns_name_read(&rd, dns_span(&dns), &name) && ml_rd_u16(&rd, &next));
    assert_int_equal(next, 0x4711);
    assert_int_equal(name.n_labels, 2);
}

static void pointers_that_lead_in_a_circle_are_refused(void **state)
{
    (void)state;
    char out[ML_DNS_NAME_TEXT];
    struct dns_build dns = {.len = 0};
    dns_pointer(&dns, 0);
    assert_string_equal(name_at(dns_span(&dns), 0, out), "(refused)");
    dns.len = 0;
    dns_pointer(&dns, 2);
    dns_pointer(&dns, 0);
    assert_string_equal(name_at(dns_span(&dns), 0, out), "(refused)");
    assert_string_equal(name_at(dns_span(&dns), 2, out), "(refused)");
    dns.len = 0;
    dns_pointer(&dns, 2); /* no circle, but forward */
    dns_name(&dns, "example");
    assert_string_equal(name_at(dns_span(&dns), 0, out), "(refused)");
    dns.len = 0;
    dns_u8(&dns, 1);
    dns_bytes(&dns, "a", 1);
    dns_pointer(&dns, 0); /* grows with each round */
    assert_string_equal(name_at(dns_span(&dns), 0, out), "(refused)");
}

static void pointers_out_of_the_message_are_refused(void **state)
{
    (void)state;
    char out[ML_DNS_NAME_TEXT];
    struct dns_build dns = {.len = 0};
    dns_pointer(&dns, 0x3fff);
    assert_string_equal(name_at(dns_span(&dns), 0, out), "(refused)");
}

static void the_abandoned_label_types_are_refused(void **state)
{
    (void)state;
    char out[ML_DNS_NAME_TEXT];
    for (unsigned head = 0x40; head < 0xc0; head++) {
        struct dns_build dns = {.len = 0};
        dns_u8(&dns, head);
        dns.len += 80;
        assert_string_equal(name_at(dns_span(&dns), 0, out), "(refused)");
    }
}

static void names_have_at_most_255_bytes(void **state)
{
    (void)state;
    char out[ML_DNS_NAME_TEXT];
    for (size_t last = 61; last <= 62; last++) {
        struct dns_build dns = {.len = 0};
        char label[64];
        memset(label, 'a', sizeof label);
        for (unsigned i = 0; i < 4; i++) {
            size_t len = i < 3 ? 63 : last;
            dns_u8(&dns, (unsigned)len);
            dns_bytes(&dns, label, len);
        }
        dns_u8(&dns, 0);
        const char *text = name_at(dns_span(&dns), 0, out);
        assert_true(last == 61 ? strlen(text) == 253 : strcmp(text, "(refused)") == 0);
    }
}

static void a_cut_name_is_short_and_a_framed_one_bad(void **state)
{
    (void)state;
    struct dns_build dns = {.len = 0};
    struct ml_dns_name name;
    dns_name(&dns, "example.com");
    struct ml_span cut = ml_span_of(dns.bytes, dns.len - 1);
    struct ml_reader rd = ml_rd_open(cut);
    assert_false(ml_dns_name_read(&rd, cut, &name));
    assert_int_equal(rd.state, ML_RD_SHORT);
    rd = ml_rd_open_framed(cut);
    assert_false(ml_dns_name_read(&rd, cut, &name));
    assert_int_equal(rd.state, ML_RD_BAD);
}

static void nothing_of_a_label_is_lost_in_text(void **state)
{
    (void)state;
    char out[ML_DNS_NAME_TEXT];
    assert_string_equal(text_of("a.b", 3, false, out), "a\\.b.example");
    assert_string_equal(text_of("a\\b", 3, false, out), "a\\\\b.example");
    assert_string_equal(text_of("\0\x07\x7f", 3, false, out), "\\000\\007\\127.example");
    assert_string_equal(text_of("a b", 3, false, out), "a b.example");
    assert_string_equal(text_of("\xff\xc3", 2, false, out), "\\255\\195.example");
    assert_string_equal(text_of("K\xc3\xbc"
                                "che",
                                6, true, out),
                        "k\xc3\xbc"
                        "che.example");
    assert_string_equal(text_of("\xc2\x85", 2, false, out), "\\194\\133.example"); /* a control beyond ASCII */
    assert_string_equal(text_of("WWW", 3, true, out), "www.example");
}

static void the_longest_text_fits(void **state)
{
    (void)state;
    struct dns_build dns = {.len = 0};
    char out[ML_DNS_NAME_TEXT];
    char label[64] = {0};
    for (unsigned i = 0; i < 4; i++) {
        size_t len = i < 3 ? 63 : 61;
        dns_u8(&dns, (unsigned)len);
        dns_bytes(&dns, label, len);
    }
    dns_u8(&dns, 0);
    assert_int_equal(strlen(name_at(dns_span(&dns), 0, out)), 4 * 250 + 3);
}

static void endings_are_compared_label_by_label(void **state)
{
    (void)state;
    struct dns_build dns = {.len = 0};
    struct ml_dns_name name;
    dns_name(&dns, "1.2.In-Addr.ARPA");
    struct ml_reader rd = ml_rd_open_framed(dns_span(&dns));
    assert_true(ml_dns_name_read(&rd, dns_span(&dns), &name));
    assert_true(ml_dns_name_ends(&name, "in-addr.arpa"));
    assert_true(ml_dns_name_ends(&name, "1.2.in-addr.arpa"));
    assert_false(ml_dns_name_ends(&name, "0.1.2.in-addr.arpa"));
    assert_false(ml_dns_name_ends(&name, "addr.arpa"));
}

static void netbios_names_follow_the_example_of_rfc_1001_section_14_1(void **state)
{
    (void)state;
    struct dns_build dns = {.len = 0};
    struct ml_dns_name name;
    char out[ML_DNS_NAME_TEXT];
    dns_name(&dns, "EGFCEFEECACACACACACACACACACACACA.NETBIOS.COM");
    struct ml_reader rd = ml_rd_open_framed(dns_span(&dns));
    assert_true(ml_dns_name_read(&rd, dns_span(&dns), &name));
    assert_true(ml_dns_name_is_netbios(&name));
    size_t len = ml_dns_name_write_netbios(&name, out);
    assert_int_equal(len, strlen(out));
    assert_string_equal(out, "FRED<20>.netbios.com");
}

static void other_names_are_no_netbios_names(void **state)
{
    (void)state;
    static const char *const others[] = {"EGFCEFEECACACACACACACACACACACAC", "EGFCEFEECACACACACACACACACACACACZ", ""};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct dns_build dns = {.len = 0};
        struct ml_dns_name name;
        char out[ML_DNS_NAME_TEXT];
        dns_name(&dns, others[i]);
        struct ml_reader rd = ml_rd_open_framed(dns_span(&dns));
        assert_true(ml_dns_name_read(&rd, dns_span(&dns), &name));
        assert_false(ml_dns_name_is_netbios(&name));
        assert_int_equal(ml_dns_name_write_netbios(&name, out), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compression_follows_the_example_of_rfc_1035_section_4_1_4),
        cmocka_unit_test(reading_goes_on_behind_the_pointer),
        cmocka_unit_test(pointers_that_lead_in_a_circle_are_refused),
        cmocka_unit_test(pointers_out_of_the_message_are_refused),
        cmocka_unit_test(the_abandoned_label_types_are_refused),
        cmocka_unit_test(names_have_at_most_255_bytes),
        cmocka_unit_test(a_cut_name_is_short_and_a_framed_one_bad),
        cmocka_unit_test(nothing_of_a_label_is_lost_in_text),
        cmocka_unit_test(the_longest_text_fits),
        cmocka_unit_test(endings_are_compared_label_by_label),
        cmocka_unit_test(netbios_names_follow_the_example_of_rfc_1001_section_14_1),
        cmocka_unit_test(other_names_are_no_netbios_names),
    };
    return cmocka_run_group_tests_name("proto/dns_name", tests, NULL, NULL);
}
