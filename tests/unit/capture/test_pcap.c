/* SPDX-License-Identifier: Apache-2.0 */
#include "core/limits.h"
#include "support/capture_raw.h"
#include "support/capture_read.h"
#include "support/cm.h"
#include "support/kit.h"

#define MAGIC 0xa1b2c3d4U
#define MAGIC_NS 0xa1b23c4dU
#define MAGIC_KUZNETZOV 0xa1b2cd34U
#define MAGIC_IXIA 0x1c0001acU
#define SECONDS UINT64_C(1000000000)

/* Three packets, the second cut. */
static void raw_usual(struct raw *raw, uint32_t magic)
{
    raw_pcap_head(raw, magic, 2, 4, 1);
    raw_pcap_packet(raw, 1000, 5, 3, ml_span_text("one"));
    raw_pcap_packet(raw, 999, 6, 1500, ml_span_text("two"));
    raw_pcap_packet(raw, 4000000000U, 999999, 0, ml_span_text("three"));
}

static void packets_come_as_written_in_both_byte_orders(void **state)
{
    (void)state;
    for (int is_big = 0; is_big < 2; is_big++) {
        struct raw raw;
        struct capture_read read;
        raw_init(&raw, is_big != 0);
        raw_usual(&raw, MAGIC);
        capture_read(&read, ml_buf_span(&raw.buf));
        assert_int_equal(read.opened, ML_OK);
        assert_string_equal(read.summary->format, "pcap");
        assert_string_equal(read.summary->compression, "");
        assert_int_equal(read.n, 3);
        assert_string_equal(read.text[2], "three");
        assert_int_equal(read.packets[0].time_ns, 1000 * SECONDS + 5000);
        assert_int_equal(read.packets[2].time_ns, 4000000000 * SECONDS + 999999000); /* unsigned seconds: until 2106 */
        assert_int_equal(read.packets[0].frame, 1);
        assert_int_equal(read.packets[0].link_type, 1);
        assert_int_equal(read.packets[1].wire_len, 1500);
        assert_int_equal(read.packets[2].wire_len, 5); /* less than captured is a lie */
        assert_int_equal(read.summary->truncated, 1);
        assert_int_equal(read.summary->first_ns, 999 * SECONDS + 6000);
        assert_int_equal(read.summary->last_ns, read.packets[2].time_ns);
        assert_int_equal(read.summary->n_interfaces, 1);
        assert_int_equal(read.summary->interfaces[0].packets, 3);
        assert_int_equal(read.summary->interfaces[0].snaplen, 65535);
        assert_false(read.summary->is_damaged);
        capture_read_fini(&read);
        raw_fini(&raw);
    }
}

static void nanoseconds_are_told_by_the_magic_number(void **state)
{
    (void)state;
    struct raw raw;
    struct capture_read read;
    raw_init(&raw, false);
    raw_usual(&raw, MAGIC_NS);
    capture_read(&read, ml_buf_span(&raw.buf));
    assert_string_equal(read.summary->format, "pcap-ns");
    assert_int_equal(read.packets[0].time_ns, 1000 * SECONDS + 5);
    capture_read_fini(&read);
    raw_fini(&raw);
}

/* Records with eight bytes more; under the usual magic number too. */
static void longer_records_are_read(void **state)
{
    (void)state;
    static const uint32_t magics[] = {MAGIC_KUZNETZOV, MAGIC};
    for (size_t i = 0; i < 2; i++) {
        for (uint32_t n = i == 0 ? 1 : 2; n < 4; n++) { /* one record alone does not tell */
            struct raw raw;
            struct capture_read read;
            raw_init(&raw, false);
            raw_pcap_head(&raw, magics[i], 2, 4, 1);
            for (uint32_t packet = 0; packet < n; packet++) {
                raw_u32(&raw, 1000 + packet);
                raw_u32(&raw, 5);
                raw_u32(&raw, 3);
                raw_u32(&raw, 3);
                raw_u64(&raw, 0); /* interface, protocol, kind */
                raw_bytes(&raw, ml_span_text("one"));
            }
            capture_read(&read, ml_buf_span(&raw.buf));
            assert_string_equal(read.summary->format, "pcap-modified");
            assert_int_equal(read.n, n);
            assert_string_equal(read.text[n - 1], "one");
            assert_false(read.summary->is_damaged);
            capture_read_fini(&read);
            raw_fini(&raw);
        }
    }
}

static void a_file_of_ixia_has_a_length_behind_its_head(void **state)
{
    (void)state;
    struct raw raw;
    struct capture_read read;
    raw_init(&raw, true);
    raw_pcap_head(&raw, MAGIC_IXIA, 2, 4, 1);
    raw_u32(&raw, 19);
    raw_pcap_packet(&raw, 1000, 5, 3, ml_span_text("one"));
    capture_read(&read, ml_buf_span(&raw.buf));
    assert_string_equal(read.summary->format, "pcap-ixia");
    assert_string_equal(read.text[0], "one");
    assert_int_equal(read.packets[0].time_ns, 1000 * SECONDS + 5);
    capture_read_fini(&read);
    raw_fini(&raw);
}

/* Version 2.2 has the lengths the other way round; AIX also means nanoseconds and RFC 1573 interface types. */
static void old_versions_swap_the_lengths(void **state)
{
    (void)state;
    static const struct {
        uint16_t major, minor;
        uint32_t network;
        bool is_swapped;
        const char *format;
    } cases[] = {{2, 2, 1, true, "pcap"},   {2, 3, 1, true, "pcap"},     {2, 3, 1, false, "pcap"},
                 {543, 0, 1, true, "pcap"}, {2, 2, 6, true, "pcap-aix"}, {2, 4, 1, false, "pcap"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct raw raw;
        struct capture_read read;
        raw_init(&raw, true);
        raw_pcap_head(&raw, MAGIC, cases[i].major, cases[i].minor, cases[i].network);
        raw_u32(&raw, 1000);
        raw_u32(&raw, 5);
        raw_u32(&raw, cases[i].is_swapped ? 60 : 3);
        raw_u32(&raw, cases[i].is_swapped ? 3 : 60);
        raw_bytes(&raw, ml_span_text("one"));
        capture_read(&read, ml_buf_span(&raw.buf));
        assert_string_equal(read.summary->format, cases[i].format);
        assert_int_equal(read.n, 1);
        assert_string_equal(read.text[0], "one");
        assert_int_equal(read.packets[0].wire_len, 60);
        assert_int_equal(read.packets[0].link_type, 1);
        assert_int_equal(read.packets[0].time_ns, 1000 * SECONDS + (cases[i].network == 6 ? 5 : 5000));
        assert_false(read.summary->is_damaged);
        capture_read_fini(&read);
        raw_fini(&raw);
    }
}

static void link_types_are_those_of_the_registry(void **state)
{
    (void)state;
    static const struct {
        uint32_t in_file;
        int link_type;
        const char *name;
    } cases[] = {{1, 1, "ETHERNET"},       {0x30000001, 1, "ETHERNET"},
                 {12, 101, "RAW"},         {14, 101, "RAW"},
                 {101, 101, "RAW"},        {113, 113, "LINUX_SLL"},
                 {276, 276, "LINUX_SLL2"}, {11, 100, "ATM_RFC1483"},
                 {16, 103, "PPP_BSDOS"},   {0, 0, "NULL"},
                 {108, 108, "LOOP"},       {127, 127, "IEEE802_11_RADIOTAP"},
                 {228, 228, "IPV4"},       {60000, 60000, "LINKTYPE_60000"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[ML_LINK_NAME];
        assert_int_equal(ml_link_type_of(cases[i].in_file), cases[i].link_type);
        assert_string_equal(ml_link_type_name(cases[i].link_type, name), cases[i].name);
    }
}

static void the_app_of_a_frame_is_read_from_its_trailer(void **state)
{
    (void)state;
    struct raw raw;
    struct capture_read read;
    raw_init(&raw, false);
    raw_pcap_head(&raw, MAGIC, 2, 4, 1);
    for (int i = 0; i < 3; i++) {
        struct raw frame;
        raw_init(&frame, true);
        raw_bytes(&frame, ml_span_of("\0\0\0\0\0\0\0\0\0\0\0\0\x08\x00packet", 20));
        frame.buf.bytes[0] = i == 2 ? 1 : 0; /* a frame with addresses is a real one */
        raw_u32(&frame, 0x01072021);
        raw_u32(&frame, 10123 + (uint32_t)(i == 2));
        raw_bytes(&frame, ml_span_of("Example Chat\0\0\0\0\0\0\0\0", 20));
        raw_u32(&frame, 0);
        raw_pcap_packet(&raw, 1000, 5, (uint32_t)frame.buf.len, ml_buf_span(&frame.buf));
        raw_fini(&frame);
    }
    capture_read(&read, ml_buf_span(&raw.buf));
    assert_int_equal(read.n, 3);
    assert_int_equal(read.summary->n_processes, 1);
    assert_int_equal(read.summary->processes[0].uid, 10123);
    assert_span_text(read.summary->processes[0].label, "Example Chat");
    assert_int_equal(read.summary->processes[0].package.len, 0);
    assert_int_equal(read.packets[0].process, 1);
    assert_int_equal(read.packets[1].process, 1);
    assert_int_equal(read.packets[2].process, 0);
    capture_read_fini(&read);
    raw_fini(&raw);
}

/* --- damages --- */

static void a_record_longer_than_any_ends_the_packets(void **state)
{
    (void)state;
    struct raw raw;
    struct capture_read read;
    raw_init(&raw, false);
    raw_usual(&raw, MAGIC);
    size_t offset = raw.buf.len;
    raw_u64(&raw, 0);
    raw_u32(&raw, ML_MAX_PACKET_BYTES + 1);
    raw_u32(&raw, ML_MAX_PACKET_BYTES + 1);
    raw_bytes(&raw, ml_span_text("and more behind it"));
    capture_read(&read, ml_buf_span(&raw.buf));
    assert_int_equal(read.n, 3);
    assert_true(read.summary->is_damaged);
    assert_int_equal(read.summary->damage_offset, offset);
    assert_string_equal(read.summary->damage, "a packet of 262145 bytes is longer than any");
    capture_read_fini(&read);
    raw_fini(&raw);
}

static void open_refuses(struct ml_span file, enum ml_status status, const char *text)
{
    struct capture_read read;
    capture_read(&read, file);
    assert_int_equal(read.opened, status);
    assert_non_null(strstr(read.error.text, text));
    capture_read_fini(&read);
}

static void a_file_that_is_no_capture_is_told_apart(void **state)
{
    (void)state;
    open_refuses(ml_span_text("<!DOCTYPE html><html>"), ML_BAD_INPUT,
                 "not a capture file: begins with 3c21444f43545950452068746d6c3e3c (\"<!DOCTYPE html><\")");
    open_refuses(ml_span_text("x\ny"), ML_BAD_INPUT, "not a capture file: begins with 780a79 (\"x.y\")");
    open_refuses(ml_span_text(""), ML_BAD_INPUT, "not a capture file: it is empty");
    open_refuses(ml_span_text("GMBU\x01\x02"), ML_UNSUPPORTED, "Microsoft Network Monitor");
    open_refuses(ml_span_of("\xd4\xc3\xb2\xa1\x02\x00", 6), ML_BAD_INPUT, "ends within its header (6 bytes)");
    struct raw raw;
    raw_init(&raw, false);
    raw_pcap_head(&raw, MAGIC, 1, 4, 1);
    open_refuses(ml_buf_span(&raw.buf), ML_UNSUPPORTED, "version 1.4");
    raw_fini(&raw);
}

static void a_path_that_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    struct ml_source *source = NULL;
    struct ml_error error = {.status = ML_OK};
    assert_int_equal(ml_source_open("/nonexistent/file.pcap", 0, 0, &source, &error), ML_IO);
    assert_string_equal(error.file, "/nonexistent/file.pcap");
    assert_int_equal(ml_source_open("/", 0, 0, &source, &error), ML_IO); /* a folder opens, but cannot be read */
    assert_null(source);
}

static void read_any(void *context, struct ml_span file)
{
    size_t *most = context;
    struct capture_read read;
    capture_read(&read, file);
    if (read.opened == ML_OK) {
        assert_true(read.n <= 3);
        *most = read.n > *most ? read.n : *most;
    }
    capture_read_fini(&read);
}

static void every_prefix_gives_the_packets_up_to_its_end(void **state)
{
    (void)state;
    struct raw raw;
    raw_init(&raw, false);
    raw_usual(&raw, MAGIC);
    size_t last = 0;
    for (size_t len = 0; len <= raw.buf.len; len++) {
        struct guard guard;
        struct capture_read read;
        guard_init(&guard, ml_span_of(raw.buf.bytes, len));
        capture_read(&read, guard.span);
        assert_int_equal(read.opened, len < 24 ? ML_BAD_INPUT : ML_OK);
        if (read.opened == ML_OK) {
            assert_true(read.n == last || read.n == last + 1);
            last = read.n;
            bool is_whole = len == 24 || len == 24 + 19 || len == 24 + 38 || len == 24 + 38 + 21;
            assert_int_equal(read.summary->is_damaged, !is_whole);
        }
        capture_read_fini(&read);
        guard_fini(&guard);
    }
    assert_int_equal(last, 3);
    raw_fini(&raw);
}

static void every_bit_may_flip(void **state)
{
    (void)state;
    struct raw raw;
    raw_init(&raw, true);
    raw_usual(&raw, MAGIC);
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
    raw_usual(&raw, MAGIC);
    struct ml_span file = ml_buf_span(&raw.buf);
    assert_true(oom_sweep(read_without_memory, &file) >= 5);
    raw_fini(&raw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_come_as_written_in_both_byte_orders),
        cmocka_unit_test(nanoseconds_are_told_by_the_magic_number),
        cmocka_unit_test(longer_records_are_read),
        cmocka_unit_test(a_file_of_ixia_has_a_length_behind_its_head),
        cmocka_unit_test(old_versions_swap_the_lengths),
        cmocka_unit_test(link_types_are_those_of_the_registry),
        cmocka_unit_test(the_app_of_a_frame_is_read_from_its_trailer),
        cmocka_unit_test(a_record_longer_than_any_ends_the_packets),
        cmocka_unit_test(a_file_that_is_no_capture_is_told_apart),
        cmocka_unit_test(a_path_that_cannot_be_read_is_an_error),
        cmocka_unit_test(every_prefix_gives_the_packets_up_to_its_end),
        cmocka_unit_test(every_bit_may_flip),
        cmocka_unit_test(running_out_of_memory_is_told),
    };
    return cmocka_run_group_tests_name("capture/pcap", tests, NULL, NULL);
}
