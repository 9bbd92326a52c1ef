/* SPDX-License-Identifier: Apache-2.0 */
/*
 * join - from the shards' flows and facts to the report: everything that needs more than one flow.
 *
 * In:        closed flows of all shards.
 * Out:       the report model; rows of flows and endpoints to a sink.
 * Invariant: works through flows in the order of their first packet, so that nothing depends on shards or threads.
 *
 * Files: order.c (flows of all shards in one order, the audited device), view.c (one flow with its names, verdict and
 * peer), kin.c (flows of one call), moved.c (connections that go on in another flow), physics.c (round trips as
 * distances), row.c (flow and fact rows), totals.c (endpoints, apps), planted.c (planted values, what was searched),
 * residency.c, judge.c (rules, findings), correlate.c (rules over several rows), join.c (the walk).
 */
#ifndef MITLESER_ENGINE_JOIN_H
#define MITLESER_ENGINE_JOIN_H

#include "engine/engine.h"
#include "engine/kin.h"
#include "engine/moved.h"
#include "engine/resolved.h"
#include "engine/shard.h"

enum { ML_MAX_VIEW_NAMES = 24, ML_SCRATCH_BYTES = 32 * 1024, ML_INFO_CACHE = 65536 };

/* Texts made for one row; all gone at the next. */
struct ml_scratch {
    size_t used;
    char bytes[ML_SCRATCH_BYTES];
};

struct ml_info_cache_slot {
    struct ml_ip ip;
    const struct ml_endpoint_info *info;
};

struct ml_join {
    const struct ml_engine_config *config;
    struct ml_report *report;
    struct ml_shard *shards;
    const struct ml_row_sink *rows;
    struct ml_rules_scratch *rule_scratch;
    /* order.c */
    struct ml_flow **flows; /* owned; by first packet */
    size_t n_flows;
    /* kin.c */
    struct ml_kin kin;
    /* moved.c */
    struct ml_moved moved;
    /* view.c */
    struct ml_resolved names;
    struct ml_map infos;    /* distinct address answers -> number in info_list */
    const void **info_list; /* owned array of struct ml_endpoint_info; items in the report's arena */
    size_t n_infos, info_room;
    struct ml_info_cache_slot *cache; /* owned */
    struct ml_map name_infos;         /* host name -> number in name_info_list */
    const void **name_info_list;      /* likewise of struct ml_name_info */
    size_t n_name_infos, name_info_room;
    /* totals.c */
    struct ml_map endpoints; /* (address, port, protocol) -> index */
    size_t endpoint_room;
    struct ml_map app_index; /* app id -> index into report->apps */
    size_t app_room;
    struct ml_map residency_seen; /* (table, row, endpoint) seen */
    struct ml_map app_endpoints;  /* (app, endpoint) seen */
    /* planted.c */
    struct ml_map planted; /* label -> index into report->planted */
    /* judge.c */
    struct ml_map cited; /* fact number seen */
    size_t cited_room;
    bool has_rules[ML_N_CATEGORIES];
    /* correlate.c */
    struct ml_rules_queue *queue; /* owned */
    struct ml_physics *physics;   /* owned; NULL: distances cannot be bounded */
    struct ml_scratch scratch;
    struct ml_record record;
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
    size_t n_names;
    struct ml_flow_name names[ML_MAX_VIEW_NAMES];
    const struct ml_name_info *name_info; /* of names[0]; NULL without one */
    const struct ml_endpoint_info *src_info, *dst_info;
    const struct ml_company *company;
    const char *class_location, *class_control;
    struct ml_verdict verdict;
    struct ml_report_endpoint *endpoint;
    uint32_t endpoint_index;
};

/* order.c */
bool ml_join_order(struct ml_join *join) ML_MUST_USE;
void ml_join_find_device(struct ml_join *join);
const struct ml_report_input *ml_join_input_of(const struct ml_join *join, uint64_t seq);

/* view.c */
bool ml_join_collect_names(struct ml_join *join) ML_MUST_USE;
bool ml_join_collect_kin(struct ml_join *join) ML_MUST_USE;
void ml_join_view(struct ml_join *join, uint64_t id, const struct ml_flow *flow, struct ml_flow_view *view);

/* physics.c */
bool ml_join_measure(struct ml_join *join) ML_MUST_USE;
void ml_join_bound(struct ml_join *join, const struct ml_ip *ip, struct ml_endpoint_info *info);
void ml_join_physics_free(struct ml_join *join);
/* Candidates that no round trip refutes, and their transfer classes; each once. */
size_t ml_join_left(const struct ml_endpoint_info *info, const char *left[ML_MAX_CANDIDATES]);
size_t ml_join_left_classes(const struct ml_join *join, const struct ml_endpoint_info *info,
                            const char *classes[ML_MAX_CANDIDATES]);

/* totals.c */
struct ml_report_endpoint *ml_join_find_endpoint(struct ml_join *join, const struct ml_flow_view *view,
                                                 uint32_t *index) ML_MUST_USE; /* made when first asked for */
bool ml_join_count_endpoint(struct ml_join *join, struct ml_flow_view *view) ML_MUST_USE;
bool ml_join_count_app(struct ml_join *join, const struct ml_flow_view *view) ML_MUST_USE;
void ml_join_finish_totals(struct ml_join *join);

/* planted.c */
bool ml_join_planted_init(struct ml_join *join) ML_MUST_USE;
void ml_join_count_planted(struct ml_join *join, const struct ml_flow_view *view);
void ml_join_add_reach(struct ml_reach *reach, const struct ml_flow_view *view);

/* residency.c */
void ml_join_residency_init(struct ml_join *join);
/* In the tables of the whole report and of its parts: the app and the service of the flow. */
bool ml_join_count_residency(struct ml_join *join, const struct ml_flow_view *view, struct ml_residency *const parts[],
                             size_t n_parts) ML_MUST_USE;
void ml_join_finish_residency(struct ml_join *join);

/* row.c */
struct ml_span ml_scratch_printf(struct ml_scratch *scratch, const char *format, ...) ML_PRINTF(2, 3);
void ml_join_add_attr(struct ml_record *record, enum ml_field field, const struct ml_attr *attr);
void ml_join_flow_row(struct ml_join *join, const struct ml_flow_view *view, struct ml_record *record);
void ml_join_endpoint_row(struct ml_join *join, uint32_t index, struct ml_record *record);
void ml_join_app_row(struct ml_join *join, const struct ml_report_app *app, struct ml_record *record);

/* judge.c */
struct ml_finding *ml_join_flow_finding(struct ml_join *join, const struct ml_flow_view *view,
                                        uint32_t rule) ML_MUST_USE;
bool ml_join_judge_flow(struct ml_join *join, const struct ml_flow_view *view, struct ml_record *record) ML_MUST_USE;
bool ml_join_judge_endpoint(struct ml_join *join, uint32_t index, const struct ml_record *record) ML_MUST_USE;
bool ml_join_judge_app(struct ml_join *join, const struct ml_report_app *app,
                       const struct ml_record *record) ML_MUST_USE;
bool ml_join_cite_facts(struct ml_join *join) ML_MUST_USE;

/* correlate.c: hits of a row wait for their turn in frame order; correlations come true when all are there. */
bool ml_join_queue_hits(struct ml_join *join, const struct ml_flow_view *view, const struct ml_record *record,
                        const uint32_t hits[], size_t n_hits, const struct ml_fact *fact, uint64_t number) ML_MUST_USE;
bool ml_join_correlate(struct ml_join *join) ML_MUST_USE;

/* readers.c */
bool ml_join_readers(struct ml_join *join) ML_MUST_USE;

/* join.c: fills join->report, whose inputs and counters are already set. */
enum ml_status ml_join_run(struct ml_join *join, struct ml_error *error) ML_MUST_USE;

#endif
