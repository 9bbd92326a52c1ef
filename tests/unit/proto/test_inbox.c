/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/inbox.h"

#include "core/mem.h"
#include "support/cm.h"
#include "support/kit.h"

/* Messages of one byte of length and as many bytes; a length of 255 is skipped by as many as follow it, unseen. */
struct reader {
    struct ml_inbox inbox;
    struct ml_counters counters;
    struct ml_buf seen; /* "len@offset/seq " */
    unsigned n_steps;
};

enum { MAX = 16 };

static bool step(void *context, struct ml_inbox *inbox)
{
    struct reader *reader = context;
    struct ml_span held = ml_inbox_span(inbox);
    size_t len = held.ptr[0];
    reader->n_steps++;
    if (len == 255) {
        ml_inbox_drop(inbox, 256);
        return true;
    }
    if (held.len < 1 + len) {
        return false;
    }
    struct ml_place place = ml_inbox_place(inbox);
    (void)ml_buf_printf(&reader->seen, "%zu@%u/%u ", len, (unsigned)place.offset, (unsigned)place.seq);
    inbox->is_done = len == 9;
    ml_inbox_drop(inbox, 1 + len);
    return true;
}

static void begin(struct reader *reader)
{
    memset(reader, 0, sizeof *reader);
    ml_inbox_init(&reader->inbox, MAX);
    ml_buf_init(&reader->seen, 4096);
}

static void end(struct reader *reader)
{
    ml_inbox_fini(&reader->inbox);
    ml_buf_fini(&reader->seen);
}

static struct ml_chunk chunk_of(struct ml_span bytes, uint64_t offset, uint64_t seq)
{
    return (struct ml_chunk){.bytes = bytes, .offset = offset, .seq = seq, .n_layers = 1};
}

static void feed(struct reader *reader, struct ml_span bytes, uint64_t offset, uint64_t seq)
{
    struct ml_chunk chunk = chunk_of(bytes, offset, seq);
    ml_inbox_feed(&reader->inbox, &chunk, &reader->counters, step, reader);
}

static void gap(struct reader *reader, uint64_t offset, uint64_t len)
{
    struct ml_chunk chunk = {.gap_len = len, .offset = offset};
    ml_inbox_feed(&reader->inbox, &chunk, &reader->counters, step, reader);
}

static void assert_seen(struct reader *reader, const char *expected)
{
    assert_span_text(ml_buf_span(&reader->seen), expected);
}

static void messages_come_out_however_they_are_cut(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {2, 'a', 'b', 0, 3, 'c', 'd', 'e', 1, 'f'};
    struct reader reader;
    for (size_t piece = 1; piece <= sizeof bytes; piece++) {
        begin(&reader);
        for (size_t at = 0; at < sizeof bytes; at += piece) {
            feed(&reader, ml_span_cut(ml_span_of(bytes, sizeof bytes), at, piece), at, 7);
        }
        assert_seen(&reader, "2@0/7 0@3/7 3@4/7 1@8/7 ");
        end(&reader);
    }
}

static void a_place_names_the_packet_of_the_first_byte(void **state)
{
    (void)state;
    struct reader reader;
    begin(&reader);
    feed(&reader, ml_span_of("\001a\002", 3), 100, 4);
    feed(&reader, ml_span_of("bc\001d", 4), 103, 5);
    assert_seen(&reader, "1@100/4 2@102/4 1@105/5 ");
    end(&reader);
}

static void what_nobody_wants_is_not_held(void **state)
{
    (void)state;
    static const uint8_t filler[300] = {255};
    struct reader reader;
    begin(&reader);
    feed(&reader, ml_span_of(filler, 250), 0, 1);
    assert_int_equal(ml_inbox_span(&reader.inbox).len, 0);
    feed(&reader, ml_span_of("......\001x", 8), 250, 2); /* six bytes of 256 are left */
    assert_seen(&reader, "1@256/2 ");
    end(&reader);
}

static void a_hole_in_what_is_skipped_does_no_harm(void **state)
{
    (void)state;
    static const uint8_t filler[10] = {255};
    struct reader reader;
    begin(&reader);
    feed(&reader, ml_span_of(filler, 10), 0, 1);
    gap(&reader, 10, 246);
    feed(&reader, ml_span_of("\001x", 2), 256, 2);
    assert_seen(&reader, "1@256/2 ");
    gap(&reader, 258, 1);
    assert_true(reader.inbox.is_lost);
    feed(&reader, ml_span_of("\001x", 2), 259, 3);
    assert_seen(&reader, "1@256/2 ");
    ml_inbox_restart(&reader.inbox);
    feed(&reader, ml_span_of("\001x", 2), 261, 4);
    assert_seen(&reader, "1@256/2 1@261/4 ");
    end(&reader);
}

static void a_hole_of_unknown_length_is_never_within_what_is_skipped(void **state)
{
    (void)state;
    struct reader reader;
    begin(&reader);
    feed(&reader, ml_span_of("\377", 1), 0, 1);
    gap(&reader, 1, UINT32_MAX);
    assert_true(reader.inbox.is_lost);
    end(&reader);
}

static void a_message_beyond_the_ceiling_is_given_up_and_counted(void **state)
{
    (void)state;
    static const uint8_t filler[40] = {30};
    struct reader reader;
    begin(&reader);
    feed(&reader, ml_span_of(filler, sizeof filler), 0, 1);
    assert_true(reader.inbox.is_lost);
    assert_int_equal(reader.counters.n[ML_COUNT_LIMIT_MESSAGE], 1);
    assert_int_equal(ml_inbox_span(&reader.inbox).len, 0);
    end(&reader);
}

static void many_messages_in_one_chunk_pass_through_a_small_inbox(void **state)
{
    (void)state;
    static const uint8_t zeros[1000];
    struct reader reader;
    begin(&reader);
    ml_buf_fini(&reader.seen);
    ml_buf_init(&reader.seen, 1 << 20);
    feed(&reader, ml_span_of(zeros, sizeof zeros), 0, 1);
    assert_int_equal(reader.n_steps, sizeof zeros);
    assert_false(reader.inbox.is_lost);
    end(&reader);
}

static void what_follows_the_last_message_is_the_rest(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {1, 'a', 9, '1', '2', '3', '4', '5', '6', '7', '8', '9', 'r', 'e', 's', 't'};
    struct ml_span all = ml_span_of(bytes, sizeof bytes);
    for (size_t cut = 1; cut < 12; cut++) { /* the last message ends in the second chunk */
        struct reader reader;
        begin(&reader);
        feed(&reader, ml_span_cut(all, 0, cut), 500, 1);
        struct ml_chunk second = chunk_of(ml_span_cut(all, cut, sizeof bytes), 500 + cut, 2);
        ml_inbox_feed(&reader.inbox, &second, &reader.counters, step, &reader);
        assert_true(reader.inbox.is_done);
        assert_span_text(ml_inbox_rest(&reader.inbox, &second), "rest");
        end(&reader);
    }
}

static void a_line_ends_with_a_line_feed(void **state)
{
    (void)state;
    struct reader reader;
    struct ml_span line;
    size_t len = 0;
    static const struct {
        const char *held, *line;
        size_t len;
    } cases[] = {{"ab\r\ncd", "ab", 4}, {"ab\ncd", "ab", 3}, {"\n", "", 1}, {"\r\n", "", 2}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin(&reader);
        struct ml_chunk chunk = chunk_of(ml_span_text(cases[i].held), 0, 1);
        assert_true(ml_gather_add(&reader.inbox.gather, &chunk));
        assert_true(ml_inbox_line(&reader.inbox, &line, &len));
        assert_span_text(line, cases[i].line);
        assert_int_equal(len, cases[i].len);
        end(&reader);
    }
    begin(&reader);
    assert_false(ml_inbox_line(&reader.inbox, &line, &len));
    end(&reader);
}

static void run_without_memory(void *context)
{
    struct reader *reader = context;
    begin(reader);
    ml_buf_init(&reader->seen, 0);
    feed(reader, ml_span_of("\001a\002", 3), 0, 1);
    feed(reader, ml_span_of("bc", 2), 3, 2);
    end(reader);
}

static void missing_memory_loses_the_direction(void **state)
{
    (void)state;
    struct reader reader;
    assert_true(oom_sweep(run_without_memory, &reader) >= 2);
    assert_int_equal(reader.counters.n[ML_COUNT_LIMIT_MEMORY], 0); /* the last run met no failure */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_come_out_however_they_are_cut),
        cmocka_unit_test(a_place_names_the_packet_of_the_first_byte),
        cmocka_unit_test(what_nobody_wants_is_not_held),
        cmocka_unit_test(a_hole_in_what_is_skipped_does_no_harm),
        cmocka_unit_test(a_hole_of_unknown_length_is_never_within_what_is_skipped),
        cmocka_unit_test(a_message_beyond_the_ceiling_is_given_up_and_counted),
        cmocka_unit_test(many_messages_in_one_chunk_pass_through_a_small_inbox),
        cmocka_unit_test(what_follows_the_last_message_is_the_rest),
        cmocka_unit_test(a_line_ends_with_a_line_feed),
        cmocka_unit_test(missing_memory_loses_the_direction),
    };
    return cmocka_run_group_tests_name("proto/inbox", tests, NULL, NULL);
}
