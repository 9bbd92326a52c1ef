/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/rtp/packet.h"
#include "proto/rtp/rtcp.h"
#include "proto/rtp/rtp.h"
#include "proto/rtp/sample.h"
#include "proto/rtp/stream.h"
#include "support/cm.h"
#include "support/exchange.h"
#include "support/kit.h"
#include "support/proto_rig.h"

enum { SSRC = 0x01020304, PAYLOAD = 160 };

static void release(struct ml_span bytes)
{
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
}

/* --- packets --- */

static void the_header_is_read(void **state)
{
    (void)state;
    /* Two sources, an extension of one word (RFC 3550, sections 5.1 and 5.3.1). */
    struct ml_span bytes = exchange_bytes("92e0 1234 000003e8 01020304 00000001 00000002 bede0001 aabbccdd 'voice'");
    struct ml_rtp_packet packet;
    assert_true(ml_rtp_read(bytes, &packet));
    assert_int_equal(packet.payload_type, 96);
    assert_int_equal(packet.seq, 0x1234);
    assert_int_equal(packet.timestamp, 1000);
    assert_int_equal(packet.ssrc, SSRC);
    assert_span_text(packet.payload, "voice");
    release(bytes);
}

static void what_cannot_be_rtp_is_refused(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "4000 0001 00000000 01020304", /* version 1 */
        "c000 0001 00000000 01020304", /* version 3 */
        "8001 0001 00000000 01020304", /* a payload type nobody has assigned (RFC 3551) */
        "8048 0001 00000000 01020304", /* one that RTCP would use (RFC 5761) */
        "8100 0001 00000000 01020304", /* a source that is not there */
        "9000 0001 00000000 01020304", /* an extension that is not there */
        "9000 0001 00000000 01020304 bede0002 00000000",
        "8000 0001 00000000 010203",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct ml_span bytes = exchange_bytes(refused[i]);
        struct ml_rtp_packet packet;
        assert_false(ml_rtp_read(bytes, &packet));
        release(bytes);
    }
}

static void assigned_codecs_have_names(void **state)
{
    (void)state;
    assert_string_equal(ml_rtp_codec(0), "PCMU");
    assert_string_equal(ml_rtp_codec(18), "G729");
    assert_string_equal(ml_rtp_codec(34), "H263");
    assert_null(ml_rtp_codec(96));
    assert_true(ml_rtp_is_static_audio(18));
    assert_false(ml_rtp_is_static_audio(34));
    assert_false(ml_rtp_is_static_audio(111));
}

/* --- control packets --- */

#define REPORT "80c90001 01020304"
#define DESCRIPTION "81ca0004 01020304 0109 'anna@host' 00"
#define COMPOUND REPORT " " DESCRIPTION

static void a_chain_must_fill_the_datagram(void **state)
{
    (void)state;
    static const char *const good[] = {REPORT, COMPOUND, "80c90000"};
    static const char *const bad[] = {
        "",
        REPORT " 00",
        "80c90002 01020304",
        "00c90001 01020304",
        "80c70001 01020304",
        "80d00001 01020304",
        REPORT " 80c9",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct ml_span bytes = exchange_bytes(good[i]);
        assert_true(ml_rtcp_is_compound(bytes));
        release(bytes);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct ml_span bytes = exchange_bytes(bad[i]);
        assert_false(ml_rtcp_is_compound(bytes));
        release(bytes);
    }
}

/* RFC 3550, section 6.5: the items of each source end with a zero and fill a word. */
static void the_items_of_each_source_are_told_apart(void **state)
{
    (void)state;
    struct ml_span bytes = exchange_bytes("82ca0006 00000001 0101 'a' 0202 'bc' 00 00000002 0603 'xyz' 00*3");
    struct ml_reader rd = ml_rd_open_framed(bytes);
    struct ml_rtcp_packet packet;
    struct ml_rtcp_walk walk;
    struct ml_span text = {0};
    uint8_t item = 0;
    assert_true(ml_rtcp_next(&rd, &packet));
    ml_rtcp_walk_init(&walk, &packet);
    assert_true(ml_rtcp_walk_next(&walk, &item, &text));
    assert_int_equal(item, ML_RTCP_CNAME);
    assert_int_equal(walk.ssrc, 1);
    assert_span_text(text, "a");
    assert_true(ml_rtcp_walk_next(&walk, &item, &text));
    assert_int_equal(item, ML_RTCP_NAME);
    assert_span_text(text, "bc");
    assert_true(ml_rtcp_walk_next(&walk, &item, &text));
    assert_int_equal(item, ML_RTCP_TOOL);
    assert_int_equal(walk.ssrc, 2);
    assert_span_text(text, "xyz");
    assert_false(ml_rtcp_walk_next(&walk, &item, &text));
    release(bytes);
}

/* --- streams --- */

/* One packet; what the payload is made of tells `fill`. */
static void feed_packet(struct proto_rig *rig, enum ml_dir dir, uint8_t type, uint16_t seq, uint32_t timestamp,
                        uint8_t (*fill)(unsigned i))
{
    static unsigned counter;
    uint8_t bytes[12 + PAYLOAD] = {0x80,
                                   type,
                                   (uint8_t)(seq >> 8),
                                   (uint8_t)seq,
                                   (uint8_t)(timestamp >> 24),
                                   (uint8_t)(timestamp >> 16),
                                   (uint8_t)(timestamp >> 8),
                                   (uint8_t)timestamp,
                                   SSRC >> 24,
                                   (SSRC >> 16) & 0xff,
                                   (SSRC >> 8) & 0xff,
                                   SSRC & 0xff};
    for (unsigned i = 0; i < PAYLOAD; i++) {
        bytes[12 + i] = fill(counter++);
    }
    proto_rig_feed(rig, dir, ml_span_of(bytes, sizeof bytes));
}

static uint8_t silence(unsigned i)
{
    return i % 7 == 0 ? 0x7f : 0xff; /* what PCMU makes of it */
}

/* Evenly spread, and the same on every machine. */
static uint8_t cipher(unsigned i)
{
    uint32_t x = i * UINT32_C(2654435761);
    x ^= x >> 15;
    x *= UINT32_C(2246822519);
    x ^= x >> 13;
    x *= UINT32_C(3266489917);
    return (uint8_t)(x >> 16);
}

static void expect_stream(uint8_t type, unsigned n, uint8_t (*fill)(unsigned i), const char *facts)
{
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_UDP, 40000);
    for (unsigned i = 0; i < n; i++) {
        feed_packet(&rig, ML_UP, type, (uint16_t)(65533 + i), 160 * i, fill); /* the number runs over */
    }
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig), facts);
    proto_rig_fini(&rig);
}

static void five_packets_that_count_are_a_stream(void **state)
{
    (void)state;
    expect_stream(111, 4, cipher, "");
    expect_stream(111, 5, cipher, "rtp.stream up rtp.payload_type=111 rtp.ssrc=16909060\n");
}

static void the_counters_of_one_source_must_count(void **state)
{
    (void)state;
    static const struct {
        int seq_step;
        uint32_t time_step;
        const char *facts;
    } cases[] = {
        {1, 960, "rtp.stream up rtp.payload_type=111 rtp.ssrc=16909060\n"},
        {3, 960, "rtp.stream up rtp.payload_type=111 rtp.ssrc=16909060\n"}, /* losses */
        {1, 0, "rtp.stream up rtp.payload_type=111 rtp.ssrc=16909060\n"},   /* one picture in many packets */
        {0, 960, ""},                                                       /* stands still */
        {-1, 960, ""},                                                      /* counts down */
        {1000, 960, ""},                                                    /* jumps */
        {1, 0x40000000, ""},                                                /* its clock does */
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct proto_rig rig;
        proto_rig_init(&rig, ML_IP_UDP, 40000);
        for (int i = 0; i < 12; i++) {
            feed_packet(&rig, ML_UP, 111, (uint16_t)(30000 + i * cases[c].seq_step), (uint32_t)i * cases[c].time_step,
                        cipher);
        }
        proto_rig_end(&rig);
        assert_string_equal(proto_rig_facts(&rig), cases[c].facts);
        proto_rig_fini(&rig);
    }
}

static void its_name_is_not_told_before_it_is_certain(void **state)
{
    (void)state;
    struct proto_rig rig;
    const char *names[4];
    proto_rig_init(&rig, ML_IP_UDP, 40000);
    for (unsigned i = 0; i < 5; i++) {
        feed_packet(&rig, ML_UP, 111, (uint16_t)i, 960 * i, cipher);
        assert_int_equal(ml_demux_names(rig.demux, names, 4), i == 4 ? 1 : 0);
    }
    assert_string_equal(names[0], "rtp");
    proto_rig_fini(&rig);
}

static void the_fact_names_first_and_last_packet(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_UDP, 40000);
    for (unsigned i = 0; i < 7; i++) {
        feed_packet(&rig, ML_UP, 111, (uint16_t)i, 960 * i, cipher);
    }
    proto_rig_end(&rig);
    const struct ml_fact *fact = proto_rig_fact(&rig, 0);
    assert_int_equal(fact->first_seq, 1);
    assert_int_equal(fact->last_seq, 7);
    assert_int_equal(fact->range_len, 12 + PAYLOAD);
    proto_rig_fini(&rig);
}

/* --- clear or encrypted --- */

static void plain_samples_are_readable_and_said_to_be(void **state)
{
    (void)state;
    expect_stream(0, 15, silence, "rtp.stream up rtp.payload_type=0 rtp.codec=PCMU rtp.ssrc=16909060\n");
    expect_stream(0, 16, silence,
                  "rtp.stream up rtp.payload_type=0 rtp.codec=PCMU rtp.ssrc=16909060 rtp.encrypted=false "
                  "rtp.encrypted_by=payload statistics\n");
}

static void evenly_spread_samples_are_encrypted(void **state)
{
    (void)state;
    expect_stream(8, 40, cipher,
                  "rtp.stream up rtp.payload_type=8 rtp.codec=PCMA rtp.ssrc=16909060 rtp.encrypted=true "
                  "rtp.encrypted_by=payload statistics\n");
}

static void of_other_codecs_even_bytes_prove_nothing(void **state)
{
    (void)state;
    expect_stream(18, 40, cipher, "rtp.stream up rtp.payload_type=18 rtp.codec=G729 rtp.ssrc=16909060\n");
    expect_stream(111, 40, silence, "rtp.stream up rtp.payload_type=111 rtp.ssrc=16909060\n");
}

/* RFC 3711, section 3.1: a master key identifier repeats in every packet, behind the payload. */
static void what_srtp_appends_is_not_taken_for_speech(void **state)
{
    (void)state;
    struct ml_rtp_sample sample = {.n = 0};
    uint8_t payload[30];
    unsigned counter = 0;
    for (unsigned packet = 0; packet < 256; packet++) {
        for (unsigned i = 0; i < sizeof payload; i++) {
            payload[i] = i < 16 ? cipher(counter++) : 0x2a;
        }
        ml_rtp_sample_add(&sample, ml_span_of(payload, sizeof payload));
    }
    assert_int_equal(sample.n, 4096);
    assert_int_equal(ml_rtp_sample_look(&sample, 0), ML_RTP_CIPHER);
}

static void a_dtls_hello_on_the_same_ports_means_encrypted(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_fact_draft draft;
    proto_rig_init(&rig, ML_IP_UDP, 40000);
    for (unsigned i = 0; i < 5; i++) {
        feed_packet(&rig, ML_UP, 111, (uint16_t)i, 960 * i, cipher);
    }
    const struct ml_chunk chunk = {.flow = &rig.flow, .n_layers = 2, .layers = {ML_LAYER_UDP, ML_LAYER_TLS_HANDSHAKE}};
    ml_fact_begin(&draft, ML_FACT_TLS_CLIENT_HELLO, &chunk);
    assert_non_null(ml_fact_emit(&rig.facts, &draft));
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig), "tls.client_hello up\n"
                                               "rtp.stream up rtp.payload_type=111 rtp.ssrc=16909060 "
                                               "rtp.encrypted=true rtp.encrypted_by=dtls\n");
    proto_rig_fini(&rig);
}

static void the_hello_of_quic_means_nothing_for_media(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_fact_draft draft;
    proto_rig_init(&rig, ML_IP_UDP, 40000);
    for (unsigned i = 0; i < 5; i++) {
        feed_packet(&rig, ML_UP, 111, (uint16_t)i, 960 * i, cipher);
    }
    const struct ml_chunk chunk = {.flow = &rig.flow, .n_layers = 2, .layers = {ML_LAYER_UDP, ML_LAYER_QUIC_CRYPTO}};
    ml_fact_begin(&draft, ML_FACT_TLS_CLIENT_HELLO, &chunk);
    assert_non_null(ml_fact_emit(&rig.facts, &draft));
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig), "tls.client_hello up\n"
                                               "rtp.stream up rtp.payload_type=111 rtp.ssrc=16909060\n");
    proto_rig_fini(&rig);
}

/* RFC 6189, section 4.1: media flows before the keys are there, and what was measured may be from before. */
static void keys_that_come_while_media_flows_leave_it_open(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_span hello = exchange_bytes("1000 0001 5a525450 01020304 505a 0003 'Hello   ' 00*4");
    proto_rig_init(&rig, ML_IP_UDP, 40000);
    for (unsigned i = 0; i < 30; i++) {
        feed_packet(&rig, ML_UP, 0, (uint16_t)i, 160 * i, silence);
    }
    proto_rig_feed(&rig, ML_UP, hello);
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig), "rtp.stream up rtp.payload_type=0 rtp.codec=PCMU rtp.ssrc=16909060\n");
    proto_rig_fini(&rig);
    release(hello);
}

/* --- RTCP in a conversation --- */

static void expect(const struct exchange_line *lines, size_t n, const char *facts, const char *names)
{
    exchange_expect(&(struct exchange){.port = 40001, .lines = lines, .n = n}, facts, names);
}

static void a_report_with_a_canonical_name_is_rtcp(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, COMPOUND}, {ML_UP, COMPOUND}};
    expect(lines, 2, "rtcp.sdes up rtp.ssrc=16909060 rtp.cname=anna@host count=2\n", "rtp");
}

static void all_items_of_a_description_are_told(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {
        {ML_UP, REPORT " 81ca000d 01020304 0101 'c' 0204 'Anna' 0305 'a@b.c' 0408 '555-0123' 0504 'Oslo' 0604 'tool' "
                       "0702 'hi' 0802 'xx' 00*2"}};
    expect(lines, 1,
           "rtcp.sdes up rtp.ssrc=16909060 rtp.cname=c rtp.name=Anna rtp.email=a@b.c rtp.phone=555-0123 "
           "rtp.location=Oslo rtp.tool=tool\n",
           "rtp");
}

static void two_sources_are_two_facts(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {
        {ML_UP, REPORT " 82ca0006 00000001 0103 'one' 00*3 00000002 0103 'two' 00*3"}};
    expect(lines, 1, "rtcp.sdes up rtp.ssrc=1 rtp.cname=one\nrtcp.sdes up rtp.ssrc=2 rtp.cname=two\n", "rtp");
}

static void reports_alone_take_three_of_one_source(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, REPORT}, {ML_UP, REPORT}, {ML_UP, REPORT}};
    const struct exchange_line others[] = {{ML_UP, REPORT}, {ML_UP, "80c90001 01020305"}, {ML_UP, REPORT}};
    expect(lines, 2, "", "");
    expect(lines, 3, "", "rtp");
    expect(others, 3, "", "");
}

static void a_description_without_report_is_not_believed_at_once(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, DESCRIPTION}, {ML_UP, REPORT " 00"}};
    expect(lines, 2, "", "");
}

/* RFC 3711, section 3.4: eight bytes in clear, then the index with its bit "encrypted" in front of the tag. */
static void an_index_that_counts_up_means_srtcp_and_srtp(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {
        {ML_UP, "80c90001 01020304 aa*20 80000001 bb*10"}, {ML_UP, "80c90001 01020304 ac*20 80000002 bc*10"},
        {ML_UP, "806f0001 00000000 01020304 aa*20"},       {ML_UP, "806f0002 000003c0 01020304 aa*20"},
        {ML_UP, "806f0003 00000780 01020304 aa*20"},       {ML_UP, "806f0004 00000b40 01020304 aa*20"},
        {ML_UP, "806f0005 00000f00 01020304 aa*20"},
    };
    const struct exchange_line last[] = {{ML_UP, "80c90001 01020304 aa*36 80000001"},
                                         {ML_UP, "80c90001 01020304 ac*36 80000002"}};
    const struct exchange_line still[] = {{ML_UP, "80c90001 01020304 aa*20 80000001 bb*10"},
                                          {ML_UP, "80c90001 01020304 ac*20 80000001 bc*10"}};
    const struct exchange_line clear[] = {{ML_UP, "80c90001 01020304 aa*20 00000001 bb*10"},
                                          {ML_UP, "80c90001 01020304 ac*20 00000002 bc*10"}};
    expect(lines, 7, "rtp.stream up rtp.payload_type=111 rtp.ssrc=16909060 rtp.encrypted=true rtp.encrypted_by=srtcp\n",
           "rtp");
    expect(last, 2, "", "rtp");
    expect(still, 2, "", "");
    expect(clear, 2, "", "");
}

/* Ciphers of apps leave the first eight bytes readable and no index: then the lengths must be those of reports. */
static void reports_of_which_only_the_beginning_can_be_read_take_six(void **state)
{
    (void)state;
    struct exchange_line lines[6];
    for (size_t i = 0; i < 6; i++) {
        lines[i] = (struct exchange_line){ML_UP, i % 2 == 0 ? "81c90007 01020304 aa*44" : "80c80006 01020304 bb*52"};
    }
    expect(lines, 5, "", "");
    expect(lines, 6, "", "rtp");
    lines[5].digits = "81c90006 01020304 aa*44"; /* one block takes seven words */
    expect(lines, 6, "", "");
    lines[5].digits = "81c90007 01020305 aa*44"; /* another source */
    expect(lines, 6, "", "");
}

static void more_sources_than_room_keep_the_believed_ones(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_UDP, 40000);
    for (unsigned i = 0; i < 5; i++) {
        feed_packet(&rig, ML_UP, 111, (uint16_t)i, 960 * i, cipher);
    }
    for (unsigned i = 0; i < 30; i++) {
        uint8_t bytes[12] = {0x80, 111, 0, 1, 0, 0, 0, 0, 9, 9, 9, (uint8_t)i};
        proto_rig_feed(&rig, ML_UP, ml_span_of(bytes, sizeof bytes));
    }
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig), "rtp.stream up rtp.payload_type=111 rtp.ssrc=16909060\n");
    proto_rig_fini(&rig);
}

/* --- KakaoTalk --- */

#define SENDER_REPORT "81c8000c 01020304 00*44"

static void a_sender_report_is_kakaotalks_on_its_network_alone(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {{ML_UP, SENDER_REPORT}};
    const struct exchange_line others[] = {
        {ML_UP, "80c8000c 01020304 00*44"}, {ML_UP, "81c8000b 01020304 00*40"}, {ML_UP, "81c9000c 01020304 00*44"}};
    const struct exchange theirs = {.port = 9000, .server = "1.201.7.7", .lines = lines, .n = 1};
    const struct exchange beside = {.port = 9000, .server = "1.202.7.7", .lines = lines, .n = 1};
    const struct exchange shapes = {.port = 9000, .server = "1.201.7.7", .lines = others, .n = 3};
    exchange_expect(&theirs, "kakao.voice up\n", "kakao_voice");
    exchange_expect(&beside, "", "");
    exchange_expect(&shapes, "", "rtp"); /* three reports of one source, but not theirs */
    assert_true(exchange_sweep(&theirs) > 0);
}

/* --- sweeps --- */

/* `n` packets `step` apart whose payloads have `n_lengths` lengths. */
static unsigned lengths_of(unsigned n, uint32_t step, unsigned n_lengths)
{
    struct ml_rtp_stream stream;
    uint8_t bytes[256] = {0};
    for (unsigned i = 0; i < n; i++) {
        const struct ml_chunk chunk = {.bytes = ml_span_of(bytes, 100), .seq = i};
        const struct ml_rtp_packet packet = {.payload_type = 111,
                                             .seq = (uint16_t)(65530 + i),
                                             .timestamp = UINT32_MAX - 960 + step * i,
                                             .ssrc = SSRC,
                                             .payload = ml_span_of(bytes, 40 + i % n_lengths)};
        if (i == 0) {
            ml_rtp_stream_begin(&stream, &chunk, &packet);
        } else {
            ml_rtp_stream_add(&stream, &chunk, &packet);
        }
    }
    return ml_rtp_stream_lengths(&stream);
}

static void lengths_of_sound_are_counted_and_those_of_pictures_are_not(void **state)
{
    (void)state;
    assert_int_equal(lengths_of(51, 960, 12), 12);
    assert_int_equal(lengths_of(51, 160, 1), 1);
    assert_int_equal(lengths_of(50, 960, 12), 0);   /* less than a second behind the first */
    assert_int_equal(lengths_of(200, 3000, 12), 0); /* 30 pictures a second at 90 kHz */
    assert_int_equal(lengths_of(200, 0, 12), 0);    /* parts of one picture */
}

static void sweeps(void **state)
{
    (void)state;
    const struct exchange_line lines[] = {
        {ML_UP, "906f0001 00000000 01020304 bede0001 00000000 aa*8"},
        {ML_UP, "906f0002 000003c0 01020304 bede0001 00000000 aa*8"},
        {ML_UP, "806f0003 00000780 01020304 aa*8"},
        {ML_UP, "806f0004 00000b40 01020304 aa*8"},
        {ML_UP, "806f0005 00000f00 01020304 aa*8"},
        {ML_UP, COMPOUND},
    };
    const struct exchange exchange = {.port = 40000, .lines = lines, .n = 6};
    assert_true(exchange_sweep(&exchange) > 0);
    assert_true(exchange_oom(&exchange) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_header_is_read),
        cmocka_unit_test(what_cannot_be_rtp_is_refused),
        cmocka_unit_test(assigned_codecs_have_names),
        cmocka_unit_test(a_chain_must_fill_the_datagram),
        cmocka_unit_test(the_items_of_each_source_are_told_apart),
        cmocka_unit_test(five_packets_that_count_are_a_stream),
        cmocka_unit_test(the_counters_of_one_source_must_count),
        cmocka_unit_test(its_name_is_not_told_before_it_is_certain),
        cmocka_unit_test(the_fact_names_first_and_last_packet),
        cmocka_unit_test(plain_samples_are_readable_and_said_to_be),
        cmocka_unit_test(evenly_spread_samples_are_encrypted),
        cmocka_unit_test(of_other_codecs_even_bytes_prove_nothing),
        cmocka_unit_test(what_srtp_appends_is_not_taken_for_speech),
        cmocka_unit_test(a_dtls_hello_on_the_same_ports_means_encrypted),
        cmocka_unit_test(the_hello_of_quic_means_nothing_for_media),
        cmocka_unit_test(keys_that_come_while_media_flows_leave_it_open),
        cmocka_unit_test(a_report_with_a_canonical_name_is_rtcp),
        cmocka_unit_test(all_items_of_a_description_are_told),
        cmocka_unit_test(two_sources_are_two_facts),
        cmocka_unit_test(reports_alone_take_three_of_one_source),
        cmocka_unit_test(a_description_without_report_is_not_believed_at_once),
        cmocka_unit_test(an_index_that_counts_up_means_srtcp_and_srtp),
        cmocka_unit_test(reports_of_which_only_the_beginning_can_be_read_take_six),
        cmocka_unit_test(more_sources_than_room_keep_the_believed_ones),
        cmocka_unit_test(a_sender_report_is_kakaotalks_on_its_network_alone),
        cmocka_unit_test(lengths_of_sound_are_counted_and_those_of_pictures_are_not),
        cmocka_unit_test(sweeps),
    };
    return cmocka_run_group_tests_name("proto/rtp", tests, NULL, NULL);
}
