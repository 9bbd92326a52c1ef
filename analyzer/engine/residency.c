/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Residency: bytes by place, network, control and class, flow by flow, so that flows.ndjson adds up to the same.
 *
 * A place is a set of candidates, not a point: a row's lower bound holds what is determined and has no other candidate,
 * its upper bound all that has it among its candidates. States of knowledge ("unknown", "disputed", ...) are rows of
 * their own; their bounds are their bytes.
 */
#include "engine/join.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_ROWS = 320 }; /* countries of ISO 3166-1, and the states of knowledge */

enum { TABLE_LOCATION, TABLE_NETWORK, TABLE_CONTROL, TABLE_CLASS, N_TABLES };

static struct ml_residency_table *table_of(struct ml_report *report, unsigned table)
{
    struct ml_residency_table *const tables[N_TABLES] = {&report->by_location, &report->by_network_country,
                                                         &report->by_control, &report->by_class};
    return tables[table];
}

/* The row of a key, made when first asked for; NULL when there are more rows than countries. */
static struct ml_residency_row *row_of(struct ml_residency_table *table, const char *key)
{
    for (size_t i = 0; i < table->n; i++) {
        if (strcmp(table->rows[i].key, key) == 0) {
            return &table->rows[i];
        }
    }
    if (table->n == MAX_ROWS) {
        return NULL;
    }
    struct ml_residency_row *row = &table->rows[table->n++];
    *row = (struct ml_residency_row){0};
    (void)snprintf(row->key, sizeof row->key, "%s", key);
    return row;
}

static void add_lower(struct ml_residency_row *row, const struct ml_flow_view *view)
{
    if (row != NULL) {
        row->up_lower += view->bytes_up;
        row->down_lower += view->bytes_down;
    }
}

static void add_upper(struct ml_residency_row *row, const struct ml_flow_view *view)
{
    if (row != NULL) {
        row->up_upper += view->bytes_up;
        row->down_upper += view->bytes_down;
    }
}

/* The one row a flow is told in. */
static bool count_point(struct ml_join *join, unsigned table, const char *key, const struct ml_flow_view *view)
{
    struct ml_residency_table *rows = table_of(join->report, table);
    struct ml_residency_row *row = row_of(rows, key);
    if (row == NULL) {
        return true;
    }
    const uint32_t seen[3] = {table, (uint32_t)(row - rows->rows), view->endpoint_index};
    bool is_new = false;
    if (ml_map_add(&join->residency_seen, ml_span_of(seen, sizeof seen), 0, &is_new) == NULL) {
        return false;
    }
    row->endpoints += is_new ? 1 : 0;
    row->flows++;
    row->bytes_up += view->bytes_up;
    row->bytes_down += view->bytes_down;
    return true;
}

static void count_bounds(struct ml_residency_table *table, const char *point, bool is_sure, const char *const *set,
                         size_t n, const struct ml_flow_view *view)
{
    bool is_told = false; /* the point is one of the set */
    for (size_t i = 0; i < n; i++) {
        struct ml_residency_row *row = row_of(table, set[i]);
        add_upper(row, view);
        if (is_sure && n == 1) {
            add_lower(row, view);
        }
        is_told = is_told || strcmp(set[i], point) == 0;
    }
    if (!is_told) { /* a state of knowledge is no place that could be another */
        struct ml_residency_row *row = row_of(table, point);
        add_lower(row, view);
        add_upper(row, view);
    }
}

static const char *or_unknown(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : "unknown";
}

bool ml_join_count_residency(struct ml_join *join, const struct ml_flow_view *view)
{
    struct ml_report *report = join->report;
    const struct ml_endpoint_info *info = view->dst_info;
    bool is_special = info->status == ML_LOCATION_SPECIAL;
    bool is_sure = info->status == ML_LOCATION_DETERMINED;
    const char *control = view->company != NULL ? view->company->parent_country : "";
    const char *points[N_TABLES] = {
        [TABLE_LOCATION] = is_sure ? info->country : ml_location_status_text(info->status),
        [TABLE_NETWORK] = is_special ? "special" : or_unknown(info->as_country),
        [TABLE_CONTROL] = is_special ? "special" : or_unknown(control),
        [TABLE_CLASS] = is_special ? "special" : or_unknown(view->class_location),
    };
    const char *set[ML_MAX_CANDIDATES];
    for (unsigned i = 0; i < N_TABLES; i++) {
        size_t n = i == TABLE_LOCATION ? ml_join_left(info, set)
                   : i == TABLE_CLASS  ? ml_join_left_classes(join, info, set)
                                       : 0;
        if (!count_point(join, i, points[i], view)) {
            return false;
        }
        count_bounds(table_of(report, i), points[i], is_sure, set, n, view);
    }
    return true;
}

bool ml_join_residency_init(struct ml_join *join)
{
    ml_map_init(&join->residency_seen, UINT32_MAX);
    for (unsigned i = 0; i < N_TABLES; i++) {
        struct ml_residency_table *table = table_of(join->report, i);
        table->rows = ml_arena_get(&join->report->arena, MAX_ROWS * sizeof *table->rows);
        if (table->rows == NULL) {
            return false;
        }
    }
    return true;
}

static int by_row_bytes(const void *a, const void *b)
{
    const struct ml_residency_row *x = a;
    const struct ml_residency_row *y = b;
    uint64_t bx = x->bytes_up + x->bytes_down;
    uint64_t by = y->bytes_up + y->bytes_down;
    return bx != by ? (bx < by) - (bx > by) : strcmp(x->key, y->key);
}

void ml_join_finish_residency(struct ml_join *join)
{
    for (unsigned i = 0; i < N_TABLES; i++) {
        struct ml_residency_table *table = table_of(join->report, i);
        qsort(table->rows, table->n, sizeof *table->rows, by_row_bytes);
    }
}
