/* SPDX-License-Identifier: Apache-2.0 */
/* Captures built by talk and capfile, read back by libpcap. */
#include "support/talk.h"

#include "support/capfile.h"
#include "support/cm.h"

#include <pcap/pcap.h>
#include <stdio.h>

#define MS INT64_C(1000000)
#define START (INT64_C(1700000000) * 1000 * MS + 123456789)

static pcap_t *read_back(const struct ml_buf *out)
{
    char error[PCAP_ERRBUF_SIZE];
    FILE *stream = fmemopen(out->bytes, out->len, "rb");
    assert_non_null(stream);
    pcap_t *pcap = pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, error);
    assert_non_null(pcap);
    return pcap;
}

static struct ml_span next(pcap_t *pcap, int64_t *time_ns, uint32_t *wire_len)
{
    struct pcap_pkthdr *header = NULL;
    const uint8_t *bytes = NULL;
    int outcome = pcap_next_ex(pcap, &header, &bytes);
    if (outcome != 1) {
        assert_int_equal(outcome, PCAP_ERROR_BREAK);
        return ml_span_of(NULL, 0);
    }
    *time_ns = (int64_t)header->ts.tv_sec * 1000 * MS + header->ts.tv_usec;
    *wire_len = header->len;
    return ml_span_of(bytes, header->caplen);
}

static void pcap_files_are_read_by_others(void **state)
{
    (void)state;
    for (int variant = 0; variant < 4; variant++) {
        bool is_big_endian = (variant & 1) != 0;
        bool is_ns = (variant & 2) != 0;
        struct capfile file;
        struct ml_buf out;
        int64_t time_ns = 0;
        uint32_t wire_len = 0;
        ml_buf_init(&out, 1 << 16);
        capfile_pcap(&file, &out, is_big_endian, is_ns, BUILD_LINK_RAW, 65535);
        capfile_record(&file, START, ml_span_text("abc"), 0);
        capfile_record(&file, START + 1, ml_span_text("defg"), 1500);
        pcap_t *pcap = read_back(&out);
        assert_int_equal(pcap_datalink(pcap), DLT_RAW);
        assert_int_equal(pcap_snapshot(pcap), 65535);
        assert_span_text(next(pcap, &time_ns, &wire_len), "abc");
        assert_true(time_ns == (is_ns ? START : START / 1000 * 1000));
        assert_int_equal(wire_len, 3);
        assert_span_text(next(pcap, &time_ns, &wire_len), "defg");
        assert_int_equal(wire_len, 1500);
        assert_int_equal(next(pcap, &time_ns, &wire_len).len, 0);
        pcap_close(pcap);
        ml_buf_fini(&out);
    }
}

static void pcapng_clocks_have_their_resolution(void **state)
{
    (void)state;
    static const struct {
        uint8_t resolution;
        int64_t time_ns;
    } cases[] = {
        {0, START / 1000 * 1000},
        {6, START / 1000 * 1000},
        {9, START},
        {3, START / MS * MS},
        {0x80 | 10, START - START % (1000 * MS) + 123046875}, /* 126/1024 s */
    };
    for (int variant = 0; variant < 2; variant++) {
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            struct capfile file;
            struct ml_buf out;
            int64_t time_ns = 0;
            uint32_t wire_len = 0;
            ml_buf_init(&out, 1 << 16);
            capfile_section(&file, &out, variant == 1, "test");
            capfile_interface(&file, BUILD_LINK_ETHERNET, 1000, cases[i].resolution, "if0");
            capfile_packet(&file, 0, START, ml_span_text("abcde"), 9, "a comment", 2);
            pcap_t *pcap = read_back(&out);
            assert_span_text(next(pcap, &time_ns, &wire_len), "abcde");
            assert_int_equal(wire_len, 9);
            assert_true(time_ns == cases[i].time_ns);
            pcap_close(pcap);
            ml_buf_fini(&out);
        }
    }
}

static void blocks_that_are_no_packets_are_skipped_by_others(void **state)
{
    (void)state;
    struct capfile file;
    struct ml_buf out;
    int64_t time_ns = 0;
    uint32_t wire_len = 0;
    struct ml_ip ip = build_address("2001:db8::1");
    ml_buf_init(&out, 1 << 16);
    capfile_section(&file, &out, false, NULL);
    capfile_interface(&file, BUILD_LINK_RAW, 0, 9, NULL);
    capfile_name(&file, &ip, "host.example");
    capfile_keylog(&file, ml_span_text("CLIENT_RANDOM 00 00\n"));
    capfile_simple(&file, ml_span_text("simple"), 0);
    capfile_block(&file, 0x0bad, ml_span_text("odd"));
    capfile_packet(&file, 0, START, ml_span_text("packet"), 0, NULL, 0);
    capfile_statistics(&file, 0, START, 2, 0);
    pcap_t *pcap = read_back(&out);
    assert_span_text(next(pcap, &time_ns, &wire_len), "simple");
    assert_span_text(next(pcap, &time_ns, &wire_len), "packet");
    assert_true(time_ns == START);
    assert_int_equal(next(pcap, &time_ns, &wire_len).len, 0);
    pcap_close(pcap);
    ml_buf_fini(&out);
}

static uint32_t be32(struct ml_span bytes, size_t at)
{
    return (uint32_t)bytes.ptr[at] << 24 | (uint32_t)bytes.ptr[at + 1] << 16 | (uint32_t)bytes.ptr[at + 2] << 8 |
           bytes.ptr[at + 3];
}

/* Follows both directions: numbers must join, what was said must come out. */
static void hear(const struct reel *reel, struct ml_buf said[2], unsigned *acks_wrong)
{
    uint32_t expected[2] = {0};
    for (size_t i = 0; i < reel->n; i++) {
        struct ml_span bytes = reel->packets[i].bytes;
        int side = reel->packets[i].is_outbound ? 0 : 1;
        size_t header = 20 + (size_t)(bytes.ptr[32] >> 4) * 4;
        uint8_t flags = bytes.ptr[33];
        if ((flags & 2) != 0) {
            expected[side] = be32(bytes, 24) + 1;
            continue;
        }
        assert_int_equal(be32(bytes, 24), expected[side]);
        *acks_wrong += be32(bytes, 28) > expected[1 - side] ? 1U : 0U;
        expected[side] += (uint32_t)(bytes.len - header) + (flags & 1);
        ml_buf_add_span(&said[side], ml_span_cut(bytes, header, bytes.len));
    }
}

static void a_conversation_joins_and_keeps_its_round_trip(void **state)
{
    (void)state;
    struct reel reel;
    struct ml_buf said[2];
    unsigned acks_wrong = 0;
    char large[5000];
    memset(large, 'x', sizeof large);
    reel_init(&reel);
    ml_buf_init(&said[0], 1 << 16);
    ml_buf_init(&said[1], 1 << 16);
    struct talk talk = {.reel = &reel,
                        .ends = build_ends("10.0.0.2", 40000, "198.51.100.1", 80),
                        .now_ns = START,
                        .rtt_ns = 30 * MS,
                        .mss = 1000,
                        .seq = {1000, 2000}};
    talk_open(&talk);
    assert_true(reel.packets[1].time_ns - reel.packets[0].time_ns == 30 * MS);
    talk_send(&talk, TALK_CLIENT, ml_span_text("GET"));
    talk_send(&talk, TALK_SERVER, ml_span_of(large, sizeof large));
    talk_wait(&talk, 100 * MS);
    talk_push(&talk, ml_span_text("news"));
    talk_close(&talk, TALK_CLIENT);
    reel_sort(&reel);
    hear(&reel, said, &acks_wrong);
    assert_int_equal(acks_wrong, 0); /* nobody acknowledges what was not yet sent */
    assert_span_text(build_span(&said[0]), "GET");
    assert_int_equal(said[1].len, sizeof large + 4);
    assert_int_equal(reel.n, 3 + 2 + 5 + 1 + 1 + 1 + 3);
    for (size_t i = 1; i < reel.n; i++) {
        assert_true(reel.packets[i].time_ns >= reel.packets[i - 1].time_ns);
    }
    ml_buf_fini(&said[0]);
    ml_buf_fini(&said[1]);
    reel_fini(&reel);
}

static void record(struct ml_buf *out, bool is_ng)
{
    struct reel reel;
    reel_init(&reel);
    struct build_ends ends = build_ends("2001:db8::2", 5000, "2001:db8::1", 53);
    struct talk talk = {.reel = &reel, .ends = build_ends("10.0.0.2", 40001, "198.51.100.1", 443), .now_ns = START};
    talk_open(&talk);
    reel.comment = "a datagram";
    reel_udp(&reel, START - MS, true, &ends, ml_span_text("ask"));
    talk_reset(&talk, TALK_SERVER);
    reel_sort(&reel);
    if (is_ng) {
        reel_write_pcapng(&reel, BUILD_LINK_ETHERNET, "test", out);
    } else {
        reel_write_pcap(&reel, BUILD_LINK_SLL, out);
    }
    reel_fini(&reel);
}

static void the_same_talk_gives_the_same_file(void **state)
{
    (void)state;
    for (int variant = 0; variant < 2; variant++) {
        struct ml_buf once;
        struct ml_buf twice;
        int64_t time_ns = 0;
        uint32_t wire_len = 0;
        size_t n = 0;
        ml_buf_init(&once, 1 << 16);
        ml_buf_init(&twice, 1 << 16);
        record(&once, variant == 1);
        record(&twice, variant == 1);
        assert_true(ml_span_equal(build_span(&once), build_span(&twice)));
        pcap_t *pcap = read_back(&once);
        assert_int_equal(pcap_datalink(pcap), variant == 1 ? DLT_EN10MB : DLT_LINUX_SLL);
        struct ml_span first = next(pcap, &time_ns, &wire_len);
        assert_true(time_ns / 1000 == (START - MS) / 1000); /* sorted */
        for (struct ml_span bytes = first; bytes.len != 0; n++) {
            bytes = next(pcap, &time_ns, &wire_len);
        }
        assert_int_equal(n, 5);
        pcap_close(pcap);
        ml_buf_fini(&once);
        ml_buf_fini(&twice);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pcap_files_are_read_by_others),
        cmocka_unit_test(pcapng_clocks_have_their_resolution),
        cmocka_unit_test(blocks_that_are_no_packets_are_skipped_by_others),
        cmocka_unit_test(a_conversation_joins_and_keeps_its_round_trip),
        cmocka_unit_test(the_same_talk_gives_the_same_file),
    };
    return cmocka_run_group_tests_name("support/talk", tests, NULL, NULL);
}
