/* SPDX-License-Identifier: Apache-2.0 */
#include "support/cm.h"
#include "support/exchange.h"

#define LONG "01010000 aa*178"
#define ANSWER "02010000 bb*50"
#define EQUAL "01010000 cc*23"

static void expect(const struct exchange_line *lines, size_t n, const char *facts, const char *names)
{
    exchange_expect(&(struct exchange){.port = 40000, .lines = lines, .n = n}, facts, names);
}

static void a_long_question_and_its_answer_are_a_call(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, LONG}, {ML_DOWN, ANSWER}};
    expect(lines, 2, "zalo.call down\n", "zalo");
}

static void equal_lengths_take_two_rounds(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, EQUAL}, {ML_DOWN, EQUAL}, {ML_UP, EQUAL}, {ML_DOWN, EQUAL}};
    expect(lines, 3, "", "");
    expect(lines, 4, "zalo.call down\n", "zalo");
}

static void one_side_is_never_enough(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, EQUAL},  {ML_UP, EQUAL}, {ML_UP, LONG},
                                          {ML_UP, ANSWER}, {ML_UP, EQUAL}, {ML_UP, EQUAL}};
    expect(lines, 6, "", "");
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    static const struct exchange_line pairs[][2] = {
        {{ML_UP, "01010000 aa*182"}, {ML_DOWN, ANSWER}}, /* too long */
        {{ML_UP, "01010000 aa*175"}, {ML_DOWN, ANSWER}}, /* too short */
        {{ML_UP, "01010001 aa*178"}, {ML_DOWN, ANSWER}}, /* another mark */
        {{ML_UP, LONG}, {ML_DOWN, "02010000 bb*47"}},    /* answers of other lengths */
        {{ML_UP, LONG}, {ML_DOWN, "02010000 bb*53"}},    {{ML_UP, LONG}, {ML_DOWN, LONG}},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        expect(pairs[i], 2, "", "");
    }
}

static void sweeps(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, LONG}, {ML_DOWN, ANSWER}};
    const struct exchange exchange = {.port = 40000, .lines = lines, .n = 2};
    assert_true(exchange_sweep(&exchange) > 0);
    assert_true(exchange_oom(&exchange) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_question_and_its_answer_are_a_call),
        cmocka_unit_test(equal_lengths_take_two_rounds),
        cmocka_unit_test(one_side_is_never_enough),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(sweeps),
    };
    return cmocka_run_group_tests_name("proto/zalo", tests, NULL, NULL);
}
