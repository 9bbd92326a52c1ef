/* SPDX-License-Identifier: Apache-2.0 */
/* What round trips say about where hosts cannot be: before any flow is looked at, so that all rows say the same. */
#include "engine/join.h"

#include "core/mem.h"

enum { LETTERS = 26 };

struct ml_physics {
    struct ml_borders *borders;   /* owned; NULL: no outlines, nothing is refuted */
    struct ml_map round_trips;    /* address -> smallest round trip, microseconds */
    double km[LETTERS * LETTERS]; /* distance of a country by its two letters; below 0 unknown */
    bool is_asked[LETTERS * LETTERS];
};

/* The smallest round trip of handshakes the audited device began. */
static bool note_flow(struct ml_join *join, const struct ml_flow *flow)
{
    const struct ml_ip *device = &join->report->device;
    bool is_new = false;
    if (flow->rtt_us == 0 || (device->family != 0 && ml_ip_equal(&flow->server, device))) {
        return true;
    }
    struct ml_map_entry *entry =
        ml_map_add(&join->physics->round_trips, ml_span_of(&flow->server, sizeof flow->server), flow->rtt_us, &is_new);
    if (entry != NULL && flow->rtt_us < entry->value) {
        entry->value = flow->rtt_us;
    }
    return entry != NULL;
}

bool ml_join_measure(struct ml_join *join)
{
    struct ml_report *report = join->report;
    const struct ml_case *declared = join->config->declared;
    report->bounds_problem = ml_vantage_problem(declared != NULL ? &declared->vantage : NULL);
    if (report->bounds_problem != NULL) {
        return true;
    }
    join->physics = ml_mem_array(1, sizeof *join->physics);
    if (join->physics == NULL) {
        return false;
    }
    ml_map_init(&join->physics->round_trips, UINT32_MAX);
    for (size_t i = 0; i < sizeof join->physics->km / sizeof join->physics->km[0]; i++) {
        join->physics->km[i] = -1;
    }
    struct ml_error error = {0};
    enum ml_status status = ml_intel_borders(join->config->intel, &join->physics->borders, &error);
    if (status == ML_NO_MEMORY) {
        return false;
    }
    if (status != ML_OK) {
        report->bounds_problem = "no outlines of countries are at hand (data set world-map)";
    }
    for (size_t i = 0; i < join->n_flows; i++) {
        if (!note_flow(join, join->flows[i])) {
            return false;
        }
    }
    return true;
}

void ml_join_physics_free(struct ml_join *join)
{
    if (join->physics != NULL) {
        ml_borders_free(join->physics->borders);
        ml_map_fini(&join->physics->round_trips);
        ml_mem_free(join->physics);
    }
}

/* Distances of outlines are long sums, so they are kept: by the two letters of the country. */
static bool refutes(struct ml_join *join, const char country[3], uint32_t reach_km)
{
    struct ml_physics *physics = join->physics;
    unsigned first = (unsigned)(country[0] - 'A');
    unsigned second = (unsigned)(country[1] - 'A');
    if (first >= LETTERS || second >= LETTERS) {
        return false;
    }
    double *km = &physics->km[first * LETTERS + second];
    if (*km < 0 && !physics->is_asked[first * LETTERS + second]) {
        physics->is_asked[first * LETTERS + second] = true;
        if (!ml_vantage_distance(&join->config->declared->vantage, physics->borders, country, km)) {
            *km = -1;
        }
    }
    return *km >= 0 && ml_vantage_is_beyond(*km, reach_km);
}

static bool is_refuted(const struct ml_endpoint_info *info, const char *country)
{
    bool found = false;
    for (size_t i = 0; i < info->n_refuted && !found; i++) {
        found = strcmp(info->refuted[i], country) == 0;
    }
    return found;
}

/* A refuted answer is no answer any more; what is left over is not asserted by that. */
static void conclude(struct ml_endpoint_info *info)
{
    size_t n_left = 0;
    for (size_t i = 0; i < info->n_candidates; i++) {
        n_left += is_refuted(info, info->candidates[i].country) ? 0 : 1;
    }
    bool is_lost = info->status == ML_LOCATION_DETERMINED && is_refuted(info, info->country);
    bool is_empty = info->status == ML_LOCATION_DISPUTED && info->n_refuted != 0 && n_left == 0;
    if (is_lost || is_empty) {
        info->status = n_left != 0 ? ML_LOCATION_DISPUTED : ML_LOCATION_UNKNOWN;
        info->rule = "rtt";
        memset(info->country, 0, sizeof info->country);
    }
}

void ml_join_bound(struct ml_join *join, const struct ml_ip *ip, struct ml_endpoint_info *info)
{
    if (join->physics == NULL || info->status == ML_LOCATION_SPECIAL) {
        return;
    }
    const struct ml_map_entry *entry = ml_map_find(&join->physics->round_trips, ml_span_of(ip, sizeof *ip));
    info->max_distance_km = entry != NULL ? ml_vantage_reach_km(&join->config->declared->vantage, entry->value) : 0;
    for (size_t i = 0; i < info->n_candidates && info->max_distance_km != 0 && join->physics->borders != NULL; i++) {
        const char *country = info->candidates[i].country;
        if (!is_refuted(info, country) && refutes(join, country, info->max_distance_km)) {
            memcpy(info->refuted[info->n_refuted++], country, sizeof info->refuted[0]);
        }
    }
    conclude(info);
}

/* Adds a text to a list that holds each once. */
static size_t add_once(const char **list, size_t n, const char *text)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(list[i], text) == 0) {
            return n;
        }
    }
    list[n] = text;
    return n + 1;
}

void ml_join_conclude(const struct ml_join *join, struct ml_site *place)
{
    const struct ml_intel *intel = join->config->intel;
    int64_t on = join->report->valid_on_ns;
    size_t n_left = 0;
    size_t n_classes = 0;
    for (size_t i = 0; i < place->info.n_candidates; i++) {
        if (!is_refuted(&place->info, place->info.candidates[i].country)) {
            n_left = add_once(place->left, n_left, place->info.candidates[i].country);
        }
    }
    for (size_t i = 0; i < n_left; i++) {
        n_classes = add_once(place->classes, n_classes, ml_intel_class(intel, place->left[i], on));
    }
    place->n_left = (uint8_t)n_left;
    place->n_classes = (uint8_t)n_classes;
    place->class_location = ml_intel_class(intel, place->info.country, on);
}
