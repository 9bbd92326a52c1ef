/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz/chunks.h"

#include "core/mem.h"

bool fuzz_chunk_next(struct ml_reader *input, struct fuzz_chunk *chunk)
{
    uint8_t head = 0;
    struct ml_span bytes = {0};
    *chunk = (struct fuzz_chunk){0};
    if (ml_rd_left(input) == 0 || !ml_rd_u8(input, &head)) {
        return false;
    }
    size_t len = head & 0x7f;
    len = len < ml_rd_left(input) ? len : ml_rd_left(input);
    uint8_t *copy = ml_mem_array(len, 1);
    if (copy == NULL || !ml_rd_span(input, len, &bytes)) {
        ml_mem_free(copy);
        return false;
    }
    memcpy(copy, bytes.ptr, len);
    chunk->direction = head >> 7;
    chunk->bytes = ml_span_of(copy, len);
    return true;
}

void fuzz_chunk_free(struct fuzz_chunk *chunk)
{
    ml_mem_free((void *)(uintptr_t)chunk->bytes.ptr);
    *chunk = (struct fuzz_chunk){0};
}
