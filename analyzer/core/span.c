/* SPDX-License-Identifier: Apache-2.0 */
#include "core/span.h"

#include "core/text.h"

bool ml_span_equal_nocase(struct ml_span a, struct ml_span b)
{
    if (a.len != b.len) {
        return false;
    }
    size_t i = 0;
    while (a.len - i >= sizeof(uint64_t) && memcmp(a.ptr + i, b.ptr + i, sizeof(uint64_t)) == 0) {
        i += sizeof(uint64_t); /* most texts that are equal are so to the letter */
    }
    for (; i < a.len; i++) {
        if (ml_ascii_lower(a.ptr[i]) != ml_ascii_lower(b.ptr[i])) {
            return false;
        }
    }
    return true;
}

bool ml_span_starts(struct ml_span a, const char *prefix)
{
    size_t len = strlen(prefix);
    return a.len >= len && (len == 0 || memcmp(a.ptr, prefix, len) == 0);
}

bool ml_span_starts_nocase(struct ml_span a, const char *prefix)
{
    size_t len = strlen(prefix);
    return a.len >= len && ml_span_equal_nocase(ml_span_of(a.ptr, len), ml_span_of(prefix, len));
}

bool ml_span_holds_nocase(struct ml_span a, const char *part)
{
    for (size_t i = 0; i < a.len; i++) {
        if (ml_span_starts_nocase(ml_span_cut(a, i, SIZE_MAX), part)) {
            return true;
        }
    }
    return false;
}

size_t ml_span_find(struct ml_span hay, struct ml_span needle)
{
    if (needle.len == 0) {
        return 0;
    }
    if (hay.len < needle.len) {
        return hay.len;
    }
    const uint8_t *hit = memmem(hay.ptr, hay.len, needle.ptr, needle.len);
    return hit != NULL ? (size_t)(hit - hay.ptr) : hay.len;
}

struct ml_span ml_span_cut(struct ml_span a, size_t from, size_t len)
{
    if (from >= a.len) {
        return ml_span_of(NULL, 0);
    }
    size_t left = a.len - from;
    return ml_span_of(a.ptr + from, len < left ? len : left);
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

struct ml_span ml_span_trim(struct ml_span a)
{
    while (a.len != 0 && is_blank(a.ptr[0])) {
        a.ptr++;
        a.len--;
    }
    while (a.len != 0 && is_blank(a.ptr[a.len - 1])) {
        a.len--;
    }
    return a;
}

int ml_span_compare(struct ml_span a, struct ml_span b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n != 0 ? memcmp(a.ptr, b.ptr, n) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}
