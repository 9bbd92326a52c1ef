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

enum { MAX_ROWS = 320, FIRST_ROWS = 4 }; /* countries of ISO 3166-1, and the states of knowledge */

enum { TABLE_LOCATION, TABLE_NETWORK, TABLE_CONTROL, TABLE_CLASS, N_TABLES };

static struct ml_residency_table *table_of(struct ml_residency *residency, unsigned table)
{
    struct ml_residency_table *const tables[N_TABLES] = {&residency->by_location, &residency->by_network_country,
                                                         &residency->by_control, &residency->by_class};
    return tables[table];
}

/* Rooms that double; what they leave behind stays in the arena. */
static bool grow(struct ml_join *join, struct ml_residency_table *table)
{
    size_t room = table->room != 0 ? 2 * table->room : FIRST_ROWS;
    struct ml_residency_row *rows = ml_arena_get(&join->report->arena, room * sizeof *rows);
    if (rows == NULL) {
        join->out_of_memory = true;
        return false;
    }
    if (table->n != 0) {
        memcpy(rows, table->rows, table->n * sizeof *rows);
    }
    table->rows = rows;
    table->room = room;
    return true;
}

/* The row of a key, made when first asked for; NULL when there are more rows than countries, or no memory. */
static struct ml_residency_row *row_of(struct ml_join *join, struct ml_residency_table *table, const char *key)
{
    for (size_t i = 0; i < table->n; i++) {
        if (table->rows[i].key[0] == key[0] && strcmp(table->rows[i].key, key) == 0) {
            return &table->rows[i];
        }
    }
    if (table->n == MAX_ROWS || (table->n == table->room && !grow(join, table))) {
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
        row->flows_lower++;
        row->up_lower += view->bytes_up;
        row->down_lower += view->bytes_down;
    }
}

static void add_upper(struct ml_residency_row *row, const struct ml_flow_view *view)
{
    if (row != NULL) {
        row->flows_upper++;
        row->up_upper += view->bytes_up;
        row->down_upper += view->bytes_down;
    }
}

/* The one row a flow is told in; its number in the table, MAX_ROWS when the table is full. */
static size_t count_point(struct ml_join *join, struct ml_residency_table *table, const char *key,
                          const struct ml_flow_view *view)
{
    struct ml_residency_row *row = row_of(join, table, key);
    if (row == NULL) {
        return MAX_ROWS;
    }
    row->flows++;
    row->bytes_up += view->bytes_up;
    row->bytes_down += view->bytes_down;
    return (size_t)(row - table->rows);
}

/* An endpoint can have names of several companies; mostly it has those of one. False: out of memory. */
static bool is_new_control(struct ml_join *join, size_t row, uint32_t endpoint, bool *is_new)
{
    const uint32_t seen[2] = {(uint32_t)row, endpoint};
    struct ml_endpoint_note *note = &join->notes[endpoint];
    *is_new = note->control_row == 0;
    if (*is_new) {
        note->control_row = (uint16_t)(row + 1);
    }
    return note->control_row == row + 1 ||
           ml_map_add(&join->residency_seen, ml_span_of(seen, sizeof seen), 0, is_new) != NULL;
}

/* Counts the endpoint of the flow once a row of the whole report's tables. */
static bool count_endpoint(struct ml_join *join, unsigned table, size_t row, const struct ml_flow_view *view)
{
    bool is_new = view->endpoint->flows == 1; /* it is always in one place, whose rows are always the same */
    if (row == MAX_ROWS) {
        return true;
    }
    if (table == TABLE_CONTROL && !is_new_control(join, row, view->endpoint_index, &is_new)) {
        return false;
    }
    table_of(&join->report->residency, table)->rows[row].endpoints += is_new ? 1 : 0;
    return true;
}

static void count_bounds(struct ml_join *join, struct ml_residency_table *table, const char *point, bool is_sure,
                         const char *const *set, size_t n, const struct ml_flow_view *view)
{
    bool is_told = false; /* the point is one of the set */
    for (size_t i = 0; i < n; i++) {
        struct ml_residency_row *row = row_of(join, table, set[i]);
        add_upper(row, view);
        if (is_sure && n == 1) {
            add_lower(row, view);
        }
        is_told = is_told || strcmp(set[i], point) == 0;
    }
    if (!is_told) { /* a state of knowledge is no place that could be another */
        struct ml_residency_row *row = row_of(join, table, point);
        add_lower(row, view);
        add_upper(row, view);
    }
}

static const char *or_unknown(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : "unknown";
}

bool ml_join_count_residency(struct ml_join *join, const struct ml_flow_view *view, struct ml_residency *const parts[],
                             size_t n_parts)
{
    const struct ml_endpoint_info *info = &view->place->info;
    bool is_special = info->status == ML_LOCATION_SPECIAL;
    bool is_sure = info->status == ML_LOCATION_DETERMINED;
    const char *control = view->company != NULL ? view->company->parent_country : "";
    const char *points[N_TABLES] = {
        [TABLE_LOCATION] = is_sure ? info->country : ml_location_status_text(info->status),
        [TABLE_NETWORK] = is_special ? "special" : or_unknown(info->as_country),
        [TABLE_CONTROL] = is_special ? "special" : or_unknown(control),
        [TABLE_CLASS] = is_special ? "special" : or_unknown(view->place->class_location),
    };
    for (unsigned i = 0; i < N_TABLES; i++) {
        const char *const *set = i == TABLE_CLASS ? view->place->classes : view->place->left;
        size_t n = i == TABLE_LOCATION ? view->place->n_left : i == TABLE_CLASS ? view->place->n_classes : 0;
        struct ml_residency_table *whole = table_of(&join->report->residency, i);
        if (!count_endpoint(join, i, count_point(join, whole, points[i], view), view)) {
            return false;
        }
        count_bounds(join, whole, points[i], is_sure, set, n, view);
        for (size_t k = 0; k < n_parts; k++) {
            struct ml_residency_table *part = table_of(parts[k], i);
            (void)count_point(join, part, points[i], view);
            count_bounds(join, part, points[i], is_sure, set, n, view);
        }
    }
    return !join->out_of_memory;
}

void ml_join_residency_init(struct ml_join *join)
{
    ml_map_init(&join->residency_seen, UINT32_MAX);
}

static int by_row_bytes(const void *a, const void *b)
{
    const struct ml_residency_row *x = a;
    const struct ml_residency_row *y = b;
    uint64_t bx = x->bytes_up + x->bytes_down;
    uint64_t by = y->bytes_up + y->bytes_down;
    return bx != by ? (bx < by) - (bx > by) : strcmp(x->key, y->key);
}

static void sort(struct ml_residency *residency)
{
    for (unsigned i = 0; i < N_TABLES; i++) {
        struct ml_residency_table *table = table_of(residency, i);
        if (table->n != 0) {
            qsort(table->rows, table->n, sizeof *table->rows, by_row_bytes);
        }
    }
}

void ml_join_finish_residency(struct ml_join *join)
{
    struct ml_report *report = join->report;
    sort(&report->residency);
    for (size_t i = 0; i < report->n_apps; i++) {
        sort(&report->apps[i].residency);
        for (size_t k = 0; k < report->apps[i].n_services; k++) {
            sort(&report->apps[i].services[k].residency);
        }
    }
}
