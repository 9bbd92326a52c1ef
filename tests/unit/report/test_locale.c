/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "report/locale.h"
#include "support/cm.h"
#include "support/kit.h"

#include <stdio.h>

/* A whole locale: every fixed text is its own name and places; `more` stands behind. */
static char *locale_text(const char *more)
{
    static const struct {
        const char *name;
        const char *places;
    } fixed[] = {
#define ML_TEXT(id, name, places) {name, places},
#include "report/text_id.def"
#undef ML_TEXT
    };
    struct ml_buf buf;
    ml_buf_init(&buf, 1 << 20);
    (void)ml_buf_add_text(&buf, "language: xx\ntexts:\n");
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
        (void)ml_buf_printf(&buf, "  %s: '<", fixed[i].name);
        for (const char *at = fixed[i].places; *at != '\0'; at += strspn(at, " ")) {
            (void)ml_buf_printf(&buf, "{%.*s}", (int)strcspn(at, " "), at);
            at += strcspn(at, " ");
        }
        (void)ml_buf_add_text(&buf, ">'\n");
    }
    (void)ml_buf_add_text(&buf, more);
    char *text = ml_buf_take_text(&buf);
    assert_non_null(text);
    return text;
}

static struct ml_locale *load(const char *more)
{
    struct ml_locale *locale = NULL;
    struct ml_error error = {0};
    char *text = locale_text(more);
    if (ml_locale_parse("xx.yaml", ml_span_text(text), &locale, &error) != ML_OK) {
        fail_msg("%s", error.text);
    }
    ml_mem_free(text);
    return locale;
}

static void refuse_text(char *text, const char *why)
{
    struct ml_locale *locale = NULL;
    struct ml_error error = {0};
    assert_int_equal(ml_locale_parse("xx.yaml", ml_span_text(text), &locale, &error), ML_BAD_INPUT);
    assert_null(locale);
    assert_string_equal(error.file, "xx.yaml");
    if (strstr(error.text, why) == NULL) {
        fail_msg("'%s' does not say '%s'", error.text, why);
    }
    ml_mem_free(text);
}

static void places_are_filled_and_families_are_found_by_name(void **state)
{
    (void)state;
    struct ml_locale *locale = load("  rule.ml-x.title: 'T'\n  limit.LIM-GEO: 'G'\n");
    struct ml_buf out;
    ml_buf_init(&out, 4096);
    ml_locale_say(locale, &out, ML_TEXT_DEVICE, "how", "h", "address", "{how}", NULL);
    assert_true(ml_span_equal(ml_buf_span(&out), ml_span_text("<{how}h>"))); /* a value is not filled again */
    ml_buf_clear(&out);
    ml_locale_say(locale, &out, ML_TEXT_DEVICE, "how", "h", NULL);
    assert_true(ml_span_equal(ml_buf_span(&out), ml_span_text("<h>")));
    assert_string_equal(ml_locale_language(locale), "xx");
    assert_string_equal(ml_locale_member(locale, "rule", "ml-x", ".title", "?"), "T");
    assert_string_equal(ml_locale_member(locale, "rule", "ml-y", ".title", "?"), "?");
    assert_string_equal(ml_locale_member(locale, "limit", "LIM-GEO", "", "?"), "G");
    assert_string_equal(ml_locale_member(locale, "level", "high", "", "?"), "<>");
    assert_string_equal(ml_digits_of(UINT64_MAX).text, "18446744073709551615");
    ml_buf_fini(&out);
    ml_locale_free(locale);
}

static void names_that_nobody_asks_for_are_refused(void **state)
{
    (void)state;
    refuse_text(locale_text("  summary.nothing: 'x'\n"), "there is no text \"summary.nothing\"");
    refuse_text(locale_text("  rule.ml-x.title: 'x {y}'\n"), "has no places");
    refuse_text(locale_text("  rule.ml-x.title: ''\n"), "must be a text");
    refuse_text(locale_text("  rule.ml-x.title: [x]\n"), "must be a text");
    refuse_text(locale_text("  rule.ml-x.title: 'x'\n  rule.ml-x.title: 'y'\n"), "rule.ml-x.title");
}

/* Replaces the first `from` with `to`, of the same length or shorter. */
static char *changed(const char *from, const char *to)
{
    char *text = locale_text("");
    char *at = strstr(text, from);
    assert_non_null(at);
    memmove(at + strlen(to), at + strlen(from), strlen(at + strlen(from)) + 1);
    memcpy(at, to, strlen(to));
    return text;
}

static void a_missing_text_or_place_is_refused(void **state)
{
    (void)state;
    refuse_text(changed("  summary.apps: '<>'\n", ""), "the text \"summary.apps\" is missing");
    refuse_text(changed("{address}", ""), "\"summary.device\" wants the places: address how");
    refuse_text(changed("{address}", "{adress}"), "\"summary.device\" wants the places");
    refuse_text(changed("language: xx\n", ""), "wants \"language\"");
    char *text = ml_mem_text("[]", 2);
    refuse_text(text, "wants \"language\"");
}

static void parse(void *context, struct ml_span bytes)
{
    (void)context;
    struct ml_locale *locale = NULL;
    struct ml_error error = {0};
    enum ml_status status = ml_locale_parse("xx.yaml", bytes, &locale, &error);
    assert_int_equal(status == ML_OK, locale != NULL);
    ml_locale_free(locale);
}

static void parse_whole(void *context)
{
    parse(NULL, ml_span_text(context));
}

static void every_failing_allocation_is_told(void **state)
{
    (void)state;
    char *text = locale_text("  rule.ml-x.title: 'T'\n");
    assert_true(oom_sweep(parse_whole, text) > 3);
    ml_mem_free(text);
}

static void a_cut_file_is_refused_or_read(void **state)
{
    (void)state;
    char *text = locale_text("");
    struct ml_span whole = ml_span_text(text);
    for (size_t i = 0; i < 400; i++) {
        parse(NULL, ml_span_cut(whole, 0, whole.len - i));
    }
    ml_mem_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_filled_and_families_are_found_by_name),
        cmocka_unit_test(names_that_nobody_asks_for_are_refused),
        cmocka_unit_test(a_missing_text_or_place_is_refused),
        cmocka_unit_test(every_failing_allocation_is_told),
        cmocka_unit_test(a_cut_file_is_refused_or_read),
    };
    return cmocka_run_group_tests_name("report/locale", tests, NULL, NULL);
}
