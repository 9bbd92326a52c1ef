/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules - Sigma rules compiled once into an immutable program that all threads may use.
 *
 * In:        YAML files in the Sigma format (v2), `logsource: {product: mitleser, category:
 * flow|endpoint|fact|app|capture}`, with the extra keys reasoning, taxonomy, claim, limits, provisions, tests. Out: for
 * a record the numbers of the rules it matches, ascending. Errors:    file, line, column and the bad value; nothing
 * half-loaded. See:       Sigma specification 2.0 (SigmaHQ/sigma-specification).
 */
#ifndef MITLESER_POLICY_RULES_H
#define MITLESER_POLICY_RULES_H

#include "core/digest.h"
#include "policy/record.h"

enum ml_level { ML_LEVEL_INFORMATIONAL, ML_LEVEL_LOW, ML_LEVEL_MEDIUM, ML_LEVEL_HIGH, ML_LEVEL_CRITICAL, ML_N_LEVELS };
const char *ml_level_text(enum ml_level level);
bool ml_level_parse(struct ml_span text, enum ml_level *out) ML_MUST_USE;

enum ml_claim { ML_CLAIM_OBSERVATION, ML_CLAIM_INDICATION };
const char *ml_claim_text(enum ml_claim claim);

/* What a rule says of itself. Owned by the rule set; texts zero-terminated. */
struct ml_rule {
    const char *id;   /* UUID */
    const char *name; /* "ml-http-cleartext": the short id people use */
    const char *title;
    const char *description;
    const char *reasoning; /* why this is a leak */
    const char *taxonomy;  /* "ML-HTTP-01" */
    enum ml_category category;
    enum ml_level level;
    enum ml_claim claim;
    const char *const *references;     /* NULL-terminated */
    const char *const *limits;         /* NULL-terminated; LIM-... */
    const char *const *provisions;     /* NULL-terminated */
    const char *const *falsepositives; /* NULL-terminated */
    const char *const *tags;           /* NULL-terminated */
    const char *subject;               /* "flow", "endpoint", "app", "capture": what a finding of this rule is about */
    const char *file;                  /* base name */
};

struct ml_rules;

/*
 * Loads files, and folders with all *.yml below them that hold a `detection` or `correlation`, in byte order of their
 * paths. `lists` names a folder with <placeholder>.txt files for the `expand` modifier (may be NULL). Gives *out.
 */
enum ml_status ml_rules_load(const char *const *paths, size_t n_paths, const char *lists, struct ml_rules **out,
                             struct ml_error *error) ML_MUST_USE;
void ml_rules_free(struct ml_rules *rules);

size_t ml_rules_count(const struct ml_rules *rules);
const struct ml_rule *ml_rules_get(const struct ml_rules *rules, size_t index);
const struct ml_rule *ml_rules_find(const struct ml_rules *rules, struct ml_span id_or_name); /* NULL unknown */

/* SHA-256 over all rule files in load order. */
const char *ml_rules_sha256(const struct ml_rules *rules);

/*
 * Numbers of the matching rules of the record's category into hits[0..max-1], ascending; returns how many.
 * Thread-safe: the program is immutable, `scratch` belongs to the calling thread.
 */
struct ml_rules_scratch;
struct ml_rules_scratch *ml_rules_scratch_new(const struct ml_rules *rules) ML_MUST_USE;
void ml_rules_scratch_free(struct ml_rules_scratch *scratch);
size_t ml_rules_match(const struct ml_rules *rules, struct ml_rules_scratch *scratch, const struct ml_record *record,
                      uint32_t hits[], size_t max);

#endif
