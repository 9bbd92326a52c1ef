/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile - which provisions of a regime a leak may give reason to examine, and which questions it raises.
 *
 * In:        rules/profiles/<id>.yaml (form: rules/profiles/README.md).
 * Out:       for each leak of the taxonomy a set of provisions and of questions. No statement that a provision applies.
 * Invariant: immutable once loaded; a leak has one row; every name that a row uses is defined above it.
 * Lifetime:  texts live as long as the profile.
 */
#ifndef MITLESER_REPORT_PROFILE_H
#define MITLESER_REPORT_PROFILE_H

#include "core/digest.h"
#include "core/map.h"

enum { ML_MAX_PROVISIONS = 64, ML_MAX_QUESTIONS = 64, ML_MAX_TOPICS = 16 };

struct ml_provision {
    const char *id;
    const char *source; /* what was opened for its content; "" unverified */
    const char *checked_on;
    const char *const *named; /* NULL-terminated: what rules call it under `provisions` */
};

struct ml_question {
    const char *id;
    unsigned topic; /* index */
};

/* Bit sets over provisions and questions. */
struct ml_profile_row {
    uint64_t provisions, questions;
};

struct ml_profile {
    struct ml_arena arena;
    const char *id;     /* "gdpr" */
    const char *regime; /* of rules/jurisdictions */
    const char *as_of;
    char sha256[ML_SHA256_HEX];
    size_t n_topics, n_provisions, n_questions;
    const char *topics[ML_MAX_TOPICS];
    struct ml_provision provisions[ML_MAX_PROVISIONS];
    struct ml_question questions[ML_MAX_QUESTIONS];
    struct ml_map index; /* leak -> row */
    size_t n_rows;
    struct ml_profile_row *rows; /* in the arena */
};

/* Gives *out, to be ended with ml_profile_fini; it is empty after a failure. Errors carry file, line and column. */
enum ml_status ml_profile_read(const char *path, struct ml_profile *out, struct ml_error *error) ML_MUST_USE;
/* From memory; `name` stands for the file. */
enum ml_status ml_profile_parse(const char *name, struct ml_span text, struct ml_profile *out,
                                struct ml_error *error) ML_MUST_USE;
void ml_profile_fini(struct ml_profile *profile);

/* NULL: the profile does not know the leak. */
const struct ml_profile_row *ml_profile_find(const struct ml_profile *profile, const char *leak);

#endif
