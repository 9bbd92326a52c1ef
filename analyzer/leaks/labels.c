/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/parts.h"

#include "core/text.h"

enum {
    MAX_LABEL = 63,
    MAX_NAME = 255,
    MIN_LABELS = 4, /* two of the domain, two that cut a value */
    MIN_BASE32 = 16,
    MAX_STARTS = 8, /* labels with which base32 may begin */
    MIN_NAME = 12   /* bytes of a name that can hold an identifier */
};

static bool is_label(struct ml_span bytes, size_t at, size_t len)
{
    if (len == 0 || len > MAX_LABEL || len >= bytes.len - at) {
        return false;
    }
    for (size_t i = 1; i <= len; i++) {
        uint8_t byte = bytes.ptr[at + i];
        if (!ml_is_alnum(byte) && byte != '-' && byte != '_' && byte != '+' && byte != '=') {
            return false;
        }
    }
    return true;
}

/* Length of the name that begins at `at` (RFC 1035, section 3.1) without its end; *n_labels counts its labels. */
static size_t name_length(struct ml_span bytes, size_t at, size_t *n_labels)
{
    size_t from = at;
    *n_labels = 0;
    while (at < bytes.len && at - from < MAX_NAME && is_label(bytes, at, bytes.ptr[at])) {
        at += 1U + bytes.ptr[at];
        ++*n_labels;
    }
    return at < bytes.len && bytes.ptr[at] == 0 ? at - from : 0;
}

/* A name with its labels put together, the last two as they are. */
struct joined {
    uint8_t text[MAX_NAME];
    bool joints[MAX_NAME + 1]; /* a label begins or ends there */
    size_t len;
    size_t before_domain; /* bytes in front of the last two labels */
};

static void put_label(struct joined *joined, struct ml_span label, size_t n_behind)
{
    if (joined->len + label.len + 1 > MAX_NAME) {
        return; /* of a name that is written out, which may be longer than one in a message */
    }
    if (n_behind == 1) {
        joined->before_domain = joined->len;
    }
    if (joined->len != 0 && n_behind < 2) {
        joined->joints[joined->len] = true;
        joined->text[joined->len++] = '.';
    }
    joined->joints[joined->len] = true;
    memcpy(joined->text + joined->len, label.ptr, label.len);
    joined->len += label.len;
    joined->joints[joined->len] = true;
}

/* A value within one label was found in the bytes of the message already. */
static bool was_told(const struct ml_leaks *leaks, const struct ml_identity *identity)
{
    for (size_t i = 0; i < leaks->n_told; i++) {
        if (leaks->told[i] == identity) {
            return true;
        }
    }
    return false;
}

/* What base32 from one digit on stands for (RFC 4648, section 6; without regard to case). */
static size_t decode_base32(struct ml_span digits, uint8_t out[MAX_NAME])
{
    uint32_t bits = 0;
    unsigned n_bits = 0;
    size_t n = 0;
    for (size_t i = 0; i < digits.len; i++) {
        uint8_t byte = ml_ascii_lower(digits.ptr[i]);
        bool is_letter = byte >= 'a' && byte <= 'z';
        if (!is_letter && (byte < '2' || byte > '7')) {
            continue; /* ends of labels are gone; padding and hyphens stand for nothing */
        }
        bits = bits << 5 | (is_letter ? (uint32_t)(byte - 'a') : (uint32_t)(byte - '2') + 26);
        n_bits += 5;
        if (n_bits >= 8) {
            n_bits -= 8;
            out[n++] = (uint8_t)(bits >> n_bits);
        }
    }
    return n;
}

/* Where a name stands: all of it is the place of what is found. */
struct whole {
    struct ml_leak_place place;
    size_t from, len;
};

static void tell_all(struct ml_leaks *leaks, const struct whole *whole, enum ml_wrapping outer, struct ml_span text)
{
    const struct ml_leak_hit *hits = NULL;
    size_t n = ml_search_window(leaks->search, text, 0, text.len, &hits);
    for (size_t i = 0; i < n; i++) {
        struct ml_leak_hit hit = hits[i];
        if (was_told(leaks, hit.pattern->identity)) {
            continue;
        }
        if (outer != ML_WRAP_NONE) {
            ml_leak_hit_wrap(&hit, outer);
        }
        hit.from = whole->from;
        hit.last = whole->from + whole->len - 1;
        ml_leak_tell_hit(leaks, &whole->place, &hit);
    }
}

static void search_joined(struct ml_leaks *leaks, const struct whole *whole, const struct joined *joined)
{
    size_t n_starts = 0;
    ml_search_joints(leaks->search, joined->joints);
    tell_all(leaks, whole, ML_WRAP_NONE, ml_span_of(joined->text, joined->len));
    for (size_t at = 0; at + MIN_BASE32 <= joined->before_domain && n_starts < MAX_STARTS; at++) {
        if (joined->joints[at]) {
            uint8_t bytes[MAX_NAME];
            size_t n = decode_base32(ml_span_of(joined->text + at, joined->before_domain - at), bytes);
            tell_all(leaks, whole, ML_WRAP_BASE32, ml_span_of(bytes, n));
            n_starts++;
        }
    }
}

static void search_name(struct ml_leaks *leaks, const struct ml_chunk *chunk, size_t from, size_t len, size_t n_labels)
{
    struct joined joined = {.len = 0};
    const struct whole whole = {.place = {.chunk = chunk, .name = "dns.name"}, .from = from, .len = len};
    struct ml_span name = ml_span_cut(chunk->bytes, from, len);
    for (size_t at = 0; at < name.len; at += 1U + name.ptr[at]) {
        put_label(&joined, ml_span_cut(name, at + 1, name.ptr[at]), --n_labels);
    }
    search_joined(leaks, &whole, &joined);
}

void ml_leak_search_name(struct ml_leaks *leaks, const struct ml_chunk *chunk, uint32_t len_sent, struct ml_span name)
{
    struct joined joined = {.len = 0};
    const struct whole whole = {.place = {.chunk = chunk, .name = "dns.name", .packed_len = len_sent}, .len = len_sent};
    size_t n_labels = 1;
    for (size_t i = 0; i < name.len; i++) {
        n_labels += name.ptr[i] == '.';
    }
    if (n_labels < MIN_LABELS || name.len > MAX_NAME) {
        return;
    }
    leaks->n_told = 0;
    for (size_t at = 0; at < name.len;) {
        size_t len = ml_span_find(ml_span_cut(name, at, name.len), ml_span_text("."));
        put_label(&joined, ml_span_cut(name, at, len), --n_labels);
        at += len + 1;
    }
    search_joined(leaks, &whole, &joined);
}

void ml_leak_search_labels(struct ml_leaks *leaks, const struct ml_chunk *chunk)
{
    if (leaks->search == NULL) {
        return;
    }
    for (size_t at = 0; at < chunk->bytes.len; at++) {
        size_t n_labels = 0;
        size_t len = name_length(chunk->bytes, at, &n_labels);
        if (len != 0) {
            if (n_labels >= MIN_LABELS) {
                search_name(leaks, chunk, at, len, n_labels);
            }
            at += len;
        }
    }
}

/* --- identifiers by their shape --- */

enum { QUERY_FLAGS = 2, LENGTH_PREFIX = 2 /* over TCP and TLS */, IS_RESPONSE = 0x80, POINTER = 0xc0 };

/* The name that begins at `at`, its labels apart by dots, in `out`; *len is what it takes up. Any printable byte may be
 * in a label: names of services are written by people (RFC 6763, section 4.1.1). */
static size_t read_name(struct ml_span bytes, size_t from, uint8_t out[MAX_NAME], size_t *len)
{
    size_t n = 0;
    size_t at = from;
    while (at < bytes.len && bytes.ptr[at] != 0 && bytes.ptr[at] < POINTER) {
        size_t n_label = bytes.ptr[at];
        if (n_label > MAX_LABEL || n_label >= bytes.len - at || n + n_label + 1 > MAX_NAME) {
            return 0;
        }
        for (size_t i = 1; i <= n_label; i++) {
            if (bytes.ptr[at + i] < ' ' || bytes.ptr[at + i] == 0x7f) {
                return 0;
            }
        }
        if (n != 0) {
            out[n++] = '.';
        }
        memcpy(out + n, bytes.ptr + at + 1, n_label);
        n += n_label;
        at += n_label + 1;
    }
    *len = at - from;
    return at < bytes.len ? n : 0;
}

static bool is_query(const struct ml_chunk *chunk)
{
    size_t at = QUERY_FLAGS + (chunk->is_datagram ? 0 : LENGTH_PREFIX);
    return chunk->bytes.len > at && (chunk->bytes.ptr[at] & IS_RESPONSE) == 0;
}

void ml_leak_detect_labels(struct ml_leaks *leaks, const struct ml_chunk *chunk)
{
    if (chunk->flow->server_port != ML_LEAK_MDNS_PORT && !is_query(chunk)) {
        return;
    }
    for (size_t at = 0; at < chunk->bytes.len; at++) {
        uint8_t text[MAX_NAME];
        size_t len = 0;
        size_t n = read_name(chunk->bytes, at, text, &len);
        if (n >= MIN_NAME) {
            struct ml_chunk name = *chunk;
            name.bytes = ml_span_cut(chunk->bytes, at, len);
            name.offset += at;
            const struct ml_leak_place place = {.chunk = &name, .name = "dns.name", .packed_len = (uint32_t)len};
            ml_leak_detect(leaks, &place, ml_span_of(text, n), ML_LEAK_OF_NAME);
            at += len;
        }
    }
}
