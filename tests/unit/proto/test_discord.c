/* SPDX-License-Identifier: Apache-2.0 */
#include "support/cm.h"
#include "support/exchange.h"

#define ASKED "0001 0046 0000 ace3 00*64 0000"
#define ANSWERED "0002 0046 0000 ace3 '203.0.113.7' 00*53 c350"
#define PING "1337cafe 0a000000"

static void expect(const struct exchange_line *lines, size_t n, const char *facts, const char *names)
{
    exchange_expect(&(struct exchange){.port = 50004, .lines = lines, .n = n}, facts, names);
}

/* "IP Discovery": type, length, source, address as text, port; numbers in network order. */
static void an_answer_tells_the_public_address_of_the_client(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, ASKED}, {ML_DOWN, ANSWERED}};
    expect(lines, 2, "discord.ip_discovery down call.public_address=203.0.113.7\n", "discord");
}

static void an_answer_alone_is_enough(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_DOWN, ANSWERED}};
    expect(lines, 1, "discord.ip_discovery down call.public_address=203.0.113.7\n", "discord");
}

static void a_question_alone_is_not(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, ASKED}, {ML_UP, ASKED}};
    expect(lines, 2, "", "");
}

static void a_ping_counts_when_it_comes_back(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, PING}, {ML_DOWN, PING}};
    expect(lines, 2, "discord.voice down\n", "discord");
}

static void a_ping_with_another_counter_is_no_echo(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, PING}, {ML_DOWN, "1337cafe 0b000000"}, {ML_UP, PING}};
    expect(lines, 3, "", "");
}

static void pings_of_one_side_prove_nothing(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, PING}, {ML_UP, PING}, {ML_UP, PING}};
    expect(lines, 3, "", "");
}

static void anything_but_an_address_is_refused(void **state)
{
    (void)state;
    static const char *const answers[] = {
        "0002 0046 0000 ace3 '203.0.113.777' 00*51 c350",  /* no address */
        "0002 0046 0000 ace3 '203.0.113.7' 00*52 01 c350", /* something behind it */
        "0002 0046 0000 ace3 '203.0.113.7' 00*53 0000",    /* no port */
        "0002 0045 0000 ace3 '203.0.113.7' 00*53 c350",    /* another length */
        "0003 0046 0000 ace3 '203.0.113.7' 00*53 c350",    /* another type */
        "0002 0046 0000 ace3 41*64 c350",                  /* never ends */
        "0002 0046 0000 ace3 '203.0.113.7' 00*54 c350",    /* too long */
    };
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        const struct exchange_line lines[] = {{ML_DOWN, answers[i]}};
        expect(lines, 1, "", "");
    }
}

static void voice_between_pings_is_left_to_others(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {
        {ML_UP, ASKED},
        {ML_DOWN, ANSWERED},
        {ML_UP, "90780001 00000000 0000ace3 bede0001 01020304 05060708"},
        {ML_UP, "90780002 000003c0 0000ace3 bede0001 01020304 05060708"},
        {ML_UP, "90780003 00000780 0000ace3 bede0001 01020304 05060708"},
        {ML_UP, "90780004 00000b40 0000ace3 bede0001 01020304 05060708"},
        {ML_UP, "90780005 00000f00 0000ace3 bede0001 01020304 05060708"},
        {ML_UP, PING},
        {ML_DOWN, PING},
    };
    expect(lines, 9,
           "discord.ip_discovery down call.public_address=203.0.113.7\n"
           "discord.voice up\n"
           "discord.voice down\n"
           "rtp.stream up rtp.payload_type=120 rtp.ssrc=44259\n",
           "discord rtp");
}

static void sweeps(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, ASKED}, {ML_DOWN, ANSWERED}, {ML_UP, PING}, {ML_DOWN, PING}};
    const struct exchange exchange = {.port = 50004, .lines = lines, .n = 4};
    assert_true(exchange_sweep(&exchange) > 0);
    assert_true(exchange_oom(&exchange) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_tells_the_public_address_of_the_client),
        cmocka_unit_test(an_answer_alone_is_enough),
        cmocka_unit_test(a_question_alone_is_not),
        cmocka_unit_test(a_ping_counts_when_it_comes_back),
        cmocka_unit_test(a_ping_with_another_counter_is_no_echo),
        cmocka_unit_test(pings_of_one_side_prove_nothing),
        cmocka_unit_test(anything_but_an_address_is_refused),
        cmocka_unit_test(voice_between_pings_is_left_to_others),
        cmocka_unit_test(sweeps),
    };
    return cmocka_run_group_tests_name("proto/discord", tests, NULL, NULL);
}
