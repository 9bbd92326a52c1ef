/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http2/hpack.h"

#include "core/limits.h"
#include "core/mem.h"
#include "proto/http2/memory.h"

#include <nghttp2/nghttp2.h>

struct ml_hpack {
    nghttp2_hd_inflater *inflater; /* owned */
    nghttp2_mem mem;               /* which the inflater points to */
    bool is_lost;
    bool is_full; /* because a block became too long */
};

struct ml_hpack *ml_hpack_new(void)
{
    struct ml_hpack *hpack = ml_mem_array(1, sizeof *hpack);
    if (hpack == NULL) {
        return NULL;
    }
    hpack->mem = (nghttp2_mem){.malloc = ml_nghttp_get,
                               .free = ml_nghttp_give_back,
                               .calloc = ml_nghttp_get_array,
                               .realloc = ml_nghttp_resize};
    if (nghttp2_hd_inflate_new2(&hpack->inflater, &hpack->mem) != 0) {
        ml_mem_free(hpack);
        return NULL;
    }
    return hpack;
}

void ml_hpack_free(struct ml_hpack *hpack)
{
    if (hpack != NULL) {
        nghttp2_hd_inflate_del(hpack->inflater);
        ml_mem_free(hpack);
    }
}

void ml_hpack_lose(struct ml_hpack *hpack)
{
    hpack->is_lost = true;
}

bool ml_hpack_is_full(const struct ml_hpack *hpack)
{
    return hpack->is_full;
}

void ml_hpack_table_size(struct ml_hpack *hpack, uint32_t size)
{
    /* Beyond the ceiling a sender that uses all of it is not followed any more; those in use stay below. */
    size = size < ML_MAX_HPACK_TABLE ? size : ML_MAX_HPACK_TABLE;
    if (nghttp2_hd_inflate_change_table_size(hpack->inflater, size) != 0) {
        hpack->is_lost = true;
    }
}

bool ml_hpack_block(struct ml_hpack *hpack, struct ml_span block, struct ml_h2_fields *fields)
{
    size_t total = 0;
    while (!hpack->is_lost) {
        nghttp2_nv field;
        int flags = 0;
        ssize_t n = nghttp2_hd_inflate_hd2(hpack->inflater, &field, &flags, block.ptr, block.len, 1);
        if (n < 0) {
            break;
        }
        block = ml_span_cut(block, (size_t)n, block.len);
        if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
            total += field.namelen + field.valuelen;
            if (total > ML_MAX_FIELD_BYTES) { /* a byte can stand for a long field: a bomb */
                hpack->is_full = true;
                break;
            }
            ml_h2_fields_add(fields, ml_span_of(field.name, field.namelen), ml_span_of(field.value, field.valuelen));
        }
        if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) {
            (void)nghttp2_hd_inflate_end_headers(hpack->inflater); /* always 0 */
            return true;
        }
        if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && block.len == 0) {
            break;
        }
    }
    hpack->is_lost = true;
    return false;
}
