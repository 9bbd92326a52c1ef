/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/duplicates.h"
#include "support/build.h"
#include "support/cm.h"

static struct ml_duplicates seen;
static struct ml_buf packet;
static struct ml_segment segment;

/* A datagram of `word` with an identification; IPv6 has none. */
static void make(bool is_v4, uint32_t id, uint8_t ttl, const char *word)
{
    struct build_ends ends =
        is_v4 ? build_ends("192.0.2.1", 1000, "198.51.100.2", 2000) : build_ends("2001:db8::1", 1, "2001:db8::2", 2);
    const struct build_ip ip = {.src = ends.src, .dst = ends.dst, .proto = 17, .ttl = ttl, .id = id};
    struct ml_buf payload;
    ml_buf_init(&payload, 4096);
    build_udp(&payload, &ends, ml_span_text(word));
    ml_buf_clear(&packet);
    build_ip(&packet, &ip, build_span(&payload));
    ml_buf_fini(&payload);
    segment.ip = build_span(&packet);
}

static bool check(int64_t time_us, uint32_t interface)
{
    segment.time_ns = time_us * 1000;
    segment.interface = interface;
    return ml_duplicates_check(&seen, &segment);
}

static int set_up(void **state)
{
    (void)state;
    ml_duplicates_init(&seen);
    ml_buf_init(&packet, 4096);
    segment = (struct ml_segment){0};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ml_buf_fini(&packet);
    return 0;
}

static void a_numbered_packet_is_a_copy_within_five_milliseconds(void **state)
{
    (void)state;
    make(true, 7, 64, "hello");
    assert_false(check(0, 0));
    assert_true(check(1, 0));
    assert_true(check(5000, 0)); /* of the first one: copies of copies do not go on for ever */
    assert_false(check(5001, 0));
}

static void a_router_changes_ttl_and_checksum(void **state)
{
    (void)state;
    make(true, 7, 64, "hello");
    assert_false(check(0, 0));
    make(true, 7, 63, "hello");
    assert_true(check(100, 0));
}

static void every_other_byte_counts(void **state)
{
    (void)state;
    make(true, 7, 64, "hello");
    size_t len = packet.len;
    for (size_t i = 1; i < len; i++) {
        bool is_ignored = i == 8 || i == 10 || i == 11;
        ml_duplicates_init(&seen);
        make(true, 7, 64, "hello");
        assert_false(check(0, 0));
        packet.bytes[i] ^= 1;
        assert_int_equal(check(1, 0), is_ignored);
    }
}

static void unnumbered_packets_may_be_sent_twice(void **state)
{
    (void)state;
    for (int is_v4 = 0; is_v4 < 2; is_v4++) {
        ml_duplicates_init(&seen);
        make(is_v4 != 0, 0, 64, "hello");
        assert_false(check(0, 0));
        assert_false(check(1, 0));
        assert_true(check(2, 1)); /* by another interface */
        make(is_v4 != 0, 0, 63, "hello");
        assert_true(check(3, 0)); /* routed on */
    }
}

static void sixty_four_packets_are_remembered(void **state)
{
    (void)state;
    for (uint32_t between = 63; between <= 64; between++) {
        ml_duplicates_init(&seen);
        make(true, 1000, 64, "hello");
        assert_false(check(0, 0));
        for (uint32_t i = 0; i < between; i++) {
            make(true, 1 + i, 64, "other");
            assert_false(check(1, 0));
        }
        make(true, 1000, 64, "hello");
        assert_int_equal(check(2, 0), between < 64);
    }
}

static void time_that_runs_back_makes_no_copy(void **state)
{
    (void)state;
    make(true, 7, 64, "hello");
    assert_false(check(100, 0));
    assert_false(check(99, 0));
    segment.ip = ml_span_of(packet.bytes, 19);
    assert_false(check(100, 0));
    assert_false(check(100, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_numbered_packet_is_a_copy_within_five_milliseconds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_router_changes_ttl_and_checksum, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_other_byte_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(unnumbered_packets_may_be_sent_twice, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sixty_four_packets_are_remembered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(time_that_runs_back_makes_no_copy, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("engine/duplicates", tests, NULL, NULL);
}
