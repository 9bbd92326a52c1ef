/* SPDX-License-Identifier: Apache-2.0 */
#include "core/buf.h"
#include "proto/http/websocket.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"

#define BYTES(text) ml_span_of((text), sizeof(text) - 1)

static void add(void *context, struct ml_span content)
{
    assert_true(ml_buf_add_span(context, content));
}

static bool feed(struct ml_websocket *websocket, struct ml_span bytes, uint64_t gap_len, struct ml_buf *out)
{
    struct ml_chunk chunk = {.bytes = bytes, .gap_len = gap_len};
    return ml_websocket_feed(websocket, &chunk, add, out);
}

/* Content of these frames, whole and in pieces. */
static void expect(struct ml_span frames, const char *extensions, const char *content)
{
    for (size_t piece = 1; piece <= frames.len; piece++) {
        struct ml_websocket websocket;
        struct ml_buf out;
        ml_buf_init(&out, 1 << 20);
        ml_websocket_init(&websocket, ml_span_text(extensions), true);
        for (size_t at = 0; at < frames.len; at += piece) {
            assert_true(feed(&websocket, ml_span_cut(frames, at, piece), 0, &out));
        }
        assert_span_text(ml_buf_span(&out), content);
        ml_websocket_fini(&websocket);
        ml_buf_fini(&out);
    }
}

static void frames_follow_the_examples_of_rfc_6455_section_5_7(void **state)
{
    (void)state;
    expect(BYTES("\x81\x05Hello"), "", "Hello");
    expect(BYTES("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), "", "Hello");
    expect(BYTES("\x01\x03Hel\x80\x02lo"), "", "Hello");
    expect(BYTES("\x01\x03Hel\x89\x05Hello\x80\x02lo"), "", "Hello"); /* a ping in between */
    expect(BYTES("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), "", "");
    expect(BYTES("\x82\x00\x82\x01x"), "", "x");
}

static void longer_lengths_are_read(void **state)
{
    (void)state;
    static uint8_t frames[70000];
    for (int wide = 0; wide <= 1; wide++) {
        struct ml_websocket websocket;
        struct ml_buf out;
        size_t len = wide != 0 ? 65536 : 256;
        size_t head = wide != 0 ? 10 : 4;
        memset(frames, 'x', sizeof frames);
        memcpy(frames, wide != 0 ? "\x82\x7f\0\0\0\0\0\1\0\0" : "\x82\x7e\1\0", head);
        ml_buf_init(&out, 1 << 20);
        ml_websocket_init(&websocket, ml_span_of(NULL, 0), false);
        assert_true(feed(&websocket, ml_span_of(frames, head + len), 0, &out));
        assert_int_equal(out.len, len);
        assert_false(websocket.is_in_frame);
        ml_websocket_fini(&websocket);
        ml_buf_fini(&out);
    }
}

static void compression_follows_the_examples_of_rfc_7692_section_7_2_3(void **state)
{
    (void)state;
    static const char deflate[] = "permessage-deflate";
    static const char forgets[] = "permessage-deflate; client_no_context_takeover";
    expect(BYTES("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"), deflate, "Hello");
    expect(BYTES("\x41\x03\xf2\x48\xcd\x80\x04\xc9\xc9\x07\x00"), deflate, "Hello"); /* in two frames */
    /* the second message leans on the first, section 7.2.3.2 */
    expect(BYTES("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\xc1\x05\xf2\x00\x11\x00\x00"), deflate, "HelloHello");
    expect(BYTES("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"), forgets, "HelloHello");
    /* a block that says it is the last, section 7.2.3.4; and one after it */
    expect(BYTES("\xc1\x08\xf3\x48\xcd\xc9\xc9\x07\x00\x00\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"), deflate,
           "HelloHello");
    expect(BYTES("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\x81\x01!"), deflate, "Hello!"); /* one that is not compressed */
}

static void frames_that_break_the_rules_end_the_reading(void **state)
{
    (void)state;
    static const struct ml_span frames[] = {
        {(const uint8_t *)"\x83\0", 2}, /* reserved opcodes */
        {(const uint8_t *)"\x8b\0", 2},
        {(const uint8_t *)"\xa1\0", 2}, /* reserved bits */
        {(const uint8_t *)"\x91\0", 2},
        {(const uint8_t *)"\x82\x7f\x80\0\0\0\0\0\0\0", 10}, /* a length of 63 bits */
        {(const uint8_t *)"\xc1\x03\xff\xff\xff", 5},        /* no deflate */
    };
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        struct ml_websocket websocket;
        struct ml_buf out;
        ml_buf_init(&out, 1024);
        ml_websocket_init(&websocket, ml_span_of(NULL, 0), false);
        assert_false(feed(&websocket, frames[i], 0, &out));
        assert_false(feed(&websocket, BYTES("\x81\x05Hello"), 0, &out));
        assert_int_equal(out.len, 0);
        ml_websocket_fini(&websocket);
        ml_buf_fini(&out);
    }
}

static void a_hole_within_a_frame_is_passed_over_and_any_other_ends_it(void **state)
{
    (void)state;
    struct ml_websocket websocket;
    struct ml_buf out;
    ml_buf_init(&out, 1024);
    ml_websocket_init(&websocket, ml_span_of(NULL, 0), false);
    assert_true(feed(&websocket,
                     BYTES("\x82\x0a"
                           "ab"),
                     0, &out));
    assert_true(feed(&websocket, ml_span_of(NULL, 0), 5, &out));
    assert_true(feed(&websocket, BYTES("cde\x82\1f"), 0, &out));
    assert_span_text(ml_buf_span(&out), "abcdef");
    assert_false(feed(&websocket, ml_span_of(NULL, 0), 1, &out)); /* between frames */
    ml_websocket_fini(&websocket);
    ml_websocket_init(&websocket, ml_span_of(NULL, 0), false);
    assert_true(feed(&websocket,
                     BYTES("\x82\x0a"
                           "ab"),
                     0, &out));
    assert_false(feed(&websocket, ml_span_of(NULL, 0), 8, &out)); /* up to the end or beyond */
    ml_websocket_fini(&websocket);
    ml_websocket_init(&websocket, ml_span_of(NULL, 0), false);
    assert_true(feed(&websocket, BYTES("\xc1\x07\xf2\x48"), 0, &out));
    assert_false(feed(&websocket, ml_span_of(NULL, 0), 1, &out)); /* compressed */
    ml_websocket_fini(&websocket);
    ml_buf_fini(&out);
}

static void what_the_frames_hold_is_a_conversation_of_its_own(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_TCP, 80);
    proto_rig_feed(&rig, ML_UP, BYTES("GET /ws HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\n\r\n"));
    proto_rig_feed(&rig, ML_DOWN, BYTES("HTTP/1.1 101 S\r\nUpgrade: WebSocket\r\n\r\n\x82\2HT"));
    proto_rig_feed(&rig, ML_UP, BYTES("\x02\x8a\0\0\0\0GET /in HT\x80\x1bTP/1.1\r\nHost: b.example\r\n\r\n"));
    proto_rig_feed(&rig, ML_DOWN, BYTES("\x82\x11TP/1.1 204 No\r\n\r\n"));
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig),
                        "http.request up http.method=GET http.host=a.example http.path=/ws http.upgrade=websocket "
                        "http.body_bytes=0\n"
                        "http.response down http.status=101 http.upgrade=WebSocket http.body_bytes=0\n"
                        "http.request up http.method=GET http.host=b.example http.path=/in http.body_bytes=0\n"
                        "http.response down http.status=204 http.body_bytes=0\n");
    const struct ml_fact *inner = proto_rig_fact(&rig, 2);
    assert_int_equal(inner->layers[1], ML_LAYER_WEBSOCKET);
    assert_int_equal(inner->range_from, 0);
    assert_int_equal(inner->range_len, 37);
    proto_rig_fini(&rig);
}

static void feed_broken(void *context, struct ml_span bytes)
{
    struct ml_buf *out = context;
    struct ml_websocket websocket;
    ml_websocket_init(&websocket, ml_span_text("permessage-deflate"), true);
    ml_buf_clear(out);
    (void)feed(&websocket, bytes, 0, out);
    (void)feed(&websocket, ml_span_of(NULL, 0), 3, out);
    (void)feed(&websocket, bytes, 0, out);
    ml_websocket_fini(&websocket);
}

static void broken_frames_are_survived(void **state)
{
    (void)state;
    struct ml_buf out;
    struct ml_span frames =
        BYTES("\x01\x83\1\2\3\4Hel\x89\x05Hello\x80\x02lo\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\x82\x7e\0\1x");
    ml_buf_init(&out, 1 << 20);
    sweep_truncations(frames, feed_broken, &out);
    sweep_bit_flips(frames, feed_broken, &out);
    ml_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_follow_the_examples_of_rfc_6455_section_5_7),
        cmocka_unit_test(longer_lengths_are_read),
        cmocka_unit_test(compression_follows_the_examples_of_rfc_7692_section_7_2_3),
        cmocka_unit_test(frames_that_break_the_rules_end_the_reading),
        cmocka_unit_test(a_hole_within_a_frame_is_passed_over_and_any_other_ends_it),
        cmocka_unit_test(what_the_frames_hold_is_a_conversation_of_its_own),
        cmocka_unit_test(broken_frames_are_survived),
    };
    return cmocka_run_group_tests_name("proto/websocket", tests, NULL, NULL);
}
