/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/suffixes.h"

#include "core/hash.h"
#include "core/mem.h"

enum { SLOTS, ENTRIES, HOSTS, TEXTS, N_SECTIONS };
enum { MAX_HOSTS = 1 << 24, MAX_TEXTS = 64 * 1024 * 1024, MAX_HOST = 253 };

struct ml_suffix_slot {
    uint32_t tag;   /* upper half of the hash */
    uint32_t entry; /* number + 1, 0 is free */
};

struct ml_suffix_entry {
    uint32_t offset;
    uint32_t len;
    uint32_t value;
};

void ml_suffix_maker_init(struct ml_suffix_maker *maker)
{
    ml_map_init(&maker->map, MAX_HOSTS);
    ml_buf_init(&maker->texts, MAX_TEXTS);
}

void ml_suffix_maker_fini(struct ml_suffix_maker *maker)
{
    ml_map_fini(&maker->map);
    ml_buf_fini(&maker->texts);
}

/* Lower-case letters, digits, "-", "_" in labels of 1..63 bytes, at least two of them (RFC 1035, section 2.3). */
static bool is_host(struct ml_span host)
{
    size_t label = 0;
    size_t n_dots = 0;
    for (size_t i = 0; i < host.len; i++) {
        uint8_t byte = host.ptr[i];
        if (byte == '.') {
            if (label == 0) {
                return false;
            }
            label = 0;
            n_dots++;
        } else if ((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '_') {
            label++;
        } else {
            return false;
        }
        if (label > 63) {
            return false;
        }
    }
    return host.len <= MAX_HOST && label != 0 && n_dots != 0;
}

enum ml_status ml_suffix_add(struct ml_suffix_maker *maker, struct ml_span host, uint32_t value)
{
    if (!is_host(host)) {
        return ML_BAD_INPUT;
    }
    if (ml_map_add(&maker->map, host, value, NULL) != NULL) {
        return ML_OK;
    }
    return maker->map.n >= maker->map.max ? ML_LIMIT : ML_NO_MEMORY;
}

enum ml_status ml_suffix_add_text(struct ml_suffix_maker *maker, struct ml_span text, uint32_t *offset)
{
    *offset = (uint32_t)maker->texts.len;
    bool is_added = ml_buf_add_span(&maker->texts, text) && ml_buf_add_byte(&maker->texts, 0);
    return is_added ? ML_OK : ML_NO_MEMORY;
}

static bool use_pack(struct ml_suffixes *out)
{
    const struct ml_span *sections = out->pack.sections;
    out->slots = (const struct ml_suffix_slot *)(const void *)sections[SLOTS].ptr;
    out->n_slots = sections[SLOTS].len / sizeof *out->slots;
    out->entries = (const struct ml_suffix_entry *)(const void *)sections[ENTRIES].ptr;
    out->n = sections[ENTRIES].len / sizeof *out->entries;
    out->hosts = sections[HOSTS];
    out->texts = sections[TEXTS];
    bool is_power = (out->n_slots & (out->n_slots - 1)) == 0;
    return is_power && out->n < out->n_slots + (out->n_slots == 0) &&
           (out->texts.len == 0 || out->texts.ptr[out->texts.len - 1] == 0);
}

/* Fills entries, host pool and slots from the map, in the order of arrival. */
static bool lay_out(const struct ml_map *map, struct ml_suffix_slot *slots, size_t n_slots,
                    struct ml_suffix_entry *entries, struct ml_buf *hosts)
{
    for (size_t i = 0; i < map->n; i++) {
        struct ml_span host = ml_map_key(map->entries[i]);
        entries[i] = (struct ml_suffix_entry){
            .offset = (uint32_t)hosts->len, .len = (uint32_t)host.len, .value = map->entries[i]->value};
        if (!ml_buf_add_span(hosts, host)) {
            return false;
        }
        uint64_t hash = ml_hash(host);
        size_t at = (size_t)hash & (n_slots - 1);
        while (slots[at].entry != 0) {
            at = (at + 1) & (n_slots - 1);
        }
        slots[at] = (struct ml_suffix_slot){.tag = (uint32_t)(hash >> 32), .entry = (uint32_t)i + 1};
    }
    return true;
}

enum ml_status ml_suffixes_make(const struct ml_suffix_maker *maker, const char *pack_path,
                                const uint8_t key[ML_PACK_KEY], struct ml_suffixes *out)
{
    *out = (struct ml_suffixes){0};
    size_t n = maker->map.n;
    size_t n_slots = n != 0 ? 4 : 0;
    while (n_slots < 2 * n) {
        n_slots *= 2;
    }
    enum ml_status status = ML_NO_MEMORY;
    struct ml_suffix_slot *slots = ml_mem_array(n_slots + 1, sizeof *slots);
    struct ml_suffix_entry *entries = ml_mem_array(n + 1, sizeof *entries);
    struct ml_buf hosts;
    ml_buf_init(&hosts, UINT32_MAX);
    if (slots != NULL && entries != NULL && lay_out(&maker->map, slots, n_slots, entries, &hosts)) {
        struct ml_span sections[N_SECTIONS] = {
            [SLOTS] = ml_span_of(slots, n_slots * sizeof *slots),
            [ENTRIES] = ml_span_of(entries, n * sizeof *entries),
            [HOSTS] = ml_buf_span(&hosts),
            [TEXTS] = ml_buf_span(&maker->texts),
        };
        status = ml_pack_make(pack_path, key, sections, N_SECTIONS, &out->pack);
    }
    if (status == ML_OK) {
        ML_ASSERT(use_pack(out));
    }
    ml_mem_free(slots);
    ml_mem_free(entries);
    ml_buf_fini(&hosts);
    return status;
}

bool ml_suffixes_open(const char *pack_path, const uint8_t key[ML_PACK_KEY], struct ml_suffixes *out)
{
    *out = (struct ml_suffixes){0};
    bool is_open = ml_pack_open(pack_path, key, N_SECTIONS, &out->pack) && use_pack(out);
    if (!is_open) {
        ml_suffixes_close(out);
    }
    return is_open;
}

void ml_suffixes_close(struct ml_suffixes *suffixes)
{
    ml_pack_close(&suffixes->pack);
    *suffixes = (struct ml_suffixes){0};
}

static const struct ml_suffix_entry *entry_of(const struct ml_suffixes *suffixes, struct ml_span host)
{
    uint64_t hash = ml_hash(host);
    size_t mask = suffixes->n_slots - 1;
    size_t at = (size_t)hash & mask;
    /* At most half of the slots are taken, so a free one ends the walk; the count ends it in a pack that lies. */
    for (size_t tries = 0; tries <= mask && suffixes->slots[at].entry != 0; tries++, at = (at + 1) & mask) {
        struct ml_suffix_slot slot = suffixes->slots[at];
        if (slot.tag != (uint32_t)(hash >> 32) || slot.entry > suffixes->n) {
            continue;
        }
        const struct ml_suffix_entry *entry = &suffixes->entries[slot.entry - 1];
        if (entry->len == host.len && ml_span_equal(ml_span_cut(suffixes->hosts, entry->offset, entry->len), host)) {
            return entry;
        }
    }
    return NULL;
}

bool ml_suffix_parent(struct ml_span *host, size_t domain_len)
{
    size_t dot = ml_span_find(*host, ml_span_of(".", 1));
    if (dot == host->len || domain_len == 0 || host->len - dot - 1 < domain_len) {
        return false;
    }
    *host = ml_span_cut(*host, dot + 1, host->len);
    return true;
}

bool ml_suffixes_find(const struct ml_suffixes *suffixes, struct ml_span host, size_t domain_len, uint32_t *value,
                      size_t *matched)
{
    *value = 0;
    *matched = 0;
    if (suffixes->n_slots == 0) {
        return false;
    }
    do {
        const struct ml_suffix_entry *entry = entry_of(suffixes, host);
        if (entry != NULL) {
            *value = entry->value;
            *matched = host.len;
            return true;
        }
    } while (ml_suffix_parent(&host, domain_len));
    return false;
}

const char *ml_suffixes_text(const struct ml_suffixes *suffixes, uint32_t offset)
{
    return offset < suffixes->texts.len ? (const char *)suffixes->texts.ptr + offset : "";
}
