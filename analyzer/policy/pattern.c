/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/pattern.h"

#include "core/text.h"

static bool room(struct ml_arena *arena, size_t len, struct ml_pattern *out)
{
    *out = (struct ml_pattern){0};
    out->codes = len < SIZE_MAX / sizeof *out->codes ? ml_arena_get(arena, (len + 1) * sizeof *out->codes) : NULL;
    return out->codes != NULL;
}

bool ml_pattern_parse(struct ml_arena *arena, struct ml_span text, struct ml_pattern *out)
{
    if (!room(arena, text.len, out)) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.ptr[i];
        uint8_t next = i + 1 < text.len ? text.ptr[i + 1] : 0;
        if (byte == '\\' && (next == '*' || next == '?' || next == '\\')) {
            out->codes[out->len++] = next;
            i++;
        } else if (byte == '*') {
            out->codes[out->len++] = ML_WILD_ANY;
        } else if (byte == '?') {
            out->codes[out->len++] = ML_WILD_ONE;
        } else {
            out->codes[out->len++] = byte;
        }
    }
    return true;
}

bool ml_pattern_literal(struct ml_arena *arena, struct ml_span bytes, struct ml_pattern *out)
{
    if (!room(arena, bytes.len, out)) {
        return false;
    }
    for (size_t i = 0; i < bytes.len; i++) {
        out->codes[out->len++] = bytes.ptr[i];
    }
    return true;
}

bool ml_pattern_wrap(struct ml_arena *arena, const struct ml_pattern *pattern, bool in_front, bool behind,
                     struct ml_pattern *out)
{
    if (!room(arena, pattern->len + 2, out)) {
        return false;
    }
    if (in_front) {
        out->codes[out->len++] = ML_WILD_ANY;
    }
    memcpy(out->codes + out->len, pattern->codes, pattern->len * sizeof *pattern->codes);
    out->len += pattern->len;
    if (behind) {
        out->codes[out->len++] = ML_WILD_ANY;
    }
    return true;
}

bool ml_pattern_has_wildcard(const struct ml_pattern *pattern)
{
    for (size_t i = 0; i < pattern->len; i++) {
        if (pattern->codes[i] > 0xff) {
            return true;
        }
    }
    return false;
}

/* Capital letters whose small one is `step` code points further; in pairs every second letter is a capital. */
struct case_range {
    uint16_t first, last, step;
    bool in_pairs;
};

static uint32_t small_of(uint32_t letter)
{
    static const struct case_range ranges[] = {
        {0x00c0, 0x00d6, 0x20, false}, {0x00d8, 0x00de, 0x20, false}, {0x0100, 0x012e, 1, true},
        {0x0132, 0x0136, 1, true},     {0x0139, 0x0147, 1, true},     {0x014a, 0x0176, 1, true},
        {0x0179, 0x017d, 1, true},     {0x0391, 0x03a1, 0x20, false}, {0x03a3, 0x03ab, 0x20, false},
        {0x0400, 0x040f, 0x50, false}, {0x0410, 0x042f, 0x20, false},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        const struct case_range *range = &ranges[i];
        if (letter >= range->first && letter <= range->last) {
            return range->in_pairs && (letter - range->first) % 2 != 0 ? letter : letter + range->step;
        }
    }
    return letter == 0x0178 ? 0x00ff : letter;
}

/* Folds the two-byte characters; all of them fold to two bytes. */
static void fold_beyond_ascii(uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t n = ml_utf8_length(ml_span_of(bytes + i, len - i));
        if (n == 2) {
            uint32_t letter = small_of((uint32_t)(bytes[i] & 0x1f) << 6 | (bytes[i + 1] & 0x3f));
            bytes[i] = (uint8_t)(0xc0 | letter >> 6);
            bytes[i + 1] = (uint8_t)(0x80 | (letter & 0x3f));
        }
        i += n != 0 ? n : 1;
    }
}

void ml_fold(struct ml_span in, uint8_t *out)
{
    uint8_t all = 0;
    for (size_t i = 0; i < in.len; i++) {
        uint8_t byte = in.ptr[i];
        all |= byte;
        out[i] = (uint8_t)(byte | ((uint8_t)(byte - 'A') < 26 ? 0x20 : 0));
    }
    if (all >= 0x80) {
        fold_beyond_ascii(out, in.len);
    }
}

/* Which of eight bytes are capitals or not ASCII: not 0 when there is one. */
static uint64_t unfolded(uint64_t bytes)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t high = ones * 0x80;
    uint64_t low = bytes & ~high;
    uint64_t from_a = low + ones * (0x80 - 'A');
    uint64_t beyond_z = low + ones * (0x7f - 'Z');
    return (bytes | (from_a & ~beyond_z)) & high;
}

bool ml_is_folded(struct ml_span text)
{
    uint64_t found = 0;
    uint64_t bytes = 0;
    size_t i = 0;
    for (; i + sizeof bytes <= text.len; i += sizeof bytes) {
        memcpy(&bytes, text.ptr + i, sizeof bytes);
        found |= unfolded(bytes);
    }
    for (; i < text.len; i++) {
        found |= unfolded(text.ptr[i]);
    }
    return found == 0;
}

void ml_pattern_fold(struct ml_pattern *pattern)
{
    for (size_t i = 0; i < pattern->len; i++) {
        uint16_t *code = &pattern->codes[i];
        uint16_t next = i + 1 < pattern->len ? code[1] : ML_WILD_ANY;
        if (*code < 0x80) {
            *code = ml_ascii_lower((uint8_t)*code);
            continue;
        }
        if (*code > 0xff || next > 0xff) {
            continue;
        }
        uint8_t pair[2] = {(uint8_t)*code, (uint8_t)next};
        if (ml_utf8_length(ml_span_of(pair, 2)) == 2) {
            fold_beyond_ascii(pair, 2);
            code[0] = pair[0];
            code[1] = pair[1];
            i++;
        }
    }
}

enum ml_shape ml_pattern_shape(const struct ml_pattern *pattern, size_t *from, size_t *len, bool *is_all)
{
    size_t best_from = 0;
    size_t best_len = 0;
    size_t n_any = 0; /* wildcards that the shape itself stands for: `*` at either end */
    size_t n_wild = 0;
    for (size_t i = 0; i < pattern->len;) {
        size_t start = i;
        while (i < pattern->len && pattern->codes[i] <= 0xff) {
            i++;
        }
        if (i - start > best_len) {
            best_from = start;
            best_len = i - start;
        }
        if (i < pattern->len) {
            n_wild++;
            n_any += pattern->codes[i] == ML_WILD_ANY;
            i++;
        }
    }
    *from = best_from;
    *len = best_len;
    *is_all = n_wild == n_any && best_len + n_wild == pattern->len;
    if (best_len == 0) {
        return pattern->len == 0 ? ML_SHAPE_EQUAL : ML_SHAPE_NONE;
    }
    bool at_front = best_from == 0;
    bool at_end = best_from + best_len == pattern->len;
    if (at_front) {
        return at_end ? ML_SHAPE_EQUAL : ML_SHAPE_PREFIX;
    }
    return at_end ? ML_SHAPE_SUFFIX : ML_SHAPE_PART;
}

void ml_pattern_bytes(const struct ml_pattern *pattern, size_t from, size_t len, uint8_t *out)
{
    for (size_t i = 0; i < len; i++) {
        out[i] = (uint8_t)pattern->codes[from + i];
    }
}

bool ml_pattern_match(const struct ml_pattern *pattern, struct ml_span text)
{
    size_t at = 0;
    size_t code = 0;
    size_t star = SIZE_MAX; /* code after the last `*`, and where in the text its run ends for now */
    size_t star_at = 0;
    for (;;) {
        uint16_t want = code < pattern->len ? pattern->codes[code] : 0xffff;
        if (want == ML_WILD_ANY) {
            star = ++code;
            star_at = at;
            continue;
        }
        if (at == text.len) {
            return code == pattern->len;
        }
        size_t step = 1;
        bool fits = want == text.ptr[at];
        if (want == ML_WILD_ONE) {
            size_t n = ml_utf8_length(ml_span_cut(text, at, 4));
            step = n != 0 ? n : 1;
            fits = true;
        }
        if (fits) {
            at += step;
            code++;
        } else if (star != SIZE_MAX) {
            code = star;
            at = ++star_at;
        } else {
            return false;
        }
    }
}
