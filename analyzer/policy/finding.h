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
    uint32_t n_endpoints;
    uint64_t
        endpoints[ML_MAX_FACTS_PER_FINDING]; /* numbers of its flows' endpoints (1 is "e1"), ascending, first ones */
    struct ml_span app;                      /* app of the first flow; may be empty */
    uint64_t number;                         /* at the end of the subject: 12 of "f12"; see ml_findings_sort */
    struct ml_span stem;                     /* of the subject, before the number */
    struct ml_map_entry *entry;              /* of ml_findings.index: holds its place in the items */
};

/* What became of one rule, listed or not. */
struct ml_finding_total {
    uint64_t count;          /* how often it was seen, on all subjects */
    uint64_t n_subjects;     /* different ones */
    uint32_t n_listed;       /* of them with a finding of their own: at most ML_MAX_FINDINGS_PER_RULE, the first ones */
    struct ml_finding *rest; /* takes what comes for the others; not listed; in the map's arena */
};

/* Findings in the making. */
struct ml_findings {
    struct ml_map index;       /* (rule, subject) -> number */
    struct ml_finding **items; /* owned, in order of arrival; each in the map's arena */
    size_t n, n_room;
    struct ml_finding_total *totals; /* owned, by rule */
    size_t n_totals;                 /* rules beyond were never seen */
    uint64_t *unlisted;              /* owned; hash set of (rule, subject) without a finding, 0 is free */
    size_t n_unlisted, unlisted_room;
};

void ml_findings_init(struct ml_findings *findings);
void ml_findings_fini(struct ml_findings *findings);

/*
 * Finds or adds the finding of a rule on a subject and counts it. Subjects beyond ML_MAX_FINDINGS_PER_RULE share one
 * finding that is not among the items. NULL: out of memory.
 */
struct ml_finding *ml_findings_add(struct ml_findings *findings, uint32_t rule, const char *subject_type,
                                   struct ml_span subject) ML_MUST_USE;

/* Counts a finding once more that was given for the same subject before. */
void ml_findings_again(struct ml_findings *findings, struct ml_finding *finding);

/* Total of a rule, all zero when it never fired. */
struct ml_finding_total ml_findings_total(const struct ml_findings *findings, uint32_t rule);

/* Notes a fact, flow or endpoint as evidence; beyond the ceiling only the count of the finding goes on. */
void ml_finding_fact(struct ml_finding *finding, uint64_t fact);
void ml_finding_flow(struct ml_finding *finding, uint64_t flow);
void ml_finding_endpoint(struct ml_finding *finding, uint64_t endpoint);

/*
 * By level (worst first), then taxonomy, rule name, subject type and subject (natural order of the number in it).
 * Findings may still be added afterwards.
 */
void ml_findings_sort(struct ml_findings *findings, const struct ml_rules *rules);

#endif
