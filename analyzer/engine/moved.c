/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/moved.h"

enum { SHORTEST_ID = 2 * 4 }; /* digits; of shorter ones, what repeats may be chance */

void ml_moved_init(struct ml_moved *moved)
{
    ml_map_init(&moved->ids, UINT32_MAX - 1);
    ml_map_init(&moved->origin, UINT32_MAX - 1);
}

void ml_moved_fini(struct ml_moved *moved)
{
    ml_map_fini(&moved->ids);
    ml_map_fini(&moved->origin);
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

bool ml_moved_add(struct ml_moved *moved, const struct ml_flow *flow, uint32_t index)
{
    for (const struct ml_fact *fact = flow->facts; fact != NULL; fact = fact->next) {
        if (fact->kind == ML_FACT_QUIC_SERVER_ID) {
            struct ml_span id = ml_attr_text(ml_fact_attr(fact, ML_F_QUIC_SERVER_CID));
            if (id.len >= SHORTEST_ID && ml_map_add(&moved->ids, id, index, NULL) == NULL) {
                return false;
            }
        } else if (fact->kind == ML_FACT_QUIC_SHORT) {
            const struct ml_map_entry *first = find(moved, ml_attr_text(ml_fact_attr(fact, ML_F_QUIC_DCID_PREFIX)));
            struct ml_span key = ml_span_of(&index, sizeof index);
            if (first != NULL && first->value != index && ml_map_add(&moved->origin, key, first->value, NULL) == NULL) {
                return false;
            }
        }
    }
    return true;
}

bool ml_moved_origin(const struct ml_moved *moved, uint32_t index, uint32_t *of)
{
    const struct ml_map_entry *entry = ml_map_find(&moved->origin, ml_span_of(&index, sizeof index));
    *of = entry != NULL ? entry->value : 0;
    return entry != NULL;
}
