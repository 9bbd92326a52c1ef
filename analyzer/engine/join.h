/* SPDX-License-Identifier: Apache-2.0 */
/*
 * join - from the shards' flows and facts to the report: everything that needs more than one flow.
 *
 * In:        closed flows of all shards.
 * Out:       the report model; rows of flows and endpoints to a sink.
 * Invariant: works through flows in the order of their first packet, so that nothing depends on shards or threads.
 *
 * Files: order.c (flows of all shards in one order, the audited device), view.c (one flow with its names, verdict and
 * peer), known.c (data sets), kin.c (flows of one call), moved.c (connections that go on in another flow), physics.c
 * (round trips as distances), row.c (rows of flows and endpoints), harvest.c (what facts say in a flow's row), totals.c
 * (endpoints, apps), planted.c (planted values, what was searched), residency.c, judge.c (rules, findings), correlate.c
 * (rules over several rows), walk.c (all flows, by several threads), join.c (what comes after what).
 *
 * What is said of one flow alone (view, verdict, row, rules) is worked out by any thread, each with a hand of its own;
 * what adds up over flows is done by one, in their order.
 */
#ifndef MITLESER_ENGINE_JOIN_H
#define MITLESER_ENGINE_JOIN_H

#include "engine/engine.h"
#include "engine/kin.h"
#include "engine/moved.h"
#include "engine/resolved.h"
#include "engine/shard.h"
#include "flow/slots.h"

enum { ML_MAX_VIEW_NAMES = 24, ML_SCRATCH_BYTES = 32 * 1024 };

/* Texts made for one row; all gone at the next. */
struct ml_scratch {
    size_t used;
    char bytes[ML_SCRATCH_BYTES];
};

/* What data sets say of an address, with what follows from it. One for all addresses that they cannot tell apart. */
struct ml_site {
    struct ml_endpoint_info info;
    uint8_t n_left;    /* candidates that no round trip refutes, each once */
    uint8_t n_classes; /* their transfer classes, each once */
    const char *left[ML_MAX_CANDIDATES];
    const char *classes[ML_MAX_CANDIDATES];
    const char *class_location;
};

/* Answers of data sets, each kept once; shared by all hands. Items live in the report's arena for answers. */
struct ml_known {
    pthread_mutex_t lock;    /* over all below and the report's arena for answers */
    struct ml_map places;    /* bytes of an answer -> number in place_list */
    const void **place_list; /* owned array of struct ml_site */
    size_t n_places, place_room;
    struct ml_map names;    /* host name -> number in name_list */
    const void **name_list; /* owned array of struct ml_name_info */
    size_t n_names, name_room;
};

struct ml_join;
struct ml_place_slot;
struct ml_name_slot;
struct ml_class_slot;

/* What one thread of the join works with. */
struct ml_hand {
    struct ml_join *join; /* read only, but for `known` */
    struct ml_rules_scratch *rule_scratch;
    struct ml_place_slot *blocks; /* owned caches, see known.c */
    struct ml_place_slot *places;
    struct ml_name_slot *names;
    struct ml_class_slot *classes;
    struct ml_scratch scratch;
    struct ml_record record;
    bool out_of_memory;
};

/* What totals.c and residency.c remember of an endpoint. */
struct ml_endpoint_note {
    const struct ml_site *place;
    uint16_t control_row; /* number + 1 of the first it was counted in; 0 none yet */
    uint16_t app;         /* the same of the app */
};

/* What decides where a flow is told in the tables of residency. No padding: compared and hashed as bytes. */
struct ml_residency_key {
    const struct ml_site *place;
    const char *control; /* country of the parent company; NULL: nobody is known */
    uint32_t app;        /* index into the report's apps, while flows are counted */
    uint32_t service;    /* index into the app's; beyond them: none */
};

/* Flows with one key, added up. */
struct ml_residency_share {
    struct ml_residency_key key;
    uint16_t control_row;           /* of the whole report's table; past its rows when that is full */
    uint64_t endpoints, controlled; /* endpoints counted here first; the same by row of control */
    uint64_t flows, bytes_up, bytes_down;
};

enum { ML_FINDING_SLOTS = 1 << 15 };

/* A finding given lately. */
struct ml_finding_slot {
    struct ml_finding *finding; /* NULL: free */
    uint32_t rule, endpoint;
};

struct ml_join {
    const struct ml_engine_config *config;
    struct ml_report *report;
    struct ml_shard *shards;
    const struct ml_row_sink *rows;
    struct ml_hand *hand; /* owned; of the thread that joins */
    struct ml_known known;
    /* order.c */
    struct ml_flow **flows; /* owned; by first packet */
    size_t n_flows;
    /* kin.c */
    struct ml_kin kin;
    /* moved.c */
    struct ml_moved moved;
    /* view.c */
    struct ml_resolved names;
    /* totals.c */
    struct ml_slots endpoint_slots; /* the report's endpoints by address, protocol and port */
    size_t endpoint_room;
    struct ml_endpoint_note *notes; /* owned; by endpoint */
    size_t note_room;
    struct ml_map app_index; /* app id -> index into report->apps */
    size_t app_room;
    struct ml_map app_endpoints; /* (app, endpoint) seen, but for the first app of an endpoint */
    /* residency.c */
    struct ml_map residency_seen;  /* (row, endpoint) of the table of control, but for the first row of an endpoint */
    struct ml_map residency_index; /* key -> index into shares */
    struct ml_residency_share *shares; /* owned */
    size_t n_shares, share_room;
    /* planted.c */
    struct ml_map planted; /* label -> index into report->planted */
    /* judge.c */
    struct ml_map cited; /* fact number seen */
    size_t cited_room;
    struct ml_finding_slot *finding_slots; /* owned; ML_FINDING_SLOTS */
    bool has_rules[ML_N_CATEGORIES];
    uint64_t regex_limits; /* of hands that are no more */
    /* correlate.c */
    struct ml_rules_queue *queue; /* owned */
    struct ml_physics *physics;   /* owned; NULL: distances cannot be bounded */
    bool out_of_memory;
};

/* One flow as the report sees it: from the audited device (src) to its peer (dst). Borrowed from the join. */
struct ml_flow_view {
    uint64_t id; /* from 1 */
    const struct ml_flow *flow;
    const struct ml_flow_note *note;
    const struct ml_report_input *input;
    bool is_turned; /* the audited device is the flow's server */
    struct ml_ip src, dst;
    uint16_t src_port, dst_port;
    uint64_t bytes_up, bytes_down, packets_up, packets_down;
    const char *transport;
    const char *protocol;
    const struct ml_flow *origin; /* the flow that this one's connection began in; NULL: this one */
    uint64_t origin_id;
    bool has_origin_id; /* its packets carry an id that the other flow showed in clear */
    size_t n_names;
    struct ml_flow_name names[ML_MAX_VIEW_NAMES];
    const struct ml_name_info *name_info; /* of names[0]; NULL without one */
    const struct ml_site *place;          /* of dst */
    const struct ml_company *company;
    const char *class_control;
    struct ml_verdict verdict;
    /* once counted, see totals.c */
    struct ml_report_endpoint *endpoint;
    uint32_t endpoint_index;
};

/* A rule that matched the row of a flow or of one of its facts. */
struct ml_hit {
    uint64_t number; /* of the fact; 0: the flow itself */
    uint32_t rule;
};

/* What rules found on flows by themselves, in order. */
struct ml_hits {
    struct ml_hit *hits; /* owned */
    size_t n, room;
    struct ml_rules_queue *queue; /* owned; hits that feed correlations */
};

/* known.c */
bool ml_known_init(struct ml_known *known) ML_MUST_USE;
void ml_known_fini(struct ml_known *known);
struct ml_hand *ml_hand_new(struct ml_join *join) ML_MUST_USE; /* gives; NULL: out of memory */
void ml_hand_free(struct ml_hand *hand);
const struct ml_site *ml_hand_site(struct ml_hand *hand, const struct ml_ip *ip);
const struct ml_name_info *ml_hand_name(struct ml_hand *hand, struct ml_span name); /* NULL: out of memory */
const char *ml_hand_class(struct ml_hand *hand, const struct ml_company *company);  /* of who controls it */

/* order.c */
bool ml_join_order(struct ml_join *join) ML_MUST_USE;
void ml_join_find_device(struct ml_join *join);
/* For a walk over all flows: brings what stands a few flows ahead of `at` near. */
void ml_join_prefetch(const struct ml_join *join, size_t at);
const struct ml_report_input *ml_join_input_of(const struct ml_join *join, uint64_t seq);

/* view.c */
bool ml_join_collect(struct ml_join *join) ML_MUST_USE; /* names and kin of all flows, before the first view */
void ml_join_view(struct ml_hand *hand, uint64_t id, const struct ml_flow *flow, struct ml_flow_view *view);

/* physics.c */
bool ml_join_measure(struct ml_join *join) ML_MUST_USE;
void ml_join_bound(struct ml_join *join, const struct ml_ip *ip, struct ml_endpoint_info *info);
void ml_join_physics_free(struct ml_join *join);
/* Fills what follows from place->info. */
void ml_join_conclude(const struct ml_join *join, struct ml_site *place);

/* totals.c */
uint32_t ml_join_endpoint_hash(const struct ml_flow_view *view);
struct ml_report_endpoint *ml_join_find_endpoint(struct ml_join *join, const struct ml_flow_view *view, uint32_t hash,
                                                 uint32_t *index) ML_MUST_USE; /* made when first asked for */
/* Bring what will be asked for near: first where the endpoint is looked up, then what stands there. */
void ml_join_expect_endpoint(const struct ml_join *join, uint32_t hash);
bool ml_join_count_endpoint(struct ml_join *join, struct ml_flow_view *view, uint32_t hash) ML_MUST_USE;
bool ml_join_count_app(struct ml_join *join, const struct ml_flow_view *view) ML_MUST_USE;
void ml_join_finish_totals(struct ml_join *join);

/* planted.c */
bool ml_join_planted_init(struct ml_join *join) ML_MUST_USE;
void ml_join_count_planted(struct ml_join *join, const struct ml_flow_view *view);
void ml_join_add_reach(struct ml_reach *reach, const struct ml_flow_view *view);

/* residency.c */
void ml_join_residency_init(struct ml_join *join);
/* App and service as in ml_residency_key. */
bool ml_join_count_residency(struct ml_join *join, const struct ml_flow_view *view, size_t app,
                             size_t service) ML_MUST_USE;
void ml_join_spread_residency(struct ml_join *join); /* before apps and services are sorted */
void ml_join_finish_residency(struct ml_join *join);

/* harvest.c */
void ml_join_add_attr(struct ml_record *record, enum ml_field field, const struct ml_attr *attr);
/* The values of all facts, each value of a field once. */
void ml_join_fact_fields(const struct ml_flow *flow, struct ml_record *record);
/* Which facts the flow has, each kind once, in the order of fact_kind.def. */
void ml_join_fact_kinds(const struct ml_flow *flow, struct ml_record *record);

/* row.c */
/* Each fills hand->record, which borrows from the view or the report, and from hand->scratch until the next row. */
void ml_join_flow_row(struct ml_hand *hand, const struct ml_flow_view *view);
void ml_join_endpoint_row(struct ml_hand *hand, uint32_t index);
void ml_join_app_row(struct ml_hand *hand, const struct ml_report_app *app);

/* judge.c: rules on hand->record, which is the row of the flow, endpoint or app. */
bool ml_join_match_flow(struct ml_hand *hand, const struct ml_flow_view *view, struct ml_hits *out) ML_MUST_USE;
/* The hits as findings of the flow, whose view was counted. */
bool ml_join_add_hits(struct ml_join *join, const struct ml_flow_view *view, const struct ml_hit hits[],
                      size_t n) ML_MUST_USE;
struct ml_finding *ml_join_flow_finding(struct ml_join *join, const struct ml_flow_view *view,
                                        uint32_t rule) ML_MUST_USE;
bool ml_join_judge_endpoint(struct ml_join *join, uint32_t index) ML_MUST_USE;
bool ml_join_judge_app(struct ml_join *join, const struct ml_report_app *app) ML_MUST_USE;
bool ml_join_cite_facts(struct ml_join *join) ML_MUST_USE;

/* correlate.c: correlations come true when the hits of all rows are there, in frame order. */
bool ml_join_correlate(struct ml_join *join) ML_MUST_USE;

/* readers.c */
bool ml_join_readers(struct ml_join *join) ML_MUST_USE;

/* walk.c: views, counts, writes and judges all flows. */
enum ml_status ml_join_flows(struct ml_join *join, struct ml_error *error) ML_MUST_USE;

/* join.c: fills join->report, whose inputs and counters are already set. */
enum ml_status ml_join_run(struct ml_join *join, struct ml_error *error) ML_MUST_USE;

#endif
