/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/finding.h"
#include "policy/taxonomy.h"
#include "rig.h"
#include "support/cm.h"
#include "support/kit.h"

#include <stdio.h>

static void values_of_a_field_lie_side_by_side(void **state)
{
    (void)state;
    static struct ml_record record;
    ml_record_clear(&record, ML_CAT_FACT);
    ml_record_cstr(&record, ML_F_HTTP_HOST, "a.test");
    ml_record_cstr(&record, ML_F_NAMES, "x");
    ml_record_cstr(&record, ML_F_NAMES, "y");
    ml_record_cstr(&record, ML_F_NAMES, NULL);
    ml_record_cstr(&record, ML_F_NAMES, "");
    assert_int_equal(record.count[ML_F_NAMES], 2);
    assert_span_text(record.values[record.first[ML_F_NAMES] + 1].text, "y");
    assert_span_text(ml_record_get(&record, ML_F_HTTP_HOST)->text, "a.test");
    assert_null(ml_record_get(&record, ML_F_HTTP_PATH));
    ml_record_clear(&record, ML_CAT_FLOW);
    assert_null(ml_record_get(&record, ML_F_HTTP_HOST));
    assert_int_equal(record.n_values, 0);
    assert_int_equal(record.category, ML_CAT_FLOW);
}

static void the_first_to_set_a_field_wins(void **state)
{
    (void)state;
    static struct ml_record record;
    ml_record_clear(&record, ML_CAT_FACT);
    ml_record_cstr(&record, ML_F_NAMES, "x");
    ml_record_number(&record, ML_F_DST_PORT, 80);
    ml_record_number(&record, ML_F_DST_PORT, 81);
    ml_record_cstr(&record, ML_F_NAMES, "too late");
    assert_int_equal(record.count[ML_F_NAMES], 1);
    assert_int_equal(record.count[ML_F_DST_PORT], 1);
    assert_int_equal(ml_record_get(&record, ML_F_DST_PORT)->number, 80);
    assert_false(record.is_cut);
}

static void a_full_record_says_so(void **state)
{
    (void)state;
    static struct ml_record record;
    ml_record_clear(&record, ML_CAT_FACT);
    for (int i = 0; i < ML_MAX_RECORD_VALUES; i++) {
        ml_record_cstr(&record, ML_F_NAMES, "x");
    }
    assert_false(record.is_cut);
    ml_record_cstr(&record, ML_F_NAMES, "x");
    ml_record_number(&record, ML_F_DST_PORT, 1);
    assert_true(record.is_cut);
    assert_int_equal(record.count[ML_F_NAMES], ML_MAX_RECORD_VALUES);
    assert_null(ml_record_get(&record, ML_F_DST_PORT));
    ml_record_clear(&record, ML_CAT_FACT);
    assert_false(record.is_cut);
}

static void values_have_a_text(void **state)
{
    (void)state;
    static struct ml_record record;
    char scratch[64];
    struct ml_ip none = {.family = 0};
    rig_record(&record, ML_CAT_FACT, "dst.ip=2001:db8::1\ndst.port=443\nfact.encrypted=true\nhttp.host=h");
    ml_record_ip(&record, ML_F_SRC_IP, &none);
    assert_null(ml_record_get(&record, ML_F_SRC_IP));
    assert_span_text(ml_value_text(ml_record_get(&record, ML_F_DST_IP), ML_TYPE_ADDRESS, scratch), "2001:db8::1");
    assert_span_text(ml_value_text(ml_record_get(&record, ML_F_DST_PORT), ML_TYPE_NUMBER, scratch), "443");
    assert_span_text(ml_value_text(ml_record_get(&record, ML_F_FACT_ENCRYPTED), ML_TYPE_TRUTH, scratch), "true");
    assert_span_text(ml_value_text(ml_record_get(&record, ML_F_HTTP_HOST), ML_TYPE_TEXT, scratch), "h");
    assert_int_equal(ml_record_get(&record, ML_F_HTTP_HOST)->sensitivity, ML_SENS_NONE);
    assert_string_equal(ml_category_name(ML_CAT_CAPTURE), "capture");
}

static const char rules_text[] =
    "title: low\nname: zz\nlevel: low\ntaxonomy: ML-AAA-01\nlogsource: {product: mitleser, category: flow}\n"
    "detection: {s: {dst.port: 1}, condition: s}\n"
    "---\ntitle: high\nname: yy\nlevel: high\ntaxonomy: ML-BBB-01\nlogsource: {product: mitleser, category: flow}\n"
    "detection: {s: {dst.port: 1}, condition: s}\n"
    "---\ntitle: also high\nname: xx\nlevel: high\ntaxonomy: ML-BBB-01\nlogsource: {product: mitleser, category: "
    "flow}\n"
    "detection: {s: {dst.port: 1}, condition: s}\n";

static struct ml_finding *add(struct ml_findings *findings, uint32_t rule, const char *type, const char *subject)
{
    struct ml_finding *finding = ml_findings_add(findings, rule, type, ml_span_text(subject));
    assert_non_null(finding);
    return finding;
}

static void a_finding_is_one_for_rule_and_subject(void **state)
{
    (void)state;
    struct ml_findings findings;
    ml_findings_init(&findings);
    struct ml_finding *finding = add(&findings, 1, "flow", "f1");
    assert_ptr_equal(add(&findings, 1, "flow", "f1"), finding);
    assert_ptr_not_equal(add(&findings, 2, "flow", "f1"), finding);
    assert_ptr_not_equal(add(&findings, 1, "endpoint", "f1"), finding);
    assert_ptr_not_equal(add(&findings, 1, "flow", "f11"), finding);
    assert_int_equal(findings.n, 4);
    assert_int_equal(finding->count, 2);
    assert_span_text(finding->subject, "f1");
    ml_findings_fini(&findings);
}

static void counting_again_is_adding_again(void **state)
{
    (void)state;
    struct ml_findings findings;
    ml_findings_init(&findings);
    struct ml_finding *finding = NULL;
    for (unsigned i = 0; i <= ML_MAX_FINDINGS_PER_RULE; i++) { /* the last one is not listed any more */
        char subject[16];
        (void)snprintf(subject, sizeof subject, "e%u", i);
        finding = add(&findings, 3, "endpoint", subject);
        ml_findings_again(&findings, finding);
        assert_int_equal(finding->count, 2);
    }
    assert_ptr_equal(add(&findings, 3, "endpoint", "e1000"), finding);
    const struct ml_finding_total total = ml_findings_total(&findings, 3);
    assert_int_equal(total.count, 2 * (ML_MAX_FINDINGS_PER_RULE + 1) + 1);
    assert_int_equal(total.n_subjects, ML_MAX_FINDINGS_PER_RULE + 1);
    assert_int_equal(total.n_listed, ML_MAX_FINDINGS_PER_RULE);
    ml_findings_fini(&findings);
}

static void evidence_is_the_smallest_numbers_whatever_their_order(void **state)
{
    (void)state;
    struct ml_findings findings;
    ml_findings_init(&findings);
    struct ml_finding *up = add(&findings, 1, "flow", "f1");
    struct ml_finding *down = add(&findings, 2, "flow", "f1");
    for (uint64_t i = 1; i <= 100; i++) {
        ml_finding_fact(up, i);
        ml_finding_fact(up, i);
        ml_finding_fact(down, 101 - i);
        ml_finding_flow(down, i % 3);
    }
    assert_int_equal(up->n_facts, ML_MAX_FACTS_PER_FINDING);
    assert_int_equal(down->n_facts, ML_MAX_FACTS_PER_FINDING);
    assert_memory_equal(up->facts, down->facts, sizeof up->facts);
    assert_int_equal(up->facts[0], 1);
    assert_int_equal(up->facts[31], 32);
    assert_int_equal(down->n_flows, 3);
    assert_int_equal(down->flows[2], 2);
    ml_findings_fini(&findings);
}

static void a_rule_lists_its_first_subjects_and_counts_them_all(void **state)
{
    (void)state;
    enum { MORE = 5000 };
    struct ml_findings findings;
    ml_findings_init(&findings);
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < ML_MAX_FINDINGS_PER_RULE + MORE; i++) {
            char subject[16];
            (void)snprintf(subject, sizeof subject, "f%u", i);
            struct ml_finding *finding = add(&findings, 100, "flow", subject);
            ml_finding_flow(finding, i);
            if (i < ML_MAX_FINDINGS_PER_RULE) {
                assert_span_text(finding->subject, subject);
            }
        }
    }
    (void)add(&findings, 1, "flow", "f1");
    const struct ml_finding_total total = ml_findings_total(&findings, 100);
    assert_int_equal(total.count, 2 * (ML_MAX_FINDINGS_PER_RULE + MORE));
    assert_int_equal(total.n_subjects, ML_MAX_FINDINGS_PER_RULE + MORE);
    assert_int_equal(total.n_listed, ML_MAX_FINDINGS_PER_RULE);
    assert_int_equal(findings.n, ML_MAX_FINDINGS_PER_RULE + 1);
    assert_int_equal(findings.items[7]->count, 2);
    assert_int_equal(ml_findings_total(&findings, 1).n_subjects, 1);
    assert_int_equal(ml_findings_total(&findings, 2).n_subjects, 0);
    assert_int_equal(ml_findings_total(&findings, 1000000).count, 0);
    ml_findings_fini(&findings);
}

static void findings_are_sorted_worst_first_then_by_name_and_number(void **state)
{
    (void)state;
    struct ml_rules *rules = rig_load(rules_text, NULL);
    struct ml_findings findings;
    ml_findings_init(&findings);
    static const struct {
        uint32_t rule;
        const char *type;
        const char *subject;
    } order[] = {
        {2, "app", "wechat"}, {2, "flow", "f2"}, {2, "flow", "f10"}, {1, "endpoint", "e1"},
        {1, "flow", "f1"},    {0, "flow", "f3"}, {0, "flow", "f3a"}, {0, "flow", "f20"},
    };
    enum { N = sizeof order / sizeof order[0] };
    for (size_t i = 0; i < N; i++) {
        size_t k = (i * 5 + 3) % N;
        ml_finding_fact(add(&findings, order[k].rule, order[k].type, order[k].subject), k);
    }
    ml_findings_sort(&findings, rules);
    assert_int_equal(findings.n, N);
    static const size_t want[N] = {0, 1, 2, 3, 4, 5, 7, 6}; /* "f3a" has no number at its end: another stem */
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(findings.items[i]->facts[0], want[i]);
    }
    /* Still one for each after sorting. */
    assert_ptr_equal(add(&findings, 0, "flow", "f20"), findings.items[6]);
    ml_findings_fini(&findings);
    ml_rules_free(rules);
}

static void collect(void *context)
{
    struct ml_rules *rules = context;
    struct ml_findings findings;
    ml_findings_init(&findings);
    for (uint32_t i = 0; i < ML_MAX_FINDINGS_PER_RULE + 200; i++) {
        char subject[16];
        (void)snprintf(subject, sizeof subject, "f%u", i);
        struct ml_finding *finding = ml_findings_add(&findings, i < 200 ? i % 3 : 0, "flow", ml_span_text(subject));
        if (finding != NULL) {
            ml_finding_fact(finding, i);
        }
    }
    ml_findings_sort(&findings, rules);
    ml_findings_fini(&findings);
}

static void running_out_of_memory_loses_a_finding_at_most(void **state)
{
    (void)state;
    struct ml_rules *rules = rig_load(rules_text, NULL);
    assert_true(oom_sweep(collect, rules) > 5);
    ml_rules_free(rules);
}

/* --- taxonomy --- */

#define LEAK "leaks:\n  - {id: ML-X-01, title: t, category: x, observers: [path], learns: [timing, content], "
#define REST "severity: low, claim: observation, needs: metadata, limits: [LIM-GEO]}\n"

static void the_taxonomy_is_read_as_sets(void **state)
{
    (void)state;
    struct ml_taxonomy *taxonomy = NULL;
    struct ml_error error = {0};
    assert_int_equal(ml_taxonomy_parse("t.yaml", ml_span_text(LEAK REST), &taxonomy, &error), ML_OK);
    const struct ml_leak *leak = ml_taxonomy_find(taxonomy, ml_span_text("ML-X-01"));
    assert_non_null(leak);
    assert_int_equal(leak->observers, 1U << ML_OBS_PATH);
    assert_int_equal(leak->learns, 1U << ML_LEARNS_TIMING | 1U << ML_LEARNS_CONTENT);
    assert_int_equal(leak->severity, ML_LEVEL_LOW);
    assert_int_equal(leak->needs, ML_NEEDS_METADATA);
    assert_string_equal(leak->limits[0], "LIM-GEO");
    assert_null(leak->limits[1]);
    assert_ptr_equal(ml_taxonomy_get(taxonomy, 0), leak);
    assert_null(ml_taxonomy_find(taxonomy, ml_span_text("ML-X-02")));
    assert_int_equal(strlen(ml_taxonomy_sha256(taxonomy)), 64);
    assert_string_equal(ml_observer_text(ML_OBS_CALL_PEER), "call_peer");
    assert_string_equal(ml_learns_text(ML_LEARNS_PAYMENT), "payment");
    assert_string_equal(ml_needs_text(ML_NEEDS_ACTIVE), "active");
    ml_taxonomy_free(taxonomy);
}

static void a_bad_taxonomy_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *says;
    } cases[] = {
        {"a: b\n", "1:1: a taxonomy is a list 'leaks' of at most 4096"},
        {"", "0:0: a taxonomy is a list 'leaks' of at most 4096"},
        {"leaks: [x]\n", "1:9: a leak is a map"},
        {"leaks:\n  - {id: a}\n", "2:5: a leak needs a text 'title'"},
        {"leaks:\n  - {id: a, title: t, category: x}\n", "2:5: a leak needs a list 'observers'"},
        {"leaks:\n  - {id: a, title: t, category: x, observers: [nobody]}\n",
         "2:48: 'nobody' is unknown to 'observers'"},
        {"leaks:\n  - {id: a, title: t, category: x, observers: [], learns: [all]}\n",
         "2:60: 'all' is unknown to 'learns'"},
        {LEAK "severity: bad, claim: observation, needs: metadata}\n", "2:98: 'bad' is no severity"},
        {LEAK "severity: low, claim: proof, needs: metadata}\n", "2:110: 'proof' is no claim"},
        {LEAK "severity: low, claim: observation, needs: luck}\n", "2:130: 'luck' is no need"},
        {LEAK "severity: low, claim: observation}\n", "2:5: a leak needs severity, claim and needs"},
        {LEAK "severity: low, claim: observation, needs: metadata, limits: [GEO]}\n", "2:149: 'GEO' is no limit"},
        {LEAK REST "  - {id: ML-X-01, title: t, category: x, observers: [], learns: [], " REST,
         "3:5: 'ML-X-01' is there twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ml_taxonomy *taxonomy = NULL;
        struct ml_error error = {0};
        char said[640];
        assert_int_equal(ml_taxonomy_parse("t.yaml", ml_span_text(cases[i].text), &taxonomy, &error), ML_BAD_INPUT);
        assert_null(taxonomy);
        (void)snprintf(said, sizeof said, "%u:%u: %s", error.line, error.column, error.text);
        assert_string_equal(said, cases[i].says);
    }
}

static void parse_taxonomy(void *context)
{
    (void)context;
    struct ml_taxonomy *taxonomy = NULL;
    struct ml_error error = {0};
    enum ml_status status = ml_taxonomy_parse("t.yaml", ml_span_text(LEAK REST), &taxonomy, &error);
    assert_true((status == ML_OK) == (taxonomy != NULL));
    assert_true(status == ML_OK || status == ML_NO_MEMORY);
    ml_taxonomy_free(taxonomy);
}

static void running_out_of_memory_reads_no_taxonomy(void **state)
{
    (void)state;
    assert_true(oom_sweep(parse_taxonomy, NULL) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_a_field_lie_side_by_side),
        cmocka_unit_test(the_first_to_set_a_field_wins),
        cmocka_unit_test(a_full_record_says_so),
        cmocka_unit_test(values_have_a_text),
        cmocka_unit_test(a_finding_is_one_for_rule_and_subject),
        cmocka_unit_test(counting_again_is_adding_again),
        cmocka_unit_test(evidence_is_the_smallest_numbers_whatever_their_order),
        cmocka_unit_test(a_rule_lists_its_first_subjects_and_counts_them_all),
        cmocka_unit_test(findings_are_sorted_worst_first_then_by_name_and_number),
        cmocka_unit_test(running_out_of_memory_loses_a_finding_at_most),
        cmocka_unit_test(the_taxonomy_is_read_as_sets),
        cmocka_unit_test(a_bad_taxonomy_is_refused_with_its_place),
        cmocka_unit_test(running_out_of_memory_reads_no_taxonomy),
    };
    return cmocka_run_group_tests_name("policy/record", tests, NULL, NULL);
}
