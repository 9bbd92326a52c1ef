/* SPDX-License-Identifier: Apache-2.0 */
#include "core/limits.h"
#include "support/capture_raw.h"
#include "support/capture_read.h"
#include "support/cm.h"

enum { SECTION = 0x0a0d0d0a, SIMPLE = 3, PACKET = 6 };

static void raw_head(struct raw *raw)
{
    raw_section(raw);
    raw_interface(raw, 1, 0);
}

/* Each adds a damage behind a sound packet. */
typedef void (*damage_fn)(struct raw *raw);

static void two_lengths(struct raw *raw)
{
    raw_packet(raw, 0, 1, 3, ml_span_text("bad"));
    raw->buf.bytes[raw->buf.len - 4] ^= 4;
}

static void odd_length(struct raw *raw)
{
    raw_u32(raw, 99);
    raw_u32(raw, 14);
    raw_u64(raw, 0);
}

static void short_length(struct raw *raw)
{
    raw_u32(raw, 99);
    raw_u32(raw, 8);
    raw_u64(raw, 0);
}

static void huge_length(struct raw *raw)
{
    raw_u32(raw, 99);
    raw_u32(raw, ML_MAX_PCAPNG_BLOCK + 4);
    raw_u64(raw, 0);
}

static void cut_block(struct raw *raw)
{
    raw_packet(raw, 0, 1, 3, ml_span_text("bad"));
    raw->buf.len -= 5;
}

static void strange_interface(struct raw *raw)
{
    raw_packet(raw, 1, 1, 3, ml_span_text("bad"));
}

static void strange_section(struct raw *raw)
{
    raw_begin(raw, SECTION);
    raw_u32(raw, 0x11223344);
    raw_u64(raw, 0);
    raw_u32(raw, 0);
    raw_end(raw);
}

static void new_version(struct raw *raw)
{
    raw_begin(raw, SECTION);
    raw_u32(raw, 0x1a2b3c4d);
    raw_u16(raw, 2);
    raw_u16(raw, 0);
    raw_u64(raw, 0);
    raw_end(raw);
}

static void packet_past_its_block(struct raw *raw)
{
    raw_begin(raw, PACKET);
    raw_u32(raw, 0);
    raw_u64(raw, 0);
    raw_u32(raw, 9);
    raw_u32(raw, 9);
    raw_padded(raw, ml_span_text("eight..."));
    raw_end(raw);
}

static void no_packet_at_all(struct raw *raw)
{
    raw_begin(raw, PACKET);
    raw_u64(raw, 0);
    raw_end(raw);
}

static void simple_packet_in_an_empty_section(struct raw *raw)
{
    raw_section(raw);
    raw_begin(raw, SIMPLE);
    raw_u32(raw, 0);
    raw_end(raw);
}

static void a_damage_ends_the_packets_and_is_told(void **state)
{
    (void)state;
    static const struct {
        damage_fn add;
        const char *text;
    } cases[] = {
        {two_lengths, "a block of type 6 with two lengths, 36 and 32"},
        {odd_length, "a block of type 99 with the impossible length 14"},
        {short_length, "a block of type 99 with the impossible length 8"},
        {huge_length, "a block of type 99 with the impossible length 16777220"},
        {cut_block, "cut short: 31 of 36 bytes of a block"},
        {strange_interface, "a packet of interface 1, which was not described"},
        {strange_section, "a section without byte order (44332211)"},
        {new_version, "a section of version 2.0; only 1.0 and 1.2 are known"},
        {packet_past_its_block, "a packet of 9 bytes that is longer than its block or than any"},
        {no_packet_at_all, "a packet block that is too short"},
        {simple_packet_in_an_empty_section, "a packet of interface 0, which was not described"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct raw raw;
        struct capture_read read;
        raw_init(&raw, false);
        raw_head(&raw);
        raw_packet(&raw, 0, 1, 3, ml_span_text("one"));
        size_t offset = raw.buf.len + (cases[i].add == simple_packet_in_an_empty_section ? 28 : 0);
        cases[i].add(&raw);
        if (cases[i].add != cut_block) {
            raw_packet(&raw, 0, 1, 3, ml_span_text("not"));
        }
        capture_read(&read, ml_buf_span(&raw.buf));
        assert_int_equal(read.n, 1);
        assert_true(read.summary->is_damaged);
        assert_string_equal(read.summary->damage, cases[i].text);
        assert_int_equal(read.summary->damage_offset, offset);
        capture_read_fini(&read);
        raw_fini(&raw);
    }
}

static void a_first_block_that_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    struct raw raw;
    struct capture_read read;
    raw_init(&raw, false);
    new_version(&raw);
    capture_read(&read, ml_buf_span(&raw.buf));
    assert_int_equal(read.opened, ML_BAD_INPUT);
    assert_string_equal(read.error.text, "a pcapng file that cannot be read: a section of version 2.0; only 1.0 and "
                                         "1.2 are known");
    raw_fini(&raw);
    capture_read(&read, ml_span_text("\n\r\r\n text"));
    assert_int_equal(read.opened, ML_BAD_INPUT);
}

static void broken_options_do_not_cost_the_packet(void **state)
{
    (void)state;
    struct raw raw;
    struct capture_read read;
    raw_init(&raw, false);
    raw_head(&raw);
    raw_begin(&raw, PACKET);
    raw_u32(&raw, 0);
    raw_u64(&raw, 0);
    raw_u32(&raw, 3);
    raw_u32(&raw, 3);
    raw_padded(&raw, ml_span_text("one"));
    raw_u16(&raw, 1);
    raw_u16(&raw, 60000); /* longer than the block */
    raw_end(&raw);
    capture_read(&read, ml_buf_span(&raw.buf));
    assert_int_equal(read.n, 1);
    assert_false(read.summary->is_damaged);
    assert_int_equal(read.summary->comments, 0);
    capture_read_fini(&read);
    raw_fini(&raw);
}

static void interfaces_end_at_the_ceiling(void **state)
{
    (void)state;
    struct raw raw;
    struct capture_read read;
    raw_init(&raw, false);
    raw_section(&raw);
    for (int i = 0; i <= ML_MAX_INTERFACES; i++) {
        raw_interface(&raw, 1, 0);
    }
    capture_read(&read, ml_buf_span(&raw.buf));
    assert_int_equal(read.summary->n_interfaces, ML_MAX_INTERFACES);
    assert_string_equal(read.summary->damage, "more than 4096 interfaces");
    capture_read_fini(&read);
    raw_fini(&raw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_damage_ends_the_packets_and_is_told),
        cmocka_unit_test(a_first_block_that_cannot_be_read_is_an_error),
        cmocka_unit_test(broken_options_do_not_cost_the_packet),
        cmocka_unit_test(interfaces_end_at_the_ceiling),
    };
    return cmocka_run_group_tests_name("capture/pcapng_damage", tests, NULL, NULL);
}
