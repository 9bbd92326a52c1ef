/* SPDX-License-Identifier: Apache-2.0 */
/*
 * catalogue - rules/apps in memory: what every piece of evidence claims, and what it weighs.
 *
 * In:        one YAML file per app and weights.yaml (the fields are told in rules/apps/README.md).
 * Out:       tables from evidence to claims, for classify/verdict.c alone.
 * Invariant: apps stand in the order of their ids; a claim names its apps in that order.
 * Lifetime:  immutable once built.
 */
#ifndef MITLESER_CLASSIFY_CATALOGUE_H
#define MITLESER_CLASSIFY_CATALOGUE_H

#include "classify/names.h"
#include "classify/prefixes.h"
#include "classify/verdict.h"

/* What one entry says. */
struct ml_claim {
    uint16_t apps[ML_MAX_ONE_OF];
    uint8_t n_apps;     /* 0: the name belongs to nobody here, although it stands below a domain of ours */
    bool is_published;  /* prefix: by the operator itself, not only seen in use */
    uint16_t service;   /* 0 none */
    const char *prefix; /* "192.0.2.0/24" when the entry is an address block, else NULL */
};

/* Points of an evidence, 0 to 100. */
enum ml_weight {
    ML_WEIGHT_DECLARED,
    ML_WEIGHT_UID,
    ML_WEIGHT_SIGNATURE,
    ML_WEIGHT_SIGNATURE_KIN,
    ML_WEIGHT_NAME_SNI,
    ML_WEIGHT_NAME_HTTP,
    ML_WEIGHT_NAME_QUIC,
    ML_WEIGHT_NAME_CERT,
    ML_WEIGHT_NAME_HTTP_DNS,
    ML_WEIGHT_NAME_DNS,
    ML_WEIGHT_NAME_FILE,
    ML_WEIGHT_NAME_DNS_LATER,
    ML_WEIGHT_PREFIX_PUBLISHED,
    ML_WEIGHT_PREFIX_SEEN,
    ML_WEIGHT_ASN,
    ML_WEIGHT_NDPI_DPI,
    ML_WEIGHT_NDPI_OTHER,
    ML_WEIGHT_NDPI_BY_ADDRESS,
    ML_WEIGHT_NDPI_AGAINST_NAMES,
    ML_WEIGHT_NDPI_STUN,
    ML_N_WEIGHTS
};

/* What is left of the points, per cent. */
enum ml_factor {
    ML_FACTOR_SHARED,        /* the evidence fits several apps */
    ML_FACTOR_SEVERAL_NAMES, /* the address, or the connection, carries other names too */
    ML_FACTOR_FOREIGN_NAME,  /* the connection itself names a host of nobody here: counts against addresses */
    ML_N_FACTORS
};

struct ml_weights {
    int points[ML_N_WEIGHTS];
    int factors[ML_N_FACTORS];
    int grades[ML_GRADE_HIGH + 1]; /* least points; of ML_GRADE_NONE unused */
    enum ml_grade conflict_ceiling;
};

struct ml_apps {
    struct ml_arena arena; /* texts, apps, claims */
    struct ml_app *apps;
    size_t n;
    struct ml_claim *claims;
    size_t n_claims;
    struct ml_map ids; /* id -> index into apps */
    struct ml_region *regions;
    size_t n_regions;
    struct ml_names region_names; /* -> index into regions */
    struct ml_names names;        /* this and the following: -> index into claims */
    struct ml_prefixes prefixes;
    struct ml_map prefix_texts; /* the same blocks as text: finds those given twice */
    struct ml_map asns;         /* number as four bytes, lowest first */
    struct ml_map ndpi;         /* nDPI's names */
    struct ml_map signatures;
    struct ml_map subjects; /* of certificates, word for word */
    struct ml_map packages;
    struct ml_weights weights;
};

/*
 * Builds the catalogue from parsed files: `weights` and any number of app files, which may be given in any order.
 * Gives *out. The files may be freed after.
 */
enum ml_status ml_apps_build(const struct ml_yaml_file *weights, const struct ml_yaml_file *files, size_t n_files,
                             struct ml_apps **out, struct ml_error *error) ML_MUST_USE;

/* Reads the lists of one app file into `apps`, whose ids are known; its claims begin at n_claims. */
enum ml_status ml_apps_read_entries(struct ml_apps *apps, const struct ml_yaml_file *file, uint16_t app,
                                    struct ml_error *error) ML_MUST_USE;

/* Number of entries in the lists of a file: the claims it will make at most. */
size_t ml_apps_count_entries(const struct ml_yaml_file *file);
size_t ml_apps_count_regions(const struct ml_yaml_file *file);

enum ml_status ml_weights_read(const struct ml_yaml_file *file, struct ml_weights *out,
                               struct ml_error *error) ML_MUST_USE;

/* Key of an AS number in the table. */
static inline void ml_asn_key(uint32_t asn, uint8_t key[4])
{
    for (unsigned i = 0; i < 4; i++) {
        key[i] = (uint8_t)(asn >> 8 * i);
    }
}

/* Index of a service, 0 when there is no such service. */
uint16_t ml_service_find(struct ml_span id);
const char *ml_service_id(uint16_t service); /* "" for 0 */

#endif
