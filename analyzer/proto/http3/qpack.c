/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http3/qpack.h"

#include "core/limits.h"
#include "core/mem.h"
#include "proto/http2/memory.h"

#include <nghttp3/nghttp3.h>

struct ml_qpack {
    struct ml_counters *counters;   /* borrowed */
    nghttp3_mem mem;                /* which the decoders point to */
    nghttp3_qpack_decoder *plain;   /* owned; for blocks without entries of the table */
    nghttp3_qpack_decoder *dynamic; /* owned; NULL until the size is known */
    struct ml_buf waiting;          /* of the encoder stream, until then */
    struct ml_buf answers;          /* room for what nobody is told */
    bool is_lost;
};

struct ml_qpack *ml_qpack_new(struct ml_counters *counters)
{
    struct ml_qpack *qpack = ml_mem_array(1, sizeof *qpack);
    if (qpack == NULL) {
        return NULL;
    }
    qpack->counters = counters;
    qpack->mem = (nghttp3_mem){.malloc = ml_nghttp_get,
                               .free = ml_nghttp_give_back,
                               .calloc = ml_nghttp_get_array,
                               .realloc = ml_nghttp_resize};
    ml_buf_init(&qpack->waiting, ML_MAX_HEADER_BLOCK);
    ml_buf_init(&qpack->answers, ML_MAX_HEADER_BLOCK);
    if (nghttp3_qpack_decoder_new(&qpack->plain, 0, 0, &qpack->mem) != 0) {
        ml_mem_free(qpack);
        return NULL;
    }
    return qpack;
}

void ml_qpack_free(struct ml_qpack *qpack)
{
    if (qpack != NULL) {
        nghttp3_qpack_decoder_del(qpack->plain);
        nghttp3_qpack_decoder_del(qpack->dynamic);
        ml_buf_fini(&qpack->waiting);
        ml_buf_fini(&qpack->answers);
        ml_mem_free(qpack);
    }
}

void ml_qpack_lose(struct ml_qpack *qpack)
{
    qpack->is_lost = true;
    ml_buf_fini(&qpack->waiting);
}

/* What a decoder would tell the other side grows until it is taken. */
static void drop_answers(struct ml_qpack *qpack, nghttp3_qpack_decoder *decoder)
{
    size_t len = nghttp3_qpack_decoder_get_decoder_streamlen(decoder);
    if (len == 0) {
        return;
    }
    ml_buf_clear(&qpack->answers);
    if (!ml_buf_reserve(&qpack->answers, len)) {
        ml_count(qpack->counters, ML_COUNT_LIMIT_MEMORY);
        ml_qpack_lose(qpack);
        return;
    }
    uint8_t *bytes = qpack->answers.bytes;
    nghttp3_buf buf = {.begin = bytes, .end = bytes + len, .pos = bytes, .last = bytes};
    nghttp3_qpack_decoder_write_decoder(decoder, &buf);
}

void ml_qpack_encoder(struct ml_qpack *qpack, struct ml_span bytes)
{
    if (qpack->is_lost || bytes.len == 0) {
        return;
    }
    if (qpack->dynamic == NULL) {
        if (!ml_buf_add_span(&qpack->waiting, bytes)) {
            ml_count(qpack->counters, ML_COUNT_LIMIT_QPACK);
            ml_qpack_lose(qpack);
        }
        return;
    }
    if (nghttp3_qpack_decoder_read_encoder(qpack->dynamic, bytes.ptr, bytes.len) < 0) {
        ml_count(qpack->counters, ML_COUNT_BAD_HTTP);
        ml_qpack_lose(qpack);
        return;
    }
    drop_answers(qpack, qpack->dynamic);
}

void ml_qpack_capacity(struct ml_qpack *qpack, uint64_t capacity)
{
    if (qpack->dynamic != NULL || qpack->is_lost) {
        return;
    }
    if (capacity > ML_MAX_QPACK_TABLE) {
        ml_count(qpack->counters, ML_COUNT_LIMIT_QPACK);
        ml_qpack_lose(qpack);
        return;
    }
    if (nghttp3_qpack_decoder_new(&qpack->dynamic, (size_t)capacity, ML_MAX_QPACK_BLOCKED, &qpack->mem) != 0) {
        qpack->dynamic = NULL;
        ml_count(qpack->counters, ML_COUNT_LIMIT_MEMORY);
        ml_qpack_lose(qpack);
        return;
    }
    struct ml_buf waiting = qpack->waiting;
    ml_buf_init(&qpack->waiting, ML_MAX_HEADER_BLOCK);
    ml_qpack_encoder(qpack, ml_buf_span(&waiting));
    ml_buf_fini(&waiting);
}

static void add(struct ml_h2_fields *fields, const nghttp3_qpack_nv *field, size_t *total)
{
    nghttp3_vec name = nghttp3_rcbuf_get_buf(field->name);
    nghttp3_vec value = nghttp3_rcbuf_get_buf(field->value);
    *total += name.len + value.len;
    if (*total <= ML_MAX_FIELD_BYTES) {
        ml_h2_fields_add(fields, ml_span_of(name.base, name.len), ml_span_of(value.base, value.len));
    }
    nghttp3_rcbuf_decref(field->name);
    nghttp3_rcbuf_decref(field->value);
}

static enum ml_qpack_result decode(struct ml_qpack *qpack, nghttp3_qpack_decoder *decoder,
                                   nghttp3_qpack_stream_context *context, struct ml_span block,
                                   struct ml_h2_fields *fields)
{
    size_t total = 0;
    for (;;) {
        nghttp3_qpack_nv field;
        uint8_t flags = 0;
        nghttp3_ssize n = nghttp3_qpack_decoder_read_request(decoder, context, &field, &flags, block.ptr, block.len, 1);
        if (n < 0) {
            return ML_QPACK_BAD;
        }
        block = ml_span_cut(block, (size_t)n, block.len);
        if ((flags & NGHTTP3_QPACK_DECODE_FLAG_BLOCKED) != 0) {
            return ML_QPACK_BLOCKED;
        }
        if ((flags & NGHTTP3_QPACK_DECODE_FLAG_EMIT) != 0) {
            add(fields, &field, &total);
        }
        if (total > ML_MAX_FIELD_BYTES) { /* a byte can stand for a long field: a bomb */
            ml_count(qpack->counters, ML_COUNT_LIMIT_QPACK);
            return ML_QPACK_BAD;
        }
        if ((flags & NGHTTP3_QPACK_DECODE_FLAG_FINAL) != 0) {
            return ML_QPACK_DONE;
        }
        if ((flags & NGHTTP3_QPACK_DECODE_FLAG_EMIT) == 0 && block.len == 0) {
            return ML_QPACK_BAD;
        }
    }
}

uint64_t ml_qpack_inserted(const struct ml_qpack *qpack)
{
    return qpack->dynamic != NULL ? nghttp3_qpack_decoder_get_icnt(qpack->dynamic) : 0;
}

enum ml_qpack_result ml_qpack_block(struct ml_qpack *qpack, struct ml_span block, struct ml_h2_fields *fields,
                                    uint64_t *needs)
{
    *needs = 0;
    nghttp3_qpack_stream_context *context = NULL;
    bool needs_table = block.len == 0 || block.ptr[0] != 0; /* Required Insert Count, section 4.5.1.1 */
    if (needs_table && qpack->is_lost) {
        return ML_QPACK_BAD;
    }
    if (needs_table && qpack->dynamic == NULL) {
        return ML_QPACK_BLOCKED;
    }
    nghttp3_qpack_decoder *decoder = needs_table ? qpack->dynamic : qpack->plain;
    if (nghttp3_qpack_stream_context_new(&context, 0, &qpack->mem) != 0) {
        ml_count(qpack->counters, ML_COUNT_LIMIT_MEMORY);
        return ML_QPACK_BAD;
    }
    enum ml_qpack_result result = decode(qpack, decoder, context, block, fields);
    *needs = result == ML_QPACK_BLOCKED ? nghttp3_qpack_stream_context_get_ricnt(context) : 0;
    nghttp3_qpack_stream_context_del(context);
    drop_answers(qpack, decoder);
    return result;
}
