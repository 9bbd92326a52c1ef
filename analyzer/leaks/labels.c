/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/parts.h"

#include "core/text.h"

enum {
    MAX_LABEL = 63,
    MAX_NAME = 255,
    MIN_LABELS = 4, /* two of the domain, two that cut a value */
    MIN_NAME = 12,  /* bytes of a name that can hold an identifier */
    MULTICAST_PORT = 5353
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

/* The labels in one, the last two as they are. */
static size_t put_together(struct ml_span name, size_t n_labels, uint8_t out[MAX_NAME])
{
    size_t n = 0;
    for (size_t at = 0; at < name.len; n_labels--) {
        size_t len = name.ptr[at];
        if (n != 0 && n_labels <= 2) {
            out[n++] = '.';
        }
        memcpy(out + n, name.ptr + at + 1, len);
        n += len;
        at += len + 1;
    }
    return n;
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

static void search_name(struct ml_leaks *leaks, const struct ml_chunk *chunk, size_t from, size_t len, size_t n_labels)
{
    uint8_t text[MAX_NAME];
    const struct ml_leak_hit *hits = NULL;
    const struct ml_leak_place place = {.chunk = chunk, .name = "dns.name"};
    struct ml_span name = ml_span_cut(chunk->bytes, from, len);
    size_t n_text = put_together(name, n_labels, text);
    size_t n = ml_search_window(leaks->search, ml_span_of(text, n_text), 0, n_text, &hits);
    for (size_t i = 0; i < n; i++) {
        struct ml_leak_hit hit = hits[i];
        if (!was_told(leaks, hit.pattern->identity)) {
            hit.from = from;
            hit.last = from + len - 1;
            ml_leak_tell_hit(leaks, &place, &hit);
        }
    }
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
    if (chunk->flow->server_port != MULTICAST_PORT && !is_query(chunk)) {
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
