/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verdict - which app and service a flow belongs to, as votes that stay visible.
 *
 * In:        evidence of one flow (names with their sources, signatures, addresses, nDPI's answer ...).
 * Out:       app, service, confidence, all votes for and against. A conflict lowers confidence, it is never hidden;
 *            shared infrastructure is "one of", not a guess.
 */
#ifndef MITLESER_CLASSIFY_VERDICT_H
#define MITLESER_CLASSIFY_VERDICT_H

#include "classify/ndpi.h"
#include "core/ip.h"
#include "core/yaml.h"

/* Where a name came from, best first: the order decides which one names the flow. */
enum ml_name_source {
    ML_NAME_NONE,
    ML_NAME_SNI,       /* TLS server name (TCP) */
    ML_NAME_HTTP,      /* HTTP Host or :authority */
    ML_NAME_QUIC,      /* server name in a QUIC Initial */
    ML_NAME_CERT,      /* subject alternative name of the server's certificate */
    ML_NAME_HTTP_DNS,  /* answer of a proprietary HTTP resolver */
    ML_NAME_DNS,       /* DNS answer that held the address */
    ML_NAME_FILE,      /* name record of the capture file */
    ML_NAME_DNS_LATER, /* answer of a resolver that was captured only after the flow had begun; evidence, never a name
                        */
    ML_N_NAME_SOURCES
};

const char *ml_name_source_text(enum ml_name_source source); /* "sni", "http", "quic_sni", "cert", ... */

struct ml_flow_name {
    struct ml_span name; /* normalised host name */
    enum ml_name_source source;
    bool is_shared; /* the address carries more than one name in this source: uncertain */
};

enum ml_grade { ML_GRADE_NONE, ML_GRADE_LOW, ML_GRADE_MODERATE, ML_GRADE_HIGH };
const char *ml_grade_text(enum ml_grade grade); /* "none", "low", "moderate", "high" */

/* Evidence classes and their weights come from rules/apps/weights.yaml. */
enum ml_vote_class {
    ML_VOTE_DECLARED,  /* the operator of the audit says which app ran */
    ML_VOTE_UID,       /* the device says which app owns the socket */
    ML_VOTE_SIGNATURE, /* wire bytes that only this app sends */
    ML_VOTE_NAME,      /* a name of ours in the catalogue */
    ML_VOTE_PREFIX,    /* published by the operator */
    ML_VOTE_ASN,
    ML_VOTE_NDPI,
    ML_N_VOTE_CLASSES
};
const char *ml_vote_class_text(enum ml_vote_class vote_class); /* "signature", "name", ... */

enum { ML_MAX_VOTES = 16, ML_MAX_ONE_OF = 8, ML_VOTE_EVIDENCE = 96 };

struct ml_vote {
    uint16_t app;     /* index into the catalogue */
    uint16_t service; /* index into the catalogue's services, 0 none */
    enum ml_vote_class vote_class;
    int weight;                      /* points */
    bool is_shared;                  /* the evidence fits several apps: member of a "one of" group */
    char evidence[ML_VOTE_EVIDENCE]; /* "sni:g.whatsapp.net", "ndpi:WhatsApp (DPI)" */
};

/* What a host name of an app says about places and editions, as rules/apps tells it. */
struct ml_region {
    const char *id;      /* "hk" */
    const char *country; /* ISO 3166-1 alpha-2; "" unknown */
    const char *edition; /* "wechat" or "weixin"; "" where both use the servers */
    const char *meaning; /* for people */
    uint16_t app;        /* index into the catalogue */
};

struct ml_verdict {
    const char *app; /* catalogue id, or NULL: unattributed */
    const char *app_name;
    const char *service;            /* "messaging", "call", ...; NULL unknown */
    const struct ml_region *region; /* of the best name of the app that has one; NULL none */
    enum ml_grade grade;
    bool has_conflict; /* another app got votes too */
    size_t n_one_of;
    const char *one_of[ML_MAX_ONE_OF]; /* apps that share this infrastructure; then app is NULL */
    size_t n_votes;
    struct ml_vote votes[ML_MAX_VOTES];
};

/* Evidence of one flow; all borrowed. */
struct ml_evidence {
    const struct ml_flow_name *names;
    size_t n_names;
    const char *const *signatures; /* names of parsers and fact kinds seen: "mmtls", "wechat.newgetdns" */
    size_t n_signatures;
    /*
     * Signatures of other flows that the same call ties to this one (engine/kin.h), which has none of its own.
     */
    const char *const *kin;
    size_t n_kin;
    struct ml_span kin_subject;  /* of a certificate on such a flow; may be empty */
    struct ml_span cert_subject; /* of the certificate that the server showed, as "CN=example"; may be empty */
    struct ml_ip server;
    uint16_t server_port;
    uint8_t ip_proto;
    uint32_t asn;                      /* 0 unknown */
    const struct ml_ndpi_answer *ndpi; /* may be NULL */
    struct ml_span package;            /* app package on the device, or the name it shows there; may be empty */
    struct ml_span declared;           /* --app; may be empty */
    /*
     * The SNI is the outer name of an encrypted ClientHello: it never names an app. Only for a hello that is known to
     * be one (the resolver gave an ECH configuration for the name): GREASE looks the same and carries the true name
     * (RFC 9849, section 6.2), and browsers send it with every hello.
     */
    bool is_ech_outer;
};

struct ml_apps; /* the catalogue, immutable once loaded; shared by all threads */

struct ml_app {
    const char *id;
    const char *name;
    const char *operator_id; /* key of rules/operators; "" where there is no single operator (Matrix, XMPP, IRC) */
};

/*
 * Loads rules/apps: weights.yaml and every other *.yaml of `folder`, each an app. Gives *out. Errors name file, line,
 * column and value. The fields are told in rules/apps/README.md.
 */
enum ml_status ml_apps_load(const char *folder, struct ml_apps **out, struct ml_error *error) ML_MUST_USE;
void ml_apps_free(struct ml_apps *apps);
size_t ml_apps_count(const struct ml_apps *apps);
const struct ml_app *ml_apps_get(const struct ml_apps *apps, size_t index);
const struct ml_app *ml_apps_find(const struct ml_apps *apps, struct ml_span id); /* NULL unknown */
const char *ml_apps_service(const struct ml_apps *apps, uint16_t service);        /* "" for 0 */
bool ml_apps_has_signature(const struct ml_apps *apps, struct ml_span name);      /* of any app */
bool ml_apps_has_subject(const struct ml_apps *apps, struct ml_span subject);     /* of a certificate, of any app */

/* What a normalised host name says about places; NULL nothing. */
const struct ml_region *ml_apps_region(const struct ml_apps *apps, struct ml_span host);

/*
 * Weighs the evidence. Fills *verdict, which borrows from `apps` alone. Deterministic: the order of names within one
 * source and of signatures does not matter; equal points go to the first id.
 */
void ml_classify(const struct ml_apps *apps, const struct ml_evidence *evidence, struct ml_verdict *verdict);

#endif
