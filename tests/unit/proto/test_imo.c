/* SPDX-License-Identifier: Apache-2.0 */
#include "support/cm.h"
#include "support/exchange.h"

#define PING "09 02 dc9a020000000000"
#define PONG "09 03 dc9a020000000000"

static void expect(const struct exchange_line *lines, size_t n, const char *facts, const char *names)
{
    exchange_expect(&(struct exchange){.port = 36535, .lines = lines, .n = n}, facts, names);
}

static void a_pong_that_repeats_the_clock_of_a_ping_is_a_call(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, PING}, {ML_DOWN, PONG}};
    expect(lines, 2, "imo.udp down\n", "imo");
}

/* A long frame has two bytes of length, the upper seven bits first: 0x813c is 188. */
static void pings_ride_behind_other_frames_and_a_relay_puts_a_zero_in_front(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, "813c 0e aa*187 " PING}, {ML_DOWN, "00" PONG}};
    expect(lines, 2, "imo.udp down\n", "imo");
}

static void of_five_pings_sent_at_once_each_is_remembered(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {
        {ML_UP, PING},
        {ML_UP, "09 02 e89a020000000000"},
        {ML_UP, "09 02 f29a020000000000"},
        {ML_UP, "09 02 fd9a020000000000"},
        {ML_UP, "09 02 089b020000000000"},
        {ML_DOWN, PONG},
    };
    expect(lines, 6, "imo.udp down\n", "imo");
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    static const struct exchange_line pairs[][2] = {
        {{ML_UP, PING}, {ML_DOWN, "09 03 dd9a020000000000"}},       /* another clock */
        {{ML_UP, PING}, {ML_UP, PONG}},                             /* the same side */
        {{ML_UP, PING}, {ML_DOWN, PING}},                           /* two pings */
        {{ML_UP, PONG}, {ML_DOWN, PONG}},                           /* two pongs */
        {{ML_UP, "09 02 dc9a020000000000 00"}, {ML_DOWN, PONG}},    /* a frame of no length behind it */
        {{ML_UP, "09 02 dc9a020000000000 05 01"}, {ML_DOWN, PONG}}, /* a frame that is cut */
        {{ML_UP, "0a 02 dc9a020000000000 00"}, {ML_DOWN, PONG}},    /* another length */
        {{ML_UP, "8080 0e aa*127 " PING}, {ML_DOWN, PONG}},         /* a third byte of length */
        {{ML_UP, "07"}, {ML_DOWN, "07"}},                           /* one byte each proves nothing */
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        expect(pairs[i], 2, "", "");
    }
}

static void sweeps(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, "813c 0e aa*187 " PING}, {ML_DOWN, "00" PONG}};
    const struct exchange exchange = {.port = 36535, .lines = lines, .n = 2};
    assert_true(exchange_sweep(&exchange) > 0);
    assert_true(exchange_oom(&exchange) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pong_that_repeats_the_clock_of_a_ping_is_a_call),
        cmocka_unit_test(pings_ride_behind_other_frames_and_a_relay_puts_a_zero_in_front),
        cmocka_unit_test(of_five_pings_sent_at_once_each_is_remembered),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(sweeps),
    };
    return cmocka_run_group_tests_name("proto/imo", tests, NULL, NULL);
}
