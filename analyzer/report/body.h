/* SPDX-License-Identifier: Apache-2.0 */
/* body - the members of the canonical body, one function each, shared by the files body_*.c. */
#ifndef MITLESER_REPORT_BODY_H
#define MITLESER_REPORT_BODY_H

#include "report/member.h"
#include "report/write.h"

/* More endpoints than that are only in endpoints.ndjson; the report says how many. */
enum { ML_MAX_BODY_ENDPOINTS = 10000 };

/* "F3": the letter of a kind and a number of it. */
void ml_body_id(struct ml_json *json, char kind, uint64_t number);
/* "f12.3" for a fact's number, "e7" for an endpoint's index. */
void ml_body_fact_id(struct ml_json *json, uint64_t number);
void ml_body_endpoint_id(struct ml_json *json, uint32_t index);

/* Of an earlier report; nothing without one. */
void ml_body_baseline(const struct ml_report *report, struct ml_json *json);
/* "baseline": "new" or "known"; nothing without an earlier report. */
void ml_body_mark(const struct ml_report *report, bool is_new, struct ml_json *json);

void ml_body_apps(const struct ml_report *report, struct ml_json *json);
void ml_body_coverage(const struct ml_report *report, struct ml_json *json);
void ml_body_endpoints(const struct ml_report *report, struct ml_json *json);
void ml_body_facts(const struct ml_report *report, struct ml_json *json);
void ml_body_findings(const struct ml_report *report, struct ml_json *json);
void ml_body_inputs(const struct ml_report *report, struct ml_json *json);
void ml_body_planted(const struct ml_report *report, struct ml_json *json);
void ml_body_reach(const struct ml_reach *reach, bool is_seeded, struct ml_json *json);
void ml_body_readers(const struct ml_report *report, struct ml_json *json);
void ml_body_residency(const struct ml_report *report, struct ml_json *json);
void ml_body_tool(const struct ml_report *report, struct ml_json *json);

#endif
