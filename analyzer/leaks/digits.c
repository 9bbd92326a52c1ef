/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/digits.h"

#include "core/text.h"

enum { END = -1 /* as ml_base64_value has it */, BLANK = -2, PART = -3 };

/* What the escape stands for; PART: it goes on. */
static int escaped(struct ml_span text)
{
    static const struct {
        const char *text;
        int value;
    } known[] = {{"\\/", 63}, {"\\n", BLANK}, {"\\r", BLANK}, {"%2b", 62}, {"%2f", 63}, {"%0a", BLANK}, {"%0d", BLANK}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct ml_span whole = ml_span_text(known[i].text);
        if (ml_span_equal_nocase(text, ml_span_cut(whole, 0, text.len))) {
            return text.len == whole.len ? known[i].value : PART;
        }
    }
    return END;
}

static int value_of(struct ml_digits *digits, uint8_t byte)
{
    if (digits->code == ML_WRAP_HEX) {
        int value = ml_hex_value(byte);
        return value >= 0 ? value : END;
    }
    if (digits->n_escape != 0 || byte == '\\' || byte == '%') {
        digits->escape[digits->n_escape++] = (char)byte;
        int value = escaped(ml_span_of(digits->escape, digits->n_escape));
        digits->n_escape = value == PART ? digits->n_escape : 0;
        return value;
    }
    return byte == '\r' || byte == '\n' ? BLANK : ml_base64_value(byte);
}

size_t ml_digits_feed(struct ml_digits *digits, struct ml_span text, uint8_t *out, size_t room, size_t *n)
{
    unsigned width = digits->code == ML_WRAP_HEX ? 4 : 6;
    size_t i = 0;
    *n = 0;
    while (i < text.len && *n < room && !digits->is_over) {
        int value = value_of(digits, text.ptr[i++]);
        digits->is_over = value == END;
        if (value >= 0) {
            digits->bits = digits->bits << width | (uint32_t)value;
            digits->n_bits += width;
        }
        if (digits->n_bits >= 8) {
            digits->n_bits -= 8;
            out[(*n)++] = (uint8_t)(digits->bits >> digits->n_bits);
        }
    }
    return i;
}
