/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/window.h"

#include "core/hash.h"
#include "core/mem.h"

struct ml_window *ml_window_new(size_t n_places)
{
    struct ml_window *window = ml_mem_array(1, sizeof *window + n_places * sizeof window->places[0]);
    if (window != NULL) {
        window->n_places = n_places;
        (void)ml_window_reset(window); /* nothing is stored yet */
    }
    return window;
}

void ml_window_free(struct ml_window *window)
{
    if (window != NULL) {
        (void)ml_window_reset(window); /* the caller has done the sums */
        ml_mem_free(window);
    }
}

size_t ml_window_reset(struct ml_window *window)
{
    size_t n = window->times_room + window->values_room;
    ml_mem_free(window->times);
    ml_mem_free(window->values);
    ml_mem_free(window->notes);
    window->times = NULL;
    window->values = NULL;
    window->notes = NULL;
    window->n_times = window->first_time = window->times_room = 0;
    window->n_values = window->values_room = 0;
    window->n_notes = window->first_note = window->notes_room = 0;
    window->count = 0;
    window->is_open = false;
    window->next_open = NULL;
    for (size_t i = 0; i < window->n_places; i++) {
        window->places[i] = INT64_MIN;
    }
    return n;
}

/* A larger size for an array of which at most `enough` items are ever needed; 0 at the ceiling of all windows. */
static size_t larger(size_t room, size_t enough, size_t *stored)
{
    size_t want = room != 0 ? 2 * room : 4;
    want = want < enough ? want : enough;
    if (*stored + (want - room) > ML_MAX_CORRELATION_EVENTS) {
        return 0;
    }
    *stored += want - room;
    return want;
}

enum ml_status ml_window_event(struct ml_window *window, int64_t now_ns, size_t enough, size_t *stored)
{
    if (window->n_times == enough) { /* the oldest says no more than the others */
        window->first_time = (window->first_time + 1) % window->times_room;
        window->n_times--;
    } else if (window->n_times == window->times_room) {
        size_t room = larger(window->times_room, enough, stored);
        int64_t *times = room != 0 ? ml_mem_array(room, sizeof *times) : NULL;
        if (times == NULL) {
            *stored -= room != 0 ? room - window->times_room : 0;
            return room != 0 ? ML_NO_MEMORY : ML_LIMIT;
        }
        for (size_t i = 0; i < window->n_times; i++) {
            times[i] = window->times[(window->first_time + i) % window->times_room];
        }
        ml_mem_free(window->times);
        window->times = times;
        window->first_time = 0;
        window->times_room = room;
    }
    window->times[(window->first_time + window->n_times) % window->times_room] = now_ns;
    window->n_times++;
    return ML_OK;
}

size_t ml_window_events_since(struct ml_window *window, int64_t from_ns)
{
    while (window->n_times != 0 && window->times[window->first_time] < from_ns) {
        window->first_time = (window->first_time + 1) % window->times_room;
        window->n_times--;
    }
    return window->n_times;
}

/* Removes one value and closes the gap. */
static void remove_value(struct ml_window *window, size_t at)
{
    window->n_values--;
    memmove(window->values + at, window->values + at + 1, (window->n_values - at) * sizeof *window->values);
}

enum ml_status ml_window_value(struct ml_window *window, struct ml_span value, int64_t now_ns, size_t enough,
                               size_t *stored)
{
    uint64_t hash = ml_hash(value);
    size_t at = 0;
    while (at < window->n_values && window->values[at].hash != hash) {
        at++;
    }
    if (at < window->n_values) {
        remove_value(window, at);
    } else if (window->n_values == enough) {
        remove_value(window, 0);
    } else if (window->n_values == window->values_room) {
        size_t room = larger(window->values_room, enough, stored);
        struct ml_window_value *values = room != 0 ? ml_mem_resize(window->values, room, sizeof *values) : NULL;
        if (values == NULL) {
            *stored -= room != 0 ? room - window->values_room : 0;
            return room != 0 ? ML_NO_MEMORY : ML_LIMIT;
        }
        window->values = values;
        window->values_room = room;
    }
    window->values[window->n_values++] = (struct ml_window_value){.hash = hash, .last_ns = now_ns};
    return ML_OK;
}

size_t ml_window_values_since(struct ml_window *window, int64_t from_ns)
{
    while (window->n_values != 0 && window->values[0].last_ns < from_ns) {
        remove_value(window, 0);
    }
    return window->n_values;
}

void ml_window_place(struct ml_window *window, size_t place, int64_t now_ns)
{
    window->places[place] = now_ns;
}

size_t ml_window_places_since(const struct ml_window *window, int64_t from_ns)
{
    size_t n = 0;
    for (size_t i = 0; i < window->n_places; i++) {
        n += window->places[i] != INT64_MIN && window->places[i] >= from_ns;
    }
    return n;
}

void ml_window_chain(struct ml_window *window, size_t place, int64_t now_ns, int64_t from_ns)
{
    if (place == 0) {
        window->places[0] = now_ns;
        return;
    }
    int64_t begin = window->places[place - 1];
    if (begin != INT64_MIN && begin >= from_ns && begin > window->places[place]) {
        window->places[place] = begin;
    }
}

bool ml_window_chain_since(const struct ml_window *window, int64_t from_ns)
{
    int64_t begin = window->places[window->n_places - 1];
    return begin != INT64_MIN && begin >= from_ns;
}

bool ml_window_note(struct ml_window *window, int64_t now_ns, struct ml_evidence_ref evidence)
{
    if (window->n_notes == ML_MAX_FACTS_PER_FINDING) {
        window->first_note = (window->first_note + 1) % ML_MAX_FACTS_PER_FINDING;
        window->n_notes--;
    } else if (window->n_notes == window->notes_room) { /* has not wrapped yet: it only does at full size */
        size_t room = window->notes_room != 0 ? 2 * window->notes_room : 4;
        struct ml_window_note *notes = ml_mem_resize(window->notes, room, sizeof *notes);
        if (notes == NULL) {
            return false;
        }
        window->notes = notes;
        window->notes_room = room;
    }
    size_t at = (window->first_note + window->n_notes) % window->notes_room;
    window->notes[at] = (struct ml_window_note){.evidence = evidence, .time_ns = now_ns};
    window->n_notes++;
    window->last_ns = now_ns;
    return true;
}

size_t ml_window_evidence(const struct ml_window *window, int64_t from_ns,
                          struct ml_evidence_ref out[ML_MAX_FACTS_PER_FINDING])
{
    size_t n = 0;
    for (size_t i = 0; i < window->n_notes; i++) {
        const struct ml_window_note *note = &window->notes[(window->first_note + i) % window->notes_room];
        if (note->time_ns >= from_ns) {
            out[n++] = note->evidence;
        }
    }
    return n;
}
