/* SPDX-License-Identifier: Apache-2.0 */
#include "support/cm.h"
#include "support/exchange.h"

/* Lengths: 0xd89c is type 27 and 156 bytes behind the header of four. */
#define SETUP_UP "d89c 0072 0602 aa*154"
#define SETUP_DOWN "d8d0 0209 0602 bb*206"
#define MEDIA(seq) "d00a " seq " 1871 cc*8"

static void expect(const struct exchange_line *lines, size_t n, const char *facts, const char *names)
{
    exchange_expect(&(struct exchange){.port = 29070, .lines = lines, .n = n}, facts, names);
}

static void set_up_by_both_sides_is_a_call(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, SETUP_UP}, {ML_DOWN, SETUP_DOWN}, {ML_UP, MEDIA("0073")}};
    expect(lines, 3, "line.call down\n", "line");
}

static void one_side_needs_a_run_that_counts_up(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {
        {ML_UP, SETUP_UP},      {ML_UP, MEDIA("0073")}, {ML_UP, MEDIA("0074")},
        {ML_UP, MEDIA("0075")}, {ML_UP, MEDIA("0076")}, {ML_UP, MEDIA("0077")},
        {ML_UP, MEDIA("8078")}, {ML_UP, MEDIA("007a")}, {ML_UP, MEDIA("007b")}, /* a flag, and one lost */
    };
    expect(lines, 8, "", "");
    expect(lines, 9, "line.call up\n", "line");
}

static void a_run_without_set_up_or_order_is_no_call(void **state)
{
    (void)state;
    struct exchange_line lines[12];
    for (size_t i = 0; i < 12; i++) {
        lines[i] = (struct exchange_line){ML_UP, i % 2 == 0 ? MEDIA("0073") : MEDIA("0074")};
    }
    expect(lines, 12, "", "");
    lines[0].digits = SETUP_UP;
    expect(lines, 12, "", "");
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    static const struct exchange_line pairs[][2] = {
        {{ML_UP, SETUP_UP}, {ML_UP, SETUP_UP}},                  /* one side only */
        {{ML_UP, SETUP_UP}, {ML_DOWN, "d8d1 0209 0602 bb*206"}}, /* another length */
        {{ML_UP, SETUP_UP}, {ML_DOWN, "d8d0 0209 0603 bb*206"}}, /* another mark */
        {{ML_UP, SETUP_UP}, {ML_DOWN, "c8d0 0209 0602 bb*206"}}, /* another type */
        {{ML_UP, SETUP_UP}, {ML_DOWN, "d80a 0209 0602 bb*8"}},   /* too short for a set-up */
        {{ML_UP, SETUP_UP}, {ML_DOWN, MEDIA("0209")}},           /* no set-up of the other side */
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        expect(pairs[i], 2, "", "");
    }
}

static void sweeps(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, SETUP_UP}, {ML_DOWN, SETUP_DOWN}, {ML_UP, MEDIA("0073")}};
    const struct exchange exchange = {.port = 29070, .lines = lines, .n = 3};
    assert_true(exchange_sweep(&exchange) > 0);
    assert_true(exchange_oom(&exchange) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_up_by_both_sides_is_a_call),
        cmocka_unit_test(one_side_needs_a_run_that_counts_up),
        cmocka_unit_test(a_run_without_set_up_or_order_is_no_call),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(sweeps),
    };
    return cmocka_run_group_tests_name("proto/line", tests, NULL, NULL);
}
