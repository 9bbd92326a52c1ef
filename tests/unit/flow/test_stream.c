/* SPDX-License-Identifier: Apache-2.0 */
#include "support/cm.h"
#include "support/flow_rig.h"
#include "support/kit.h"

#include <stdio.h>

enum { ACK = ML_TCP_ACK, SYN = ML_TCP_SYN, FIN = ML_TCP_FIN | ML_TCP_ACK, RST = ML_TCP_RST };

static int setup(void **state)
{
    static struct flow_rig rig;
    flow_rig_init(&rig);
    flow_rig_start(&rig);
    *state = &rig;
    return rig.table == NULL;
}

static int teardown(void **state)
{
    flow_rig_fini(*state);
    return 0;
}

static void up(struct flow_rig *rig, uint32_t at, const char *text)
{
    flow_rig_send(rig, ML_UP, ACK, at, 0, text);
}

static uint64_t count(const struct flow_rig *rig, enum ml_counter counter)
{
    return rig->counters.n[counter];
}

static void bytes_in_order_pass_at_once_with_their_packet(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_shake_hands(rig);
    up(rig, 0, "abc");
    up(rig, 3, "de");
    flow_rig_send(rig, ML_DOWN, ACK, 0, 5, "xyz");
    assert_string_equal(flow_rig_log(rig), "+0 up@0:abc up@3:de down@0:xyz ");
    flow_rig_send(rig, ML_UP, FIN, 5, 3, "f");
    flow_rig_send(rig, ML_DOWN, FIN, 3, 7, "");
    ml_flow_table_flush(rig->table);
    assert_string_equal(flow_rig_log(rig), "up@5:f -0 ");
    assert_int_equal(count(rig, ML_COUNT_STREAMS_COMPLETE), 2);
    assert_int_equal(count(rig, ML_COUNT_STREAMS_WITH_GAPS), 0);
    assert_int_equal(count(rig, ML_COUNT_STREAM_BYTES), 9);
}

static void late_segments_are_put_in_place(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_shake_hands(rig);
    up(rig, 6, "ghi");
    up(rig, 3, "def");
    assert_string_equal(flow_rig_log(rig), "+0 ");
    up(rig, 0, "abc");
    assert_string_equal(flow_rig_log(rig), "up@0:abc up@3:def up@6:ghi ");
}

static void retransmissions_and_keep_alives_give_nothing_new(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_shake_hands(rig);
    up(rig, UINT32_MAX, "\x01"); /* keep-alive before any byte: one byte before the first */
    up(rig, 0, "abc");
    up(rig, 0, "abc");
    up(rig, 2, "c"); /* keep-alive: the last byte again, RFC 9293, section 3.8.4 */
    up(rig, 1, "bcde");
    assert_string_equal(flow_rig_log(rig), "+0 up@0:abc up@3:de ");
    assert_int_equal(ml_flow_table_get(rig->table, 0)->n_gaps, 0);
}

static void the_bytes_captured_first_win_an_overlap(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_shake_hands(rig);
    up(rig, 2, "CD");
    up(rig, 6, "GH");
    up(rig, 1, "bcdefgh"); /* covers both and the hole between them */
    assert_int_equal(count(rig, ML_COUNT_STREAMS_CONFLICTS), 2);
    up(rig, 0, "abCD");
    assert_int_equal(count(rig, ML_COUNT_STREAMS_CONFLICTS), 2); /* the same bytes again are no conflict */
    assert_string_equal(flow_rig_log(rig), "+0 up@0:a up@1:b up@2:CD up@4:ef up@6:GH ");
}

static void an_overlap_in_front_of_a_waiting_segment_is_compared(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_shake_hands(rig);
    up(rig, 3, "def");
    up(rig, 0, "abcDEFgh");
    assert_string_equal(flow_rig_log(rig), "+0 up@0:abc up@3:def up@6:gh ");
    assert_int_equal(count(rig, ML_COUNT_STREAMS_CONFLICTS), 1);
}

static void an_acknowledged_hole_is_a_gap_after_some_patience(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_shake_hands(rig);
    up(rig, 0, "abc");
    up(rig, 6, "ghi");
    flow_rig_send(rig, ML_DOWN, ACK, 0, 3, "");
    for (int i = 0; i < 10; i++) {
        flow_rig_send(rig, ML_DOWN, ACK, 0, 3, ""); /* duplicates: the receiver misses the bytes too */
    }
    assert_string_equal(flow_rig_log(rig), "+0 up@0:abc ");
    for (int i = 0; i < ML_STREAM_PATIENCE; i++) {
        flow_rig_send(rig, ML_DOWN, ACK, 0, 9, "");
        assert_string_equal(flow_rig_log(rig), "");
    }
    flow_rig_send(rig, ML_DOWN, ACK, 0, 9, "");
    assert_string_equal(flow_rig_log(rig), "up@3[3] up@6:ghi ");
    up(rig, 3, "def"); /* too late */
    assert_string_equal(flow_rig_log(rig), "");
    assert_int_equal(ml_flow_table_get(rig->table, 0)->n_gaps, 1);
    assert_int_equal(count(rig, ML_COUNT_STREAM_GAP_BYTES), 3);
}

static void an_acknowledgement_that_overtakes_the_bytes_makes_no_gap(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_shake_hands(rig);
    up(rig, 3, "def");
    flow_rig_send(rig, ML_DOWN, ACK, 0, 6, "");
    up(rig, 0, "abc");
    flow_rig_send(rig, ML_DOWN, ACK, 0, 9, "");
    up(rig, 6, "ghi");
    ml_flow_table_flush(rig->table);
    assert_string_equal(flow_rig_log(rig), "+0 up@0:abc up@3:def up@6:ghi -0 ");
}

static void a_partly_acknowledged_hole_is_given_up_in_part(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_shake_hands(rig);
    up(rig, 6, "ghi");
    for (int i = 0; i <= ML_STREAM_PATIENCE; i++) {
        flow_rig_send(rig, ML_DOWN, ACK, 0, 4, "");
    }
    up(rig, 2, "cdef");
    assert_string_equal(flow_rig_log(rig), "+0 up@0[4] up@4:ef up@6:ghi ");
}

static void a_hole_is_named_when_the_flow_closes(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_shake_hands(rig);
    up(rig, 2, "c");
    up(rig, 5, "f");
    flow_rig_send(rig, ML_DOWN, ACK, 0, 9, ""); /* and bytes nobody captured at the end */
    ml_flow_table_flush(rig->table);
    assert_string_equal(flow_rig_log(rig), "+0 up@0[2] up@2:c up@3[2] up@5:f up@6[3] -0 ");
    assert_int_equal(count(rig, ML_COUNT_STREAMS_WITH_GAPS), 1);
    assert_int_equal(count(rig, ML_COUNT_STREAMS_COMPLETE), 0);
}

static void one_acknowledged_number_more_may_be_a_fin(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_shake_hands(rig);
    up(rig, 0, "abc");
    flow_rig_send(rig, ML_DOWN, ACK, 0, 4, "");
    ml_flow_table_flush(rig->table);
    assert_string_equal(flow_rig_log(rig), "+0 up@0:abc -0 ");
}

static void a_reset_acknowledges_nothing(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_shake_hands(rig);
    up(rig, 0, "abc");
    flow_rig_send(rig, ML_DOWN, RST | ACK, 0, 500000, "");
    ml_flow_table_flush(rig->table);
    assert_string_equal(flow_rig_log(rig), "+0 up@0:abc -0 ");
}

static void bytes_the_snap_length_cut_are_a_gap(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_shake_hands(rig);
    struct ml_segment late = flow_rig_tcp(rig, ML_UP, ACK, 5, 0, "fg");
    late.payload_len = 4;
    late.is_cut = true;
    assert_int_equal(flow_rig_feed(rig, &late), ML_OK);
    struct ml_segment cut = flow_rig_tcp(rig, ML_UP, ACK, 0, 0, "ab");
    cut.payload_len = 5;
    cut.is_cut = true;
    assert_int_equal(flow_rig_feed(rig, &cut), ML_OK);
    up(rig, 9, "j");
    assert_string_equal(flow_rig_log(rig), "+0 up@0:ab up@2[3] up@5:fg up@7[2] up@9:j ");
    assert_true(ml_flow_table_get(rig->table, 0)->is_cut);
}

static void a_capture_that_begins_in_the_middle_starts_with_its_first_bytes(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_send(rig, ML_UP, ACK, 700, 900, "");
    up(rig, 700, "abc");
    up(rig, 690, "0123456789a"); /* older bytes are not in order any more */
    up(rig, 695, "56789abcd");
    flow_rig_send(rig, ML_DOWN, ACK, 900, 704, "xyz");
    ml_flow_table_flush(rig->table);
    assert_string_equal(flow_rig_log(rig), "+0 up@0:abc up@3:d down@0:xyz -0 ");
    assert_int_equal(count(rig, ML_COUNT_STREAMS_COMPLETE), 0); /* nobody knows what came before */
    assert_int_equal(count(rig, ML_COUNT_STREAMS_WITH_GAPS), 0);
    assert_false(ml_flow_table_get(rig->table, 0)->saw_start);
}

static void a_syn_ack_alone_tells_where_both_streams_begin(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_send(rig, ML_DOWN, SYN | ACK, 0, 0, "");
    up(rig, 3, "def");
    up(rig, 0, "abc");
    assert_string_equal(flow_rig_log(rig), "+0 up@0:abc up@3:def ");
    assert_int_equal(ml_flow_table_get(rig->table, 0)->client_port, 50000);
}

static void bytes_beside_a_syn_come_first(void **state)
{
    struct flow_rig *rig = *state; /* TCP Fast Open, RFC 7413; the server refuses it and the client sends again */
    flow_rig_send(rig, ML_UP, SYN, 0, 0, "GET");
    flow_rig_send(rig, ML_DOWN, SYN | ACK, 0, 0, "");
    up(rig, 0, "GET /");
    assert_string_equal(flow_rig_log(rig), "+0 up@0:GET up@3: / ");
}

static void sequence_numbers_wrap(void **state)
{
    struct flow_rig *rig = *state;
    for (uint32_t before = 0; before < 8; before++) {
        rig->isn[ML_UP] = UINT32_MAX - before;
        flow_rig_shake_hands(rig);
        up(rig, 6, "ghi");
        up(rig, 0, "abc");
        up(rig, 1, "bcdefg");
        flow_rig_send(rig, ML_DOWN, ACK, 0, 9, "");
        flow_rig_send(rig, ML_UP, FIN, 9, 0, "");
        ml_flow_table_flush(rig->table);
        assert_int_equal(ml_flow_table_get(rig->table, before)->n_gaps, 0);
        assert_span_text(ml_buf_span(&rig->bytes[ML_UP]), "abcdefghi");
        ml_buf_clear(&rig->bytes[ML_UP]);
    }
}

static void offsets_go_on_past_four_gigabytes(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_shake_hands(rig);
    uint32_t at = 0;
    uint64_t want = 0;
    for (int i = 0; i < 9; i++) { /* holes of 1 GiB less one, each acknowledged */
        at += ML_MAX_STREAM_AHEAD - 1;
        want += ML_MAX_STREAM_AHEAD - 1;
        up(rig, at, "x");
        for (int n = 0; n <= ML_STREAM_PATIENCE; n++) {
            flow_rig_send(rig, ML_DOWN, ACK, 0, at + 1, "");
        }
        at++;
        want++;
    }
    assert_true(want > UINT64_C(2) * UINT32_MAX);
    (void)flow_rig_log(rig);
    up(rig, at, "y");
    char text[64];
    snprintf(text, sizeof text, "up@%llu:y ", (unsigned long long)want);
    assert_string_equal(flow_rig_log(rig), text);
}

static void segments_beyond_any_window_are_counted_not_kept(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_shake_hands(rig);
    up(rig, ML_MAX_STREAM_AHEAD + 1U, "far");
    up(rig, 1U << 31, "further");
    up(rig, 0, "abc");
    ml_flow_table_flush(rig->table);
    assert_string_equal(flow_rig_log(rig), "+0 up@0:abc -0 ");
    assert_int_equal(count(rig, ML_COUNT_STREAMS_STRAY), 2);
}

static void nothing_comes_behind_a_fin(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_shake_hands(rig);
    flow_rig_send(rig, ML_UP, FIN, 3, 0, "");
    up(rig, 0, "abcdef");
    up(rig, 3, "def");
    ml_flow_table_flush(rig->table);
    assert_string_equal(flow_rig_log(rig), "+0 up@0:abc -0 ");
}

static void the_ceiling_on_waiting_bytes_gives_the_hole_up(void **state)
{
    struct flow_rig *rig = *state;
    flow_rig_fini(rig);
    flow_rig_init(rig);
    rig->limits.max_waiting = 5;
    flow_rig_start(rig);
    flow_rig_shake_hands(rig);
    up(rig, 1, "bcd");
    up(rig, 6, "gh");
    assert_string_equal(flow_rig_log(rig), "+0 ");
    up(rig, 9, "j");
    assert_string_equal(flow_rig_log(rig), "up@0[1] up@1:bcd ");
    assert_int_equal(count(rig, ML_COUNT_LIMIT_STREAM_WAITING), 1);
    ml_flow_table_flush(rig->table);
    assert_string_equal(flow_rig_log(rig), "up@4[2] up@6:gh up@8[1] up@9:j -0 ");
}

static void the_ceilings_on_segments_and_on_the_shard_hold_too(void **state)
{
    struct flow_rig *rig = *state;
    for (int i = 0; i < 2; i++) {
        flow_rig_fini(rig);
        flow_rig_init(rig);
        *(i == 0 ? &rig->limits.max_segments : &rig->limits.max_shard_waiting) = 2;
        flow_rig_start(rig);
        flow_rig_shake_hands(rig);
        up(rig, 1, "b");
        up(rig, 3, "d");
        assert_string_equal(flow_rig_log(rig), "+0 ");
        up(rig, 5, "f");
        assert_string_equal(flow_rig_log(rig), "up@0[1] up@1:b ");
    }
}

static void a_settled_flow_is_counted_but_gives_nothing(void **state)
{
    struct flow_rig *rig = *state;
    rig->settle_on = "enough";
    flow_rig_shake_hands(rig);
    up(rig, 9, "later");
    up(rig, 6, "?");
    up(rig, 0, "enough"); /* what waits is not handed out any more */
    assert_string_equal(flow_rig_log(rig), "+0 up@0:enough -0 ");
    unsigned n_segments = rig->n_segments;
    up(rig, 14, "more");
    const struct ml_flow *flow = ml_flow_table_get(rig->table, 0);
    assert_int_equal(rig->n_segments, n_segments);
    assert_int_equal(flow->packets[ML_UP], 6);
    assert_int_equal(flow->payload_bytes[ML_UP], 5 + 1 + 6 + 4);
    assert_true(flow->is_settled);
    assert_non_null(flow->live);
    ml_flow_table_flush(rig->table);
    assert_string_equal(flow_rig_log(rig), "");
    assert_null(flow->live);
}

/* --- against a reference: each byte is the one captured first --- */

enum { MODEL_BYTES = 60 };

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static void permuted_segments_agree_with_the_reference(void **state)
{
    struct flow_rig *rig = *state;
    uint32_t random = 2463534242U;
    rig->step_ns = 0;
    for (uint32_t round = 0; round < 3000; round++) {
        rig->isn[ML_UP] = round % 2 == 0 ? UINT32_MAX - round % 50 : round * 77777777U;
        flow_rig_shake_hands(rig);
        char want[MODEL_BYTES + 1];
        memset(want, '?', sizeof want);
        size_t end = 0;
        for (uint32_t n = next_random(&random) % 40; n-- > 0;) {
            char text[12] = {0};
            uint32_t at = next_random(&random) % (MODEL_BYTES - 11);
            size_t len = 1 + next_random(&random) % 11;
            memset(text, 'a' + (int)(next_random(&random) % 26), len);
            up(rig, at, text);
            for (size_t i = at; i < at + len; i++) {
                want[i] = want[i] == '?' ? text[i - at] : want[i];
                end = i + 1 > end ? i + 1 : end;
            }
        }
        ml_flow_table_flush(rig->table);
        want[end] = '\0';
        assert_span_text(ml_buf_span(&rig->bytes[ML_UP]), want);
        ml_buf_clear(&rig->bytes[ML_UP]);
        ml_buf_clear(&rig->log);
    }
}

static void run_without_memory(void *context)
{
    struct flow_rig *rig = context;
    flow_rig_init(rig);
    flow_rig_start(rig);
    if (rig->table != NULL) {
        static const struct {
            uint8_t flags;
            uint32_t at;
            const char *text;
        } steps[] = {{SYN, 0, ""}, {ACK, 3, "def"}, {ACK, 9, "jkl"}, {ACK, 0, "abcdefghi"}, {FIN, 12, ""}};
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
            struct ml_segment segment = flow_rig_tcp(rig, ML_UP, steps[i].flags, steps[i].at, 0, steps[i].text);
            enum ml_status status = flow_rig_feed(rig, &segment);
            assert_true(status == ML_OK || status == ML_NO_MEMORY);
        }
    }
    flow_rig_fini(rig);
}

static void running_out_of_memory_loses_bytes_but_nothing_else(void **state)
{
    (void)state;
    struct flow_rig rig;
    assert_true(oom_sweep(run_without_memory, &rig) >= 8);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(bytes_in_order_pass_at_once_with_their_packet),
        TEST(late_segments_are_put_in_place),
        TEST(retransmissions_and_keep_alives_give_nothing_new),
        TEST(the_bytes_captured_first_win_an_overlap),
        TEST(an_overlap_in_front_of_a_waiting_segment_is_compared),
        TEST(an_acknowledged_hole_is_a_gap_after_some_patience),
        TEST(an_acknowledgement_that_overtakes_the_bytes_makes_no_gap),
        TEST(a_partly_acknowledged_hole_is_given_up_in_part),
        TEST(a_hole_is_named_when_the_flow_closes),
        TEST(one_acknowledged_number_more_may_be_a_fin),
        TEST(a_reset_acknowledges_nothing),
        TEST(bytes_the_snap_length_cut_are_a_gap),
        TEST(a_capture_that_begins_in_the_middle_starts_with_its_first_bytes),
        TEST(a_syn_ack_alone_tells_where_both_streams_begin),
        TEST(bytes_beside_a_syn_come_first),
        TEST(sequence_numbers_wrap),
        TEST(offsets_go_on_past_four_gigabytes),
        TEST(segments_beyond_any_window_are_counted_not_kept),
        TEST(nothing_comes_behind_a_fin),
        TEST(the_ceiling_on_waiting_bytes_gives_the_hole_up),
        TEST(the_ceilings_on_segments_and_on_the_shard_hold_too),
        TEST(a_settled_flow_is_counted_but_gives_nothing),
        TEST(permuted_segments_agree_with_the_reference),
        cmocka_unit_test(running_out_of_memory_loses_bytes_but_nothing_else),
    };
    return cmocka_run_group_tests_name("flow/stream", tests, NULL, NULL);
}
