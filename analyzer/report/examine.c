/* SPDX-License-Identifier: Apache-2.0 */
#include "report/examine.h"

#include "core/limits.h"
#include "core/mem.h"
#include "core/text.h"

static const json_t *finding_of(const struct ml_examine *examine, size_t index)
{
    return json_array_get(examine->findings, index);
}

static void take_totals(const json_t *body, struct ml_examine_group *group)
{
    const json_t *totals = json_object_get(body, "finding_totals");
    const char *rule = ml_report_text_of(group->first, "rule");
    group->count = ml_report_number_of(group->first, "count");
    group->subjects = group->n;
    for (size_t i = 0; i < json_array_size(totals); i++) {
        const json_t *total = json_array_get(totals, i);
        if (strcmp(ml_report_text_of(total, "rule"), rule) == 0) {
            group->count = ml_report_number_of(total, "count");
            group->subjects = ml_report_number_of(total, "subjects");
        }
    }
}

/* "low" before "moderate" before "high". */
static void take_grade(struct ml_examine_group *group, const json_t *finding)
{
    static const char *const grades[] = {"high", "moderate", "low"};
    const char *grade = ml_report_text_of(finding, "confidence.grade");
    size_t own = 0;
    size_t other = 0;
    for (size_t i = 0; i < sizeof grades / sizeof grades[0]; i++) {
        own = strcmp(group->grade, grades[i]) == 0 ? i : own;
        other = strcmp(grade, grades[i]) == 0 ? i : other;
    }
    group->grade = group->grade[0] == '\0' || other > own ? grade : group->grade;
}

static void make_groups(struct ml_examine *examine)
{
    size_t n = json_array_size(examine->findings);
    for (size_t i = 0; i < n; i++) {
        const json_t *finding = finding_of(examine, i);
        const char *rule = ml_report_text_of(finding, "rule");
        struct ml_examine_group *last = examine->n_groups != 0 ? &examine->groups[examine->n_groups - 1] : NULL;
        if (last != NULL && strcmp(ml_report_text_of(last->first, "rule"), rule) == 0) {
            last->n++;
            take_grade(last, finding);
            continue;
        }
        struct ml_examine_group *group = &examine->groups[examine->n_groups++];
        *group = (struct ml_examine_group){.from = i, .n = 1, .first = finding};
        group->grade = ml_report_text_of(finding, "confidence.grade");
        group->row = ml_profile_find(examine->profile, ml_report_text_of(finding, "taxonomy"));
    }
    for (size_t i = 0; i < examine->n_groups; i++) {
        take_totals(examine->report->body, &examine->groups[i]);
    }
}

static bool index_facts(struct ml_examine *examine)
{
    for (size_t i = 0; i < json_array_size(examine->facts); i++) {
        const char *id = ml_report_text_of(json_array_get(examine->facts, i), "id");
        if (ml_map_add(&examine->fact_index, ml_span_text(id), (uint32_t)i, NULL) == NULL) {
            return false;
        }
    }
    return true;
}

enum ml_status ml_examine_init(struct ml_examine *examine, const struct ml_report_file *report,
                               const struct ml_profile *profile, const struct ml_taxonomy *taxonomy,
                               const struct ml_locale *locale)
{
    *examine = (struct ml_examine){.report = report, .profile = profile, .taxonomy = taxonomy, .locale = locale};
    examine->findings = json_object_get(report->body, "findings");
    examine->facts = json_object_get(report->body, "facts");
    ml_map_init(&examine->fact_index, UINT32_MAX);
    examine->groups = ml_mem_array(json_array_size(examine->findings) + 1, sizeof *examine->groups);
    if (examine->groups == NULL || !index_facts(examine)) {
        ml_examine_fini(examine);
        return ML_NO_MEMORY;
    }
    make_groups(examine);
    return ML_OK;
}

void ml_examine_fini(struct ml_examine *examine)
{
    ml_mem_free(examine->groups);
    ml_map_fini(&examine->fact_index);
    *examine = (struct ml_examine){0};
}

void ml_examine_ids(const struct ml_examine *examine, const struct ml_examine_group *group, struct ml_buf *out)
{
    const char *first = ml_report_text_of(group->first, "id");
    const char *last = ml_report_text_of(finding_of(examine, group->from + group->n - 1), "id");
    (void)ml_buf_printf(out, "%.20s", first); /* failures latch */
    if (group->n > 1) {
        (void)ml_buf_printf(out, "-%.20s", last);
    }
}

/* The rule's own text id, in reports that tell it. */
static const char *text_id(const struct ml_examine_group *group)
{
    const char *id = ml_report_text_of(group->first, "text_id");
    return id[0] != '\0' ? id : ml_report_text_of(group->first, "rule_name");
}

const char *ml_examine_title(const struct ml_examine *examine, const struct ml_examine_group *group)
{
    return ml_locale_member(examine->locale, "rule", text_id(group), ".title",
                            ml_report_text_of(group->first, "title"));
}

const char *ml_examine_reasoning(const struct ml_examine *examine, const struct ml_examine_group *group)
{
    return ml_locale_member(examine->locale, "rule", text_id(group), ".reasoning",
                            ml_report_text_of(group->first, "reasoning"));
}

const char *ml_examine_leak(const struct ml_examine *examine, const char *leak)
{
    const struct ml_leak *known = ml_taxonomy_find(examine->taxonomy, ml_span_text(leak));
    return ml_locale_member(examine->locale, "leak", leak, "", known != NULL ? known->title : "");
}

/* --- evidence --- */

static size_t add_facts(const struct ml_examine *examine, const json_t *ids,
                        struct ml_examine_evidence out[ML_MAX_EVIDENCE], size_t n)
{
    for (size_t i = 0; i < json_array_size(ids); i++) {
        const char *id = json_string_value(json_array_get(ids, i));
        const struct ml_map_entry *entry = id != NULL ? ml_map_find(&examine->fact_index, ml_span_text(id)) : NULL;
        if (entry != NULL) {
            if (n < ML_MAX_EVIDENCE) {
                out[n] =
                    (struct ml_examine_evidence){.fact = json_array_get(examine->facts, entry->value), .subject = ""};
            }
            n++;
        }
    }
    return n;
}

static size_t add_flows(const json_t *flows, struct ml_examine_evidence out[ML_MAX_EVIDENCE], size_t n)
{
    for (size_t i = 0; i < json_array_size(flows); i++) {
        if (n < ML_MAX_EVIDENCE) {
            json_int_t flow = json_integer_value(json_array_get(flows, i));
            out[n] = (struct ml_examine_evidence){.subject = "", .flow = flow > 0 ? (uint64_t)flow : 0};
        }
        n++;
    }
    return n;
}

size_t ml_examine_evidence(const struct ml_examine *examine, const struct ml_examine_group *group,
                           struct ml_examine_evidence out[ML_MAX_EVIDENCE])
{
    size_t n = 0;
    for (size_t i = 0; i < group->n; i++) {
        const json_t *finding = finding_of(examine, group->from + i);
        size_t before = n;
        n = add_facts(examine, json_object_get(finding, "facts"), out, n);
        n = n == before ? add_flows(json_object_get(finding, "flows"), out, n) : n;
        if (n == before) {
            if (n < ML_MAX_EVIDENCE) {
                out[n] = (struct ml_examine_evidence){.subject = ml_report_text_of(finding, "subject.id")};
            }
            n++;
        }
    }
    return n;
}

/* --- what findings name --- */

/* Place of an endpoint in the body: "e7" is the seventh. SIZE_MAX: none, or not listed. */
static size_t endpoint_place(const json_t *endpoints, const char *id)
{
    uint64_t number = 0;
    struct ml_span text = ml_span_text(id);
    if (text.len < 2 || id[0] != 'e' || !ml_decimal_read(ml_span_cut(text, 1, text.len), &number) || number == 0 ||
        number > json_array_size(endpoints)) {
        return SIZE_MAX;
    }
    return (size_t)(number - 1);
}

/* Marks in `seen` what a finding names. */
static void mark_endpoints(const json_t *endpoints, const json_t *finding, uint8_t *seen)
{
    size_t place = endpoint_place(endpoints, ml_report_text_of(finding, "subject.id"));
    if (place != SIZE_MAX && strcmp(ml_report_text_of(finding, "subject.type"), "endpoint") == 0) {
        seen[place] = 1;
    }
    const json_t *more = json_object_get(finding, "endpoints");
    for (size_t i = 0; i < json_array_size(more); i++) {
        const char *id = json_string_value(json_array_get(more, i));
        place = id != NULL ? endpoint_place(endpoints, id) : SIZE_MAX;
        if (place != SIZE_MAX) {
            seen[place] = 1;
        }
    }
}

size_t ml_examine_endpoints(const struct ml_examine *examine, size_t out[ML_MAX_NAMED_ENDPOINTS], size_t *n_all)
{
    const json_t *endpoints = json_object_get(examine->report->body, "endpoints");
    size_t n_endpoints = json_array_size(endpoints);
    uint8_t *seen = ml_mem_array(n_endpoints + 1, 1);
    size_t n = 0;
    *n_all = 0;
    for (size_t i = 0; seen != NULL && i < json_array_size(examine->findings); i++) {
        mark_endpoints(endpoints, finding_of(examine, i), seen);
    }
    for (size_t i = 0; seen != NULL && i < n_endpoints; i++) {
        if (seen[i] != 0) {
            if (n < ML_MAX_NAMED_ENDPOINTS) {
                out[n++] = i;
            }
            (*n_all)++;
        }
    }
    ml_mem_free(seen);
    return n;
}

size_t ml_examine_group_endpoints(const struct ml_examine *examine, const struct ml_examine_group *group,
                                  const char *out[ML_MAX_GROUP_ENDPOINTS])
{
    size_t n = 0;
    for (size_t i = 0; i < group->n; i++) {
        const json_t *ids = json_object_get(finding_of(examine, group->from + i), "endpoints");
        for (size_t k = 0; k < json_array_size(ids); k++) {
            const char *id = json_string_value(json_array_get(ids, k));
            size_t at = 0;
            while (id != NULL && at < n && strcmp(out[at], id) != 0) {
                at++;
            }
            if (id != NULL && at == n && n < ML_MAX_GROUP_ENDPOINTS) {
                out[n++] = id;
            }
        }
    }
    return n;
}

size_t ml_examine_limits(const struct ml_examine *examine, const char *out[ML_MAX_NAMED_LIMITS])
{
    size_t n = 0;
    for (size_t i = 0; i < examine->n_groups; i++) {
        const json_t *limits = json_object_get(examine->groups[i].first, "limits");
        for (size_t k = 0; k < json_array_size(limits); k++) {
            const char *limit = json_string_value(json_array_get(limits, k));
            size_t at = 0;
            while (limit != NULL && at < n && strcmp(out[at], limit) != 0) {
                at++;
            }
            if (limit != NULL && at == n && n < ML_MAX_NAMED_LIMITS) {
                out[n++] = limit;
            }
        }
    }
    return n;
}
