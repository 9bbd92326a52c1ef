/* SPDX-License-Identifier: Apache-2.0 */
/* What parsers read is searched too: some of it stands nowhere in the bytes as they were sent. */
#include "leaks/parts.h"

/* A chunk without bytes from which a draft takes the frames and the range of the fact. */
static struct ml_chunk chunk_of(struct ml_flow *flow, const struct ml_fact *fact)
{
    struct ml_chunk chunk = {
        .flow = flow,
        .dir = (enum ml_dir)fact->dir,
        .offset = fact->range_from,
        .seq = fact->first_seq,
        .time_ns = fact->time_ns,
        .n_layers = fact->n_layers,
    };
    memcpy(chunk.layers, fact->layers, sizeof chunk.layers);
    return chunk;
}

static void search_text(struct ml_leaks *leaks, struct ml_flow *flow, const struct ml_fact *fact, const char *name,
                        struct ml_span text)
{
    const struct ml_chunk chunk = chunk_of(flow, fact);
    const struct ml_leak_place place = {.chunk = &chunk, .name = name};
    ml_leak_search(leaks, &place, text);
}

/* Heads of messages and DNS messages come as they are; facts of this stage are answers. */
static bool is_read_elsewhere(const struct ml_fact *fact)
{
    return (fact->kind >= ML_FACT_DNS_QUERY && fact->kind <= ML_FACT_NBNS_NAME) || fact->kind == ML_FACT_HTTP_REQUEST ||
           fact->kind == ML_FACT_HTTP_RESPONSE || fact->kind == ML_FACT_LEAK_IDENTITY ||
           fact->kind == ML_FACT_LEAK_DETECTED || fact->kind == ML_FACT_LEAK_JOINED;
}

void ml_leak_take_fact(void *context, struct ml_flow *flow, const struct ml_fact *fact)
{
    struct ml_leaks *leaks = context;
    if (leaks->search == NULL) {
        return;
    }
    if (fact->kind == ML_FACT_DNS_QUERY &&
        !ml_leak_is_dns(flow)) { /* over HTTP: its bytes were not searched as names */
        const struct ml_chunk chunk = chunk_of(flow, fact);
        ml_leak_search_name(leaks, &chunk, fact->range_len, ml_attr_text(ml_fact_attr(fact, ML_F_DNS_NAME)));
    }
    if (is_read_elsewhere(fact)) {
        return;
    }
    for (unsigned i = 0; i < fact->n_attrs; i++) {
        const struct ml_attr *attr = &fact->attrs[i];
        struct ml_span text = ml_attr_text(attr);
        if (text.len >= ML_FORM_MIN_BYTES) {
            search_text(leaks, flow, fact, ml_field_info((enum ml_field)attr->field)->name, text);
        }
    }
}
