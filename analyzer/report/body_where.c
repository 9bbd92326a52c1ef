/* SPDX-License-Identifier: Apache-2.0 */
/* Who was talked to, where and under whose control: apps, endpoints, residency. */
#include "report/body.h"

#include "core/timefmt.h"
#include "report/baseline.h"

/* --- residency --- */

/* Parts per million, rounded down; a table of nothing has no shares. */
static uint64_t share(uint64_t part, uint64_t whole)
{
    if (whole == 0) {
        return 0;
    }
    uint64_t scaled = 0;
    return __builtin_mul_overflow(part, (uint64_t)1000000, &scaled) ? part / (whole / 1000000) : scaled / whole;
}

static void add_row(const struct ml_residency_row *row, bool is_whole, uint64_t up, uint64_t down, struct ml_json *json)
{
    ml_json_object(json);
    ml_member_uint(json, "bytes_down", row->bytes_down);
    ml_member_uint(json, "bytes_down_lower", row->down_lower);
    ml_member_uint(json, "bytes_down_upper", row->down_upper);
    ml_member_uint(json, "bytes_up", row->bytes_up);
    ml_member_uint(json, "bytes_up_lower", row->up_lower);
    ml_member_uint(json, "bytes_up_upper", row->up_upper);
    if (is_whole) {
        ml_member_uint(json, "endpoints", row->endpoints);
    }
    ml_member_uint(json, "flows", row->flows);
    ml_member_uint(json, "flows_lower", row->flows_lower);
    ml_member_uint(json, "flows_upper", row->flows_upper);
    ml_member_text(json, "key", row->key);
    if (is_whole) {
        ml_member_uint(json, "share_down", share(row->bytes_down, down));
        ml_member_uint(json, "share_up", share(row->bytes_up, up));
    }
    ml_json_object_end(json);
}

static void add_table(const struct ml_residency_table *table, const char *key, bool is_whole, struct ml_json *json)
{
    uint64_t up = 0;
    uint64_t down = 0;
    for (size_t i = 0; i < table->n; i++) {
        up += table->rows[i].bytes_up;
        down += table->rows[i].bytes_down;
    }
    ml_member_array(json, key);
    for (size_t i = 0; i < table->n; i++) {
        add_row(&table->rows[i], is_whole, up, down, json);
    }
    ml_json_array_end(json);
}

/* Parts of the report have no endpoints counted and no shares. */
static void add_residency(const struct ml_residency *residency, bool is_whole, struct ml_json *json)
{
    ml_member_object(json, "residency");
    add_table(&residency->by_class, "by_class", is_whole, json);
    add_table(&residency->by_control, "by_control", is_whole, json);
    add_table(&residency->by_location, "by_location", is_whole, json);
    add_table(&residency->by_network_country, "by_network_country", is_whole, json);
    ml_json_object_end(json);
}

void ml_body_residency(const struct ml_report *report, struct ml_json *json)
{
    add_residency(&report->residency, true, json);
}

/* --- apps --- */

static void add_services(const struct ml_report_app *app, struct ml_json *json)
{
    ml_member_array(json, "services");
    for (size_t i = 0; i < app->n_services; i++) {
        const struct ml_report_service *service = &app->services[i];
        ml_json_object(json);
        ml_member_uint(json, "bytes_down", service->bytes_down);
        ml_member_uint(json, "bytes_up", service->bytes_up);
        ml_member_uint(json, "flows", service->flows);
        ml_member_text(json, "id", service->id[0] != '\0' ? service->id : "unknown");
        add_residency(&service->residency, false, json);
        ml_json_object_end(json);
    }
    ml_json_array_end(json);
}

static void add_regions(const struct ml_report_app *app, struct ml_json *json)
{
    ml_member_array(json, "regions");
    for (size_t i = 0; i < app->n_regions; i++) {
        const struct ml_report_region *row = &app->regions[i];
        ml_json_object(json);
        ml_member_uint(json, "bytes_down", row->bytes_down);
        ml_member_uint(json, "bytes_up", row->bytes_up);
        ml_member_or_null(json, "country", row->region->country);
        ml_member_or_null(json, "edition", row->region->edition);
        ml_member_uint(json, "flows", row->flows);
        ml_member_text(json, "id", row->region->id);
        ml_member_text(json, "meaning", row->region->meaning);
        ml_json_object_end(json);
    }
    ml_json_array_end(json);
}

static void add_operator_of_app(const struct ml_company *company, struct ml_json *json)
{
    ml_json_key(json, "operator");
    if (company == NULL) {
        ml_json_null(json);
        return;
    }
    ml_json_object(json);
    ml_member_text(json, "company", company->name);
    ml_member_or_null(json, "country", company->country);
    ml_member_or_null(json, "parent", company->parent);
    ml_member_or_null(json, "parent_country", company->parent_country);
    ml_json_object_end(json);
}

void ml_body_apps(const struct ml_report *report, struct ml_json *json)
{
    ml_member_array(json, "apps");
    for (size_t i = 0; i < report->n_apps; i++) {
        const struct ml_report_app *app = &report->apps[i];
        ml_json_object(json);
        ml_body_mark(report, ml_is_new_app(report, i), json);
        ml_member_uint(json, "bytes_down", app->bytes_down);
        ml_member_uint(json, "bytes_up", app->bytes_up);
        ml_member_text(json, "confidence", ml_grade_text(app->grade));
        ml_member_array(json, "endpoints");
        for (size_t k = 0; k < app->n_endpoints && app->endpoints[k] < ML_MAX_BODY_ENDPOINTS; k++) {
            ml_body_endpoint_id(json, app->endpoints[k]);
        }
        ml_json_array_end(json);
        ml_member_uint(json, "endpoints_total", app->n_endpoints);
        ml_member_uint(json, "flows", app->flows);
        ml_member_text(json, "id", app->app != NULL ? app->app->id : "unattributed");
        ml_member_text(json, "name", app->app != NULL ? app->app->name : "no known app");
        add_operator_of_app(app->company, json);
        add_regions(app, json);
        add_residency(&app->residency, false, json);
        ml_body_reach(&app->reach, report->is_seeded, json);
        add_services(app, json);
        ml_json_object_end(json);
    }
    ml_json_array_end(json);
}

/* --- endpoints --- */

static void add_location(const struct ml_report_endpoint *endpoint, struct ml_json *json)
{
    const struct ml_endpoint_info *info = endpoint->info;
    ml_member_object(json, "location");
    ml_member_array(json, "candidates");
    for (size_t i = 0; i < info->n_candidates; i++) {
        bool is_first = true;
        for (size_t k = 0; k < i && is_first; k++) {
            is_first = strcmp(info->candidates[i].country, info->candidates[k].country) != 0;
        }
        if (!is_first) {
            continue; /* told with the first of its country */
        }
        ml_json_object(json);
        ml_member_text(json, "country", info->candidates[i].country);
        ml_member_array(json, "sources");
        for (size_t k = i; k < info->n_candidates; k++) {
            if (strcmp(info->candidates[i].country, info->candidates[k].country) == 0) {
                ml_json_text(json, info->candidates[k].source);
            }
        }
        ml_json_array_end(json);
        ml_json_object_end(json);
    }
    ml_json_array_end(json);
    ml_member_or_null(json, "country", info->country);
    ml_json_key(json, "max_distance_km");
    if (info->max_distance_km != 0) {
        ml_json_uint(json, info->max_distance_km);
    } else {
        ml_json_null(json);
    }
    ml_json_key(json, "min_rtt_us");
    if (endpoint->min_rtt_us != 0) {
        ml_json_uint(json, endpoint->min_rtt_us);
    } else {
        ml_json_null(json);
    }
    ml_member_array(json, "refuted");
    for (size_t i = 0; i < info->n_refuted; i++) {
        ml_json_text(json, info->refuted[i]);
    }
    ml_json_array_end(json);
    ml_member_or_null(json, "rule", info->rule);
    ml_member_or_null(json, "special", info->special);
    ml_member_text(json, "status", ml_location_status_text(info->status));
    ml_member_or_null(json, "translation", info->translation);
    ml_json_object_end(json);
}

static void add_names(const struct ml_report_endpoint *endpoint, struct ml_json *json)
{
    ml_member_array(json, "names");
    for (size_t i = 0; i < endpoint->n_names; i++) {
        ml_json_object(json);
        ml_member_span(json, "name", endpoint->names[i].name);
        ml_member_text(json, "source", ml_name_source_text(endpoint->names[i].source));
        ml_json_object_end(json);
    }
    ml_json_array_end(json);
}

static void add_network(const struct ml_endpoint_info *info, struct ml_json *json)
{
    ml_json_key(json, "network");
    if (info->asn == 0) {
        ml_json_null(json);
        return;
    }
    ml_json_object(json);
    ml_member_uint(json, "asn", info->asn);
    ml_member_or_null(json, "country", info->as_country);
    ml_member_or_null(json, "name", info->as_name);
    ml_json_object_end(json);
}

static void add_operator(const struct ml_company *company, struct ml_json *json)
{
    ml_json_key(json, "operator");
    if (company == NULL) {
        ml_json_null(json);
        return;
    }
    bool is_checked = company->grade == ML_SOURCE_CHECKED;
    ml_json_object(json);
    ml_member_text(json, "company", company->name);
    ml_member_text(json, "confidence", is_checked ? "moderate" : "low");
    ml_member_or_null(json, "country", company->country);
    ml_member_object(json, "parent");
    ml_member_or_null(json, "country", company->parent_country);
    ml_member_or_null(json, "name", company->parent);
    ml_json_object_end(json);
    ml_member_text(json, "source", is_checked ? company->source : "unverified");
    ml_json_object_end(json);
}

static void add_roles(const struct ml_report_endpoint *endpoint, struct ml_json *json)
{
    ml_member_array(json, "roles");
    size_t n_name = endpoint->name_info != NULL ? endpoint->name_info->n_roles : 0;
    for (size_t i = 0; i < n_name; i++) {
        ml_json_text(json, endpoint->name_info->roles[i]);
    }
    for (size_t i = 0; i < endpoint->info->n_roles; i++) {
        bool is_new = true;
        for (size_t k = 0; k < n_name && is_new; k++) {
            is_new = strcmp(endpoint->info->roles[i], endpoint->name_info->roles[k]) != 0;
        }
        if (is_new) {
            ml_json_text(json, endpoint->info->roles[i]);
        }
    }
    ml_json_array_end(json);
}

static void add_tracker(const struct ml_name_info *info, struct ml_json *json)
{
    ml_json_key(json, "tracker");
    if (info == NULL || info->tracker_list == NULL) {
        ml_json_null(json);
        return;
    }
    ml_json_object(json);
    ml_member_or_null(json, "category", info->tracker_category);
    ml_member_or_null(json, "company", info->company_name);
    ml_member_text(json, "list", info->tracker_list);
    ml_json_object_end(json);
}

static void add_endpoint(const struct ml_report *report, uint32_t index, struct ml_json *json)
{
    const struct ml_report_endpoint *endpoint = &report->endpoints[index];
    char day[ML_TIME_TEXT];
    (void)ml_date_format(report->valid_on_ns, day);
    ml_json_object(json);
    ml_member_array(json, "apps");
    for (size_t i = 0; i < endpoint->n_apps; i++) {
        ml_json_text(json, endpoint->apps[i]);
    }
    ml_json_array_end(json);
    ml_body_mark(report, ml_is_new_endpoint(report, index), json);
    ml_member_uint(json, "bytes_down", endpoint->bytes_down);
    ml_member_uint(json, "bytes_up", endpoint->bytes_up);
    ml_member_object(json, "class");
    ml_member_text(json, "control", endpoint->class_control);
    ml_member_text(json, "location", endpoint->class_location);
    ml_member_text(json, "valid_on", day);
    ml_json_object_end(json);
    ml_member_time(json, "first", endpoint->first_ns);
    ml_member_uint(json, "flows", endpoint->flows);
    ml_json_key(json, "id");
    ml_body_endpoint_id(json, index);
    ml_json_key(json, "ip");
    ml_json_ip(json, &endpoint->ip);
    ml_member_time(json, "last", endpoint->last_ns);
    add_location(endpoint, json);
    add_names(endpoint, json);
    add_network(endpoint->info, json);
    add_operator(endpoint->company, json);
    ml_member_uint(json, "port", endpoint->port);
    add_roles(endpoint, json);
    add_tracker(endpoint->name_info, json);
    ml_member_text(json, "transport", ml_transport_text(endpoint->ip_proto));
    ml_json_object_end(json);
}

void ml_body_endpoints(const struct ml_report *report, struct ml_json *json)
{
    size_t n = report->n_endpoints < ML_MAX_BODY_ENDPOINTS ? report->n_endpoints : ML_MAX_BODY_ENDPOINTS;
    ml_member_array(json, "endpoints");
    for (uint32_t i = 0; i < n; i++) {
        add_endpoint(report, i, json);
    }
    ml_json_array_end(json);
    ml_member_uint(json, "endpoints_total", report->n_endpoints);
}
