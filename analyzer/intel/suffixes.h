/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suffixes - host names and what is known about each, found by walking from a name to its parents.
 *
 * In:        entries (host in normal form, number), the first one of a host counts; texts that numbers may point at.
 * Out:       for a name, the entry of its longest suffix that is not shorter than the registrable domain.
 * Form:      an open-addressed table by XXH3, entries and a pool of text, in a pack.
 * Lifetime:  as the pack.
 */
#ifndef MITLESER_INTEL_SUFFIXES_H
#define MITLESER_INTEL_SUFFIXES_H

#include "core/buf.h"
#include "core/map.h"
#include "intel/pack.h"

struct ml_suffix_slot;
struct ml_suffix_entry;

struct ml_suffixes {
    struct ml_pack pack;
    const struct ml_suffix_slot *slots;
    size_t n_slots; /* power of two, 0 for an empty table */
    const struct ml_suffix_entry *entries;
    size_t n;
    struct ml_span hosts; /* pool of the host names */
    struct ml_span texts; /* pool of zero-terminated texts */
};

struct ml_suffix_maker {
    struct ml_map map;
    struct ml_buf texts;
};

void ml_suffix_maker_init(struct ml_suffix_maker *maker);
void ml_suffix_maker_fini(struct ml_suffix_maker *maker);

/* ML_OK also for a host that is there already. ML_BAD_INPUT for what is no host name. */
enum ml_status ml_suffix_add(struct ml_suffix_maker *maker, struct ml_span host, uint32_t value) ML_MUST_USE;

/* Adds a zero-terminated copy of `text`, gives its offset. */
enum ml_status ml_suffix_add_text(struct ml_suffix_maker *maker, struct ml_span text, uint32_t *offset) ML_MUST_USE;

enum ml_status ml_suffixes_make(const struct ml_suffix_maker *maker, const char *pack_path,
                                const uint8_t key[ML_PACK_KEY], struct ml_suffixes *out) ML_MUST_USE;
bool ml_suffixes_open(const char *pack_path, const uint8_t key[ML_PACK_KEY], struct ml_suffixes *out);
void ml_suffixes_close(struct ml_suffixes *suffixes);

/*
 * Looks for `host` and its parents down to `domain_len` bytes. True with the value and the length of the suffix that
 * matched. `domain_len` 0 or above host.len: only the host itself.
 */
bool ml_suffixes_find(const struct ml_suffixes *suffixes, struct ml_span host, size_t domain_len, uint32_t *value,
                      size_t *matched);

/* Text at an offset, "" when there is none. */
const char *ml_suffixes_text(const struct ml_suffixes *suffixes, uint32_t offset);

/*
 * The parent of a name: what is behind its first dot, or false when that would be shorter than `domain_len`.
 * For walks over other tables by the same rule.
 */
bool ml_suffix_parent(struct ml_span *host, size_t domain_len);

#endif
