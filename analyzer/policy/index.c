/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/index.h"

#include "core/hash.h"
#include "core/mem.h"

enum { BITS_PER_KEY = 16 /* a wrong bit costs a look-up; more bits would not fit into the cache */ };

void ml_index_init(struct ml_index *index)
{
    *index = (struct ml_index){0};
    ml_map_init(&index->keys, UINT32_MAX);
}

void ml_index_fini(struct ml_index *index)
{
    ml_map_fini(&index->keys);
    ml_mem_free(index->bits);
    ml_mem_free(index->slots);
    ml_mem_free(index->tags);
    ml_parts_fini(&index->parts);
    *index = (struct ml_index){0};
}

size_t ml_index_count(const struct ml_index *index)
{
    return index->keys.n;
}

bool ml_index_add(struct ml_index *index, enum ml_key_kind kind, struct ml_span key, uint32_t *entry)
{
    uint8_t bytes[1 + ML_MAX_TEXT];
    ML_ASSERT(key.len <= ML_MAX_TEXT && (key.len != 0 || kind == ML_KEY_EQUAL));
    bytes[0] = (uint8_t)kind;
    if (key.len != 0) {
        memcpy(bytes + 1, key.ptr, key.len);
    }
    uint32_t number = (uint32_t)index->keys.n;
    const struct ml_map_entry *found = ml_map_add(&index->keys, ml_span_of(bytes, key.len + 1), number, NULL);
    if (found == NULL) {
        return false;
    }
    *entry = found->value;
    index->has[kind] = true;
    return true;
}

bool ml_index_add_number(struct ml_index *index, uint64_t number, uint32_t *entry)
{
    return ml_index_add(index, ML_KEY_NUMBER, ml_span_of(&number, sizeof number), entry);
}

struct ml_span ml_net_key(const struct ml_ip *ip, unsigned bits, uint8_t out[ML_NET_KEY])
{
    memset(out, 0, ML_NET_KEY);
    out[0] = ip->family;
    out[1] = (uint8_t)bits;
    memcpy(out + 2, ip->bytes, bits / 8);
    if (bits % 8 != 0) {
        out[2 + bits / 8] = (uint8_t)(ip->bytes[bits / 8] & 0xff << (8 - bits % 8));
    }
    return ml_span_of(out, ML_NET_KEY);
}

bool ml_index_add_net(struct ml_index *index, const struct ml_ip *ip, unsigned bits, uint32_t *entry)
{
    uint8_t key[ML_NET_KEY];
    return ml_index_add(index, ML_KEY_NET, ml_net_key(ip, bits, key), entry);
}

/* --- hashes --- */

/* One byte more of a text that is hashed as it grows (FNV-1a). */
static uint64_t grow_hash(uint64_t hash, uint8_t byte)
{
    return (hash ^ byte) * UINT64_C(0x100000001b3);
}

static uint64_t finish_hash(uint64_t hash, enum ml_key_kind kind)
{
    hash = (hash ^ hash >> 32 ^ (uint64_t)kind) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

#define HASH_START UINT64_C(0xcbf29ce484222325)

static uint64_t hash_of(enum ml_key_kind kind, struct ml_span key)
{
    uint64_t hash = HASH_START;
    switch (kind) {
    case ML_KEY_PREFIX:
        for (size_t i = 0; i < key.len; i++) {
            hash = grow_hash(hash, key.ptr[i]);
        }
        return finish_hash(hash, kind);
    case ML_KEY_SUFFIX:
        for (size_t i = key.len; i > 0; i--) {
            hash = grow_hash(hash, key.ptr[i - 1]);
        }
        return finish_hash(hash, kind);
    default:
        return finish_hash(ml_hash(key), kind);
    }
}

/* --- build --- */

static void set_bit(uint64_t *bits, uint64_t bit)
{
    bits[bit / 64] |= UINT64_C(1) << bit % 64;
}

static bool has_bit(const uint64_t *bits, uint64_t bit)
{
    return (bits[bit / 64] >> bit % 64 & 1) != 0;
}

static bool make_tables(struct ml_index *index)
{
    size_t n_bits = 512;
    index->n_slots = 32;
    while (n_bits < BITS_PER_KEY * index->keys.n) {
        n_bits *= 2;
    }
    while (index->n_slots < 2 * index->keys.n) {
        index->n_slots *= 2;
    }
    index->shift = 64 - (unsigned)__builtin_ctzll(n_bits);
    index->bits = ml_mem_array(n_bits / 64, sizeof *index->bits);
    index->slots = ml_mem_array(index->n_slots, sizeof *index->slots);
    index->tags = ml_mem_array(index->n_slots, sizeof *index->tags);
    return index->bits != NULL && index->slots != NULL && index->tags != NULL;
}

static void note_length(struct ml_index *index, enum ml_key_kind kind, struct ml_span key)
{
    if (kind == ML_KEY_PREFIX) {
        set_bit(index->prefix_lengths, key.len);
        if (key.len < ML_EDGES) {
            set_bit(index->prefix_ends[key.len], key.ptr[key.len - 1]);
        }
        index->longest_prefix = key.len > index->longest_prefix ? key.len : index->longest_prefix;
    } else if (kind == ML_KEY_SUFFIX) {
        set_bit(index->suffix_lengths, key.len);
        if (key.len < ML_EDGES) {
            set_bit(index->suffix_starts[key.len], key.ptr[0]);
        }
        index->longest_suffix = key.len > index->longest_suffix ? key.len : index->longest_suffix;
    } else if (kind == ML_KEY_NET) {
        size_t family = key.ptr[0] == 6;
        for (size_t i = 0; i < index->n_net_bits[family]; i++) {
            if (index->net_bits[family][i] == key.ptr[1]) {
                return;
            }
        }
        index->net_bits[family][index->n_net_bits[family]++] = key.ptr[1];
    }
}

/* Puts all keys but parts into the table; they are distinct. */
static void fill_table(struct ml_index *index)
{
    for (size_t i = 0; i < index->keys.n; i++) {
        struct ml_span whole = ml_map_key(index->keys.entries[i]);
        enum ml_key_kind kind = (enum ml_key_kind)whole.ptr[0];
        struct ml_span key = ml_span_of(whole.ptr + 1, whole.len - 1);
        if (kind == ML_KEY_PART) {
            continue;
        }
        uint64_t hash = hash_of(kind, key);
        size_t at = (size_t)(hash >> 16) & (index->n_slots - 1);
        while (index->slots[at] != 0) {
            at = (at + 1) & (index->n_slots - 1);
        }
        index->slots[at] = (uint32_t)i + 1;
        index->tags[at] = (uint32_t)hash;
        set_bit(index->bits, hash >> index->shift);
        note_length(index, kind, key);
    }
}

static enum ml_status build_parts(struct ml_index *index)
{
    size_t n = 0;
    struct ml_part *items = ml_mem_array(index->keys.n, sizeof *items);
    if (items == NULL) {
        return ML_NO_MEMORY;
    }
    for (size_t i = 0; i < index->keys.n; i++) {
        struct ml_span whole = ml_map_key(index->keys.entries[i]);
        if (whole.ptr[0] == ML_KEY_PART) {
            items[n++] = (struct ml_part){.text = ml_span_of(whole.ptr + 1, whole.len - 1), .number = (uint32_t)i};
        }
    }
    return ml_parts_build(&index->parts, items, n);
}

enum ml_status ml_index_finish(struct ml_index *index)
{
    if (!make_tables(index)) {
        return ML_NO_MEMORY;
    }
    fill_table(index);
    return build_parts(index);
}

/* --- look-up --- */

static void look(const struct ml_index *index, enum ml_key_kind kind, struct ml_span key, uint64_t hash, ml_hit_fn *hit,
                 void *context)
{
    if (!has_bit(index->bits, hash >> index->shift)) {
        return;
    }
    size_t at = (size_t)(hash >> 16) & (index->n_slots - 1);
    for (; index->slots[at] != 0; at = (at + 1) & (index->n_slots - 1)) {
        if (index->tags[at] != (uint32_t)hash) {
            continue;
        }
        uint32_t entry = index->slots[at] - 1;
        struct ml_span whole = ml_map_key(index->keys.entries[entry]);
        if (whole.ptr[0] == (uint8_t)kind && ml_span_equal(ml_span_of(whole.ptr + 1, whole.len - 1), key)) {
            hit(context, entry);
            return;
        }
    }
}

static void look_at_prefixes(const struct ml_index *index, struct ml_span text, ml_hit_fn *hit, void *context)
{
    size_t n = text.len < index->longest_prefix ? text.len : index->longest_prefix;
    uint64_t hash = HASH_START;
    for (size_t len = 1; len <= n; len++) {
        uint8_t byte = text.ptr[len - 1];
        hash = grow_hash(hash, byte);
        if (len < ML_EDGES ? has_bit(index->prefix_ends[len], byte) : has_bit(index->prefix_lengths, len)) {
            look(index, ML_KEY_PREFIX, ml_span_of(text.ptr, len), finish_hash(hash, ML_KEY_PREFIX), hit, context);
        }
    }
}

static void look_at_suffixes(const struct ml_index *index, struct ml_span text, ml_hit_fn *hit, void *context)
{
    size_t n = text.len < index->longest_suffix ? text.len : index->longest_suffix;
    uint64_t hash = HASH_START;
    for (size_t len = 1; len <= n; len++) {
        uint8_t byte = text.ptr[text.len - len];
        hash = grow_hash(hash, byte);
        if (len < ML_EDGES ? has_bit(index->suffix_starts[len], byte) : has_bit(index->suffix_lengths, len)) {
            look(index, ML_KEY_SUFFIX, ml_span_of(text.ptr + text.len - len, len), finish_hash(hash, ML_KEY_SUFFIX),
                 hit, context);
        }
    }
}

void ml_index_text(const struct ml_index *index, struct ml_span folded, ml_hit_fn *hit, void *context)
{
    if (index->has[ML_KEY_EQUAL]) {
        look(index, ML_KEY_EQUAL, folded, hash_of(ML_KEY_EQUAL, folded), hit, context);
    }
    look_at_prefixes(index, folded, hit, context);
    look_at_suffixes(index, folded, hit, context);
    ml_parts_find(&index->parts, folded, hit, context);
}

void ml_index_number(const struct ml_index *index, uint64_t number, ml_hit_fn *hit, void *context)
{
    if (index->has[ML_KEY_NUMBER]) {
        struct ml_span key = ml_span_of(&number, sizeof number);
        look(index, ML_KEY_NUMBER, key, hash_of(ML_KEY_NUMBER, key), hit, context);
    }
}

void ml_index_ip(const struct ml_index *index, const struct ml_ip *ip, ml_hit_fn *hit, void *context)
{
    size_t family = ip->family == 6;
    for (size_t i = 0; i < index->n_net_bits[family]; i++) {
        uint8_t bytes[ML_NET_KEY];
        struct ml_span key = ml_net_key(ip, index->net_bits[family][i], bytes);
        look(index, ML_KEY_NET, key, hash_of(ML_KEY_NET, key), hit, context);
    }
}
