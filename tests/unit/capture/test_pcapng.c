/* SPDX-License-Identifier: Apache-2.0 */
#include "core/limits.h"
#include "support/capture_raw.h"
#include "support/capture_read.h"
#include "support/cm.h"
#include "support/kit.h"

#define SECONDS INT64_C(1000000000)

enum { SECTION = 0x0a0d0d0a, OLD_PACKET = 2, SIMPLE = 3, NAMES = 4, STATISTICS = 5, PACKET = 6, SECRETS = 10 };

enum { TLS_KEYS = 0x544c534b, CUSTOM = 0x0bad, PCAPDROID = 62652 };

static void raw_head(struct raw *raw)
{
    raw_section(raw);
    raw_interface(raw, 1, 0);
}

/* An interface with options. */
static void raw_interface_with(struct raw *raw, uint8_t resolution, int64_t offset_s)
{
    raw_begin(raw, 1);
    raw_u16(raw, 1);
    raw_u16(raw, 0);
    raw_u32(raw, 0);
    raw_option(raw, 2, ml_span_text("wlan0"));
    raw_option(raw, 9, ml_span_of(&resolution, 1));
    raw_option_u64(raw, 14, (uint64_t)offset_s);
    raw_option(raw, 0, ml_span_text(""));
    raw_end(raw);
}

static void raw_uid_map(struct raw *raw, uint32_t uid, const char *package, const char *label)
{
    raw_begin(raw, CUSTOM);
    raw_u32(raw, PCAPDROID);
    raw_u8(raw, 1);
    raw_u8(raw, 1);
    raw_u32(raw, uid);
    raw_u8(raw, (uint8_t)strlen(package));
    raw_u8(raw, (uint8_t)strlen(label));
    raw_bytes(raw, ml_span_text(package));
    raw_bytes(raw, ml_span_text(label));
    while ((raw->buf.len - raw->block) % 4 != 0) {
        raw_u8(raw, 0);
    }
    raw_end(raw);
}

static void raw_commented_packet(struct raw *raw, const char *comment, uint32_t flags)
{
    raw_begin(raw, PACKET);
    raw_u32(raw, 0);
    raw_u64(raw, 0);
    raw_u32(raw, 3);
    raw_u32(raw, 3);
    raw_padded(raw, ml_span_text("app"));
    raw_option(raw, 1, ml_span_text(comment));
    raw_option_u32(raw, 2, flags);
    raw_option(raw, 0, ml_span_text(""));
    raw_end(raw);
}

static void raw_secrets(struct raw *raw, const char *text)
{
    raw_begin(raw, SECRETS);
    raw_u32(raw, TLS_KEYS);
    raw_u32(raw, (uint32_t)strlen(text));
    raw_padded(raw, ml_span_text(text));
    raw_end(raw);
}

static void raw_names(struct raw *raw)
{
    raw_begin(raw, NAMES);
    raw_u16(raw, 1);
    raw_u16(raw, 4 + 2 * 12);
    raw_padded(raw, ml_span_of("\xc0\x00\x02\x01"
                               "a.example.c\0b.example.c\0",
                               4 + 24));
    raw_u16(raw, 2);
    raw_u16(raw, 16 + 10);
    raw_padded(raw, ml_span_of("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
                               "v6.exampl\0",
                               26));
    raw_u16(raw, 99); /* a record of a kind nobody knows */
    raw_u16(raw, 1);
    raw_padded(raw, ml_span_text("?"));
    raw_u16(raw, 0);
    raw_u16(raw, 0);
    raw_option(raw, 1, ml_span_text("comment"));
    raw_end(raw);
}

/* One of everything: used by the sweeps as well. */
static void raw_everything(struct raw *raw)
{
    raw_section(raw);
    raw_interface_with(raw, 9, 0);
    raw_interface(raw, 101, 96);
    raw_names(raw);
    raw_secrets(raw, "CLIENT_RANDOM 00 11");
    raw_uid_map(raw, 10123, "org.example.chat", "Example Chat");
    raw_packet(raw, 0, 5, 3, ml_span_text("one"));
    raw_packet(raw, 1, 6, 900, ml_span_text("two"));
    raw_commented_packet(raw, "u-10123", 2);
    raw_begin(raw, STATISTICS);
    raw_u32(raw, 1);
    raw_u64(raw, 0);
    raw_option_u64(raw, 4, 100);
    raw_option_u64(raw, 5, 7);
    raw_option_u64(raw, 7, 2);
    raw_end(raw);
}

static void everything_a_file_tells_is_kept_in_both_byte_orders(void **state)
{
    (void)state;
    for (int is_big = 0; is_big < 2; is_big++) {
        struct raw raw;
        struct capture_read read;
        raw_init(&raw, is_big != 0);
        raw_everything(&raw);
        capture_read(&read, ml_buf_span(&raw.buf));
        const struct ml_source_summary *summary = read.summary;
        assert_int_equal(read.opened, ML_OK);
        assert_string_equal(summary->format, "pcapng");
        assert_false(summary->is_damaged);
        assert_int_equal(read.n, 3);
        assert_string_equal(read.text[0], "one");
        assert_int_equal(read.packets[0].time_ns, 5);
        assert_int_equal(read.packets[1].time_ns, 6000); /* microseconds without the option */
        assert_int_equal(read.packets[1].link_type, 101);
        assert_int_equal(read.packets[1].interface, 1);
        assert_int_equal(read.packets[1].wire_len, 900);
        assert_int_equal(summary->truncated, 1);
        assert_int_equal(summary->n_interfaces, 2);
        assert_span_text(summary->interfaces[0].name, "wlan0");
        assert_int_equal(summary->interfaces[1].snaplen, 96);
        assert_int_equal(summary->interfaces[1].dropped, 9);
        assert_int_equal(summary->interfaces[0].packets, 2);
        assert_int_equal(summary->n_names, 3);
        assert_span_text(summary->names[1].name, "b.example.c");
        assert_int_equal(summary->names[1].ip.bytes[0], 192);
        assert_int_equal(summary->names[2].ip.family, 6);
        assert_int_equal(summary->n_secrets, 1);
        assert_int_equal(summary->secrets[0].type, TLS_KEYS);
        assert_span_text(summary->secrets[0].bytes, "CLIENT_RANDOM 00 11");
        assert_int_equal(summary->n_processes, 1);
        assert_span_text(summary->processes[0].package, "org.example.chat");
        assert_span_text(summary->processes[0].label, "Example Chat");
        assert_int_equal(read.packets[2].process, 1);
        assert_int_equal(read.packets[2].direction, ML_PACKET_OUT);
        assert_int_equal(read.packets[0].process, 0);
        assert_int_equal(summary->comments, 2);
        assert_int_equal(read.packets[0].frame, 2); /* Wireshark shows the custom block as frame 1 */
        assert_int_equal(summary->frames, 4);
        assert_int_equal(summary->first_ns, 0);
        assert_int_equal(summary->last_ns, 6000);
        capture_read_fini(&read);
        raw_fini(&raw);
    }
}

static void each_section_has_its_own_interfaces_and_byte_order(void **state)
{
    (void)state;
    struct raw raw;
    struct capture_read read;
    raw_init(&raw, false);
    raw_head(&raw);
    raw_packet(&raw, 0, 1000000, 3, ml_span_text("one"));
    raw.is_big = true;
    raw_section(&raw);
    raw_interface(&raw, 276, 0);
    raw_packet(&raw, 0, 2000000, 3, ml_span_text("two"));
    capture_read(&read, ml_buf_span(&raw.buf));
    assert_int_equal(read.n, 2);
    assert_int_equal(read.packets[0].interface, 0);
    assert_int_equal(read.packets[1].interface, 1);
    assert_int_equal(read.packets[1].link_type, 276);
    assert_int_equal(read.packets[1].time_ns, 2 * SECONDS);
    capture_read_fini(&read);
    raw_fini(&raw);
}

static void times_follow_the_resolution_of_their_interface(void **state)
{
    (void)state;
    static const struct {
        uint8_t resolution;
        int64_t offset_s;
        uint64_t time;
        int64_t want;
    } cases[] = {
        {6, 0, 1500000, SECONDS + SECONDS / 2},
        {9, 0, 1500000000, SECONDS + SECONDS / 2},
        {0, 0, 7, 7 * SECONDS},
        {3, 100, 1500, 101 * SECONDS + SECONDS / 2},
        {3, -1, 1500, SECONDS / 2},
        {12, 0, 1500000000999, SECONDS + SECONDS / 2},
        {19, 0, UINT64_C(15000000000000000000), SECONDS + SECONDS / 2},
        {0x80 | 10, 0, 1536, SECONDS + SECONDS / 2},
        {0x80 | 32, 0, (UINT64_C(3) << 31), SECONDS + SECONDS / 2},
        {0x80 | 63, 0, (UINT64_C(3) << 62), SECONDS + SECONDS / 2},
        {0x80 | 64, 0, (UINT64_C(1) << 63), SECONDS / 2},
        {0x80 | 127, 0, UINT64_MAX, 0},
        {0x80 | 0, 0, 7, 7 * SECONDS},
        {6, INT64_MAX, UINT64_MAX, INT64_MAX},
        {6, INT64_MIN, 0, INT64_MIN},
        {0, 0, UINT64_MAX, INT64_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct raw raw;
        struct capture_read read;
        raw_init(&raw, false);
        raw_section(&raw);
        raw_interface_with(&raw, cases[i].resolution, cases[i].offset_s);
        raw_packet(&raw, 0, cases[i].time, 1, ml_span_text("x"));
        capture_read(&read, ml_buf_span(&raw.buf));
        assert_int_equal(read.n, 1);
        assert_int_equal(read.packets[0].time_ns, cases[i].want);
        capture_read_fini(&read);
        raw_fini(&raw);
    }
}

static void simple_and_obsolete_packets_are_packets(void **state)
{
    (void)state;
    struct raw raw;
    struct capture_read read;
    raw_init(&raw, true);
    raw_section(&raw);
    raw_interface(&raw, 1, 4);
    for (int i = 0; i < 2; i++) {
        raw_begin(&raw, SIMPLE);
        raw_u32(&raw, i == 0 ? 3 : 60);
        raw_padded(&raw, ml_span_text(i == 0 ? "abc" : "abcd")); /* the snap length tells where it was cut */
        raw_end(&raw);
        if (i == 0) {
            raw_begin(&raw, OLD_PACKET);
            raw_u16(&raw, 0);
            raw_u16(&raw, 5); /* dropped before this one */
            raw_u64(&raw, 9000000);
            raw_u32(&raw, 3);
            raw_u32(&raw, 3);
            raw_padded(&raw, ml_span_text("old"));
            raw_option_u32(&raw, 2, 1);
            raw_end(&raw);
        }
    }
    capture_read(&read, ml_buf_span(&raw.buf));
    assert_int_equal(read.n, 3);
    assert_string_equal(read.text[0], "abc");
    assert_string_equal(read.text[1], "old");
    assert_string_equal(read.text[2], "abcd");
    assert_int_equal(read.packets[1].direction, ML_PACKET_IN);
    assert_int_equal(read.packets[2].wire_len, 60);
    assert_int_equal(read.packets[2].time_ns, 9 * SECONDS); /* that of the packet before */
    assert_int_equal(read.summary->first_ns, 9 * SECONDS);
    assert_int_equal(read.summary->interfaces[0].dropped, 5);
    capture_read_fini(&read);
    raw_fini(&raw);
}

static void apps_are_taken_only_from_blocks_that_add_up(void **state)
{
    (void)state;
    struct raw raw;
    struct capture_read read;
    raw_init(&raw, false);
    raw_head(&raw);
    raw_uid_map(&raw, 1, "org.example.one", "");
    raw_uid_map(&raw, 1, "org.example.two", "");  /* the first mapping holds */
    raw_uid_map(&raw, 2, "org.example.\xff", ""); /* no text */
    raw_begin(&raw, CUSTOM);                      /* lengths that leave more than padding */
    raw_u32(&raw, PCAPDROID);
    raw_u16(&raw, 0x0101);
    raw_u32(&raw, 3);
    raw_u16(&raw, 0x0101);
    raw_bytes(&raw, ml_span_text("ab..........."));
    raw_u8(&raw, 0);
    raw_u16(&raw, 0);
    raw_end(&raw);
    raw_commented_packet(&raw, "u-1", 0);
    raw_commented_packet(&raw, "u-2", 0);
    raw_commented_packet(&raw, "u-1x", 0);
    raw_commented_packet(&raw, "", 0);
    capture_read(&read, ml_buf_span(&raw.buf));
    assert_false(read.summary->is_damaged);
    assert_int_equal(read.summary->n_processes, 1);
    assert_span_text(read.summary->processes[0].package, "org.example.one");
    assert_int_equal(read.packets[0].process, 1);
    assert_int_equal(read.packets[1].process, 0);
    assert_int_equal(read.packets[2].process, 0);
    assert_int_equal(read.packets[3].process, 0);
    capture_read_fini(&read);
    raw_fini(&raw);
}

static void secrets_end_at_the_ceiling(void **state)
{
    (void)state;
    struct raw raw;
    struct capture_read read;
    raw_init(&raw, false);
    raw_head(&raw);
    struct ml_buf large;
    ml_buf_init(&large, ML_MAX_SECRETS_BYTES);
    for (int i = 0; i < 6 * 1024 * 1024; i++) {
        ml_buf_add_byte(&large, 'k');
    }
    for (int i = 0; i < 3; i++) {
        raw_begin(&raw, SECRETS);
        raw_u32(&raw, TLS_KEYS);
        raw_u32(&raw, (uint32_t)large.len);
        raw_padded(&raw, ml_buf_span(&large));
        raw_end(&raw);
    }
    capture_read(&read, ml_buf_span(&raw.buf));
    assert_int_equal(read.summary->n_secrets, 2);
    assert_int_equal(read.summary->not_kept, 1);
    capture_read_fini(&read);
    ml_buf_fini(&large);
    raw_fini(&raw);
}

/* --- sweeps --- */

static void every_prefix_gives_the_packets_up_to_its_end(void **state)
{
    (void)state;
    for (int is_big = 0; is_big < 2; is_big++) {
        struct raw raw;
        raw_init(&raw, is_big != 0);
        raw_everything(&raw);
        size_t last = 0;
        for (size_t len = 0; len <= raw.buf.len; len++) {
            struct guard guard;
            struct capture_read read;
            guard_init(&guard, ml_span_of(raw.buf.bytes, len));
            capture_read(&read, guard.span);
            assert_int_equal(read.opened, len < 28 ? ML_BAD_INPUT : ML_OK);
            if (read.opened == ML_OK) {
                assert_true(read.n == last || read.n == last + 1);
                last = read.n;
            }
            capture_read_fini(&read);
            guard_fini(&guard);
        }
        assert_int_equal(last, 3);
        raw_fini(&raw);
    }
}

static void read_any(void *context, struct ml_span file)
{
    size_t *most = context;
    struct capture_read read;
    capture_read(&read, file);
    *most = read.n > *most ? read.n : *most;
    capture_read_fini(&read);
}

static void every_bit_may_flip(void **state)
{
    (void)state;
    struct raw raw;
    raw_init(&raw, true);
    raw_everything(&raw);
    size_t most = 0;
    sweep_bit_flips(ml_buf_span(&raw.buf), read_any, &most);
    assert_int_equal(most, 3);
    raw_fini(&raw);
}

static void read_without_memory(void *context)
{
    const struct ml_span *file = context;
    struct ml_source *source = NULL;
    struct ml_packet packet;
    enum ml_status status = ml_source_open_memory(*file, "x", 0, 0, &source, NULL);
    while (status == ML_OK) {
        status = ml_source_next(source, &packet);
    }
    assert_true(status == ML_NO_MEMORY || status == ML_END);
    ml_source_close(source);
}

static void running_out_of_memory_is_told(void **state)
{
    (void)state;
    struct raw raw;
    raw_init(&raw, true);
    raw_everything(&raw);
    struct ml_span file = ml_buf_span(&raw.buf);
    assert_true(oom_sweep(read_without_memory, &file) >= 9);
    raw_fini(&raw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_a_file_tells_is_kept_in_both_byte_orders),
        cmocka_unit_test(each_section_has_its_own_interfaces_and_byte_order),
        cmocka_unit_test(times_follow_the_resolution_of_their_interface),
        cmocka_unit_test(simple_and_obsolete_packets_are_packets),
        cmocka_unit_test(apps_are_taken_only_from_blocks_that_add_up),
        cmocka_unit_test(secrets_end_at_the_ceiling),
        cmocka_unit_test(every_prefix_gives_the_packets_up_to_its_end),
        cmocka_unit_test(every_bit_may_flip),
        cmocka_unit_test(running_out_of_memory_is_told),
    };
    return cmocka_run_group_tests_name("capture/pcapng", tests, NULL, NULL);
}
