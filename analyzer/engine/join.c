/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/join.h"

#include "core/mem.h"
#include "report/write.h"

static bool join_init(struct ml_join *join)
{
    const struct ml_rules *rules = join->config->rules;
    ml_resolved_init(&join->names);
    ml_kin_init(&join->kin, join->config->apps);
    ml_moved_init(&join->moved);
    ml_map_init(&join->app_index, UINT32_MAX - 1);
    ml_map_init(&join->app_endpoints, UINT32_MAX - 1);
    ml_map_init(&join->cited, UINT32_MAX - 1);
    bool ok = ml_known_init(&join->known);
    for (size_t i = 0; i < ml_rules_count(rules); i++) {
        join->has_rules[ml_rules_get(rules, i)->category] = true;
    }
    join->hand = ml_hand_new(join);
    join->finding_slots = ml_mem_array(ML_FINDING_SLOTS, sizeof *join->finding_slots);
    join->queue = ml_rules_queue_new(rules);
    return ok && join->hand != NULL && join->queue != NULL && join->finding_slots != NULL;
}

static void join_fini(struct ml_join *join)
{
    ml_known_fini(&join->known);
    ml_hand_free(join->hand);
    ml_resolved_fini(&join->names);
    ml_kin_fini(&join->kin);
    ml_moved_fini(&join->moved);
    ml_map_fini(&join->residency_seen);
    ml_map_fini(&join->residency_index);
    ml_mem_free(join->shares);
    ml_slots_fini(&join->endpoint_slots);
    ml_map_fini(&join->app_index);
    ml_map_fini(&join->app_endpoints);
    ml_map_fini(&join->cited);
    ml_map_fini(&join->planted);
    ml_rules_queue_free(join->queue);
    ml_mem_free(join->finding_slots);
    ml_mem_free(join->notes);
    ml_mem_free(join->flows);
    ml_join_physics_free(join);
}

static enum ml_status no_memory(struct ml_error *error)
{
    return ml_error_set(error, ML_NO_MEMORY, "out of memory while joining flows");
}

/* Rows are handed over in lots of about this size, in bytes. */
enum { LINES = 1 << 16 };

static enum ml_status hand_over(const struct ml_join *join, struct ml_buf *lines, struct ml_error *error)
{
    const struct ml_row_sink *rows = join->rows;
    if (lines->failed) {
        return ml_error_set(error, ML_NO_MEMORY, "a row is too large");
    }
    if (!rows->rows(rows->context, ML_CAT_ENDPOINT, ml_buf_span(lines))) {
        return ml_error_set(error, ML_IO, "rows could not be written");
    }
    ml_buf_clear(lines);
    return ML_OK;
}

static enum ml_status join_endpoints(struct ml_join *join, struct ml_error *error)
{
    bool is_wanted = join->rows != NULL && join->rows->wants_endpoints;
    enum ml_status status = ML_OK;
    struct ml_buf lines;
    ml_buf_init(&lines, (size_t)64 * LINES);
    for (uint32_t i = 0; i < join->report->n_endpoints && status == ML_OK; i++) {
        ml_join_endpoint_row(join->hand, i);
        if (is_wanted) {
            ml_ndjson_row(&join->hand->record, &lines);
            status = lines.len >= LINES || lines.failed ? hand_over(join, &lines, error) : status;
        }
        if (!ml_join_judge_endpoint(join, i)) {
            status = no_memory(error);
        }
    }
    if (is_wanted && status == ML_OK) {
        status = hand_over(join, &lines, error);
    }
    ml_buf_fini(&lines);
    return status;
}

static enum ml_status join_apps(struct ml_join *join, struct ml_error *error)
{
    for (size_t i = 0; i < join->report->n_apps; i++) {
        ml_join_app_row(join->hand, &join->report->apps[i]);
        if (!ml_join_judge_app(join, &join->report->apps[i])) {
            return no_memory(error);
        }
    }
    return ML_OK;
}

static enum ml_status run(struct ml_join *join, struct ml_error *error)
{
    ml_join_residency_init(join);
    if (!join_init(join) || !ml_join_planted_init(join) || !ml_join_order(join) || !ml_join_collect(join)) {
        return no_memory(error);
    }
    ml_join_find_device(join);
    if (!ml_join_measure(join)) {
        return no_memory(error);
    }
    enum ml_status status = ml_join_flows(join, error);
    if (status != ML_OK) {
        return status;
    }
    if (!ml_join_correlate(join)) {
        return no_memory(error);
    }
    ml_join_finish_totals(join);
    status = join_endpoints(join, error);
    status = status == ML_OK ? join_apps(join, error) : status;
    if (status != ML_OK) {
        return status;
    }
    ml_findings_sort(&join->report->findings, join->config->rules);
    if (!ml_join_cite_facts(join) || !ml_join_readers(join)) {
        return no_memory(error);
    }
    return ML_OK;
}

enum ml_status ml_join_run(struct ml_join *join, struct ml_error *error)
{
    enum ml_status status = run(join, error);
    join_fini(join);
    return status;
}
