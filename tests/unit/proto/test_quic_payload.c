/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/payload.h"

#include "support/cm.h"
#include "support/kit.h"
#include "support/tls_build.h"

#include <stdio.h>

/* One frame of each type of RFC 9000, section 19, and of the extensions, in the order of their numbers. */
static const char *const passed_over[] = {
    "00",                 /* PADDING */
    "01",                 /* PING */
    "0205000003",         /* ACK */
    "0244d200020100050100", /* ACK of two ranges */
    "0305000003010203",   /* ACK with ECN */
    "050405",             /* STOP_SENDING */
    "0703aabbcc",         /* NEW_TOKEN */
    "1044d2",             /* MAX_DATA */
    "110444d2",           /* MAX_STREAM_DATA */
    "1207",               /* MAX_STREAMS */
    "1307",               /**/
    "1444d2",             /* DATA_BLOCKED */
    "150444d2",           /* STREAM_DATA_BLOCKED */
    "1605",               /* STREAMS_BLOCKED */
    "1705",               /**/
    "1901",               /* RETIRE_CONNECTION_ID */
    "1a0102030405060708", /* PATH_CHALLENGE */
    "1b0102030405060708", /* PATH_RESPONSE */
    "1c0106026f6b",       /* CONNECTION_CLOSE */
    "1d01026f6b",         /* of the application */
    "1e",                 /* HANDSHAKE_DONE */
    "1f",                 /* IMMEDIATE_ACK */
    "40af01020304",       /* ACK_FREQUENCY */
    "42f544d2",           /* TIMESTAMP */
};

static struct ml_quic_frame only_frame(const char *digits, enum ml_rd_state *end)
{
    struct ml_buf out = tb_buf();
    struct ml_quic_frame frame = {0};
    struct ml_quic_frame next;
    tb_hex(&out, digits);
    struct ml_reader rd = ml_rd_open_framed(ml_buf_span(&out));
    bool has_frame = ml_quic_frame_next(&rd, &frame);
    bool has_more = has_frame && ml_quic_frame_next(&rd, &next);
    assert_false(has_more);
    *end = rd.state;
    frame.bytes = ml_span_of(NULL, frame.bytes.len);
    if (!has_frame) {
        frame.kind = ML_QUIC_FRAME_DATAGRAM;
        frame.stream = UINT64_MAX;
    }
    ml_buf_fini(&out);
    return frame;
}

static void frames_without_content_are_passed_over(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof passed_over / sizeof passed_over[0]; i++) {
        char digits[128];
        enum ml_rd_state end;
        /* A known frame behind it shows that it was read to its end. */
        (void)snprintf(digits, sizeof digits, "%s060403616263", passed_over[i]);
        struct ml_quic_frame frame = only_frame(digits, &end);
        if (frame.kind != ML_QUIC_FRAME_CRYPTO || frame.offset != 4 || frame.bytes.len != 3) {
            fail_msg("%s was not passed over", digits);
        }
        assert_int_equal(end, ML_RD_OK);
    }
}

static void frames_with_content_are_told(void **state)
{
    (void)state;
    enum ml_rd_state end;
    struct ml_quic_frame frame = only_frame("08046162", &end);
    assert_true(frame.kind == ML_QUIC_FRAME_STREAM && frame.stream == 4 && frame.offset == 0 && frame.bytes.len == 2);
    assert_false(frame.is_end);
    frame = only_frame("0f0444d20161", &end);
    assert_true(frame.stream == 4 && frame.offset == 0x4d2 && frame.bytes.len == 1 && frame.is_end);
    frame = only_frame("090461", &end);
    assert_true(frame.is_end && frame.bytes.len == 1);
    frame = only_frame("040c0a44d2", &end);
    assert_true(frame.kind == ML_QUIC_FRAME_RESET && frame.stream == 12);
    frame = only_frame("240c0a44d205", &end);
    assert_true(frame.kind == ML_QUIC_FRAME_RESET && frame.stream == 12 && end == ML_RD_OK);
    frame = only_frame("1801000411223344000102030405060708090a0b0c0d0e0f", &end);
    assert_true(frame.kind == ML_QUIC_FRAME_CONNECTION_ID && frame.bytes.len == 4 && end == ML_RD_OK);
    frame = only_frame("30616263", &end);
    assert_true(frame.kind == ML_QUIC_FRAME_DATAGRAM && frame.bytes.len == 3);
    frame = only_frame("3102616200", &end);
    assert_true(frame.kind == ML_QUIC_FRAME_DATAGRAM && frame.bytes.len == 2 && end == ML_RD_OK);
}

static void what_breaks_a_rule_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "20",                                               /* no such type */
        "0a0405",                                           /* longer than the packet */
        "020500bfffffff03",                                 /* more ranges than bytes */
        "1801000011223344000102030405060708090a0b0c0d0e0f", /* an id without bytes */
        "1801001511223344000102030405060708090a0b0c0d0e0f", /* one of 21 */
        "1a01020304",                                       /* cut */
        "06",                                               /**/
        "0604ffffffffffffffff",                             /* the longest length there is */
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        enum ml_rd_state end;
        struct ml_quic_frame frame = only_frame(bad[i], &end);
        assert_int_equal(frame.stream, UINT64_MAX);
        assert_int_equal(end, ML_RD_BAD);
    }
}

static void read_all(void *context, struct ml_span bytes)
{
    struct ml_reader rd = ml_rd_open_framed(bytes);
    struct ml_quic_frame frame;
    (void)context;
    while (ml_quic_frame_next(&rd, &frame)) {
        assert_true(frame.bytes.len == 0 ||
                    (frame.bytes.ptr >= bytes.ptr && frame.bytes.ptr + frame.bytes.len <= bytes.ptr + bytes.len));
    }
}

static void damaged_packets_are_read_within_their_bounds(void **state)
{
    (void)state;
    struct ml_buf out = tb_buf();
    tb_hex(&out, "0205000103060403616263180100041122334400010203040506070809"
                 "0a0b0c0d0e0f0f0444d20161"
                 "0c04016162");
    sweep_truncations(ml_buf_span(&out), read_all, NULL);
    sweep_bit_flips(ml_buf_span(&out), read_all, NULL);
    ml_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_without_content_are_passed_over),
        cmocka_unit_test(frames_with_content_are_told),
        cmocka_unit_test(what_breaks_a_rule_is_refused),
        cmocka_unit_test(damaged_packets_are_read_within_their_bounds),
    };
    return cmocka_run_group_tests_name("proto/quic_payload", tests, NULL, NULL);
}
