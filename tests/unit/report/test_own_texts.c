/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The project's own texts: whatever is shown to people exists in every language, and no text has lost what it belongs
 * to. Rules and leaks are English in rules/, so that language has none of them.
 */
#include "core/mem.h"
#include "policy/taxonomy.h"
#include "report/locale.h"
#include "report/profile.h"
#include "support/cm.h"

#include <stdio.h>

static const char *const languages[] = {"en", "de", "fr"};
static const char *const profiles[] = {"gdpr", "swiss-ndsg"};
enum { N_LANGUAGES = 3, N_PROFILES = 2, MAX_TEXTS = 4096 };

struct own {
    struct ml_rules *rules;
    struct ml_taxonomy *taxonomy;
    struct ml_profile profiles[N_PROFILES];
    struct ml_locale *locales[N_LANGUAGES];
};

static void setup_own(struct own *own)
{
    struct ml_error error = {0};
    char path[1024];
    const char *paths[] = {MITLESER_ROOT "/rules"};
    enum ml_status status = ml_rules_load(paths, 1, MITLESER_ROOT "/rules/lists", &own->rules, &error);
    status = status == ML_OK ? ml_taxonomy_load(MITLESER_ROOT "/rules/taxonomy/taxonomy.yaml", &own->taxonomy, &error)
                             : status;
    for (size_t i = 0; status == ML_OK && i < N_PROFILES; i++) {
        (void)snprintf(path, sizeof path, MITLESER_ROOT "/rules/profiles/%s.yaml", profiles[i]);
        status = ml_profile_read(path, &own->profiles[i], &error);
    }
    for (size_t i = 0; status == ML_OK && i < N_LANGUAGES; i++) {
        (void)snprintf(path, sizeof path, MITLESER_ROOT "/reports/locales/%s.yaml", languages[i]);
        status = ml_locale_read(path, &own->locales[i], &error);
    }
    if (status != ML_OK) {
        ml_error_format(&error, path, sizeof path);
        fail_msg("%s", path);
    }
}

static void teardown_own(struct own *own)
{
    for (size_t i = 0; i < N_LANGUAGES; i++) {
        ml_locale_free(own->locales[i]);
    }
    for (size_t i = 0; i < N_PROFILES; i++) {
        ml_profile_fini(&own->profiles[i]);
    }
    ml_taxonomy_free(own->taxonomy);
    ml_rules_free(own->rules);
}

/* Names that are asked for, of one language. */
struct wanted {
    const struct ml_locale *locale;
    struct ml_map names;
    size_t n_missing;
};

static void want(struct wanted *wanted, const char *format, const char *a, const char *b)
{
    char name[256];
    (void)snprintf(name, sizeof name, "%s%s%s", format, a, b);
    assert_non_null(ml_map_add(&wanted->names, ml_span_text(name), 0, NULL));
    if (ml_locale_find(wanted->locale, name, NULL) == NULL) {
        (void)fprintf(stderr, "reports/locales/%s.yaml: the text %s is missing\n", ml_locale_language(wanted->locale),
                      name);
        wanted->n_missing++;
    }
}

static void want_rules(struct wanted *wanted, const struct own *own, bool is_english)
{
    for (size_t i = 0; i < ml_rules_count(own->rules); i++) {
        const struct ml_rule *rule = ml_rules_get(own->rules, i);
        if (!is_english && !rule->is_silent) {
            want(wanted, "rule.", rule->text_id, ".title");
            want(wanted, "rule.", rule->text_id, ".reasoning");
        }
        for (const char *const *limit = rule->limits; *limit != NULL; limit++) {
            want(wanted, "limit.", *limit, "");
        }
    }
    for (size_t i = 0; i < ml_taxonomy_count(own->taxonomy); i++) {
        const struct ml_leak *leak = ml_taxonomy_get(own->taxonomy, i);
        if (!is_english) {
            want(wanted, "leak.", leak->id, "");
        }
        for (const char *const *limit = leak->limits; *limit != NULL; limit++) {
            want(wanted, "limit.", *limit, "");
        }
    }
}

static void want_profile(struct wanted *wanted, const struct ml_profile *profile)
{
    char family[128];
    (void)snprintf(family, sizeof family, "provision.%s.", profile->id);
    want(wanted, "profile.", profile->id, ".name");
    for (size_t i = 0; i < profile->n_topics; i++) {
        want(wanted, "topic.", profile->topics[i], "");
    }
    for (size_t i = 0; i < profile->n_questions; i++) {
        want(wanted, "question.", profile->questions[i].id, "");
    }
    for (size_t i = 0; i < profile->n_provisions; i++) {
        want(wanted, family, profile->provisions[i].id, ".title");
        want(wanted, family, profile->provisions[i].id, ".shows");
        want(wanted, family, profile->provisions[i].id, ".not_shown");
    }
}

/* Families have no text that nobody asks for; a profile's note is optional, but then in every language. */
static size_t count_unused(const struct wanted *wanted)
{
    static const char *const kept[] = {"limit.", "profile.", "leak.", "rule.", "topic.", "question.", "provision."};
    size_t n = 0;
    for (size_t i = 0; i < ml_locale_count(wanted->locale); i++) {
        struct ml_span name = ml_locale_name(wanted->locale, i);
        bool is_family = false;
        for (size_t k = 0; k < sizeof kept / sizeof kept[0]; k++) {
            is_family |= ml_span_starts(name, kept[k]);
        }
        if (is_family && ml_map_find(&wanted->names, name) == NULL) {
            (void)fprintf(stderr, "reports/locales/%s.yaml: nobody asks for %.*s\n", ml_locale_language(wanted->locale),
                          (int)name.len, (const char *)name.ptr);
            n++;
        }
    }
    return n;
}

static void every_text_exists_in_every_language_and_none_is_unused(void **state)
{
    (void)state;
    struct own own = {0};
    setup_own(&own);
    /* Limits of the vocabulary that no rule names today. */
    static const char *const spare[] = {"LIM-ACTIVE", "LIM-LOSS", "LIM-MITM"};
    for (size_t i = 0; i < N_LANGUAGES; i++) {
        struct wanted wanted = {.locale = own.locales[i]};
        ml_map_init(&wanted.names, MAX_TEXTS);
        want_rules(&wanted, &own, i == 0);
        for (size_t k = 0; k < N_PROFILES; k++) {
            want_profile(&wanted, &own.profiles[k]);
        }
        want(&wanted, "profile.", "swiss-ndsg", ".note");
        for (size_t k = 0; k < sizeof spare / sizeof spare[0]; k++) {
            want(&wanted, "limit.", spare[k], "");
        }
        assert_string_equal(ml_locale_language(own.locales[i]), languages[i]);
        assert_int_equal(wanted.n_missing, 0);
        assert_int_equal(count_unused(&wanted), 0);
        ml_map_fini(&wanted.names);
    }
    teardown_own(&own);
}

/* Proves that the test above can fail. */
static void a_missing_and_an_unused_text_are_found(void **state)
{
    (void)state;
    struct own own = {0};
    setup_own(&own);
    struct wanted wanted = {.locale = own.locales[1]};
    ml_map_init(&wanted.names, MAX_TEXTS);
    want(&wanted, "rule.", "ml-there-is-no-such-rule", ".title");
    assert_int_equal(wanted.n_missing, 1);
    assert_true(count_unused(&wanted) > 100);
    ml_map_fini(&wanted.names);
    teardown_own(&own);
}

static bool is_named(const struct ml_provision *provision, const char *text)
{
    for (const char *const *named = provision->named; *named != NULL; named++) {
        if (strcmp(*named, text) == 0) {
            return true;
        }
    }
    return false;
}

/* A profile of the regime for which rules are written knows what they list, and maps it for their leak. */
static void provisions_of_rules_are_those_of_their_leaks(void **state)
{
    (void)state;
    struct own own = {0};
    setup_own(&own);
    const struct ml_profile *gdpr = &own.profiles[0];
    for (size_t i = 0; i < ml_rules_count(own.rules); i++) {
        const struct ml_rule *rule = ml_rules_get(own.rules, i);
        for (const char *const *text = rule->provisions; *text != NULL; text++) {
            const struct ml_profile_row *row = ml_profile_find(gdpr, rule->taxonomy);
            size_t n = 0;
            for (size_t k = 0; k < gdpr->n_provisions; k++) {
                if (is_named(&gdpr->provisions[k], *text)) {
                    n++;
                    if (row == NULL || (row->provisions >> k & 1) == 0) {
                        fail_msg("%s lists '%s', which its leak %s does not map to (%s)", rule->name, *text,
                                 rule->taxonomy, gdpr->provisions[k].id);
                    }
                }
            }
            if (n == 0) {
                fail_msg("%s lists '%s', which is no provision of the profile", rule->name, *text);
            }
        }
    }
    teardown_own(&own);
}

static void every_profile_knows_every_leak_and_uses_all_it_defines(void **state)
{
    (void)state;
    struct own own = {0};
    setup_own(&own);
    for (size_t p = 0; p < N_PROFILES; p++) {
        const struct ml_profile *profile = &own.profiles[p];
        struct ml_profile_row all = {0};
        assert_string_equal(profile->id, profiles[p]);
        for (size_t i = 0; i < ml_taxonomy_count(own.taxonomy); i++) {
            const char *leak = ml_taxonomy_get(own.taxonomy, i)->id;
            const struct ml_profile_row *row = ml_profile_find(profile, leak);
            if (row == NULL || row->provisions == 0 || row->questions == 0) {
                fail_msg("%s: %s has no provision or no question", profile->id, leak);
            }
            all.provisions |= row->provisions;
            all.questions |= row->questions;
        }
        assert_int_equal(profile->index.n, ml_taxonomy_count(own.taxonomy)); /* and no leak that is none */
        assert_int_equal(all.provisions, (UINT64_C(1) << profile->n_provisions) - 1);
        assert_int_equal(all.questions, (UINT64_C(1) << profile->n_questions) - 1);
    }
    teardown_own(&own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_text_exists_in_every_language_and_none_is_unused),
        cmocka_unit_test(a_missing_and_an_unused_text_are_found),
        cmocka_unit_test(provisions_of_rules_are_those_of_their_leaks),
        cmocka_unit_test(every_profile_knows_every_leak_and_uses_all_it_defines),
    };
    return cmocka_run_group_tests_name("report/own_texts", tests, NULL, NULL);
}
