/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/protobuf.h"

#include "core/reader.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

enum {
    VARINT = 0,
    FIXED_64 = 1,
    BYTES = 2,
    FIXED_32 = 5,
    MAX_DEPTH = 16,
    MAX_VARINT = 10,       /* bytes */
    MIN_INTEGER = 100000,  /* shorter numbers are nobody's */
    MAX_FIELD = 536870911, /* numbers of fields have 29 bits */
    NUMBER_TEXT = 32
};

static bool read_varint(struct ml_reader *rd, uint64_t *out)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < MAX_VARINT; i++) {
        uint8_t byte = 0;
        if (!ml_rd_u8(rd, &byte)) {
            return false;
        }
        value |= (uint64_t)(byte & 0x7f) << 7 * i;
        if ((byte & 0x80) == 0) {
            *out = value;
            return true;
        }
    }
    return ml_rd_reject(rd);
}

static void put(struct ml_view *out, const char *text, size_t at)
{
    for (; *text != '\0'; text++) {
        ml_view_put(out, (uint8_t)*text, at);
    }
    ml_view_put(out, ',', at);
}

/* As it is and as a signed number of `bits` bits. */
static void put_integer(struct ml_view *out, uint64_t value, unsigned bits, size_t at)
{
    char text[NUMBER_TEXT];
    int64_t is_signed = bits == 32 ? (int32_t)(uint32_t)value : (int64_t)value;
    if (value >= MIN_INTEGER) {
        (void)snprintf(text, sizeof text, "%" PRIu64, value);
        put(out, text, at);
    }
    if (is_signed <= -MIN_INTEGER) {
        (void)snprintf(text, sizeof text, "%" PRId64, is_signed);
        put(out, text, at);
    }
}

/* A number that may be folded (sint32, sint64: 1 is -1, 2 is 1). */
static void put_folded(struct ml_view *out, uint64_t value, size_t at)
{
    char text[NUMBER_TEXT];
    int64_t folded = (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
    if (folded >= MIN_INTEGER || folded <= -MIN_INTEGER) {
        (void)snprintf(text, sizeof text, "%" PRId64, folded);
        put(out, text, at);
    }
}

/* Degrees: other numbers of this form are measures of something else. */
static void put_real(struct ml_view *out, double value, int decimals, size_t at)
{
    char text[NUMBER_TEXT];
    if (isfinite(value) && fabs(value) <= 180.0 && fabs(value) >= 0.0001) {
        (void)snprintf(text, sizeof text, "%.*f", decimals, value); /* the program sets no locale */
        put(out, text, at);
    }
}

static bool put_message(struct ml_span bytes, size_t at, unsigned depth, struct ml_view *out);

/* Bytes that are a message themselves; what others are is not told. */
static void put_bytes(struct ml_span bytes, size_t at, unsigned depth, struct ml_view *out)
{
    size_t before = out->len;
    out->is_cut |= bytes.len != 0 && depth == MAX_DEPTH;
    if (bytes.len != 0 && depth < MAX_DEPTH && !put_message(bytes, at, depth + 1, out)) {
        out->len = before;
    }
}

static bool put_field(struct ml_reader *rd, unsigned type, size_t at, unsigned depth, struct ml_view *out)
{
    uint64_t value = 0;
    uint32_t half = 0;
    size_t from = at + ml_rd_pos(rd);
    switch (type) {
    case VARINT:
        if (!read_varint(rd, &value)) {
            return false;
        }
        put_integer(out, value, 64, from);
        put_folded(out, value, from);
        return true;
    case FIXED_64:
        if (!ml_rd_le64(rd, &value)) {
            return false;
        }
        double real = 0;
        memcpy(&real, &value, sizeof real);
        put_integer(out, value, 64, from);
        put_real(out, real, 7, from);
        return true;
    case FIXED_32:
        if (!ml_rd_le32(rd, &half)) {
            return false;
        }
        float single = 0;
        memcpy(&single, &half, sizeof single);
        put_integer(out, half, 32, from);
        put_real(out, (double)single, 5, from); /* what 24 bits tell of degrees */
        return true;
    case BYTES: {
        struct ml_span bytes;
        if (!read_varint(rd, &value) || value > ml_rd_left(rd)) {
            return false;
        }
        from = at + ml_rd_pos(rd);
        if (!ml_rd_span(rd, (size_t)value, &bytes)) {
            return false;
        }
        put_bytes(bytes, from, depth, out);
        return true;
    }
    default: /* groups are given up since long */
        return false;
    }
}

/* `at`: place of the bytes in the whole. */
static bool put_message(struct ml_span bytes, size_t at, unsigned depth, struct ml_view *out)
{
    struct ml_reader rd = ml_rd_open_framed(bytes);
    while (ml_rd_left(&rd) != 0) {
        uint64_t key = 0;
        if (!read_varint(&rd, &key) || key >> 3 == 0 || key >> 3 > MAX_FIELD ||
            !put_field(&rd, (unsigned)(key & 7), at, depth, out)) {
            return false;
        }
    }
    return true;
}

bool ml_open_protobuf(struct ml_span message, struct ml_view *out)
{
    ml_view_clear(out);
    if (!put_message(message, 0, 0, out)) {
        ml_view_clear(out);
    }
    return out->len != 0;
}
