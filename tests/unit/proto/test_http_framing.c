/* SPDX-License-Identifier: Apache-2.0 */
#include "core/buf.h"
#include "core/mem.h"
#include "proto/http/framing.h"
#include "proto/http/inflate.h"
#include "support/cm.h"
#include "support/kit.h"

#include <stdio.h>
#include <zlib.h>

static void *settings; /* of libhtp, for all tests */

static int make_settings(void **state)
{
    (void)state;
    settings = ml_http_settings_new();
    return settings == NULL;
}

static int end_settings(void **state)
{
    (void)state;
    ml_http_settings_free(settings);
    return 0;
}

/* --- how bodies end --- */

static enum ml_http_body_form form_of(bool is_request, const char *head, bool to_head, uint64_t *length)
{
    struct ml_http_framing *framing = ml_http_framing_new(settings);
    assert_non_null(framing);
    enum ml_http_body_form form = is_request ? ml_http_framing_request(framing, ml_span_text(head), length)
                                             : ml_http_framing_response(framing, ml_span_text(head), to_head, length);
    ml_http_framing_free(framing);
    return form;
}

static void requests_have_a_body_only_where_a_field_says_so(void **state)
{
    (void)state;
    uint64_t length = 7;
    assert_int_equal(form_of(true, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", false, &length), ML_HTTP_BODY_NONE);
    assert_int_equal(form_of(true, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n", false, &length),
                     ML_HTTP_BODY_LENGTH);
    assert_int_equal(length, 12);
    assert_int_equal(form_of(true, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", false, &length),
                     ML_HTTP_BODY_CHUNKED);
    assert_int_equal(form_of(true, "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", false, &length),
                     ML_HTTP_BODY_BROKEN);
}

static void responses_follow_rfc_9112_section_6_3(void **state)
{
    (void)state;
    uint64_t length = 7;
    assert_int_equal(form_of(false, "HTTP/1.1 200 OK\r\n\r\n", false, &length), ML_HTTP_BODY_CLOSE);
    assert_int_equal(form_of(false, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", false, &length),
                     ML_HTTP_BODY_LENGTH);
    assert_int_equal(length, 3);
    assert_int_equal(form_of(false, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", true, &length), ML_HTTP_BODY_NONE);
    assert_int_equal(form_of(false, "HTTP/1.1 204 No\r\nContent-Length: 3\r\n\r\n", false, &length), ML_HTTP_BODY_NONE);
    assert_int_equal(form_of(false, "HTTP/1.1 304 No\r\nContent-Length: 3\r\n\r\n", false, &length), ML_HTTP_BODY_NONE);
    /* chunks win over a length */
    assert_int_equal(
        form_of(false, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", false, &length),
        ML_HTTP_BODY_CHUNKED);
}

static void add(void *context, struct ml_span content)
{
    assert_true(ml_buf_add_span(context, content));
}

static const char chunked_head[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
static const char chunked_body[] = "4\r\nWiki\r\n5;name=x\r\npedia\r\nE\r\n in\r\n\r\nchunks.\r\n0\r\nT: v\r\n\r\n";

static void chunks_come_out_as_content_however_they_are_cut(void **state)
{
    (void)state;
    char stream[256];
    (void)snprintf(stream, sizeof stream, "%sHTTP/1.1 next", chunked_body);
    struct ml_span bytes = ml_span_text(stream);
    for (size_t piece = 1; piece <= bytes.len; piece++) {
        struct ml_http_framing *framing = ml_http_framing_new(settings);
        struct ml_buf out;
        uint64_t length = 0;
        size_t at = 0;
        enum ml_http_chunked end = ML_HTTP_CHUNKED_MORE;
        ml_buf_init(&out, 1024);
        assert_int_equal(ml_http_framing_response(framing, ml_span_text(chunked_head), false, &length),
                         ML_HTTP_BODY_CHUNKED);
        while (end == ML_HTTP_CHUNKED_MORE && at < bytes.len) {
            size_t used = 0;
            end = ml_http_framing_chunked(framing, ml_span_cut(bytes, at, piece), add, &out, &used);
            at += used;
        }
        assert_int_equal(end, ML_HTTP_CHUNKED_DONE);
        assert_int_equal(at, sizeof chunked_body - 1);
        assert_span_text(ml_buf_span(&out), "Wikipedia in\r\n\r\nchunks.");
        ml_buf_fini(&out);
        ml_http_framing_free(framing);
    }
}

static void a_chunk_length_that_is_none_breaks_the_body(void **state)
{
    (void)state;
    struct ml_http_framing *framing = ml_http_framing_new(settings);
    uint64_t length = 0;
    size_t used = 0;
    struct ml_buf out;
    ml_buf_init(&out, 1024);
    (void)ml_http_framing_response(framing, ml_span_text(chunked_head), false, &length);
    assert_int_equal(ml_http_framing_chunked(framing, ml_span_text("xyz\r\n"), add, &out, &used),
                     ML_HTTP_CHUNKED_BROKEN);
    assert_int_equal(ml_http_framing_chunked(framing, ml_span_text("1\r\na\r\n"), add, &out, &used),
                     ML_HTTP_CHUNKED_BROKEN);
    ml_buf_fini(&out);
    ml_http_framing_free(framing);
}

static void frame_broken_chunks(void *context, struct ml_span bytes)
{
    struct ml_http_framing *framing = context;
    struct ml_buf out;
    uint64_t length = 0;
    size_t used = 0;
    ml_buf_init(&out, 1024);
    (void)ml_http_framing_request(framing, ml_span_text("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"),
                                  &length);
    (void)ml_http_framing_chunked(framing, bytes, add, &out, &used);
    assert_true(used <= bytes.len && out.len <= bytes.len);
    ml_buf_fini(&out);
}

static void broken_chunks_are_survived(void **state)
{
    (void)state;
    struct ml_http_framing *framing = ml_http_framing_new(settings);
    struct ml_span bytes = ml_span_of(chunked_body, sizeof chunked_body - 1);
    sweep_truncations(bytes, frame_broken_chunks, framing);
    sweep_bit_flips(bytes, frame_broken_chunks, framing);
    ml_http_framing_free(framing);
}

/* --- compression --- */

static size_t deflate_as(const char *text, int window, uint8_t *out, size_t room)
{
    z_stream stream = {0};
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (Bytef *)(uintptr_t)text;
    stream.avail_in = (uInt)strlen(text);
    stream.next_out = out;
    stream.avail_out = (uInt)room;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t len = room - stream.avail_out;
    assert_int_equal(deflateEnd(&stream), Z_OK);
    return len;
}

static const char plain[] = "<domainlist><domain name=\"a.example\"/><domain name=\"b.example\"/></domainlist>";

static void all_three_forms_are_undone_however_they_are_cut(void **state)
{
    (void)state;
    static const struct {
        int window;
        enum ml_inflate_form form;
    } forms[] = {{31, ML_INFLATE_GZIP}, {15, ML_INFLATE_DEFLATE}, {-15, ML_INFLATE_DEFLATE}, {-15, ML_INFLATE_RAW}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        uint8_t packed[256];
        size_t len = deflate_as(plain, forms[i].window, packed, sizeof packed);
        for (size_t piece = 1; piece <= len; piece++) {
            struct ml_inflate *inflate = ml_inflate_new(forms[i].form, 1024);
            struct ml_buf out;
            enum ml_inflate_end end = ML_INFLATE_MORE;
            ml_buf_init(&out, 1024);
            for (size_t at = 0; at < len; at += piece) {
                end = ml_inflate_feed(inflate, ml_span_cut(ml_span_of(packed, len), at, piece), add, &out);
            }
            assert_int_equal(end, ML_INFLATE_DONE);
            assert_span_text(ml_buf_span(&out), plain);
            ml_buf_fini(&out);
            ml_inflate_free(inflate);
        }
    }
}

static void a_bomb_stops_at_the_ceiling(void **state)
{
    (void)state;
    static char zeroes[1 << 16];
    static uint8_t packed[1024];
    memset(zeroes, '0', sizeof zeroes - 1);
    size_t len = deflate_as(zeroes, -15, packed, sizeof packed);
    struct ml_inflate *inflate = ml_inflate_new(ML_INFLATE_RAW, 5000);
    struct ml_buf out;
    ml_buf_init(&out, 1 << 17);
    assert_int_equal(ml_inflate_feed(inflate, ml_span_of(packed, len), add, &out), ML_INFLATE_LIMIT);
    assert_int_equal(out.len, 5000);
    assert_int_equal(ml_inflate_feed(inflate, ml_span_of(packed, len), add, &out), ML_INFLATE_LIMIT);
    assert_int_equal(out.len, 5000);
    ml_buf_fini(&out);
    ml_inflate_free(inflate);
}

static void inflate_broken(void *context, struct ml_span bytes)
{
    struct ml_buf *out = context;
    for (int form = ML_INFLATE_GZIP; form <= ML_INFLATE_RAW; form++) {
        struct ml_inflate *inflate = ml_inflate_new((enum ml_inflate_form)form, 4096);
        ml_buf_clear(out);
        (void)ml_inflate_feed(inflate, bytes, add, out);
        ml_inflate_free(inflate);
    }
}

static void broken_compression_is_survived(void **state)
{
    (void)state;
    struct ml_buf out;
    uint8_t packed[256];
    ml_buf_init(&out, 4096);
    for (int window = -15; window <= 31; window += window == -15 ? 30 : 16) {
        size_t len = deflate_as(plain, window, packed, sizeof packed);
        sweep_truncations(ml_span_of(packed, len), inflate_broken, &out);
        sweep_bit_flips(ml_span_of(packed, len), inflate_broken, &out);
    }
    ml_buf_fini(&out);
}

static void inflate_under_pressure(void *context)
{
    struct ml_span *bytes = context;
    struct ml_buf out;
    ml_buf_init(&out, 4096);
    struct ml_inflate *inflate = ml_inflate_new(ML_INFLATE_GZIP, 4096);
    if (inflate != NULL) {
        struct ml_buf sink;
        ml_buf_init(&sink, 4096);
        assert_true(ml_buf_reserve(&sink, 4096) || ml_mem_has_failed());
        if (!sink.failed) {
            (void)ml_inflate_feed(inflate, *bytes, add, &sink);
        }
        ml_buf_fini(&sink);
    }
    ml_inflate_free(inflate);
    ml_buf_fini(&out);
}

static void running_out_of_memory_is_survived(void **state)
{
    (void)state;
    uint8_t packed[256];
    struct ml_span bytes = ml_span_of(packed, deflate_as(plain, 31, packed, sizeof packed));
    assert_true(oom_sweep(inflate_under_pressure, &bytes) >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_have_a_body_only_where_a_field_says_so),
        cmocka_unit_test(responses_follow_rfc_9112_section_6_3),
        cmocka_unit_test(chunks_come_out_as_content_however_they_are_cut),
        cmocka_unit_test(a_chunk_length_that_is_none_breaks_the_body),
        cmocka_unit_test(broken_chunks_are_survived),
        cmocka_unit_test(all_three_forms_are_undone_however_they_are_cut),
        cmocka_unit_test(a_bomb_stops_at_the_ceiling),
        cmocka_unit_test(broken_compression_is_survived),
        cmocka_unit_test(running_out_of_memory_is_survived),
    };
    return cmocka_run_group_tests_name("proto/http_framing", tests, make_settings, end_settings);
}
