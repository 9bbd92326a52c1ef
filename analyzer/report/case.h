/* SPDX-License-Identifier: Apache-2.0 */
/*
 * case - what the operator of an audit declares about it (`--case FILE`): an input like the captures.
 *
 * Texts are written into the report as they are, so the file says nothing the report must not. NULL or "": not given.
 * Lifetime: owned by whoever loaded it (cli/case.c).
 */
#ifndef MITLESER_REPORT_CASE_H
#define MITLESER_REPORT_CASE_H

#include "core/digest.h"
#include "intel/vantage.h"

/* What was done with the app, and when: "start", "input", "typing", "backup", "mini_program", "identity_check",
 * "side_service", "close". */
struct ml_case_step {
    int64_t at_ns;
    const char *step;
};

struct ml_case {
    char sha256[ML_SHA256_HEX]; /* of the file */
    const char *reference;      /* file number */
    const char *purpose;
    const char *scenario;
    const char *lat, *lon;  /* as written; NULL without them */
    const char *capture_at; /* "gateway", "device", "unknown" */
    bool has_proxy_word;    /* `proxy` is given */
    bool proxy;
    const char *const *declared_countries; /* NULL-terminated: where data are processed, as documents say; NULL none */
    const char *const *declared_domains;   /* the same: registrable domains that the app contacts; NULL none */
    const struct ml_case_step *steps;      /* in the order of their times; NULL none */
    size_t n_steps;
    bool has_vantage;
    struct ml_vantage vantage;
};

#endif
