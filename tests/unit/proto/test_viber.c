/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/viber/viber.h"
#include "support/cm.h"
#include "support/exchange.h"

/* The port at the end of an address is 50000, as of the client of these tests: 0xc350 with its lower byte first. */
#define TOKEN "ac19358c8f64e447"
#define SETUP(address) "edf6 0100 0500 " TOKEN " 07ae2754 " address " 50c3 00*233"
#define SETUP_ANSWER "edf6 0c00 0100 " TOKEN " 077100cb 50c3 00*56"
#define TEST "edf6 1900 " TOKEN " 00*22"
#define TEST_ANSWER "edf6 1a00 " TOKEN " 077100cb 50c3 00c8"

static void expect(const struct exchange_line *lines, size_t n, const char *facts, const char *names)
{
    exchange_expect(&(struct exchange){.port = 7985, .lines = lines, .n = n}, facts, names);
}

/* --- calls --- */

static void a_set_up_that_names_its_own_port_tells_the_local_address(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, SETUP("0a0200c0")}}; /* 192.0.2.10, which the client has */
    const struct exchange_line private_one[] = {{ML_UP, SETUP("1100a8c0")}};
    expect(lines, 1, "viber.udp up call.local_address=192.0.2.10\n", "viber");
    expect(private_one, 1, "viber.udp up call.local_address=192.168.0.17\n", "viber");
}

static void an_answer_tells_the_public_address(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, SETUP("1100a8c0")}, {ML_DOWN, SETUP_ANSWER}};
    expect(lines, 2,
           "viber.udp up call.local_address=192.168.0.17\n"
           "viber.udp down call.public_address=203.0.113.7\n",
           "viber");
}

static void a_set_up_seen_behind_a_translator_counts_once_it_is_answered(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, "edf6 0100 0500 " TOKEN " 07ae2754 1100a8c0 51c3 00*233"},
                                          {ML_DOWN, SETUP_ANSWER}};
    expect(lines, 1, "", "");
    expect(lines, 2,
           "viber.udp up call.local_address=192.168.0.17\n"
           "viber.udp down call.public_address=203.0.113.7\n",
           "viber");
}

static void a_test_and_its_answer_tell_the_public_address(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, TEST}, {ML_DOWN, TEST_ANSWER}};
    expect(lines, 2, "viber.udp down call.public_address=203.0.113.7\n", "viber");
}

static void datagrams_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const struct exchange_line pairs[][2] = {
        {{ML_UP, TEST}, {ML_DOWN, "edf6 1a00 ac19358c8f64e448 077100cb 50c3 00c8"}}, /* another token */
        {{ML_UP, TEST}, {ML_DOWN, "edf7 1a00 " TOKEN " 077100cb 50c3 00c8"}},        /* another call */
        {{ML_UP, TEST}, {ML_UP, TEST_ANSWER}},                                       /* the same side */
        {{ML_UP, TEST}, {ML_DOWN, "edf6 1a00 " TOKEN " 077100cb 0000 00c8"}},        /* no port */
        {{ML_UP, TEST}, {ML_DOWN, TEST_ANSWER " 00"}},                               /* another length */
        {{ML_UP, TEST " 00"}, {ML_DOWN, TEST_ANSWER}},
        {{ML_UP, "edf6 0900 b339929163010000 " TOKEN}, {ML_DOWN, TEST_ANSWER}}, /* a type that proves nothing */
        {{ML_UP, "edf6 0100 0600 " TOKEN " 07ae2754 1100a8c0 50c3 00*233"}, {ML_UP, ""}}, /* another mark */
        {{ML_UP, SETUP("077100cb")}, {ML_UP, ""}}, /* neither private nor the client's */
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        expect(pairs[i], 2, "", "");
    }
}

static void sweep_of_calls(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {
        {ML_UP, SETUP("1100a8c0")}, {ML_DOWN, SETUP_ANSWER}, {ML_UP, TEST}, {ML_DOWN, TEST_ANSWER}};
    const struct exchange exchange = {.port = 7985, .lines = lines, .n = 4};
    assert_true(exchange_sweep(&exchange) > 0);
    assert_true(exchange_oom(&exchange) > 0);
}

/* --- streams --- */

#define HELLO "6000 add4dc17 fcff 0380 59000a00 00*82"
#define REPLY "1600 7605 0380 add4dc17 5c00 00*10"
#define RECORD(counter) "2000 " counter " aa*26 "

static void expect_stream(uint16_t port, const struct exchange_line *lines, size_t n, const char *facts,
                          const char *names)
{
    exchange_expect(&(struct exchange){.is_stream = true, .port = port, .lines = lines, .n = n}, facts, names);
}

static void a_hello_is_known_on_any_port(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, HELLO}, {ML_DOWN, REPLY}};
    expect_stream(4244, lines, 2, "viber.tcp up\n", "viber");
    expect_stream(5000, lines, 2, "viber.tcp up\n", "viber");
}

static void records_that_count_up_are_known_on_their_ports(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {
        {ML_UP, RECORD("0a000000") RECORD("0b000000")}, {ML_DOWN, RECORD("01000000")}, {ML_UP, RECORD("0c000000")}};
    expect_stream(4244, lines, 3, "viber.tcp up\n", "viber");
    expect_stream(5000, lines, 3, "", "");
}

static void streams_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const char *const streams[] = {
        "6000 add4dc17 fcfe 0380 59000a00 00*82", /* another mark */
        "6000 add4dc17 fcff 0381 59000a00 00*82", /* another flag */
        "0401 add4dc17 fcff 0380",
        "1700 add4dc17 fcff 0380 00*13",                          /* too short for a hello */
        RECORD("0a000000") RECORD("0b000000") RECORD("0d000000"), /* a counter left out */
        "0500 0a000000",                                          /* too short for a record */
    };
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        const struct exchange_line lines[] = {{ML_UP, streams[i]}};
        expect_stream(i == 2 ? 5000 : 4244, lines, 1, "", i == 2 ? "viber" : "");
    }
}

static void pieces_make_no_difference(void **state)
{
    (void)state;
    const struct exchange_line hello[] = {{ML_UP, HELLO}, {ML_DOWN, REPLY}};
    const struct exchange_line records[] = {{ML_DOWN, RECORD("01000000")},
                                            {ML_UP, RECORD("0a000000") RECORD("0b000000") RECORD("0c000000")}};
    const struct exchange first = {.is_stream = true, .port = 4244, .lines = hello, .n = 2};
    const struct exchange second = {.is_stream = true, .port = 4244, .lines = records, .n = 2};
    exchange_expect_split(&first, &ml_parser_viber, "viber.tcp up\n");
    exchange_expect_split(&second, &ml_parser_viber, "viber.tcp up\n");
}

static void sweep_of_streams(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, HELLO}, {ML_DOWN, REPLY}};
    const struct exchange_line records[] = {{ML_UP, RECORD("0a000000") RECORD("0b000000") RECORD("0c000000")}};
    const struct exchange first = {.is_stream = true, .port = 4244, .lines = lines, .n = 2};
    const struct exchange second = {.is_stream = true, .port = 4244, .lines = records, .n = 1};
    assert_true(exchange_sweep(&first) > 0);
    assert_true(exchange_sweep(&second) > 0);
    assert_true(exchange_oom(&first) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_set_up_that_names_its_own_port_tells_the_local_address),
        cmocka_unit_test(an_answer_tells_the_public_address),
        cmocka_unit_test(a_set_up_seen_behind_a_translator_counts_once_it_is_answered),
        cmocka_unit_test(a_test_and_its_answer_tell_the_public_address),
        cmocka_unit_test(datagrams_that_do_not_fit_are_refused),
        cmocka_unit_test(sweep_of_calls),
        cmocka_unit_test(a_hello_is_known_on_any_port),
        cmocka_unit_test(records_that_count_up_are_known_on_their_ports),
        cmocka_unit_test(streams_that_do_not_fit_are_refused),
        cmocka_unit_test(pieces_make_no_difference),
        cmocka_unit_test(sweep_of_streams),
    };
    return cmocka_run_group_tests_name("proto/viber", tests, NULL, NULL);
}
