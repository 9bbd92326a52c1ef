/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/duplicates.h"

#include "core/hash.h"

enum { IP4_HEAD = 20, IP6_HEAD = 40, ID = 4, TTL = 8, CHECKSUM = 10, HOP_LIMIT = 7 };

/* What identifies a packet on its way. */
struct identity {
    uint64_t hash;
    uint8_t ttl; /* of the packet itself: segment->ttl may be that of an outer one */
    bool is_numbered;
};

void ml_duplicates_init(struct ml_duplicates *duplicates)
{
    duplicates->next = 0;
    duplicates->n = 0;
    memset(duplicates->n_alike, 0, sizeof duplicates->n_alike);
}

/* False for what is too short to have a header: decode lets none through, but a copy of nothing is no copy. */
static bool identify(struct ml_span ip, struct identity *identity)
{
    uint8_t head[IP6_HEAD];
    bool is_v4 = ip.len >= IP4_HEAD && ip.ptr[0] >> 4 == 4;
    bool is_v6 = ip.len >= IP6_HEAD && ip.ptr[0] >> 4 == 6;
    if (!is_v4 && !is_v6) {
        return false;
    }
    size_t head_len = is_v4 ? IP4_HEAD : IP6_HEAD;
    memcpy(head, ip.ptr, head_len);
    identity->ttl = head[is_v4 ? TTL : HOP_LIMIT];
    identity->is_numbered = is_v4 && (head[ID] | head[ID + 1]) != 0;
    head[is_v4 ? TTL : HOP_LIMIT] = 0;
    if (is_v4) {
        head[CHECKSUM] = head[CHECKSUM + 1] = 0;
    }
    uint64_t seed = ml_hash(ml_span_of(head, head_len));
    identity->hash = ml_hash_seed(ml_span_cut(ip, head_len, ip.len), seed);
    return true;
}

static bool is_copy_of(const struct ml_duplicates *duplicates, size_t at, const struct identity *identity,
                       const struct ml_segment *segment)
{
    const uint64_t most_ns = ML_DUPLICATE_MS * UINT64_C(1000000);
    int64_t before = duplicates->times_ns[at];
    bool is_near = segment->time_ns >= before && (uint64_t)segment->time_ns - (uint64_t)before <= most_ns;
    bool is_elsewhere = duplicates->interfaces[at] != segment->interface || duplicates->ttls[at] != identity->ttl;
    return is_near && (identity->is_numbered || is_elsewhere);
}

bool ml_duplicates_check(struct ml_duplicates *duplicates, const struct ml_segment *segment)
{
    struct identity identity;
    if (!identify(segment->ip, &identity)) {
        return false;
    }
    uint8_t *n_alike = &duplicates->n_alike[identity.hash & UINT8_MAX];
    for (size_t i = 0; *n_alike != 0 && i < duplicates->n; i++) {
        if (duplicates->hashes[i] == identity.hash && is_copy_of(duplicates, i, &identity, segment)) {
            return true;
        }
    }
    size_t at = duplicates->next;
    if (duplicates->n == ML_DUPLICATE_PACKETS) {
        duplicates->n_alike[duplicates->hashes[at] & UINT8_MAX]--;
    }
    (*n_alike)++;
    duplicates->hashes[at] = identity.hash;
    duplicates->times_ns[at] = segment->time_ns;
    duplicates->interfaces[at] = segment->interface;
    duplicates->ttls[at] = identity.ttl;
    duplicates->next = (at + 1) % ML_DUPLICATE_PACKETS;
    duplicates->n += duplicates->n < ML_DUPLICATE_PACKETS ? 1 : 0;
    return false;
}
