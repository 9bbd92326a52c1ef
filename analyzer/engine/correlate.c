/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over several rows: the walk meets facts flow by flow, correlations want them frame by frame. */
#include "engine/join.h"

/* A finding about the flow of the last event, which made the correlation true; all events are its evidence. */
static void on_correlation(void *context, const struct ml_correlation_hit *hit)
{
    struct ml_join *join = context;
    struct ml_flow_view view;
    if (ml_rules_get(join->config->rules, hit->rule)->is_silent || hit->n == 0) {
        return;
    }
    uint64_t id = hit->evidence[hit->n - 1].flow;
    ml_join_view(join->hand, id, join->flows[id - 1], &view);
    view.endpoint = ml_join_find_endpoint(join, &view, ml_join_endpoint_hash(&view), &view.endpoint_index);
    struct ml_finding *finding = view.endpoint != NULL ? ml_join_flow_finding(join, &view, hit->rule) : NULL;
    if (finding == NULL) {
        join->out_of_memory = true;
        return;
    }
    for (size_t i = 0; i < hit->n; i++) {
        ml_finding_flow(finding, hit->evidence[i].flow);
        if (hit->evidence[i].fact != 0) {
            ml_finding_fact(finding, hit->evidence[i].fact);
        }
    }
}

bool ml_join_correlate(struct ml_join *join)
{
    struct ml_counters *counters = &join->report->counters;
    struct ml_correlator *correlator = ml_rules_correlate_new(join->config->rules, on_correlation, join);
    if (correlator == NULL) {
        return false;
    }
    bool ok = ml_rules_queue_run(join->queue, correlator, UINT64_MAX) == ML_OK;
    if (ok) {
        ml_rules_correlate_flush(correlator);
    }
    ml_count_add(counters, ML_COUNT_LIMIT_REGEX,
                 join->regex_limits + ml_rules_scratch_regex_limits(join->hand->rule_scratch));
    ml_count_add(counters, ML_COUNT_LIMIT_CORRELATION,
                 ml_rules_correlate_limits(correlator) + ml_rules_queue_limits(join->queue));
    ml_rules_correlate_free(correlator);
    return ok && !join->out_of_memory && !join->hand->out_of_memory;
}
