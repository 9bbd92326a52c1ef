/* SPDX-License-Identifier: Apache-2.0 */
/*
 * examine - a report for who has to judge it: its findings by provision to examine and by question to the controller.
 *
 * In:        a report read back whose body hash was checked (ml_report_check), a profile, a language.
 * Out:       text or JSON (reports/schema/examine.schema.json). Every line leads to ids of findings, facts and frames.
 *            Nothing in it is a legal assessment; what evidence does not show is said beside what it can contribute.
 * Invariant: a finding whose leak the profile does not know is told apart, never left out. Everything that comes from
 *            the report is made safe for a terminal.
 * Lifetime:  report, profile, taxonomy and locale are borrowed.
 */
#ifndef MITLESER_REPORT_EXAMINE_H
#define MITLESER_REPORT_EXAMINE_H

#include "policy/taxonomy.h"
#include "report/page.h"
#include "report/profile.h"
#include "report/read.h"

enum { ML_MAX_NAMED_LIMITS = 64, ML_MAX_EVIDENCE = 8, ML_MAX_NAMED_ENDPOINTS = 40, ML_MAX_GROUP_ENDPOINTS = 8 };

/* The findings of one rule: they stand together in a report. */
struct ml_examine_group {
    size_t from, n;                   /* in body.findings */
    const json_t *first;              /* borrowed */
    const struct ml_profile_row *row; /* NULL: the profile does not know its leak */
    const char *grade;                /* lowest confidence of its findings; borrowed */
    uint64_t count, subjects;         /* as in finding_totals: also those that are not listed */
};

struct ml_examine {
    const struct ml_report_file *report;
    const struct ml_profile *profile;
    const struct ml_taxonomy *taxonomy;
    const struct ml_locale *locale;
    const json_t *findings; /* borrowed; arrays of the body */
    const json_t *facts;
    struct ml_examine_group *groups; /* owned */
    size_t n_groups;
    struct ml_map fact_index; /* id -> place in facts */
};

enum ml_status ml_examine_init(struct ml_examine *examine, const struct ml_report_file *report,
                               const struct ml_profile *profile, const struct ml_taxonomy *taxonomy,
                               const struct ml_locale *locale) ML_MUST_USE;
void ml_examine_fini(struct ml_examine *examine);

enum ml_status ml_examine_text(const struct ml_examine *examine, bool has_colour, unsigned width,
                               struct ml_buf *out) ML_MUST_USE;
enum ml_status ml_examine_json(const struct ml_examine *examine, struct ml_buf *out) ML_MUST_USE;

/* --- shared by examine_text.c and examine_json.c --- */

/* "F3", or "F3-F7" for several. */
void ml_examine_ids(const struct ml_examine *examine, const struct ml_examine_group *group, struct ml_buf *out);
const char *ml_examine_title(const struct ml_examine *examine, const struct ml_examine_group *group);
const char *ml_examine_reasoning(const struct ml_examine *examine, const struct ml_examine_group *group);
const char *ml_examine_leak(const struct ml_examine *examine, const char *leak); /* its title */

/* A fact of a group; a flow where a finding has no facts; its subject where it has neither. */
struct ml_examine_evidence {
    const json_t *fact;  /* NULL: none */
    const char *subject; /* id; "" there is a fact or a flow */
    uint64_t flow;
};
/* The first ones, one finding after the other; returns how many there are in all. */
size_t ml_examine_evidence(const struct ml_examine *examine, const struct ml_examine_group *group,
                           struct ml_examine_evidence out[ML_MAX_EVIDENCE]);

/* Places in body.endpoints that findings name, ascending, each once: at most ML_MAX_NAMED_ENDPOINTS; *n_all counts all.
 */
size_t ml_examine_endpoints(const struct ml_examine *examine, size_t out[ML_MAX_NAMED_ENDPOINTS], size_t *n_all);

/* Ids of the endpoints of a group's flows, in their order, each once: at most ML_MAX_GROUP_ENDPOINTS. */
size_t ml_examine_group_endpoints(const struct ml_examine *examine, const struct ml_examine_group *group,
                                  const char *out[ML_MAX_GROUP_ENDPOINTS]);

/* Limits that findings name, in their order, each once. */
size_t ml_examine_limits(const struct ml_examine *examine, const char *out[ML_MAX_NAMED_LIMITS]);

#endif
