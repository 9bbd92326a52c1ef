/* SPDX-License-Identifier: Apache-2.0 */
/*
 * view - bytes of a window as one wrapping shows them, each with the place in the window it came from.
 *
 * Invariant: at most ML_MAX_LEAK_VIEW bytes; what does not fit is left out and is_cut says so.
 * Lifetime:  storage is made once and used again for every window.
 */
#ifndef MITLESER_LEAKS_VIEW_H
#define MITLESER_LEAKS_VIEW_H

#include "core/limits.h"
#include "core/span.h"
#include "core/status.h"

enum ml_wrapping {
    ML_WRAP_NONE,
    ML_WRAP_URL,        /* %41, and + for a blank */
    ML_WRAP_JSON,       /* the escapes of JSON and JavaScript */
    ML_WRAP_HTML,       /* &#65; &amp; */
    ML_WRAP_SEPARATORS, /* blanks, dots, dashes within a number */
    ML_WRAP_BASE64,     /* both alphabets, any alignment */
    ML_WRAP_HEX,
    ML_WRAP_UTF16,
    ML_WRAP_GZIP,
    ML_WRAP_DEFLATE, /* zlib */
    ML_WRAP_ZSTD,
    ML_WRAP_BROTLI,   /* has no magic: only where a header names it */
    ML_WRAP_PROTOBUF, /* integers: only in whole messages */
    ML_WRAP_XOR,      /* every byte changed by the same key: the view holds what bytes differ by from the next */
    ML_WRAP_BASE32,   /* only in names of hosts */
    ML_N_WRAPPINGS
};

/* "url", "base64" ...; never NULL. */
const char *ml_wrapping_name(enum ml_wrapping wrapping);

struct ml_view {
    const uint8_t *bytes;
    const uint32_t *at;    /* place in the window of each byte; NULL: this is the window */
    const uint8_t *window; /* the window itself */
    size_t len;
    bool is_cut;
    bool has_end; /* packed members that begin at `open_to` or behind it are opened elsewhere (run.h) ... */
    size_t open_from, open_to; /* ... and those in front of `open_from` too: places in the window */
    uint8_t *own_bytes;        /* owned; NULL: a window, which is borrowed */
    uint32_t *own_at;          /* owned */
};

/* A view that can be written. False: out of memory. */
bool ml_view_init(struct ml_view *view) ML_MUST_USE;
void ml_view_fini(struct ml_view *view);

static inline size_t ml_view_at(const struct ml_view *view, size_t i)
{
    return view->at != NULL ? view->at[i] : i;
}

/* Stands the part as it is in the window too? Then whatever it wraps was opened there. */
static inline bool ml_view_is_old(const struct ml_view *view, size_t from, size_t len)
{
    size_t at = ml_view_at(view, from);
    return view->at != NULL && ml_view_at(view, from + len - 1) - at == len - 1 &&
           memcmp(view->window + at, view->bytes + from, len) == 0;
}

static inline void ml_view_clear(struct ml_view *view)
{
    view->len = 0;
    view->is_cut = false;
}

static inline void ml_view_put(struct ml_view *view, uint8_t byte, size_t at)
{
    if (view->len == ML_MAX_LEAK_VIEW) {
        view->is_cut = true;
        return;
    }
    view->own_bytes[view->len] = byte;
    view->own_at[view->len++] = (uint32_t)at;
}

/* A zero byte between parts that do not belong together; behind one that ends in a zero too, which UTF-16 does. */
static inline void ml_view_part(struct ml_view *view, size_t at)
{
    if (view->len != 0) {
        ml_view_put(view, 0, at);
    }
}

#endif
