/* SPDX-License-Identifier: Apache-2.0 */
#include "support/cm.h"
#include "support/exchange.h"

/* The build counts seconds from 2013: 0x0dd05766 is a day in May 2020. */
#define FROM_CLIENT "'TS3INIT1' 0065 0000 88 0dd05766 00 5f5916e0 01020304 00*8"
#define FROM_SERVER "'TS3INIT1' 0065 88 01 05*20"

static void expect(const struct exchange_line *lines, size_t n, const char *facts, const char *names)
{
    exchange_expect(&(struct exchange){.port = 9987, .lines = lines, .n = n}, facts, names);
}

static void a_client_tells_the_day_of_its_build(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, FROM_CLIENT}, {ML_DOWN, FROM_SERVER}};
    expect(lines, 2, "teamspeak up call.version=2020-05-06\nteamspeak down\n", "teamspeak");
}

static void a_server_that_announces_itself_repeats_the_number_of_the_list(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {
        {ML_UP, "01808401"},
        {ML_DOWN, "01808401 0a0b0c0d"},
        {ML_UP, "01818402 0a0b0c0d 0327 200000000000"},
        {ML_DOWN, "01818402 00"},
    };
    expect(lines, 4, "teamspeak up\n", "teamspeak");
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    static const struct exchange_line pairs[][2] = {
        {{ML_UP, "'TS3INIT2' 0065 0000 88 0dd05766 00"}, {ML_UP, "'TS3INIT' 0065"}},
        {{ML_UP, "'TS3INIT1' 0066 0000 88 0dd05766 00"}, {ML_UP, "'TS3INIT1' 0065"}},
        {{ML_UP, "'TS3INIT1' 0065 0000 87 0dd05766 00"}, {ML_UP, "'TS3INIT1' 0065 0000 88 0dd05766"}},
        {{ML_UP, "'TS3INIT1' 0065 0000 88 0dd05766 05"}, {ML_UP, ""}},
        {{ML_DOWN, "01808401 0a0b0c0d"}, {ML_UP, "01818402 0a0b0c0e 0327 200000000000"}},   /* other number */
        {{ML_UP, "01808401 0a0b0c0d"}, {ML_UP, "01818402 0a0b0c0d 0327 200000000000"}},     /* same side */
        {{ML_DOWN, "01808402 0a0b0c0d"}, {ML_UP, "01818402 0a0b0c0d 0327 200000000000"}},   /* other step */
        {{ML_DOWN, "01808401 0a0b0c0d"}, {ML_UP, "02818402 0a0b0c0d 0327 200000000000"}},   /* other first byte */
        {{ML_DOWN, "01808401 0a0b0c0d00"}, {ML_UP, "01818402 0a0b0c0d 0327 200000000000"}}, /* other length */
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        expect(pairs[i], 2, "", "");
    }
}

static void sweeps(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, FROM_CLIENT},
                                          {ML_DOWN, FROM_SERVER},
                                          {ML_DOWN, "01808401 0a0b0c0d"},
                                          {ML_UP, "01818402 0a0b0c0d 03*8"}};
    const struct exchange exchange = {.port = 9987, .lines = lines, .n = 4};
    assert_true(exchange_sweep(&exchange) > 0);
    assert_true(exchange_oom(&exchange) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_tells_the_day_of_its_build),
        cmocka_unit_test(a_server_that_announces_itself_repeats_the_number_of_the_list),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(sweeps),
    };
    return cmocka_run_group_tests_name("proto/teamspeak", tests, NULL, NULL);
}
