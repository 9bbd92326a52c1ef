/* SPDX-License-Identifier: Apache-2.0 */
/* rig - identities from a text, and ways to wrap a value. */
#ifndef MITLESER_TESTS_LEAKS_RIG_H
#define MITLESER_TESTS_LEAKS_RIG_H

#include "core/buf.h"
#include "leaks/search.h"

struct leak_rig {
    struct ml_identities identities;
    struct ml_patterns *patterns;
    struct ml_counters counters;
    struct ml_search *search;
    struct ml_buf text;
};

/* `rows` are lines "kind: value", each ended by a line end; labels are the kinds with their number. */
void leak_rig_init(struct leak_rig *rig, const char *rows);
void leak_rig_fini(struct leak_rig *rig);

/*
 * Hits of a whole window, each "label form wrapping.wrapping from-last;", blank between. Owned by the rig until the
 * next call.
 */
const char *leak_rig_find(struct leak_rig *rig, struct ml_span window);

/* Wraps; appends to `out`. The compressed ones end the process when the library fails. */
void wrap(struct ml_buf *out, enum ml_wrapping wrapping, struct ml_span bytes);

#endif
