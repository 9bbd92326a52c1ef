/* SPDX-License-Identifier: Apache-2.0 */
#include "support/cm.h"
#include "support/exchange.h"

#define ID "7d464d35fffda234495d0d6d3b51e896"
#define HELLO "010002 " ID " 0000000000000002 007a002a 007a002a 00000040 aa*68"
#define ANSWER "020001 " ID " 005a0e3e 007a002a 00*8"
#define KEEP_ALIVE "03 00000001 762a8d74 005a0e3e"
#define KEPT_ALIVE "04 00000001 762a8d74 005a0e3e"
#define IDENTIFIER "'01234567-89AB-cdef-0123-456789abcdef'"
#define PROBE "1f0201 00*21 0000000a '192.0.2.10' 00000024 " IDENTIFIER " 00000000"

static void expect_on(uint16_t port, const struct exchange_line *lines, size_t n, const char *facts, const char *names)
{
    exchange_expect(&(struct exchange){.port = port, .lines = lines, .n = n}, facts, names);
}

static void a_hello_on_their_port_is_a_meeting(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, HELLO}};
    expect_on(8801, lines, 1, "zoom.sfu up\n", "zoom");
    expect_on(8811, lines, 1, "", "");
}

static void on_other_ports_the_answer_must_repeat_the_id(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, HELLO}, {ML_DOWN, ANSWER}};
    const struct exchange_line other[] = {{ML_UP, HELLO}, {ML_DOWN, "020001 7d464d35fffda234495d0d6d3b51e897 00*16"}};
    expect_on(443, lines, 2, "zoom.sfu down\n", "zoom");
    expect_on(443, other, 2, "", "");
}

static void a_keep_alive_counts_when_it_is_repeated_on_their_port(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_DOWN, KEEP_ALIVE}, {ML_UP, KEPT_ALIVE}};
    const struct exchange_line other[] = {{ML_DOWN, KEEP_ALIVE}, {ML_UP, "04 00000001 762a8d75 005a0e3e"}};
    expect_on(8810, lines, 2, "zoom.sfu up\n", "zoom");
    expect_on(8800, lines, 2, "", "");
    expect_on(8810, other, 2, "", "");
}

static void a_probe_tells_address_and_identifier(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, PROBE}};
    expect_on(41000, lines, 1,
              "zoom.p2p up call.local_address=192.0.2.10 call.identifier=01234567-89AB-cdef-0123-456789abcdef\n",
              "zoom");
}

static void media_begins_nothing(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, "05 0001 00000000 00 0f aa*40"},
                                          {ML_DOWN, "05 0001 00000000 04 0f aa*40"}};
    expect_on(8801, lines, 2, "", "");
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    static const char *const datagrams[] = {
        "010004 " ID " 0000000000000002 007a002a 007a002a 00000040 aa*68",      /* another version */
        "010002 " ID " 0000000000000003 007a002a 007a002a 00000040 aa*68",      /* another constant */
        "010002 " ID " 0000000000000002 007a002a 007a002a 00000041 aa*68",      /* another length */
        "010002 " ID " 0000000000000002 007a002a 007a002a 00000040 aa*63",      /* cut */
        "1f0202 00*21 0000000a '192.0.2.10' 00000024 " IDENTIFIER " 00000000",  /* another mark */
        "1f0201 00*21 0000000b '192.0.2.999' 00000024 " IDENTIFIER " 00000000", /* no address */
        "1f0201 00*21 0000000a '192.0.2.10' 00000024 '0123456789abcdefg*123456789abcdef0123' 00000000",
        "1f0201 00*21 0000000a '192.0.2.10' 00000008 '01234567' 00000000",        /* short identifier */
        "1f0201 00*21 0000000a '192.0.2.10' 00000024 " IDENTIFIER " 00000001",    /* not zero */
        "1f0201 00*21 0000000a '192.0.2.10' 00000024 " IDENTIFIER " 00000000 00", /* too long */
    };
    for (size_t i = 0; i < sizeof datagrams / sizeof datagrams[0]; i++) {
        const struct exchange_line lines[] = {{ML_UP, datagrams[i]}};
        expect_on(8801, lines, 1, "", "");
    }
}

static void sweeps(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {
        {ML_UP, HELLO}, {ML_DOWN, ANSWER}, {ML_DOWN, KEEP_ALIVE}, {ML_UP, KEPT_ALIVE}, {ML_UP, PROBE}};
    const struct exchange exchange = {.port = 443, .lines = lines, .n = 5};
    assert_true(exchange_sweep(&exchange) > 0);
    assert_true(exchange_oom(&exchange) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hello_on_their_port_is_a_meeting),
        cmocka_unit_test(on_other_ports_the_answer_must_repeat_the_id),
        cmocka_unit_test(a_keep_alive_counts_when_it_is_repeated_on_their_port),
        cmocka_unit_test(a_probe_tells_address_and_identifier),
        cmocka_unit_test(media_begins_nothing),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(sweeps),
    };
    return cmocka_run_group_tests_name("proto/zoom", tests, NULL, NULL);
}
