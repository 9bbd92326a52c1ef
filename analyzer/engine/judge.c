/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/join.h"

#include "core/mem.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_HITS = 256 }; /* rules that match one row; a set that matches more judges nothing */

/* Text of the subject a rule is about, from the row's point of view; kept by the finding's own map. */
static struct ml_span subject_of(const struct ml_flow_view *view, const char *type, char text[32])
{
    if (strcmp(type, "endpoint") == 0) {
        return ml_span_of(text, (size_t)snprintf(text, 32, "e%u", view->endpoint_index + 1));
    }
    if (strcmp(type, "app") == 0) {
        return ml_span_text(view->verdict.app != NULL ? view->verdict.app : "unattributed");
    }
    if (strcmp(type, "capture") == 0) {
        return ml_span_text(view->input->id);
    }
    return ml_span_of(text, (size_t)snprintf(text, 32, "f%llu", (unsigned long long)view->id));
}

struct ml_finding *ml_join_flow_finding(struct ml_join *join, const struct ml_flow_view *view, uint32_t rule)
{
    char text[32];
    const char *type = ml_rules_get(join->config->rules, rule)->subject;
    struct ml_span subject = subject_of(view, type, text);
    struct ml_finding *finding = ml_findings_add(&join->report->findings, rule, type, subject);
    if (finding != NULL) {
        if (finding->count == 1 && view->verdict.app != NULL) {
            finding->app = ml_span_text(view->verdict.app);
        }
        ml_finding_flow(finding, view->id);
        ml_finding_endpoint(finding, view->endpoint_index + 1u);
    }
    return finding;
}

/* --- the facts of a flow, each seen through the flow's own row --- */

enum { MAX_OVERLAID = 64 };

/* What the fact's attributes hid of the flow's row. */
struct overlay {
    uint16_t n_used, n_values;
    uint16_t n;
    uint16_t fields[MAX_OVERLAID], first[MAX_OVERLAID], count[MAX_OVERLAID];
};

static void hide_field(struct ml_record *record, struct overlay *overlay, enum ml_field field)
{
    for (uint16_t i = 0; i < overlay->n; i++) {
        if (overlay->fields[i] == field) {
            return;
        }
    }
    if (record->count[field] != 0 && overlay->n < MAX_OVERLAID) {
        overlay->fields[overlay->n] = (uint16_t)field;
        overlay->first[overlay->n] = record->first[field];
        overlay->count[overlay->n++] = record->count[field];
        record->count[field] = 0;
    }
}

static void lay_over(struct ml_record *record, const struct ml_fact *fact, const struct ml_flow_view *view,
                     struct overlay *overlay)
{
    overlay->n = 0;
    overlay->n_used = record->n_used;
    overlay->n_values = record->n_values;
    for (unsigned i = 0; i < fact->n_attrs; i++) {
        hide_field(record, overlay, (enum ml_field)fact->attrs[i].field);
    }
    for (unsigned i = 0; i < fact->n_attrs; i++) {
        ml_join_add_attr(record, (enum ml_field)fact->attrs[i].field, &fact->attrs[i]);
    }
    bool is_up = (fact->dir == ML_UP) != view->is_turned;
    bool is_encrypted = false;
    ml_record_cstr(record, ML_F_FACT_KIND, ml_fact_kind_name(fact->kind));
    for (unsigned i = 0; i < fact->n_layers; i++) {
        ml_record_cstr(record, ML_F_FACT_LAYERS, ml_layer_name(fact->layers[i]));
        is_encrypted |= ml_layer_is_encrypted(fact->layers[i]);
    }
    ml_record_cstr(record, ML_F_FACT_DIRECTION, is_up ? "up" : "down");
    ml_record_number(record, ML_F_FACT_COUNT, fact->count);
    ml_record_truth(record, ML_F_FACT_ENCRYPTED, is_encrypted);
    record->category = ML_CAT_FACT;
}

static void lift_off(struct ml_record *record, const struct overlay *overlay)
{
    for (uint16_t i = overlay->n_used; i < record->n_used; i++) {
        record->count[record->used[i]] = 0;
    }
    record->n_used = overlay->n_used;
    record->n_values = overlay->n_values;
    for (uint16_t i = 0; i < overlay->n; i++) {
        record->first[overlay->fields[i]] = overlay->first[i];
        record->count[overlay->fields[i]] = overlay->count[i];
    }
    record->category = ML_CAT_FLOW;
}

/* Does the rule only feed correlations? */
static bool is_silent(const struct ml_join *join, uint32_t rule)
{
    return ml_rules_get(join->config->rules, rule)->is_silent && !join->config->shows_silent;
}

/* Findings of the rules that make some; `number` is that of the fact, 0 for the row of the flow itself. */
static bool add_findings(struct ml_join *join, const struct ml_flow_view *view, const uint32_t hits[], size_t n,
                         uint64_t number)
{
    for (size_t i = 0; i < n; i++) {
        if (is_silent(join, hits[i])) {
            continue;
        }
        struct ml_finding *finding = ml_join_flow_finding(join, view, hits[i]);
        if (finding == NULL) {
            return false;
        }
        if (number != 0) {
            ml_finding_fact(finding, number);
        }
    }
    return true;
}

static bool judge_facts(struct ml_join *join, const struct ml_flow_view *view, struct ml_record *record)
{
    uint32_t hits[MAX_HITS];
    uint64_t number = view->id * ML_FACTS_OF_FLOW;
    for (const struct ml_fact *fact = view->flow->facts; fact != NULL; fact = fact->next, number++) {
        struct overlay overlay;
        lay_over(record, fact, view, &overlay);
        size_t n = ml_rules_match(join->config->rules, join->rule_scratch, record, hits, MAX_HITS);
        bool ok = ml_join_queue_hits(join, view, record, hits, n, fact, number);
        lift_off(record, &overlay);
        if (!ok || !add_findings(join, view, hits, n, number)) {
            return false;
        }
    }
    return true;
}

bool ml_join_judge_flow(struct ml_join *join, const struct ml_flow_view *view, struct ml_record *record)
{
    uint32_t hits[MAX_HITS];
    size_t n = join->has_rules[ML_CAT_FLOW]
                   ? ml_rules_match(join->config->rules, join->rule_scratch, record, hits, MAX_HITS)
                   : 0;
    if (!ml_join_queue_hits(join, view, record, hits, n, NULL, 0) || !add_findings(join, view, hits, n, 0)) {
        return false;
    }
    return !join->has_rules[ML_CAT_FACT] || judge_facts(join, view, record);
}

static bool judge_row(struct ml_join *join, const struct ml_record *record, struct ml_span subject, struct ml_span app)
{
    uint32_t hits[MAX_HITS];
    if (!join->has_rules[record->category]) {
        return true;
    }
    size_t n = ml_rules_match(join->config->rules, join->rule_scratch, record, hits, MAX_HITS);
    for (size_t i = 0; i < n; i++) {
        const char *type = ml_category_name(record->category);
        if (is_silent(join, hits[i])) {
            continue;
        }
        struct ml_finding *finding = ml_findings_add(&join->report->findings, hits[i], type, subject);
        if (finding == NULL) {
            return false;
        }
        if (finding->count == 1) {
            finding->app = app;
        }
    }
    return true;
}

bool ml_join_judge_endpoint(struct ml_join *join, uint32_t index, const struct ml_record *record)
{
    char text[32];
    const struct ml_report_endpoint *endpoint = &join->report->endpoints[index];
    size_t len = (size_t)snprintf(text, sizeof text, "e%u", index + 1);
    struct ml_span app = endpoint->n_apps != 0 ? ml_span_text(endpoint->apps[0]) : ml_span_of(NULL, 0);
    return judge_row(join, record, ml_span_of(text, len), app);
}

bool ml_join_judge_app(struct ml_join *join, const struct ml_report_app *app, const struct ml_record *record)
{
    struct ml_span id = ml_span_text(app->app != NULL ? app->app->id : "unattributed");
    return judge_row(join, record, id, app->app != NULL ? id : ml_span_of(NULL, 0));
}

/* --- the facts that findings cite --- */

static int by_number(const void *a, const void *b)
{
    uint64_t x = ((const struct ml_report_fact *)a)->number;
    uint64_t y = ((const struct ml_report_fact *)b)->number;
    return (x > y) - (x < y);
}

static const struct ml_fact *fact_of(const struct ml_join *join, uint64_t number)
{
    const struct ml_fact *fact = join->flows[number / ML_FACTS_OF_FLOW - 1]->facts;
    for (uint64_t i = number % ML_FACTS_OF_FLOW; i > 0; i--) {
        fact = fact->next;
    }
    return fact;
}

bool ml_join_cite_facts(struct ml_join *join)
{
    struct ml_report *report = join->report;
    for (size_t i = 0; i < report->findings.n; i++) {
        const struct ml_finding *finding = report->findings.items[i];
        for (uint32_t k = 0; k < finding->n_facts; k++) {
            bool is_new = false;
            uint64_t number = finding->facts[k];
            if (ml_map_add(&join->cited, ml_span_of(&number, sizeof number), 0, &is_new) == NULL) {
                return false;
            }
            if (!is_new) {
                continue;
            }
            if (report->n_facts == join->cited_room) {
                size_t room = join->cited_room != 0 ? 2 * join->cited_room : 256;
                struct ml_report_fact *facts = ml_mem_resize(report->facts, room, sizeof *facts);
                if (facts == NULL) {
                    return false;
                }
                report->facts = facts;
                join->cited_room = room;
            }
            report->facts[report->n_facts++] = (struct ml_report_fact){.number = number, .fact = fact_of(join, number)};
        }
    }
    if (report->n_facts != 0) {
        qsort(report->facts, report->n_facts, sizeof *report->facts, by_number);
    }
    return true;
}
