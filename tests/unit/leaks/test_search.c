/* SPDX-License-Identifier: Apache-2.0 */
/* Planted values in windows: every form, every wrapping, two of them, edges, and what must not be told. */
#include "rig.h"

#include "core/digest.h"
#include "core/text.h"
#include "support/cm.h"
#include "support/kit.h"

#include <stdio.h>

#define PHONE "phone: +4915123987406\n"
#define IMEI "imei: 490154203237518\n"
#define EMAIL "email: erika.mustermann@mail.example.com\n"

static void assert_found(const char *rows, const char *text, const char *expected)
{
    struct leak_rig rig;
    struct guard guard;
    leak_rig_init(&rig, rows);
    guard_init(&guard, ml_span_text(text));
    assert_string_equal(leak_rig_find(&rig, guard.span), expected);
    guard_fini(&guard);
    leak_rig_fini(&rig);
}

static void a_phone_number_is_found_in_all_its_forms(void **state)
{
    (void)state;
    assert_found(PHONE, "tel=+4915123987406&", "phone-1 e164 5-17;");
    assert_found(PHONE, "4915123987406", "phone-1 digits 0-12;");
    assert_found(PHONE, "004915123987406", "phone-1 00 0-14;");
    assert_found(PHONE, "\"015123987406\"", "phone-1 national 1-12;");
    assert_found(PHONE, "cc=49 nr=15123987406", "phone-1 subscriber 9-19;");
    assert_found(PHONE, "+49 (151) 239-874 06", "phone-1 digits separators 1-19;");
}

static void a_value_within_a_longer_one_is_not_told(void **state)
{
    (void)state;
    assert_found(IMEI, "4901542032375180", "");
    assert_found(IMEI, "1490154203237518", "");
    assert_found(IMEI, "x490154203237518x", "imei-1 digits 1-15;");
    assert_found(EMAIL, "xerika.mustermann@mail.example.com", "");
    assert_found(EMAIL, "x.erika.mustermann@mail.example.com", "");
    assert_found(EMAIL, "erika.mustermann@mail.example.community", "");
    assert_found(EMAIL, "<Erika.Mustermann@Mail.Example.COM>", "email-1 address 1-33;");
}

static void identifiers_are_found_in_their_spellings(void **state)
{
    (void)state;
    assert_found("mac: 02:1a:9b:3c:7d:5e\n", "mac=02-1A-9B-3C-7D-5E;021a9b3c7d5e;021a.9b3c.7d5e",
                 "mac-1 dash 4-20; mac-1 bare 22-33; mac-1 dotted 35-48;");
    assert_found("mac: 02:1a:9b:3c:7d:5e\n", "\x10\x02\x1a\x9b\x3c\x7d\x5e\x10", "mac-1 binary 1-6;");
    assert_found("advertising_id: 38400000-8cf0-11bd-b23e-10b96e40000d\n", "384000008CF011BDB23E10B96E40000D",
                 "advertising_id-1 bare 0-31;");
    assert_found("name: Erika Mustermann-Beispiel\n", "a=mustermann-beispiel, erika", "name-1 turned_comma 2-27;");
    assert_found("iban: GB82WEST12345698765432\n", "GB82 WEST 1234 5698 7654 32", "iban-1 grouped 0-26;");
}

static void coordinates_need_both_halves_near_each_other(void **state)
{
    (void)state;
    struct leak_rig rig;
    struct ml_buf far;
    const char *rows = "coordinates: 52.516275, 13.377704\n";
    assert_found(rows, "{\"lat\":52.516275,\"lon\":13.377704}", "coordinates-1 decimal-6 7-31;");
    assert_found(rows, "lon=13.3777&lat=52.51628", "coordinates-1 decimal-4 4-23;");
    assert_found(rows, "52516275;13377704", "coordinates-1 e6 0-16;");
    assert_found(rows, "lat=52.516275&lon=99.377704", "");
    assert_found(rows, "lat=152.516275&lon=13.377704", "");
    assert_found(rows, "lat=52.516275", "");
    leak_rig_init(&rig, rows);
    ml_buf_init(&far, 4096);
    (void)ml_buf_add_text(&far, "52.516275");
    for (int i = 0; i < 300; i++) {
        (void)ml_buf_add_byte(&far, ' ');
    }
    (void)ml_buf_add_text(&far, "13.377704");
    assert_string_equal(leak_rig_find(&rig, ml_buf_span(&far)), "");
    ml_buf_fini(&far);
    leak_rig_fini(&rig);
}

static void text_that_is_not_ascii_is_found_in_utf8_and_utf16(void **state)
{
    (void)state;
    struct leak_rig rig;
    leak_rig_init(&rig, "message: 我今天在柏林和汉斯见面\n");
    struct ml_buf wide;
    ml_buf_init(&wide, 256);
    static const uint16_t units[] = {0x6211, 0x4eca, 0x5929, 0x5728, 0x67cf, 0x6797,
                                     0x548c, 0x6c49, 0x65af, 0x89c1, 0x9762};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        (void)ml_buf_add_byte(&wide, (uint8_t)units[i]);
        (void)ml_buf_add_byte(&wide, (uint8_t)(units[i] >> 8));
    }
    assert_string_equal(leak_rig_find(&rig, ml_span_text("x我今天在柏林和汉斯见面")), "message-1 text 1-33;");
    assert_string_equal(leak_rig_find(&rig, ml_buf_span(&wide)), "message-1 utf16le 0-21;");
    ml_buf_fini(&wide);
    leak_rig_fini(&rig);
}

static void escapes_only_around_a_wrapped_value_do_not_hide_it(void **state)
{
    (void)state;
    assert_found(PHONE, "%22NDkxNTEyMzk4NzQwNg%22", "phone-1 digits url.base64 4-20;");
    assert_found(PHONE, "%7B%22x%22%3A34393135313233393837343036%7D", "phone-1 digits hex 14-38;");
    assert_found("name: Erika Mustermann-Beispiel\n", "n=Erika+Mustermann-Beispiel&", "name-1 text url 2-26;");
}

/* --- wrappings --- */

static const enum ml_wrapping text_wrappings[] = {ML_WRAP_URL,     ML_WRAP_JSON, ML_WRAP_HTML,  ML_WRAP_SEPARATORS,
                                                  ML_WRAP_BASE64,  ML_WRAP_HEX,  ML_WRAP_UTF16, ML_WRAP_GZIP,
                                                  ML_WRAP_DEFLATE, ML_WRAP_ZSTD};
enum { N_TEXT_WRAPPINGS = sizeof text_wrappings / sizeof text_wrappings[0] };

static void each_wrapping_is_opened(void **state)
{
    (void)state;
    struct leak_rig rig;
    leak_rig_init(&rig, PHONE);
    for (size_t i = 0; i < N_TEXT_WRAPPINGS; i++) {
        struct ml_buf buf;
        char expected[64];
        ml_buf_init(&buf, 1 << 16);
        (void)ml_buf_add_text(&buf, "<");
        wrap(&buf, text_wrappings[i], ml_span_text("4915123987406"));
        (void)ml_buf_add_text(&buf, ">");
        /* zstd leaves so short a text as it is. */
        (void)snprintf(expected, sizeof expected, "phone-1 digits %s",
                       text_wrappings[i] != ML_WRAP_ZSTD ? ml_wrapping_name(text_wrappings[i]) : "");
        const char *found = leak_rig_find(&rig, ml_buf_span(&buf));
        if (strncmp(found, expected, strlen(expected)) != 0 || strchr(found, ';') != strrchr(found, ';')) {
            fail_msg("%s: '%s'", expected, found);
        }
        ml_buf_fini(&buf);
    }
    leak_rig_fini(&rig);
}

/* Marks stand between the digits of a number; references and two-byte units are for text. */
static bool is_usual(enum ml_wrapping inner, enum ml_wrapping outer)
{
    bool is_binary = inner >= ML_WRAP_UTF16;
    bool is_for_text = outer == ML_WRAP_JSON || outer == ML_WRAP_HTML || outer == ML_WRAP_UTF16;
    return outer != ML_WRAP_SEPARATORS && !(is_binary && is_for_text);
}

static void two_wrappings_are_opened_one_after_the_other(void **state)
{
    (void)state;
    struct leak_rig rig;
    size_t n = 0;
    leak_rig_init(&rig, PHONE);
    for (size_t a = 0; a < N_TEXT_WRAPPINGS; a++) {
        for (size_t b = 0; b < N_TEXT_WRAPPINGS; b++) {
            struct ml_buf inner;
            struct ml_buf outer;
            if (!is_usual(text_wrappings[a], text_wrappings[b])) {
                continue;
            }
            ml_buf_init(&inner, 1 << 16);
            ml_buf_init(&outer, 1 << 16);
            wrap(&inner, text_wrappings[a], ml_span_text("4915123987406"));
            (void)ml_buf_add_text(&outer, "<");
            wrap(&outer, text_wrappings[b], ml_buf_span(&inner));
            (void)ml_buf_add_text(&outer, ">");
            const char *found = leak_rig_find(&rig, ml_buf_span(&outer));
            if (strstr(found, "phone-1 digits ") != found) {
                fail_msg("%s in %s: '%s'", ml_wrapping_name(text_wrappings[a]), ml_wrapping_name(text_wrappings[b]),
                         found);
            }
            ml_buf_fini(&inner);
            ml_buf_fini(&outer);
            n++;
        }
    }
    assert_true(n > 70);
    leak_rig_fini(&rig);
}

static void base64_is_opened_in_every_alignment_and_both_alphabets(void **state)
{
    (void)state;
    struct leak_rig rig;
    leak_rig_init(&rig, EMAIL);
    for (size_t before = 0; before < 5; before++) {
        for (int is_url = 0; is_url < 2; is_url++) {
            char plain[128];
            char text[256];
            (void)snprintf(plain, sizeof plain, "%.*s erika.mustermann@mail.example.com \xff\xfb\xef", (int)before,
                           "????");
            size_t len = ml_base64_write(ml_span_text(plain), text);
            for (size_t i = 0; is_url == 1 && i < len; i++) {
                text[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
            }
            const char *found = leak_rig_find(&rig, ml_span_of(text, len));
            assert_ptr_equal(strstr(found, "email-1 address base64"), found);
        }
    }
    leak_rig_fini(&rig);
}

static void base64_goes_on_in_the_next_line_and_behind_a_slash(void **state)
{
    (void)state;
    struct leak_rig rig;
    char plain[200];
    char text[300];
    char lines[330] = "/x/";
    size_t n = 3;
    memset(plain, '.', sizeof plain);
    memcpy(plain + 44, " erika.mustermann@mail.example.com ", 35);
    size_t len = ml_base64_write(ml_span_of(plain, sizeof plain), text);
    leak_rig_init(&rig, EMAIL);
    memcpy(lines + n, text, len);
    assert_non_null(strstr(leak_rig_find(&rig, ml_span_of(lines, n + len)), "email-1 address base64"));
    n = 0;
    for (size_t i = 0; i < len; i++) {
        if (i != 0 && i % 76 == 0) {
            lines[n++] = '\r';
            lines[n++] = '\n';
        }
        lines[n++] = text[i];
    }
    assert_non_null(strstr(leak_rig_find(&rig, ml_span_of(lines, n)), "email-1 address base64"));
    leak_rig_fini(&rig);
}

static void digests_are_found_raw_and_in_text(void **state)
{
    (void)state;
    struct leak_rig rig;
    uint8_t md5[16];
    uint8_t sha1[20];
    uint8_t sha256[32];
    uint8_t sha512[64];
    const struct ml_span value = ml_span_text("+4915123987406");
    leak_rig_init(&rig, PHONE);
    assert_true(ml_md5(value, md5) && ml_sha1(value, sha1) && ml_sha256(value, sha256) && ml_sha512(value, sha512));
    const struct {
        const char *name;
        struct ml_span bytes;
    } digests[] = {{"md5", ml_span_of(md5, 16)},
                   {"sha1", ml_span_of(sha1, 20)},
                   {"sha256", ml_span_of(sha256, 32)},
                   {"sha512", ml_span_of(sha512, 64)}};
    static const enum ml_wrapping ways[] = {ML_WRAP_NONE, ML_WRAP_HEX, ML_WRAP_BASE64};
    for (size_t i = 0; i < 4; i++) {
        for (size_t way = 0; way < 3; way++) {
            struct ml_buf buf;
            char expected[64];
            ml_buf_init(&buf, 1 << 12);
            (void)ml_buf_add_text(&buf, "\"");
            wrap(&buf, ways[way], digests[i].bytes);
            (void)ml_buf_add_text(&buf, "\"");
            (void)snprintf(expected, sizeof expected, "phone-1 e164/%s %s%s", digests[i].name,
                           way == 0 ? "" : ml_wrapping_name(ways[way]), way == 0 ? "" : " ");
            const char *found = leak_rig_find(&rig, ml_buf_span(&buf));
            if (strstr(found, expected) != found) {
                fail_msg("%s: '%s'", expected, found);
            }
            ml_buf_fini(&buf);
        }
    }
    md5[15] ^= 1;
    assert_string_equal(leak_rig_find(&rig, ml_span_of(md5, 16)), "");
    leak_rig_fini(&rig);
}

static void a_hit_is_told_once_where_its_last_byte_has_its_turn(void **state)
{
    (void)state;
    struct leak_rig rig;
    const struct ml_leak_hit *hits = NULL;
    const struct ml_span window = ml_span_text("..4915123987406..");
    leak_rig_init(&rig, PHONE);
    for (size_t cut = 0; cut <= window.len; cut++) {
        size_t before = ml_search_window(rig.search, window, 0, cut, &hits);
        size_t behind = ml_search_window(rig.search, window, cut, window.len, &hits);
        assert_int_equal(before + behind, 1);
        assert_int_equal(before, cut > 14);
    }
    leak_rig_fini(&rig);
}

static void run_search(void *context, struct ml_span bytes)
{
    (void)leak_rig_find(context, bytes);
}

static void no_prefix_and_no_flipped_bit_reads_beyond_the_window(void **state)
{
    (void)state;
    struct leak_rig rig;
    struct ml_buf buf;
    leak_rig_init(&rig, PHONE "coordinates: 52.516275, 13.377704\n" EMAIL);
    ml_buf_init(&buf, 1 << 16);
    (void)ml_buf_add_text(&buf, "a=%2b49\\u0031\\ud83d\\ude00&#x34;&amp;+49 151 239 874 06 52.516275,13.377704 ");
    wrap(&buf, ML_WRAP_BASE64, ml_span_text("erika.mustermann@mail.example.com"));
    wrap(&buf, ML_WRAP_GZIP, ml_span_text("4915123987406"));
    wrap(&buf, ML_WRAP_ZSTD, ml_span_text("4915123987406"));
    sweep_truncations(ml_buf_span(&buf), run_search, &rig);
    sweep_bit_flips(ml_buf_span(&buf), run_search, &rig);
    ml_buf_fini(&buf);
    leak_rig_fini(&rig);
}

/* `text` with every byte changed by `key`, then below `outer`. */
static void assert_keyed(struct leak_rig *rig, const char *text, uint8_t key, enum ml_wrapping outer,
                         const char *expected)
{
    struct ml_buf keyed;
    struct ml_buf out;
    ml_buf_init(&keyed, 1024);
    ml_buf_init(&out, 4096);
    for (; *text != '\0'; text++) {
        (void)ml_buf_add_byte(&keyed, (uint8_t)*text ^ key);
    }
    wrap(&out, outer, ml_buf_span(&keyed));
    assert_string_equal(leak_rig_find(rig, ml_buf_span(&out)), expected);
    ml_buf_fini(&keyed);
    ml_buf_fini(&out);
}

static void a_key_of_one_byte_is_undone_whatever_it_is(void **state)
{
    (void)state;
    static const char text[] = "tel=4915123987406;";
    struct leak_rig rig;
    leak_rig_init(&rig, PHONE EMAIL);
    for (unsigned key = 1; key < 256; key++) {
        if (key != 0x20) {
            assert_keyed(&rig, text, (uint8_t)key, ML_WRAP_NONE, "phone-1 digits xor 4-16;");
        }
    }
    assert_keyed(&rig, text, 0, ML_WRAP_NONE, "phone-1 digits 4-16;");
    assert_keyed(&rig, "erika.mustermann@mail.example.com", 0x20, ML_WRAP_NONE, ""); /* other case of letters */
    assert_keyed(&rig, text, 0x5a, ML_WRAP_BASE64, "phone-1 digits base64.xor 6-22;");
    assert_keyed(&rig, text, 0x5a, ML_WRAP_HEX, "phone-1 digits hex.xor 9-33;");
    assert_keyed(&rig, "tel=4915123987407;", 0x5a, ML_WRAP_NONE, "");
    leak_rig_fini(&rig);
}

static void what_stands_in_the_clear_is_not_taken_for_keyed(void **state)
{
    (void)state;
    assert_found(EMAIL, "ERIKA.MUSTERMANN@MAIL.EXAMPLE.COM", "email-1 address 0-32;");
}

static void build_with_failing_memory(void *context)
{
    struct ml_identities identities;
    struct ml_error error = {0};
    struct ml_counters counters = {{0}};
    (void)context;
    if (ml_identities_parse("x",
                            ml_span_text("identities:\n- {kind: email, value: erika.mustermann@mail.example.com}\n"),
                            &identities, &error) != ML_OK) {
        return;
    }
    struct ml_patterns *patterns = ml_patterns_new(&identities, &error);
    struct ml_search *search = patterns != NULL ? ml_search_new(patterns, &counters) : NULL;
    assert_true(patterns != NULL || error.status == ML_NO_MEMORY);
    ml_search_free(search);
    ml_patterns_free(patterns);
    ml_identities_fini(&identities);
}

static void a_failed_allocation_leaks_nothing(void **state)
{
    (void)state;
    assert_true(oom_sweep(build_with_failing_memory, NULL) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_phone_number_is_found_in_all_its_forms),
        cmocka_unit_test(a_value_within_a_longer_one_is_not_told),
        cmocka_unit_test(identifiers_are_found_in_their_spellings),
        cmocka_unit_test(coordinates_need_both_halves_near_each_other),
        cmocka_unit_test(text_that_is_not_ascii_is_found_in_utf8_and_utf16),
        cmocka_unit_test(escapes_only_around_a_wrapped_value_do_not_hide_it),
        cmocka_unit_test(each_wrapping_is_opened),
        cmocka_unit_test(two_wrappings_are_opened_one_after_the_other),
        cmocka_unit_test(base64_is_opened_in_every_alignment_and_both_alphabets),
        cmocka_unit_test(base64_goes_on_in_the_next_line_and_behind_a_slash),
        cmocka_unit_test(a_key_of_one_byte_is_undone_whatever_it_is),
        cmocka_unit_test(what_stands_in_the_clear_is_not_taken_for_keyed),
        cmocka_unit_test(digests_are_found_raw_and_in_text),
        cmocka_unit_test(a_hit_is_told_once_where_its_last_byte_has_its_turn),
        cmocka_unit_test(no_prefix_and_no_flipped_bit_reads_beyond_the_window),
        cmocka_unit_test(a_failed_allocation_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
