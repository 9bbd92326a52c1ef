/* SPDX-License-Identifier: Apache-2.0 */
#include "report/baseline.h"

#include "core/limits.h"
#include "core/text.h"
#include "report/body.h"
#include "report/canonical.h"

/* Endpoints whose findings are named by them, in the report that holds the finding. */
static const json_t *subject_endpoint(const json_t *body, const char *type, const char *id)
{
    uint64_t number = 0;
    if (strcmp(type, "endpoint") != 0 || id[0] != 'e' || !ml_decimal_read(ml_span_text(id + 1), &number) ||
        number == 0) {
        return NULL;
    }
    return json_array_get(json_object_get(body, "endpoints"), number - 1);
}

/* Rule, kind of subject, and what tells the subject from others in any run. */
static bool finding_key(const json_t *body, const json_t *finding, struct ml_buf *out)
{
    const char *type = ml_report_text_of(finding, "subject.type");
    const char *id = ml_report_text_of(finding, "subject.id");
    const json_t *endpoint = subject_endpoint(body, type, id);
    char key[ML_COMPARE_KEY];
    ml_buf_clear(out);
    if (endpoint != NULL) {
        ml_compare_endpoint_key(endpoint, key);
        id = key;
    } else if (strcmp(type, "app") != 0 && strcmp(type, "capture") != 0) {
        id = ml_report_text_of(finding, "app");
    } else if (strcmp(type, "capture") == 0) {
        id = ""; /* i1, i2: places on a command line */
    }
    (void)ml_buf_printf(out, "%s\n%s\n%s", ml_report_text_of(finding, "rule"), type, id); /* failures latch */
    return !out->failed;
}

static bool add_findings(struct ml_map *known, const json_t *body, struct ml_buf *key)
{
    const json_t *list = json_object_get(body, "findings");
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!finding_key(body, json_array_get(list, i), key) || ml_map_add(known, ml_buf_span(key), 1, NULL) == NULL) {
            return false;
        }
    }
    return true;
}

static bool mark_findings(struct ml_baseline *baseline, const json_t *earlier, const json_t *body)
{
    const json_t *list = json_object_get(body, "findings");
    struct ml_map known;
    struct ml_buf key;
    ml_map_init(&known, ML_MAX_COMPARE_ROWS);
    ml_buf_init(&key, 1 << 16);
    bool ok = add_findings(&known, earlier, &key);
    for (size_t i = 0; ok && i < json_array_size(list) && i < baseline->n_findings; i++) {
        ok = finding_key(body, json_array_get(list, i), &key);
        baseline->is_new_finding[i] = ok && ml_map_find(&known, ml_buf_span(&key)) == NULL;
    }
    ml_map_fini(&known);
    ml_buf_fini(&key);
    return ok;
}

/* Does only the run at hand show it? Its own things all have a row by now. */
static bool is_new(struct ml_compare *compare, enum ml_compare_kind kind, const char *key)
{
    const uint64_t *value = ml_compare_value(compare, 0, kind, ml_span_text(key));
    return value != NULL && *value == 0;
}

static void mark_things(struct ml_baseline *baseline, struct ml_compare *compare, const json_t *body)
{
    const json_t *list = json_object_get(body, "apps");
    for (size_t i = 0; i < json_array_size(list) && i < baseline->n_apps; i++) {
        baseline->is_new_app[i] = is_new(compare, ML_COMPARE_APP, ml_report_text_of(json_array_get(list, i), "id"));
    }
    list = json_object_get(body, "endpoints");
    for (size_t i = 0; i < json_array_size(list) && i < baseline->n_endpoints; i++) {
        char key[ML_COMPARE_KEY];
        ml_compare_endpoint_key(json_array_get(list, i), key);
        baseline->is_new_endpoint[i] = is_new(compare, ML_COMPARE_ENDPOINT, key);
    }
}

/* Rows that one of both runs shows. */
static bool take_rows(struct ml_baseline *baseline, const struct ml_compare *compare, struct ml_arena *arena)
{
    baseline->rows = ml_arena_get(arena, (compare->n_rows + 1) * sizeof *baseline->rows);
    for (size_t i = 0; baseline->rows != NULL && i < compare->n_rows; i++) {
        const struct ml_compare_row *row = &compare->rows[i];
        if (!ml_compare_kind_info(row->kind)->is_set || row->values[0] == row->values[1]) {
            continue;
        }
        struct ml_baseline_row *out = &baseline->rows[baseline->n_rows++];
        *out = (struct ml_baseline_row){
            .kind = row->kind, .key = ml_arena_copy(arena, row->key), .is_new = row->values[1] != 0};
        if (out->key.ptr == NULL) {
            return false;
        }
    }
    return baseline->rows != NULL;
}

static bool begin(struct ml_baseline *baseline, struct ml_report *report, const json_t *earlier)
{
    struct ml_arena *arena = &report->arena;
    struct ml_span version = ml_arena_copy(arena, ml_span_text(ml_report_text_of(earlier, "tool.version")));
    struct ml_span rules = ml_arena_copy(arena, ml_span_text(ml_report_text_of(earlier, "tool.rules.sha256")));
    *baseline = (struct ml_baseline){
        .version = (const char *)version.ptr,
        .rules_sha256 = (const char *)rules.ptr,
        .is_complete =
            ml_report_number_of(earlier, "endpoints_total") <= json_array_size(json_object_get(earlier, "endpoints")),
        .n_apps = report->n_apps,
        .n_endpoints = report->n_endpoints,
        .n_findings = report->findings.n,
        .is_new_app = ml_arena_get(arena, report->n_apps + 1),
        .is_new_endpoint = ml_arena_get(arena, report->n_endpoints + 1),
        .is_new_finding = ml_arena_get(arena, report->findings.n + 1),
    };
    return version.ptr != NULL && rules.ptr != NULL && baseline->is_new_app != NULL &&
           baseline->is_new_endpoint != NULL && baseline->is_new_finding != NULL;
}

static enum ml_status digest(struct ml_baseline *baseline, const json_t *earlier)
{
    struct ml_buf canonical;
    ml_buf_init(&canonical, ML_MAX_REPORT_BYTES);
    enum ml_status status = ml_canonical_add(earlier, &canonical);
    if (status == ML_OK && !ml_sha256_hex(ml_buf_span(&canonical), baseline->body_sha256)) {
        status = ML_NO_MEMORY;
    }
    ml_buf_fini(&canonical);
    return status;
}

/* `body` is the report at hand as others will read it: both are taken apart by the same code. */
static enum ml_status hold_against(struct ml_report *report, struct ml_baseline *baseline,
                                   const struct ml_report_file *earlier, json_t *body)
{
    const struct ml_report_file ours = {.body = body};
    struct ml_compare compare;
    enum ml_status status = ml_compare_init(&compare, 1, 1);
    status = status == ML_OK ? ml_compare_add(&compare, earlier) : status;
    status = status == ML_OK ? ml_compare_add(&compare, &ours) : status;
    if (status == ML_OK) {
        mark_things(baseline, &compare, body);
        status = mark_findings(baseline, earlier->body, body) ? ML_OK : ML_NO_MEMORY;
    }
    status = status == ML_OK ? ml_compare_finish(&compare) : status; /* sorts the rows */
    if (status == ML_OK && !take_rows(baseline, &compare, &report->arena)) {
        status = ML_NO_MEMORY;
    }
    ml_compare_fini(&compare);
    return status;
}

enum ml_status ml_baseline_mark(struct ml_report *report, const struct ml_report_file *earlier, struct ml_error *error)
{
    struct ml_baseline *baseline = ml_arena_get(&report->arena, sizeof *baseline);
    struct ml_buf text;
    json_t *body = NULL;
    ml_buf_init(&text, ML_MAX_REPORT_BYTES);
    enum ml_status status = baseline != NULL && begin(baseline, report, earlier->body) ? ML_OK : ML_NO_MEMORY;
    status = status == ML_OK ? digest(baseline, earlier->body) : status;
    status = status == ML_OK ? ml_report_body(report, &text) : status;
    status = status == ML_OK ? ml_report_parse("body", ml_buf_span(&text), &body, error) : status;
    status = status == ML_OK ? hold_against(report, baseline, earlier, body) : status;
    json_decref(body);
    ml_buf_fini(&text);
    if (status == ML_OK) {
        report->baseline = baseline;
        return ML_OK;
    }
    return error->status != ML_OK ? status
                                  : ml_error_set(error, status, "%s: %s", earlier->path, ml_status_name(status));
}

bool ml_is_new_app(const struct ml_report *report, size_t index)
{
    const struct ml_baseline *baseline = report->baseline;
    return baseline != NULL && index < baseline->n_apps && baseline->is_new_app[index];
}

bool ml_is_new_endpoint(const struct ml_report *report, size_t index)
{
    const struct ml_baseline *baseline = report->baseline;
    return baseline != NULL && index < baseline->n_endpoints && baseline->is_new_endpoint[index];
}

bool ml_is_new_finding(const struct ml_report *report, size_t index)
{
    const struct ml_baseline *baseline = report->baseline;
    return baseline != NULL && index < baseline->n_findings && baseline->is_new_finding[index];
}

/* --- the body's members --- */

static void add_things(const struct ml_baseline *baseline, const char *member, bool is_new, struct ml_json *json)
{
    ml_member_array(json, member);
    for (size_t i = 0; i < baseline->n_rows; i++) {
        const struct ml_baseline_row *row = &baseline->rows[i];
        if (row->is_new == is_new) {
            ml_json_object(json);
            ml_member_span(json, "key", row->key);
            ml_member_text(json, "kind", ml_compare_kind_info(row->kind)->name);
            ml_json_object_end(json);
        }
    }
    ml_json_array_end(json);
}

void ml_body_baseline(const struct ml_report *report, struct ml_json *json)
{
    const struct ml_baseline *baseline = report->baseline;
    if (baseline == NULL) {
        return;
    }
    ml_member_object(json, "baseline");
    ml_member_text(json, "body_sha256", baseline->body_sha256);
    add_things(baseline, "gone", false, json);
    ml_member_bool(json, "is_complete", baseline->is_complete);
    add_things(baseline, "new", true, json);
    ml_member_text(json, "rules_sha256", baseline->rules_sha256);
    ml_member_text(json, "version", baseline->version);
    ml_json_object_end(json);
}

void ml_body_mark(const struct ml_report *report, bool is_new, struct ml_json *json)
{
    if (report->baseline != NULL) {
        ml_member_text(json, "baseline", is_new ? "new" : "known");
    }
}
