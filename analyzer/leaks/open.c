/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/open.h"

#include "core/mem.h"
#include "leaks/patterns.h"

const char *ml_wrapping_name(enum ml_wrapping wrapping)
{
    static const char *const names[ML_N_WRAPPINGS] = {"none",   "url",    "json",     "html", "separators",
                                                      "base64", "hex",    "utf16",    "gzip", "deflate",
                                                      "zstd",   "brotli", "protobuf", "xor",  "base32"};
    ML_ASSERT((unsigned)wrapping < ML_N_WRAPPINGS);
    return names[wrapping];
}

bool ml_view_init(struct ml_view *view)
{
    *view = (struct ml_view){.len = 0};
    view->own_bytes = ml_mem_array(ML_MAX_LEAK_VIEW + ML_PATTERN_PADDING, 1);
    view->own_at = ml_mem_array(ML_MAX_LEAK_VIEW, sizeof *view->own_at);
    view->bytes = view->own_bytes;
    view->at = view->own_at;
    return view->own_bytes != NULL && view->own_at != NULL;
}

void ml_view_fini(struct ml_view *view)
{
    if (view->own_bytes != NULL) {
        ml_mem_wipe(view->own_bytes, ML_MAX_LEAK_VIEW);
    }
    ml_mem_free(view->own_bytes);
    ml_mem_free(view->own_at);
    *view = (struct ml_view){.len = 0};
}

/* --- what may be there --- */

enum { B64 = 1, HEX = 2, DIGIT = 4, TEXT = 8 };

/* For each byte what it can be part of. */
static const uint8_t classes[256] = {
#define B64_ROW B64 | TEXT
    ['+'] = B64_ROW, ['/'] = B64_ROW, ['-'] = B64_ROW, ['_'] = B64_ROW, ['0'] = 15,      ['1'] = 15,
    ['2'] = 15,      ['3'] = 15,      ['4'] = 15,      ['5'] = 15,      ['6'] = 15,      ['7'] = 15,
    ['8'] = 15,      ['9'] = 15,      ['a'] = 11,      ['b'] = 11,      ['c'] = 11,      ['d'] = 11,
    ['e'] = 11,      ['f'] = 11,      ['A'] = 11,      ['B'] = 11,      ['C'] = 11,      ['D'] = 11,
    ['E'] = 11,      ['F'] = 11,      ['g'] = B64_ROW, ['h'] = B64_ROW, ['i'] = B64_ROW, ['j'] = B64_ROW,
    ['k'] = B64_ROW, ['l'] = B64_ROW, ['m'] = B64_ROW, ['n'] = B64_ROW, ['o'] = B64_ROW, ['p'] = B64_ROW,
    ['q'] = B64_ROW, ['r'] = B64_ROW, ['s'] = B64_ROW, ['t'] = B64_ROW, ['u'] = B64_ROW, ['v'] = B64_ROW,
    ['w'] = B64_ROW, ['x'] = B64_ROW, ['y'] = B64_ROW, ['z'] = B64_ROW, ['G'] = B64_ROW, ['H'] = B64_ROW,
    ['I'] = B64_ROW, ['J'] = B64_ROW, ['K'] = B64_ROW, ['L'] = B64_ROW, ['M'] = B64_ROW, ['N'] = B64_ROW,
    ['O'] = B64_ROW, ['P'] = B64_ROW, ['Q'] = B64_ROW, ['R'] = B64_ROW, ['S'] = B64_ROW, ['T'] = B64_ROW,
    ['U'] = B64_ROW, ['V'] = B64_ROW, ['W'] = B64_ROW, ['X'] = B64_ROW, ['Y'] = B64_ROW, ['Z'] = B64_ROW,
    [' '] = TEXT,    ['!'] = TEXT,    ['"'] = TEXT,    ['#'] = TEXT,    ['$'] = TEXT,    ['%'] = TEXT,
    ['&'] = TEXT,    ['\''] = TEXT,   ['('] = TEXT,    [')'] = TEXT,    ['*'] = TEXT,    [','] = TEXT,
    ['.'] = TEXT,    [':'] = TEXT,    [';'] = TEXT,    ['<'] = TEXT,    ['='] = TEXT,    ['>'] = TEXT,
    ['?'] = TEXT,    ['@'] = TEXT,    ['['] = TEXT,    ['\\'] = TEXT,   [']'] = TEXT,    ['^'] = TEXT,
    ['`'] = TEXT,    ['{'] = TEXT,    ['|'] = TEXT,    ['}'] = TEXT,    ['~'] = TEXT,
#undef B64_ROW
};

enum { MIN_RUN = 12, MIN_NUMBER = 8, MIN_WIDE = 6 };

static unsigned hints_of_runs(const struct ml_view *in)
{
    size_t base64 = 0;
    size_t hex = 0;
    size_t wide = 0;
    size_t longest64 = 0;
    size_t longest_hex = 0;
    size_t widest = 0;
    size_t n_digits = 0;
    unsigned before = 0;
    unsigned before_that = 0;
    for (size_t i = 0; i < in->len; i++) {
        unsigned byte = in->bytes[i];
        unsigned class = classes[byte];
        base64 = (class & B64) != 0 ? base64 + 1 : 0;
        hex = (class & HEX) != 0 ? hex + 1 : 0;
        n_digits += (class & DIGIT) != 0;
        /* "x0" and "0x" both alternate between text and zero. */
        wide = (byte == 0 && (before & TEXT) != 0) || ((class & TEXT) != 0 && before_that != 0 && before == 0)
                   ? wide + 1
                   : 0;
        longest64 = base64 > longest64 ? base64 : longest64;
        longest_hex = hex > longest_hex ? hex : longest_hex;
        widest = wide > widest ? wide : widest;
        before_that = before & TEXT;
        before = class;
    }
    return (longest64 >= MIN_RUN ? 1U << ML_WRAP_BASE64 : 0) | (longest_hex >= MIN_RUN ? 1U << ML_WRAP_HEX : 0) |
           (widest + 2 >= 2 * MIN_WIDE ? 1U << ML_WRAP_UTF16 : 0) |
           (n_digits >= MIN_NUMBER ? 1U << ML_WRAP_SEPARATORS : 0);
}

static bool has(const struct ml_view *in, int byte)
{
    return in->len != 0 && memchr(in->bytes, byte, in->len) != NULL;
}

unsigned ml_open_hints(const struct ml_view *in)
{
    unsigned hints = hints_of_runs(in);
    hints |= has(in, '%') || has(in, '+') ? 1U << ML_WRAP_URL : 0;
    hints |= has(in, '\\') ? 1U << ML_WRAP_JSON : 0;
    hints |= has(in, '&') ? 1U << ML_WRAP_HTML : 0;
    hints |= has(in, 0x1f) ? 1U << ML_WRAP_GZIP : 0;
    hints |= has(in, 0x78) ? 1U << ML_WRAP_DEFLATE : 0;
    hints |= has(in, 0xfd) ? 1U << ML_WRAP_ZSTD : 0;
    return hints;
}

/* A key of one byte cancels out between neighbours, whatever it is. */
static bool open_xor(const struct ml_view *in, struct ml_view *out)
{
    for (size_t i = 0; i + 1 < in->len; i++) {
        ml_view_put(out, in->bytes[i] ^ in->bytes[i + 1], ml_view_at(in, i));
    }
    return out->len != 0;
}

bool ml_open(enum ml_wrapping wrapping, const struct ml_view *in, struct ml_view *out)
{
    ml_view_clear(out);
    out->window = in->at != NULL ? in->window : in->bytes;
    out->has_end = in->has_end;
    out->open_from = in->open_from;
    out->open_to = in->open_to;
    switch (wrapping) {
    case ML_WRAP_URL:
        return ml_open_url(in, out);
    case ML_WRAP_JSON:
        return ml_open_json(in, out);
    case ML_WRAP_HTML:
        return ml_open_html(in, out);
    case ML_WRAP_SEPARATORS:
        return ml_open_separators(in, out);
    case ML_WRAP_BASE64:
        return ml_open_base64(in, out);
    case ML_WRAP_HEX:
        return ml_open_hex(in, out);
    case ML_WRAP_UTF16:
        return ml_open_utf16(in, out);
    case ML_WRAP_GZIP:
    case ML_WRAP_DEFLATE:
    case ML_WRAP_ZSTD:
        return ml_open_packed(wrapping, in, out);
    case ML_WRAP_XOR:
        return open_xor(in, out);
    case ML_WRAP_NONE:
    case ML_WRAP_BROTLI:
    case ML_WRAP_PROTOBUF:
    case ML_WRAP_BASE32:
    case ML_N_WRAPPINGS:
        break;
    }
    return false;
}
