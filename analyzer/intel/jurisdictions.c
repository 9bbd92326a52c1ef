/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/jurisdictions.h"

#include "core/timefmt.h"
#include "intel/rows.h"

#include <stdlib.h>

static const int64_t day_ns = INT64_C(86400) * 1000000000;
static const char *const classes[] = {"eea", "domestic", "adequate", "partial", NULL};

void ml_jurisdictions_fini(struct ml_jurisdictions *jurisdictions)
{
    ml_arena_fini(&jurisdictions->arena);
    *jurisdictions = (struct ml_jurisdictions){0};
}

/* A day as midnight UTC; `otherwise` when the key is absent. */
static enum ml_status read_day(const struct ml_yaml_file *file, const struct ml_yaml *node, const char *key,
                               int64_t otherwise, int64_t *out, struct ml_error *error)
{
    *out = otherwise;
    const struct ml_yaml *day = ml_yaml_get(node, key);
    if (day == NULL) {
        return ML_OK;
    }
    if (day->kind != ML_YAML_SCALAR || day->text.len != 10 || !ml_time_parse(day->text, out)) {
        return ml_yaml_refuse(file, day, error, "\"%s\" must be YYYY-MM-DD", key);
    }
    return ML_OK;
}

static enum ml_status read_row(struct ml_jurisdictions *out, const struct ml_yaml_file *file,
                               const struct ml_yaml *node, struct ml_jurisdiction_row *row, struct ml_error *error)
{
    static const char *const keys[] = {"country", "class",      "from",       "until", "scope", "reference",
                                       "source",  "checked_on", "unverified", "note",  NULL};
    enum ml_status status = ml_folder_keys(file, node, keys, error);
    if (status == ML_OK) {
        status = ml_folder_country(file, node, "country", true, row->country, error);
    }
    struct ml_span class_name = ml_yaml_text(node, "class", "");
    for (const char *const *word = classes; *word != NULL; word++) {
        if (ml_span_equal(class_name, ml_span_text(*word))) {
            row->class_name = *word;
        }
    }
    if (status == ML_OK && row->class_name == NULL) {
        status = ml_yaml_refuse(file, node, error, "\"class\" must be eea, domestic, adequate or partial");
    }
    if (status == ML_OK && ml_yaml_get(node, "from") == NULL) {
        status = ml_yaml_refuse(file, node, error, "\"from\" is missing");
    }
    if (status == ML_OK) {
        status = read_day(file, node, "from", INT64_MIN, &row->from_ns, error);
    }
    if (status == ML_OK) {
        status = read_day(file, node, "until", INT64_MAX, &row->until_ns, error);
    }
    const char *source = NULL;
    const char *checked_on = NULL;
    if (status == ML_OK) {
        status = ml_folder_source(file, node, &out->arena, &source, &checked_on, error);
    }
    if (status == ML_OK && row->until_ns != INT64_MAX) {
        row->until_ns += day_ns; /* the last day counts as a whole */
    }
    if (status == ML_OK && row->until_ns <= row->from_ns) {
        status = ml_yaml_refuse(file, node, error, "\"until\" lies before \"from\"");
    }
    return status;
}

static int by_country(const void *a, const void *b)
{
    const struct ml_jurisdiction_row *left = a;
    const struct ml_jurisdiction_row *right = b;
    int order = strcmp(left->country, right->country);
    if (order != 0) {
        return order;
    }
    return left->from_ns < right->from_ns ? -1 : left->from_ns > right->from_ns;
}

static enum ml_status sort_rows(const struct ml_yaml_file *file, const struct ml_yaml *list, struct ml_regime *regime,
                                struct ml_error *error)
{
    qsort(regime->rows, regime->n, sizeof *regime->rows, by_country);
    for (size_t i = 1; i < regime->n; i++) {
        const struct ml_jurisdiction_row *before = &regime->rows[i - 1];
        if (strcmp(before->country, regime->rows[i].country) == 0 && before->until_ns > regime->rows[i].from_ns) {
            return ml_yaml_refuse(file, list, error, "two rows of %s hold on the same day", before->country);
        }
    }
    return ML_OK;
}

static enum ml_status read_rows(struct ml_jurisdictions *out, const struct ml_yaml_file *file,
                                const struct ml_yaml *list, struct ml_regime *regime, struct ml_error *error)
{
    regime->rows = ml_arena_get(&out->arena, (list->n + 1) * sizeof *regime->rows);
    if (regime->rows == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    for (const struct ml_yaml *node = list->first; node != NULL; node = node->next) {
        enum ml_status status = read_row(out, file, node, &regime->rows[regime->n], error);
        if (status != ML_OK) {
            return status;
        }
        regime->n++;
    }
    return sort_rows(file, list, regime, error);
}

static enum ml_status read_root(void *context, const struct ml_yaml_file *file, const struct ml_yaml *root,
                                struct ml_error *error)
{
    static const char *const keys[] = {"as_of", "regime", "name", "rows", NULL};
    struct ml_jurisdictions *out = context;
    enum ml_status status = ml_folder_keys(file, root, keys, error);
    if (status == ML_OK && out->n == ML_MAX_REGIMES) {
        status = ml_error_set(error, ML_LIMIT, "more than %d regimes", ML_MAX_REGIMES);
    }
    if (status != ML_OK) {
        return status;
    }
    struct ml_regime *regime = &out->regimes[out->n];
    const struct ml_yaml *list = ml_yaml_get(root, "rows");
    status = ml_folder_text(file, root, "regime", true, &out->arena, &regime->id, error);
    if (status == ML_OK) {
        status = ml_folder_text(file, root, "name", true, &out->arena, &regime->name, error);
    }
    for (size_t i = 0; status == ML_OK && i < out->n; i++) {
        if (strcmp(out->regimes[i].id, regime->id) == 0) {
            status = ml_yaml_refuse(file, root, error, "the regime \"%s\" stands in two files", regime->id);
        }
    }
    if (status == ML_OK && (list == NULL || list->kind != ML_YAML_LIST)) {
        status = ml_yaml_refuse(file, root, error, "\"rows\" must be a list");
    }
    if (status == ML_OK) {
        status = read_rows(out, file, list, regime, error);
    }
    out->n += status == ML_OK;
    return status;
}

enum ml_status ml_jurisdictions_read(const char *folder, struct ml_jurisdictions *out, struct ml_error *error)
{
    *out = (struct ml_jurisdictions){0};
    ml_arena_init(&out->arena, false);
    enum ml_status status = ml_folder_read(folder, read_root, out, &out->info, error);
    if (status != ML_OK) {
        ml_jurisdictions_fini(out);
    }
    return status;
}

const char *ml_jurisdictions_class(const struct ml_jurisdictions *jurisdictions, const char *regime,
                                   const char *country, int64_t on_time_ns)
{
    const struct ml_regime *found = NULL;
    for (size_t i = 0; i < jurisdictions->n; i++) {
        if (strcmp(jurisdictions->regimes[i].id, regime) == 0) {
            found = &jurisdictions->regimes[i];
        }
    }
    if (found == NULL || strlen(country) != 2 || !ml_is_country(country)) {
        return "unknown";
    }
    for (size_t i = 0; i < found->n; i++) {
        const struct ml_jurisdiction_row *row = &found->rows[i];
        if (strcmp(row->country, country) == 0 && row->from_ns <= on_time_ns && on_time_ns < row->until_ns) {
            return row->class_name;
        }
    }
    return "none";
}
