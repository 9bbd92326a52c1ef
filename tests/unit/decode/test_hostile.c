/* SPDX-License-Identifier: Apache-2.0 */
/* Every truncation and every single-bit change of one frame of each kind; rig_decode checks what must hold always. */
#include "core/mem.h"
#include "support/cm.h"
#include "support/decode_rig.h"

static struct frame frame;

struct sample {
    int link_type;
    struct ml_span bytes; /* owned by the test */
};

enum { N_SAMPLES = 26 };
static struct sample samples[N_SAMPLES];
static size_t n_samples;

static void keep(int link_type)
{
    assert_true(n_samples < N_SAMPLES);
    struct ml_span bytes = frame_span(&frame);
    samples[n_samples++] = (struct sample){link_type, ml_span_of(ml_mem_text(bytes.ptr, bytes.len), bytes.len)};
}

static void hello4_after(int link_type, const char *header)
{
    frame_hello4(&frame);
    pre_hex(&frame, header);
    keep(link_type);
}

static void hello4_through(const char *header, unsigned port, uint8_t proto, bool has_ethernet)
{
    frame_hello4(&frame);
    if (has_ethernet) {
        pre_eth(&frame, 0x0800);
    }
    pre_hex(&frame, header);
    if (port != 0) {
        pre_udp(&frame, 40001, port);
    }
    pre_ip4(&frame, proto);
    keep(LINK_RAW);
}

static int build(void **state)
{
    (void)state;
    n_samples = 0;
    frame_text(&frame, "hello");
    pre_hex(&frame, "020405b4 0402 080a 01020304 00000000 01 030307");
    pre_tcp(&frame, ML_TCP_SYN);
    frame.bytes[sizeof frame.bytes - frame.len + 12] = 0xa0;
    pre_ip4(&frame, ML_IP_TCP);
    pre_hex(&frame, "0064 0800");
    pre_eth(&frame, 0x8100);
    keep(LINK_ETHERNET);
    frame_text(&frame, "hello");
    pre_udp(&frame, 40000, 5000);
    pre_hex(&frame, "11 00 0104 00000000");
    pre_hex(&frame, "3c 04 0000 00000001 00000001 000000000000000000000000");
    pre_hex(&frame, "33 00 0000 00000007");
    pre_ip6(&frame, 44);
    keep(229);
    hello4_after(LINK_ETHERNET, "020000000002 020000000001 8847 00010040 00020140");
    hello4_after(LINK_ETHERNET, "020000000002 020000000001 8864 1100 0001 0023 0021");
    hello4_after(LINK_ETHERNET, "020000000002 020000000001 0029 aaaa03 000000 0800");
    hello4_after(107, "1841 03 00 80 0080c2 0007 020000000002 020000000001 0800");
    hello4_after(113, "0004 0001 0006 0200000000010000 0800");
    hello4_after(276, "0800 0000 00000002 0001 04 06 0200000000010000");
    hello4_after(127, "0000 1900 03000080 00000000 00000000 0000000000000000 20 8801 0000 020000000011 020000000022"
                      "020000000033 0000 0000 0000 aaaa03 000000 0800");
    hello4_after(105, "8801 0000 020000000011 020000000022 020000000011 0000 8000 020000000033 020000000022 0029"
                      "aaaa03 000000 0800");
    hello4_after(192, "00 00 0c00 01000000 00000000 020000000002 020000000001 0800");
    hello4_after(239, "02 00 001e 0800 0b00 00002774 2500 0900");
    hello4_after(197, "0000000000000000 82 04 0000 0000 0000 0300000000000000 0000 020000000002 020000000001 0800");
    hello4_after(6, "10 40 020000000002 820000000001 0630 0011 0020 aaaa03 000000 0800");
    frame_hello4(&frame);
    post(&frame,
         "\x01\x07\x20\x21\0\0\x27\x74"
         "Example Chat\0\0\0\0\0\0\0\0\0\0\0\0",
         32);
    pre_hex(&frame, "000000000000 000000000000 0800");
    keep(LINK_ETHERNET);
    hello4_through("b000 0800 12340000 00000007 00000001", 0, 47, false);
    hello4_through("3001 880b 0025 0007 00000001 ff030021", 0, 47, false);
    hello4_through("1000 22eb 00000001 20640001 00000000 0000 0001 0000000000000000", 0, 47, true);
    hello4_through("08000000 00002a00", 4789, 17, true);
    hello4_through("02000800 00002a00 0102800100000000", 6081, 17, false);
    hello4_through("34ff 0031 00000001 000000c0 010000c0 01000085 01000900", 2152, 17, false);
    hello4_through("4a02 0032 0001 0002 0001 0002 0002 0000 21", 1701, 17, false);
    hello4_through("01 02 01 04 00000001 aa", 5072, 17, false);
    frame_hello6(&frame);
    pre_hex(&frame, "0001 0304 aabbcc 11223344 0102030405060708 00 0000 eebb 3fffffff");
    pre_udp(&frame, 40001, 3544);
    pre_ip4(&frame, ML_IP_UDP);
    keep(LINK_RAW);
    frame_text(&frame, "01234567");
    pre_hex(&frame, "1100 0001 00000007");
    pre_ip6(&frame, 44);
    keep(LINK_RAW);
    frame_hello4(&frame);
    for (int i = 0; i < 3; i++) {
        pre_ip4(&frame, 4);
    }
    keep(LINK_RAW);
    assert_int_equal(n_samples, N_SAMPLES);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    while (n_samples > 0) {
        ml_mem_free((void *)(uintptr_t)samples[--n_samples].bytes.ptr);
    }
    return 0;
}

struct run {
    struct rig rig;
    const struct sample *sample;
    struct ml_segment whole; /* what the undamaged frame gives */
    bool is_decoded;
};

static void begin(struct run *run, const struct sample *sample)
{
    run->sample = sample;
    rig_init(&run->rig);
    run->is_decoded = rig_decode(&run->rig, sample->link_type, sample->bytes, sample->bytes.len);
    run->whole = run->rig.segment;
}

/* The snap length cut it: what is still told is what the whole frame tells, or what is told of an outer packet. */
static void cut(void *context, struct ml_span bytes)
{
    struct run *run = context;
    if (!rig_decode(&run->rig, run->sample->link_type, bytes, run->sample->bytes.len)) {
        return;
    }
    const struct ml_segment *segment = &run->rig.segment;
    assert_true(run->is_decoded);
    if (segment->n_tunnels == run->whole.n_tunnels) {
        assert_true(ml_ip_equal(&segment->src, &run->whole.src));
        assert_true(ml_ip_equal(&segment->dst, &run->whole.dst));
        assert_int_equal(segment->ip_proto, run->whole.ip_proto);
        assert_int_equal(segment->src_port, run->whole.src_port);
        assert_int_equal(segment->dst_port, run->whole.dst_port);
        assert_true(segment->payload.len <= run->whole.payload.len);
    } else {
        assert_true(segment->n_tunnels < run->whole.n_tunnels);
    }
}

/* The frame was no longer on the wire: anything may come of it, but nothing that rig_decode would not let pass. */
static void alone(void *context, struct ml_span bytes)
{
    struct run *run = context;
    (void)rig_decode(&run->rig, run->sample->link_type, bytes, bytes.len);
}

static void every_truncation_tells_less_or_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_samples; i++) {
        struct run run;
        begin(&run, &samples[i]);
        sweep_truncations(samples[i].bytes, cut, &run);
        sweep_truncations(samples[i].bytes, alone, &run);
        rig_fini(&run.rig);
    }
}

static void every_bit_flip_is_survived(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_samples; i++) {
        struct run run;
        begin(&run, &samples[i]);
        sweep_bit_flips(samples[i].bytes, alone, &run);
        rig_fini(&run.rig);
    }
}

static void samples_are_what_they_are_meant_to_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_samples; i++) {
        struct run run;
        begin(&run, &samples[i]);
        if (i != 24) { /* a fragment alone */
            assert_true(run.is_decoded);
            assert_span_text(run.whole.payload, "hello");
        }
        assert_int_equal(run.rig.counters.n[ML_COUNT_TUNNELS_KEPT_OUTER], 0);
        rig_fini(&run.rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_what_they_are_meant_to_be),
        cmocka_unit_test(every_truncation_tells_less_or_nothing),
        cmocka_unit_test(every_bit_flip_is_survived),
    };
    return cmocka_run_group_tests_name("decode/hostile", tests, build, drop);
}
