/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intel - what data sets know about addresses and names: three answers per endpoint, never one.
 *
 * Where is the host, who runs the network and the service, who controls the operator and under whose law.
 * Everything comes from files with a date and a hash; absent files degrade the answers visibly and fail nothing.
 * Opens no socket, looks up no name.
 */
#ifndef MITLESER_INTEL_INTEL_H
#define MITLESER_INTEL_INTEL_H

#include "core/arena.h"
#include "core/digest.h"
#include "core/ip.h"
#include "core/yaml.h"
#include "intel/vantage.h"

struct ml_intel;

/* A data set in use, or one that is missing. Owned by intel. */
struct ml_dataset {
    const char *id; /* "dbip-country" */
    const char *name;
    const char *edition; /* package version */
    const char *date;    /* "2026-06-01", "" unknown */
    const char *licence;
    char sha256[ML_SHA256_HEX];
    bool is_present;
    const char *problem;    /* why it is not in use, "" when it is */
    const char *needed_for; /* what the report lacks without it */
};

enum ml_location_status {
    ML_LOCATION_UNKNOWN,
    ML_LOCATION_DETERMINED,
    ML_LOCATION_DISPUTED,
    ML_LOCATION_ANYCAST, /* or CDN edge: the address does not tell */
    ML_LOCATION_SPECIAL  /* not a place on the internet */
};
const char *ml_location_status_text(enum ml_location_status status);

enum { ML_MAX_CANDIDATES = 6, ML_MAX_ROLES = 6 };

struct ml_country_vote {
    char country[3];    /* ISO 3166-1 alpha-2 */
    const char *source; /* data set id, or the override's source */
};

/* Confidence in the operator row. */
enum ml_source_grade { ML_SOURCE_NONE, ML_SOURCE_UNVERIFIED, ML_SOURCE_CHECKED };

struct ml_company {
    const char *id; /* key of rules/operators */
    const char *name;
    const char *country;        /* of incorporation or seat, alpha-2, "" unknown */
    const char *parent;         /* name of the ultimate parent, "" itself */
    const char *parent_country; /* who controls it; "" unknown */
    const char *source;         /* URL or document */
    const char *checked_on;     /* date, "" when unverified */
    enum ml_source_grade grade;
};

struct ml_endpoint_info {
    struct ml_ip inner;      /* address behind NAT64, 6to4 or Teredo; family 0 when there is none */
    const char *translation; /* "nat64", "6to4", "teredo", NULL */
    const char *special;     /* "private-use", "link-local", "multicast", ...; NULL for public addresses */
    enum ml_location_status status;
    char country[3]; /* set only when determined */
    size_t n_candidates;
    struct ml_country_vote candidates[ML_MAX_CANDIDATES];
    uint32_t max_distance_km; /* from the vantage point, by the smallest round trip; 0 unknown */
    size_t n_refuted;         /* candidates that are further away than that; filled by the join, not by look-ups */
    char refuted[ML_MAX_CANDIDATES][3];
    const char *rule;    /* which step of the decision order fired: "special", "override", "anycast", ... */
    uint32_t asn;        /* 0 unknown */
    const char *as_name; /* "" unknown */
    char as_country[3];  /* registration country of the AS; "" unknown */
    const struct ml_company *company; /* operator by address or AS; NULL unknown */
    size_t n_roles;
    const char *roles[ML_MAX_ROLES]; /* "cloud", "cdn", "isp", "resolver" ... from the AS role table */
};

struct ml_name_info {
    char domain[256];                 /* registrable domain (public suffix list); "" unknown */
    const char *tracker_list;         /* id of the list that flags the host; NULL: no tracker */
    const char *tracker_category;     /* "advertising", "analytics", "crash", ...; "" unknown */
    const char *company_name;         /* who the host belongs to by a list; NULL unknown. Never an accusation. */
    const struct ml_company *company; /* row of rules/operators; NULL unknown */
    size_t n_roles;
    const char *roles[ML_MAX_ROLES]; /* "push", "doh", "telemetry", "ocsp", "stun" ... */
};

/*
 * `data_folder` holds the fetched data sets (MANIFEST.json of analyzer/setup); NULL or absent: none.
 * `rules_folder` holds operators/ and jurisdictions/. Gives *out.
 */
enum ml_status ml_intel_open(const char *data_folder, const char *rules_folder, struct ml_intel **out,
                             struct ml_error *error) ML_MUST_USE;
void ml_intel_close(struct ml_intel *intel);

size_t ml_intel_datasets(const struct ml_intel *intel);
const struct ml_dataset *ml_intel_dataset(const struct ml_intel *intel, size_t index);

/* Thread-safe once open: everything is read-only. Pointers in the answers live until close. */
void ml_intel_address(const struct ml_intel *intel, const struct ml_ip *ip, struct ml_endpoint_info *info);
/*
 * Is the answer that for every address of the block of `ip` (intel/block.h)? Never for special-purpose addresses. What
 * says no may still be equal.
 */
bool ml_intel_is_uniform(const struct ml_intel *intel, const struct ml_ip *ip);
void ml_intel_name(const struct ml_intel *intel, struct ml_span host, struct ml_name_info *info);

/* The member `special` of the answer about an address, without asking any data set. */
const char *ml_intel_special(const struct ml_ip *ip);

/* Reads the outlines of countries afresh; gives them. ML_NOT_FOUND: the data set is missing or cannot be used. */
enum ml_status ml_intel_borders(const struct ml_intel *intel, struct ml_borders **out,
                                struct ml_error *error) ML_MUST_USE;
const struct ml_company *ml_intel_company(const struct ml_intel *intel, struct ml_span id); /* NULL unknown */

/*
 * Transfer class of a country on a date ("eea", "adequate", "partial", "none", "unknown"), after the regime file
 * rules/jurisdictions/gdpr.yaml. `country` "" gives "unknown". Static text.
 */
const char *ml_intel_class(const struct ml_intel *intel, const char *country, int64_t on_time_ns);

/* The same under another regime file: `regime` is its id ("swiss-ndsg"); its home class is "domestic". */
const char *ml_intel_class_in(const struct ml_intel *intel, const char *regime, const char *country,
                              int64_t on_time_ns);

#endif
