/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/transform.h"

#include "core/limits.h"
#include "core/mem.h"
#include "core/text.h"

void ml_values_fini(struct ml_values *values)
{
    ml_mem_free(values->items);
    *values = (struct ml_values){0};
}

bool ml_values_add(struct ml_values *values, const struct ml_pattern *pattern)
{
    struct ml_pattern *items = ml_mem_grow(values->items, values->n, &values->n_room, 8, sizeof *items);
    if (items == NULL) {
        return false;
    }
    values->items = items;
    values->items[values->n++] = *pattern;
    return true;
}

/* The bytes of a pattern without wildcards, in the arena; ptr NULL when memory runs out. */
static struct ml_span bytes_of(struct ml_arena *arena, const struct ml_pattern *pattern)
{
    uint8_t *bytes = ml_arena_bytes(arena, pattern->len + 1);
    if (bytes == NULL) {
        return ml_span_of(NULL, 0);
    }
    ml_pattern_bytes(pattern, 0, pattern->len, bytes);
    return ml_span_of(bytes, pattern->len);
}

/* Applies `change` to each value: bytes in, values added to `out`. */
typedef enum ml_status change_fn(struct ml_arena *arena, struct ml_span bytes, int how, struct ml_values *out);

static enum ml_status change_all(struct ml_arena *arena, struct ml_values *values, size_t *culprit, change_fn *change,
                                 int how)
{
    struct ml_values out = {0};
    enum ml_status status = ML_OK;
    for (size_t i = 0; i < values->n && status == ML_OK; i++) {
        *culprit = i;
        if (ml_pattern_has_wildcard(&values->items[i])) {
            status = ML_BAD_INPUT;
            break;
        }
        struct ml_span bytes = bytes_of(arena, &values->items[i]);
        status = bytes.ptr != NULL ? change(arena, bytes, how, &out) : ML_NO_MEMORY;
    }
    ml_values_fini(status == ML_OK ? values : &out);
    if (status == ML_OK) {
        *values = out;
    }
    return status;
}

static enum ml_status keep(struct ml_arena *arena, struct ml_span bytes, struct ml_values *out)
{
    struct ml_pattern pattern;
    bool ok = ml_pattern_literal(arena, bytes, &pattern) && ml_values_add(out, &pattern);
    return ok ? ML_OK : ML_NO_MEMORY;
}

static uint32_t code_point(struct ml_span utf8, size_t n)
{
    static const uint8_t masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t point = utf8.ptr[0] & masks[n];
    for (size_t i = 1; i < n; i++) {
        point = point << 6 | (utf8.ptr[i] & 0x3f);
    }
    return point;
}

static size_t put_unit(uint8_t *out, uint32_t unit, bool is_big)
{
    out[is_big ? 0 : 1] = (uint8_t)(unit >> 8);
    out[is_big ? 1 : 0] = (uint8_t)unit;
    return 2;
}

static enum ml_status to_utf16(struct ml_arena *arena, struct ml_span bytes, int how, struct ml_values *out)
{
    bool is_big = how == ML_UTF16_BE;
    uint8_t *wide = ml_arena_bytes(arena, 2 * bytes.len + 2);
    size_t len = 0;
    if (wide == NULL) {
        return ML_NO_MEMORY;
    }
    if (how == ML_UTF16_MARK) {
        len += put_unit(wide, 0xfeff, false);
    }
    for (size_t i = 0; i < bytes.len;) {
        struct ml_span rest = ml_span_cut(bytes, i, 4);
        size_t n = ml_utf8_length(rest);
        if (n == 0) {
            return ML_BAD_INPUT;
        }
        uint32_t point = code_point(rest, n);
        if (point >= 0x10000) { /* a surrogate pair; four bytes in, four out */
            len += put_unit(wide + len, 0xd800 | (point - 0x10000) >> 10, is_big);
            point = 0xdc00 | ((point - 0x10000) & 0x3ff);
        }
        len += put_unit(wide + len, point, is_big);
        i += n;
    }
    return keep(arena, ml_span_of(wide, len), out);
}

enum ml_status ml_transform_utf16(struct ml_arena *arena, struct ml_values *values, enum ml_utf16 form, size_t *culprit)
{
    return change_all(arena, values, culprit, to_utf16, (int)form);
}

/* Encodes `shift` blanks and the bytes, and keeps the characters that the bytes alone decide. */
static enum ml_status encode_shifted(struct ml_arena *arena, struct ml_span bytes, size_t shift, struct ml_values *out)
{
    static const size_t undecided_in_front[] = {0, 2, 3}; /* of 0, 1, 2 bytes in front, in characters */
    static const size_t undecided_behind[] = {0, 3, 2};   /* of 0, 1, 2 bytes in the last group, padding included */
    size_t len = shift + bytes.len;
    uint8_t *plain = ml_arena_bytes(arena, len + 1);
    char *text = ml_arena_get(arena, 4 * ((len + 2) / 3) + 1);
    if (plain == NULL || text == NULL) {
        return ML_NO_MEMORY;
    }
    memset(plain, ' ', shift);
    memcpy(plain + shift, bytes.ptr, bytes.len);
    size_t n = ml_base64_write(ml_span_of(plain, len), text);
    size_t drop = undecided_in_front[shift] + undecided_behind[len % 3];
    if (n <= drop) { /* too short to decide even one character: it would match everything */
        return ML_BAD_INPUT;
    }
    return keep(arena, ml_span_of(text + undecided_in_front[shift], n - drop), out);
}

static enum ml_status to_base64(struct ml_arena *arena, struct ml_span bytes, int how, struct ml_values *out)
{
    (void)how;
    char *text = ml_arena_get(arena, 4 * ((bytes.len + 2) / 3) + 1);
    return text != NULL ? keep(arena, ml_span_of(text, ml_base64_write(bytes, text)), out) : ML_NO_MEMORY;
}

static enum ml_status to_base64offset(struct ml_arena *arena, struct ml_span bytes, int how, struct ml_values *out)
{
    (void)how;
    enum ml_status status = ML_OK;
    for (size_t shift = 0; shift < 3 && status == ML_OK; shift++) {
        status = encode_shifted(arena, bytes, shift, out);
    }
    return status;
}

enum ml_status ml_transform_base64(struct ml_arena *arena, struct ml_values *values, size_t *culprit)
{
    return change_all(arena, values, culprit, to_base64, 0);
}

enum ml_status ml_transform_base64offset(struct ml_arena *arena, struct ml_values *values, size_t *culprit)
{
    return change_all(arena, values, culprit, to_base64offset, 0);
}

/* --- windash --- */

enum { N_DASHES = 5, MAX_DASH_PLACES = 5 };

static const char *const dashes[N_DASHES] = {"-", "/", "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x80\x95"};

/* Length of the dash that begins at `at`, 0 when there is none. */
static size_t dash_at(const struct ml_pattern *pattern, size_t at)
{
    for (size_t i = 0; i < N_DASHES; i++) {
        size_t len = strlen(dashes[i]);
        size_t n = 0;
        while (n < len && at + n < pattern->len && pattern->codes[at + n] == (uint8_t)dashes[i][n]) {
            n++;
        }
        if (n == len) {
            return len;
        }
    }
    return 0;
}

static bool is_word(const struct ml_pattern *pattern, size_t at)
{
    uint16_t code = pattern->codes[at];
    return code <= 0xff && (ml_is_alnum((uint8_t)code) || code == '_' || code >= 0x80);
}

/* A dash counts where a flag begins: no letter or digit in front, one behind. */
static size_t flag_dash_at(const struct ml_pattern *pattern, size_t at)
{
    size_t len = dash_at(pattern, at);
    if (len == 0 || at + len == pattern->len || !is_word(pattern, at + len) || dash_at(pattern, at + len) != 0) {
        return 0;
    }
    bool after_dash = at >= 3 && dash_at(pattern, at - 3) == 3;
    return at == 0 || after_dash || !is_word(pattern, at - 1) ? len : 0;
}

/* The `variant`-th of N_DASHES to the power of n spellings. */
static bool spell(struct ml_arena *arena, const struct ml_pattern *pattern, size_t variant, struct ml_values *out)
{
    struct ml_pattern made = {0};
    /* Each place can grow by two codes. */
    made.codes = ml_arena_get(arena, (pattern->len + 2 * MAX_DASH_PLACES + 1) * sizeof *made.codes);
    if (made.codes == NULL) {
        return false;
    }
    for (size_t i = 0; i < pattern->len;) {
        size_t len = flag_dash_at(pattern, i);
        if (len == 0) {
            made.codes[made.len++] = pattern->codes[i++];
            continue;
        }
        for (const char *byte = dashes[variant % N_DASHES]; *byte != '\0'; byte++) {
            made.codes[made.len++] = (uint8_t)*byte;
        }
        variant /= N_DASHES;
        i += len;
    }
    return ml_values_add(out, &made);
}

static size_t variants_of(const struct ml_pattern *pattern)
{
    size_t n = 1;
    for (size_t i = 0; i < pattern->len && n <= ML_MAX_RULE_VARIANTS; i++) {
        n *= flag_dash_at(pattern, i) != 0 ? N_DASHES : 1;
    }
    return n;
}

enum ml_status ml_transform_windash(struct ml_arena *arena, struct ml_values *values, size_t *culprit)
{
    struct ml_values out = {0};
    enum ml_status status = ML_OK;
    for (size_t i = 0; i < values->n && status == ML_OK; i++) {
        size_t n = variants_of(&values->items[i]);
        *culprit = i;
        status = n <= ML_MAX_RULE_VARIANTS ? ML_OK : ML_LIMIT;
        for (size_t variant = 0; variant < n && status == ML_OK; variant++) {
            status = spell(arena, &values->items[i], variant, &out) ? ML_OK : ML_NO_MEMORY;
        }
    }
    ml_values_fini(status == ML_OK ? values : &out);
    if (status == ML_OK) {
        *values = out;
    }
    return status;
}
