/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Residency: bytes by place, network, control and class, flow by flow, so that flows.ndjson adds up to the same.
 *
 * Flows of one place, control, app and service are told alike in all tables: they are added up first, and spread over
 * the rows at the end.
 *
 * A place is a set of candidates, not a point: a row's lower bound holds what is determined and has no other candidate,
 * its upper bound all that has it among its candidates. States of knowledge ("unknown", "disputed", ...) are rows of
 * their own; their bounds are their bytes.
 */
#include "engine/join.h"

#include "core/mem.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_ROWS = 320, FIRST_ROWS = 4, FIRST_SHARES = 64 }; /* countries of ISO 3166-1, and the states of knowledge */

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

static void add_lower(struct ml_residency_row *row, const struct ml_residency_share *share)
{
    if (row != NULL) {
        row->flows_lower += share->flows;
        row->up_lower += share->bytes_up;
        row->down_lower += share->bytes_down;
    }
}

static void add_upper(struct ml_residency_row *row, const struct ml_residency_share *share)
{
    if (row != NULL) {
        row->flows_upper += share->flows;
        row->up_upper += share->bytes_up;
        row->down_upper += share->bytes_down;
    }
}

/* The one row a flow is told in. */
static void add_point(struct ml_residency_row *row, const struct ml_residency_share *share, uint64_t endpoints)
{
    if (row != NULL) {
        row->endpoints += endpoints;
        row->flows += share->flows;
        row->bytes_up += share->bytes_up;
        row->bytes_down += share->bytes_down;
    }
}

static void add_bounds(struct ml_join *join, struct ml_residency_table *table, const char *point, bool is_sure,
                       const char *const *set, size_t n, const struct ml_residency_share *share)
{
    bool is_told = false; /* the point is one of the set */
    for (size_t i = 0; i < n; i++) {
        struct ml_residency_row *row = row_of(join, table, set[i]);
        add_upper(row, share);
        if (is_sure && n == 1) {
            add_lower(row, share);
        }
        is_told = is_told || strcmp(set[i], point) == 0;
    }
    if (!is_told) { /* a state of knowledge is no place that could be another */
        struct ml_residency_row *row = row_of(join, table, point);
        add_lower(row, share);
        add_upper(row, share);
    }
}

static const char *or_unknown(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : "unknown";
}

static const char *point_of(const struct ml_residency_share *share, unsigned table)
{
    const struct ml_endpoint_info *info = &share->key.place->info;
    if (table == TABLE_LOCATION) {
        return info->status == ML_LOCATION_DETERMINED ? info->country : ml_location_status_text(info->status);
    }
    if (info->status == ML_LOCATION_SPECIAL) {
        return "special";
    }
    return or_unknown(table == TABLE_NETWORK   ? info->as_country
                      : table == TABLE_CONTROL ? share->key.control
                                               : share->key.place->class_location);
}

/* --- flow by flow --- */

/* NULL: out of memory. */
static struct ml_residency_share *share_of(struct ml_join *join, const struct ml_residency_key *key)
{
    bool is_new = false;
    struct ml_map_entry *entry =
        ml_map_add(&join->residency_index, ml_span_of(key, sizeof *key), (uint32_t)join->n_shares, &is_new);
    if (entry == NULL || !is_new) {
        return entry != NULL ? &join->shares[entry->value] : NULL;
    }
    struct ml_residency_share *shares =
        ml_mem_grow(join->shares, join->n_shares, &join->share_room, FIRST_SHARES, sizeof *shares);
    if (shares == NULL) {
        return NULL;
    }
    join->shares = shares;
    struct ml_residency_share *share = &shares[join->n_shares++];
    *share = (struct ml_residency_share){.key = *key};
    struct ml_residency_table *controls = &join->report->residency.by_control;
    const struct ml_residency_row *row = row_of(join, controls, point_of(share, TABLE_CONTROL));
    share->control_row = row != NULL ? (uint16_t)(row - controls->rows) : MAX_ROWS;
    return share;
}

/* An endpoint can have names of several companies; mostly it has those of one. False: out of memory. */
static bool count_control(struct ml_join *join, struct ml_residency_share *share, uint32_t endpoint)
{
    const uint32_t seen[2] = {share->control_row, endpoint};
    struct ml_endpoint_note *note = &join->notes[endpoint];
    bool is_new = note->control_row == 0;
    if (is_new) {
        note->control_row = (uint16_t)(share->control_row + 1);
    } else if (note->control_row != share->control_row + 1 &&
               ml_map_add(&join->residency_seen, ml_span_of(seen, sizeof seen), 0, &is_new) == NULL) {
        return false;
    }
    share->controlled += is_new;
    return true;
}

bool ml_join_count_residency(struct ml_join *join, const struct ml_flow_view *view, size_t app, size_t service)
{
    const struct ml_residency_key key = {.place = view->place,
                                         .control = view->company != NULL ? view->company->parent_country : NULL,
                                         .app = (uint32_t)app,
                                         .service = (uint32_t)service};
    struct ml_residency_share *share = share_of(join, &key);
    if (share == NULL || !count_control(join, share, view->endpoint_index)) {
        return false;
    }
    share->flows++;
    share->bytes_up += view->bytes_up;
    share->bytes_down += view->bytes_down;
    share->endpoints += view->endpoint->flows == 1; /* it is always in one place, whose rows are always the same */
    return true;
}

/* --- at the end --- */

static void spread(struct ml_join *join, struct ml_residency *residency, const struct ml_residency_share *share,
                   bool is_whole)
{
    const struct ml_site *place = share->key.place;
    bool is_sure = place->info.status == ML_LOCATION_DETERMINED;
    for (unsigned i = 0; i < N_TABLES; i++) {
        struct ml_residency_table *table = table_of(residency, i);
        const char *point = point_of(share, i);
        const char *const *set = i == TABLE_CLASS ? place->classes : place->left;
        size_t n = i == TABLE_LOCATION ? place->n_left : i == TABLE_CLASS ? place->n_classes : 0;
        uint64_t endpoints = i == TABLE_CONTROL ? share->controlled : share->endpoints;
        add_point(row_of(join, table, point), share, is_whole ? endpoints : 0);
        add_bounds(join, table, point, is_sure, set, n, share);
    }
}

void ml_join_spread_residency(struct ml_join *join)
{
    struct ml_report *report = join->report;
    for (size_t i = 0; i < join->n_shares; i++) {
        const struct ml_residency_share *share = &join->shares[i];
        struct ml_report_app *app = &report->apps[share->key.app];
        spread(join, &report->residency, share, true);
        spread(join, &app->residency, share, false);
        if (share->key.service < app->n_services) {
            spread(join, &app->services[share->key.service].residency, share, false);
        }
    }
}

void ml_join_residency_init(struct ml_join *join)
{
    ml_map_init(&join->residency_seen, UINT32_MAX);
    ml_map_init(&join->residency_index, UINT32_MAX);
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
