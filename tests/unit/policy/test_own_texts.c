/* SPDX-License-Identifier: Apache-2.0 */
/* What the rules of rules/ say of themselves, and which words they keep away from. */
#include "rig.h"

#include "core/file.h"
#include "core/mem.h"
#include "core/text.h"
#include "policy/folder.h"
#include "policy/list.h"
#include "policy/taxonomy.h"
#include "proto/fact.h"
#include "support/cm.h"

#define LISTS MITLESER_RULES "/lists"

static void every_rule_says_why_and_carries_the_severity_of_its_leak(void **state)
{
    (void)state;
    struct ml_rules *rules = rig_load_folder(MITLESER_RULES, LISTS);
    struct ml_taxonomy *taxonomy = NULL;
    struct ml_error error = {0};
    assert_int_equal(ml_taxonomy_load(MITLESER_RULES "/taxonomy/taxonomy.yaml", &taxonomy, &error), ML_OK);
    size_t n_findings = 0;
    for (size_t i = 0; i < ml_rules_count(rules); i++) {
        const struct ml_rule *rule = ml_rules_get(rules, i);
        assert_true(strncmp(rule->name, "ml-", 3) == 0 && rule->id[0] != '\0' && rule->description[0] != '\0');
        if (rule->is_silent) {
            continue;
        }
        const struct ml_leak *leak = ml_taxonomy_find(taxonomy, ml_span_text(rule->taxonomy));
        n_findings++;
        if (leak == NULL || leak->severity != rule->level || leak->needs >= ML_NEEDS_ACTIVE) {
            fail_msg("%s: taxonomy %s, level %s", rule->name, rule->taxonomy, ml_level_text(rule->level));
        }
        /* A rule may claim less than the table, never more. */
        if (leak->claim == ML_CLAIM_INDICATION && rule->claim == ML_CLAIM_OBSERVATION &&
            strcmp(rule->name, "ml-net-mmtls-clock") != 0) {
            fail_msg("%s claims an observation", rule->name);
        }
        if (rule->reasoning[0] == '\0' || rule->references[0] == NULL || rule->falsepositives[0] == NULL) {
            fail_msg("%s lacks reasoning, references or falsepositives", rule->name);
        }
        /* Jurisdiction facts are indications by design, and name their limits. */
        if (rule->claim == ML_CLAIM_INDICATION && rule->limits[0] == NULL && strcmp(rule->taxonomy, "ML-DNS-05") != 0) {
            fail_msg("%s is an indication without limits", rule->name);
        }
    }
    assert_true(n_findings >= 40);
    ml_taxonomy_free(taxonomy);
    ml_rules_free(rules);
}

static void every_kind_of_fact_a_rule_names_exists(void **state)
{
    (void)state;
    struct ml_paths paths = {0};
    struct ml_error error = {0};
    size_t n = 0;
    assert_int_equal(ml_folder_list(MITLESER_RULES, ".yml", &paths, &error), ML_OK);
    for (size_t i = 0; i < paths.n; i++) {
        uint8_t *bytes = NULL;
        size_t len = 0;
        assert_int_equal(ml_file_read(paths.items[i], 1 << 20, &bytes, &len, &error), ML_OK);
        struct ml_span rest = ml_span_of(bytes, len);
        const struct ml_span key = ml_span_text("fact.kind:");
        for (size_t at = ml_span_find(rest, key); at < rest.len; at = ml_span_find(rest, key)) {
            rest = ml_span_cut(rest, at + key.len, rest.len);
            struct ml_span line = ml_span_trim(ml_span_cut(rest, 0, ml_span_find(rest, ml_span_text("\n"))));
            bool is_known = line.len == 0; /* a list of kinds follows; its rules have samples */
            for (unsigned kind = 1; kind < ML_N_FACT_KINDS; kind++) {
                is_known |= ml_span_equal(line, ml_span_text(ml_fact_kind_name((enum ml_fact_kind)kind)));
            }
            if (!is_known) {
                fail_msg("%s: fact.kind %.*s", paths.items[i], (int)line.len, (const char *)line.ptr);
            }
            n++;
        }
        ml_mem_free(bytes);
    }
    assert_true(n > 20);
    ml_paths_fini(&paths);
}

/* Addresses of sources are not our words. */
static void check_words(const char *where, struct ml_span text, const struct ml_span *words, size_t n)
{
    uint8_t *folded = ml_mem_array(text.len + 1, 1);
    bool is_address = false;
    for (size_t i = 0; i < text.len; i++) {
        is_address |= ml_span_starts(ml_span_cut(text, i, 3), "://");
        is_address &= strchr(" \n\"'", text.ptr[i]) == NULL;
        folded[i] = is_address ? '.' : ml_ascii_lower(text.ptr[i]);
    }
    for (size_t i = 0; i < n; i++) {
        if (ml_span_find(ml_span_of(folded, text.len), words[i]) < text.len) {
            fail_msg("%s says '%.*s'", where, (int)words[i].len, (const char *)words[i].ptr);
        }
    }
    ml_mem_free(folded);
}

/* What nobody can see in traffic must not be said of it. */
static void no_text_says_what_traffic_cannot_show(void **state)
{
    (void)state;
    struct ml_lists lists;
    struct ml_span *words = NULL;
    size_t n_words = 0;
    struct ml_error error = {0};
    static const char *const endings[] = {".yml", ".yaml"};
    ml_lists_init(&lists, LISTS, NULL);
    assert_int_equal(ml_lists_expand(&lists, ml_span_text("%forbidden-words%"), &words, &n_words, &error), ML_OK);
    for (size_t e = 0; e < 2; e++) {
        struct ml_paths paths = {0};
        assert_int_equal(ml_folder_list(MITLESER_RULES, endings[e], &paths, &error), ML_OK);
        assert_true(paths.n != 0);
        for (size_t i = 0; i < paths.n; i++) {
            uint8_t *bytes = NULL;
            size_t len = 0;
            assert_int_equal(ml_file_read(paths.items[i], 1 << 24, &bytes, &len, &error), ML_OK);
            check_words(paths.items[i], ml_span_of(bytes, len), words, n_words);
            ml_mem_free(bytes);
        }
        ml_paths_fini(&paths);
    }
    ml_mem_free(words);
    ml_lists_fini(&lists);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_says_why_and_carries_the_severity_of_its_leak),
        cmocka_unit_test(every_kind_of_fact_a_rule_names_exists),
        cmocka_unit_test(no_text_says_what_traffic_cannot_show),
    };
    return cmocka_run_group_tests_name("policy/own_texts", tests, NULL, NULL);
}
