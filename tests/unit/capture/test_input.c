/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/input.h"

#include "core/buf.h"
#include "core/limits.h"
#include "core/mem.h"
#include "support/capture_raw.h"
#include "support/capture_read.h"
#include "support/cm.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct {
    const char *name;
    int (*add_filter)(struct archive *archive);
} compressors[] = {
    {"gzip", archive_write_add_filter_gzip}, {"zstd", archive_write_add_filter_zstd},
    {"xz", archive_write_add_filter_xz},     {"bzip2", archive_write_add_filter_bzip2},
    {"lz4", archive_write_add_filter_lz4},
};

enum { N_COMPRESSORS = sizeof compressors / sizeof *compressors };

/* Gives the compressed bytes, ml_buf_fini. */
static struct ml_buf compress_bytes(size_t which, struct ml_span plain)
{
    struct ml_buf out;
    ml_buf_init(&out, 1 << 26);
    size_t room = plain.len + (1 << 16);
    assert_true(ml_buf_reserve(&out, room));
    struct archive *archive = archive_write_new();
    assert_int_equal(compressors[which].add_filter(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_set_format_raw(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_set_bytes_in_last_block(archive, 1), ARCHIVE_OK);
    assert_int_equal(archive_write_set_filter_option(archive, NULL, "compression-level", "1"), ARCHIVE_OK);
    assert_int_equal(archive_write_open_memory(archive, out.bytes, room, &out.len), ARCHIVE_OK);
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_filetype(entry, AE_IFREG);
    assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
    assert_int_equal(archive_write_data(archive, plain.ptr, plain.len), (la_ssize_t)plain.len);
    archive_entry_free(entry);
    assert_int_equal(archive_write_free(archive), ARCHIVE_OK);
    return out;
}

/* n packets of 900 bytes that do not compress to nothing. */
static void raw_large(struct raw *raw, unsigned n)
{
    uint8_t bytes[900];
    uint32_t random = 1;
    raw_pcap_head(raw, 0xa1b2c3d4, 2, 4, 1);
    for (unsigned i = 0; i < n; i++) {
        for (size_t at = 0; at < sizeof bytes; at++) {
            random = random * 1664525U + 1013904223U;
            bytes[at] = (uint8_t)(random >> 24 & 0x3f);
        }
        raw_pcap_packet(raw, 1000 + i, 0, sizeof bytes, ml_span_of(bytes, sizeof bytes));
    }
}

static void compressed_files_give_the_packets_and_the_hash_of_what_is_stored(void **state)
{
    (void)state;
    struct raw raw;
    raw_init(&raw, false);
    raw_large(&raw, 1300); /* more than one window of plain bytes */
    for (size_t i = 0; i < N_COMPRESSORS; i++) {
        struct ml_buf stored = compress_bytes(i, ml_buf_span(&raw.buf));
        struct capture_read read;
        capture_read(&read, ml_buf_span(&stored)); /* compares the hash and the size with those of `stored` */
        assert_int_equal(read.opened, ML_OK);
        assert_string_equal(read.summary->compression, compressors[i].name);
        assert_string_equal(read.summary->format, "pcap");
        assert_int_equal(read.n, 1300);
        assert_false(read.summary->is_damaged);
        capture_read_fini(&read);
        ml_buf_fini(&stored);
    }
    raw_fini(&raw);
}

static void a_compressed_file_that_is_cut_gives_what_is_there(void **state)
{
    (void)state;
    struct raw raw;
    raw_init(&raw, false);
    raw_large(&raw, 1300);
    for (size_t i = 0; i < N_COMPRESSORS; i++) {
        struct ml_buf stored = compress_bytes(i, ml_buf_span(&raw.buf));
        struct capture_read read;
        capture_read(&read, ml_span_of(stored.bytes, stored.len * 3 / 4));
        if (read.opened == ML_OK) { /* bzip2 and xz may hold everything back to the end of a block */
            assert_true(read.n < 1300);
            assert_true(read.summary->is_damaged);
            assert_true(compressors[i].add_filter != archive_write_add_filter_gzip || read.n > 700);
        }
        capture_read_fini(&read);
        ml_buf_fini(&stored);
    }
    raw_fini(&raw);
}

static void what_is_inside_a_compressed_file_may_be_no_capture(void **state)
{
    (void)state;
    struct ml_buf stored = compress_bytes(0, ml_span_text("<html>"));
    struct capture_read read;
    capture_read(&read, ml_buf_span(&stored));
    assert_int_equal(read.opened, ML_BAD_INPUT);
    assert_string_equal(read.error.text, "not a capture file inside gzip: begins with 3c68746d6c3e (\"<html>\")");
    ml_buf_fini(&stored);
    capture_read(&read, ml_span_of("\x1f\x8b\x08\x00garbage", 11));
    assert_int_equal(read.opened, ML_BAD_INPUT);
}

static void a_file_that_grows_without_end_is_given_up(void **state)
{
    (void)state;
    /* 80 MiB of zeros behind a head: zstd makes a few thousand bytes of them. */
    struct raw raw;
    raw_init(&raw, false);
    raw_pcap_head(&raw, 0xa1b2c3d4, 2, 4, 1);
    struct archive *archive = archive_write_new();
    struct ml_buf stored;
    ml_buf_init(&stored, 1 << 24);
    assert_true(ml_buf_reserve(&stored, 1 << 20));
    assert_int_equal(archive_write_add_filter_zstd(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_set_format_raw(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_open_memory(archive, stored.bytes, 1 << 20, &stored.len), ARCHIVE_OK);
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_filetype(entry, AE_IFREG);
    assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
    assert_int_equal(archive_write_data(archive, raw.buf.bytes, raw.buf.len), (la_ssize_t)raw.buf.len);
    void *zeros = ml_mem_array(1 << 20, 1);
    for (int i = 0; i < 80; i++) {
        assert_int_equal(archive_write_data(archive, zeros, 1 << 20), 1 << 20);
    }
    archive_entry_free(entry);
    assert_int_equal(archive_write_free(archive), ARCHIVE_OK);

    struct ml_input *input = NULL;
    struct ml_span bytes;
    assert_int_equal(ml_input_open_memory(ml_buf_span(&stored), &input, NULL), ML_OK);
    enum ml_status status = ML_OK;
    while ((status = ml_input_need(input, 1 << 16, &bytes)) == ML_OK) {
        ml_input_take(input, bytes.len);
    }
    assert_int_equal(status, ML_LIMIT);
    assert_string_equal(ml_input_failure(input), "zstd: grows more than a thousandfold");
    assert_true(ml_input_offset(input) < ML_MIN_INFLATE_BYTES + (1 << 20));
    ml_input_close(input);
    ml_mem_free(zeros);
    ml_buf_fini(&stored);
    raw_fini(&raw);
}

static void a_pipe_is_read_as_it_comes(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int saved = dup(STDIN_FILENO);
    assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
    struct raw raw;
    raw_init(&raw, false);
    raw_large(&raw, 20); /* less than a pipe holds */
    assert_int_equal(write(ends[1], raw.buf.bytes, raw.buf.len), (ssize_t)raw.buf.len);
    close(ends[1]);
    struct ml_source *source = NULL;
    struct ml_packet packet;
    assert_int_equal(ml_source_open("-", 0, 0, &source, NULL), ML_OK);
    unsigned n = 0;
    while (ml_source_next(source, &packet) == ML_OK) {
        n++;
    }
    assert_int_equal(n, 20);
    assert_int_equal(ml_source_finish(source, NULL), ML_OK);
    char want[ML_SHA256_HEX];
    assert_true(ml_sha256_hex(ml_buf_span(&raw.buf), want));
    assert_string_equal(ml_source_summary(source)->sha256, want);
    assert_string_equal(ml_source_summary(source)->file, "-");
    ml_source_close(source);
    raw_fini(&raw);
    assert_true(dup2(saved, STDIN_FILENO) >= 0);
    close(saved);
    close(ends[0]);
}

static void a_file_is_read_in_windows(void **state)
{
    (void)state;
    char path[] = "/tmp/mitleser_input_XXXXXX";
    int fd = mkstemp(path);
    struct raw raw;
    raw_init(&raw, false);
    raw_large(&raw, 1300);
    assert_int_equal(write(fd, raw.buf.bytes, raw.buf.len), (ssize_t)raw.buf.len);
    close(fd);
    struct ml_source *source = NULL;
    struct ml_packet packet;
    assert_int_equal(ml_source_open(path, 0, 0, &source, NULL), ML_OK);
    size_t at = 24;
    while (ml_source_next(source, &packet) == ML_OK) {
        at += 16;
        assert_memory_equal(packet.bytes.ptr, raw.buf.bytes + at, packet.bytes.len);
        at += packet.bytes.len;
    }
    assert_int_equal(at, raw.buf.len);
    assert_int_equal(ml_source_offset(source), raw.buf.len);
    ml_source_close(source);
    raw_fini(&raw);
    unlink(path);
}

static void the_hash_covers_what_lies_behind_a_damage(void **state)
{
    (void)state;
    struct raw raw;
    struct capture_read read;
    raw_init(&raw, false);
    raw_large(&raw, 2);
    for (int i = 0; i < 1200 * 1024; i++) {
        raw_u8(&raw, 0xff);
    }
    capture_read(&read, ml_buf_span(&raw.buf)); /* compares the hash */
    assert_int_equal(read.n, 2);
    assert_true(read.summary->is_damaged);
    capture_read_fini(&read);
    raw_fini(&raw);
}

static void the_window_grows_for_one_large_record(void **state)
{
    (void)state;
    struct ml_buf large;
    ml_buf_init(&large, 1 << 24);
    for (uint32_t i = 0; i < 5 * 1024 * 1024; i++) {
        ml_buf_add_byte(&large, (uint8_t)(i * 7 >> 3));
    }
    struct ml_input *input = NULL;
    struct ml_span bytes;
    assert_int_equal(ml_input_open_memory(ml_buf_span(&large), &input, NULL), ML_OK);
    assert_int_equal(ml_input_need(input, 100, &bytes), ML_OK);
    ml_input_take(input, 100);
    assert_int_equal(ml_input_need(input, 4 * 1024 * 1024, &bytes), ML_OK);
    assert_int_equal(bytes.len, 4 * 1024 * 1024);
    assert_memory_equal(bytes.ptr, large.bytes + 100, bytes.len);
    ml_input_take(input, bytes.len);
    assert_int_equal(ml_input_need(input, 4 * 1024 * 1024, &bytes), ML_END);
    assert_int_equal(bytes.len, 1024 * 1024 - 100);
    assert_int_equal(ml_input_offset(input), 4 * 1024 * 1024 + 100);
    ml_input_close(input);
    ml_buf_fini(&large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compressed_files_give_the_packets_and_the_hash_of_what_is_stored),
        cmocka_unit_test(a_compressed_file_that_is_cut_gives_what_is_there),
        cmocka_unit_test(what_is_inside_a_compressed_file_may_be_no_capture),
        cmocka_unit_test(a_file_that_grows_without_end_is_given_up),
        cmocka_unit_test(a_pipe_is_read_as_it_comes),
        cmocka_unit_test(a_file_is_read_in_windows),
        cmocka_unit_test(the_hash_covers_what_lies_behind_a_damage),
        cmocka_unit_test(the_window_grows_for_one_large_record),
    };
    return cmocka_run_group_tests_name("capture/input", tests, NULL, NULL);
}
