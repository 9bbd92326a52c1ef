/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/dns/message.h"
#include "proto/dns/rdata.h"
#include "support/cm.h"
#include "support/dns_build.h"
#include "support/dns_whole.h"
#include "support/kit.h"

#include <stdio.h>

static struct ml_dns_record record_of(unsigned type, struct ml_span rdata)
{
    return (struct ml_dns_record){.section = ML_DNS_ANSWER, .type = (uint16_t)type, .class_ = 1, .rdata = rdata};
}

/* Addresses of a record, each followed by a blank. */
static const char *addresses_of(const struct ml_dns_record *record, char out[256])
{
    struct ml_dns_addresses addresses;
    struct ml_ip ip;
    size_t n = 0;
    out[0] = '\0';
    ml_dns_addresses_open(&addresses, record);
    while (ml_dns_addresses_next(&addresses, &ip)) {
        char text[ML_IP_TEXT];
        (void)ml_ip_format(&ip, text);
        n += (size_t)snprintf(out + n, 256 - n, "%s ", text);
    }
    return out;
}

/* --- both walks --- */

/* A message with everything both walks must agree on. */
static void build_rich(struct dns_build *dns)
{
    static const uint8_t subnet[] = {192, 0, 2};
    dns_begin(dns, DNS_RESPONSE, 1, 5, 1, 3);
    dns_question(dns, "www.Example.com", 65);
    dns_cname(dns, "www.example.com", "edge.example.net");
    dns_a(dns, "edge.example.net", "192.0.2.1");
    dns_a(dns, "edge.example.net", "2001:db8::1");
    size_t start = dns_begin_record(dns, "www.example.com", 65, 60);
    dns_bytes(dns, "\0\1\0\0\4\0\4\xc6\x33\x64\x07\0\5\0\2\xfe\x0d", 17);
    dns_end_record(dns, start);
    start = dns_begin_record(dns, "txt.example.com", 16, 60);
    dns_bytes(dns, "\3a=b\0\2cd", 8);
    dns_end_record(dns, start);
    start = dns_begin_record(dns, "example.com", 2, 60);
    dns_pointer(dns, 12);
    dns_end_record(dns, start);
    start = dns_begin_record(dns, "example.com", 33, 60);
    dns_bytes(dns, "\0\1\0\2\x1f\x90", 6);
    dns_name(dns, "host.example.com");
    dns_end_record(dns, start);
    start = dns_begin_record(dns, "example.com", 65280, 60);
    dns_bytes(dns, "\1\2\3", 3);
    dns_end_record(dns, start);
    dns_client_subnet(dns, 1, 24, subnet, sizeof subnet);
}

static void both_walks_read_the_same_records(void **state)
{
    (void)state;
    struct dns_build dns;
    struct ml_dns_walk walk;
    struct ml_dns_record own;
    struct ml_dns_record theirs;
    struct ml_dns_name owner;
    build_rich(&dns);
    struct dns_whole *whole = dns_whole_open(dns_span(&dns));
    assert_non_null(whole);
    assert_true(ml_dns_walk_open(&walk, dns_span(&dns), false));
    unsigned n = 0;
    enum ml_dns_end end = ML_DNS_GOING_ON;
    while ((end = ml_dns_walk_next(&walk, &own)) == ML_DNS_GOING_ON) {
        struct ml_dns_name a;
        struct ml_dns_name b;
        char here[ML_DNS_SUBNET_TEXT] = "";
        char there[ML_DNS_SUBNET_TEXT] = "";
        char list[2][256];
        assert_int_equal(dns_whole_next(whole, &theirs, &b), ML_DNS_GOING_ON);
        assert_int_equal(own.section, theirs.section);
        assert_int_equal(own.type, theirs.type);
        assert_int_equal(own.class_, theirs.class_);
        assert_int_equal(own.ttl, theirs.ttl);
        ml_dns_record_owner(&own, &a);
        assert_true(ml_span_equal(ml_span_of(a.wire, a.len), ml_span_of(b.wire, b.len)));
        assert_int_equal(ml_dns_rdata_target(&own, &a), ml_dns_rdata_target(&theirs, &b));
        assert_true(ml_dns_name_equal(&a, &b));
        assert_int_equal(ml_dns_rdata_has_ech(&own), ml_dns_rdata_has_ech(&theirs));
        assert_int_equal(ml_dns_rdata_subnet(&own, here), ml_dns_rdata_subnet(&theirs, there));
        assert_string_equal(here, there);
        assert_string_equal(addresses_of(&own, list[0]), addresses_of(&theirs, list[1]));
        n++;
    }
    assert_int_equal(end, ML_DNS_WHOLE);
    assert_int_equal(dns_whole_next(whole, &theirs, &owner), ML_DNS_WHOLE);
    assert_int_equal(n, 10);
    dns_whole_close(whole);
}

static unsigned count_records(struct ml_dns_walk *message, enum ml_dns_end *end)
{
    struct ml_dns_record record;
    unsigned n = 0;
    while ((*end = ml_dns_walk_next(message, &record)) == ML_DNS_GOING_ON) {
        n++;
    }
    return n;
}

static void a_message_can_be_read_again_from_its_first_record(void **state)
{
    (void)state;
    struct dns_build dns;
    build_rich(&dns);
    for (int is_cut = 0; is_cut <= 1; is_cut++) {
        struct ml_dns_walk message;
        enum ml_dns_end end = ML_DNS_GOING_ON;
        assert_true(ml_dns_walk_open(&message, dns_span(&dns), is_cut != 0));
        assert_int_equal(count_records(&message, &end), 10);
        ml_dns_walk_rewind(&message);
        assert_int_equal(count_records(&message, &end), 10);
        assert_int_equal(end, ML_DNS_WHOLE);
    }
}

static void names_that_only_point_are_read_alike_in_every_pass(void **state)
{
    (void)state;
    static const char *const want[] = {"www.example.com",   "www.example.com", "example.com",
                                       "a.www.example.com", "example.com",     "com",
                                       "www.example.com",   "example.com",     "."};
    struct dns_build dns;
    struct ml_dns_walk walk;
    struct ml_dns_record record;
    struct ml_dns_name owner;
    dns_begin(&dns, DNS_RESPONSE, 1, 8, 0, 0);
    dns_question(&dns, "www.example.com", 1);
    dns_bytes(&dns, "\xc0\x0c\0\1\0\1\0\0\0\1\0\0", 12);
    dns_bytes(&dns, "\xc0\x10\0\1\0\1\0\0\0\1\0\0", 12); /* into the first name */
    dns_bytes(&dns, "\1a\xc0\x0c\0\1\0\1\0\0\0\1\0\0", 14);
    dns_bytes(&dns, "\xc0\x10\0\1\0\1\0\0\0\1\0\0", 12);
    dns_bytes(&dns, "\xc0\x18\0\1\0\1\0\0\0\1\0\0", 12);
    dns_bytes(&dns, "\xc0\x0c\0\1\0\1\0\0\0\1\0\0", 12);
    dns_bytes(&dns, "\xc0\x10\0\1\0\1\0\0\0\1\0\0", 12);
    dns_bytes(&dns, "\0\0\0\0\1\0\0\0\1\0\0", 11); /* the root and type 0 are no pointer */
    assert_true(ml_dns_walk_open(&walk, dns_span(&dns), false));
    for (unsigned pass = 0; pass < 3; pass++) {
        for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
            char text[ML_DNS_NAME_TEXT];
            assert_int_equal(ml_dns_walk_next(&walk, &record), ML_DNS_GOING_ON);
            ml_dns_record_owner(&record, &owner);
            (void)ml_dns_name_write(&owner, true, text);
            assert_string_equal(text, want[i]);
        }
        assert_int_equal(ml_dns_walk_next(&walk, &record), ML_DNS_WHOLE);
        ml_dns_walk_rewind(&walk);
    }
}

static void a_first_name_that_points_to_itself_is_refused(void **state)
{
    (void)state;
    struct dns_build dns;
    struct ml_dns_walk walk;
    struct ml_dns_record record;
    dns_begin(&dns, 0, 2, 0, 0, 0);
    dns_bytes(&dns, "\xc0\x0c\0\1\0\1\xc0\x0c\0\1\0\1", 12);
    assert_true(ml_dns_walk_open(&walk, dns_span(&dns), false));
    assert_int_equal(ml_dns_walk_next(&walk, &record), ML_DNS_REFUSED);
    ml_dns_walk_rewind(&walk);
    assert_int_equal(ml_dns_walk_next(&walk, &record), ML_DNS_REFUSED);
}

static void what_ldns_refuses_is_read_as_far_as_it_holds(void **state)
{
    (void)state;
    struct dns_build dns;
    struct ml_dns_walk message;
    enum ml_dns_end end = ML_DNS_GOING_ON;
    dns_begin(&dns, DNS_RESPONSE, 1, 2, 0, 0);
    dns_question(&dns, "example.com", 1);
    dns_a(&dns, "example.com", "192.0.2.1");
    dns_pointer(&dns, (unsigned)dns.len); /* the owner points to itself */
    assert_true(ml_dns_walk_open(&message, dns_span(&dns), false));
    assert_null(dns_whole_open(dns_span(&dns)));
    assert_int_equal(count_records(&message, &end), 2);
    assert_int_equal(end, ML_DNS_REFUSED);
}

/* ldns 1.8 reads such a name to its end and goes on behind it. */
static void a_name_beyond_its_record_data_does_not_move_the_next_record(void **state)
{
    (void)state;
    struct dns_build dns;
    struct ml_dns_walk message;
    struct ml_dns_record record;
    dns_begin(&dns, DNS_RESPONSE, 0, 2, 0, 0);
    size_t start = dns_begin_record(&dns, "a.example", 5, 60);
    dns_bytes(&dns, "\3abc", 4); /* no end within the data */
    dns_end_record(&dns, start);
    dns_a(&dns, "b.example", "192.0.2.1");
    assert_true(ml_dns_walk_open(&message, dns_span(&dns), false));
    assert_int_equal(ml_dns_walk_next(&message, &record), ML_DNS_GOING_ON);
    assert_int_equal(ml_dns_walk_next(&message, &record), ML_DNS_GOING_ON);
    assert_int_equal(record.type, ML_DNS_A);
    assert_int_equal(ml_dns_walk_next(&message, &record), ML_DNS_WHOLE);
}

static void a_cut_message_ends_cut_not_refused(void **state)
{
    (void)state;
    struct dns_build dns;
    build_rich(&dns);
    for (size_t len = ML_DNS_HEADER; len < dns.len; len++) {
        struct ml_dns_walk message;
        enum ml_dns_end end = ML_DNS_GOING_ON;
        assert_true(ml_dns_walk_open(&message, ml_span_of(dns.bytes, len), true));
        assert_true(count_records(&message, &end) < 10);
        assert_int_equal(end, ML_DNS_CUT);
    }
}

static void a_message_without_a_header_is_none(void **state)
{
    (void)state;
    struct ml_dns_walk message;
    static const uint8_t bytes[ML_DNS_HEADER];
    assert_false(ml_dns_walk_open(&message, ml_span_of(bytes, ML_DNS_HEADER - 1), false));
    assert_false(ml_dns_walk_open(&message, ml_span_of(NULL, 0), true));
}

/* --- record data --- */

static void service_bindings_follow_the_examples_of_rfc_9460_appendix_d(void **state)
{
    (void)state;
    char list[256];
    struct ml_span alias = unhex("00 00 03 66 6f 6f 07 65 78 61 6d 70 6c 65 03 63 6f 6d 00");
    struct ml_span hints = unhex("00 01 03 66 6f 6f 07 65 78 61 6d 70 6c 65 03 63 6f 6d 00"
                                 "00 06 00 20 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01"
                                 "            20 01 0d b8 00 00 00 00 00 00 00 00 00 53 00 01");
    struct ml_span mapped = unhex("00 10 03 66 6f 6f 07 65 78 61 6d 70 6c 65 03 6f 72 67 00"
                                  "00 00 00 04 00 01 00 04" /* mandatory */
                                  "00 01 00 09 02 68 32 05 68 33 2d 31 39"
                                  "00 04 00 04 c0 00 02 01");
    struct ml_dns_record record = record_of(ML_DNS_HTTPS, alias);
    assert_string_equal(addresses_of(&record, list), "");
    record = record_of(ML_DNS_SVCB, hints);
    assert_string_equal(addresses_of(&record, list), "2001:db8::1 2001:db8::53:1 ");
    record = record_of(ML_DNS_SVCB, mapped);
    assert_string_equal(addresses_of(&record, list), "192.0.2.1 ");
    assert_false(ml_dns_rdata_has_ech(&record));
    ml_mem_free((void *)(uintptr_t)alias.ptr);
    ml_mem_free((void *)(uintptr_t)hints.ptr);
    ml_mem_free((void *)(uintptr_t)mapped.ptr);
}

static void an_empty_ech_parameter_is_none(void **state)
{
    (void)state;
    struct ml_dns_record record = record_of(ML_DNS_HTTPS, ml_span_of("\0\1\0\0\5\0\1\x42", 8));
    assert_true(ml_dns_rdata_has_ech(&record));
    record = record_of(ML_DNS_HTTPS, ml_span_of("\0\1\0\0\5\0\0", 7));
    assert_false(ml_dns_rdata_has_ech(&record));
    record = record_of(ML_DNS_A, ml_span_of("\0\1\0\0\5\0\1\x42", 8));
    assert_false(ml_dns_rdata_has_ech(&record));
}

static void addresses_of_the_wrong_size_are_not_addresses(void **state)
{
    (void)state;
    char list[256];
    static const uint8_t bytes[17] = {192, 0, 2, 1, 1};
    struct ml_dns_record record = record_of(ML_DNS_A, ml_span_of(bytes, 5));
    assert_string_equal(addresses_of(&record, list), "");
    record = record_of(ML_DNS_AAAA, ml_span_of(bytes, 15));
    assert_string_equal(addresses_of(&record, list), "");
    record = record_of(ML_DNS_TXT, ml_span_of(bytes, 4));
    assert_string_equal(addresses_of(&record, list), "");
}

static bool subnet_of(unsigned family, unsigned bits, const char *address, size_t len, char out[ML_DNS_SUBNET_TEXT])
{
    struct dns_build dns = {.len = 0};
    dns_u16(&dns, 10); /* a cookie in front, RFC 7873 */
    dns_u16(&dns, 8);
    dns_u32(&dns, 1);
    dns_u32(&dns, 2);
    dns_u16(&dns, 8);
    dns_u16(&dns, 4 + (unsigned)len);
    dns_u16(&dns, family);
    dns_u8(&dns, bits);
    dns_u8(&dns, 0);
    dns_bytes(&dns, address, len);
    struct ml_dns_record record = record_of(ML_DNS_OPT, dns_span(&dns));
    return ml_dns_rdata_subnet(&record, out);
}

static void client_subnets_follow_rfc_7871_section_6(void **state)
{
    (void)state;
    char out[ML_DNS_SUBNET_TEXT];
    assert_true(subnet_of(1, 24, "\xc0\x00\x02", 3, out));
    assert_string_equal(out, "192.0.2.0/24");
    assert_true(subnet_of(2, 56, "\x20\x01\x0d\xb8\x00\x00\x01", 7, out));
    assert_string_equal(out, "2001:db8:0:100::/56");
    assert_true(subnet_of(1, 0, "", 0, out));
    assert_string_equal(out, "0.0.0.0/0");
    assert_false(subnet_of(1, 33, "\xc0\x00\x02\x01\x01", 5, out)); /* longer than an address */
    assert_false(subnet_of(1, 24, "\xc0\x00\x02\x01", 4, out));     /* more bytes than the prefix needs */
    assert_false(subnet_of(1, 24, "\xc0\x00", 2, out));
    assert_false(subnet_of(3, 8, "\xc0", 1, out));
}

static void types_and_codes_without_a_name_are_numbers(void **state)
{
    (void)state;
    char out[ML_DNS_TYPE_TEXT];
    assert_string_equal(ml_dns_type_text(28, false, out), "AAAA");
    assert_string_equal(ml_dns_type_text(65535, false, out), "TYPE65535"); /* RFC 3597, section 5 */
    assert_string_equal(ml_dns_type_text(33, true, out), "NBSTAT");
    assert_string_equal(ml_dns_type_text(33, false, out), "SRV");
    assert_string_equal(ml_dns_rcode_text(3, out), "NXDOMAIN");
    assert_string_equal(ml_dns_rcode_text(4095, out), "RCODE4095");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_walks_read_the_same_records),
        cmocka_unit_test(a_message_can_be_read_again_from_its_first_record),
        cmocka_unit_test(names_that_only_point_are_read_alike_in_every_pass),
        cmocka_unit_test(a_first_name_that_points_to_itself_is_refused),
        cmocka_unit_test(what_ldns_refuses_is_read_as_far_as_it_holds),
        cmocka_unit_test(a_name_beyond_its_record_data_does_not_move_the_next_record),
        cmocka_unit_test(a_cut_message_ends_cut_not_refused),
        cmocka_unit_test(a_message_without_a_header_is_none),
        cmocka_unit_test(service_bindings_follow_the_examples_of_rfc_9460_appendix_d),
        cmocka_unit_test(an_empty_ech_parameter_is_none),
        cmocka_unit_test(addresses_of_the_wrong_size_are_not_addresses),
        cmocka_unit_test(client_subnets_follow_rfc_7871_section_6),
        cmocka_unit_test(types_and_codes_without_a_name_are_numbers),
    };
    return cmocka_run_group_tests_name("proto/dns_message", tests, NULL, NULL);
}
