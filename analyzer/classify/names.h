/* SPDX-License-Identifier: Apache-2.0 */
/*
 * names - host name patterns to values: one pass over the labels of a name, from the right.
 *
 * Patterns:  "g.example.net"      that host
 *            ".example.net"       that domain and everything below it
 *            "zc*.example.net"    a host whose first label begins with "zc"; one "*" in the leftmost label, any text
 *                                 (also none) in its place, never a dot
 *            ".zc*.example.net"   the same and everything below it
 * Invariant: the pattern with more labels wins; of equal length the host before the star before the domain.
 * Lifetime:  immutable once filled; readable by any number of threads.
 */
#ifndef MITLESER_CLASSIFY_NAMES_H
#define MITLESER_CLASSIFY_NAMES_H

#include "core/map.h"

struct ml_name_node;
struct ml_name_star;

struct ml_names {
    struct ml_map suffixes;     /* "net", "example.net" ... -> index into nodes */
    struct ml_arena arena;      /* texts of stars */
    struct ml_name_node *nodes; /* owned */
    size_t n_nodes, node_room;
    struct ml_name_star *stars; /* owned */
    size_t n_stars, star_room;
};

void ml_names_init(struct ml_names *names);
void ml_names_fini(struct ml_names *names);

/*
 * Adds a pattern in lower case. ML_BAD_INPUT: no such pattern (empty labels, upper case, a star elsewhere ...);
 * ML_LIMIT: the pattern is there already; ML_NO_MEMORY.
 */
enum ml_status ml_names_add(struct ml_names *names, struct ml_span pattern, uint32_t value) ML_MUST_USE;

/* Value of the best pattern for a normalised host name. False: none fits. */
bool ml_names_find(const struct ml_names *names, struct ml_span host, uint32_t *value);

#endif
