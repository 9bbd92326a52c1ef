/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A rule file compiles whole or is refused with a place and a reason; what compiles judges records the same way each
 * time, and its correlations end.
 */
#include "fuzz/fuzz.h"
#include "policy/rules.h"

enum { MAX_HITS = 64 };

/* A record of each category, with values that the seeds look for. */
static void fill(struct ml_record *record, enum ml_category category, unsigned variant)
{
    static const uint8_t bytes[4] = {192, 0, 2, 9};
    struct ml_ip ip = ml_ip4(bytes);
    ml_record_clear(record, category);
    ml_record_number(record, ML_F_BYTES_UP, variant);
    if (category == ML_CAT_APP || category == ML_CAT_CAPTURE) {
        return;
    }
    ml_record_ip(record, ML_F_DST_IP, &ip);
    ml_record_number(record, ML_F_DST_PORT, 80 + variant);
    ml_record_cstr(record, ML_F_NAMES, "www.example.com");
    ml_record_cstr(record, ML_F_NAMES, variant % 2 != 0 ? "a.test" : "b.test");
    if (category == ML_CAT_FACT) {
        ml_record_cstr(record, ML_F_FACT_KIND, "http.request");
        ml_record_truth(record, ML_F_FACT_ENCRYPTED, variant % 2 != 0);
        ml_record_cstr(record, ML_F_HTTP_HOST, "WWW.example.com");
        ml_record_cstr(record, ML_F_HTTP_PATH, "/mmtls/0a1b2c3d aaaaaaaaaaaaaaaaaaaaaaaaaaab");
        ml_record_cstr(record, ML_F_TLS_SNI, "www.example.com");
    }
}

struct fired {
    size_t n;
};

static void on_correlation(void *context, const struct ml_correlation_hit *hit)
{
    struct fired *fired = context;
    ML_ASSERT(hit->n <= ML_MAX_FACTS_PER_FINDING);
    fired->n++;
}

static void judge(const struct ml_rules *rules)
{
    static struct ml_record record;
    struct fired fired = {.n = 0};
    struct ml_rules_scratch *scratch = ml_rules_scratch_new(rules);
    struct ml_correlator *correlator = ml_rules_correlate_new(rules, on_correlation, &fired);
    ML_ASSERT(scratch != NULL && correlator != NULL);
    for (unsigned i = 0; i < 3 * ML_N_CATEGORIES; i++) {
        uint32_t hits[MAX_HITS];
        uint32_t again[MAX_HITS];
        fill(&record, (enum ml_category)(i % ML_N_CATEGORIES), i);
        size_t n = ml_rules_match(rules, scratch, &record, hits, MAX_HITS);
        ML_ASSERT(n <= MAX_HITS && ml_rules_match(rules, scratch, &record, again, MAX_HITS) == n);
        for (size_t k = 0; k < n; k++) {
            const struct ml_rule *rule = ml_rules_get(rules, hits[k]);
            ML_ASSERT(again[k] == hits[k] && (k == 0 || hits[k] > hits[k - 1]));
            ML_ASSERT(rule->category == record.category && !rule->is_correlation);
        }
        struct ml_evidence_ref evidence = {.fact = i, .flow = i};
        ML_ASSERT(ml_rules_correlate(correlator, &record, hits, n, (int64_t)i * 1000000000, evidence) == ML_OK);
    }
    ml_rules_correlate_flush(correlator);
    ml_rules_correlate_free(correlator);
    ml_rules_scratch_free(scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_rules *rules = NULL;
    struct ml_error error = {0};
    unsigned flags = size != 0 && data[size - 1] == '#' ? ML_RULES_SKIP_FOREIGN : 0;
    enum ml_status status = ml_rules_parse("fuzz.yml", ml_span_of(data, size), NULL, flags, &rules, &error);
    ML_ASSERT((status == ML_OK) == (rules != NULL));
    if (status != ML_OK) {
        ML_ASSERT(status == ML_BAD_INPUT || status == ML_LIMIT || status == ML_UNSUPPORTED || status == ML_NOT_FOUND);
        ML_ASSERT(error.status == status && error.text[0] != '\0');
        return 0;
    }
    for (size_t i = 0; i < ml_rules_count(rules); i++) {
        const struct ml_rule *rule = ml_rules_get(rules, i);
        ML_ASSERT(rule->title[0] != '\0' && rule->name[0] != '\0' && rule->subject[0] != '\0');
    }
    judge(rules);
    ml_rules_free(rules);
    return 0;
}
