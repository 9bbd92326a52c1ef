/* SPDX-License-Identifier: Apache-2.0 */
#include "support/cm.h"
#include "support/exchange.h"

#define QUESTION "00000000 0102030405060708"
#define ANSWER "00010304 0102030405060708 00000002 00000064 00011940"

static void expect(const struct exchange_line *lines, size_t n, const char *facts, const char *names)
{
    exchange_expect(&(struct exchange){.port = 64738, .lines = lines, .n = n}, facts, names);
}

/* "UDP Ping packet": type 0 and an ident; version, the same ident, users, places, bandwidth. */
static void an_answer_with_the_ident_tells_the_version(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, QUESTION}, {ML_DOWN, ANSWER}};
    expect(lines, 2, "mumble down call.version=1.3.4\n", "mumble");
}

static void neither_side_alone_is_enough(void **state)
{
    (void)state;
    const struct exchange_line question[] = {{ML_UP, QUESTION}, {ML_UP, QUESTION}};
    const struct exchange_line answer[] = {{ML_DOWN, ANSWER}, {ML_DOWN, ANSWER}};
    const struct exchange_line same_side[] = {{ML_UP, QUESTION}, {ML_UP, ANSWER}};
    expect(question, 2, "", "");
    expect(answer, 2, "", "");
    expect(same_side, 2, "", "");
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    static const struct exchange_line pairs[][2] = {
        {{ML_UP, QUESTION}, {ML_DOWN, "00010304 0102030405060709 00000002 00000064 00011940"}},    /* other ident */
        {{ML_UP, QUESTION}, {ML_DOWN, "00020304 0102030405060708 00000002 00000064 00011940"}},    /* other version */
        {{ML_UP, QUESTION}, {ML_DOWN, "00010304 0102030405060708 00000065 00000064 00011940"}},    /* too many */
        {{ML_UP, QUESTION}, {ML_DOWN, "00010304 0102030405060708 00000002 00000064 00011940 00"}}, /* too long */
        {{ML_UP, "00000001 0102030405060708"}, {ML_DOWN, ANSWER}},                                 /* other type */
        {{ML_UP, "00000000 00*8"}, {ML_DOWN, "00010304 00*8 00000002 00000064 00011940"}},         /* no ident */
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        expect(pairs[i], 2, "", "");
    }
}

static void sweeps(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, QUESTION}, {ML_DOWN, ANSWER}};
    const struct exchange exchange = {.port = 64738, .lines = lines, .n = 2};
    assert_true(exchange_sweep(&exchange) > 0);
    assert_true(exchange_oom(&exchange) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_with_the_ident_tells_the_version),
        cmocka_unit_test(neither_side_alone_is_enough),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(sweeps),
    };
    return cmocka_run_group_tests_name("proto/mumble", tests, NULL, NULL);
}
