/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/parts.h"

#include "core/text.h"

enum { MAX_LABEL = 63, MAX_NAME = 255, MIN_LABELS = 4 /* two of the domain, two that cut a value */ };

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
