/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/stun/stun.h"
#include "support/cm.h"
#include "support/exchange.h"
#include "support/proto_rig.h"

#define ID "2112a442 0102030405060708090a0b0c"
#define ASK "00010000 " ID
/* 203.0.113.7:50000 in the two ways to write it */
#define TOLD "0101000c " ID " 00200008 0001e242 ea12d545"
#define TOLD_PLAINLY "0101000c " ID " 00010008 0001c350 cb007107"
/* 198.51.100.99:40000, the other side */
#define PEER "00120008 0001bd52 e721c021"

static void expect(uint16_t port, const struct exchange_line *lines, size_t n, const char *facts, const char *names)
{
    exchange_expect(&(struct exchange){.port = port, .lines = lines, .n = n}, facts, names);
}

static void expect_one(const char *digits, const char *facts)
{
    const struct exchange_line lines[] = {{ML_UP, digits}};
    expect(3478, lines, 1, facts, facts[0] != '\0' ? "stun" : "");
}

/* --- what messages show --- */

static void the_public_address_is_in_the_answer(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, ASK}, {ML_DOWN, TOLD}, {ML_DOWN, TOLD_PLAINLY}};
    expect(3478, lines, 3,
           "stun.message up stun.method=binding stun.class=request\n"
           "stun.message down stun.method=binding stun.class=success stun.mapped=203.0.113.7 count=2\n",
           "stun");
}

static void repeated_messages_are_one_fact(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, ASK}, {ML_UP, "00010000 2112a442 11*12"}};
    expect(3478, lines, 2, "stun.message up stun.method=binding stun.class=request count=2\n", "stun");
}

static void names_realm_software_and_error_are_told(void **state)
{
    (void)state;
    expect_one("0003002c " ID " 00060004 'anna' 0014000b 'example.org' 00 80220006 'libfoo' 0000 00190004 11000000",
               "stun.message up stun.method=allocate stun.class=request stun.realm=example.org stun.username=anna "
               "stun.software=libfoo\n");
    expect_one("01130010 " ID " 0009000c 00000401 556e61757468 2e20",
               "stun.message up stun.method=allocate stun.class=error stun.error=401\n");
}

static void relayed_and_peer_addresses_are_told(void **state)
{
    (void)state;
    expect_one("0103000c " ID " 00160008 0001e242 ea12d545",
               "stun.message up stun.method=allocate stun.class=success stun.relayed=203.0.113.7\n");
    expect_one("00080018 " ID " " PEER " 00120008 0001bd52 e721c022",
               "stun.message up stun.method=create_permission stun.class=request stun.peer=198.51.100.99 "
               "stun.peer=198.51.100.96\n");
}

static void datagrams_that_are_no_message_are_left_alone(void **state)
{
    (void)state;
    expect_one("00010000 2112a443 00*12", "");          /* another cookie */
    expect_one("00010004 " ID, "");                     /* longer than the datagram */
    expect_one("00010000 " ID " 00", "");               /* shorter */
    expect_one("00010008 00*16 00030004 00000000", ""); /* RFC 3489: too few marks */
    expect_one("40010000 " ID, "");                     /* ChannelData without a relay before it */
}

static void a_wrong_fingerprint_states_nothing(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, "00010008 " ID " 80280004 01020304"}};
    expect(3478, lines, 1, "", "stun");
}

/* --- apps --- */

static void each_app_is_known_by_what_only_it_sends(void **state)
{
    (void)state;
    static const struct {
        const char *digits;
        const char *kind;
    } cases[] = {
        {"0003006c " ID " 40000066 aa*102 0000", "stun.whatsapp"},
        {"01030018 " ID " 00200008 0001e242ea12d545 40020008 00*8", "stun.whatsapp"},
        {"08010000 " ID, "stun.whatsapp"},
        {"00030010 " ID " 0014000a 'signal.org' 0000", "stun.signal"},
        {"00030018 " ID " 00140012 'whispersystems.org' 0000", "stun.signal"},
        {"00030010 " ID " 0014000c 'telegram.org'", "stun.telegram"},
        {"00030010 " ID " 00140009 'viber.com' 000000", "stun.viber"},
        {"00030014 " ID " 0014000f 'turner.facebook' 00", "stun.messenger"},
        {"00030018 " ID " 00140011 'turn.l.google.com' 000000", "stun.google"},
        {"00010008 " ID " 80700004 00000002", "stun.teams"},
        {"00010008 " ID " 80540001 31000000", "stun.teams"},
        {"00010008 " ID " 80550004 00010001", "stun.teams"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct proto_rig rig;
        struct ml_span bytes = exchange_bytes(cases[i].digits);
        proto_rig_init(&rig, ML_IP_UDP, 3478);
        proto_rig_feed(&rig, ML_UP, bytes);
        proto_rig_end(&rig);
        assert_string_equal(ml_fact_kind_name(proto_rig_fact(&rig, 1)->kind), cases[i].kind);
        assert_int_equal(rig.flow.n_facts, 2);
        proto_rig_fini(&rig);
        ml_mem_free((void *)(uintptr_t)bytes.ptr);
    }
}

static void what_everybody_sends_names_nobody(void **state)
{
    (void)state;
    static const char *const messages[] = {
        "00010008 " ID " c0570004 0003000a",                  /* libwebrtc: network */
        "00010008 " ID " c0590002 00010000",                  /* libwebrtc: other */
        "00010008 " ID " c0010004 00000001",                  /* libwebrtc: nomination */
        "00010008 " ID " ff000004 00000001",                  /* libwebrtc: repetitions */
        "00030014 " ID " 0014000d 'notsignal.org' 000000",    /* ends like a realm, but is none below it */
        "00030018 " ID " 00140012 'signal.org.example' 0000", /* only contains one */
        "00030010 " ID " 0014000a 'google.com' 0000",         /* the company, not its relay */
        "00010008 " ID " 40000004 00000000",                  /* another length */
        "00010008 " ID " 80700002 00020000",
        "07ff0000 " ID, /* beside the types of WhatsApp */
        "08060000 " ID,
    };
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        struct proto_rig rig;
        struct ml_span bytes = exchange_bytes(messages[i]);
        proto_rig_init(&rig, ML_IP_UDP, 3478);
        proto_rig_feed(&rig, ML_UP, bytes);
        proto_rig_end(&rig);
        assert_int_equal(rig.flow.n_facts, 1);
        proto_rig_fini(&rig);
        ml_mem_free((void *)(uintptr_t)bytes.ptr);
    }
}

static void zoom_is_known_without_the_cookie(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {
        {ML_UP, "00010018 c15dae63585d14392e582c260403bf30 01010014 '1234567890123456789' 00"},
        {ML_DOWN, "0002000c c15dae63585d14392e582c260403bf30 01030008 0001c350cb007107"},
    };
    expect(3478, lines, 2,
           "stun.message up\n"
           "stun.zoom up\n"
           "stun.message down stun.mapped=203.0.113.7\n"
           "stun.zoom down\n",
           "stun");
    expect_one("00010018 c15dae63585d14392e582c260403bf30 01010014 '0234567890123456789' 00", "");
    expect_one("0002000c c15dae63585d14392e582c260403bf30 01030004 0001c350 00000000", "");
}

static void the_multiplexed_relay_is_microsofts(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, "ff10001c 0102030405060708 " ASK}};
    expect(3478, lines, 1,
           "skype.teams_call up\n"
           "stun.message up stun.method=binding stun.class=request\n",
           "stun");
    expect_one("ff10001d 0102030405060708 " ASK, "");                    /* another length */
    expect_one("ff11001c 0102030405060708 " ASK, "");                    /* another mark */
    expect_one("ff10001c 0102030405060708 00010000 2112a443 00*12", ""); /* no message inside */
}

/* --- relays --- */

#define BIND "00090014 " ID " 000c0004 40000000 " PEER
#define INNER_ASK "00010010 " ID " 00060009 'abcd:efgh' 000000"
#define MEDIA(seq, clock) "400000 14 806f 00" seq " 0000" clock " 00001234 01020304 05060708"

static void indications_carry_messages_of_the_peers(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {
        {ML_UP, "00160034 " ID " " PEER " 00130024 " INNER_ASK},
        {ML_DOWN, "00170030 " ID " " PEER " 00130020 " TOLD},
    };
    expect(3478, lines, 2,
           "stun.message up stun.method=send stun.class=indication stun.peer=198.51.100.99\n"
           "stun.message up stun.method=binding stun.class=request stun.username=abcd:efgh\n"
           "stun.message down stun.method=data stun.class=indication stun.peer=198.51.100.99\n"
           "stun.message down stun.method=binding stun.class=success stun.mapped=203.0.113.7\n",
           "stun");
}

static void channel_data_goes_to_the_protocol_inside(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {
        {ML_UP, BIND},
        {ML_UP, MEDIA("01", "0000")},
        {ML_UP, MEDIA("02", "00a0")},
        {ML_UP, MEDIA("03", "0140")},
        {ML_UP, MEDIA("04", "01e0")},
        {ML_UP, MEDIA("05", "0280")},
    };
    expect(3478, lines, 6,
           "stun.message up stun.method=channel_bind stun.class=request stun.peer=198.51.100.99\n"
           "rtp.stream up rtp.payload_type=111 rtp.ssrc=4660\n",
           "stun");
}

static void the_layers_of_what_is_inside_say_so(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_span bind = exchange_bytes(BIND);
    struct ml_span data = exchange_bytes("4000 0014 " ASK);
    proto_rig_init(&rig, ML_IP_UDP, 3478);
    proto_rig_feed(&rig, ML_UP, bind);
    proto_rig_feed(&rig, ML_UP, data);
    proto_rig_end(&rig);
    const struct ml_fact *fact = proto_rig_fact(&rig, 1);
    assert_int_equal(fact->n_layers, 2);
    assert_int_equal(fact->layers[0], ML_LAYER_UDP);
    assert_int_equal(fact->layers[1], ML_LAYER_STUN);
    assert_int_equal(fact->range_from, 4);
    assert_int_equal(fact->range_len, 20);
    proto_rig_fini(&rig);
    ml_mem_free((void *)(uintptr_t)bind.ptr);
    ml_mem_free((void *)(uintptr_t)data.ptr);
}

/* Otherwise a liar could nest relays without end. */
static void a_relay_within_a_relay_is_not_followed(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {
        {ML_UP, BIND},
        {ML_UP, "4000 003c 00160028 " ID " " PEER " 00130018 00010004 " ID " 80220000"},
    };
    expect(3478, lines, 2,
           "stun.message up stun.method=channel_bind stun.class=request stun.peer=198.51.100.99\n"
           "stun.message up stun.method=send stun.class=indication stun.peer=198.51.100.99\n",
           "stun");
}

static void peers_beyond_the_ceiling_are_left_alone(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_span first = exchange_bytes(ASK);
    proto_rig_init(&rig, ML_IP_UDP, 3478);
    proto_rig_feed(&rig, ML_UP, first);
    for (unsigned channel = 0; channel < 16; channel++) {
        uint8_t bytes[4 + 20] = {0x40, (uint8_t)channel, 0, 20};
        memcpy(bytes + 4, first.ptr, 20);
        proto_rig_feed(&rig, ML_UP, ml_span_of(bytes, sizeof bytes));
    }
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig), "stun.message up stun.method=binding stun.class=request count=9\n");
    proto_rig_fini(&rig);
    ml_mem_free((void *)(uintptr_t)first.ptr);
}

/* --- streams --- */

static void streams_are_read_in_three_framings(void **state)
{
    (void)state;
    const struct exchange_line plain[] = {{ML_UP, ASK " " ASK}, {ML_DOWN, TOLD}};
    const struct exchange_line length[] = {{ML_UP, "0014 " ASK " 0014 " ASK}, {ML_DOWN, "0020 " TOLD}};
    const struct exchange_line relay[] = {{ML_UP, "ff10001c 0102030405060708 " ASK}};
    static const char facts[] = "stun.message up stun.method=binding stun.class=request count=2\n"
                                "stun.message down stun.method=binding stun.class=success stun.mapped=203.0.113.7\n";
    static const char relay_facts[] = "skype.teams_call up\n"
                                      "stun.message up stun.method=binding stun.class=request\n";
    exchange_expect(&(struct exchange){.is_stream = true, .port = 443, .lines = plain, .n = 2}, facts, "stun");
    exchange_expect(&(struct exchange){.is_stream = true, .port = 443, .lines = length, .n = 2}, facts, "stun");
    exchange_expect(&(struct exchange){.is_stream = true, .port = 443, .lines = relay, .n = 1}, relay_facts, "stun");
}

static void other_streams_are_left_alone(void **state)
{
    (void)state;
    static const char *const streams[] = {
        "00010000 2112a443 00*12",
        "0014 00010000 2112a443 00*12",
        "0015 " ASK " 00",
        "ff10001c 00*8 00010000 00*16",
        "160301 00*20",
        "'GET / HTTP/1.1'",
    };
    for (size_t i = 0; i + 1 < sizeof streams / sizeof streams[0]; i++) {
        struct ml_span bytes = exchange_bytes(streams[i]);
        const struct ml_chunk chunk = {.bytes = bytes};
        assert_int_equal(ml_parser_stun.probe(&chunk), ML_MATCH_NO);
        ml_mem_free((void *)(uintptr_t)bytes.ptr);
    }
}

static void pieces_make_no_difference(void **state)
{
    (void)state;
    const struct exchange_line plain[] = {{ML_DOWN, TOLD},
                                          {ML_UP, ASK " " BIND " 4000 0014 " ASK " 4000 0005 0102030405 000000 " ASK}};
    const struct exchange_line length[] = {{ML_UP, "0014 " ASK " 0005 0102030405 0014 " ASK}, {ML_DOWN, "0020 " TOLD}};
    const struct exchange first = {.is_stream = true, .port = 3478, .lines = plain, .n = 2};
    const struct exchange second = {.is_stream = true, .port = 443, .lines = length, .n = 2};
    exchange_expect_split(&first, &ml_parser_stun,
                          "stun.message down stun.method=binding stun.class=success stun.mapped=203.0.113.7\n"
                          "stun.message up stun.method=binding stun.class=request count=3\n"
                          "stun.message up stun.method=channel_bind stun.class=request stun.peer=198.51.100.99\n");
    exchange_expect_split(&second, &ml_parser_stun,
                          "stun.message up stun.method=binding stun.class=request count=2\n"
                          "stun.message down stun.method=binding stun.class=success stun.mapped=203.0.113.7\n");
}

static void behind_a_hole_the_next_message_puts_it_in_step(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_span ask = exchange_bytes(ASK);
    struct ml_span told = exchange_bytes(TOLD);
    proto_rig_init(&rig, ML_IP_TCP, 3478);
    proto_rig_feed(&rig, ML_UP, ask);
    proto_rig_feed(&rig, ML_UP, ml_span_cut(ask, 0, 10));
    proto_rig_gap(&rig, ML_UP, 10);
    proto_rig_feed(&rig, ML_UP, ml_span_text("lost in the middle of something"));
    proto_rig_feed(&rig, ML_UP, told);
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig),
                        "stun.message up stun.method=binding stun.class=request\n"
                        "stun.message up stun.method=binding stun.class=success stun.mapped=203.0.113.7\n");
    proto_rig_fini(&rig);
    ml_mem_free((void *)(uintptr_t)ask.ptr);
    ml_mem_free((void *)(uintptr_t)told.ptr);
}

/* What looks like the start of a frame and is none must not be looked at for ever. */
static void a_frame_too_short_for_its_header_is_passed_over(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, "ff100007 0102030405060708 " ASK " ff10001c 0102030405060708 " ASK}};
    const struct exchange exchange = {.is_stream = true, .port = 443, .lines = lines, .n = 1};
    static const char facts[] = "skype.teams_call up\n"
                                "stun.message up stun.method=binding stun.class=request\n";
    exchange_expect_split(&exchange, &ml_parser_stun, facts);
}

/* Facts of a stream lead to the segments that carried the message. */
static void a_message_over_two_segments_names_both(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_span ask = exchange_bytes(ASK);
    proto_rig_init(&rig, ML_IP_TCP, 3478);
    proto_rig_feed(&rig, ML_UP, ask);
    proto_rig_feed(&rig, ML_UP, ml_span_cut(ask, 0, 10));
    proto_rig_feed(&rig, ML_UP, ml_span_cut(ask, 10, 10));
    proto_rig_end(&rig);
    const struct ml_fact *fact = proto_rig_fact(&rig, 0);
    assert_int_equal(fact->count, 2);
    assert_int_equal(fact->first_seq, 1);
    assert_int_equal(fact->last_seq, 3);
    assert_int_equal(fact->range_from, 0);
    assert_int_equal(fact->range_len, 20);
    proto_rig_fini(&rig);
    ml_mem_free((void *)(uintptr_t)ask.ptr);
}

/* --- sweeps --- */

static void sweeps(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {
        {ML_UP, BIND},
        {ML_DOWN, "01130024 " ID " 0009000c 00000401 556e61757468 2e20 00140004 'text' 80220004 'abcd'"},
        {ML_UP, "00160034 " ID " " PEER " 00130024 " INNER_ASK},
        {ML_UP, MEDIA("01", "0000")},
        {ML_UP, "ff10001c 0102030405060708 " ASK},
    };
    const struct exchange_line stream[] = {{ML_UP, ASK " 4000 0005 0102030405 000000 " BIND}, {ML_DOWN, TOLD}};
    const struct exchange_line length[] = {{ML_UP, "0014 " ASK " 0005 0102030405"}};
    const struct exchange datagrams = {.port = 3478, .lines = lines, .n = 5};
    const struct exchange plain = {.is_stream = true, .port = 3478, .lines = stream, .n = 2};
    const struct exchange framed = {.is_stream = true, .port = 443, .lines = length, .n = 1};
    assert_true(exchange_sweep(&datagrams) > 0);
    assert_true(exchange_sweep(&plain) > 0);
    assert_true(exchange_sweep(&framed) > 0);
    assert_true(exchange_oom(&datagrams) > 0);
    assert_true(exchange_oom(&plain) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_public_address_is_in_the_answer),
        cmocka_unit_test(repeated_messages_are_one_fact),
        cmocka_unit_test(names_realm_software_and_error_are_told),
        cmocka_unit_test(relayed_and_peer_addresses_are_told),
        cmocka_unit_test(datagrams_that_are_no_message_are_left_alone),
        cmocka_unit_test(a_wrong_fingerprint_states_nothing),
        cmocka_unit_test(each_app_is_known_by_what_only_it_sends),
        cmocka_unit_test(what_everybody_sends_names_nobody),
        cmocka_unit_test(zoom_is_known_without_the_cookie),
        cmocka_unit_test(the_multiplexed_relay_is_microsofts),
        cmocka_unit_test(indications_carry_messages_of_the_peers),
        cmocka_unit_test(channel_data_goes_to_the_protocol_inside),
        cmocka_unit_test(the_layers_of_what_is_inside_say_so),
        cmocka_unit_test(a_relay_within_a_relay_is_not_followed),
        cmocka_unit_test(peers_beyond_the_ceiling_are_left_alone),
        cmocka_unit_test(streams_are_read_in_three_framings),
        cmocka_unit_test(other_streams_are_left_alone),
        cmocka_unit_test(pieces_make_no_difference),
        cmocka_unit_test(behind_a_hole_the_next_message_puts_it_in_step),
        cmocka_unit_test(a_frame_too_short_for_its_header_is_passed_over),
        cmocka_unit_test(a_message_over_two_segments_names_both),
        cmocka_unit_test(sweeps),
    };
    return cmocka_run_group_tests_name("proto/stun", tests, NULL, NULL);
}
