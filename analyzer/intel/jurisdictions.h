/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jurisdictions - how a regime of data-protection law classes countries, by date, from rules/jurisdictions/.
 *
 * In:        per regime, rows of country, class and the days on which it holds (form: rules/jurisdictions/README.md).
 * Out:       the class on a day. No statement about any recipient: "partial" depends on who that is.
 * Invariant: rows of one country do not overlap in time.
 */
#ifndef MITLESER_INTEL_JURISDICTIONS_H
#define MITLESER_INTEL_JURISDICTIONS_H

#include "intel/folder.h"

struct ml_jurisdiction_row {
    char country[3];
    const char *class_name; /* "eea", "domestic", "adequate", "partial" */
    int64_t from_ns;        /* midnight UTC of the first day */
    int64_t until_ns;       /* midnight UTC after the last day, INT64_MAX open */
};

struct ml_regime {
    const char *id; /* "gdpr" */
    const char *name;
    struct ml_jurisdiction_row *rows; /* in the arena, by country, then time */
    size_t n;
};

enum { ML_MAX_REGIMES = 16 };

struct ml_jurisdictions {
    struct ml_arena arena;
    struct ml_regime regimes[ML_MAX_REGIMES]; /* in the order of the files */
    size_t n;
    struct ml_folder_info info;
};

enum ml_status ml_jurisdictions_read(const char *folder, struct ml_jurisdictions *out,
                                     struct ml_error *error) ML_MUST_USE;
void ml_jurisdictions_fini(struct ml_jurisdictions *jurisdictions);

/* "unknown" when the regime is not there or `country` is no country, "none" when no row holds on that day. */
const char *ml_jurisdictions_class(const struct ml_jurisdictions *jurisdictions, const char *regime,
                                   const char *country, int64_t on_time_ns);

#endif
