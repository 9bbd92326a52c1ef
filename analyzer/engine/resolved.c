/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/resolved.h"

#include "core/mem.h"

enum { MAX_NAMES_OF_ADDRESS = 64 }; /* entries looked at; a CDN edge can carry thousands, none of which then tells */

void ml_resolved_init(struct ml_resolved *names)
{
    *names = (struct ml_resolved){0};
    ml_map_init(&names->addresses, UINT32_MAX - 1);
}

void ml_resolved_fini(struct ml_resolved *names)
{
    ml_map_fini(&names->addresses);
    ml_mem_free(names->entries);
    *names = (struct ml_resolved){0};
}

static bool has_room(struct ml_resolved *names)
{
    struct ml_resolved_entry *entries = ml_mem_grow(names->entries, names->n, &names->n_room, 256, sizeof *entries);
    if (entries == NULL) {
        return false;
    }
    names->entries = entries;
    return true;
}

bool ml_resolved_add(struct ml_resolved *names, const struct ml_ip *ip, struct ml_span name, enum ml_name_source source,
                     uint64_t seq)
{
    struct ml_map_entry *address = ml_map_add(&names->addresses, ml_span_of(ip, sizeof *ip), 0, NULL);
    if (address == NULL || !has_room(names)) {
        return false;
    }
    unsigned seen = 0;
    for (uint32_t at = address->value; at != 0 && seen < MAX_NAMES_OF_ADDRESS; at = names->entries[at - 1].older) {
        struct ml_resolved_entry *entry = &names->entries[at - 1];
        if (entry->source == source && ml_span_equal_nocase(entry->name, name)) {
            entry->seq = seq < entry->seq ? seq : entry->seq;
            return true;
        }
        seen++;
    }
    if (seen == MAX_NAMES_OF_ADDRESS) {
        return true; /* already far too many to tell anything */
    }
    names->entries[names->n] =
        (struct ml_resolved_entry){.name = name, .seq = seq, .older = address->value, .source = source};
    address->value = (uint32_t)++names->n;
    return true;
}

/* Better source first, then the newer answer, then by bytes so that the order is total. */
static bool comes_before(const struct ml_resolved_entry *a, const struct ml_resolved_entry *b)
{
    if (a->source != b->source) {
        return a->source < b->source;
    }
    if (a->seq != b->seq) {
        return a->seq > b->seq;
    }
    return ml_span_compare(a->name, b->name) < 0;
}

/* Earlier answer first, then by bytes so that the order is total. */
static bool was_told_before(const struct ml_resolved_entry *a, const struct ml_resolved_entry *b)
{
    return a->seq != b->seq ? a->seq < b->seq : ml_span_compare(a->name, b->name) < 0;
}

size_t ml_resolved_later(const struct ml_resolved *names, const struct ml_ip *ip, uint64_t after, uint64_t until,
                         struct ml_flow_name out[], size_t max)
{
    const struct ml_map_entry *address = ml_map_find(&names->addresses, ml_span_of(ip, sizeof *ip));
    const struct ml_resolved_entry *sorted[MAX_NAMES_OF_ADDRESS];
    size_t n = 0;
    for (uint32_t at = address != NULL ? address->value : 0; at != 0; at = names->entries[at - 1].older) {
        const struct ml_resolved_entry *entry = &names->entries[at - 1];
        if (entry->seq <= after || entry->seq > until) {
            continue;
        }
        size_t place = n++;
        for (; place > 0 && was_told_before(entry, sorted[place - 1]); place--) {
            sorted[place] = sorted[place - 1];
        }
        sorted[place] = entry;
    }
    size_t kept = n < max ? n : max;
    for (size_t i = 0; i < kept; i++) {
        out[i] = (struct ml_flow_name){.name = sorted[i]->name, .source = ML_NAME_DNS_LATER, .is_shared = n > 1};
    }
    return kept;
}

size_t ml_resolved_of(const struct ml_resolved *names, const struct ml_ip *ip, uint64_t seq, struct ml_flow_name out[],
                      size_t max)
{
    const struct ml_map_entry *address = ml_map_find(&names->addresses, ml_span_of(ip, sizeof *ip));
    const struct ml_resolved_entry *sorted[MAX_NAMES_OF_ADDRESS];
    unsigned of_source[ML_N_NAME_SOURCES] = {0};
    size_t n = 0;
    for (uint32_t at = address != NULL ? address->value : 0; at != 0; at = names->entries[at - 1].older) {
        const struct ml_resolved_entry *entry = &names->entries[at - 1];
        if (entry->seq > seq) {
            continue;
        }
        of_source[entry->source]++;
        size_t place = n++;
        for (; place > 0 && comes_before(entry, sorted[place - 1]); place--) {
            sorted[place] = sorted[place - 1];
        }
        sorted[place] = entry;
    }
    n = n < max ? n : max;
    for (size_t i = 0; i < n; i++) {
        out[i] = (struct ml_flow_name){
            .name = sorted[i]->name, .source = sorted[i]->source, .is_shared = of_source[sorted[i]->source] > 1};
    }
    return n;
}
