/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "support/cm.h"
#include "support/decode_rig.h"

enum { WHOLE = 200 }; /* bytes of the datagram most tests cut up: a UDP header and 192 bytes */

static uint8_t datagram[WHOLE];
static struct rig rig;

/* A fragment of `datagram` (or of other bytes of that length). */
struct piece {
    unsigned version;
    uint32_t id;
    uint32_t offset;
    size_t len;
    bool is_last;
    const uint8_t *whole; /* NULL: datagram */
};

static int start(void **state)
{
    (void)state;
    struct frame frame;
    frame_zeros(&frame, WHOLE - 8);
    for (size_t i = 0; i < WHOLE - 8; i++) {
        frame.bytes[sizeof frame.bytes - frame.len + i] = (uint8_t)(i + 1);
    }
    pre_udp(&frame, 40000, 5000);
    memcpy(datagram, frame_span(&frame).ptr, WHOLE);
    rig_init(&rig);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    rig_fini(&rig);
    return 0;
}

static void put_head(struct frame *frame, const struct piece *piece)
{
    if (piece->version == 6) {
        pre_u32(frame, piece->id);
        pre_u16(frame, piece->offset | (piece->is_last ? 0U : 1U));
        pre_hex(frame, "1100");
        pre_ip6(frame, 44);
        return;
    }
    pre_ip4(frame, ML_IP_UDP);
    uint8_t *head = frame->bytes + sizeof frame->bytes - frame->len;
    head[4] = (uint8_t)(piece->id >> 8);
    head[5] = (uint8_t)piece->id;
    head[6] = (uint8_t)(piece->offset >> 11 | (piece->is_last ? 0U : 0x20U));
    head[7] = (uint8_t)(piece->offset >> 3);
}

static bool send_cut(const struct piece *piece, size_t cut)
{
    struct frame frame;
    const uint8_t *whole = piece->whole != NULL ? piece->whole : datagram;
    frame.len = 0;
    pre(&frame, whole + (piece->offset + piece->len <= WHOLE ? piece->offset : 0), piece->len);
    put_head(&frame, piece);
    struct ml_span bytes = frame_span(&frame);
    return rig_decode(&rig, LINK_RAW, ml_span_of(bytes.ptr, bytes.len - cut), bytes.len);
}

static bool send(unsigned version, uint32_t id, uint32_t offset, size_t len, bool is_last)
{
    return send_cut(&(struct piece){version, id, offset, len, is_last, NULL}, 0);
}

static void expect_whole(void)
{
    assert_true(rig.segment.was_fragmented);
    assert_false(rig.segment.is_cut);
    assert_int_equal(rig.segment.payload.len, WHOLE - 8);
    assert_memory_equal(rig.segment.payload.ptr, datagram + 8, WHOLE - 8);
    assert_int_equal(rig.segment.src_port, 40000);
    assert_int_equal(rig.segment.dst_port, 5000);
}

static void a_datagram_is_put_together_in_any_order(void **state)
{
    (void)state;
    static const struct {
        uint32_t offset;
        size_t len;
    } pieces[] = {{0, 80}, {80, 80}, {160, 40}};
    static const int orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (unsigned version = 4; version <= 6; version += 2) {
        for (size_t i = 0; i < 6; i++) {
            for (size_t k = 0; k < 3; k++) {
                int n = orders[i][k];
                assert_int_equal(send(version, 7, pieces[n].offset, pieces[n].len, n == 2), k == 2);
            }
            expect_whole();
            assert_int_equal(rig.segment.src.family, version);
            assert_int_equal(rig.segment.ip_len, WHOLE + 3 * (version == 4 ? 20 : 48)); /* the traffic of all three */
        }
    }
    assert_int_equal(rig.counters.n[ML_COUNT_DATAGRAMS_REASSEMBLED], 12);
    assert_int_equal(rig.counters.n[ML_COUNT_UNDECODED_FRAGMENT], 24);
}

/* Whatever the size of the pieces, the segment is the one of the datagram in one piece. */
static void every_way_to_cut_gives_the_same_segment(void **state)
{
    (void)state;
    for (unsigned version = 4; version <= 6; version += 2) {
        for (size_t size = 8; size < WHOLE; size += 8) {
            for (uint32_t at = 0; at < WHOLE; at += (uint32_t)size) {
                size_t len = WHOLE - at < size ? WHOLE - at : size;
                assert_int_equal(send(version, 9, at, len, at + len == WHOLE), at + len == WHOLE);
            }
            expect_whole();
        }
    }
}

/* What nDPI gets looks as if the datagram had never been cut. */
static void the_header_is_that_of_an_uncut_packet(void **state)
{
    (void)state;
    (void)send(4, 7, 160, 40, true);
    assert_true(send(4, 7, 0, 160, false));
    assert_int_equal(rig.segment.ip.len, 20 + WHOLE);
    assert_memory_equal(rig.segment.ip.ptr, "\x45\0\0\xdc\0\x07\0\0", 8);
    struct frame frame;
    for (int i = 0; i < 2; i++) { /* hop-by-hop options in front of the fragment header stay */
        frame.len = 0;
        pre(&frame, datagram + (i == 0 ? 0 : 104), i == 0 ? 104 : 96);
        pre_hex(&frame, i == 0 ? "1100 0001 00000007" : "1100 0068 00000007");
        pre_hex(&frame, "2c00 0104 00000000");
        pre_ip6(&frame, 0);
        assert_int_equal(rig_frame(&rig, LINK_RAW, &frame), i == 1);
    }
    expect_whole();
    assert_int_equal(rig.segment.ip.len, 48 + WHOLE);
    assert_memory_equal(rig.segment.ip.ptr + 4, "\0\xd0\0\x40", 4); /* length 208, hop by hop, limit */
    assert_memory_equal(rig.segment.ip.ptr + 40, "\x11\0\x01\x04", 4);
}

static void repetitions_change_nothing(void **state)
{
    (void)state;
    for (unsigned version = 4; version <= 6; version += 2) {
        assert_false(send(version, 7, 0, 80, false));
        assert_false(send(version, 7, 0, 80, false));
        assert_true(send(version, 7, 80, 120, true));
        expect_whole();
    }
    assert_int_equal(rig.counters.n[ML_COUNT_UNDECODED_FRAGMENT], 4);
    assert_int_equal(rig.counters.n[ML_COUNT_UNDECODED_BAD_FRAGMENT], 0);
}

/* RFC 791 allows overlaps; those that say different things are used to hide from whoever reads along. */
static void overlaps_in_ipv4_must_agree(void **state)
{
    (void)state;
    assert_false(send(4, 7, 0, 120, false));
    assert_true(send(4, 7, 80, 120, true));
    expect_whole();
    uint8_t other[WHOLE];
    memcpy(other, datagram, WHOLE);
    other[100] ^= 1;
    assert_false(send(4, 8, 0, 120, false));
    assert_false(send_cut(&(struct piece){4, 8, 80, 120, true, other}, 0));
    assert_int_equal(rig.counters.n[ML_COUNT_DATAGRAMS_REFUSED], 1);
    assert_false(send(4, 8, 120, 80, true)); /* too late: nobody knows what the datagram said */
    assert_int_equal(rig.counters.n[ML_COUNT_UNDECODED_BAD_FRAGMENT], 2);
    rig.time_ns += 31000000000;
    assert_false(send(4, 8, 0, 120, false)); /* the number is used anew */
    assert_true(send(4, 8, 120, 80, true));
    expect_whole();
}

/* RFC 5722, section 4. */
static void overlaps_in_ipv6_void_the_datagram(void **state)
{
    (void)state;
    assert_false(send(6, 7, 0, 120, false));
    assert_false(send(6, 7, 80, 120, true));
    assert_false(send(6, 7, 120, 80, true));
    assert_int_equal(rig.counters.n[ML_COUNT_DATAGRAMS_REFUSED], 1);
    assert_int_equal(rig.counters.n[ML_COUNT_UNDECODED_BAD_FRAGMENT], 2);
    uint8_t other[WHOLE];
    memcpy(other, datagram, WHOLE);
    other[10] ^= 1;
    assert_false(send(6, 8, 0, 80, false));
    assert_false(send_cut(&(struct piece){6, 8, 0, 80, false, other}, 0)); /* a repetition that differs */
    assert_int_equal(rig.counters.n[ML_COUNT_DATAGRAMS_REFUSED], 2);
}

static void impossible_fragments_are_refused(void **state)
{
    (void)state;
    static const struct piece cases[] = {
        {4, 1, 0, 81, false, NULL},    /* no multiple of eight, but not the last */
        {4, 2, 8, 0, false, NULL},     /* empty */
        {4, 3, 65528, 80, true, NULL}, /* beyond what a length can tell */
        {6, 4, 0, 81, false, NULL},    /* RFC 8200, section 4.5 */
        {6, 5, 65528, 80, true, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_false(send_cut(&cases[i], 0));
        assert_int_equal(rig.counters.n[ML_COUNT_UNDECODED_BAD_FRAGMENT], i + 1);
    }
}

static void a_datagram_has_one_end(void **state)
{
    (void)state;
    assert_false(send(4, 1, 80, 40, true));
    assert_false(send(4, 1, 120, 80, true)); /* another end */
    assert_int_equal(rig.counters.n[ML_COUNT_UNDECODED_BAD_FRAGMENT], 1);
    assert_false(send(4, 2, 80, 40, true));
    assert_false(send(4, 2, 120, 40, false)); /* behind the end */
    assert_int_equal(rig.counters.n[ML_COUNT_UNDECODED_BAD_FRAGMENT], 2);
    assert_false(send(4, 3, 120, 40, false));
    assert_false(send(4, 3, 80, 40, true)); /* an end before what has come */
    assert_int_equal(rig.counters.n[ML_COUNT_UNDECODED_BAD_FRAGMENT], 3);
}

/* Payload and header together may not exceed the length field: 65528 bytes fit, but not with 20 of header. */
static void a_whole_that_is_too_long_for_ip_is_refused(void **state)
{
    (void)state;
    struct frame frame;
    enum { PIECE = 8192 };
    for (uint32_t at = 0; at < 65536; at += PIECE) {
        bool is_last = at + PIECE == 65536;
        frame_zeros(&frame, is_last ? PIECE - 8 : PIECE);
        put_head(&frame, &(struct piece){4, 7, at, 0, is_last, NULL});
        assert_false(rig_frame(&rig, LINK_RAW, &frame));
    }
    assert_int_equal(rig.counters.n[ML_COUNT_DATAGRAMS_REFUSED], 1);
    assert_int_equal(rig.counters.n[ML_COUNT_UNDECODED_BAD_FRAGMENT], 1);
    assert_int_equal(rig.counters.n[ML_COUNT_UNDECODED_FRAGMENT], 7);
}

static void datagrams_do_not_mix(void **state)
{
    (void)state;
    assert_false(send(4, 7, 0, 80, false));
    assert_false(send(4, 8, 80, 120, true)); /* another number */
    struct frame frame;
    frame.len = 0;
    pre(&frame, datagram + 80, 120);
    put_head(&frame, &(struct piece){4, 7, 80, 0, true, NULL});
    uint8_t *head = frame.bytes + sizeof frame.bytes - frame.len;
    head[9] = ML_IP_TCP; /* another protocol */
    assert_false(rig_frame(&rig, LINK_RAW, &frame));
    head[9] = ML_IP_UDP;
    head[15] = 9; /* another source */
    assert_false(rig_frame(&rig, LINK_RAW, &frame));
    head[15] = 1;
    head[19] = 9; /* another destination */
    assert_false(rig_frame(&rig, LINK_RAW, &frame));
    assert_true(send(4, 7, 80, 120, true));
    expect_whole();
}

static void a_datagram_waits_for_a_time_by_the_packets_clock(void **state)
{
    (void)state;
    static const struct {
        unsigned version;
        int64_t after;
        bool is_whole;
    } cases[] = {
        {4, 30000000000, true},  {4, 30000000001, false},  {6, 60000000000, true},           {6, 60000000001, false},
        {4, -30000000000, true}, {4, -30000000001, false}, {6, -9000000000000000000, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rig.time_ns = 1000000000;
        assert_false(send(cases[i].version, (uint32_t)i, 0, 80, false));
        rig.time_ns += cases[i].after;
        assert_int_equal(send(cases[i].version, (uint32_t)i, 80, 120, true), cases[i].is_whole);
        ml_decoder_flush(rig.decoder);
    }
    rig.time_ns = INT64_MAX;
    assert_false(send(4, 1, 0, 80, false));
    rig.time_ns = INT64_MIN;
    assert_false(send(4, 1, 80, 120, true));
}

static void the_end_of_an_input_ends_the_wait(void **state)
{
    (void)state;
    assert_false(send(4, 7, 0, 80, false));
    assert_false(send(6, 7, 0, 80, false));
    ml_decoder_flush(rig.decoder);
    assert_int_equal(rig.counters.n[ML_COUNT_DATAGRAMS_INCOMPLETE], 2);
    assert_false(send(4, 7, 80, 120, true));
}

static void the_oldest_datagram_goes_when_too_many_wait(void **state)
{
    (void)state;
    for (uint32_t i = 0; i <= ML_MAX_FRAGMENT_SETS; i++) {
        assert_false(send(6, i, 0, 80, false));
    }
    assert_int_equal(rig.counters.n[ML_COUNT_LIMIT_FRAGMENTS], 1);
    assert_int_equal(rig.counters.n[ML_COUNT_DATAGRAMS_INCOMPLETE], 1);
    assert_true(send(6, 1, 80, 120, true));
    assert_false(send(6, 0, 80, 120, true)); /* its first part is gone */
}

static void the_bytes_that_wait_are_limited(void **state)
{
    (void)state;
    enum { N = ML_MAX_FRAGMENT_BYTES / 65535 + 2 };
    for (uint32_t i = 0; i < N; i++) {
        assert_false(send(6, i, 40000, 80, false)); /* costs room for the whole datagram */
    }
    assert_true(rig.counters.n[ML_COUNT_LIMIT_FRAGMENTS] >= 1);
    assert_true(rig.counters.n[ML_COUNT_LIMIT_FRAGMENTS] <= 3);
    assert_int_equal(rig.counters.n[ML_COUNT_DATAGRAMS_INCOMPLETE], rig.counters.n[ML_COUNT_LIMIT_FRAGMENTS]);
}

static void a_datagram_of_too_many_fragments_is_refused(void **state)
{
    (void)state;
    for (uint32_t i = 0; i <= ML_MAX_FRAGMENTS; i++) {
        assert_false(send(4, 7, 16 * i, 8, false));
    }
    assert_int_equal(rig.counters.n[ML_COUNT_LIMIT_FRAGMENTS], 1);
    assert_int_equal(rig.counters.n[ML_COUNT_UNDECODED_BAD_FRAGMENT], 1);
}

static void bytes_behind_a_cut_fragment_are_missing(void **state)
{
    (void)state;
    assert_false(send(4, 7, 160, 40, true));
    assert_false(send_cut(&(struct piece){4, 7, 80, 80, false, NULL}, 30));
    assert_true(send(4, 7, 0, 80, false));
    assert_true(rig.segment.is_cut);
    assert_int_equal(rig.segment.payload.len, 130 - 8);
    assert_int_equal(rig.segment.payload_len, WHOLE - 8);
    assert_memory_equal(rig.segment.payload.ptr, datagram + 8, 130 - 8);
}

static void fragments_inside_and_outside_of_a_tunnel_are_put_together(void **state)
{
    (void)state;
    struct frame frame;
    uint8_t outer[2][WHOLE];
    char text[64];
    for (int i = 0; i < 2; i++) { /* two fragments, each in a GRE packet that is cut in two as well */
        frame.len = 0;
        pre(&frame, datagram + (i == 0 ? 0 : 104), i == 0 ? 104 : 96);
        put_head(&frame, &(struct piece){6, 7, i == 0 ? 0 : 104, 0, i == 1, NULL});
        pre_hex(&frame, "0000 86dd");
        size_t len = frame.len;
        memcpy(outer[i], frame_span(&frame).ptr, len);
        for (int k = 1; k >= 0; k--) {
            frame.len = 0;
            pre(&frame, outer[i] + (k == 0 ? 0 : 96), k == 0 ? 96 : len - 96);
            put_head(&frame, &(struct piece){4, (uint32_t)i, k == 0 ? 0 : 96, 0, k == 1, NULL});
            frame.bytes[sizeof frame.bytes - frame.len + 9] = 47;
            assert_int_equal(rig_frame(&rig, LINK_RAW, &frame), i == 1 && k == 0);
        }
    }
    expect_whole();
    assert_string_equal(tunnel_list(&rig.segment, text), "gre");
    assert_int_equal(rig.counters.n[ML_COUNT_DATAGRAMS_REASSEMBLED], 3);
    assert_int_equal(rig.counters.n[ML_COUNT_TUNNELS_KEPT_OUTER], 0); /* a waiting fragment is no failure */
}

/* Fragment headers one inside the other, each completing at once: bounded, and without a crash. */
static void datagrams_inside_datagrams_are_limited(void **state)
{
    (void)state;
    enum { LAYERS = ML_MAX_TUNNEL_DEPTH + 3 };
    struct frame frame;
    for (uint32_t i = 0; i < LAYERS; i++) { /* the tails first, each behind what is left of the headers */
        frame_zeros(&frame, 8);
        pre_u32(&frame, i);
        pre_u16(&frame, 8 * LAYERS);
        pre_hex(&frame, "2c00");
        pre_ip6(&frame, 44);
        assert_false(rig_frame(&rig, LINK_RAW, &frame));
    }
    frame_zeros(&frame, 8);
    for (uint32_t i = LAYERS; i-- > 0;) {
        pre_u32(&frame, i);
        pre_hex(&frame, i == LAYERS - 1 ? "1100 0001" : "2c00 0001");
    }
    pre_ip6(&frame, 44);
    assert_false(rig_frame(&rig, LINK_RAW, &frame));
    assert_int_equal(rig.counters.n[ML_COUNT_DATAGRAMS_REASSEMBLED], ML_MAX_TUNNEL_DEPTH + 1);
    assert_int_equal(rig.counters.n[ML_COUNT_UNDECODED_BAD_FRAGMENT], 1);
}

static void run_without_memory(void *context)
{
    (void)context;
    rig_fini(&rig);
    memset(&rig, 0, sizeof rig);
    rig.decoder = ml_decoder_new(&rig.counters);
    if (rig.decoder == NULL) {
        return;
    }
    for (uint32_t i = 0; i < 6; i++) {
        (void)send(4, 7, 32 * i, 32, false);
    }
    bool is_whole = send(4, 7, 192, 8, true);
    assert_true(is_whole || rig.counters.n[ML_COUNT_LIMIT_MEMORY] >= 1);
}

static void running_out_of_memory_is_counted(void **state)
{
    (void)state;
    assert_true(oom_sweep(run_without_memory, NULL) >= 6);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(a_datagram_is_put_together_in_any_order),
        TEST(every_way_to_cut_gives_the_same_segment),
        TEST(the_header_is_that_of_an_uncut_packet),
        TEST(repetitions_change_nothing),
        TEST(overlaps_in_ipv4_must_agree),
        TEST(overlaps_in_ipv6_void_the_datagram),
        TEST(impossible_fragments_are_refused),
        TEST(a_datagram_has_one_end),
        TEST(a_whole_that_is_too_long_for_ip_is_refused),
        TEST(datagrams_do_not_mix),
        TEST(a_datagram_waits_for_a_time_by_the_packets_clock),
        TEST(the_end_of_an_input_ends_the_wait),
        TEST(the_oldest_datagram_goes_when_too_many_wait),
        TEST(the_bytes_that_wait_are_limited),
        TEST(a_datagram_of_too_many_fragments_is_refused),
        TEST(bytes_behind_a_cut_fragment_are_missing),
        TEST(fragments_inside_and_outside_of_a_tunnel_are_put_together),
        TEST(datagrams_inside_datagrams_are_limited),
        TEST(running_out_of_memory_is_counted),
    };
    return cmocka_run_group_tests_name("decode/fragments", tests, NULL, NULL);
}
