/* SPDX-License-Identifier: Apache-2.0 */
/* What is undone as it comes: digits in pieces, members that follow one another, members longer than a window. */
#include "rig.h"

#include "leaks/code.h"
#include "leaks/digits.h"
#include "leaks/leaks.h"
#include "leaks/unpack.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"
#include "support/tls_build.h"

static void assert_digits(enum ml_wrapping code, const char *text, const char *wanted, bool is_over)
{
    for (size_t piece = 1; piece <= strlen(text); piece++) {
        struct ml_digits digits = {.code = code};
        uint8_t out[64];
        size_t n_out = 0;
        for (size_t at = 0; at < strlen(text); at += piece) {
            size_t n = 0;
            struct ml_span part = ml_span_cut(ml_span_text(text), at, piece);
            size_t used = ml_digits_feed(&digits, part, out + n_out, sizeof out - n_out, &n);
            assert_true(used == part.len || digits.is_over);
            n_out += n;
        }
        assert_int_equal(n_out, strlen(wanted));
        assert_memory_equal(out, wanted, n_out);
        assert_int_equal(digits.is_over, is_over);
    }
}

/* RFC 4648, section 10. */
static void digits_come_in_any_pieces(void **state)
{
    (void)state;
    assert_digits(ML_WRAP_BASE64, "Zm9vYmFy", "foobar", false);
    assert_digits(ML_WRAP_BASE64, "Zm9vYmE=", "fooba", true);
    assert_digits(ML_WRAP_BASE64, "Zm9v\r\nYmFy", "foobar", false);
    assert_digits(ML_WRAP_BASE64, "Pz8/Pj4+\"", "\?\?\?>>>", true);
    assert_digits(ML_WRAP_BASE64, "Pz8_Pj4-\"", "\?\?\?>>>", true);
    assert_digits(ML_WRAP_BASE64, "Pz8\\/\\nPj4+", "\?\?\?>>>", false);
    assert_digits(ML_WRAP_BASE64, "Pz8%2FPj4%2b%3D", "\?\?\?>>>", true);
    assert_digits(ML_WRAP_BASE64, "Zm9v\\u", "foo", true); /* an escape that stands for no digit */
    assert_digits(ML_WRAP_HEX, "666F6f626172", "foobar", false);
    assert_digits(ML_WRAP_HEX, "666f6fxx", "foo", true);
}

static void assert_code(void (*write)(struct ml_span, struct ml_buf *), const char *text, const char *wanted)
{
    struct ml_buf out;
    ml_buf_init(&out, ML_MAX_CODE_BYTES);
    write(ml_span_text(text), &out);
    assert_false(out.failed);
    assert_span_text(ml_buf_span(&out), wanted);
    ml_buf_fini(&out);
}

static void values_are_written_as_programs_do_before_they_hash_them(void **state)
{
    (void)state;
    assert_code(ml_code_base64, "f", "Zg==");
    assert_code(ml_code_base64, "fo", "Zm8=");
    assert_code(ml_code_base64, "foobar", "Zm9vYmFy");
    assert_code(ml_code_hex, "foo\xff", "666f6fff");
    assert_code(ml_code_url, "a.b-c_d~1@x +\xc3\xbc", "a.b-c_d~1%40x%20%2B%C3%BC");
    struct ml_buf out;
    ml_buf_init(&out, 64);
    ml_code_utf16(ml_span_text("a\xff"), false, &out); /* no UTF-8 */
    assert_int_equal(out.len, 0);
    ml_code_utf16(ml_span_text("a\xc3\xbc\xf0\x9f\x98\x80"), false, &out);
    assert_int_equal(out.len, 8);
    assert_memory_equal(out.bytes, "a\0\xfc\0\x3d\xd8\x00\xde", 8);
    ml_buf_clear(&out);
    ml_code_utf16(ml_span_text("a\xf0\x9f\x98\x80"), true, &out);
    assert_int_equal(out.len, 6);
    assert_memory_equal(out.bytes, "\0a\xd8\x3d\xde\x00", 6);
    ml_buf_fini(&out);
}

static void add_content(void *context, struct ml_span content, size_t used)
{
    (void)used;
    assert_true(ml_buf_add_span(context, content));
}

static void members_that_follow_one_another_are_one_content(void **state)
{
    (void)state;
    for (unsigned form = ML_WRAP_GZIP; form <= ML_WRAP_ZSTD; form += ML_WRAP_ZSTD - ML_WRAP_GZIP) {
        struct ml_buf packed = tb_buf();
        wrap(&packed, (enum ml_wrapping)form, ml_span_text("first "));
        wrap(&packed, (enum ml_wrapping)form, ml_span_text("second"));
        for (size_t piece = 1; piece <= packed.len; piece++) {
            struct ml_buf out = tb_buf();
            struct ml_unpack *unpack = ml_unpack_new((enum ml_wrapping)form, 100);
            enum ml_unpack_end end = ML_UNPACK_MORE;
            for (size_t at = 0; at < packed.len; at += piece) {
                struct ml_span part = ml_span_cut(ml_buf_span(&packed), at, piece);
                end = ml_unpack_feed(unpack, part, add_content, &out);
                assert_int_equal(ml_unpack_used(unpack), part.len);
            }
            assert_int_equal(end, ML_UNPACK_DONE);
            assert_span_text(ml_buf_span(&out), "first second");
            ml_unpack_free(unpack);
            ml_buf_fini(&out);
        }
        ml_buf_fini(&packed);
    }
}

/* Text that does not shrink to nothing, with the value behind it. */
static void write_long(struct ml_buf *out, bool has_value)
{
    uint64_t state = 7;
    for (unsigned i = 0; i < 3000; i++) {
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407U;
        assert_true(ml_buf_printf(out, "%08x;", (unsigned)(state >> 32)));
    }
    if (has_value) {
        assert_true(ml_buf_add_text(out, "mail=erika.beispiel@mail.example.com;"));
    }
}

/* Facts of a stream that is fed in pieces. */
static void assert_told(struct ml_span stream, size_t piece, const char *wanted, uint64_t *n_limits)
{
    struct leak_rig ids;
    struct proto_rig proto;
    struct ml_leaks_flow *flow = NULL;
    leak_rig_init(&ids, "email: erika.beispiel@mail.example.com\n");
    proto_rig_init(&proto, ML_IP_TCP, 9000);
    struct ml_leaks *leaks = ml_leaks_new(ids.patterns, &proto.facts);
    assert_non_null(leaks);
    proto.env.plain = ml_leaks_sink(leaks);
    ml_leaks_enter(leaks, &proto.flow, &flow);
    proto_rig_feed_split(&proto, ML_UP, stream, piece);
    proto_rig_end(&proto);
    ml_leaks_close(leaks, &flow);
    assert_string_equal(proto_rig_facts(&proto), wanted);
    *n_limits = proto.counters.n[ML_COUNT_LIMIT_LEAK_BODY] + proto.counters.n[ML_COUNT_LIMIT_LEAK_VIEW];
    ml_leaks_free(leaks);
    proto_rig_fini(&proto);
    leak_rig_fini(&ids);
}

#define TOLD                                                                                                           \
    "leak.identity up identity.kind=email identity.place=payload identity.label=email-1 identity.form=address "        \
    "identity.precision=exact identity.value=erika.beispiel@mail.example.com\n"

static void members_longer_than_a_window_are_told_once(void **state)
{
    (void)state;
    struct ml_buf text = tb_buf();
    write_long(&text, true);
    for (unsigned form = ML_WRAP_GZIP; form <= ML_WRAP_ZSTD; form++) {
        for (unsigned code = 0; code < 3; code++) {
            struct ml_buf packed = tb_buf();
            struct ml_buf stream = tb_buf();
            uint64_t n_limits = 0;
            wrap(&packed, (enum ml_wrapping)form, ml_buf_span(&text));
            (void)ml_buf_add_text(&stream, "\x01\x02 data=\"");
            if (code == 0) {
                assert_true(ml_buf_add_span(&stream, ml_buf_span(&packed)));
            } else {
                (code == 1 ? ml_code_base64 : ml_code_hex)(ml_buf_span(&packed), &stream);
            }
            (void)ml_buf_add_text(&stream, "\" and more");
            assert_true(packed.len > ML_LEAK_WINDOW);
            assert_told(ml_buf_span(&stream), 1400, TOLD, &n_limits);
            assert_told(ml_buf_span(&stream), 7, TOLD, &n_limits);
            assert_told(ml_buf_span(&stream), stream.len, TOLD, &n_limits);
            assert_int_equal(n_limits, 0);
            ml_buf_fini(&packed);
            ml_buf_fini(&stream);
        }
    }
    ml_buf_fini(&text);
}

static void run_damaged(void *context, struct ml_span bytes)
{
    struct leak_rig ids;
    struct proto_rig proto;
    struct ml_leaks_flow *flow = NULL;
    (void)context;
    leak_rig_init(&ids, "email: erika.beispiel@mail.example.com\n");
    proto_rig_init(&proto, ML_IP_TCP, 9000);
    struct ml_leaks *leaks = ml_leaks_new(ids.patterns, &proto.facts);
    proto.env.plain = ml_leaks_sink(leaks);
    ml_leaks_enter(leaks, &proto.flow, &flow);
    proto_rig_feed_split(&proto, ML_UP, bytes, 4000);
    proto_rig_end(&proto);
    ml_leaks_close(leaks, &flow);
    ml_leaks_free(leaks);
    proto_rig_fini(&proto);
    leak_rig_fini(&ids);
}

/* Every flip would take minutes: some, all over the member. */
static void damaged_members_are_survived(void **state)
{
    (void)state;
    struct ml_buf text = tb_buf();
    struct ml_buf packed = tb_buf();
    write_long(&text, true);
    wrap(&packed, ML_WRAP_GZIP, ml_buf_span(&text));
    for (size_t i = 0; i < packed.len; i += packed.len / 40) {
        packed.bytes[i] ^= 0x41;
        run_damaged(NULL, ml_buf_span(&packed));
        packed.bytes[i] ^= 0x41;
        run_damaged(NULL, ml_span_of(packed.bytes, i));
    }
    ml_buf_fini(&text);
    ml_buf_fini(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_come_in_any_pieces),
        cmocka_unit_test(values_are_written_as_programs_do_before_they_hash_them),
        cmocka_unit_test(members_that_follow_one_another_are_one_content),
        cmocka_unit_test(members_longer_than_a_window_are_told_once),
        cmocka_unit_test(damaged_members_are_survived),
    };
    return cmocka_run_group_tests_name("leaks/run", tests, NULL, NULL);
}
