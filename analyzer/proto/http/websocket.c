/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/websocket.h"

#include "core/limits.h"
#include "core/reader.h"
#include "core/text.h"

enum { ROOM = 1024, LAST_DATA = 2, FIRST_CONTROL = 8, LAST_CONTROL = 10 };

void ml_websocket_init(struct ml_websocket *websocket, struct ml_span extensions, bool by_client)
{
    *websocket = (struct ml_websocket){0};
    websocket->forgets =
        ml_span_holds_nocase(extensions, by_client ? "client_no_context_takeover" : "server_no_context_takeover");
}

void ml_websocket_fini(struct ml_websocket *websocket)
{
    ml_inflate_free(websocket->inflate);
    websocket->inflate = NULL;
}

static bool break_off(struct ml_websocket *websocket)
{
    websocket->is_broken = true;
    return false;
}

/* Compression of a message begins; a context goes on over messages unless both sides agreed otherwise. */
static bool open_inflate(struct ml_websocket *websocket)
{
    if (websocket->forgets) {
        ml_websocket_fini(websocket);
    }
    if (websocket->inflate == NULL) {
        websocket->inflate = ml_inflate_new(ML_INFLATE_RAW, ML_MAX_INFLATED_WS);
    }
    return websocket->inflate != NULL;
}

/* Bytes of the head at hand, as far as known: 2, then by length and mask up to 14. */
static size_t head_length(const struct ml_websocket *websocket)
{
    if (websocket->n_head < 2) {
        return 2;
    }
    unsigned len = websocket->head[1] & 0x7f;
    return 2 + (len == 127 ? 8U : len == 126 ? 2U : 0U) + ((websocket->head[1] & 0x80) != 0 ? 4U : 0U);
}

static bool begin_frame(struct ml_websocket *websocket)
{
    struct ml_reader rd = ml_rd_open(ml_span_of(websocket->head, websocket->n_head));
    uint8_t first = 0;
    uint8_t second = 0;
    uint16_t len16 = 0;
    bool ok = ml_rd_u8(&rd, &first) && ml_rd_u8(&rd, &second);
    unsigned opcode = first & 15;
    websocket->len = second & 0x7f;
    if (ok && websocket->len == 127) {
        ok = ml_rd_u64(&rd, &websocket->len);
    } else if (ok && websocket->len == 126) {
        ok = ml_rd_u16(&rd, &len16);
        websocket->len = len16;
    }
    websocket->is_masked = (second & 0x80) != 0;
    ok = ok && (!websocket->is_masked || ml_rd_copy(&rd, websocket->mask, sizeof websocket->mask));
    websocket->is_data = opcode <= LAST_DATA;
    bool is_control = opcode >= FIRST_CONTROL && opcode <= LAST_CONTROL;
    /* Reserved bits and opcodes, a length of 63 bits: whoever sends them sends no frames we know. */
    if (!ok || (first & 0x30) != 0 || (!websocket->is_data && !is_control) || websocket->len > INT64_MAX) {
        return break_off(websocket);
    }
    websocket->is_final = (first & 0x80) != 0;
    if (websocket->is_data && opcode != 0) {
        websocket->is_compressed = (first & 0x40) != 0;
        if (websocket->is_compressed && !open_inflate(websocket)) {
            return break_off(websocket);
        }
    }
    websocket->n_head = 0;
    websocket->at = 0;
    websocket->is_in_frame = true;
    return true;
}

static bool give(struct ml_websocket *websocket, struct ml_span content, ml_websocket_fn take, void *context)
{
    if (!websocket->is_data || content.len == 0) {
        return true;
    }
    if (!websocket->is_compressed) {
        take(context, content);
        return true;
    }
    if (websocket->inflate == NULL) {
        return true; /* behind the last block of a stream that ended: the next message begins another */
    }
    switch (ml_inflate_feed(websocket->inflate, content, take, context)) {
    case ML_INFLATE_MORE:
        return true;
    case ML_INFLATE_DONE:
        ml_websocket_fini(websocket);
        return true;
    case ML_INFLATE_LIMIT:
        websocket->is_full = true;
        break;
    case ML_INFLATE_BROKEN:
        break;
    }
    return break_off(websocket);
}

/* The sender left out the end of the last block (RFC 7692, section 7.2.1). */
static bool end_frame(struct ml_websocket *websocket, ml_websocket_fn take, void *context)
{
    static const uint8_t tail[] = {0, 0, 0xff, 0xff};
    websocket->is_in_frame = false;
    if (!websocket->is_data || !websocket->is_final) {
        return true;
    }
    bool ok = !websocket->is_compressed || give(websocket, ml_span_of(tail, sizeof tail), take, context);
    websocket->is_compressed = false;
    if (ok) {
        take(context, ml_span_of(NULL, 0));
    }
    return ok;
}

static bool feed_content(struct ml_websocket *websocket, struct ml_span bytes, ml_websocket_fn take, void *context)
{
    uint8_t plain[ROOM];
    while (bytes.len != 0) {
        struct ml_span part = ml_span_cut(bytes, 0, ROOM);
        for (size_t i = 0; i < part.len; i++) {
            plain[i] = part.ptr[i] ^ (websocket->is_masked ? websocket->mask[(websocket->at + i) % 4] : 0);
        }
        websocket->at += part.len;
        bytes = ml_span_cut(bytes, part.len, bytes.len);
        if (!give(websocket, ml_span_of(plain, part.len), take, context)) {
            return false;
        }
    }
    return true;
}

static bool feed_bytes(struct ml_websocket *websocket, struct ml_span bytes, ml_websocket_fn take, void *context)
{
    while (bytes.len != 0) {
        if (!websocket->is_in_frame) {
            websocket->head[websocket->n_head++] = bytes.ptr[0];
            bytes = ml_span_cut(bytes, 1, bytes.len);
            if (websocket->n_head < head_length(websocket)) {
                continue;
            }
            if (!begin_frame(websocket)) {
                return false;
            }
        }
        uint64_t left = websocket->len - websocket->at;
        struct ml_span part = ml_span_cut(bytes, 0, left < bytes.len ? (size_t)left : bytes.len);
        bytes = ml_span_cut(bytes, part.len, bytes.len);
        if (!feed_content(websocket, part, take, context)) {
            return false;
        }
        if (websocket->at == websocket->len && !end_frame(websocket, take, context)) {
            return false;
        }
    }
    return true;
}

/* Content of known length that was not captured is passed over; compressed content cannot do without it. */
static bool feed_gap(struct ml_websocket *websocket, uint64_t gap_len)
{
    bool is_inside = websocket->is_in_frame && gap_len < UINT32_MAX && gap_len < websocket->len - websocket->at;
    if (!is_inside || (websocket->is_data && websocket->is_compressed)) {
        return break_off(websocket);
    }
    websocket->at += gap_len;
    return true;
}

bool ml_websocket_feed(struct ml_websocket *websocket, const struct ml_chunk *chunk, ml_websocket_fn take,
                       void *context)
{
    if (websocket->is_broken) {
        return false;
    }
    return chunk->gap_len != 0 ? feed_gap(websocket, chunk->gap_len)
                               : feed_bytes(websocket, chunk->bytes, take, context);
}
