/* SPDX-License-Identifier: Apache-2.0 */
#include "report/canonical.h"

#include "core/json.h"
#include "core/limits.h"
#include "core/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* --- names --- */

/*
 * UTF-8 sorts as code points do. UTF-16 differs in one thing: characters above U+FFFF (lead bytes f0 to f4) are
 * surrogates there, which come before U+E000 to U+FFFF (lead bytes ee and ef).
 */
static unsigned rank(uint8_t byte)
{
    return byte == 0xee || byte == 0xef ? 0x100u + byte : byte;
}

int ml_canonical_compare(struct ml_span a, struct ml_span b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    for (size_t i = 0; i < n; i++) {
        if (a.ptr[i] != b.ptr[i]) {
            return rank(a.ptr[i]) < rank(b.ptr[i]) ? -1 : 1;
        }
    }
    return (a.len > b.len) - (a.len < b.len);
}

struct member {
    struct ml_span name;
    const json_t *value;
};

static int by_name(const void *a, const void *b)
{
    return ml_canonical_compare(((const struct member *)a)->name, ((const struct member *)b)->name);
}

/* --- numbers --- */

#define LARGEST_EXACT INT64_C(9007199254740991) /* 2^53 - 1; RFC 7493, section 2.2 */

enum { MAX_DIGITS = 17, LARGEST_PLAIN_EXPONENT = 21, LEAST_PLAIN_EXPONENT = -6 };

/* The fewest digits that read back as `size` (finite, above 0); `*point` is where the decimal point stands. */
static size_t shortest_digits(double size, char digits[MAX_DIGITS + 1], int *point)
{
    char text[40];
    for (int more = 0; more < MAX_DIGITS; more++) {
        (void)snprintf(text, sizeof text, "%.*e", more, size);
        if (strtod(text, NULL) >= size && strtod(text, NULL) <= size) {
            break;
        }
    }
    size_t n = 0;
    const char *at = text;
    for (; *at != 'e'; at++) {
        if (*at != '.') {
            digits[n++] = *at;
        }
    }
    digits[n] = '\0';
    *point = (int)strtol(at + 1, NULL, 10) + 1;
    return n;
}

/* ECMA-262, Number::toString, for numbers above zero: digits d of length n, value = 0.d times ten to the `point`. */
static void add_digits(struct ml_buf *out, const char *digits, int n, int point)
{
    if (n <= point && point <= LARGEST_PLAIN_EXPONENT) {
        (void)ml_buf_printf(out, "%s%.*s", digits, point - n, "000000000000000000000");
    } else if (0 < point && point <= LARGEST_PLAIN_EXPONENT) {
        (void)ml_buf_printf(out, "%.*s.%s", point, digits, digits + point);
    } else if (LEAST_PLAIN_EXPONENT < point && point <= 0) {
        (void)ml_buf_printf(out, "0.%.*s%s", -point, "000000", digits);
    } else {
        (void)ml_buf_printf(out, "%c%s%se%+d", digits[0], n > 1 ? "." : "", digits + 1, point - 1);
    }
}

static void add_number(struct ml_buf *out, double value)
{
    char digits[MAX_DIGITS + 1];
    int point = 0;
    if (!(value < 0) && !(value > 0)) {
        (void)ml_buf_add_byte(out, '0'); /* minus zero too */
        return;
    }
    if (value < 0) {
        (void)ml_buf_add_byte(out, '-');
    }
    size_t n = shortest_digits(fabs(value), digits, &point);
    add_digits(out, digits, (int)n, point);
}

/* --- values --- */

static enum ml_status add_value(const json_t *value, struct ml_buf *out, unsigned depth);

static enum ml_status add_object(const json_t *object, struct ml_buf *out, unsigned depth)
{
    enum ml_status status = ML_OK;
    size_t n = json_object_size(object);
    struct member *members = ml_mem_array(n + 1, sizeof *members);
    size_t i = 0;
    if (members == NULL) {
        return ML_NO_MEMORY;
    }
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    { /* only reads; jansson's iterators lack const */
        members[i++] = (struct member){.name = ml_span_text(name), .value = value};
    }
    qsort(members, n, sizeof *members, by_name);
    (void)ml_buf_add_byte(out, '{'); /* failures latch in the buffer, here and below */
    for (i = 0; i < n && status == ML_OK; i++) {
        (void)ml_buf_add_text(out, i != 0 ? "," : "");
        ml_json_escape(out, members[i].name);
        (void)ml_buf_add_byte(out, ':');
        status = add_value(members[i].value, out, depth + 1);
    }
    (void)ml_buf_add_byte(out, '}');
    ml_mem_free(members);
    return status;
}

static enum ml_status add_array(const json_t *array, struct ml_buf *out, unsigned depth)
{
    enum ml_status status = ML_OK;
    (void)ml_buf_add_byte(out, '[');
    for (size_t i = 0; i < json_array_size(array) && status == ML_OK; i++) {
        (void)ml_buf_add_text(out, i != 0 ? "," : "");
        status = add_value(json_array_get(array, i), out, depth + 1);
    }
    (void)ml_buf_add_byte(out, ']');
    return status;
}

static enum ml_status add_value(const json_t *value, struct ml_buf *out, unsigned depth)
{
    if (depth > ML_MAX_JSON_DEPTH) {
        return ML_LIMIT;
    }
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return add_object(value, out, depth);
    case JSON_ARRAY:
        return add_array(value, out, depth);
    case JSON_STRING:
        ml_json_escape(out, ml_span_of(json_string_value(value), json_string_length(value)));
        return ML_OK;
    case JSON_INTEGER:
        if (json_integer_value(value) > LARGEST_EXACT || json_integer_value(value) < -LARGEST_EXACT) {
            return ML_BAD_INPUT;
        }
        add_number(out, (double)json_integer_value(value));
        return ML_OK;
    case JSON_REAL:
        add_number(out, json_real_value(value));
        return ML_OK;
    case JSON_TRUE:
    case JSON_FALSE:
        (void)ml_buf_add_text(out, json_is_true(value) ? "true" : "false");
        return ML_OK;
    case JSON_NULL:
        break;
    }
    (void)ml_buf_add_text(out, "null");
    return ML_OK;
}

enum ml_status ml_canonical_add(const json_t *value, struct ml_buf *out)
{
    enum ml_status status = add_value(value, out, 0);
    return status == ML_OK && out->failed ? ML_NO_MEMORY : status;
}
