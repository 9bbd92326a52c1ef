/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/finding.h"

#include "core/hash.h"
#include "core/mem.h"
#include "core/text.h"

#include <stdlib.h>

enum {
    MAX_FINDINGS = 1 << 24, /* rules times subjects; the subjects have ceilings of their own */
    MAX_SUBJECT = 240,      /* bytes of an id that count */
    MAX_KEY = 4 + 16 + MAX_SUBJECT
};

void ml_findings_init(struct ml_findings *findings)
{
    *findings = (struct ml_findings){0};
    ml_map_init(&findings->index, MAX_FINDINGS);
}

void ml_findings_fini(struct ml_findings *findings)
{
    ml_map_fini(&findings->index);
    ml_mem_free(findings->items);
    ml_mem_free(findings->totals);
    ml_mem_free(findings->unlisted);
    *findings = (struct ml_findings){0};
}

/* Number at the end of an id, 0 without one; *stem is what stands before it. */
static uint64_t number_of(struct ml_span id, struct ml_span *stem)
{
    size_t at = id.len;
    while (at > 0 && ml_is_digit(id.ptr[at - 1])) {
        at--;
    }
    *stem = ml_span_cut(id, 0, at);
    uint64_t number = 0;
    bool is_number = ml_decimal_read(ml_span_cut(id, at, id.len), &number);
    return is_number || at == id.len ? number : UINT64_MAX;
}

/* (rule, subject type, subject) as bytes. */
static struct ml_span key_of(uint32_t rule, const char *subject_type, struct ml_span subject, uint8_t out[MAX_KEY])
{
    size_t type_len = strlen(subject_type) + 1;
    ML_ASSERT(type_len <= 16);
    memcpy(out, &rule, sizeof rule);
    memcpy(out + sizeof rule, subject_type, type_len);
    if (subject.len != 0) {
        memcpy(out + sizeof rule + type_len, subject.ptr, subject.len);
    }
    return ml_span_of(out, sizeof rule + type_len + subject.len);
}

static bool make_room(struct ml_findings *findings)
{
    struct ml_finding **items = ml_mem_grow(findings->items, findings->n, &findings->n_room, 64, sizeof *items);
    if (items == NULL) {
        return false;
    }
    findings->items = items;
    return true;
}

/* NULL: out of memory. */
static struct ml_finding_total *total_of(struct ml_findings *findings, uint32_t rule)
{
    if (rule >= findings->n_totals) {
        size_t n = findings->n_totals != 0 ? findings->n_totals : 64;
        while (n <= rule) {
            n *= 2;
        }
        struct ml_finding_total *totals = ml_mem_resize(findings->totals, n, sizeof *totals);
        if (totals == NULL) {
            return NULL;
        }
        memset(totals + findings->n_totals, 0, (n - findings->n_totals) * sizeof *totals);
        findings->totals = totals;
        findings->n_totals = n;
    }
    return &findings->totals[rule];
}

struct ml_finding_total ml_findings_total(const struct ml_findings *findings, uint32_t rule)
{
    return rule < findings->n_totals ? findings->totals[rule] : (struct ml_finding_total){0};
}

static bool put_hash(uint64_t *slots, size_t room, uint64_t hash)
{
    size_t at = (size_t)hash & (room - 1);
    while (slots[at] != 0 && slots[at] != hash) {
        at = (at + 1) & (room - 1);
    }
    bool is_new = slots[at] == 0;
    slots[at] = hash;
    return is_new;
}

/*
 * Notes a subject that gets no finding of its own, by 64 bits of hash: two of a million subjects share them once in
 * forty million captures, and then a total is one too small. False: out of memory.
 */
static bool note_unlisted(struct ml_findings *findings, struct ml_span key, bool *is_new)
{
    uint64_t hash = ml_hash(key);
    hash = hash != 0 ? hash : 1;
    if (2 * (findings->n_unlisted + 1) > findings->unlisted_room) {
        size_t room = findings->unlisted_room != 0 ? 2 * findings->unlisted_room : 1024;
        uint64_t *slots = ml_mem_array(room, sizeof *slots);
        if (slots == NULL) {
            return false;
        }
        for (size_t i = 0; i < findings->unlisted_room; i++) {
            if (findings->unlisted[i] != 0) {
                (void)put_hash(slots, room, findings->unlisted[i]); /* each is new there */
            }
        }
        ml_mem_free(findings->unlisted);
        findings->unlisted = slots;
        findings->unlisted_room = room;
    }
    *is_new = put_hash(findings->unlisted, findings->unlisted_room, hash);
    findings->n_unlisted += *is_new;
    return true;
}

static struct ml_finding *finding_for_rest(struct ml_findings *findings, struct ml_finding_total *total, uint32_t rule,
                                           const char *subject_type, struct ml_span key)
{
    bool is_new = false;
    if (total->rest == NULL) {
        total->rest = ml_arena_get(&findings->index.keys, sizeof *total->rest);
    }
    if (total->rest == NULL || !note_unlisted(findings, key, &is_new)) {
        return NULL;
    }
    total->rest->rule = rule;
    total->rest->subject_type = subject_type;
    total->rest->count++;
    total->n_subjects += is_new;
    total->count++;
    return total->rest;
}

struct ml_finding *ml_findings_add(struct ml_findings *findings, uint32_t rule, const char *subject_type,
                                   struct ml_span subject)
{
    uint8_t bytes[MAX_KEY];
    subject = ml_span_cut(subject, 0, MAX_SUBJECT);
    struct ml_span key = key_of(rule, subject_type, subject, bytes);
    struct ml_map_entry *entry = ml_map_find(&findings->index, key);
    struct ml_finding_total *total = total_of(findings, rule);
    if (total == NULL) {
        return NULL;
    }
    if (entry != NULL) {
        total->count++;
        findings->items[entry->value]->count++;
        return findings->items[entry->value];
    }
    if (total->n_listed == ML_MAX_FINDINGS_PER_RULE) {
        return finding_for_rest(findings, total, rule, subject_type, key);
    }
    struct ml_finding *finding = ml_arena_get(&findings->index.keys, sizeof *finding);
    struct ml_span kept = ml_arena_copy(&findings->index.keys, subject);
    if (finding == NULL || kept.ptr == NULL || !make_room(findings)) {
        return NULL;
    }
    finding->entry = ml_map_add(&findings->index, key, (uint32_t)findings->n, NULL);
    if (finding->entry == NULL) {
        return NULL;
    }
    finding->rule = rule;
    finding->subject_type = subject_type;
    finding->subject = kept;
    finding->number = number_of(kept, &finding->stem);
    finding->count = 1;
    total->count++;
    total->n_subjects++;
    total->n_listed++;
    findings->items[findings->n++] = finding;
    return finding;
}

void ml_findings_again(struct ml_findings *findings, struct ml_finding *finding)
{
    findings->totals[finding->rule].count++;
    finding->count++;
}

/* Keeps the smallest numbers, each once, ascending: the result does not depend on the order of the calls. */
static void note(uint64_t numbers[ML_MAX_FACTS_PER_FINDING], uint32_t *n, uint64_t number)
{
    uint32_t at = *n;
    while (at > 0 && numbers[at - 1] > number) {
        at--;
    }
    if (at > 0 && numbers[at - 1] == number) {
        return;
    }
    if (at == ML_MAX_FACTS_PER_FINDING) {
        return;
    }
    uint32_t kept = *n < ML_MAX_FACTS_PER_FINDING ? *n : ML_MAX_FACTS_PER_FINDING - 1;
    memmove(numbers + at + 1, numbers + at, (kept - at) * sizeof *numbers);
    numbers[at] = number;
    *n = kept + 1;
}

void ml_finding_fact(struct ml_finding *finding, uint64_t fact)
{
    note(finding->facts, &finding->n_facts, fact);
}

void ml_finding_flow(struct ml_finding *finding, uint64_t flow)
{
    note(finding->flows, &finding->n_flows, flow);
}

void ml_finding_endpoint(struct ml_finding *finding, uint64_t endpoint)
{
    note(finding->endpoints, &finding->n_endpoints, endpoint);
}

/* "f2" before "f12". */
static int compare_subjects(const struct ml_finding *left, const struct ml_finding *right)
{
    int order = ml_span_compare(left->stem, right->stem);
    if (order == 0 && left->number != right->number) {
        order = left->number < right->number ? -1 : 1;
    }
    return order != 0 ? order : ml_span_compare(left->subject, right->subject);
}

static int compare_rules(const struct ml_rules *rules, uint32_t left, uint32_t right)
{
    const struct ml_rule *left_rule = ml_rules_get(rules, left);
    const struct ml_rule *right_rule = ml_rules_get(rules, right);
    if (left_rule->level != right_rule->level) {
        return left_rule->level > right_rule->level ? -1 : 1;
    }
    int order = strcmp(left_rule->taxonomy, right_rule->taxonomy);
    order = order != 0 ? order : strcmp(left_rule->name, right_rule->name);
    return order != 0 ? order : (left > right) - (left < right);
}

static int compare(const void *a, const void *b, void *context)
{
    const struct ml_finding *left = *(struct ml_finding *const *)a;
    const struct ml_finding *right = *(struct ml_finding *const *)b;
    if (left->rule != right->rule) {
        return compare_rules(context, left->rule, right->rule);
    }
    int order = left->subject_type != right->subject_type ? strcmp(left->subject_type, right->subject_type) : 0;
    return order != 0 ? order : compare_subjects(left, right);
}

void ml_findings_sort(struct ml_findings *findings, const struct ml_rules *rules)
{
    if (findings->n == 0) {
        return;
    }
    /* The comparison only reads; qsort_r merely has no const. */
    qsort_r(findings->items, findings->n, sizeof(struct ml_finding *), compare, (void *)(uintptr_t)rules);
    for (size_t i = 0; i < findings->n; i++) {
        findings->items[i]->entry->value = (uint32_t)i;
    }
}
