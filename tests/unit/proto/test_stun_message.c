/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/stun/message.h"
#include "support/cm.h"
#include "support/exchange.h"
#include "support/kit.h"

#include <stdio.h>

/* RFC 5769, sections 2.1 to 2.4. */
#define REQUEST                                                                                                        \
    "00010058 2112a442 b7e7a701bc34d686fa87dfae 80220010 'STUN test client' 00240004 6e0001ff"                         \
    "80290008 932ff9b151263b36 00060009 'evtj:h6vY' 202020 00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"          \
    "80280004 e57a3bcf"
#define RESPONSE_4                                                                                                     \
    "0101003c 2112a442 b7e7a701bc34d686fa87dfae 8022000b 'test vector' 20 00200008 0001a147e112a643"                   \
    "00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7 80280004 c07d4c96"
#define RESPONSE_6                                                                                                     \
    "01010048 2112a442 b7e7a701bc34d686fa87dfae 8022000b 'test vector' 20"                                             \
    "00200014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9"                                                                \
    "00080014 a382954e4be67bf11784c97c8292c275bfe3ed41 80280004 c8fb0b4c"
#define LONG_TERM                                                                                                      \
    "00010060 2112a442 78ad3433c6ad72c029da412e 00060012 e3839ee38388e383aae38383e382afe382b9 0000"                    \
    "0015001c 'f//499k954d6OL34oL9FSTvy64sA' 0014000b 'example.org' 00"                                                \
    "00080014 f67024656dd64a3e02b8e0712e85c9a28ca89666"

/* Reads digits as a whole datagram; the bytes stay with the caller. */
static bool read_all(struct ml_span bytes, struct ml_stun_message *message)
{
    struct ml_reader rd = ml_rd_open_framed(bytes);
    return ml_stun_message_read(&rd, message) && ml_rd_done(&rd);
}

static void release(struct ml_span bytes)
{
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
}

static struct ml_span value_of(const struct ml_stun_message *message, uint16_t type)
{
    struct ml_reader rd = ml_stun_attributes(message);
    struct ml_stun_attribute attribute;
    while (ml_stun_attribute_next(&rd, &attribute)) {
        if (attribute.type == type) {
            return attribute.value;
        }
    }
    return ml_span_of(NULL, 0);
}

static void the_sample_request_is_read(void **state)
{
    (void)state;
    struct ml_span bytes = exchange_bytes(REQUEST);
    struct ml_stun_message message;
    assert_true(read_all(bytes, &message));
    assert_int_equal(message.method, ML_STUN_BINDING);
    assert_int_equal(message.message_class, ML_STUN_REQUEST);
    assert_true(message.has_cookie);
    assert_span_text(value_of(&message, ML_STUN_SOFTWARE), "STUN test client");
    assert_span_text(value_of(&message, ML_STUN_USERNAME), "evtj:h6vY");
    assert_true(ml_stun_fingerprint_fits(&message));
    release(bytes);
}

static void expect_mapped(const char *digits, const char *address, uint16_t expected_port)
{
    struct ml_span bytes = exchange_bytes(digits);
    struct ml_stun_message message;
    struct ml_ip ip;
    uint16_t port = 0;
    char text[ML_IP_TEXT];
    assert_true(read_all(bytes, &message));
    assert_int_equal(message.message_class, ML_STUN_SUCCESS);
    assert_span_text(value_of(&message, ML_STUN_SOFTWARE), "test vector");
    assert_true(ml_stun_address(&message, value_of(&message, ML_STUN_XOR_MAPPED_ADDRESS), true, &ip, &port));
    (void)ml_ip_format(&ip, text);
    assert_string_equal(text, address);
    assert_int_equal(port, expected_port);
    assert_true(ml_stun_fingerprint_fits(&message));
    release(bytes);
}

static void the_sample_responses_tell_their_addresses(void **state)
{
    (void)state;
    expect_mapped(RESPONSE_4, "192.0.2.1", 32853);
    expect_mapped(RESPONSE_6, "2001:db8:1234:5678:11:2233:4455:6677", 32853);
}

static void the_sample_request_with_long_term_credentials_is_read(void **state)
{
    (void)state;
    struct ml_span bytes = exchange_bytes(LONG_TERM);
    struct ml_stun_message message;
    assert_true(read_all(bytes, &message));
    assert_span_text(value_of(&message, ML_STUN_USERNAME),
                     "\xe3\x83\x9e\xe3\x83\x88\xe3\x83\xaa\xe3\x83\x83\xe3\x82\xaf\xe3\x82\xb9");
    assert_span_text(value_of(&message, ML_STUN_REALM), "example.org");
    assert_true(ml_stun_fingerprint_fits(&message)); /* it has none */
    release(bytes);
}

/* RFC 8489, section 5: the two bits of the class lie between those of the method. */
static void method_and_class_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *digits;
        uint16_t method;
        enum ml_stun_class message_class;
        const char *name;
    } cases[] = {
        {"0003", 0x003, ML_STUN_REQUEST, "allocate"},
        {"0113", 0x003, ML_STUN_ERROR, "allocate"},
        {"0016", 0x006, ML_STUN_INDICATION, "send"},
        {"0017", 0x007, ML_STUN_INDICATION, "data"},
        {"0108", 0x008, ML_STUN_SUCCESS, "create_permission"},
        {"0109", 0x009, ML_STUN_SUCCESS, "channel_bind"},
        {"3fff", 0xfff, ML_STUN_ERROR, NULL},
        {"0800", 0x200, ML_STUN_REQUEST, NULL},
        {"0004", 0x004, ML_STUN_REQUEST, "refresh"},
        {"000a", 0x00a, ML_STUN_REQUEST, "connect"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char digits[128];
        (void)snprintf(digits, sizeof digits, "%s0000 2112a442 00*12", cases[i].digits);
        struct ml_span bytes = exchange_bytes(digits);
        struct ml_stun_message message;
        assert_true(read_all(bytes, &message));
        assert_int_equal(message.method, cases[i].method);
        assert_int_equal(message.message_class, cases[i].message_class);
        const char *name = ml_stun_method_name(message.method);
        assert_true(name == cases[i].name || strcmp(name, cases[i].name) == 0);
        release(bytes);
    }
}

static void what_is_no_message_is_refused(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "40010000 2112a442 00*12", /* the upper bits are set: not STUN (RFC 8489, section 5) */
        "80010000 2112a442 00*12",
        "00010003 2112a442 00*12 00*3", /* with the cookie, all lengths are multiples of four */
        "00010004 2112a442 00*12 00*3", /* cut */
        "00010000 2112a442 00*11",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct ml_span bytes = exchange_bytes(refused[i]);
        struct ml_stun_message message;
        assert_false(read_all(bytes, &message));
        release(bytes);
    }
}

/* RFC 8489, section 14.7: the sum covers everything in front of the attribute, which is the last. */
static void a_wrong_fingerprint_is_found_out(void **state)
{
    (void)state;
    struct ml_span bytes = exchange_bytes(RESPONSE_4);
    uint8_t *writable = (uint8_t *)(uintptr_t)bytes.ptr;
    struct ml_stun_message message;
    for (size_t i = 8; i < bytes.len; i++) { /* the transaction, and every value */
        bool is_frame = (i >= 20 && i < 24) || (i >= 36 && i < 40) || (i >= 48 && i < 52) || (i >= 72 && i < 76);
        writable[i] ^= 1;
        if (!is_frame) {
            assert_true(read_all(bytes, &message));
            assert_false(ml_stun_fingerprint_fits(&message));
        }
        writable[i] ^= 1;
    }
    release(bytes);
}

static void the_fingerprint_of_a_message_inside_another_is_not_its_own(void **state)
{
    (void)state;
    struct ml_span bytes = exchange_bytes("00160020 2112a442 00*12 0013001c 01010008 2112a442 00*12 80280004 01020304");
    struct ml_stun_message message;
    assert_true(read_all(bytes, &message));
    assert_true(ml_stun_fingerprint_fits(&message));
    release(bytes);
}

static void attributes_that_run_over_the_end_stop_the_walk(void **state)
{
    (void)state;
    struct ml_span bytes = exchange_bytes("0001000c 2112a442 00*12 00060004 'abcd' 0014 0005");
    struct ml_stun_message message;
    struct ml_stun_attribute attribute;
    assert_true(read_all(bytes, &message));
    struct ml_reader rd = ml_stun_attributes(&message);
    assert_true(ml_stun_attribute_next(&rd, &attribute));
    assert_span_text(attribute.value, "abcd");
    assert_false(ml_stun_attribute_next(&rd, &attribute));
    assert_int_equal(rd.state, ML_RD_BAD);
    release(bytes);
}

static void addresses_of_other_shapes_are_refused(void **state)
{
    (void)state;
    static const char *const values[] = {
        "0001 c350 c00002", "0001 c350 c000020100", "0002 c350 c0000201", "0003 c350 c0000201", "0001 c3", ""};
    struct ml_span whole = exchange_bytes(RESPONSE_4);
    struct ml_stun_message message;
    struct ml_ip ip;
    uint16_t port = 0;
    assert_true(read_all(whole, &message));
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct ml_span value = exchange_bytes(values[i]);
        assert_false(ml_stun_address(&message, value, false, &ip, &port));
        assert_int_equal(ip.family, 0);
        release(value);
    }
    release(whole);
}

static void walk(void *context, struct ml_span bytes)
{
    unsigned *n = context;
    for (int framed = 0; framed < 2; framed++) {
        struct ml_reader rd = framed != 0 ? ml_rd_open_framed(bytes) : ml_rd_open(bytes);
        struct ml_stun_message message;
        struct ml_stun_attribute attribute;
        struct ml_ip ip;
        uint16_t port = 0;
        if (!ml_stun_message_read(&rd, &message)) {
            continue;
        }
        *n += ml_stun_fingerprint_fits(&message) ? 1 : 0;
        struct ml_reader attributes = ml_stun_attributes(&message);
        while (ml_stun_attribute_next(&attributes, &attribute)) {
            *n += ml_stun_address(&message, attribute.value, true, &ip, &port) ? 1 : 0;
        }
    }
}

static void sweeps(void **state)
{
    (void)state;
    static const char *const samples[] = {REQUEST, RESPONSE_4, RESPONSE_6, LONG_TERM};
    unsigned n = 0;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct ml_span bytes = exchange_bytes(samples[i]);
        sweep_truncations(bytes, walk, &n);
        sweep_bit_flips(bytes, walk, &n);
        release(bytes);
    }
    assert_true(n > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample_request_is_read),
        cmocka_unit_test(the_sample_responses_tell_their_addresses),
        cmocka_unit_test(the_sample_request_with_long_term_credentials_is_read),
        cmocka_unit_test(method_and_class_are_told_apart),
        cmocka_unit_test(what_is_no_message_is_refused),
        cmocka_unit_test(a_wrong_fingerprint_is_found_out),
        cmocka_unit_test(the_fingerprint_of_a_message_inside_another_is_not_its_own),
        cmocka_unit_test(attributes_that_run_over_the_end_stop_the_walk),
        cmocka_unit_test(addresses_of_other_shapes_are_refused),
        cmocka_unit_test(sweeps),
    };
    return cmocka_run_group_tests_name("proto/stun/message", tests, NULL, NULL);
}
