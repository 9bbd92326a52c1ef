/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run - packed members that are longer than a window, as they are or below base64 or hexadecimal digits: undone as
 * their bytes come.
 *
 * In:        bytes of a stream from the place on where a member begins.
 * Out:       a stream of its own, which is searched as all streams are; its chunks have the layers that were undone.
 * Invariant: runs nest ML_MAX_WRAPPINGS deep; what comes out is bounded by ml_leak_may_unpack and ML_MAX_LEAK_BODY.
 *            Reaching either ends the run and is counted.
 * Note:      members that end within their window are opened by search.h.
 */
#ifndef MITLESER_LEAKS_RUN_H
#define MITLESER_LEAKS_RUN_H

#include "leaks/parts.h"

struct ml_leak_run;

/*
 * Gives the first run that begins in `window` at or behind `from`, and *at: where. NULL: there is none, or none was
 * found before a ceiling or the end of memory (counted). `depth`: runs the new one's bytes are in. `is_last`: nothing
 * follows the window, so that only what becomes too long for a view is a run.
 */
struct ml_leak_run *ml_leak_run_find(struct ml_counters *counters, struct ml_span window, size_t from, bool is_last,
                                     unsigned depth, size_t *at) ML_MUST_USE;

/* Takes bytes; gives how many of them belong to the run: fewer than all when it is over. */
size_t ml_leak_run_feed(struct ml_leaks *leaks, struct ml_leak_run *run, const struct ml_chunk *chunk,
                        const char *place, struct ml_leak_message *message);
bool ml_leak_run_is_over(const struct ml_leak_run *run);

/* Searches what waits and frees it; accepts NULL. */
void ml_leak_run_end(struct ml_leaks *leaks, struct ml_leak_run *run, const char *place,
                     struct ml_leak_message *message);

/* May so many bytes come out of what is packed? Bounded by what the conversation carried. */
bool ml_leak_may_unpack(struct ml_leaks *leaks, size_t n);

#endif
