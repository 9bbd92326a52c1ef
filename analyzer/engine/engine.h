/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine - wires the stages together; the only place that knows all of them.
 *
 * In:        capture files and the loaded rules, catalogue and data sets.
 * Out:       a report model, and rows of flows and endpoints to a row sink.
 * Invariant: the result depends on inputs, rules, data sets and result-changing options; never on n_threads.
 */
#ifndef MITLESER_ENGINE_ENGINE_H
#define MITLESER_ENGINE_ENGINE_H

#include "capture/filter.h"
#include "core/log.h"
#include "engine/sockets.h"
#include "policy/taxonomy.h"
#include "report/model.h"

struct ml_engine_config {
    const struct ml_rules *rules; /* borrowed, as all below */
    const struct ml_apps *apps;
    const struct ml_intel *intel;
    const struct ml_taxonomy *taxonomy;
    const struct ml_log *log;
    const struct ml_patterns *patterns; /* planted values to look for (leaks/patterns.h); NULL: none */
    const struct ml_sockets *sockets;   /* processes by socket (sockets.h); NULL: unknown */
    unsigned n_threads;                 /* 1: everything inline */
    bool with_ndpi;
    bool shows_silent;              /* rules that only feed correlations make findings too: for testing rules */
    const char *declared_app;       /* --app, or NULL */
    const struct ml_case *declared; /* the case file; NULL without one. The report borrows it too */
    struct ml_ip device;            /* --device, family 0 when it is to be told from the traffic */
    struct ml_filter *filter;       /* which packets to look at; NULL: all. The engine's alone while it reads */
    bool has_since, has_until;
    int64_t since_ns, until_ns; /* packets of [since, until) are looked at */
    bool is_series;             /* flows go on from one input to the next; otherwise each input is on its own */
    /* Called now and then with bytes done and bytes in all; may be NULL. */
    void (*progress)(void *context, uint64_t done, uint64_t total);
    void *progress_context;
    /* True asks to end: what was read so far is reported. May be NULL. */
    bool (*is_cancelled)(void *context);
};

/* Rows as lines of NDJSON, several at a time: flows in their order, then endpoints. False: the sink failed, stop. */
struct ml_row_sink {
    void *context;
    bool wants_flows, wants_endpoints;
    bool (*rows)(void *context, enum ml_category category, struct ml_span lines); /* borrowed for the call */
};

struct ml_engine;

struct ml_engine *ml_engine_new(const struct ml_engine_config *config, struct ml_error *error) ML_MUST_USE;
void ml_engine_free(struct ml_engine *engine);

/* Reads a key log file; before the captures it is for. ML_IO, ML_BAD_INPUT, ML_NO_MEMORY. */
enum ml_status ml_engine_key_log(struct ml_engine *engine, const char *path, struct ml_error *error) ML_MUST_USE;

/* Reads one capture to its end. ML_IO / ML_BAD_INPUT: it could not be read at all; others can still follow. */
enum ml_status ml_engine_read(struct ml_engine *engine, const char *path, struct ml_error *error) ML_MUST_USE;

/* Does each input begin when the one before has ended, or later? For whoever reads a series. */
bool ml_engine_is_in_order(const struct ml_engine *engine);

/* The join: names, verdicts, endpoints, rules. Fills *report, which borrows from the engine. Called once. */
enum ml_status ml_engine_finish(struct ml_engine *engine, const struct ml_row_sink *rows, struct ml_report *report,
                                struct ml_error *error) ML_MUST_USE;

#endif
