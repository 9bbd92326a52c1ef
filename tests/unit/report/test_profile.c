/* SPDX-License-Identifier: Apache-2.0 */
#include "report/profile.h"
#include "support/cm.h"
#include "support/kit.h"

#define HEAD "as_of: 2026-11-23\nprofile: p\nregime: gdpr\ntopics: [one, two]\n"
#define PROVISIONS                                                                                                     \
    "provisions:\n  - {id: a, unverified: true}\n  - {id: b, named: [x, y], source: s, checked_on: 2026-11-23}\n"
#define QUESTIONS "questions:\n  - {id: q, topic: two}\n"
#define ROWS "leaks:\n  - {leaks: [ML-A, ML-B], provisions: [b, a], questions: [q]}\n  - {leaks: [ML-C]}\n"
#define WHOLE HEAD PROVISIONS QUESTIONS ROWS

static void a_leak_has_the_provisions_and_questions_of_its_row(void **state)
{
    (void)state;
    struct ml_profile profile;
    struct ml_error error = {0};
    assert_int_equal(ml_profile_parse("p.yaml", ml_span_text(WHOLE), &profile, &error), ML_OK);
    assert_string_equal(profile.id, "p");
    assert_string_equal(profile.regime, "gdpr");
    assert_string_equal(profile.as_of, "2026-11-23");
    assert_int_equal(strlen(profile.sha256), 64);
    assert_int_equal(profile.n_provisions, 2);
    assert_string_equal(profile.provisions[0].source, "");
    assert_string_equal(profile.provisions[1].source, "s");
    assert_string_equal(profile.provisions[1].named[1], "y");
    assert_null(profile.provisions[1].named[2]);
    assert_int_equal(profile.questions[0].topic, 1);
    assert_int_equal(ml_profile_find(&profile, "ML-B")->provisions, 3);
    assert_int_equal(ml_profile_find(&profile, "ML-B")->questions, 1);
    assert_int_equal(ml_profile_find(&profile, "ML-C")->provisions, 0);
    assert_null(ml_profile_find(&profile, "ML-D"));
    ml_profile_fini(&profile);
}

static void refuse(const char *text, const char *why)
{
    struct ml_profile profile;
    struct ml_error error = {0};
    assert_int_equal(ml_profile_parse("p.yaml", ml_span_text(text), &profile, &error), ML_BAD_INPUT);
    assert_null(profile.rows);
    if (strstr(error.text, why) == NULL) {
        fail_msg("'%s' does not say '%s'", error.text, why);
    }
}

static void what_is_not_defined_or_defined_twice_is_refused(void **state)
{
    (void)state;
    refuse(HEAD PROVISIONS QUESTIONS "leaks:\n  - {leaks: [ML-A], provisions: [c]}\n", "no such id");
    refuse(HEAD PROVISIONS QUESTIONS "leaks:\n  - {leaks: [ML-A], questions: [r]}\n", "no such id");
    refuse(HEAD PROVISIONS QUESTIONS "leaks:\n  - {leaks: [ML-A]}\n  - {leaks: [ML-A]}\n", "has one row");
    refuse(HEAD PROVISIONS QUESTIONS "leaks:\n  - {leaks: []}\n", "must be a list of 1");
    refuse(HEAD PROVISIONS QUESTIONS "leaks:\n  - {leaks: [ML-A], verdict: [a]}\n", "verdict");
    refuse(HEAD PROVISIONS "questions:\n  - {id: q, topic: three}\n" ROWS, "one of the topics");
    refuse(HEAD PROVISIONS "questions:\n  - {id: q, topic: one}\n  - {id: q, topic: one}\n" ROWS, "stands twice");
    refuse(HEAD "provisions:\n  - {id: a}\n" QUESTIONS ROWS, "source");
    refuse(HEAD "provisions:\n  - {id: a, unverified: true}\n  - {id: a, unverified: true}\n" QUESTIONS ROWS, "twice");
    refuse(HEAD "provisions:\n  - {id: a, unverified: true, named: [[]]}\n" QUESTIONS ROWS, "list of texts");
    refuse(HEAD QUESTIONS ROWS, "\"provisions\" must be a list");
    refuse("as_of: 2026-11-23\nregime: gdpr\ntopics: [one]\n" PROVISIONS QUESTIONS ROWS, "profile");
    refuse("[]", "");
}

static void parse(void *context, struct ml_span bytes)
{
    (void)context;
    struct ml_profile profile;
    struct ml_error error = {0};
    if (ml_profile_parse("p.yaml", bytes, &profile, &error) == ML_OK) {
        ml_profile_fini(&profile);
    }
}

static void parse_whole(void *context)
{
    (void)context;
    parse(NULL, ml_span_text(WHOLE));
}

static void any_bytes_are_read_or_refused(void **state)
{
    (void)state;
    sweep_truncations(ml_span_text(WHOLE), parse, NULL);
    sweep_bit_flips(ml_span_text(WHOLE), parse, NULL);
    assert_true(oom_sweep(parse_whole, NULL) > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_leak_has_the_provisions_and_questions_of_its_row),
        cmocka_unit_test(what_is_not_defined_or_defined_twice_is_refused),
        cmocka_unit_test(any_bytes_are_read_or_refused),
    };
    return cmocka_run_group_tests_name("report/profile", tests, NULL, NULL);
}
