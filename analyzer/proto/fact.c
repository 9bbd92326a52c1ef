/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/fact.h"

#include "core/hash.h"

const char *ml_fact_kind_name(enum ml_fact_kind kind)
{
    static const char *const names[ML_N_FACT_KINDS] = {
        [ML_FACT_NONE] = "none",
#define ML_FACT(id, name) [ML_FACT_##id] = (name),
#include "proto/fact_kind.def"
#undef ML_FACT
    };
    ML_ASSERT((unsigned)kind < ML_N_FACT_KINDS);
    return names[kind];
}

const struct ml_attr *ml_fact_attr(const struct ml_fact *fact, enum ml_field field)
{
    for (unsigned i = 0; i < fact->n_attrs; i++) {
        if (fact->attrs[i].field == field) {
            return &fact->attrs[i];
        }
    }
    return NULL;
}

struct ml_span ml_attr_text(const struct ml_attr *attr)
{
    if (attr == NULL || attr->type != ML_TYPE_TEXT) {
        return ml_span_of(NULL, 0);
    }
    return ml_span_of(attr->value.text, attr->len);
}

void ml_fact_store_init(struct ml_fact_store *store, struct ml_counters *counters)
{
    ml_arena_init(&store->arena, false);
    ml_arena_init(&store->vault, true);
    ml_map_init(&store->texts, UINT32_MAX - 1);
    store->counters = counters;
    store->on_fact = NULL;
    store->on_fact_context = NULL;
}

void ml_fact_store_fini(struct ml_fact_store *store)
{
    ml_arena_fini(&store->arena);
    ml_arena_fini(&store->vault);
    ml_map_fini(&store->texts);
}

void ml_fact_begin(struct ml_fact_draft *draft, enum ml_fact_kind kind, const struct ml_chunk *chunk)
{
    draft->kind = kind;
    draft->flow = chunk->flow;
    draft->dir = chunk->dir;
    draft->first_seq = draft->last_seq = chunk->seq;
    draft->time_ns = chunk->time_ns;
    draft->range_from = chunk->offset;
    draft->range_len = (uint32_t)(chunk->bytes.len < UINT32_MAX ? chunk->bytes.len : UINT32_MAX);
    draft->n_layers = chunk->n_layers;
    memcpy(draft->layers, chunk->layers, sizeof draft->layers);
    draft->is_cut = false;
    draft->n_attrs = 0;
    draft->n_ips = 0;
}

void ml_fact_begin_gathered(struct ml_fact_draft *draft, enum ml_fact_kind kind, const struct ml_chunk *chunk,
                            const struct ml_gather *gather, size_t from, size_t len)
{
    ml_fact_begin(draft, kind, chunk);
    if (gather->n_marks != 0) {
        const struct ml_gather_mark *first = ml_gather_mark_at(gather, from);
        const struct ml_gather_mark *last = ml_gather_mark_at(gather, len != 0 ? from + len - 1 : from);
        draft->first_seq = first->seq;
        draft->time_ns = first->time_ns;
        draft->last_seq = last->seq;
    }
    draft->range_from = gather->offset + from;
    draft->range_len = (uint32_t)(len < UINT32_MAX ? len : UINT32_MAX);
}

static struct ml_attr *add(struct ml_fact_draft *draft, enum ml_field field, enum ml_type type)
{
    if (draft->n_attrs == ML_MAX_ATTRS_PER_FACT) {
        draft->is_cut = true;
        return NULL;
    }
    const struct ml_field_info *info = ml_field_info(field);
    ML_ASSERT(info->type == type);
    struct ml_attr *attr = &draft->attrs[draft->n_attrs++];
    attr->field = (uint16_t)field;
    attr->type = (uint8_t)type;
    attr->sensitivity = (uint8_t)info->sensitivity;
    attr->len = 0;
    draft->is_static[draft->n_attrs - 1] = false;
    return attr;
}

void ml_fact_text(struct ml_fact_draft *draft, enum ml_field field, struct ml_span text)
{
    struct ml_attr *attr = text.len != 0 ? add(draft, field, ML_TYPE_TEXT) : NULL;
    if (attr == NULL) {
        return;
    }
    if (text.len > ML_MAX_TEXT) {
        text.len = ML_MAX_TEXT;
        draft->is_cut = true;
    }
    attr->value.text = text.ptr;
    attr->len = (uint32_t)text.len;
}

void ml_fact_cstr(struct ml_fact_draft *draft, enum ml_field field, const char *text)
{
    ml_fact_text(draft, field, ml_span_text(text));
}

void ml_fact_static(struct ml_fact_draft *draft, enum ml_field field, const char *text)
{
    unsigned n = draft->n_attrs;
    ml_fact_cstr(draft, field, text);
    if (draft->n_attrs != n) {
        draft->is_static[n] = draft->attrs[n].len < ML_MAX_TEXT; /* a cut one has no zero byte behind it */
    }
}

void ml_fact_number(struct ml_fact_draft *draft, enum ml_field field, uint64_t value)
{
    struct ml_attr *attr = add(draft, field, ML_TYPE_NUMBER);
    if (attr != NULL) {
        attr->value.number = value;
    }
}

void ml_fact_truth(struct ml_fact_draft *draft, enum ml_field field, bool value)
{
    struct ml_attr *attr = add(draft, field, ML_TYPE_TRUTH);
    if (attr != NULL) {
        attr->value.number = value ? 1 : 0;
    }
}

void ml_fact_ip(struct ml_fact_draft *draft, enum ml_field field, const struct ml_ip *ip)
{
    if (draft->n_ips == sizeof draft->ips / sizeof draft->ips[0]) {
        draft->is_cut = true;
        return;
    }
    struct ml_attr *attr = add(draft, field, ML_TYPE_ADDRESS);
    if (attr != NULL) {
        draft->ips[draft->n_ips] = *ip;
        attr->value.ip = &draft->ips[draft->n_ips++];
    }
}

void ml_fact_mark(struct ml_fact_draft *draft, enum ml_sensitivity sensitivity)
{
    ML_ASSERT(draft->n_attrs != 0);
    struct ml_attr *attr = &draft->attrs[draft->n_attrs - 1];
    if (attr->sensitivity < sensitivity) {
        attr->sensitivity = (uint8_t)sensitivity;
    }
}

/* Bytes of a value, for hashing and comparing. */
static struct ml_span value_bytes(const struct ml_attr *attr)
{
    switch ((enum ml_type)attr->type) {
    case ML_TYPE_TEXT:
        return ml_span_of(attr->value.text, attr->len);
    case ML_TYPE_ADDRESS:
        return ml_span_of(attr->value.ip, sizeof *attr->value.ip);
    case ML_TYPE_NUMBER:
    case ML_TYPE_TRUTH:
        break;
    }
    return ml_span_of(&attr->value.number, sizeof attr->value.number);
}

/* Never 0, which stands for a hash that nobody has asked for. */
static uint64_t hash_of(const struct ml_attr attrs[], unsigned n)
{
    uint64_t hash = 0;
    for (unsigned i = 0; i < n; i++) {
        hash = ml_hash_seed(value_bytes(&attrs[i]), hash * 31 + attrs[i].field);
    }
    return hash != 0 ? hash : 1;
}

static bool is_same(const struct ml_fact *fact, const struct ml_fact_draft *draft)
{
    for (unsigned i = 0; i < draft->n_attrs; i++) {
        if (fact->attrs[i].field != draft->attrs[i].field ||
            !ml_span_equal(value_bytes(&fact->attrs[i]), value_bytes(&draft->attrs[i]))) {
            return false;
        }
    }
    return true;
}

/* *hash is that of the draft, 0 where no fact was like enough to ask: most are the only ones of their kind. */
static struct ml_fact *find_equal(const struct ml_fact_draft *draft, uint64_t *hash)
{
    *hash = 0;
    for (struct ml_fact *fact = draft->flow->facts; fact != NULL; fact = fact->next) {
        if (fact->kind != draft->kind || fact->dir != draft->dir || fact->n_attrs != draft->n_attrs) {
            continue;
        }
        *hash = *hash != 0 ? *hash : hash_of(draft->attrs, draft->n_attrs);
        fact->hash = fact->hash != 0 ? fact->hash : hash_of(fact->attrs, fact->n_attrs);
        if (fact->hash == *hash && is_same(fact, draft)) {
            return fact;
        }
    }
    return NULL;
}

/* The text in the flow's last fact, where it has the same: an answer repeats the name that was asked for. */
static const uint8_t *text_of_last(const struct ml_fact *last, const struct ml_attr *attr)
{
    for (unsigned i = 0; last != NULL && i < last->n_attrs; i++) {
        const struct ml_attr *other = &last->attrs[i];
        if (other->field == attr->field) {
            bool is_same = other->type == attr->type && other->sensitivity < ML_SENS_PERSONAL &&
                           other->len == attr->len && memcmp(other->value.text, attr->value.text, attr->len) == 0;
            return is_same ? other->value.text : NULL;
        }
    }
    return NULL;
}

static const uint8_t *keep_text(struct ml_fact_store *store, const struct ml_fact *last, const struct ml_attr *attr)
{
    const uint8_t *text = text_of_last(last, attr);
    if (text == NULL) {
        const struct ml_map_entry *entry = ml_map_add(&store->texts, ml_span_of(attr->value.text, attr->len), 0, NULL);
        text = entry != NULL ? entry->key : NULL;
    }
    return text;
}

/*
 * Copies the value behind a text or address attribute to where it outlives the packet. `last` is the flow's fact
 * before, NULL without one.
 */
static bool keep_value(struct ml_fact_store *store, const struct ml_fact *last, struct ml_attr *attr, bool is_static)
{
    if (attr->type == ML_TYPE_TEXT && is_static && attr->sensitivity < ML_SENS_PERSONAL) {
        return true;
    }
    if (attr->type == ML_TYPE_TEXT) {
        attr->value.text = attr->sensitivity >= ML_SENS_PERSONAL
                               ? ml_arena_copy(&store->vault, ml_span_of(attr->value.text, attr->len)).ptr
                               : keep_text(store, last, attr);
        return attr->value.text != NULL;
    }
    if (attr->type == ML_TYPE_ADDRESS) {
        struct ml_ip *copy = ml_arena_bytes(&store->arena, sizeof *copy); /* bytes need no alignment */
        if (copy == NULL) {
            return false;
        }
        *copy = *attr->value.ip;
        attr->value.ip = copy;
    }
    return true;
}

static struct ml_fact *keep(struct ml_fact_store *store, const struct ml_fact_draft *draft, uint64_t hash)
{
    struct ml_fact *fact = ml_arena_get(&store->arena, sizeof *fact + draft->n_attrs * sizeof fact->attrs[0]);
    if (fact == NULL) {
        return NULL;
    }
    /* What came out of order may end in a packet before the one it began in. */
    fact->first_seq = draft->first_seq < draft->last_seq ? draft->first_seq : draft->last_seq;
    fact->last_seq = draft->first_seq < draft->last_seq ? draft->last_seq : draft->first_seq;
    fact->time_ns = draft->time_ns;
    fact->hash = hash;
    fact->range_from = draft->range_from;
    fact->range_len = draft->range_len;
    fact->count = 1;
    fact->kind = (uint16_t)draft->kind;
    fact->dir = (uint8_t)draft->dir;
    fact->n_attrs = draft->n_attrs;
    fact->n_layers = draft->n_layers;
    memcpy(fact->layers, draft->layers, sizeof fact->layers);
    fact->is_cut = draft->is_cut;
    for (unsigned i = 0; i < draft->n_attrs; i++) {
        fact->attrs[i] = draft->attrs[i];
        if (!keep_value(store, draft->flow->facts_last, &fact->attrs[i], draft->is_static[i])) {
            return NULL;
        }
    }
    return fact;
}

const struct ml_fact *ml_fact_emit(struct ml_fact_store *store, const struct ml_fact_draft *draft)
{
    struct ml_flow *flow = draft->flow;
    uint64_t hash = 0;
    struct ml_fact *known = find_equal(draft, &hash);
    if (known != NULL) {
        known->count += known->count < UINT32_MAX ? 1 : 0;
        known->last_seq = draft->last_seq > known->last_seq ? draft->last_seq : known->last_seq;
        ml_count(store->counters, ML_COUNT_FACTS_COLLAPSED);
        return known;
    }
    if (flow->n_facts >= ML_MAX_FACTS_PER_FLOW) {
        ml_count(store->counters, ML_COUNT_LIMIT_FACTS_PER_FLOW);
        return NULL;
    }
    struct ml_fact *fact = keep(store, draft, hash);
    if (fact == NULL) {
        ml_count(store->counters, ML_COUNT_LIMIT_MEMORY);
        return NULL;
    }
    if (flow->facts_last != NULL) {
        flow->facts_last->next = fact;
    } else {
        flow->facts = fact;
    }
    flow->facts_last = fact;
    flow->n_facts++;
    ml_count(store->counters, ML_COUNT_FACTS);
    if (store->on_fact != NULL) {
        store->on_fact(store->on_fact_context, flow, fact);
    }
    return fact;
}
