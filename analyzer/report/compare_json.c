/* SPDX-License-Identifier: Apache-2.0 */
/* The comparison as a document: reports/schema/compare.schema.json. Members in canonical order. */
#include "report/compare.h"

#include "core/digest.h"
#include "core/limits.h"
#include "report/member.h"

#include <math.h>

#define BILLION 1000000000.0
#define MILLION 1000000.0

/* What a capture cannot show holds for every comparison too. */
static const char *const limits[] = {"LIM-SAMPLE", "LIM-GEO", "LIM-BACKEND", "LIM-OPERATOR", "LIM-ATTR", NULL};

static void add_spread(const struct ml_compare *compare, const struct ml_compare_row *row, unsigned group,
                       struct ml_json *json)
{
    const uint64_t *values = row->values + (group == 0 ? 0 : compare->n[0]);
    const struct ml_spread spread = ml_compare_spread(compare, row, group);
    ml_member_uint(json, "max", spread.max);
    ml_member_uint(json, "median", spread.median);
    ml_member_uint(json, "min", spread.min);
    ml_member_array(json, "values");
    for (unsigned i = 0; i < compare->n[group]; i++) {
        ml_json_uint(json, values[i]);
    }
    ml_json_array_end(json);
}

static void add_group(const struct ml_compare *compare, const struct ml_compare_row *row, unsigned group,
                      struct ml_json *json)
{
    ml_member_object(json, group == 0 ? "a" : "b");
    if (ml_compare_kind_info(row->kind)->is_set) {
        ml_member_uint(json, "k", row->k[group]);
        ml_member_uint(json, "n", compare->n[group]);
    } else {
        add_spread(compare, row, group, json);
    }
    ml_json_object_end(json);
}

static void add_test(const struct ml_compare_row *row, struct ml_json *json)
{
    /* Presence is a share of runs: parts per million, as shares are everywhere. */
    double unit = ml_compare_kind_info(row->kind)->is_set ? MILLION : 1;
    ml_json_key(json, "test");
    if (row->test.splits == 0) {
        ml_json_null(json);
        return;
    }
    double p = (double)row->test.as_extreme / (double)row->test.splits;
    ml_json_object(json);
    ml_member_uint(json, "as_extreme", row->test.as_extreme);
    ml_member_uint(json, "control", (uint64_t)ceil(row->control * unit));
    ml_member_uint(json, "effect", (uint64_t)floor(row->effect * unit));
    ml_member_uint(json, "p_ppb", (uint64_t)ceil(p * BILLION));
    ml_member_uint(json, "q_ppb", (uint64_t)ceil(row->q * BILLION));
    ml_member_uint(json, "splits", row->test.splits);
    ml_json_object_end(json);
}

static void add_row(const struct ml_compare *compare, const struct ml_compare_row *row, struct ml_json *json)
{
    const struct ml_compare_kind_info *info = ml_compare_kind_info(row->kind);
    ml_json_object(json);
    add_group(compare, row, 0, json);
    add_group(compare, row, 1, json);
    ml_member_span(json, "key", row->key);
    ml_member_text(json, "kind", info->name);
    if (info->is_set) {
        ml_member_text(json, "status", row->k[0] == 0 ? "new" : row->k[1] == 0 ? "gone" : "both");
    }
    add_test(row, json);
    if (!info->is_set) {
        ml_member_text(json, "unit",
                       info->is_share                                         ? "ppm"
                       : strncmp((const char *)row->key.ptr, "bytes", 5) == 0 ? "bytes"
                                                                              : "count");
    }
    ml_member_text(json, "verdict", ml_test_verdict_text(row->verdict));
    ml_json_object_end(json);
}

static void add_rows(const struct ml_compare *compare, bool wants_sets, const char *key, struct ml_json *json)
{
    ml_member_array(json, key);
    for (size_t i = 0; i < compare->n_rows; i++) {
        if (ml_compare_kind_info(compare->rows[i].kind)->is_set == wants_sets) {
            add_row(compare, &compare->rows[i], json);
        }
    }
    ml_json_array_end(json);
}

static void add_runs(const struct ml_compare *compare, unsigned group, struct ml_json *json)
{
    ml_member_array(json, group == 0 ? "a" : "b");
    for (unsigned i = 0; i < compare->n[group]; i++) {
        const struct ml_compare_run *run = &compare->runs[i + (group == 0 ? 0 : compare->n[0])];
        ml_json_object(json);
        ml_member_span(json, "body_sha256", run->body_sha256);
        ml_member_array(json, "inputs");
        for (size_t at = 0; at < run->inputs.len;) {
            struct ml_span rest = ml_span_cut(run->inputs, at, run->inputs.len);
            size_t len = ml_span_find(rest, ml_span_text(" "));
            ml_json_span(json, ml_span_cut(rest, 0, len));
            at += len + 1;
        }
        ml_json_array_end(json);
        ml_json_object_end(json);
    }
    ml_json_array_end(json);
}

static void add_testing(const struct ml_compare *compare, struct ml_json *json)
{
    struct ml_permutation best = ml_permutation_best(compare->n[0], compare->n[1]);
    ml_member_object(json, "testing");
    ml_member_text(json, "adjustment", "Benjamini-Hochberg");
    ml_member_text(json, "control", "largest difference between two halves of group a");
    ml_member_bool(json, "is_testable", compare->is_testable);
    ml_member_text(json, "method", "exact permutation test of the difference of means, two-sided");
    ml_member_uint(json, "q_limit_ppb", 50000000);
    ml_member_or_null(json, "reason", compare->untestable);
    ml_json_key(json, "smallest_p_ppb");
    if (best.splits != 0) {
        ml_json_uint(json, (uint64_t)ceil((double)best.as_extreme / (double)best.splits * BILLION));
    } else {
        ml_json_null(json);
    }
    ml_member_uint(json, "tests", compare->n_tests);
    ml_member_text(json, "unit", "run");
    ml_json_object_end(json);
}

static void add_body(const struct ml_compare *compare, struct ml_json *json)
{
    ml_json_object(json);
    ml_member_array(json, "cautions");
    for (size_t i = 0; i < compare->n_cautions; i++) {
        ml_json_text(json, compare->cautions[i]);
    }
    ml_json_array_end(json);
    ml_member_object(json, "groups");
    add_runs(compare, 0, json);
    add_runs(compare, 1, json);
    ml_json_object_end(json);
    ml_member_list(json, "limits", limits);
    add_rows(compare, false, "metrics", json);
    add_rows(compare, true, "sets", json);
    add_testing(compare, json);
    ml_member_object(json, "tool");
    ml_member_text(json, "name", "mitleser");
    ml_member_text(json, "version", MITLESER_VERSION);
    ml_json_object_end(json);
    ml_json_object_end(json);
}

enum ml_status ml_compare_json(const struct ml_compare *compare, struct ml_buf *out)
{
    struct ml_buf body;
    struct ml_json json;
    char sha256[ML_SHA256_HEX];
    ml_buf_init(&body, ML_MAX_REPORT_BYTES);
    ml_json_init(&json, &body);
    add_body(compare, &json);
    bool ok = !body.failed && ml_sha256_hex(ml_buf_span(&body), sha256);
    if (ok) {
        ml_json_init(&json, out);
        ml_json_object(&json);
        ml_member_text(&json, "schema", "urn:mitleser:schema:compare:1");
        ml_json_key(&json, "body");
        (void)ml_buf_add_span(out, ml_buf_span(&body)); /* failures latch in `out` */
        json.wants_comma = true;
        ml_member_object(&json, "integrity");
        ml_member_text(&json, "body_sha256", sha256);
        ml_member_text(&json, "canonicalisation", "RFC 8785");
        ml_json_object_end(&json);
        ml_json_object_end(&json);
        (void)ml_buf_add_byte(out, '\n');
    }
    ml_buf_fini(&body);
    return ok && !out->failed ? ML_OK : ML_NO_MEMORY;
}
