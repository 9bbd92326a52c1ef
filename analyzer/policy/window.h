/* SPDX-License-Identifier: Apache-2.0 */
/*
 * window - what one group of a correlation remembers: just enough to answer its condition at any time.
 *
 * Times come in ascending order. Of events the last n are kept (n of them in time say that there were n), of values
 * the last n different ones, of rules the last time of each, of an ordered chain the latest beginning for each length.
 */
#ifndef MITLESER_POLICY_WINDOW_H
#define MITLESER_POLICY_WINDOW_H

#include "policy/rules.h"

struct ml_window_value {
    uint64_t hash;
    int64_t last_ns;
};

struct ml_window_note {
    struct ml_evidence_ref evidence;
    int64_t time_ns;
};

struct ml_window {
    struct ml_window *next_open; /* of those that wait for their decision */
    bool is_open;
    int64_t opened_ns;
    int64_t last_ns;
    uint64_t count;  /* kept by the caller, for windows decided at their end */
    uint64_t serial; /* of the last record counted; kept by the caller */
    int64_t *times;  /* owned; a ring */
    size_t n_times, first_time, times_room;
    struct ml_window_value *values; /* owned; by last_ns */
    size_t n_values, values_room;
    struct ml_window_note *notes; /* owned; a ring of the last ML_MAX_FACTS_PER_FINDING */
    size_t n_notes, first_note, notes_room;
    size_t n_places;
    int64_t places[]; /* last time of each rule, or the latest beginning of a chain up to it; INT64_MIN: none */
};

struct ml_window *ml_window_new(size_t n_places) ML_MUST_USE;
void ml_window_free(struct ml_window *window);

/* Forgets everything and gives the storage back; returns how many events and values that were. */
size_t ml_window_reset(struct ml_window *window);

/*
 * Each takes an event at now_ns. *stored counts the events and values of all windows; ML_LIMIT: at its ceiling.
 * `enough`: as many as the condition asks for.
 */
enum ml_status ml_window_event(struct ml_window *window, int64_t now_ns, size_t enough, size_t *stored) ML_MUST_USE;
enum ml_status ml_window_value(struct ml_window *window, struct ml_span value, int64_t now_ns, size_t enough,
                               size_t *stored) ML_MUST_USE;
void ml_window_place(struct ml_window *window, size_t place, int64_t now_ns);
void ml_window_chain(struct ml_window *window, size_t place, int64_t now_ns, int64_t from_ns);

/* Remembers what an event brings along. False: out of memory. */
bool ml_window_note(struct ml_window *window, int64_t now_ns, struct ml_evidence_ref evidence) ML_MUST_USE;

/* What there has been since from_ns; older events are forgotten. */
size_t ml_window_events_since(struct ml_window *window, int64_t from_ns);
size_t ml_window_values_since(struct ml_window *window, int64_t from_ns);
size_t ml_window_places_since(const struct ml_window *window, int64_t from_ns);
bool ml_window_chain_since(const struct ml_window *window, int64_t from_ns);
size_t ml_window_evidence(const struct ml_window *window, int64_t from_ns,
                          struct ml_evidence_ref out[ML_MAX_FACTS_PER_FINDING]);

#endif
