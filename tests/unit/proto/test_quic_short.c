/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/short.h"
#include "support/cm.h"
#include "support/exchange.h"

/* RFC 9000, section 17.3.1: first byte, the id, a packet number and a payload that are encrypted. */
#define CID "f067a5502a4262b5 "
#define FIRST "41 " CID "01*30"
#define SECOND "5c " CID "02*30"
#define THIRD "63 " CID "03*40"
#define TOLD "quic.short up quic.dcid_prefix=f067a5502a4262b5\n"

static void expect_on(uint16_t port, const struct exchange_line *lines, size_t n, const char *facts, const char *names)
{
    exchange_expect(&(struct exchange){.port = port, .lines = lines, .n = n}, facts, names);
}

static void an_id_that_three_datagrams_repeat_is_told(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, FIRST}, {ML_UP, SECOND}, {ML_UP, THIRD}};
    expect_on(443, lines, 2, "", "");
    expect_on(443, lines, 3, TOLD, "quic");
}

static void what_the_server_sends_says_nothing_of_the_id(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {
        {ML_UP, FIRST}, {ML_DOWN, "44 aa*40"}, {ML_UP, SECOND}, {ML_DOWN, "45 bb*40"}, {ML_UP, THIRD}};
    expect_on(443, lines, 5, TOLD, "quic");
}

static void what_does_not_repeat_is_no_id(void **state)
{
    (void)state;
    static const struct exchange_line cases[][3] = {
        {{ML_UP, FIRST}, {ML_UP, "41 f067a551 2a4262b5 02*30"}, {ML_UP, THIRD}}, /* three bytes the same */
        {{ML_UP, FIRST}, {ML_UP, "81 " CID "02*30"}, {ML_UP, THIRD}},            /* no fixed bit */
        {{ML_UP, FIRST}, {ML_UP, "41 " CID "02*11"}, {ML_UP, THIRD}},            /* too short */
        {{ML_UP, "48 00002100000001 aa*30"}, {ML_UP, "48 00002100000002 bb*30"}, {ML_UP, "48 00002100000003 cc*30"}},
        {{ML_UP, "01 " CID "01*30"}, {ML_UP, "01 " CID "02*30"}, {ML_UP, "01 " CID "03*30"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect_on(443, cases[i], 3, "", "");
    }
}

static void four_bytes_that_repeat_are_enough_and_twenty_are_the_most(void **state)
{
    (void)state;
    const struct exchange_line four[] = {
        {ML_UP, "41 f067a550 01*30"}, {ML_UP, "42 f067a550 02*30"}, {ML_UP, "43 f067a550 03*30"}};
    const struct exchange_line more[] = {{ML_UP, "41 ab*30 01"}, {ML_UP, "42 ab*30 02"}, {ML_UP, "41 ab*30 03"}};
    expect_on(443, four, 3, "quic.short up quic.dcid_prefix=f067a550\n", "quic");
    expect_on(443, more, 3, "quic.short up quic.dcid_prefix=abababababababababababababababababababab\n", "quic");
}

static void other_ports_have_their_own_protocols(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, FIRST}, {ML_UP, SECOND}, {ML_UP, THIRD}};
    expect_on(8443, lines, 3, "", "");
}

static void sweeps(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, FIRST}, {ML_UP, SECOND}, {ML_UP, THIRD}};
    const struct exchange exchange = {.port = 443, .lines = lines, .n = 3};
    assert_true(exchange_sweep(&exchange) > 3 * 64);
    assert_true(exchange_oom(&exchange) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_that_three_datagrams_repeat_is_told),
        cmocka_unit_test(what_the_server_sends_says_nothing_of_the_id),
        cmocka_unit_test(what_does_not_repeat_is_no_id),
        cmocka_unit_test(four_bytes_that_repeat_are_enough_and_twenty_are_the_most),
        cmocka_unit_test(other_ports_have_their_own_protocols),
        cmocka_unit_test(sweeps),
    };
    return cmocka_run_group_tests_name("proto/quic_short", tests, NULL, NULL);
}
