/* SPDX-License-Identifier: Apache-2.0 */
/*
 * finding - what a rule made of facts: the fifth border. One per (rule, subject), with a count and its first facts.
 */
#ifndef MITLESER_POLICY_FINDING_H
#define MITLESER_POLICY_FINDING_H

#include "core/limits.h"
#include "core/map.h"
#include "policy/rules.h"

struct ml_finding {
    uint32_t rule;            /* index into the rule set */
    const char *subject_type; /* "flow", "endpoint", "app", "capture" */
    struct ml_span subject;   /* id of the subject in the report: "f12", "e3", "wechat", "i1" */
    uint64_t count;           /* how often it was seen */
    uint32_t n_facts;
    uint64_t facts[ML_MAX_FACTS_PER_FINDING]; /* numbers of the facts in the report, ascending, first ones */
    uint32_t n_flows;
    uint64_t flows[ML_MAX_FACTS_PER_FINDING]; /* flow ids, ascending, first ones */
    struct ml_span app;                       /* app of the first flow; may be empty */
};

/* Findings in the making. */
struct ml_findings {
    struct ml_map index;       /* (rule, subject) -> number */
    struct ml_finding **items; /* owned, in order of arrival; each in the map's arena */
    size_t n, n_room;
};

void ml_findings_init(struct ml_findings *findings);
void ml_findings_fini(struct ml_findings *findings);

/* Finds or adds the finding of a rule on a subject and counts it. NULL: out of memory. */
struct ml_finding *ml_findings_add(struct ml_findings *findings, uint32_t rule, const char *subject_type,
                                   struct ml_span subject) ML_MUST_USE;

/* Notes a fact or flow as evidence; beyond the ceiling only the count of the finding goes on. */
void ml_finding_fact(struct ml_finding *finding, uint64_t fact);
void ml_finding_flow(struct ml_finding *finding, uint64_t flow);

/*
 * By level (worst first), then taxonomy, rule name, subject type and subject (natural order of the number in it).
 * Findings may still be added afterwards.
 */
void ml_findings_sort(struct ml_findings *findings, const struct ml_rules *rules);

#endif
