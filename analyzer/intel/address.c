/* SPDX-License-Identifier: Apache-2.0 */
/* address - the three answers about an address, and the order in which the location is decided. */
#include "intel/special.h"
#include "intel/state.h"

enum { MAX_PREFIXES = 16 };

const char *ml_location_status_text(enum ml_location_status status)
{
    static const char *const texts[] = {
        [ML_LOCATION_UNKNOWN] = "unknown", [ML_LOCATION_DETERMINED] = "determined", [ML_LOCATION_DISPUTED] = "disputed",
        [ML_LOCATION_ANYCAST] = "anycast", [ML_LOCATION_SPECIAL] = "special",
    };
    return texts[status];
}

/* What is looked at while one address is decided. */
struct question {
    const struct ml_intel *intel;
    const struct ml_ip *ip;
    const struct ml_prefix *prefixes[MAX_PREFIXES]; /* longest first */
    size_t n_prefixes;
    const struct ml_network *network; /* row of the AS; NULL none */
};

static void add_role(struct ml_endpoint_info *info, const char *role)
{
    for (size_t i = 0; i < info->n_roles; i++) {
        if (strcmp(info->roles[i], role) == 0) {
            return;
        }
    }
    if (info->n_roles < ML_MAX_ROLES) {
        info->roles[info->n_roles++] = role;
    }
}

static bool has_role(const struct ml_endpoint_info *info, const char *role)
{
    for (size_t i = 0; i < info->n_roles; i++) {
        if (strcmp(info->roles[i], role) == 0) {
            return true;
        }
    }
    return false;
}

/* Flags first: they are the ones the location hangs on, and room is short. */
static void find_roles(const struct question *q, struct ml_endpoint_info *info)
{
    unsigned flags = ml_flags_find(q->intel->flags, q->ip);
    if ((flags & ML_FLAG_ANYCAST) != 0) {
        add_role(info, "anycast");
    }
    if ((flags & ML_FLAG_PROXY) != 0) {
        add_role(info, "proxy");
    }
    if ((flags & ML_FLAG_SATELLITE) != 0) {
        add_role(info, "satellite");
    }
    for (size_t i = 0; i < q->n_prefixes; i++) {
        const struct ml_prefix *prefix = q->prefixes[i];
        if (prefix->n_roles != 0) {
            for (size_t k = 0; k < prefix->n_roles; k++) {
                add_role(info, prefix->roles[k]);
            }
            return;
        }
    }
    for (size_t k = 0; q->network != NULL && k < q->network->n_roles; k++) {
        add_role(info, q->network->roles[k]);
    }
}

static void find_network(struct question *q, struct ml_endpoint_info *info)
{
    const struct ml_intel *intel = q->intel;
    info->asn = ml_asn_table_find(&intel->networks, q->ip, &info->as_name);
    ml_mmdb_country(intel->registration, q->ip, info->as_country);
    q->network = info->asn != 0 ? ml_operators_network(&intel->operators, info->asn) : NULL;
    if (q->network != NULL && q->network->country[0] != '\0') {
        memcpy(info->as_country, q->network->country, sizeof info->as_country);
    }
    q->n_prefixes = ml_operators_prefixes(&intel->operators, q->ip, q->prefixes, MAX_PREFIXES);
    if (q->n_prefixes != 0) {
        info->company = q->prefixes[0]->company;
    } else if (q->network != NULL) {
        info->company = q->network->company;
    }
}

static void vote(struct ml_endpoint_info *info, const char *country, const char *source)
{
    if (country[0] != '\0' && info->n_candidates < ML_MAX_CANDIDATES) {
        struct ml_country_vote *candidate = &info->candidates[info->n_candidates++];
        memcpy(candidate->country, country, sizeof candidate->country);
        candidate->source = source;
    }
}

static void decide(struct ml_endpoint_info *info, enum ml_location_status status, const char *rule)
{
    info->status = status;
    info->rule = rule;
}

static void determine(struct ml_endpoint_info *info, const char *country, const char *rule)
{
    memcpy(info->country, country, sizeof info->country);
    decide(info, ML_LOCATION_DETERMINED, rule);
}

/* The longest prefix that says something about the place. */
static const struct ml_prefix *place_of(const struct question *q)
{
    for (size_t i = 0; i < q->n_prefixes; i++) {
        if (q->prefixes[i]->place != ML_PLACE_NOT_TOLD) {
            return q->prefixes[i];
        }
    }
    return NULL;
}

/* Two databases: agreement determines, one alone never does. */
static void decide_by_votes(struct ml_endpoint_info *info, const char *first, const char *second)
{
    if (first[0] != '\0' && second[0] != '\0') {
        if (strcmp(first, second) == 0) {
            determine(info, first, "agreement");
        } else {
            decide(info, ML_LOCATION_DISPUTED, "disagreement");
        }
    } else {
        decide(info, ML_LOCATION_UNKNOWN, first[0] != '\0' || second[0] != '\0' ? "single-source" : "no-data");
    }
}

static void find_location(const struct question *q, struct ml_endpoint_info *info)
{
    const struct ml_prefix *place = place_of(q);
    bool is_documented = place != NULL && place->place == ML_PLACE_COUNTRY;
    if (!is_documented && place == NULL) {
        /* What databases say about such an address is no candidate: there is no one place. */
        if (has_role(info, "anycast")) {
            decide(info, ML_LOCATION_ANYCAST, "anycast");
            return;
        }
        if (has_role(info, "cdn") || has_role(info, "edge")) {
            decide(info, ML_LOCATION_ANYCAST, "edge");
            return;
        }
    }
    char first[3];
    char second[3];
    ml_mmdb_country(q->intel->location, q->ip, first);
    ml_country_table_find(&q->intel->location2, q->ip, second);
    if (is_documented) {
        vote(info, place->country, place->source);
    }
    vote(info, first, q->intel->datasets.rows[ML_DATA_DBIP].id);
    vote(info, second, q->intel->datasets.rows[ML_DATA_TOR_GEOIP].id);
    if (is_documented) {
        determine(info, place->country, "override");
    } else if (place != NULL) {
        decide(info, ML_LOCATION_UNKNOWN, "unreliable");
    } else {
        decide_by_votes(info, first, second);
    }
}

const char *ml_intel_special(const struct ml_ip *ip)
{
    struct ml_ip inner;
    bool is_anycast = false;
    return ml_special_name(ml_special_decode(ip, &inner) != NULL ? &inner : ip, &is_anycast);
}

void ml_intel_address(const struct ml_intel *intel, const struct ml_ip *ip, struct ml_endpoint_info *info)
{
    memset(info, 0, sizeof *info);
    info->as_name = "";
    info->rule = "no-data";
    info->translation = ml_special_decode(ip, &info->inner);
    struct question q = {.intel = intel, .ip = info->translation != NULL ? &info->inner : ip};
    bool is_anycast = false;
    info->special = ml_special_name(q.ip, &is_anycast);
    if (info->special != NULL && !is_anycast) {
        decide(info, ML_LOCATION_SPECIAL, "special");
        return;
    }
    find_network(&q, info);
    find_roles(&q, info);
    if (is_anycast) {
        decide(info, ML_LOCATION_ANYCAST, "special");
        return;
    }
    find_location(&q, info);
}
