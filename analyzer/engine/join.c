/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/join.h"

#include "core/mem.h"

static bool join_init(struct ml_join *join)
{
    const struct ml_rules *rules = join->config->rules;
    ml_resolved_init(&join->names);
    ml_kin_init(&join->kin, join->config->apps);
    ml_moved_init(&join->moved);
    ml_map_init(&join->infos, UINT32_MAX - 1);
    ml_map_init(&join->name_infos, UINT32_MAX - 1);
    ml_map_init(&join->endpoints, UINT32_MAX - 1);
    ml_map_init(&join->app_index, UINT32_MAX - 1);
    ml_map_init(&join->app_endpoints, UINT32_MAX - 1);
    ml_map_init(&join->cited, UINT32_MAX - 1);
    join->cache = ml_mem_array(ML_INFO_CACHE, sizeof *join->cache);
    join->rule_scratch = ml_rules_scratch_new(rules);
    for (size_t i = 0; i < ml_rules_count(rules); i++) {
        join->has_rules[ml_rules_get(rules, i)->category] = true;
    }
    join->queue = ml_rules_queue_new(rules);
    return join->cache != NULL && join->rule_scratch != NULL && join->queue != NULL;
}

static void join_fini(struct ml_join *join)
{
    ml_resolved_fini(&join->names);
    ml_kin_fini(&join->kin);
    ml_moved_fini(&join->moved);
    ml_map_fini(&join->infos);
    ml_map_fini(&join->name_infos);
    ml_map_fini(&join->endpoints);
    ml_map_fini(&join->app_index);
    ml_map_fini(&join->app_endpoints);
    ml_map_fini(&join->residency_seen);
    ml_map_fini(&join->cited);
    ml_map_fini(&join->planted);
    ml_rules_scratch_free(join->rule_scratch);
    ml_rules_queue_free(join->queue);
    ml_mem_free(join->info_list);
    ml_mem_free(join->name_info_list);
    ml_mem_free(join->cache);
    ml_mem_free(join->flows);
    ml_join_physics_free(join);
}

static enum ml_status no_memory(struct ml_error *error)
{
    return ml_error_set(error, ML_NO_MEMORY, "out of memory while joining flows");
}

static bool emit(const struct ml_join *join, const struct ml_record *record)
{
    return join->rows == NULL || join->rows->row(join->rows->context, record);
}

static enum ml_status rows_failed(struct ml_error *error)
{
    return error->status != ML_OK ? error->status : ml_error_set(error, ML_IO, "rows could not be written");
}

static enum ml_status join_flows(struct ml_join *join, struct ml_error *error)
{
    struct ml_report *report = join->report;
    struct ml_flow_view view;
    for (size_t i = 0; i < join->n_flows; i++) {
        ml_join_view(join, i + 1, join->flows[i], &view);
        struct ml_map_entry *protocol = ml_map_add(&report->by_protocol, ml_span_text(view.protocol), 0, NULL);
        if (protocol == NULL || join->out_of_memory || !ml_join_count_endpoint(join, &view) ||
            !ml_join_count_app(join, &view)) {
            return no_memory(error);
        }
        protocol->value++;
        ml_join_add_reach(&report->reach, &view);
        ml_join_count_planted(join, &view);
        ml_join_flow_row(join, &view, &join->record);
        if (!emit(join, &join->record)) {
            return rows_failed(error);
        }
        if (!ml_join_judge_flow(join, &view, &join->record)) {
            return no_memory(error);
        }
    }
    report->n_flows = join->n_flows;
    return ML_OK;
}

static enum ml_status join_endpoints(struct ml_join *join, struct ml_error *error)
{
    for (uint32_t i = 0; i < join->report->n_endpoints; i++) {
        ml_join_endpoint_row(join, i, &join->record);
        if (!emit(join, &join->record)) {
            return rows_failed(error);
        }
        if (!ml_join_judge_endpoint(join, i, &join->record)) {
            return no_memory(error);
        }
    }
    return ML_OK;
}

static enum ml_status join_apps(struct ml_join *join, struct ml_error *error)
{
    for (size_t i = 0; i < join->report->n_apps; i++) {
        ml_join_app_row(join, &join->report->apps[i], &join->record);
        if (!ml_join_judge_app(join, &join->report->apps[i], &join->record)) {
            return no_memory(error);
        }
    }
    return ML_OK;
}

static enum ml_status run(struct ml_join *join, struct ml_error *error)
{
    ml_join_residency_init(join);
    if (!join_init(join) || !ml_join_planted_init(join) || !ml_join_order(join) || !ml_join_collect_names(join) ||
        !ml_join_collect_kin(join)) {
        return no_memory(error);
    }
    ml_join_find_device(join);
    if (!ml_join_measure(join)) {
        return no_memory(error);
    }
    enum ml_status status = join_flows(join, error);
    if (status != ML_OK) {
        return status;
    }
    if (!ml_join_correlate(join)) {
        return no_memory(error);
    }
    ml_join_finish_totals(join);
    if (join->out_of_memory) {
        return no_memory(error);
    }
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
