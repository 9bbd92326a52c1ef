/* SPDX-License-Identifier: Apache-2.0 */
#include "core/text.h"
#include "leaks/form.h"
#include "leaks/open.h"

void ml_open_put_point(struct ml_view *out, uint32_t point, size_t at)
{
    if (point < 0x80) {
        ml_view_put(out, (uint8_t)point, at);
    } else if (point < 0x800) {
        ml_view_put(out, (uint8_t)(0xc0 | point >> 6), at);
        ml_view_put(out, (uint8_t)(0x80 | (point & 0x3f)), at);
    } else if (point < 0x10000) {
        ml_view_put(out, (uint8_t)(0xe0 | point >> 12), at);
        ml_view_put(out, (uint8_t)(0x80 | (point >> 6 & 0x3f)), at);
        ml_view_put(out, (uint8_t)(0x80 | (point & 0x3f)), at);
    } else {
        ml_view_put(out, (uint8_t)(0xf0 | (point >> 18 & 7)), at);
        ml_view_put(out, (uint8_t)(0x80 | (point >> 12 & 0x3f)), at);
        ml_view_put(out, (uint8_t)(0x80 | (point >> 6 & 0x3f)), at);
        ml_view_put(out, (uint8_t)(0x80 | (point & 0x3f)), at);
    }
}

/* --- escapes in a text: only what stands near one is put out, all else is in the view it came from --- */

enum { REACH = ML_FORM_MAX_BYTES };

/* Length of the escape at `i` and what it stands for; 0 when there is none. */
typedef size_t (*escape_fn)(const struct ml_view *in, size_t i, uint32_t *point);

static bool open_escapes(const struct ml_view *in, struct ml_view *out, escape_fn escape, bool is_bytes)
{
    size_t done = 0; /* bytes of `in` that were put out or passed over */
    size_t behind = 0;
    for (size_t i = 0; i < in->len;) {
        uint32_t point = 0;
        size_t len = escape(in, i, &point);
        if (len == 0 || ml_view_is_old(in, i, len)) {
            if (i < behind) {
                ml_view_put(out, in->bytes[i], ml_view_at(in, i));
                done = i + 1;
            }
            i++;
            continue;
        }
        size_t from = i > REACH && i - REACH > done ? i - REACH : done;
        if (from != done || out->len == 0) {
            ml_view_part(out, ml_view_at(in, from));
        }
        for (size_t k = from; k < i; k++) {
            ml_view_put(out, in->bytes[k], ml_view_at(in, k));
        }
        if (is_bytes) {
            ml_view_put(out, (uint8_t)point, ml_view_at(in, i));
        } else {
            ml_open_put_point(out, point, ml_view_at(in, i));
        }
        i += len;
        done = i;
        behind = i + REACH;
    }
    return out->len != 0;
}

/* The number that hexadecimal digits write at `i`, -1 where they are none or the text ends. */
static int32_t hex_number(const struct ml_view *in, size_t i, size_t n_digits)
{
    int32_t value = 0;
    if (in->len < n_digits || i > in->len - n_digits) {
        return -1;
    }
    for (size_t k = 0; k < n_digits; k++) {
        int digit = ml_hex_value(in->bytes[i + k]);
        if (digit < 0) {
            return -1;
        }
        value = value << 4 | digit;
    }
    return value;
}

/* "%41"; a plus sign between letters or digits stands for a blank. */
static size_t url_escape(const struct ml_view *in, size_t i, uint32_t *point)
{
    const uint8_t *bytes = in->bytes;
    if (bytes[i] == '%') {
        int32_t value = hex_number(in, i + 1, 2);
        *point = (uint32_t)value;
        return value >= 0 ? 3 : 0;
    }
    bool is_blank = bytes[i] == '+' && i > 0 && in->len - i > 1 && (ml_is_alnum(bytes[i - 1]) || bytes[i - 1] == ',') &&
                    ml_is_alnum(bytes[i + 1]);
    *point = ' ';
    return is_blank ? 1 : 0;
}

bool ml_open_url(const struct ml_view *in, struct ml_view *out)
{
    return open_escapes(in, out, url_escape, true);
}

bool ml_open_percent(const struct ml_view *in, struct ml_view *out)
{
    bool is_changed = false;
    ml_view_clear(out);
    for (size_t i = 0; i < in->len; i++) {
        uint32_t point = 0;
        size_t len = in->bytes[i] == '%' ? url_escape(in, i, &point) : 0;
        ml_view_put(out, len != 0 ? (uint8_t)point : in->bytes[i], ml_view_at(in, i));
        is_changed |= len != 0;
        i += len != 0 ? len - 1 : 0;
    }
    return is_changed;
}

/* The escape behind the backslash at `i`; returns how many bytes it has with the backslash, 0 when it is none. */
static size_t json_escape(const struct ml_view *in, size_t i, uint32_t *point)
{
    static const char from[] = "\"\\/bfnrt'";
    static const char to[] = "\"\\/\b\f\n\r\t'";
    if (in->bytes[i] != '\\' || in->len - i < 2) {
        return 0;
    }
    if (in->bytes[i + 1] == 'x') { /* JavaScript and C */
        int32_t value = hex_number(in, i + 2, 2);
        *point = (uint32_t)value;
        return value >= 0 ? 4 : 0;
    }
    if (in->bytes[i + 1] == 'u') {
        int32_t high = hex_number(in, i + 2, 4);
        *point = (uint32_t)high;
        if (high >= 0xd800 && high < 0xdc00 && in->len - i >= 12 && in->bytes[i + 6] == '\\' &&
            in->bytes[i + 7] == 'u') {
            int32_t low = hex_number(in, i + 8, 4);
            if (low >= 0xdc00 && low < 0xe000) {
                *point = 0x10000 + ((uint32_t)(high - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
                return 12;
            }
        }
        return high >= 0 ? 6 : 0;
    }
    const char *found = memchr(from, in->bytes[i + 1], sizeof from - 1);
    *point = found != NULL ? (uint8_t)to[found - from] : 0;
    return found != NULL ? 2 : 0;
}

bool ml_open_json(const struct ml_view *in, struct ml_view *out)
{
    return open_escapes(in, out, json_escape, false);
}

/* Number between "&#" and ";"; 0 when it is none. */
static uint32_t html_number(struct ml_span digits)
{
    bool is_hex = digits.len > 1 && ml_ascii_lower(digits.ptr[0]) == 'x';
    uint32_t value = 0;
    for (size_t i = is_hex ? 1 : 0; i < digits.len; i++) {
        int digit = ml_hex_value(digits.ptr[i]);
        if (digit < 0 || (!is_hex && digit > 9)) {
            return 0;
        }
        value = value * (is_hex ? 16U : 10U) + (uint32_t)digit;
    }
    return value <= 0x10ffff ? value : 0;
}

/* Length of the reference at `i` with & and ;, 0 when it is none that we know. */
static size_t html_reference(const struct ml_view *in, size_t i, uint32_t *point)
{
    enum { MAX_NAME = 8 };
    static const struct {
        const char *name;
        uint32_t point;
    } names[] = {{"amp", '&'},    {"lt", '<'},     {"gt", '>'},   {"quot", '"'},   {"apos", '\''}, {"nbsp", ' '},
                 {"commat", '@'}, {"period", '.'}, {"plus", '+'}, {"lowbar", '_'}, {"sol", '/'},   {"colon", ':'}};
    size_t end = i + 1;
    if (in->bytes[i] != '&') {
        return 0;
    }
    while (end < in->len && end - i <= MAX_NAME + 1 && in->bytes[end] != ';') {
        end++;
    }
    if (end >= in->len || in->bytes[end] != ';' || end - i < 2) {
        return 0;
    }
    struct ml_span name = ml_span_of(in->bytes + i + 1, end - i - 1);
    *point = 0;
    if (name.ptr[0] == '#') {
        *point = html_number(ml_span_cut(name, 1, name.len));
    } else {
        for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
            *point = ml_span_equal(name, ml_span_text(names[k].name)) ? names[k].point : *point;
        }
    }
    return *point != 0 ? end - i + 1 : 0;
}

bool ml_open_html(const struct ml_view *in, struct ml_view *out)
{
    return open_escapes(in, out, html_reference, false);
}
