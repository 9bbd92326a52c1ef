/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/fragments.h"

#include "core/hash.h"
#include "core/mem.h"
#include "decode/range.h"

enum { N_BUCKETS = 256, MAX_WHOLE = ML_MAX_TUNNEL_DEPTH + 1, MAX_DATAGRAM = 65535, MAX_HEAD = 4096 };

/* Without padding, so that it compares and hashes as memory. */
struct key {
    uint8_t src[16], dst[16];
    uint32_t id;
    uint8_t family, proto;
    uint8_t zero[2];
};

struct set {
    struct key key;
    struct set *next;          /* in its bucket */
    struct set *older, *newer; /* in the order of first fragments */
    int64_t first_ns;
    uint8_t *bytes; /* owned; payload received so far */
    size_t size;
    uint8_t *head; /* owned; of the fragment with offset 0, NULL before it came */
    size_t head_len, named_at;
    uint8_t next_header;
    bool is_refused; /* stays, without bytes, so that late fragments are refused as well */
    bool has_total;
    uint32_t total; /* bytes of payload, known once the last fragment came */
    uint32_t wire_len;
    struct ml_byte_ranges ranges;
};

struct ml_defrag {
    struct ml_counters *counters; /* borrowed */
    struct set *buckets[N_BUCKETS];
    struct set *oldest, *newest;
    size_t n_sets;
    size_t held;               /* bytes of all sets */
    uint8_t *whole[MAX_WHOLE]; /* owned; datagrams handed out */
    size_t n_whole;
};

struct ml_defrag *ml_defrag_new(struct ml_counters *counters)
{
    struct ml_defrag *defrag = ml_mem_array(1, sizeof *defrag);
    if (defrag != NULL) {
        defrag->counters = counters;
    }
    return defrag;
}

void ml_defrag_free(struct ml_defrag *defrag)
{
    if (defrag != NULL) {
        ml_defrag_flush(defrag);
        ml_defrag_release(defrag);
        ml_mem_free(defrag);
    }
}

void ml_defrag_release(struct ml_defrag *defrag)
{
    while (defrag->n_whole > 0) {
        ml_mem_free(defrag->whole[--defrag->n_whole]);
    }
}

static size_t bucket_of(const struct key *key)
{
    return ml_hash(ml_span_of(key, sizeof *key)) % N_BUCKETS;
}

static size_t cost_of(const struct set *set)
{
    return sizeof *set + set->size + set->head_len + ml_byte_ranges_cost(&set->ranges);
}

static void drop_bytes(struct ml_defrag *defrag, struct set *set)
{
    defrag->held -= cost_of(set);
    ml_mem_free(set->bytes);
    ml_mem_free(set->head);
    ml_byte_ranges_fini(&set->ranges);
    set->bytes = NULL;
    set->head = NULL;
    set->size = 0;
    set->head_len = 0;
    defrag->held += cost_of(set);
}

static void unlink_set(struct ml_defrag *defrag, struct set *set)
{
    struct set **at = &defrag->buckets[bucket_of(&set->key)];
    while (*at != set) {
        at = &(*at)->next;
    }
    *at = set->next;
    *(set->older != NULL ? &set->older->newer : &defrag->oldest) = set->newer;
    *(set->newer != NULL ? &set->newer->older : &defrag->newest) = set->older;
    defrag->n_sets--;
}

static void remove_set(struct ml_defrag *defrag, struct set *set)
{
    drop_bytes(defrag, set);
    unlink_set(defrag, set);
    defrag->held -= cost_of(set);
    ml_mem_free(set);
}

/* A datagram given up before it was whole. */
static void give_up(struct ml_defrag *defrag, struct set *set)
{
    if (!set->is_refused) {
        ml_count(defrag->counters, ML_COUNT_DATAGRAMS_INCOMPLETE);
    }
    remove_set(defrag, set);
}

void ml_defrag_flush(struct ml_defrag *defrag)
{
    while (defrag->oldest != NULL) {
        give_up(defrag, defrag->oldest);
    }
}

/* By packet time, so that the result does not depend on when we look. Time that jumps back ends a wait as well. */
static bool is_expired(const struct set *set, int64_t now_ns)
{
    const uint64_t second = 1000000000;
    uint64_t limit = (set->key.family == 4 ? ML_FRAGMENT_SECONDS_4 : ML_FRAGMENT_SECONDS_6) * second;
    uint64_t now = (uint64_t)now_ns; /* times come from the file and may lie at both ends of their range */
    uint64_t first = (uint64_t)set->first_ns;
    return (now_ns < set->first_ns ? first - now : now - first) > limit;
}

static struct key key_of(const struct ml_fragment *fragment)
{
    struct key key = {.id = fragment->id, .family = fragment->src.family, .proto = fragment->proto};
    memcpy(key.src, fragment->src.bytes, sizeof key.src);
    memcpy(key.dst, fragment->dst.bytes, sizeof key.dst);
    return key;
}

static struct set *find_set(const struct ml_defrag *defrag, const struct key *key)
{
    struct set *set = defrag->buckets[bucket_of(key)];
    while (set != NULL && memcmp(&set->key, key, sizeof *key) != 0) {
        set = set->next;
    }
    return set;
}

static struct set *add_set(struct ml_defrag *defrag, const struct key *key, int64_t now_ns)
{
    if (defrag->n_sets == ML_MAX_FRAGMENT_SETS) {
        ml_count(defrag->counters, ML_COUNT_LIMIT_FRAGMENTS);
        give_up(defrag, defrag->oldest);
    }
    struct set *set = ml_mem_array(1, sizeof *set);
    if (set == NULL) {
        return NULL;
    }
    set->key = *key;
    set->first_ns = now_ns;
    struct set **bucket = &defrag->buckets[bucket_of(key)];
    set->next = *bucket;
    *bucket = set;
    set->older = defrag->newest;
    *(defrag->newest != NULL ? &defrag->newest->newer : &defrag->oldest) = set;
    defrag->newest = set;
    defrag->n_sets++;
    defrag->held += cost_of(set);
    return set;
}

static enum ml_defrag_result refuse(struct ml_defrag *defrag, struct set *set)
{
    drop_bytes(defrag, set);
    set->is_refused = true;
    ml_count(defrag->counters, ML_COUNT_DATAGRAMS_REFUSED);
    return ML_DEFRAG_BAD;
}

/* Makes room for `more` bytes by giving up the oldest, never `set` itself. */
static void make_room(struct ml_defrag *defrag, const struct set *set, size_t more)
{
    while (defrag->held + more > ML_MAX_FRAGMENT_BYTES) {
        struct set *victim = defrag->oldest != set ? defrag->oldest : set->newer;
        if (victim == NULL) {
            return; /* one datagram is far smaller than the ceiling */
        }
        ml_count(defrag->counters, ML_COUNT_LIMIT_FRAGMENTS);
        give_up(defrag, victim);
    }
}

static bool grow(struct ml_defrag *defrag, struct set *set, size_t need)
{
    if (need <= set->size) {
        return true;
    }
    size_t size = need < MAX_DATAGRAM / 2 ? 2 * need : MAX_DATAGRAM;
    make_room(defrag, set, size - set->size);
    uint8_t *bytes = ml_mem_resize(set->bytes, size, 1);
    if (bytes == NULL) {
        return false;
    }
    defrag->held += size - set->size;
    set->bytes = bytes;
    set->size = size;
    return true;
}

static bool keep_head(struct ml_defrag *defrag, struct set *set, const struct ml_fragment *fragment)
{
    if (fragment->offset != 0 || set->head != NULL) {
        return true;
    }
    set->head = ml_mem_array(fragment->head.len, 1);
    if (set->head == NULL) {
        return false;
    }
    memcpy(set->head, fragment->head.ptr, fragment->head.len);
    set->head_len = fragment->head.len;
    set->named_at = fragment->named_at;
    set->next_header = fragment->next;
    defrag->held += set->head_len;
    return true;
}

/* What no sender of a datagram does. */
static bool is_impossible(const struct ml_fragment *fragment, size_t len)
{
    return fragment->offset + len > MAX_DATAGRAM || len == 0 || (!fragment->is_last && len % 8 != 0) ||
           fragment->head.len > MAX_HEAD;
}

/* Where the datagram ends must be told once, and nothing may lie behind it. */
static bool agrees_on_end(struct set *set, const struct ml_fragment *fragment, uint32_t to)
{
    if (fragment->is_last) {
        if ((set->has_total && set->total != to) || ml_byte_ranges_end(&set->ranges) > to) {
            return false;
        }
        set->has_total = true;
        set->total = to;
    }
    return !set->has_total || to <= set->total;
}

/*
 * RFC 5722: for IPv6, fragments that overlap make the whole datagram void, but a repetition is none. IPv4 allows
 * overlaps; where their bytes differ, systems differ in what they take, which is used to hide: refused as well.
 */
static bool is_consistent(const struct set *set, const struct ml_fragment *fragment, struct ml_range range,
                          bool *is_repeated)
{
    *is_repeated = false;
    for (size_t i = 0; i < set->ranges.n; i++) {
        const struct ml_range *other = &set->ranges.items[i];
        if (!ml_range_overlaps(other, &range)) {
            continue;
        }
        bool is_same = other->from == range.from && other->to == range.to;
        *is_repeated |= is_same;
        uint32_t from = other->from > range.from ? other->from : range.from;
        uint32_t other_end = other->from + other->have;
        uint32_t end = range.from + range.have;
        end = end < other_end ? end : other_end;
        bool differs =
            end > from && memcmp(set->bytes + from, fragment->bytes.ptr + (from - range.from), end - from) != 0;
        if (differs || (!is_same && set->key.family == 6)) {
            return false;
        }
    }
    return true;
}

static void patch_header(const struct set *set, uint8_t *packet)
{
    uint32_t len = set->total + (uint32_t)set->head_len;
    if (set->key.family == 4) {
        packet[2] = (uint8_t)(len >> 8);
        packet[3] = (uint8_t)len;
        packet[6] &= 0xc0; /* offset and "more"; the checksum stays that of the first fragment */
        packet[7] = 0;
    } else {
        len -= 40;
        packet[4] = (uint8_t)(len >> 8);
        packet[5] = (uint8_t)len;
        packet[set->named_at] = set->next_header;
    }
}

static enum ml_defrag_result hand_out(struct ml_defrag *defrag, struct set *set, struct ml_datagram *whole)
{
    size_t fixed = set->key.family == 4 ? 0 : 40; /* not part of IPv6's length field */
    if (set->head_len + set->total - fixed > MAX_DATAGRAM || defrag->n_whole == MAX_WHOLE) {
        return refuse(defrag, set);
    }
    uint32_t have = ml_byte_ranges_captured(&set->ranges);
    uint8_t *packet = ml_mem_array(set->head_len + have, 1);
    if (packet == NULL) {
        ml_count(defrag->counters, ML_COUNT_LIMIT_MEMORY);
        give_up(defrag, set);
        return ML_DEFRAG_WAITING;
    }
    memcpy(packet, set->head, set->head_len);
    if (have != 0) {
        memcpy(packet + set->head_len, set->bytes, have);
    }
    patch_header(set, packet);
    *whole = (struct ml_datagram){
        .packet = ml_span_of(packet, set->head_len + have), .missing = set->total - have, .wire_len = set->wire_len};
    defrag->whole[defrag->n_whole++] = packet; /* given to the list */
    ml_count(defrag->counters, ML_COUNT_DATAGRAMS_REASSEMBLED);
    remove_set(defrag, set);
    return ML_DEFRAG_WHOLE;
}

static bool store(struct ml_defrag *defrag, struct set *set, const struct ml_fragment *fragment, struct ml_range range)
{
    size_t before = ml_byte_ranges_cost(&set->ranges);
    bool ok = grow(defrag, set, range.from + range.have) && keep_head(defrag, set, fragment) &&
              ml_byte_ranges_add(&set->ranges, range);
    defrag->held += ml_byte_ranges_cost(&set->ranges) - before;
    if (ok && range.have != 0) {
        memcpy(set->bytes + range.from, fragment->bytes.ptr, range.have);
    }
    return ok;
}

static enum ml_defrag_result add_to(struct ml_defrag *defrag, struct set *set, const struct ml_fragment *fragment,
                                    struct ml_datagram *whole)
{
    size_t len = fragment->bytes.len + fragment->missing;
    if (set->is_refused) {
        return ML_DEFRAG_BAD;
    }
    if (is_impossible(fragment, len)) {
        return refuse(defrag, set);
    }
    struct ml_range range = {
        .from = fragment->offset, .to = fragment->offset + (uint32_t)len, .have = (uint32_t)fragment->bytes.len};
    bool is_repeated = false;
    if (!agrees_on_end(set, fragment, range.to) || !is_consistent(set, fragment, range, &is_repeated)) {
        return refuse(defrag, set);
    }
    set->wire_len += fragment->wire_len;
    if (is_repeated) {
        return ML_DEFRAG_WAITING;
    }
    if (set->ranges.n == ML_MAX_FRAGMENTS) {
        ml_count(defrag->counters, ML_COUNT_LIMIT_FRAGMENTS);
        return refuse(defrag, set);
    }
    if (!store(defrag, set, fragment, range)) {
        ml_count(defrag->counters, ML_COUNT_LIMIT_MEMORY);
        give_up(defrag, set);
        return ML_DEFRAG_WAITING;
    }
    if (set->has_total && ml_byte_ranges_cover(&set->ranges, set->total)) {
        return hand_out(defrag, set, whole);
    }
    return ML_DEFRAG_WAITING;
}

enum ml_defrag_result ml_defrag_add(struct ml_defrag *defrag, const struct ml_fragment *fragment,
                                    struct ml_datagram *whole)
{
    while (defrag->oldest != NULL && is_expired(defrag->oldest, fragment->time_ns)) {
        give_up(defrag, defrag->oldest);
    }
    struct key key = key_of(fragment);
    struct set *set = find_set(defrag, &key);
    if (set != NULL && is_expired(set, fragment->time_ns)) {
        give_up(defrag, set);
        set = NULL;
    }
    if (set == NULL) {
        set = add_set(defrag, &key, fragment->time_ns);
    }
    if (set == NULL) {
        ml_count(defrag->counters, ML_COUNT_LIMIT_MEMORY);
        return ML_DEFRAG_WAITING;
    }
    return add_to(defrag, set, fragment, whole);
}
