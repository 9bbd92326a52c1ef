/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ntp/ntp.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"

/* The rig's packets are captured at 1700000000 s, which is 3908988800 = 0xe8feb380 in NTP's count. */
struct packet {
    uint8_t bytes[48];
};

static struct packet packet_of(unsigned version, unsigned mode, unsigned stratum, const char *reference,
                               uint32_t transmit_s)
{
    struct packet packet = {{0}};
    packet.bytes[0] = (uint8_t)(version << 3 | mode);
    packet.bytes[1] = (uint8_t)stratum;
    memcpy(packet.bytes + 12, reference, 4);
    for (unsigned i = 0; i < 4; i++) {
        packet.bytes[40 + i] = (uint8_t)(transmit_s >> (24 - 8 * i));
    }
    return packet;
}

static void expect(uint16_t port, struct packet packet, size_t len, const char *facts)
{
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_UDP, port);
    proto_rig_feed(&rig, ML_UP, ml_span_of(packet.bytes, len));
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig), facts);
    proto_rig_fini(&rig);
}

static void a_question_may_tell_the_clock_of_its_sender(void **state)
{
    (void)state;
    expect(123, packet_of(4, 3, 0, "\0\0\0\0", 0xe8feb380), 48, "ntp.query up ntp.version=4 ntp.clock=true\n");
    expect(123, packet_of(4, 3, 0, "\0\0\0\0", 0xe8feb380 + 3600), 48, "ntp.query up ntp.version=4 ntp.clock=true\n");
    expect(123, packet_of(3, 3, 0, "\0\0\0\0", 0), 48, "ntp.query up ntp.version=3 ntp.clock=false\n");
    expect(123, packet_of(4, 3, 0, "\0\0\0\0", 0x12345678), 48, "ntp.query up ntp.version=4 ntp.clock=false\n");
    expect(123, packet_of(4, 1, 2, "\0\0\0\0", 0xe8feb380), 48, "ntp.query up ntp.version=4 ntp.clock=true\n");
}

static void an_answer_tells_the_stratum_and_the_kind_of_clock(void **state)
{
    (void)state;
    expect(123, packet_of(4, 4, 1, "GPS\0", 0), 48, "ntp.answer up ntp.version=4 ntp.stratum=1 ntp.reference=GPS\n");
    expect(123, packet_of(4, 4, 0, "RATE", 0), 48, "ntp.answer up ntp.version=4 ntp.stratum=0 ntp.reference=RATE\n");
    expect(123, packet_of(4, 4, 2, "GPS\0", 0), 48, "ntp.answer up ntp.version=4 ntp.stratum=2\n"); /* an address */
    expect(123, packet_of(4, 5, 1, "\xc0\0\2\1", 0), 48, "ntp.answer up ntp.version=4 ntp.stratum=1\n");
}

static void other_datagrams_are_refused(void **state)
{
    (void)state;
    expect(124, packet_of(4, 3, 0, "\0\0\0\0", 0), 48, ""); /* another port */
    expect(123, packet_of(0, 3, 0, "\0\0\0\0", 0), 48, ""); /* no such version */
    expect(123, packet_of(5, 3, 0, "\0\0\0\0", 0), 48, "");
    expect(123, packet_of(4, 6, 0, "\0\0\0\0", 0), 48, ""); /* control messages have another form */
    expect(123, packet_of(4, 7, 0, "\0\0\0\0", 0), 48, "");
    expect(123, packet_of(4, 3, 17, "\0\0\0\0", 0), 48, ""); /* stratum beyond "unsynchronised" */
    expect(123, packet_of(4, 3, 0, "\0\0\0\0", 0), 47, "");  /* too short */
}

static void feed_broken(void *context, struct ml_span bytes)
{
    unsigned *n = context;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_UDP, 123);
    proto_rig_parser(&rig, &ml_parser_ntp);
    proto_rig_feed(&rig, ML_UP, bytes);
    proto_rig_end(&rig);
    *n += rig.flow.n_facts;
    assert_int_equal(rig.flow.n_facts + rig.counters.n[ML_COUNT_BAD_OTHER], 1);
    proto_rig_fini(&rig);
}

static void broken_datagrams_are_survived_and_counted(void **state)
{
    (void)state;
    unsigned n = 0;
    struct packet packet = packet_of(4, 4, 1, "GPS\0", 0);
    sweep_truncations(ml_span_of(packet.bytes, 48), feed_broken, &n);
    sweep_bit_flips(ml_span_of(packet.bytes, 48), feed_broken, &n);
    assert_true(n > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_may_tell_the_clock_of_its_sender),
        cmocka_unit_test(an_answer_tells_the_stratum_and_the_kind_of_clock),
        cmocka_unit_test(other_datagrams_are_refused),
        cmocka_unit_test(broken_datagrams_are_survived_and_counted),
    };
    return cmocka_run_group_tests_name("proto/ntp", tests, NULL, NULL);
}
