/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/patterns.h"

#include "core/digest.h"
#include "core/mem.h"
#include "core/text.h"
#include "leaks/code.h"

enum {
    MIN_XOR = 10, /* bytes of a form that is looked for below a key: what digits differ by is less than a byte each */
    GRAM_BYTES = ML_FORM_MIN_BYTES,
    FILTER_BITS = 17 /* log2 of the 64-bit words: 1 MiB, 0.3 % false passes with 10,000 values */
};

struct ml_patterns {
    const struct ml_identities *identities;
    struct ml_arena vault; /* the bytes */
    uint64_t *filter;      /* owned */
    struct ml_pattern *items;
    uint32_t *slots; /* owned; number + 1 of the first pattern, 0 none */
    size_t n, room;
    unsigned slot_bits;
    bool out_of_memory;
};

const char *ml_leak_digest_name(enum ml_leak_digest digest)
{
    static const char *const names[] = {"", "md5", "sha1", "sha256", "sha512"};
    ML_ASSERT((unsigned)digest < sizeof names / sizeof names[0]);
    return names[digest];
}

static uint64_t gram_at(const uint8_t *folded)
{
    uint64_t gram = 0;
    memcpy(&gram, folded, sizeof gram);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    gram = __builtin_bswap64(gram);
#endif
    return gram & ((UINT64_C(1) << (8 * GRAM_BYTES)) - 1);
}

static uint64_t mix(uint64_t gram)
{
    return gram * UINT64_C(0x9e3779b97f4a7c15);
}

/* Three bits of one word. */
static uint64_t filter_mask(uint64_t hash)
{
    return UINT64_C(1) << (hash >> 41 & 63) | UINT64_C(1) << (hash >> 35 & 63) | UINT64_C(1) << (hash >> 29 & 63);
}

static size_t slot_of(const struct ml_patterns *patterns, uint64_t gram)
{
    uint64_t hash = mix(gram ^ gram >> 23);
    return (size_t)(hash >> (64 - patterns->slot_bits));
}

/* --- making them --- */

static void wipe(struct ml_buf *buf)
{
    if (buf->bytes != NULL) {
        ml_mem_wipe(buf->bytes, buf->size);
    }
    ml_buf_fini(buf);
}

static bool add(struct ml_patterns *patterns, const struct ml_pattern *pattern, struct ml_span bytes)
{
    uint8_t folded[ML_FORM_MAX_BYTES + ML_PATTERN_PADDING];
    struct ml_pattern *items = ml_mem_grow(patterns->items, patterns->n, &patterns->room, 1024, sizeof *items);
    if (items == NULL) {
        return false;
    }
    patterns->items = items;
    ml_patterns_fold(ml_span_cut(bytes, 0, ML_FORM_MAX_BYTES), folded);
    struct ml_span kept = ml_arena_copy(
        &patterns->vault, pattern->is_raw ? bytes : ml_span_of(folded, ml_span_cut(bytes, 0, ML_FORM_MAX_BYTES).len));
    if (kept.ptr == NULL) {
        return false;
    }
    struct ml_pattern *item = &patterns->items[patterns->n++];
    *item = *pattern;
    item->bytes = kept.ptr;
    item->len = (uint16_t)kept.len;
    item->gram = gram_at(folded);
    uint64_t hash = mix(item->gram);
    patterns->filter[hash >> (64 - FILTER_BITS)] |= filter_mask(hash);
    ml_mem_wipe(folded, sizeof folded);
    return true;
}

static const struct {
    enum ml_leak_digest number;
    const char *raw, *hex; /* what was hashed again when it was a digest, or its digits */
    bool (*digest)(struct ml_span data, uint8_t *out);
    size_t len;
} algorithms[] = {{ML_DIGEST_MD5, "md5", "md5_hex", ml_md5, 16},
                  {ML_DIGEST_SHA1, "sha1", "sha1_hex", ml_sha1, 20},
                  {ML_DIGEST_SHA256, "sha256", "sha256_hex", ml_sha256, 32},
                  {ML_DIGEST_SHA512, "sha512", "sha512_hex", ml_sha512, 64}};

enum { N_ALGORITHMS = sizeof algorithms / sizeof algorithms[0] };

static bool add_digests(struct ml_patterns *patterns, const struct ml_pattern *pattern, struct ml_span bytes)
{
    uint8_t digest[64];
    struct ml_pattern raw = *pattern;
    bool ok = true;
    raw.is_raw = true;
    raw.edge = ML_EDGE_NONE;
    for (size_t i = 0; i < N_ALGORITHMS && ok; i++) {
        raw.digest = (uint8_t)algorithms[i].number;
        ok = algorithms[i].digest(bytes, digest) && add(patterns, &raw, ml_span_of(digest, algorithms[i].len));
    }
    return ok;
}

/* For texts that are not ASCII; those that are are found by opening the wrapping. */
static bool add_utf16(struct ml_patterns *patterns, const struct ml_pattern *pattern, struct ml_span bytes)
{
    static const char *const names[] = {"utf16le", "utf16be"};
    bool is_ascii = true;
    bool ok = true;
    for (size_t i = 0; i < bytes.len; i++) {
        is_ascii &= bytes.ptr[i] < 0x80;
    }
    for (unsigned i = 0; i < 2 && !is_ascii && ok; i++) {
        struct ml_buf units; /* full: the text is looked for by its beginning */
        struct ml_pattern wide = *pattern;
        wide.form = names[i];
        wide.is_raw = true;
        ml_buf_init(&units, ML_FORM_MAX_BYTES);
        ml_code_utf16(bytes, i == 1, &units);
        bool is_full = units.len + 4 > ML_FORM_MAX_BYTES;
        ok = (!units.failed || is_full) && (units.len < ML_FORM_MIN_BYTES || add(patterns, &wide, ml_buf_span(&units)));
        wipe(&units);
    }
    return ok;
}

/* --- digests of what was hashed or written otherwise before --- */

static bool hash_again(struct ml_patterns *patterns, const struct ml_pattern *pattern, const char *form,
                       struct ml_span bytes)
{
    struct ml_pattern again = *pattern;
    again.form = form;
    return add_digests(patterns, &again, bytes);
}

static bool add_digests_of_digests(struct ml_patterns *patterns, const struct ml_pattern *pattern, struct ml_span bytes)
{
    bool ok = true;
    for (size_t i = 0; i < N_ALGORITHMS && ok; i++) {
        uint8_t digest[64];
        char hex[2 * sizeof digest + 1];
        struct ml_span raw = ml_span_of(digest, algorithms[i].len);
        ok = algorithms[i].digest(bytes, digest);
        if (ok) {
            ml_hex_write(raw, hex);
            ok = hash_again(patterns, pattern, algorithms[i].raw, raw) &&
                 hash_again(patterns, pattern, algorithms[i].hex, ml_span_of(hex, 2 * raw.len));
        }
    }
    return ok;
}

static void write_utf16(struct ml_span bytes, struct ml_buf *out)
{
    ml_code_utf16(bytes, false, out);
}

static bool add_digests_of_codes(struct ml_patterns *patterns, const struct ml_pattern *pattern, struct ml_span bytes)
{
    static const struct {
        const char *name;
        void (*write)(struct ml_span bytes, struct ml_buf *out);
    } codes[] = {{"base64", ml_code_base64}, {"hex", ml_code_hex}, {"url", ml_code_url}, {"utf16le", write_utf16}};
    struct ml_buf text;
    bool ok = true;
    ml_buf_init(&text, ML_MAX_CODE_BYTES);
    for (size_t i = 0; i < sizeof codes / sizeof codes[0] && ok; i++) {
        ml_buf_clear(&text);
        codes[i].write(bytes, &text);
        ok = !text.failed;
        if (ok && !ml_span_equal(ml_buf_span(&text), bytes)) {
            ok = hash_again(patterns, pattern, codes[i].name, ml_buf_span(&text));
        }
    }
    wipe(&text);
    return ok;
}

/* The form below a key of one byte. */
static bool add_xor(struct ml_patterns *patterns, const struct ml_pattern *pattern, struct ml_span bytes)
{
    uint8_t differences[ML_FORM_MAX_BYTES];
    struct ml_pattern changed = *pattern;
    struct ml_span form = ml_span_cut(bytes, 0, ML_FORM_MAX_BYTES);
    if (form.len < MIN_XOR || pattern->half != ML_HALF_NONE) {
        return true;
    }
    for (size_t i = 0; i + 1 < form.len; i++) {
        differences[i] = form.ptr[i] ^ form.ptr[i + 1];
    }
    changed.edge = ML_EDGE_NONE;
    changed.is_raw = true;
    changed.is_xor = true;
    changed.first = form.ptr[0];
    bool ok = add(patterns, &changed, ml_span_of(differences, form.len - 1));
    ml_mem_wipe(differences, sizeof differences);
    return ok;
}

struct compiling {
    struct ml_patterns *patterns;
    const struct ml_identity *identity;
};

static bool take_form(void *context, const struct ml_form *form)
{
    struct compiling *compiling = context;
    struct ml_patterns *patterns = compiling->patterns;
    const struct ml_pattern pattern = {
        .identity = compiling->identity,
        .form = form->name,
        .edge = (uint8_t)form->edge,
        .half = (uint8_t)form->half,
        .decimals = form->decimals,
        .is_raw = (form->use & ML_FORM_RAW) != 0,
    };
    bool ok = true;
    if ((form->use & ML_FORM_FIND) != 0) {
        ok = add(patterns, &pattern, form->bytes) && (pattern.is_raw || (add_utf16(patterns, &pattern, form->bytes) &&
                                                                         add_xor(patterns, &pattern, form->bytes)));
    }
    if (ok && (form->use & ML_FORM_HASH) != 0) {
        ok = add_digests(patterns, &pattern, form->bytes);
        if (ok && patterns->identities->n <= ML_MAX_NESTED_DIGESTS) {
            ok = add_digests_of_digests(patterns, &pattern, form->bytes) &&
                 add_digests_of_codes(patterns, &pattern, form->bytes);
        }
    }
    patterns->out_of_memory |= !ok;
    return ok;
}

static bool index_all(struct ml_patterns *patterns)
{
    patterns->slot_bits = 10;
    while ((size_t)1 << patterns->slot_bits < 2 * patterns->n) {
        patterns->slot_bits++;
    }
    patterns->slots = ml_mem_array((size_t)1 << patterns->slot_bits, sizeof *patterns->slots);
    if (patterns->slots == NULL) {
        return false;
    }
    for (size_t i = patterns->n; i > 0; i--) { /* backwards, so that a chain is in order */
        uint32_t *slot = &patterns->slots[slot_of(patterns, patterns->items[i - 1].gram)];
        patterns->items[i - 1].next = *slot;
        *slot = (uint32_t)i;
    }
    return true;
}

struct ml_patterns *ml_patterns_new(const struct ml_identities *identities, struct ml_error *error)
{
    struct ml_patterns *patterns = ml_mem_array(1, sizeof *patterns);
    if (patterns != NULL) {
        patterns->identities = identities;
        ml_arena_init(&patterns->vault, true);
        patterns->filter = ml_mem_array((size_t)1 << FILTER_BITS, sizeof *patterns->filter);
        patterns->out_of_memory = patterns->filter == NULL;
        for (size_t i = 0; i < identities->n && !patterns->out_of_memory; i++) {
            struct compiling compiling = {.patterns = patterns, .identity = &identities->items[i]};
            (void)ml_form_each(&identities->items[i], take_form, &compiling); /* memory is what can end */
        }
        if (!patterns->out_of_memory && index_all(patterns)) {
            return patterns;
        }
    }
    ml_patterns_free(patterns);
    (void)ml_error_set(error, ML_NO_MEMORY, "out of memory");
    return NULL;
}

void ml_patterns_free(struct ml_patterns *patterns)
{
    if (patterns != NULL) {
        ml_arena_fini(&patterns->vault);
        ml_mem_free(patterns->filter);
        if (patterns->items != NULL) {
            ml_mem_wipe(patterns->items, patterns->n * sizeof *patterns->items);
        }
        ml_mem_free(patterns->items);
        ml_mem_free(patterns->slots);
        ml_mem_free(patterns);
    }
}

const struct ml_identities *ml_patterns_identities(const struct ml_patterns *patterns)
{
    return patterns->identities;
}

/* --- matching --- */

void ml_patterns_fold(struct ml_span bytes, uint8_t *out)
{
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t byte = bytes.ptr[i];
        out[i] = (uint8_t)(byte + (((uint8_t)(byte - 'A') < 26) << 5));
    }
    memset(out + bytes.len, 0, ML_PATTERN_PADDING);
}

static ML_COLD void compare(const struct ml_patterns *patterns, struct ml_span bytes, const uint8_t *folded, size_t at,
                            ml_pattern_fn take, void *context)
{
    uint64_t gram = gram_at(folded + at);
    for (uint32_t number = patterns->slots[slot_of(patterns, gram)]; number != 0;) {
        const struct ml_pattern *pattern = &patterns->items[number - 1];
        const uint8_t *text = pattern->is_raw ? bytes.ptr : folded;
        if (pattern->gram == gram && pattern->len <= bytes.len - at &&
            memcmp(text + at, pattern->bytes, pattern->len) == 0) {
            take(context, pattern, at);
        }
        number = pattern->next;
    }
}

void ml_patterns_match(const struct ml_patterns *patterns, struct ml_span bytes, const uint8_t *folded,
                       ml_pattern_fn take, void *context)
{
    const uint64_t *filter = patterns->filter;
    for (size_t at = 0; at + GRAM_BYTES <= bytes.len; at++) {
        uint64_t hash = mix(gram_at(folded + at));
        uint64_t mask = filter_mask(hash);
        if ((filter[hash >> (64 - FILTER_BITS)] & mask) == mask) {
            compare(patterns, bytes, folded, at, take, context);
        }
    }
}
