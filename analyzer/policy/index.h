/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index - all values that the rules look for in one field, arranged so that one look at a record's value finds those
 * it has, at a cost that hardly depends on how many there are.
 *
 * Whole texts, beginnings, ends, numbers and networks share one hash table behind a bit set; ends and beginnings are
 * hashed byte by byte and looked up at the lengths that occur; networks at the prefix lengths that occur. Parts of
 * texts are in parts.h.
 * Texts in and out are folded (pattern.h).
 * Invariant: entries are numbered in the order they were added; immutable once finished.
 */
#ifndef MITLESER_POLICY_INDEX_H
#define MITLESER_POLICY_INDEX_H

#include "core/ip.h"
#include "core/limits.h"
#include "core/map.h"
#include "policy/parts.h"

enum ml_key_kind { ML_KEY_EQUAL, ML_KEY_PREFIX, ML_KEY_SUFFIX, ML_KEY_PART, ML_KEY_NUMBER, ML_KEY_NET };

enum {
    ML_NET_KEY = 18, /* bytes of a network as a key: family, length, address */
    ML_EDGES = 64    /* lengths below this are told apart by their outer byte too */
};

struct ml_index {
    struct ml_map keys; /* kind and bytes -> entry */
    bool has[ML_KEY_NET + 1];
    uint64_t *bits;                                /* owned: which hashes occur at all */
    unsigned shift;                                /* hash to bit */
    uint32_t *slots;                               /* owned; entry + 1, 0 is free */
    uint32_t *tags;                                /* owned; lower hash bits of each slot */
    size_t n_slots;                                /* power of two */
    uint64_t prefix_lengths[ML_MAX_TEXT / 64 + 1]; /* bit set of the lengths that occur */
    uint64_t suffix_lengths[ML_MAX_TEXT / 64 + 1];
    uint64_t prefix_ends[ML_EDGES][4];   /* of short lengths: bit set of the last bytes that occur */
    uint64_t suffix_starts[ML_EDGES][4]; /* of the first bytes; most ends of names begin with a dot */
    size_t longest_prefix, longest_suffix;
    uint8_t net_bits[2][129]; /* IPv4, IPv6: prefix lengths that occur */
    size_t n_net_bits[2];
    struct ml_parts parts;
};

void ml_index_init(struct ml_index *index);
void ml_index_fini(struct ml_index *index);

/* Adds a key or finds it: *entry. Parts and lengths of texts: 1 to ML_MAX_TEXT bytes; EQUAL may be empty. */
bool ml_index_add(struct ml_index *index, enum ml_key_kind kind, struct ml_span key, uint32_t *entry) ML_MUST_USE;
bool ml_index_add_number(struct ml_index *index, uint64_t number, uint32_t *entry) ML_MUST_USE;
bool ml_index_add_net(struct ml_index *index, const struct ml_ip *ip, unsigned bits, uint32_t *entry) ML_MUST_USE;

/* Writes the key of a network; bits beyond the prefix length are cleared. */
struct ml_span ml_net_key(const struct ml_ip *ip, unsigned bits, uint8_t out[ML_NET_KEY]);

size_t ml_index_count(const struct ml_index *index);

/* After the last add. */
enum ml_status ml_index_finish(struct ml_index *index) ML_MUST_USE;

/* Reports the entries that fit; an entry may come more than once. Texts beyond ML_MAX_TEXT are the caller's to cut. */
void ml_index_text(const struct ml_index *index, struct ml_span folded, ml_hit_fn *hit, void *context);
void ml_index_number(const struct ml_index *index, uint64_t number, ml_hit_fn *hit, void *context);
void ml_index_ip(const struct ml_index *index, const struct ml_ip *ip, ml_hit_fn *hit, void *context);

#endif
