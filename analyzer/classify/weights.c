/* SPDX-License-Identifier: Apache-2.0 */
/* weights.yaml: what an evidence counts, what takes from it, and how many points make a grade. */
#include "classify/catalogue.h"

enum { MOST_POINTS = 100, MAX_QUOTED = 80 };

static const char *const EVIDENCE[ML_N_WEIGHTS] = {
    "declared",           "uid",         "signature",     "signature.kin", "name.sni",   "name.http",
    "name.quic",          "name.cert",   "name.http_dns", "name.dns",      "name.file",  "name.dns_later",
    "prefix.published",   "prefix.seen", "asn",           "ndpi.dpi",      "ndpi.other", "ndpi.by_address",
    "ndpi.against_names", "ndpi.stun",
};

static const char *const FACTORS[ML_N_FACTORS] = {"shared", "several_names", "foreign_name"};

/* Index of the text in a table of n names, n when it is not there. */
static size_t index_of(struct ml_span text, const char *const *names, size_t n)
{
    size_t i = 0;
    while (i < n && !ml_span_equal(text, ml_span_text(names[i]))) {
        i++;
    }
    return i;
}

static enum ml_status refuse_key(const struct ml_yaml_file *file, const struct ml_yaml *node, struct ml_error *error)
{
    int len = (int)(node->key.len < MAX_QUOTED ? node->key.len : MAX_QUOTED);
    ml_error_at(error, file->path, node->key_line, node->key_column);
    return ml_error_set(error, ML_BAD_INPUT, "unknown key: \"%.*s\"", len, (const char *)node->key.ptr);
}

/* One of {what: name, amount: number, reason: text}; writes the number to its place. */
static enum ml_status read_row(const struct ml_yaml_file *file, const struct ml_yaml *row, const char *const keys[2],
                               const char *const *names, size_t n, int *out, struct ml_error *error)
{
    for (const struct ml_yaml *child = row->first; child != NULL; child = child->next) {
        const char *const allowed[] = {keys[0], keys[1], "reason"};
        if (row->kind == ML_YAML_MAP && index_of(child->key, allowed, 3) == 3) {
            return refuse_key(file, child, error);
        }
    }
    const struct ml_yaml *what = ml_yaml_get(row, keys[0]);
    const struct ml_yaml *amount = ml_yaml_get(row, keys[1]);
    const struct ml_yaml *reason = ml_yaml_get(row, "reason");
    int64_t number = 0;
    if (row->kind != ML_YAML_MAP || what == NULL || reason == NULL || reason->text.len == 0) {
        return ml_yaml_refuse(file, row, error, "a row needs %s, %s and a reason", keys[0], keys[1]);
    }
    if (!ml_yaml_number(amount, &number) || number < 0 || number > MOST_POINTS) {
        return ml_yaml_refuse(file, amount != NULL ? amount : row, error, "%s must be 0 to %d", keys[1], MOST_POINTS);
    }
    size_t index = index_of(what->text, names, n);
    if (index == n || out[index] >= 0) {
        int len = (int)(what->text.len < MAX_QUOTED ? what->text.len : MAX_QUOTED);
        return ml_yaml_refuse(file, what, error, "%s: \"%.*s\"", index == n ? "unknown" : "given twice", len,
                              (const char *)what->text.ptr);
    }
    out[index] = (int)number;
    return ML_OK;
}

/* A list with one row for every name of the table. */
static enum ml_status read_table(const struct ml_yaml_file *file, const char *list_key, const char *const keys[2],
                                 const char *const *names, size_t n, int *out, struct ml_error *error)
{
    const struct ml_yaml *list = ml_yaml_get(file->documents[0], list_key);
    if (list == NULL || list->kind != ML_YAML_LIST) {
        return ml_yaml_refuse(file, list != NULL ? list : file->documents[0], error, "\"%s\" must be a list", list_key);
    }
    for (size_t i = 0; i < n; i++) {
        out[i] = -1; /* not yet given */
    }
    for (const struct ml_yaml *row = list->first; row != NULL; row = row->next) {
        enum ml_status status = read_row(file, row, keys, names, n, out, error);
        if (status != ML_OK) {
            return status;
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (out[i] < 0) {
            return ml_yaml_refuse(file, list, error, "\"%s\" lacks \"%s\"", list_key, names[i]);
        }
    }
    return ML_OK;
}

static enum ml_status read_conflict(const struct ml_yaml_file *file, struct ml_weights *out, struct ml_error *error)
{
    static const char *const KEYS[] = {"ceiling", "reason"};
    static const char *const GRADES[] = {"low", "moderate", "high"};
    const struct ml_yaml *conflict = ml_yaml_get(file->documents[0], "conflict");
    if (conflict == NULL || conflict->kind != ML_YAML_MAP) {
        return ml_yaml_refuse(file, conflict != NULL ? conflict : file->documents[0], error,
                              "\"conflict\" must be a map");
    }
    for (const struct ml_yaml *child = conflict->first; child != NULL; child = child->next) {
        if (index_of(child->key, KEYS, 2) == 2) {
            return refuse_key(file, child, error);
        }
    }
    struct ml_span ceiling = ml_yaml_text(conflict, "ceiling", "");
    size_t grade = index_of(ceiling, GRADES, 3);
    if (grade == 3) {
        return ml_yaml_refuse(file, conflict, error, "\"ceiling\" must be low, moderate or high");
    }
    out->conflict_ceiling = (enum ml_grade)(ML_GRADE_LOW + grade);
    return ML_OK;
}

enum ml_status ml_weights_read(const struct ml_yaml_file *file, struct ml_weights *out, struct ml_error *error)
{
    static const char *const KEYS[] = {"weights", "factors", "grades", "conflict"};
    static const char *const GRADES[] = {"none", "low", "moderate", "high"};
    static const char *const WEIGHT_ROW[] = {"evidence", "points"};
    static const char *const FACTOR_ROW[] = {"when", "percent"};
    static const char *const GRADE_ROW[] = {"grade", "points"};
    if (file->n_documents != 1 || file->documents[0]->kind != ML_YAML_MAP) {
        ml_error_at(error, file->path, 1, 1);
        return ml_error_set(error, ML_BAD_INPUT, "one document that is a map is expected");
    }
    for (const struct ml_yaml *child = file->documents[0]->first; child != NULL; child = child->next) {
        if (index_of(child->key, KEYS, 4) == 4) {
            return refuse_key(file, child, error);
        }
    }
    enum ml_status status = read_table(file, "weights", WEIGHT_ROW, EVIDENCE, ML_N_WEIGHTS, out->points, error);
    if (status == ML_OK) {
        status = read_table(file, "factors", FACTOR_ROW, FACTORS, ML_N_FACTORS, out->factors, error);
    }
    if (status == ML_OK) {
        /* "none" needs no points: the table begins behind it. */
        status = read_table(file, "grades", GRADE_ROW, GRADES + 1, ML_GRADE_HIGH, out->grades + 1, error);
    }
    if (status == ML_OK &&
        !(out->grades[ML_GRADE_LOW] > 0 && out->grades[ML_GRADE_LOW] < out->grades[ML_GRADE_MODERATE] &&
          out->grades[ML_GRADE_MODERATE] < out->grades[ML_GRADE_HIGH])) {
        status = ml_yaml_refuse(file, ml_yaml_get(file->documents[0], "grades"), error,
                                "grades must rise: 0 < low < moderate < high");
    }
    return status == ML_OK ? read_conflict(file, out, error) : status;
}
