/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/moved.h"

enum { SHORTEST_ID = 2 * 4 }; /* digits; of shorter ones, what repeats may be chance */

void ml_moved_init(struct ml_moved *moved)
{
    ml_map_init(&moved->ids, UINT32_MAX - 1);
    ml_map_init(&moved->begun, UINT32_MAX - 1);
    ml_map_init(&moved->origin, UINT32_MAX - 1);
    ml_map_init(&moved->opened, UINT32_MAX - 1);
}

void ml_moved_fini(struct ml_moved *moved)
{
    ml_map_fini(&moved->ids);
    ml_map_fini(&moved->begun);
    ml_map_fini(&moved->origin);
    ml_map_fini(&moved->opened);
}

/* What a short header repeats begins with the id, and may by chance go on for a byte or two. */
static const struct ml_map_entry *find(const struct ml_moved *moved, struct ml_span seen)
{
    for (size_t len = seen.len; len >= SHORTEST_ID; len -= 2) {
        const struct ml_map_entry *entry = ml_map_find(&moved->ids, ml_span_cut(seen, 0, len));
        if (entry != NULL) {
            return entry;
        }
    }
    return NULL;
}

/* An id belongs to the first flow that showed it. */
static bool keep(struct ml_map *ids, struct ml_span id, uint32_t index)
{
    return id.len < SHORTEST_ID || ml_map_add(ids, id, index, NULL) != NULL;
}

static bool link(struct ml_map *origins, uint32_t index, const struct ml_map_entry *first)
{
    struct ml_span key = ml_span_of(&index, sizeof index);
    return first == NULL || first->value == index || ml_map_add(origins, key, first->value, NULL) != NULL;
}

static const struct ml_map_entry *find_begun(const struct ml_moved *moved, struct ml_span id)
{
    return id.len >= SHORTEST_ID ? ml_map_find(&moved->begun, id) : NULL;
}

static bool add_fact(struct ml_moved *moved, const struct ml_fact *fact, uint32_t index)
{
    switch (fact->kind) {
    case ML_FACT_QUIC_SERVER_ID:
        return keep(&moved->ids, ml_attr_text(ml_fact_attr(fact, ML_F_QUIC_SERVER_CID)), index);
    case ML_FACT_QUIC_INITIAL:
        return keep(&moved->begun, ml_attr_text(ml_fact_attr(fact, ML_F_QUIC_DCID)), index);
    case ML_FACT_QUIC_SHORT:
        return link(&moved->origin, index, find(moved, ml_attr_text(ml_fact_attr(fact, ML_F_QUIC_DCID_PREFIX))));
    case ML_FACT_QUIC_PATH:
        return link(&moved->opened, index, find_begun(moved, ml_attr_text(ml_fact_attr(fact, ML_F_QUIC_DCID))));
    default:
        return true;
    }
}

bool ml_moved_add(struct ml_moved *moved, const struct ml_flow *flow, uint32_t index)
{
    for (const struct ml_fact *fact = flow->facts; fact != NULL; fact = fact->next) {
        if (!add_fact(moved, fact, index)) {
            return false;
        }
    }
    return true;
}

bool ml_moved_origin(const struct ml_moved *moved, uint32_t index, struct ml_moved_origin *out)
{
    struct ml_span key = ml_span_of(&index, sizeof index);
    const struct ml_map_entry *entry = ml_map_find(&moved->origin, key);
    *out = (struct ml_moved_origin){.is_same_id = entry != NULL};
    entry = entry != NULL ? entry : ml_map_find(&moved->opened, key);
    out->of = entry != NULL ? entry->value : 0;
    return entry != NULL;
}
