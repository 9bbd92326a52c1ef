/* SPDX-License-Identifier: Apache-2.0 */
/*
 * item - the key of a detection: a field and the modifiers behind it, as in `http.host|endswith|cased`.
 *
 * See: Sigma modifiers appendix 2.1.0.
 */
#ifndef MITLESER_POLICY_ITEM_H
#define MITLESER_POLICY_ITEM_H

#include "core/yaml.h"

/* How values are compared; the modifiers of which a key can have one. */
enum ml_test {
    ML_TEST_PLAIN,
    ML_TEST_CONTAINS,
    ML_TEST_STARTSWITH,
    ML_TEST_ENDSWITH,
    ML_TEST_RE,
    ML_TEST_CIDR,
    ML_TEST_EXISTS,
    ML_TEST_LT,
    ML_TEST_LTE,
    ML_TEST_GT,
    ML_TEST_GTE
};

/* Modifiers that change values, in the order they stand. */
enum ml_change {
    ML_CHANGE_EXPAND,
    ML_CHANGE_WINDASH,
    ML_CHANGE_BASE64,
    ML_CHANGE_BASE64OFFSET,
    ML_CHANGE_UTF16LE, /* also `wide` */
    ML_CHANGE_UTF16BE,
    ML_CHANGE_UTF16,
    ML_N_CHANGES
};

struct ml_item {
    struct ml_span field; /* empty: keywords; borrowed from the key */
    enum ml_test test;
    bool is_all; /* every value must fit, not just one */
    bool is_cased;
    bool is_negated;  /* neq */
    bool is_fieldref; /* the value names a field */
    unsigned regex_flags;
    size_t n_changes;
    enum ml_change changes[ML_N_CHANGES];
};

/* "contains", "re" ... */
const char *ml_test_name(enum ml_test test);
const char *ml_change_name(enum ml_change change);

/*
 * Takes the key of `node` apart. ML_BAD_INPUT: unknown modifier, or modifiers that exclude each other; ML_UNSUPPORTED:
 * a modifier of Sigma that has no meaning here. Errors carry the position of the key.
 */
enum ml_status ml_item_parse(const struct ml_yaml_file *file, const struct ml_yaml *node, struct ml_item *out,
                             struct ml_error *error) ML_MUST_USE;

/* Part of a value that is fit for a message: bounded, without control bytes, cut between characters. */
enum { ML_SHOWN = 68 };
const char *ml_shown(struct ml_span value, char out[ML_SHOWN]);

/* As ml_yaml_refuse, at the node's key and with a status of choice. */
enum ml_status ml_refuse_key(const struct ml_yaml_file *file, const struct ml_yaml *node, enum ml_status status,
                             struct ml_error *error, const char *format, ...) ML_PRINTF(5, 6);

#endif
