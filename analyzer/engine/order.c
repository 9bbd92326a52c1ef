/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/join.h"

#include "core/mem.h"
#include "core/prefetch.h"

/* First packet of a shard's flow; past the last one beyond all packets. */
static uint64_t head_of(const struct ml_join *join, unsigned shard, size_t index)
{
    const struct ml_flow_table *flows = join->shards[shard].flows;
    return index < ml_flow_table_count(flows) ? ml_flow_table_get(flows, index)->first_seq : UINT64_MAX;
}

/* Merges the shards' flows, each already in order, by first packet. */
bool ml_join_order(struct ml_join *join)
{
    size_t next[ML_N_SHARDS] = {0};
    uint64_t heads[ML_N_SHARDS];
    size_t total = 0;
    for (unsigned s = 0; s < ML_N_SHARDS; s++) {
        total += ml_flow_table_count(join->shards[s].flows);
    }
    join->flows = ml_mem_array(total, sizeof *join->flows);
    if (join->flows == NULL) {
        return false;
    }
    for (unsigned s = 0; s < ML_N_SHARDS; s++) {
        heads[s] = head_of(join, s, 0);
    }
    while (join->n_flows < total) {
        unsigned of = 0;
        for (unsigned s = 1; s < ML_N_SHARDS; s++) {
            of = heads[s] < heads[of] ? s : of;
        }
        join->flows[join->n_flows++] = ml_flow_table_get(join->shards[of].flows, next[of]);
        heads[of] = head_of(join, of, ++next[of]);
    }
    return true;
}

void ml_join_prefetch(const struct ml_join *join, size_t at)
{
    enum { FLOWS_AHEAD = 6, FACTS_AHEAD = 4, NEXT_AHEAD = 2, FACT_HEAD = 256 };
    if (join->n_flows - at > FLOWS_AHEAD) {
        ml_prefetch(join->flows[at + FLOWS_AHEAD], sizeof(struct ml_flow));
        ml_prefetch(join->flows[at + FACTS_AHEAD]->verdict, sizeof(struct ml_flow_note));
        ml_prefetch(join->flows[at + FACTS_AHEAD]->facts, FACT_HEAD);
        const struct ml_fact *fact = join->flows[at + NEXT_AHEAD]->facts;
        ml_prefetch(fact != NULL ? fact->next : NULL, FACT_HEAD);
    }
}

const struct ml_report_input *ml_join_input_of(const struct ml_join *join, uint64_t seq)
{
    size_t low = 0;
    size_t high = join->report->n_inputs;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (join->report->inputs[middle].first_seq <= seq) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &join->report->inputs[low];
}

static bool is_private(const struct ml_ip *ip)
{
    const uint8_t *b = ip->bytes;
    if (ip->family == 4) {
        return b[0] == 10 || (b[0] == 172 && (b[1] & 0xf0) == 16) || (b[0] == 192 && b[1] == 168) ||
               (b[0] == 100 && (b[1] & 0xc0) == 64);
    }
    return (b[0] & 0xfe) == 0xfc || (b[0] == 0xfe && (b[1] & 0xc0) == 0x80);
}

static bool is_unicast(const struct ml_ip *ip)
{
    const uint8_t *b = ip->bytes;
    if (ip->family == 4) {
        return b[0] != 0 && b[0] < 224;
    }
    return b[0] != 0xff && (b[0] != 0 || b[15] != 0);
}

/*
 * Without --device the audited device is the private address that opened most conversations, else any address that
 * did. Ties go to the lower address, so that the answer does not depend on the order of packets.
 */
void ml_join_find_device(struct ml_join *join)
{
    struct ml_report *report = join->report;
    struct ml_map clients;
    const struct ml_map_entry *best = NULL;
    if (join->config->device.family != 0) {
        report->device = join->config->device;
        report->device_how = "given";
        return;
    }
    ml_map_init(&clients, 65536); /* more clients than that have no single device among them */
    for (size_t i = 0; i < join->n_flows; i++) {
        const struct ml_ip *ip = &join->flows[i]->client;
        struct ml_map_entry *entry = is_unicast(ip) ? ml_map_add(&clients, ml_span_of(ip, sizeof *ip), 0, NULL) : NULL;
        if (entry != NULL) {
            entry->value++;
        }
    }
    bool best_private = false;
    for (size_t i = 0; i < clients.n; i++) {
        const struct ml_map_entry *entry = clients.entries[i];
        struct ml_ip ip;
        memcpy(&ip, entry->key, sizeof ip);
        bool private = is_private(&ip);
        bool is_better = best == NULL || private > best_private ||
                         (private == best_private &&
                          (entry->value > best->value ||
                           (entry->value == best->value && ml_span_compare(ml_map_key(entry), ml_map_key(best)) < 0)));
        if (is_better) {
            best = entry;
            best_private = private;
        }
    }
    report->device_how = "";
    if (best != NULL) {
        memcpy(&report->device, best->key, sizeof report->device);
        report->device_how = best_private ? "busiest private client" : "busiest client";
    }
    ml_map_fini(&clients);
}
