/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model - the report before it is a document. The join (engine/join.c) fills it; writers only read it.
 *
 * Everything in `struct ml_report` is a function of inputs, rules, data sets and result-changing options; what is true
 * of this run only (time, machine, command line) is in `struct ml_run`.
 * Lifetime: the report owns its arena; spans and pointers live as long as it, the rule set, the catalogue and intel.
 */
#ifndef MITLESER_REPORT_MODEL_H
#define MITLESER_REPORT_MODEL_H

#include "capture/source.h"
#include "classify/verdict.h"
#include "core/counters.h"
#include "core/map.h"
#include "intel/intel.h"
#include "policy/finding.h"
#include "policy/record.h"
#include "policy/taxonomy.h"
#include "proto/fact.h"
#include "proto/secrets/secrets.h"
#include "report/case.h"

/* One capture, as far as it was read. */
struct ml_report_input {
    char id[24];                      /* "i1" */
    struct ml_source_summary summary; /* a copy whose pointers live in the report's arena */
    uint64_t first_seq;               /* seq of its frame 1 */
    struct ml_secrets_count secrets;  /* those the file carries */
    uint64_t n_late_secrets;          /* blocks of them behind packets, where the file could not be read twice */
};

/* A key log file that was given. */
struct ml_report_key_log {
    const char *file; /* base name; in the report's arena */
    char sha256[ML_SHA256_HEX];
    uint64_t bytes;
    struct ml_secrets_count secrets;
};

struct ml_report_name {
    struct ml_span name;
    enum ml_name_source source;
};

/* Who the device talked to: one per (address, port, transport) of the peer. Its id is "e" and its index + 1. */
struct ml_report_endpoint {
    struct ml_ip ip;
    uint16_t port;
    uint8_t ip_proto;
    uint8_t n_apps;
    uint16_t n_names;
    uint32_t min_rtt_us; /* 0 unknown */
    uint64_t flows, bytes_up, bytes_down;
    int64_t first_ns, last_ns;
    struct ml_report_name *names;         /* best source first; at most ML_MAX_ENDPOINT_NAMES */
    const char **apps;                    /* catalogue ids in order of arrival; at most ML_MAX_ENDPOINT_APPS */
    const struct ml_endpoint_info *info;  /* shared by all endpoints that databases cannot tell apart */
    const struct ml_name_info *name_info; /* of its best name; NULL without one */
    const struct ml_company *company;     /* operator by name, else by address; NULL unknown */
    const char *class_location;           /* transfer classes on the capture's date */
    const char *class_control;
};

enum { ML_MAX_ENDPOINT_NAMES = 16, ML_MAX_ENDPOINT_APPS = 8 };

/* A row of a residency table. */
struct ml_residency_row {
    char key[16];       /* country or class; "undetermined" */
    uint64_t endpoints; /* only in the tables of the whole report */
    uint64_t flows, bytes_up, bytes_down;
    uint64_t flows_lower, flows_upper;
    uint64_t up_lower, down_lower; /* bytes that are determined and have no other candidate */
    uint64_t up_upper, down_upper; /* bytes that have the key among their candidates */
};

struct ml_residency_table {
    size_t n, room;
    struct ml_residency_row *rows; /* most bytes first, then key; arena */
};

/* Of the whole report, of an app, or of a service. */
struct ml_residency {
    struct ml_residency_table by_class, by_control, by_location, by_network_country;
};

struct ml_report_service {
    const char *id; /* "messaging"; "" unknown */
    uint64_t flows, bytes_up, bytes_down;
    struct ml_residency residency;
};

enum { ML_MAX_SERVICES = 16, ML_MAX_APP_REGIONS = 32 };

/* Flows whose server name says which part of a service it is. */
struct ml_report_region {
    const struct ml_region *region;
    uint64_t flows, bytes_up, bytes_down;
};

/* What of some payload was read for personal values, in bytes of the wire. */
struct ml_reach {
    uint64_t payload;
    uint64_t searched;
    uint64_t decrypted; /* of the searched ones: by the auditor's keys */
    uint64_t sealed;    /* not searched: most of the conversation is encrypted */
    uint64_t unread;    /* not searched for other reasons */
};

/* A planted value and what became of it. */
struct ml_report_planted {
    struct ml_span label;
    const char *kind;
    uint64_t facts, flows;
    uint64_t flows_clear;           /* flows in which it stood without encryption */
    uint64_t last_flow, last_clear; /* the last ones counted */
};

struct ml_report_app {
    const struct ml_app *app;         /* NULL: flows of no known app */
    const struct ml_company *company; /* NULL unknown */
    uint64_t flows, bytes_up, bytes_down;
    enum ml_grade grade; /* best grade of its flows */
    struct ml_reach reach;
    size_t n_services;
    struct ml_report_service services[ML_MAX_SERVICES];
    struct ml_residency residency;
    size_t n_regions;
    struct ml_report_region *regions; /* ML_MAX_APP_REGIONS; NULL none; arena */
    size_t n_endpoints;
    uint32_t *endpoints; /* indexes, ascending; arena */
};

/*
 * A fact that findings cite. Its number is the flow's id times ML_FACTS_OF_FLOW plus its place in the flow (from 0);
 * its id in documents is "f12.3": the third fact of flow 12.
 */
struct ml_report_fact {
    uint64_t number;
    const struct ml_fact *fact;
};

enum { ML_FACTS_OF_FLOW = 1024 };
_Static_assert((int)ML_FACTS_OF_FLOW > (int)ML_MAX_FACTS_PER_FLOW, "fact numbers of two flows must not meet");

enum ml_reader_state { ML_READ, ML_COULD_READ, ML_NOT_SEEN, ML_CANNOT_TELL };
const char *ml_reader_state_text(enum ml_reader_state state); /* "read", "could read", ... */

enum { ML_MAX_LEARNS = 12, ML_MAX_CELL_FINDINGS = 8 };

/* What one reader learns of one kind of thing. */
struct ml_reader_cell {
    const char *what; /* "app use", "timing", "identity", "contacts", "location", "content", "payment" ... */
    enum ml_reader_state state;
    size_t n_findings;
    uint32_t findings[ML_MAX_CELL_FINDINGS]; /* indexes */
    const char *reason;
};

struct ml_reader_row {
    const char *id; /* "local_network", "access_provider", "resolver", "path_state", ... */
    struct ml_span who;
    size_t n_cells;
    struct ml_reader_cell cells[ML_MAX_LEARNS];
};

struct ml_not_decided {
    const char *taxonomy;
    const char *reason;
};

struct ml_report {
    struct ml_arena arena;
    struct ml_arena
        answers; /* what data sets say of addresses and names; several threads take from it, one at a time */
    /* what it was made with */
    const struct ml_rules *rules;
    const struct ml_intel *intel;
    const struct ml_taxonomy *taxonomy;
    const struct ml_apps *apps_catalogue;
    const char *const *options;         /* NULL-terminated "name=value", result-changing ones, sorted */
    const struct ml_case *declared;     /* the case file; NULL without one */
    const struct ml_baseline *baseline; /* what an earlier report knows (report/baseline.h); NULL without one */
    const char *bounds_problem;         /* why round trips refute nothing; NULL: they may */
    /* what was read */
    struct ml_report_input *inputs;
    size_t n_inputs;
    struct ml_report_key_log *key_logs; /* in the order given; arena */
    size_t n_key_logs;
    struct ml_counters counters;
    struct ml_reach reach;             /* of all flows */
    bool is_seeded;                    /* planted values were looked for */
    struct ml_report_planted *planted; /* in the order of their file; arena */
    size_t n_planted;
    uint64_t n_flows, n_unattributed;
    struct ml_map by_protocol; /* protocol name -> flows */
    struct ml_ip device;       /* the audited device's address, family 0 unknown */
    const char *device_how;    /* "given", "busiest private client", "busiest client", "" */
    int64_t valid_on_ns;       /* last packet: the date on which law and data age are judged */
    /* what was found */
    struct ml_report_app *apps; /* most bytes first, the unattributed last */
    size_t n_apps;
    struct ml_report_endpoint *endpoints; /* order of first flow */
    size_t n_endpoints;
    struct ml_residency residency;
    struct ml_findings findings;  /* sorted */
    struct ml_report_fact *facts; /* cited ones, ascending number */
    size_t n_facts;
    struct ml_reader_row *readers;
    size_t n_readers;
    struct ml_not_decided *not_decided;
    size_t n_not_decided;
};

/* True of this run only. */
struct ml_run {
    int64_t started_ns, finished_ns;
    const char *const *command_line; /* NULL-terminated */
    const char *host;
};

/* "tcp", "udp", "icmp", ...; "other" for protocols without a name here. */
const char *ml_transport_text(uint8_t ip_proto);

/* "found", "not found in what was searched" or "nothing could be searched". */
const char *ml_planted_text(const struct ml_report *report, const struct ml_report_planted *planted);

void ml_report_init(struct ml_report *report);
void ml_report_fini(struct ml_report *report);

#endif
