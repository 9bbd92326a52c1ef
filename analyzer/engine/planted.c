/* SPDX-License-Identifier: Apache-2.0 */
/* planted - what became of each planted value, and how much of the payload could be searched for it. */
#include "engine/join.h"

bool ml_join_planted_init(struct ml_join *join)
{
    struct ml_report *report = join->report;
    report->is_seeded = join->config->patterns != NULL;
    ml_map_init(&join->planted, UINT32_MAX - 1);
    if (!report->is_seeded) {
        return true;
    }
    const struct ml_identities *identities = ml_patterns_identities(join->config->patterns);
    report->planted = ml_arena_get(&report->arena, (identities->n + 1) * sizeof *report->planted);
    for (size_t i = 0; report->planted != NULL && i < identities->n; i++) {
        const struct ml_identity *identity = &identities->items[i];
        struct ml_span label = ml_arena_copy(&report->arena, identity->label);
        if (label.ptr == NULL || ml_map_add(&join->planted, label, (uint32_t)i, NULL) == NULL) {
            return false;
        }
        report->planted[report->n_planted++] =
            (struct ml_report_planted){.label = label, .kind = ml_identity_name(identity->kind)};
    }
    return report->planted != NULL;
}

static void count_fact(struct ml_report_planted *planted, uint64_t flow, const struct ml_fact *fact)
{
    planted->facts += fact->count;
    planted->flows += planted->last_flow != flow ? 1 : 0;
    if (!ml_layers_are_encrypted(fact->layers, fact->n_layers) && planted->last_clear != flow) {
        planted->flows_clear++;
        planted->last_clear = flow;
    }
    planted->last_flow = flow;
}

void ml_join_count_planted(struct ml_join *join, const struct ml_flow_view *view)
{
    if (join->report->n_planted == 0) {
        return;
    }
    for (const struct ml_fact *fact = view->flow->facts; fact != NULL; fact = fact->next) {
        if (fact->kind == ML_FACT_LEAK_IDENTITY) {
            struct ml_span label = ml_attr_text(ml_fact_attr(fact, ML_F_IDENTITY_LABEL));
            const struct ml_map_entry *entry = ml_map_find(&join->planted, label);
            if (entry != NULL) {
                count_fact(&join->report->planted[entry->value], view->id, fact);
            }
        }
    }
}

/* Bytes that were read may be more than were sent where a parser puts together what came in several packets. */
void ml_join_add_reach(struct ml_reach *reach, const struct ml_flow_view *view)
{
    uint64_t payload = view->flow->payload_bytes[ML_UP] + view->flow->payload_bytes[ML_DOWN];
    uint64_t rest = payload > view->note->searched ? payload - view->note->searched : 0;
    reach->payload += payload;
    reach->searched += view->note->searched;
    reach->decrypted += view->note->decrypted;
    /* What is left of a decrypted conversation is its handshake and framing. */
    bool is_sealed = view->note->is_sealed && view->note->decrypted == 0;
    *(is_sealed ? &reach->sealed : &reach->unread) += rest;
}
