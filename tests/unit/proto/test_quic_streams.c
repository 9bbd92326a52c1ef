/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/streams.h"

#include "core/buf.h"
#include "core/mem.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/tls_build.h"

/* What came out, as text: bytes as they are, "[n]" for a gap of n, "." for an end, "!" for a cut. */
struct bed {
    struct ml_counters counters;
    struct ml_quic_streams *streams;
    struct ml_buf text;
    uint64_t seq;
};

static void take(void *context, uint64_t stream, const struct ml_chunk *chunk, bool is_end)
{
    struct bed *bed = context;
    (void)stream;
    if (chunk->gap_len != 0) {
        (void)ml_buf_printf(&bed->text, "[%u]", (unsigned)chunk->gap_len);
    }
    (void)ml_buf_add_span(&bed->text, chunk->bytes);
    (void)ml_buf_add_text(&bed->text, is_end ? "." : "");
}

static void cut(void *context, uint64_t stream, const struct ml_chunk *chunk)
{
    struct bed *bed = context;
    (void)stream;
    (void)chunk;
    (void)ml_buf_add_text(&bed->text, "!");
}

static void open_bed(struct bed *bed)
{
    *bed = (struct bed){.seq = 0};
    bed->text = tb_buf();
    const struct ml_quic_stream_owner owner = {.context = bed, .counters = &bed->counters, .take = take, .cut = cut};
    bed->streams = ml_quic_streams_new(&owner);
    assert_non_null(bed->streams);
}

static struct ml_chunk chunk_of(struct bed *bed, uint64_t offset, struct ml_span bytes)
{
    return (struct ml_chunk){.bytes = bytes, .offset = offset, .seq = ++bed->seq, .n_layers = 1};
}

static void add(struct bed *bed, uint64_t stream, uint64_t offset, const char *text, bool is_end)
{
    struct ml_chunk chunk = chunk_of(bed, offset, ml_span_text(text));
    ml_quic_streams_add(bed->streams, stream, &chunk, is_end);
}

static void assert_text(struct bed *bed, const char *wanted)
{
    (void)ml_buf_add_byte(&bed->text, 0);
    assert_string_equal((const char *)bed->text.bytes, wanted);
    ml_buf_clear(&bed->text);
}

static void close_bed(struct bed *bed, const char *wanted)
{
    ml_quic_streams_free(bed->streams);
    assert_text(bed, wanted);
    ml_buf_fini(&bed->text);
}

static void frames_in_any_order_come_out_in_order(void **state)
{
    (void)state;
    static const char whole[] = "abcdefghijkl";
    for (unsigned stride = 1; stride < 12; stride++) {
        struct bed bed;
        if (stride == 2 || stride == 3 || stride == 4 || stride == 6 || stride == 8 || stride == 9 || stride == 10) {
            continue; /* has a divisor in common with 12 */
        }
        open_bed(&bed);
        for (unsigned i = 0; i < 12; i++) {
            unsigned at = i * stride % 12;
            char text[4] = {0};
            memcpy(text, whole + at, at < 10 ? 3 : 12 - at); /* overlaps its neighbours */
            add(&bed, 4, at, text, at >= 9);
        }
        assert_text(&bed, "abcdefghijkl.");
        close_bed(&bed, "");
    }
}

static void what_is_sent_again_is_not_handed_on_again(void **state)
{
    (void)state;
    struct bed bed;
    open_bed(&bed);
    add(&bed, 0, 0, "abc", false);
    add(&bed, 0, 0, "abc", false);
    add(&bed, 0, 1, "bcd", false);
    add(&bed, 0, 4, "", true);
    add(&bed, 0, 0, "abcd", true); /* the stream is over */
    add(&bed, 4, 0, "", true);     /* nothing but an end */
    add(&bed, 4, 0, "", true);
    close_bed(&bed, "abcd..");
}

static void a_hole_that_nothing_fills_is_a_gap_at_the_end(void **state)
{
    (void)state;
    struct bed bed;
    open_bed(&bed);
    add(&bed, 0, 0, "ab", false);
    add(&bed, 0, 5, "fg", false);
    add(&bed, 0, 9, "j", true);
    assert_text(&bed, "ab");
    close_bed(&bed, "[3]fg[2]j.");
}

static void a_reset_and_a_missing_end_cut(void **state)
{
    (void)state;
    struct bed bed;
    open_bed(&bed);
    add(&bed, 0, 0, "ab", false);
    struct ml_chunk chunk = chunk_of(&bed, 0, ml_span_of(NULL, 0));
    ml_quic_streams_reset(bed.streams, 0, &chunk);
    assert_text(&bed, "ab!");
    add(&bed, 0, 2, "cd", true); /* too late */
    add(&bed, 8, 0, "x", false);
    close_bed(&bed, "x!");
}

static void bytes_behind_the_end_are_a_lie(void **state)
{
    (void)state;
    struct bed bed;
    open_bed(&bed);
    add(&bed, 0, 4, "efgh", false);
    add(&bed, 0, 0, "ab", true); /* ends before what came */
    add(&bed, 0, 2, "cd", false);
    add(&bed, 4, 0, "abcd", true);
    add(&bed, 4, 4, "e", false);
    assert_true(bed.text.len <= 32);
    ml_quic_streams_free(bed.streams);
    ml_buf_fini(&bed.text);
}

static void more_streams_than_the_ceiling_end_the_oldest_request(void **state)
{
    (void)state;
    struct bed bed;
    open_bed(&bed);
    add(&bed, 2, 0, "c", false); /* a control stream stays */
    for (uint64_t i = 0; i < ML_MAX_QUIC_STREAMS; i++) {
        add(&bed, 4 * i, 0, "r", false);
    }
    assert_int_equal(bed.counters.n[ML_COUNT_LIMIT_QUIC_STREAMS], 1);
    ml_buf_clear(&bed.text);
    add(&bed, 2, 1, "d", false);
    assert_text(&bed, "d");
    add(&bed, 0, 1, "x", false); /* was ended, and does not begin anew */
    assert_text(&bed, "");
    ml_quic_streams_free(bed.streams);
    ml_buf_fini(&bed.text);
}

static void bytes_beyond_the_ceiling_give_the_hole_up(void **state)
{
    (void)state;
    enum { PIECE = 1000 };
    static char piece[PIECE + 1];
    struct bed bed;
    memset(piece, 'p', PIECE);
    open_bed(&bed);
    for (uint64_t i = 0; bed.counters.n[ML_COUNT_LIMIT_QUIC_WAITING] == 0; i++) {
        assert_true(i < 2000);
        add(&bed, 0, 10 + i * PIECE, piece, false);
    }
    assert_true(bed.text.len > ML_MAX_QUIC_PIECES);
    assert_memory_equal(bed.text.bytes, "[10]ppp", 7);
    ml_quic_streams_free(bed.streams);
    ml_buf_fini(&bed.text);
}

static void far_numbers_of_streams_are_no_trouble(void **state)
{
    (void)state;
    struct bed bed;
    open_bed(&bed);
    add(&bed, UINT64_C(0x3ffffffffffffffc), 0, "z", true);
    add(&bed, UINT64_C(0x3ffffffffffffff8), 0, "y", true);
    add(&bed, 0, UINT64_C(0x3fffffffffffffff), "far", false); /* an offset that overflows is refused */
    close_bed(&bed, "z.y.");
}

static void out_of_memory(void *context)
{
    struct bed bed = {.seq = 0};
    (void)context;
    bed.text = tb_buf();
    const struct ml_quic_stream_owner owner = {.context = &bed, .counters = &bed.counters, .take = take, .cut = cut};
    bed.streams = ml_quic_streams_new(&owner);
    if (bed.streams != NULL) {
        add(&bed, 0, 3, "d", false);
        add(&bed, 0, 0, "abc", true);
    }
    ml_quic_streams_free(bed.streams);
    ml_buf_fini(&bed.text);
}

static void running_out_of_memory_loses_bytes_only(void **state)
{
    (void)state;
    oom_sweep(out_of_memory, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_in_any_order_come_out_in_order),
        cmocka_unit_test(what_is_sent_again_is_not_handed_on_again),
        cmocka_unit_test(a_hole_that_nothing_fills_is_a_gap_at_the_end),
        cmocka_unit_test(a_reset_and_a_missing_end_cut),
        cmocka_unit_test(bytes_behind_the_end_are_a_lie),
        cmocka_unit_test(more_streams_than_the_ceiling_end_the_oldest_request),
        cmocka_unit_test(bytes_beyond_the_ceiling_give_the_hole_up),
        cmocka_unit_test(far_numbers_of_streams_are_no_trouble),
        cmocka_unit_test(running_out_of_memory_loses_bytes_only),
    };
    return cmocka_run_group_tests_name("proto/quic_streams", tests, NULL, NULL);
}
