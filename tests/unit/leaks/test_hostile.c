/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input made to cost time or memory: bombs in each format, wrappings within wrappings, lengths that lie. Work is
 * bounded by counted ceilings; what was readable before a ceiling is still found.
 */
#include "rig.h"

#include "core/limits.h"
#include "core/mem.h"
#include "core/text.h"
#include "leaks/detect.h"
#include "leaks/unpack.h"
#include "support/cm.h"
#include "support/kit.h"

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#define PHONE "phone: +4915123987406\n"
#define NUMBER "4915123987406"

enum { BOMB = 16 << 20, PACKED = 1 << 20, MAX_OPENED = 40 /* times the ceiling of one view */ };

/* The number and then 16 MiB of zeros, packed; owned by the caller. */
static struct ml_span make_bomb(enum ml_wrapping form)
{
    uint8_t *plain = ml_mem_array(BOMB, 1);
    uint8_t *packed = ml_mem_array(PACKED, 1);
    size_t len = PACKED;
    assert_true(plain != NULL && packed != NULL);
    memcpy(plain, NUMBER " ", sizeof NUMBER);
    if (form == ML_WRAP_BROTLI) {
        assert_int_equal(BrotliEncoderCompress(1, 18, BROTLI_MODE_GENERIC, BOMB, plain, &len, packed), 1);
    } else if (form == ML_WRAP_ZSTD) {
        len = ZSTD_compress(packed, PACKED, plain, BOMB, 1);
        assert_int_equal(ZSTD_isError(len), 0);
    } else {
        z_stream zlib = {.next_in = plain, .avail_in = BOMB, .next_out = packed, .avail_out = PACKED};
        assert_int_equal(deflateInit2(&zlib, 1, Z_DEFLATED, form == ML_WRAP_GZIP ? 31 : 15, 8, Z_DEFAULT_STRATEGY),
                         Z_OK);
        assert_int_equal(deflate(&zlib, Z_FINISH), Z_STREAM_END);
        len = zlib.total_out;
        assert_int_equal(deflateEnd(&zlib), Z_OK);
    }
    ml_mem_free(plain);
    return ml_span_of(packed, len);
}

static void count_bytes(void *context, struct ml_span content, size_t used)
{
    (void)used;
    *(size_t *)context += content.len;
}

static void a_bomb_gives_no_more_than_the_ceiling(void **state)
{
    (void)state;
    static const enum ml_wrapping forms[] = {ML_WRAP_GZIP, ML_WRAP_DEFLATE, ML_WRAP_ZSTD, ML_WRAP_BROTLI};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct ml_span bomb = make_bomb(forms[i]);
        struct ml_unpack *unpack = ml_unpack_new(forms[i], ML_MAX_LEAK_BODY);
        size_t n = 0;
        assert_int_equal(ml_unpack_feed(unpack, bomb, count_bytes, &n), ML_UNPACK_LIMIT);
        assert_int_equal(n, ML_MAX_LEAK_BODY);
        assert_int_equal(ml_unpack_feed(unpack, bomb, count_bytes, &n), ML_UNPACK_LIMIT);
        assert_int_equal(n, ML_MAX_LEAK_BODY);
        ml_unpack_free(unpack);
        ml_mem_free((void *)(uintptr_t)bomb.ptr);
    }
}

/* Many members in one window: each is tried, none may fill more than what is left of a view. */
static void bombs_within_a_window_are_cut_and_counted(void **state)
{
    (void)state;
    static const enum ml_wrapping forms[] = {ML_WRAP_GZIP, ML_WRAP_DEFLATE, ML_WRAP_ZSTD};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct leak_rig rig;
        struct ml_span bomb = make_bomb(forms[i]);
        struct ml_buf window;
        leak_rig_init(&rig, PHONE);
        ml_buf_init(&window, ML_MAX_LEAK_VIEW);
        size_t len = bomb.len < 4000 ? bomb.len : 4000;
        for (int k = 0; k < 8; k++) {
            (void)ml_buf_add(&window, bomb.ptr, len);
        }
        assert_non_null(strstr(leak_rig_find(&rig, ml_buf_span(&window)), "phone-1 digits "));
        assert_true(rig.counters.n[ML_COUNT_LIMIT_LEAK_VIEW] != 0);
        assert_in_range(rig.counters.n[ML_COUNT_SEARCHED_OPENED], 1, MAX_OPENED * ML_MAX_LEAK_VIEW);
        ml_buf_fini(&window);
        leak_rig_fini(&rig);
        ml_mem_free((void *)(uintptr_t)bomb.ptr);
    }
}

/* `step` in front of and behind what is there, as often as a window holds. */
static void assert_opened_within_bounds(const char *head, const char *step, const char *tail, int n)
{
    struct leak_rig rig;
    struct ml_buf window;
    leak_rig_init(&rig, PHONE);
    ml_buf_init(&window, ML_MAX_LEAK_VIEW);
    (void)ml_buf_add_text(&window, NUMBER " ");
    (void)ml_buf_add_text(&window, head);
    for (int i = 0; i < n; i++) {
        (void)ml_buf_add_text(&window, step);
    }
    (void)ml_buf_add_text(&window, tail);
    assert_false(window.failed);
    assert_non_null(strstr(leak_rig_find(&rig, ml_buf_span(&window)), "phone-1 digits 0-12;"));
    assert_true(rig.counters.n[ML_COUNT_SEARCHED_OPENED] <= MAX_OPENED * (uint64_t)ML_MAX_LEAK_VIEW);
    ml_buf_fini(&window);
    leak_rig_fini(&rig);
}

static void ten_thousand_nested_escapes_are_opened_twice_and_no_deeper(void **state)
{
    (void)state;
    assert_opened_within_bounds("%", "25", "41", 10000);
    assert_opened_within_bounds("&", "amp;", "lt;", 10000);
    assert_opened_within_bounds("", "\\", "u0041", 10000);
    assert_opened_within_bounds("", "{\"a\":\"", "", 10000);
    assert_opened_within_bounds("", "\x1f\x8b\x08", "", 10000);
    assert_opened_within_bounds("", "1 ", "", 10000);
}

/* Base64 within base64: each level is a third longer, so that a window holds some twenty. */
static void nested_base64_is_opened_twice(void **state)
{
    (void)state;
    static char text[2][ML_MAX_LEAK_VIEW];
    size_t len = strlen(NUMBER);
    unsigned n = 0;
    memcpy(text[0], NUMBER, len);
    for (; len < ML_MAX_LEAK_VIEW / 2; n++) {
        struct leak_rig rig;
        leak_rig_init(&rig, PHONE);
        const char *found = leak_rig_find(&rig, ml_span_of(text[n % 2], len));
        assert_int_equal(found[0] != '\0', n <= 2);
        assert_true(rig.counters.n[ML_COUNT_SEARCHED_OPENED] <= 16 * len);
        leak_rig_fini(&rig);
        len = ml_base64_write(ml_span_of(text[n % 2], len), text[(n + 1) % 2]);
    }
    assert_true(n > 15);
}

static void lengths_that_lie_end_the_member(void **state)
{
    (void)state;
    static const struct {
        enum ml_wrapping form;
        const char *hex;
    } cases[] = {
        {ML_WRAP_ZSTD, "28b52ffd e0 ffffffffffffff0f 010000"},  /* content of 2^60 bytes */
        {ML_WRAP_ZSTD, "28b52ffd 00 f8 010000"},                /* window of 2^41 bytes */
        {ML_WRAP_GZIP, "1f8b0804000000000003 ffff 41"},         /* extra field longer than the member */
        {ML_WRAP_GZIP, "1f8b0800000000000003 00 ffff 0000 41"}, /* stored block with two lengths */
        {ML_WRAP_DEFLATE, "789c 00 ff00 00ff 41"},              /* stored block longer than the member */
        {ML_WRAP_BROTLI, "11 ffffff41"},                        /* large window, not allowed */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ml_span bytes = unhex(cases[i].hex);
        struct ml_unpack *unpack = ml_unpack_new(cases[i].form, ML_MAX_LEAK_BODY);
        size_t n = 0;
        enum ml_unpack_end end = ml_unpack_feed(unpack, bytes, count_bytes, &n);
        assert_true(end == ML_UNPACK_BROKEN || end == ML_UNPACK_MORE);
        assert_true(n <= bytes.len);
        ml_unpack_free(unpack);
        ml_mem_free((void *)(uintptr_t)bytes.ptr);
    }
}

static void count_hit(void *context, const struct ml_detected *detected)
{
    (void)detected;
    ++*(size_t *)context;
}

static void deep_structures_are_read_without_recursion(void **state)
{
    (void)state;
    struct ml_buf text;
    size_t n = 0;
    ml_buf_init(&text, 1 << 20);
    for (int i = 0; i < 10000; i++) {
        (void)ml_buf_add_text(&text, "[{\"a\":");
    }
    (void)ml_buf_add_text(&text, "{\"imei\":490154203237518}");
    ml_detect_text(ml_buf_span(&text), false, count_hit, &n);
    assert_int_equal(n, 1);
    ml_buf_fini(&text);
}

static void a_window_full_of_hits_tells_as_many_as_fit_and_counts_the_rest(void **state)
{
    (void)state;
    struct leak_rig rig;
    struct ml_buf window;
    leak_rig_init(&rig, PHONE);
    ml_buf_init(&window, ML_MAX_LEAK_VIEW);
    for (int i = 0; i < 1000; i++) {
        (void)ml_buf_add_text(&window, NUMBER ",");
    }
    (void)leak_rig_find(&rig, ml_buf_span(&window));
    assert_true(rig.counters.n[ML_COUNT_LIMIT_LEAK_HITS] >= 1000 - ML_MAX_LEAK_HITS);
    ml_buf_fini(&window);
    leak_rig_fini(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bomb_gives_no_more_than_the_ceiling),
        cmocka_unit_test(bombs_within_a_window_are_cut_and_counted),
        cmocka_unit_test(ten_thousand_nested_escapes_are_opened_twice_and_no_deeper),
        cmocka_unit_test(nested_base64_is_opened_twice),
        cmocka_unit_test(lengths_that_lie_end_the_member),
        cmocka_unit_test(deep_structures_are_read_without_recursion),
        cmocka_unit_test(a_window_full_of_hits_tells_as_many_as_fit_and_counts_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
