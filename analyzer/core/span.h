/* SPDX-License-Identifier: Apache-2.0 */
/* span - bytes that somebody else owns. Whoever hands out a span says until when it lives. */
#ifndef MITLESER_CORE_SPAN_H
#define MITLESER_CORE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct ml_span {
    const uint8_t *ptr; /* NULL allowed only when len is 0 */
    size_t len;
};

static inline struct ml_span ml_span_of(const void *ptr, size_t len)
{
    return (struct ml_span){.ptr = ptr, .len = len};
}

static inline struct ml_span ml_span_text(const char *text)
{
    return ml_span_of(text, strlen(text));
}

static inline bool ml_span_equal(struct ml_span a, struct ml_span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* ASCII case is ignored; other bytes compare as they are. */
bool ml_span_equal_nocase(struct ml_span a, struct ml_span b);

/* Does `a` begin with the text `prefix` (case matters)? */
bool ml_span_starts(struct ml_span a, const char *prefix);
bool ml_span_starts_nocase(struct ml_span a, const char *prefix);

/* Does the text `part`, which is not empty, stand anywhere in `a`? */
bool ml_span_holds_nocase(struct ml_span a, const char *part);

/* First position of `needle` in `hay`, or hay.len when absent. An empty needle is found at 0. */
size_t ml_span_find(struct ml_span hay, struct ml_span needle);

/* The part from `from` with at most `len` bytes; clipped to what is there. */
struct ml_span ml_span_cut(struct ml_span a, size_t from, size_t len);

/* Without leading and trailing space, tab, CR and LF. */
struct ml_span ml_span_trim(struct ml_span a);

/* Bytewise order, shorter first on a tie: <0, 0, >0. */
int ml_span_compare(struct ml_span a, struct ml_span b);

#endif
