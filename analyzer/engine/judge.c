/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/join.h"

#include "core/mem.h"

#include <stdlib.h>

enum { MAX_HITS = 256 }; /* rules that match one row; a set that matches more judges nothing */

/* "e12": the letter of a kind of subject and its number. */
static struct ml_span numbered(char kind, uint64_t number, char text[32])
{
    char *at = text + 32;
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    *--at = kind;
    return ml_span_of(at, (size_t)(text + 32 - at));
}

/* Text of the subject a rule is about that is no endpoint, from the row's point of view; kept by the finding's own map.
 */
static struct ml_span subject_of(const struct ml_flow_view *view, const char *type, char text[32])
{
    if (strcmp(type, "app") == 0) {
        return ml_span_text(view->verdict.app != NULL ? view->verdict.app : "unattributed");
    }
    if (strcmp(type, "capture") == 0) {
        return ml_span_text(view->input->id);
    }
    return numbered('f', view->id, text);
}

/* The finding of a rule on the endpoint of a flow: the same ones come again and again. */
static struct ml_finding *endpoint_finding(struct ml_join *join, const struct ml_flow_view *view, uint32_t rule,
                                           const char *type)
{
    char text[32];
    size_t at = ((size_t)view->endpoint_index * 31 + rule) % ML_FINDING_SLOTS;
    struct ml_finding_slot *slot = &join->finding_slots[at];
    if (slot->finding != NULL && slot->rule == rule && slot->endpoint == view->endpoint_index) {
        ml_findings_again(&join->report->findings, slot->finding);
        return slot->finding;
    }
    struct ml_span subject = numbered('e', (uint64_t)view->endpoint_index + 1, text);
    slot->finding = ml_findings_add(&join->report->findings, rule, type, subject);
    slot->rule = rule;
    slot->endpoint = view->endpoint_index;
    return slot->finding;
}

static struct ml_finding *finding_of(struct ml_join *join, const struct ml_flow_view *view, uint32_t rule)
{
    char text[32];
    const char *type = ml_rules_get(join->config->rules, rule)->subject;
    if (strcmp(type, "endpoint") == 0) {
        return endpoint_finding(join, view, rule, type);
    }
    return ml_findings_add(&join->report->findings, rule, type, subject_of(view, type, text));
}

struct ml_finding *ml_join_flow_finding(struct ml_join *join, const struct ml_flow_view *view, uint32_t rule)
{
    struct ml_finding *finding = finding_of(join, view, rule);
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
    if (record->count[field] != 0 && overlay->n < MAX_OVERLAID) {
        overlay->fields[overlay->n] = (uint16_t)field;
        overlay->first[overlay->n] = record->first[field];
        overlay->count[overlay->n++] = record->count[field];
        ml_record_show(record, field, 0);
    }
}

/* Only of the fields that rules ask for. */
static void lay_over(struct ml_record *record, const struct ml_fact *fact, const struct ml_flow_view *view,
                     const struct ml_rules *rules, struct overlay *overlay)
{
    overlay->n = 0;
    overlay->n_used = record->n_used;
    overlay->n_values = record->n_values;
    for (unsigned i = 0; i < fact->n_attrs; i++) {
        if (ml_rules_ask(rules, ML_CAT_FACT, (enum ml_field)fact->attrs[i].field)) {
            hide_field(record, overlay, (enum ml_field)fact->attrs[i].field);
        }
    }
    for (unsigned i = 0; i < fact->n_attrs; i++) {
        if (ml_rules_ask(rules, ML_CAT_FACT, (enum ml_field)fact->attrs[i].field)) {
            ml_join_add_attr(record, (enum ml_field)fact->attrs[i].field, &fact->attrs[i]);
        }
    }
    bool is_up = (fact->dir == ML_UP) != view->is_turned;
    ml_record_cstr(record, ML_F_FACT_KIND, ml_fact_kind_name(fact->kind));
    bool asks_layers = ml_rules_ask(rules, ML_CAT_FACT, ML_F_FACT_LAYERS);
    for (unsigned i = 0; i < fact->n_layers && asks_layers; i++) {
        ml_record_cstr(record, ML_F_FACT_LAYERS, ml_layer_name(fact->layers[i]));
    }
    ml_record_cstr(record, ML_F_FACT_DIRECTION, is_up ? "up" : "down");
    if (ml_rules_ask(rules, ML_CAT_FACT, ML_F_FACT_COUNT)) {
        ml_record_number(record, ML_F_FACT_COUNT, fact->count);
    }
    ml_record_truth(record, ML_F_FACT_ENCRYPTED, ml_layers_are_encrypted(fact->layers, fact->n_layers));
    record->category = ML_CAT_FACT;
}

/* Tells the rules which fields are the fact's: other ones now, and the flow's again at the next fact. */
static void touch(const struct ml_record *record, const struct overlay *overlay, struct ml_rules_scratch *scratch)
{
    for (uint16_t i = overlay->n_used; i < record->n_used; i++) {
        ml_rules_touch(scratch, (enum ml_field)record->used[i]);
    }
    for (uint16_t i = 0; i < overlay->n; i++) { /* hidden, even if the fact's values found no room */
        ml_rules_touch(scratch, (enum ml_field)overlay->fields[i]);
    }
}

static void lift_off(struct ml_record *record, const struct overlay *overlay)
{
    for (uint16_t i = overlay->n_used; i < record->n_used; i++) {
        ml_record_show(record, (enum ml_field)record->used[i], 0);
    }
    record->n_used = overlay->n_used;
    record->n_values = overlay->n_values;
    for (uint16_t i = 0; i < overlay->n; i++) {
        record->first[overlay->fields[i]] = overlay->first[i];
        ml_record_show(record, (enum ml_field)overlay->fields[i], overlay->count[i]);
    }
    record->category = ML_CAT_FLOW;
}

/* Does the rule only feed correlations? */
static bool is_silent(const struct ml_join *join, uint32_t rule)
{
    return ml_rules_get(join->config->rules, rule)->is_silent && !join->config->shows_silent;
}

/* Takes the rules that the record matches; those that feed correlations are queued, those that make findings noted. */
static bool take_hits(struct ml_hand *hand, const struct ml_flow_view *view, const struct ml_fact *fact,
                      uint64_t number, const uint32_t hits[], size_t n, struct ml_hits *out)
{
    const struct ml_join *join = hand->join;
    uint64_t seq = fact != NULL ? fact->first_seq : view->flow->first_seq;
    int64_t time_ns = fact != NULL ? fact->time_ns : view->flow->first_ns;
    const struct ml_evidence_ref evidence = {.fact = number, .flow = view->id};
    if (n == 0) {
        return true;
    }
    if (ml_rules_queue_add(out->queue, &hand->record, hits, n, seq, time_ns, evidence) != ML_OK) {
        return false;
    }
    if (out->room - out->n < n) {
        size_t room = 2 * (out->n + n);
        struct ml_hit *larger = ml_mem_resize(out->hits, room, sizeof *larger);
        if (larger == NULL) {
            return false;
        }
        out->hits = larger;
        out->room = room;
    }
    for (size_t i = 0; i < n; i++) {
        if (!is_silent(join, hits[i])) {
            out->hits[out->n++] = (struct ml_hit){.number = number, .rule = hits[i]};
        }
    }
    return true;
}

static bool match_facts(struct ml_hand *hand, const struct ml_flow_view *view, struct ml_hits *out)
{
    uint64_t number = view->id * ML_FACTS_OF_FLOW;
    bool ok = true;
    for (const struct ml_fact *fact = view->flow->facts; fact != NULL && ok; fact = fact->next, number++) {
        uint32_t hits[MAX_HITS];
        struct overlay overlay;
        lay_over(&hand->record, fact, view, hand->join->config->rules, &overlay);
        touch(&hand->record, &overlay, hand->rule_scratch);
        size_t n = fact == view->flow->facts
                       ? ml_rules_match(hand->join->config->rules, hand->rule_scratch, &hand->record, hits, MAX_HITS)
                       : ml_rules_match_again(hand->rule_scratch, &hand->record, hits, MAX_HITS);
        touch(&hand->record, &overlay, hand->rule_scratch);
        ok = take_hits(hand, view, fact, number, hits, n, out);
        lift_off(&hand->record, &overlay);
    }
    return ok;
}

bool ml_join_match_flow(struct ml_hand *hand, const struct ml_flow_view *view, struct ml_hits *out)
{
    const struct ml_join *join = hand->join;
    if (join->has_rules[ML_CAT_FLOW]) {
        uint32_t hits[MAX_HITS];
        size_t n = ml_rules_match(join->config->rules, hand->rule_scratch, &hand->record, hits, MAX_HITS);
        if (!take_hits(hand, view, NULL, 0, hits, n, out)) {
            return false;
        }
    }
    return !join->has_rules[ML_CAT_FACT] || match_facts(hand, view, out);
}

bool ml_join_add_hits(struct ml_join *join, const struct ml_flow_view *view, const struct ml_hit hits[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct ml_finding *finding = ml_join_flow_finding(join, view, hits[i].rule);
        if (finding == NULL) {
            return false;
        }
        if (hits[i].number != 0) {
            ml_finding_fact(finding, hits[i].number);
        }
    }
    return true;
}

static bool judge_row(struct ml_join *join, struct ml_span subject, struct ml_span app)
{
    uint32_t hits[MAX_HITS];
    const struct ml_record *record = &join->hand->record;
    if (!join->has_rules[record->category]) {
        return true;
    }
    size_t n = ml_rules_match(join->config->rules, join->hand->rule_scratch, record, hits, MAX_HITS);
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

bool ml_join_judge_endpoint(struct ml_join *join, uint32_t index)
{
    char text[32];
    const struct ml_report_endpoint *endpoint = &join->report->endpoints[index];
    struct ml_span app = endpoint->n_apps != 0 ? ml_span_text(endpoint->apps[0]) : ml_span_of(NULL, 0);
    return judge_row(join, numbered('e', (uint64_t)index + 1, text), app);
}

bool ml_join_judge_app(struct ml_join *join, const struct ml_report_app *app)
{
    struct ml_span id = ml_span_text(app->app != NULL ? app->app->id : "unattributed");
    return judge_row(join, id, app->app != NULL ? id : ml_span_of(NULL, 0));
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
            struct ml_report_fact *facts =
                ml_mem_grow(report->facts, report->n_facts, &join->cited_room, 256, sizeof *facts);
            if (facts == NULL) {
                return false;
            }
            report->facts = facts;
            report->facts[report->n_facts++] = (struct ml_report_fact){.number = number, .fact = fact_of(join, number)};
        }
    }
    if (report->n_facts != 0) {
        qsort(report->facts, report->n_facts, sizeof *report->facts, by_number);
    }
    return true;
}
