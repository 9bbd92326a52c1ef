/* SPDX-License-Identifier: Apache-2.0 */
/* ruleset - the rule set from the inside: shared by loading, matching and correlating. */
#ifndef MITLESER_POLICY_RULESET_H
#define MITLESER_POLICY_RULESET_H

#include "core/yaml.h"
#include "policy/compile.h"
#include "policy/rules.h"

enum ml_correlation_type { ML_CORR_EVENT_COUNT, ML_CORR_VALUE_COUNT, ML_CORR_TEMPORAL, ML_CORR_TEMPORAL_ORDERED };

struct ml_correlation {
    uint32_t rule; /* number in the rule set */
    enum ml_correlation_type type;
    uint32_t *rules; /* rules and correlations it refers to, in order */
    size_t n_rules;
    enum ml_field *group_by; /* n_fields for each of its rules: aliases may differ */
    size_t n_fields;
    enum ml_field *value; /* VALUE_COUNT: one for each of its rules */
    int64_t span_ns;
    uint64_t at_least, at_most; /* of events, values or rules; at_most UINT64_MAX: no upper bound */
    bool is_closed;             /* decided when the window is over */
    unsigned categories;        /* bit set: of the records that can reach it */
    unsigned depth;             /* 1: refers to no correlation */
};

/* Which correlations a rule feeds, and as which of their rules. */
struct ml_feed {
    uint32_t correlation;
    uint32_t place;
};

struct ml_rules {
    struct ml_arena arena;
    struct ml_regexes regexes;
    struct ml_rule *items; /* owned */
    size_t n, n_room;
    struct ml_program programs[ML_N_CATEGORIES];
    uint64_t asked[ML_N_CATEGORIES][ML_FIELD_WORDS]; /* bit sets of the fields that anything here reads */
    struct ml_map names;                             /* id or name -> number */
    struct ml_correlation *correlations;             /* owned; a correlation comes after those it refers to */
    size_t n_correlations;
    struct ml_feed *feeds; /* owned; by rule */
    uint32_t *feed_starts; /* owned; rule -> first feed, one more than rules */
    size_t n_skipped;
    char sha256[ML_SHA256_HEX];
};

/* A document with `correlation`, kept until all rules are known. */
struct ml_pending {
    const struct ml_yaml_file *file;
    const struct ml_yaml *document;
    uint32_t rule;
};

/* Reads what a rule says of itself; adds it to the set and its names. Gives its number. */
enum ml_status ml_rule_read(struct ml_rules *rules, const struct ml_yaml_file *file, const struct ml_yaml *document,
                            uint32_t *number, struct ml_error *error) ML_MUST_USE;

/* After all rules: resolves the correlations, in an order in which each comes after those it refers to. */
enum ml_status ml_correlations_resolve(struct ml_rules *rules, const struct ml_pending *pending, size_t n,
                                       struct ml_error *error) ML_MUST_USE;

#endif
