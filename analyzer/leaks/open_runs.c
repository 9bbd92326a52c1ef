/* SPDX-License-Identifier: Apache-2.0 */
#include "core/text.h"
#include "leaks/open.h"

enum {
    MIN_BASE64 = 12,
    MIN_HEX = 12,
    MIN_DIGITS = 8,
    MIN_WIDE = 6,
    MIN_LINE = 60 /* a base64 text goes on in the next line when this one is at least so long (RFC 2045: 76) */
};

/* A run that stands in the window as it is, between the same neighbours, was opened there. */
static bool is_old(const struct ml_view *in, size_t from, size_t end)
{
    size_t first = from > 0 ? from - 1 : 0;
    size_t last = end < in->len ? end : end - 1;
    return ml_view_is_old(in, first, last - first + 1);
}

/* --- numbers with marks between their digits --- */

static bool is_mark(uint8_t byte)
{
    return byte == ' ' || byte == '-' || byte == '.' || byte == '/' || byte == '(' || byte == ')';
}

/* Length of the mark at `i`, 0 when there is none: those of ASCII, blanks that do not break, thin ones, hyphens. */
static size_t mark_length(const struct ml_view *in, size_t i)
{
    static const uint8_t of_general[] = {0x89, 0x90, 0x91, 0x92, 0x93, 0xaf}; /* U+2009, U+2010 to 2013, U+202F */
    const uint8_t *bytes = in->bytes + i;
    size_t left = in->len - i;
    if (is_mark(bytes[0])) {
        return 1;
    }
    if (left > 1 && bytes[0] == 0xc2 && bytes[1] == 0xa0) {
        return 2;
    }
    bool is_general = left > 2 && bytes[0] == 0xe2 && bytes[1] == 0x80 && memchr(of_general, bytes[2], 6) != NULL;
    return is_general ? 3 : 0;
}

/* End of the number that begins with the digit at `i`; *n_digits and whether marks are within. */
static size_t end_of_number(const struct ml_view *in, size_t i, size_t *n_digits, bool *has_marks)
{
    size_t end = i;
    *n_digits = 0;
    *has_marks = false;
    while (end < in->len) {
        size_t next = end;
        size_t len = 0;
        unsigned n_marks = 0;
        while (next < in->len && n_marks <= 2 && (len = mark_length(in, next)) != 0) {
            next += len;
            n_marks++;
        }
        if (next == in->len || n_marks > 2 || !ml_is_digit(in->bytes[next])) {
            break;
        }
        *has_marks |= next != end;
        ++*n_digits;
        end = next + 1;
    }
    return end;
}

bool ml_open_separators(const struct ml_view *in, struct ml_view *out)
{
    for (size_t i = 0; i < in->len;) {
        size_t n_digits = 0;
        bool has_marks = false;
        if (!ml_is_digit(in->bytes[i])) {
            i++;
            continue;
        }
        size_t end = end_of_number(in, i, &n_digits, &has_marks);
        if (has_marks && n_digits >= MIN_DIGITS && !is_old(in, i, end)) {
            ml_view_part(out, ml_view_at(in, i));
            for (; i < end; i++) {
                if (ml_is_digit(in->bytes[i])) {
                    ml_view_put(out, in->bytes[i], ml_view_at(in, i));
                }
            }
        }
        i = end;
    }
    return out->len != 0;
}

/* --- base64 --- */

/* Length of the digit at `i`, and its value; 0: there is none. Escapes that URLs and JSON have for digits are read. */
static size_t base64_unit(const struct ml_view *in, size_t i, int *value)
{
    size_t left = in->len - i;
    *value = ml_base64_value(in->bytes[i]);
    if (*value >= 0) {
        return 1;
    }
    if (in->bytes[i] == '%' && left > 2 && in->bytes[i + 1] == '2') {
        uint8_t last = ml_ascii_lower(in->bytes[i + 2]);
        *value = last == 'b' ? 62 : last == 'f' ? 63 : -1;
        return *value >= 0 ? 3 : 0;
    }
    *value = 63;
    return in->bytes[i] == '\\' && left > 1 && in->bytes[i + 1] == '/' ? 2 : 0;
}

/* Line end within a long base64 text: its length, 0 when there is none. */
static size_t line_end(const struct ml_view *in, size_t i, size_t line)
{
    size_t end = i;
    if (line < MIN_LINE || line % 4 != 0) {
        return 0;
    }
    end += end < in->len && in->bytes[end] == '\r' ? 1 : 0;
    end += end < in->len && in->bytes[end] == '\n' ? 1 : 0;
    return end < in->len && ml_base64_value(in->bytes[end]) >= 0 ? end - i : 0;
}

/* End of the run that begins at `i`; *has_marks: a sign stands in it that often stands between words too. */
static size_t end_of_base64(const struct ml_view *in, size_t i, bool *has_marks)
{
    size_t line = 0;
    *has_marks = false;
    while (i < in->len) {
        int value = 0;
        size_t len = base64_unit(in, i, &value);
        if (len == 0) {
            size_t skip = line_end(in, i, line);
            if (skip == 0) {
                break;
            }
            i += skip;
            line = 0;
            continue;
        }
        *has_marks |= value >= 62 && len == 1;
        line++;
        i += len;
    }
    return i;
}

static void decode_base64(const struct ml_view *in, size_t from, size_t end, struct ml_view *out)
{
    uint32_t bits = 0;
    unsigned n_bits = 0;
    ml_view_part(out, ml_view_at(in, from));
    for (size_t i = from; i < end;) {
        int value = 0;
        size_t len = base64_unit(in, i, &value);
        i += len != 0 ? len : 1;
        if (len == 0) {
            continue;
        }
        bits = bits << 6 | (uint32_t)value;
        n_bits += 6;
        if (n_bits >= 8) {
            n_bits -= 8;
            ml_view_put(out, (uint8_t)(bits >> n_bits), ml_view_at(in, i - 1));
        }
    }
}

static bool is_printable(uint8_t byte)
{
    return byte >= 0x20 && byte < 0x7f;
}

/*
 * Text on both sides? In binary messages the length in front of a text may look like one of its letters, so that the
 * run seems to begin a byte or two early.
 */
static bool is_amid_text(const struct ml_view *in, size_t i, size_t end)
{
    bool is_line = i > 1 && in->bytes[i - 1] == '\n' && in->bytes[i - 2] == '\r';
    bool is_led = i > 0 && (is_printable(in->bytes[i - 1]) || is_line);
    return is_led &&
           (end == in->len || is_printable(in->bytes[end]) || in->bytes[end] == '\r' || in->bytes[end] == '\n');
}

/* Where a run begins is only known when nothing in it could be a mark in front of it, and it is all there. */
bool ml_open_base64(const struct ml_view *in, struct ml_view *out)
{
    for (size_t i = 0; i < in->len;) {
        bool has_marks = false;
        if (ml_base64_value(in->bytes[i]) < 0) {
            i++;
            continue;
        }
        size_t end = end_of_base64(in, i, &has_marks);
        size_t n_phases = has_marks || !is_amid_text(in, i, end) ? 4 : 1;
        bool is_new = end - i >= MIN_BASE64 && !is_old(in, i, end);
        for (size_t phase = 0; is_new && phase < n_phases; phase++) {
            decode_base64(in, i + phase, end, out);
        }
        i = end;
    }
    return out->len != 0;
}

/* --- hexadecimal --- */

bool ml_open_hex(const struct ml_view *in, struct ml_view *out)
{
    for (size_t i = 0; i < in->len;) {
        size_t end = i;
        while (end < in->len && ml_hex_value(in->bytes[end]) >= 0) {
            end++;
        }
        bool is_sure = (end - i) % 2 == 0 && i != 0 && end != in->len;
        bool is_new = end - i >= MIN_HEX && !is_old(in, i, end);
        for (size_t phase = 0; is_new && phase < (is_sure ? 1U : 2U); phase++) {
            ml_view_part(out, ml_view_at(in, i));
            for (size_t k = i + phase; k + 1 < end; k += 2) {
                int value = ml_hex_value(in->bytes[k]) << 4 | ml_hex_value(in->bytes[k + 1]);
                ml_view_put(out, (uint8_t)value, ml_view_at(in, k + 1));
            }
        }
        i = end == i ? i + 1 : end;
    }
    return out->len != 0;
}

/* --- UTF-16 --- */

static bool is_wide(const struct ml_view *in, size_t i, size_t zero)
{
    uint8_t byte = in->bytes[i + 1 - zero];
    return in->bytes[i + zero] == 0 && byte >= 0x20 && byte < 0x7f;
}

static size_t end_of_wide(const struct ml_view *in, size_t i, size_t zero)
{
    while (in->len - i >= 2 && is_wide(in, i, zero)) {
        i += 2;
    }
    return i;
}

static void put_wide(const struct ml_view *in, size_t from, size_t end, size_t zero, struct ml_view *out)
{
    ml_view_part(out, ml_view_at(in, from));
    for (size_t i = from; i < end; i += 2) {
        ml_view_put(out, in->bytes[i + 1 - zero], ml_view_at(in, i + 1 - zero));
    }
}

/*
 * Runs of ASCII in two-byte units, either byte order; other letters are patterns of their own. Behind a letter a
 * big-endian run looks like a little-endian one whose last unit is cut: it is put out with that unit too.
 */
bool ml_open_utf16(const struct ml_view *in, struct ml_view *out)
{
    for (size_t i = 0; i + 2 <= in->len;) {
        size_t zero = in->bytes[i] == 0 ? 0 : 1;
        size_t end = end_of_wide(in, i, zero);
        if (end - i < 2 * (size_t)MIN_WIDE) {
            i++;
            continue;
        }
        put_wide(in, i, end, zero, out);
        if (zero == 1 && end < in->len && in->bytes[end] >= 0x20 && in->bytes[end] < 0x7f) {
            put_wide(in, i, end, zero, out);
            ml_view_put(out, in->bytes[end], ml_view_at(in, end));
        }
        i = end;
    }
    return out->len != 0;
}
