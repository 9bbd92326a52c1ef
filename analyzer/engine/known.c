/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses and names in data sets. Look-ups cost far more than all else about a flow, so each hand remembers the
 * answers for the blocks, addresses and names it met last; what is remembered changes nothing but the time.
 */
#include "engine/join.h"

#include "core/hash.h"
#include "core/mem.h"
#include "intel/block.h"

enum { BLOCK_SLOTS = 1 << 14, PLACE_SLOTS = 1 << 17, NAME_SLOTS = 1 << 16, CLASS_SLOTS = 1 << 8 };

struct ml_place_slot {
    const struct ml_site *place; /* NULL: free; of a block: data sets may tell its addresses apart */
    struct ml_ip ip;             /* of a block: its first address */
};

/* Texts of facts are kept once per shard, so most names are told by where they stand. */
struct ml_name_slot {
    struct ml_span name;
    const struct ml_name_info *info; /* NULL: free */
};

struct ml_class_slot {
    const struct ml_company *company;
    const char *name; /* NULL: free */
};

bool ml_known_init(struct ml_known *known)
{
    ml_map_init(&known->places, UINT32_MAX - 1);
    ml_map_init(&known->names, UINT32_MAX - 1);
    return pthread_mutex_init(&known->lock, NULL) == 0;
}

void ml_known_fini(struct ml_known *known)
{
    ml_map_fini(&known->places);
    ml_map_fini(&known->names);
    ml_mem_free(known->place_list);
    ml_mem_free(known->name_list);
    (void)pthread_mutex_destroy(&known->lock); /* nobody holds it */
}

struct ml_hand *ml_hand_new(struct ml_join *join)
{
    struct ml_hand *hand = ml_mem_array(1, sizeof *hand);
    if (hand == NULL) {
        return NULL;
    }
    hand->join = join;
    hand->rule_scratch = ml_rules_scratch_new(join->config->rules);
    hand->blocks = ml_mem_array(BLOCK_SLOTS, sizeof *hand->blocks);
    hand->places = ml_mem_array(PLACE_SLOTS, sizeof *hand->places);
    hand->names = ml_mem_array(NAME_SLOTS, sizeof *hand->names);
    hand->classes = ml_mem_array(CLASS_SLOTS, sizeof *hand->classes);
    if (hand->rule_scratch == NULL || hand->blocks == NULL || hand->places == NULL || hand->names == NULL ||
        hand->classes == NULL) {
        ml_hand_free(hand);
        return NULL;
    }
    return hand;
}

void ml_hand_free(struct ml_hand *hand)
{
    if (hand != NULL) {
        ml_rules_scratch_free(hand->rule_scratch);
        ml_mem_free(hand->blocks);
        ml_mem_free(hand->places);
        ml_mem_free(hand->names);
        ml_mem_free(hand->classes);
        ml_mem_free(hand);
    }
}

static bool grow_list(const void ***list, size_t n, size_t *room)
{
    const void **grown = ml_mem_grow(*list, n, room, 64, sizeof **list);
    *list = grown != NULL ? grown : *list;
    return grown != NULL;
}

/* --- addresses --- */

static const struct ml_site *keep_place(struct ml_join *join, const struct ml_endpoint_info *info)
{
    struct ml_known *known = &join->known;
    struct ml_map_entry *entry = ml_map_add(&known->places, ml_span_of(info, sizeof *info), 0, NULL);
    if (entry == NULL) {
        return NULL;
    }
    if (entry->value == 0) {
        struct ml_site *place = ml_arena_get(&join->report->answers, sizeof *place);
        if (place == NULL || !grow_list(&known->place_list, known->n_places, &known->place_room)) {
            return NULL;
        }
        place->info = *info;
        ml_join_conclude(join, place);
        known->place_list[known->n_places++] = place;
        entry->value = (uint32_t)known->n_places;
    }
    return known->place_list[entry->value - 1];
}

/* NULL: out of memory. */
static const struct ml_site *ask_place(struct ml_join *join, const struct ml_ip *ip)
{
    struct ml_endpoint_info info;
    memset(&info, 0, sizeof info); /* padding too: answers are compared as bytes */
    ml_intel_address(join->config->intel, ip, &info);
    (void)pthread_mutex_lock(&join->known.lock); /* a plain mutex in use cannot fail, here and elsewhere */
    ml_join_bound(join, ip, &info);
    const struct ml_site *place = keep_place(join, &info);
    (void)pthread_mutex_unlock(&join->known.lock);
    return place;
}

static struct ml_place_slot *slot_of(struct ml_place_slot *slots, size_t n, const struct ml_ip *ip)
{
    return &slots[ml_hash(ml_span_of(ip, sizeof *ip)) % n];
}

const struct ml_site *ml_hand_site(struct ml_hand *hand, const struct ml_ip *ip)
{
    static const struct ml_site nothing = {.info = {.as_name = "", .rule = "none"}, .class_location = ""};
    struct ml_ip block = ml_block_of(ip);
    struct ml_place_slot *whole = slot_of(hand->blocks, BLOCK_SLOTS, &block);
    bool is_block_known = ml_ip_equal(&whole->ip, &block);
    if (is_block_known && whole->place != NULL) {
        return whole->place;
    }
    struct ml_place_slot *slot = slot_of(hand->places, PLACE_SLOTS, ip);
    if (slot->place == NULL || !ml_ip_equal(&slot->ip, ip)) {
        const struct ml_site *place = ask_place(hand->join, ip);
        if (place == NULL) {
            hand->out_of_memory = true;
            return &nothing;
        }
        *slot = (struct ml_place_slot){.ip = *ip, .place = place};
    }
    if (!is_block_known) {
        /* Round trips are measured by address. */
        bool is_whole = hand->join->physics == NULL && ml_intel_is_uniform(hand->join->config->intel, ip);
        *whole = (struct ml_place_slot){.ip = block, .place = is_whole ? slot->place : NULL};
    }
    return slot->place;
}

/* --- names --- */

/* NULL: nobody asked for it yet. */
static const struct ml_name_info *find_name(struct ml_known *known, struct ml_span name)
{
    const struct ml_map_entry *entry = ml_map_find(&known->names, name);
    return entry != NULL ? known->name_list[entry->value] : NULL;
}

static const struct ml_name_info *keep_name(struct ml_join *join, struct ml_span name, const struct ml_name_info *info)
{
    struct ml_known *known = &join->known;
    const struct ml_name_info *other = find_name(known, name); /* of a hand that was faster */
    if (other != NULL) {
        return other;
    }
    struct ml_name_info *copy = ml_arena_get(&join->report->answers, sizeof *copy);
    if (copy == NULL || !grow_list(&known->name_list, known->n_names, &known->name_room) ||
        ml_map_add(&known->names, name, (uint32_t)known->n_names, NULL) == NULL) {
        return NULL;
    }
    *copy = *info;
    known->name_list[known->n_names++] = copy;
    return copy;
}

static const struct ml_name_info *ask_name(struct ml_join *join, struct ml_span name)
{
    struct ml_known *known = &join->known;
    struct ml_name_info answer;
    (void)pthread_mutex_lock(&known->lock);
    const struct ml_name_info *info = find_name(known, name);
    (void)pthread_mutex_unlock(&known->lock);
    if (info == NULL) {
        ml_intel_name(join->config->intel, name, &answer);
        (void)pthread_mutex_lock(&known->lock);
        info = keep_name(join, name, &answer);
        (void)pthread_mutex_unlock(&known->lock);
    }
    return info;
}

const struct ml_name_info *ml_hand_name(struct ml_hand *hand, struct ml_span name)
{
    uint64_t where = (uint64_t)(uintptr_t)name.ptr;
    struct ml_name_slot *slot = &hand->names[ml_hash(ml_span_of(&where, sizeof where)) % NAME_SLOTS];
    if (slot->info == NULL || slot->name.ptr != name.ptr || slot->name.len != name.len) {
        const struct ml_name_info *info = ask_name(hand->join, name);
        if (info == NULL) {
            hand->out_of_memory = true;
            return NULL;
        }
        *slot = (struct ml_name_slot){.name = name, .info = info};
    }
    return slot->info;
}

/* --- transfer classes --- */

const char *ml_hand_class(struct ml_hand *hand, const struct ml_company *company)
{
    uint64_t where = (uint64_t)(uintptr_t)company;
    struct ml_class_slot *slot = &hand->classes[ml_hash(ml_span_of(&where, sizeof where)) % CLASS_SLOTS];
    if (slot->name == NULL || slot->company != company) {
        const char *country = company == NULL ? "" : company->parent_country;
        const char *name = ml_intel_class(hand->join->config->intel, country, hand->join->report->valid_on_ns);
        *slot = (struct ml_class_slot){.company = company, .name = name};
    }
    return slot->name;
}
