/* SPDX-License-Identifier: Apache-2.0 */
/* What was seen and what it means: facts, findings, readers. */
#include "report/body.h"

#include "core/text.h"
#include "report/baseline.h"
#include "report/mask.h"

#include <stdlib.h>

/* --- facts --- */

static void add_attr_value(const struct ml_attr *attr, struct ml_json *json)
{
    switch ((enum ml_type)attr->type) {
    case ML_TYPE_NUMBER:
        ml_json_uint(json, attr->value.number);
        return;
    case ML_TYPE_TRUTH:
        ml_json_bool(json, attr->value.number != 0);
        return;
    case ML_TYPE_ADDRESS:
        ml_json_ip(json, attr->value.ip);
        return;
    case ML_TYPE_TEXT:
        ml_mask_json(json, ml_attr_text(attr), (enum ml_sensitivity)attr->sensitivity);
        return;
    }
}

static int by_field_name(const void *a, const void *b)
{
    const struct ml_attr *x = *(const struct ml_attr *const *)a;
    const struct ml_attr *y = *(const struct ml_attr *const *)b;
    int order = strcmp(ml_field_info(x->field)->name, ml_field_info(y->field)->name);
    return order != 0 ? order : (x > y) - (x < y); /* places within one array: the order of arrival */
}

static void add_attributes(const struct ml_fact *fact, struct ml_json *json)
{
    const struct ml_attr *sorted[ML_MAX_ATTRS_PER_FACT];
    for (unsigned i = 0; i < fact->n_attrs; i++) {
        sorted[i] = &fact->attrs[i];
    }
    qsort(sorted, fact->n_attrs, sizeof sorted[0], by_field_name);
    ml_member_object(json, "attributes");
    for (unsigned i = 0; i < fact->n_attrs; i++) {
        const struct ml_field_info *info = ml_field_info(sorted[i]->field);
        bool is_first = i == 0 || sorted[i - 1]->field != sorted[i]->field;
        bool is_last = i + 1u == fact->n_attrs || sorted[i + 1]->field != sorted[i]->field;
        if (is_first) {
            ml_json_field(json, info);
            if (info->is_list) {
                ml_json_array(json);
            }
        }
        if (is_first || info->is_list) {
            add_attr_value(sorted[i], json);
        }
        if (is_last && info->is_list) {
            ml_json_array_end(json);
        }
    }
    ml_json_object_end(json);
}

static const struct ml_report_input *input_of(const struct ml_report *report, uint64_t seq)
{
    size_t i = 0;
    while (i + 1 < report->n_inputs && report->inputs[i + 1].first_seq <= seq) {
        i++;
    }
    return &report->inputs[i];
}

/* Frames are those of the input, as Wireshark counts them; the last one only when it is in the same input. */
static void add_frames(const struct ml_report_input *input, const struct ml_report_input *last,
                       const struct ml_fact *fact, struct ml_json *json)
{
    ml_member_array(json, "frames");
    ml_json_uint(json, fact->first_seq - input->first_seq + 1);
    if (fact->last_seq != fact->first_seq && last == input) {
        ml_json_uint(json, fact->last_seq - input->first_seq + 1);
    }
    ml_json_array_end(json);
}

static void add_fact(const struct ml_report *report, const struct ml_report_fact *cited, struct ml_json *json)
{
    const struct ml_fact *fact = cited->fact;
    const struct ml_report_input *input = input_of(report, fact->first_seq);
    ml_json_object(json);
    add_attributes(fact, json);
    ml_member_uint(json, "count", fact->count);
    ml_member_text(json, "direction", fact->dir == ML_UP ? "from_client" : "from_server");
    ml_member_uint(json, "flow", cited->number / ML_FACTS_OF_FLOW);
    add_frames(input, input_of(report, fact->last_seq), fact, json);
    ml_json_key(json, "id");
    ml_body_fact_id(json, cited->number);
    ml_member_text(json, "input", input->id);
    ml_member_bool(json, "is_cut", fact->is_cut);
    ml_member_text(json, "kind", ml_fact_kind_name(fact->kind));
    ml_member_array(json, "layers");
    for (unsigned i = 0; i < fact->n_layers; i++) {
        ml_json_text(json, ml_layer_name(fact->layers[i]));
    }
    ml_json_array_end(json);
    ml_member_array(json, "range"); /* first byte within the direction of the innermost layer, and length */
    ml_json_uint(json, fact->range_from);
    ml_json_uint(json, fact->range_len);
    ml_json_array_end(json);
    ml_member_time(json, "time", fact->time_ns);
    ml_json_object_end(json);
}

void ml_body_facts(const struct ml_report *report, struct ml_json *json)
{
    ml_member_array(json, "facts");
    for (size_t i = 0; i < report->n_facts; i++) {
        add_fact(report, &report->facts[i], json);
    }
    ml_json_array_end(json);
}

/* --- findings --- */

static bool is_unverified(const struct ml_report *report, uint64_t number)
{
    const struct ml_company *company =
        number != 0 && number <= report->n_endpoints ? report->endpoints[number - 1].company : NULL;
    return company != NULL && company->grade != ML_SOURCE_CHECKED;
}

/* Does it rest on an operator (its rule names LIM-OPERATOR) for whose row no source was opened? */
static bool rests_on_unverified(const struct ml_report *report, const struct ml_finding *finding,
                                const struct ml_rule *rule)
{
    uint64_t number = 0;
    bool names_operator = false;
    for (const char *const *limit = rule->limits; *limit != NULL; limit++) {
        names_operator |= strcmp(*limit, "LIM-OPERATOR") == 0;
    }
    if (!names_operator) {
        return false;
    }
    if (strcmp(finding->subject_type, "endpoint") == 0 && finding->subject.len > 1) {
        bool is_number = ml_decimal_read(ml_span_cut(finding->subject, 1, finding->subject.len), &number);
        return is_number && is_unverified(report, number);
    }
    for (uint32_t i = 0; i < finding->n_endpoints; i++) {
        if (is_unverified(report, finding->endpoints[i])) {
            return true;
        }
    }
    return false;
}

static void add_confidence(const struct ml_report *report, const struct ml_finding *finding, const struct ml_rule *rule,
                           struct ml_json *json)
{
    bool is_observation = rule->claim == ML_CLAIM_OBSERVATION;
    bool is_low = rests_on_unverified(report, finding, rule);
    ml_member_object(json, "confidence");
    ml_member_text(json, "grade", is_low ? "low" : is_observation ? "high" : "moderate");
    ml_member_array(json, "reasons");
    ml_json_text(json, is_observation ? "read from the bytes; anyone decoding them sees the same"
                                      : "inferred with data sets or statistics; see limits");
    if (is_low) {
        ml_json_text(json, "the row of the operator is unverified: no source was opened for it");
    }
    ml_json_array_end(json);
    ml_json_object_end(json);
}

static void add_finding(const struct ml_report *report, size_t index, struct ml_json *json)
{
    const struct ml_finding *finding = report->findings.items[index];
    const struct ml_rule *rule = ml_rules_get(report->rules, finding->rule);
    ml_json_object(json);
    ml_json_key(json, "app");
    if (finding->app.len != 0) {
        ml_json_span(json, finding->app);
    } else {
        ml_json_null(json);
    }
    ml_body_mark(report, ml_is_new_finding(report, index), json);
    ml_member_text(json, "claim", ml_claim_text(rule->claim));
    add_confidence(report, finding, rule, json);
    ml_member_uint(json, "count", finding->count);
    ml_member_array(json, "endpoints");
    for (uint32_t i = 0; i < finding->n_endpoints; i++) {
        ml_body_id(json, 'e', finding->endpoints[i]);
    }
    ml_json_array_end(json);
    ml_member_array(json, "facts");
    for (uint32_t i = 0; i < finding->n_facts; i++) {
        ml_body_fact_id(json, finding->facts[i]);
    }
    ml_json_array_end(json);
    ml_member_array(json, "flows");
    for (uint32_t i = 0; i < finding->n_flows; i++) {
        ml_json_uint(json, finding->flows[i]);
    }
    ml_json_array_end(json);
    ml_json_key(json, "id");
    ml_body_id(json, 'F', index + 1);
    ml_member_text(json, "level", ml_level_text(rule->level));
    ml_member_list(json, "limits", rule->limits);
    ml_member_list(json, "provisions", rule->provisions);
    ml_member_text(json, "reasoning", rule->reasoning);
    ml_member_list(json, "references", rule->references);
    ml_member_text(json, "rule", rule->id);
    ml_member_text(json, "rule_name", rule->name);
    ml_member_object(json, "subject");
    ml_member_span(json, "id", finding->subject);
    ml_member_text(json, "type", finding->subject_type);
    ml_json_object_end(json);
    ml_member_text(json, "taxonomy", rule->taxonomy);
    ml_member_text(json, "text_id", rule->text_id);
    ml_member_text(json, "title", rule->title);
    ml_json_object_end(json);
}

/* One row for each run of findings of one rule: sorted findings keep a rule's together. */
static void add_totals(const struct ml_report *report, struct ml_json *json)
{
    ml_member_array(json, "finding_totals");
    for (size_t i = 0; i < report->findings.n; i++) {
        const struct ml_finding *finding = report->findings.items[i];
        if (i > 0 && report->findings.items[i - 1]->rule == finding->rule) {
            continue;
        }
        const struct ml_rule *rule = ml_rules_get(report->rules, finding->rule);
        const struct ml_finding_total total = ml_findings_total(&report->findings, finding->rule);
        ml_json_object(json);
        ml_member_uint(json, "count", total.count);
        ml_member_text(json, "level", ml_level_text(rule->level));
        ml_member_uint(json, "listed", total.n_listed);
        ml_member_text(json, "rule", rule->id);
        ml_member_text(json, "rule_name", rule->name);
        ml_member_text(json, "subject_type", finding->subject_type);
        ml_member_uint(json, "subjects", total.n_subjects);
        ml_member_text(json, "taxonomy", rule->taxonomy);
        ml_json_object_end(json);
    }
    ml_json_array_end(json);
}

void ml_body_findings(const struct ml_report *report, struct ml_json *json)
{
    add_totals(report, json);
    ml_member_array(json, "findings");
    for (size_t i = 0; i < report->findings.n; i++) {
        add_finding(report, i, json);
    }
    ml_json_array_end(json);
}

/* --- readers --- */

static void add_cell(const struct ml_reader_cell *cell, struct ml_json *json)
{
    ml_member_object(json, cell->what);
    ml_member_array(json, "findings");
    for (size_t i = 0; i < cell->n_findings; i++) {
        ml_body_id(json, 'F', cell->findings[i] + UINT64_C(1));
    }
    ml_json_array_end(json);
    ml_member_or_null(json, "reason", cell->reason);
    ml_member_text(json, "state", ml_reader_state_text(cell->state));
    ml_json_object_end(json);
}

void ml_body_readers(const struct ml_report *report, struct ml_json *json)
{
    ml_member_array(json, "readers");
    for (size_t i = 0; i < report->n_readers; i++) {
        const struct ml_reader_row *row = &report->readers[i];
        ml_json_object(json);
        ml_member_text(json, "id", row->id);
        ml_member_object(json, "learns"); /* cells come in the byte order of their names */
        for (size_t k = 0; k < row->n_cells; k++) {
            add_cell(&row->cells[k], json);
        }
        ml_json_object_end(json);
        ml_member_span(json, "who", row->who);
        ml_json_object_end(json);
    }
    ml_json_array_end(json);
}
