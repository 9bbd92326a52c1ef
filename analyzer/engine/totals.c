/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/join.h"

#include "core/hash.h"
#include "core/mem.h"
#include "core/prefetch.h"

#include <stdlib.h>

enum { FIRST_ROOM = 64 };

/* --- endpoints --- */

uint32_t ml_join_endpoint_hash(const struct ml_flow_view *view)
{
    const struct { /* no padding: hashed as bytes */
        struct ml_ip ip;
        uint8_t ip_proto;
        uint8_t port[2];
    } key = {.ip = view->dst,
             .ip_proto = view->flow->ip_proto,
             .port = {(uint8_t)(view->dst_port >> 8), (uint8_t)view->dst_port}};
    _Static_assert(sizeof key == 20, "a key with padding would not hash as bytes");
    return (uint32_t)ml_hash(ml_span_of(&key, sizeof key));
}

static bool is_of(const struct ml_report_endpoint *endpoint, const struct ml_flow_view *view)
{
    return ml_ip_equal(&endpoint->ip, &view->dst) && endpoint->port == view->dst_port &&
           endpoint->ip_proto == view->flow->ip_proto;
}

static struct ml_report_endpoint *new_endpoint(struct ml_join *join, const struct ml_flow_view *view)
{
    struct ml_report *report = join->report;
    if (report->n_endpoints == UINT32_MAX - 1) {
        return NULL;
    }
    struct ml_report_endpoint *endpoints =
        ml_mem_grow(report->endpoints, report->n_endpoints, &join->endpoint_room, FIRST_ROOM, sizeof *endpoints);
    if (endpoints == NULL) {
        return NULL;
    }
    report->endpoints = endpoints;
    struct ml_endpoint_note *notes =
        ml_mem_grow(join->notes, report->n_endpoints, &join->note_room, FIRST_ROOM, sizeof *notes);
    if (notes == NULL) {
        return NULL;
    }
    join->notes = notes;
    join->notes[report->n_endpoints] = (struct ml_endpoint_note){.place = view->place};
    struct ml_report_endpoint *endpoint = &report->endpoints[report->n_endpoints++];
    *endpoint = (struct ml_report_endpoint){
        .ip = view->dst,
        .port = view->dst_port,
        .ip_proto = view->flow->ip_proto,
        .first_ns = view->flow->first_ns,
        .last_ns = view->flow->last_ns,
        .info = &view->place->info,
        .class_location = view->place->class_location,
        .class_control = view->class_control,
    };
    return endpoint;
}

struct ml_report_endpoint *ml_join_find_endpoint(struct ml_join *join, const struct ml_flow_view *view, uint32_t hash,
                                                 uint32_t *index)
{
    struct ml_report *report = join->report;
    size_t slot = SIZE_MAX;
    while (ml_slots_next(&join->endpoint_slots, hash, &slot, index)) {
        if (is_of(&report->endpoints[*index], view)) {
            return &report->endpoints[*index];
        }
    }
    struct ml_report_endpoint *endpoint = ml_slots_reserve(&join->endpoint_slots) ? new_endpoint(join, view) : NULL;
    if (endpoint != NULL) {
        *index = (uint32_t)report->n_endpoints - 1;
        ml_slots_add(&join->endpoint_slots, hash, *index);
    }
    return endpoint;
}

void ml_join_expect_endpoint(const struct ml_join *join, uint32_t hash)
{
    size_t slot = SIZE_MAX;
    uint32_t index = 0;
    if (ml_slots_next(&join->endpoint_slots, hash, &slot,
                      &index)) { /* the first with this hash is hardly ever another */
        ml_prefetch(&join->report->endpoints[index], sizeof *join->report->endpoints);
        ml_prefetch(&join->notes[index], 1);
    }
}

/* Keeps the names sorted by source; within a source by arrival. */
static bool add_endpoint_name(struct ml_join *join, struct ml_report_endpoint *endpoint,
                              const struct ml_flow_name *name)
{
    for (unsigned i = 0; i < endpoint->n_names; i++) {
        if (ml_span_equal_nocase(endpoint->names[i].name, name->name)) {
            endpoint->names[i].source =
                name->source < endpoint->names[i].source ? name->source : endpoint->names[i].source;
            return true;
        }
    }
    if (endpoint->n_names == ML_MAX_ENDPOINT_NAMES) {
        return true; /* all of them are in flows.ndjson */
    }
    /* Rooms of 1, 2, 4, 8, 16: most endpoints have one name. */
    if ((endpoint->n_names & (endpoint->n_names - 1)) == 0) {
        size_t room = endpoint->n_names != 0 ? 2 * (size_t)endpoint->n_names : 1;
        struct ml_report_name *names = ml_arena_get(&join->report->arena, room * sizeof *names);
        if (names == NULL) {
            return false;
        }
        if (endpoint->n_names != 0) {
            memcpy(names, endpoint->names, endpoint->n_names * sizeof *names);
        }
        endpoint->names = names;
    }
    unsigned place = endpoint->n_names++;
    for (; place > 0 && endpoint->names[place - 1].source > name->source; place--) {
        endpoint->names[place] = endpoint->names[place - 1];
    }
    endpoint->names[place] = (struct ml_report_name){.name = name->name, .source = name->source};
    return true;
}

static bool add_endpoint_app(struct ml_join *join, struct ml_report_endpoint *endpoint, const char *app)
{
    for (unsigned i = 0; i < endpoint->n_apps; i++) {
        if (endpoint->apps[i] == app) { /* ids are the catalogue's own texts */
            return true;
        }
    }
    if (endpoint->n_apps == ML_MAX_ENDPOINT_APPS) {
        return true;
    }
    if (endpoint->apps == NULL) {
        endpoint->apps = ml_arena_get(&join->report->arena, ML_MAX_ENDPOINT_APPS * sizeof *endpoint->apps);
        if (endpoint->apps == NULL) {
            return false;
        }
    }
    endpoint->apps[endpoint->n_apps++] = app;
    return true;
}

bool ml_join_count_endpoint(struct ml_join *join, struct ml_flow_view *view, uint32_t hash)
{
    struct ml_report_endpoint *endpoint = ml_join_find_endpoint(join, view, hash, &view->endpoint_index);
    if (endpoint == NULL) {
        return false;
    }
    view->endpoint = endpoint;
    const struct ml_flow *flow = view->flow;
    endpoint->flows++;
    endpoint->bytes_up += view->bytes_up;
    endpoint->bytes_down += view->bytes_down;
    endpoint->first_ns = flow->first_ns < endpoint->first_ns ? flow->first_ns : endpoint->first_ns;
    endpoint->last_ns = flow->last_ns > endpoint->last_ns ? flow->last_ns : endpoint->last_ns;
    if (flow->rtt_us != 0 && (endpoint->min_rtt_us == 0 || flow->rtt_us < endpoint->min_rtt_us)) {
        endpoint->min_rtt_us = flow->rtt_us;
    }
    for (size_t i = 0; i < view->n_names; i++) {
        if (!add_endpoint_name(join, endpoint, &view->names[i])) {
            return false;
        }
    }
    if (endpoint->name_info == NULL && view->name_info != NULL) {
        endpoint->name_info = view->name_info;
    }
    if (endpoint->company == NULL || (view->name_info != NULL && view->name_info->company != NULL)) {
        endpoint->company = view->company;
        endpoint->class_control = view->class_control;
    }
    return view->verdict.app == NULL || add_endpoint_app(join, endpoint, view->verdict.app);
}

/* --- apps --- */

static struct ml_report_app *find_app(struct ml_join *join, const char *id)
{
    struct ml_report *report = join->report;
    bool is_new = false;
    struct ml_span key = ml_span_text(id != NULL ? id : "");
    struct ml_map_entry *entry = ml_map_add(&join->app_index, key, (uint32_t)report->n_apps, &is_new);
    if (entry == NULL) {
        return NULL;
    }
    if (is_new) {
        struct ml_report_app *apps =
            ml_mem_grow(report->apps, report->n_apps, &join->app_room, FIRST_ROOM, sizeof *apps);
        if (apps == NULL) {
            return NULL;
        }
        report->apps = apps;
        struct ml_report_app *app = &report->apps[report->n_apps++];
        *app = (struct ml_report_app){.app = id != NULL ? ml_apps_find(join->config->apps, key) : NULL};
        if (app->app != NULL && app->app->operator_id != NULL) {
            app->company = ml_intel_company(join->config->intel, ml_span_text(app->app->operator_id));
        }
    }
    return &report->apps[entry->value];
}

/* Its number; ML_MAX_SERVICES: the app has more than the catalogue knows, which cannot happen with a closed list. */
static size_t count_service(struct ml_report_app *app, const struct ml_flow_view *view)
{
    const char *id = view->verdict.service != NULL ? view->verdict.service : "";
    size_t i = 0;
    while (i < app->n_services && app->services[i].id != id && strcmp(app->services[i].id, id) != 0) {
        i++;
    }
    if (i == app->n_services) {
        if (app->n_services == ML_MAX_SERVICES) {
            return ML_MAX_SERVICES;
        }
        app->services[app->n_services++] = (struct ml_report_service){.id = id};
    }
    app->services[i].flows++;
    app->services[i].bytes_up += view->bytes_up;
    app->services[i].bytes_down += view->bytes_down;
    return i;
}

static bool count_region(struct ml_join *join, struct ml_report_app *app, const struct ml_flow_view *view)
{
    const struct ml_region *region = view->verdict.region;
    size_t i = 0;
    if (region == NULL) {
        return true;
    }
    if (app->regions == NULL) {
        app->regions = ml_arena_get(&join->report->arena, ML_MAX_APP_REGIONS * sizeof *app->regions);
        if (app->regions == NULL) {
            return false;
        }
    }
    while (i < app->n_regions && app->regions[i].region != region) {
        i++;
    }
    if (i == app->n_regions) {
        if (app->n_regions == ML_MAX_APP_REGIONS) {
            return true; /* all of them are in flows.ndjson */
        }
        app->regions[app->n_regions++] = (struct ml_report_region){.region = region};
    }
    app->regions[i].flows++;
    app->regions[i].bytes_up += view->bytes_up;
    app->regions[i].bytes_down += view->bytes_down;
    return true;
}

/* Notes the endpoint once per app, in rooms that double. */
static bool note_app_endpoint(struct ml_join *join, struct ml_report_app *app, uint32_t endpoint)
{
    uint32_t key[2] = {(uint32_t)(app - join->report->apps), endpoint};
    struct ml_endpoint_note *note = &join->notes[endpoint];
    bool is_new = note->app == 0;
    if (is_new && key[0] < UINT16_MAX) { /* the first app of an endpoint is most often its only one */
        note->app = (uint16_t)(key[0] + 1);
    } else if (note->app != key[0] + 1 &&
               ml_map_add(&join->app_endpoints, ml_span_of(key, sizeof key), 0, &is_new) == NULL) {
        return false;
    }
    if (!is_new) {
        return true;
    }
    if ((app->n_endpoints & (app->n_endpoints - 1)) == 0) {
        size_t room = app->n_endpoints != 0 ? 2 * app->n_endpoints : 1;
        uint32_t *list = ml_arena_get(&join->report->arena, room * sizeof *list);
        if (list == NULL) {
            return false;
        }
        if (app->n_endpoints != 0) {
            memcpy(list, app->endpoints, app->n_endpoints * sizeof *list);
        }
        app->endpoints = list;
    }
    app->endpoints[app->n_endpoints++] = endpoint;
    return true;
}

bool ml_join_count_app(struct ml_join *join, const struct ml_flow_view *view)
{
    struct ml_report_app *app = find_app(join, view->verdict.app);
    if (app == NULL) {
        return false;
    }
    join->report->n_unattributed += view->verdict.app == NULL ? 1 : 0;
    app->flows++;
    app->bytes_up += view->bytes_up;
    app->bytes_down += view->bytes_down;
    ml_join_add_reach(&app->reach, view);
    app->grade = view->verdict.grade > app->grade ? view->verdict.grade : app->grade;
    size_t service = count_service(app, view);
    return ml_join_count_residency(join, view, (size_t)(app - join->report->apps), service) &&
           count_region(join, app, view) && note_app_endpoint(join, app, view->endpoint_index);
}

/* --- at the end --- */

static int by_index(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static int by_service_bytes(const void *a, const void *b)
{
    const struct ml_report_service *x = a;
    const struct ml_report_service *y = b;
    uint64_t bx = x->bytes_up + x->bytes_down;
    uint64_t by = y->bytes_up + y->bytes_down;
    return bx != by ? (bx < by) - (bx > by) : strcmp(x->id, y->id);
}

/* A region may stand in the catalogue once for each edition. */
static int by_region(const void *a, const void *b)
{
    const struct ml_region *x = ((const struct ml_report_region *)a)->region;
    const struct ml_region *y = ((const struct ml_report_region *)b)->region;
    int order = strcmp(x->id, y->id);
    return order != 0 ? order : strcmp(x->edition, y->edition);
}

/* Most bytes first, the unattributed last; ties by id. */
static int by_app_bytes(const void *a, const void *b)
{
    const struct ml_report_app *x = a;
    const struct ml_report_app *y = b;
    if ((x->app == NULL) != (y->app == NULL)) {
        return x->app == NULL ? 1 : -1;
    }
    uint64_t bx = x->bytes_up + x->bytes_down;
    uint64_t by = y->bytes_up + y->bytes_down;
    return bx != by || x->app == NULL ? (bx < by) - (bx > by) : strcmp(x->app->id, y->app->id);
}

void ml_join_finish_totals(struct ml_join *join)
{
    struct ml_report *report = join->report;
    ml_join_spread_residency(join);
    for (size_t i = 0; i < report->n_apps; i++) {
        struct ml_report_app *app = &report->apps[i];
        qsort(app->endpoints, app->n_endpoints, sizeof *app->endpoints, by_index);
        if (app->n_regions != 0) {
            qsort(app->regions, app->n_regions, sizeof *app->regions, by_region);
        }
        qsort(app->services, app->n_services, sizeof *app->services, by_service_bytes);
    }
    if (report->n_apps != 0) {
        qsort(report->apps, report->n_apps, sizeof *report->apps, by_app_bytes);
    }
    ml_join_finish_residency(join);
}
