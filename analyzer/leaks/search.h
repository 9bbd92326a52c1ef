/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search - finds the planted values in a window of bytes, also below up to three wrappings.
 *
 * In:        a window, and which part of it has its turn now: a value is told where its last byte has its turn, so that
 *            overlapping windows tell it once.
 * Out:       hits in the order of their place. Of several that overlap and mean the same identity, the one below
 *            fewest wrappings is told, then the longest.
 * Coordinates are told when latitude and longitude stand within ML_PAIR_REACH bytes of each other.
 */
#ifndef MITLESER_LEAKS_SEARCH_H
#define MITLESER_LEAKS_SEARCH_H

#include "core/counters.h"
#include "leaks/open.h"
#include "leaks/patterns.h"

enum {
    ML_MAX_WRAPPINGS = 3, /* the third only below escapes of a form or of JSON, which are how a text travels */
    ML_PAIR_REACH = 256
};

struct ml_leak_hit {
    const struct ml_pattern *pattern;
    const char *form;     /* of the pattern, or "e164" where a plus sign stands in front */
    struct ml_span found; /* as it stood in its innermost wrapping; borrowed until the next search */
    size_t from, last;    /* places in the window of its first byte and of its last */
    uint8_t decimals;     /* coordinates: of the coarser half */
    uint8_t n_wrappings;
    uint8_t wrappings[ML_MAX_WRAPPINGS]; /* enum ml_wrapping, outermost first */
};

/* What was searched lay in one wrapping more, outside of the others; nothing when there is no room to say so. */
static inline void ml_leak_hit_wrap(struct ml_leak_hit *hit, enum ml_wrapping outer)
{
    if (hit->n_wrappings < ML_MAX_WRAPPINGS) {
        memmove(hit->wrappings + 1, hit->wrappings, hit->n_wrappings);
        hit->wrappings[0] = (uint8_t)outer;
        hit->n_wrappings++;
    }
}

struct ml_search; /* one per thread: storage for views and hits */

/* Gives it; NULL when memory runs out. Both arguments are borrowed. */
struct ml_search *ml_search_new(const struct ml_patterns *patterns, struct ml_counters *counters) ML_MUST_USE;
void ml_search_free(struct ml_search *search);

/*
 * For the next window only: `joints` (one for each place of it and one behind) tells where parts were put together that
 * stood apart, so that a value may begin or end there beside a letter. Borrowed until then.
 */
void ml_search_joints(struct ml_search *search, const bool *joints);

/*
 * For the next window only: packed members that begin in front of `open_from`, or at `open_to` or behind it (when
 * `has_end`), are opened elsewhere.
 */
void ml_search_leave_members(struct ml_search *search, size_t open_from, bool has_end, size_t open_to);

/*
 * Searches `window` (at most ML_MAX_LEAK_VIEW bytes). Hits whose last byte lies in [turn_from, turn_to) are told. Gives
 * their number; *hits is borrowed until the next search.
 */
size_t ml_search_window(struct ml_search *search, struct ml_span window, size_t turn_from, size_t turn_to,
                        const struct ml_leak_hit **hits);

#endif
