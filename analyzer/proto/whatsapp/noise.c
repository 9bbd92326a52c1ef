/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/whatsapp/noise.h"

#include "core/reader.h"

enum {
    KEY = 32,
    CLIENT_HELLO = 2 << 3 | 2, /* Protobuf: number of the field and "length follows" */
    EPHEMERAL = 1 << 3 | 2,
    STATIC = 2 << 3 | 2,
    WIRE_TYPE = 7,
    WIRE_VARINT = 0,
    WIRE_BYTES = 2,
    MAX_VARINT = 5 /* bytes; lengths fit in 32 bits */
};

/* Versions that were seen without a routing hint in front; behind one any is believed. */
static bool is_known_version(const uint8_t version[2])
{
    static const uint8_t known[][2] = {{6, 3}, {6, 2}, {5, 3}, {5, 2}, {2, 1}, {1, 5}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (known[i][0] == version[0] && known[i][1] == version[1]) {
            return true;
        }
    }
    return false;
}

static bool is_legacy(const uint8_t version[2])
{
    return version[0] == 1;
}

/* What is there of `bytes` begins like `text`. */
static bool may_be(struct ml_span bytes, const char *text, size_t len)
{
    size_t n = bytes.len < len ? bytes.len : len;
    return n == 0 || memcmp(bytes.ptr, text, n) == 0;
}

enum ml_match ml_whatsapp_prologue_read(struct ml_span bytes, struct ml_whatsapp_prologue *out)
{
    static const char hint[] = {'E', 'D', 0, 1};
    struct ml_whatsapp_prologue prologue = {0};
    struct ml_reader rd = ml_rd_open(bytes);
    *out = prologue;
    bool has_hint = bytes.len != 0 && bytes.ptr[0] == 'E';
    if (has_hint) {
        uint32_t len = 0;
        if (!may_be(bytes, hint, sizeof hint)) {
            return ML_MATCH_NO;
        }
        if (!ml_rd_skip(&rd, sizeof hint) || !ml_rd_u24(&rd, &len)) {
            return ML_MATCH_MORE;
        }
        if (len > ML_WHATSAPP_MAX_ROUTING) {
            return ML_MATCH_NO;
        }
        if (len != 0 && !ml_rd_span(&rd, len, &prologue.routing)) {
            return ML_MATCH_MORE;
        }
    }
    if (!may_be(ml_span_cut(bytes, ml_rd_pos(&rd), 2), "WA", 2)) {
        return ML_MATCH_NO;
    }
    if (!ml_rd_skip(&rd, 2) || !ml_rd_copy(&rd, prologue.version, 2)) {
        return ML_MATCH_MORE;
    }
    if (!has_hint && !is_known_version(prologue.version)) {
        return ML_MATCH_NO;
    }
    prologue.is_legacy = is_legacy(prologue.version);
    prologue.len = ml_rd_pos(&rd);
    *out = prologue;
    return ML_MATCH_YES;
}

/* Base-128 number of Protobuf. */
static bool read_varint(struct ml_reader *rd, uint32_t *out)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < MAX_VARINT; i++) {
        uint8_t byte = 0;
        if (!ml_rd_u8(rd, &byte)) {
            return false;
        }
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if ((byte & 0x80) == 0) {
            *out = (uint32_t)value;
            return value <= UINT32_MAX || ml_rd_reject(rd);
        }
    }
    return ml_rd_reject(rd);
}

static bool read_field(struct ml_reader *rd, uint32_t *tag, struct ml_span *bytes)
{
    uint32_t value = 0;
    *bytes = ml_span_of(NULL, 0);
    if (!read_varint(rd, tag)) {
        return false;
    }
    switch (*tag & WIRE_TYPE) {
    case WIRE_VARINT:
        return read_varint(rd, &value);
    case WIRE_BYTES:
        return read_varint(rd, &value) && (value == 0 || ml_rd_span(rd, value, bytes));
    default:
        return ml_rd_reject(rd);
    }
}

bool ml_whatsapp_hello_read(struct ml_span body, enum ml_whatsapp_pattern *out)
{
    struct ml_reader rd = ml_rd_open_framed(body);
    struct ml_span hello;
    struct ml_span value;
    uint32_t tag = 0;
    *out = ML_WHATSAPP_UNKNOWN;
    if (!read_field(&rd, &tag, &hello) || tag != CLIENT_HELLO || !ml_rd_done(&rd)) {
        return false;
    }
    struct ml_reader fields = ml_rd_open_framed(hello);
    if (!read_field(&fields, &tag, &value) || tag != EPHEMERAL || value.len != KEY) {
        return false;
    }
    *out = ML_WHATSAPP_XX;
    while (ml_rd_left(&fields) != 0) {
        if (!read_field(&fields, &tag, &value)) {
            *out = ML_WHATSAPP_UNKNOWN;
            return false;
        }
        if (tag == STATIC && value.len >= KEY) {
            *out = ML_WHATSAPP_IK;
        }
    }
    return true;
}
