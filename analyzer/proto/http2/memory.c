/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http2/memory.h"

#include "core/mem.h"

void *ml_nghttp_get(size_t size, void *context)
{
    (void)context;
    return ml_mem_array(size, 1);
}

void *ml_nghttp_get_array(size_t n, size_t size, void *context)
{
    (void)context;
    return ml_mem_array(n, size);
}

void *ml_nghttp_resize(void *block, size_t size, void *context)
{
    (void)context;
    return ml_mem_resize(block, size, 1);
}

void ml_nghttp_give_back(void *block, void *context)
{
    (void)context;
    ml_mem_free(block);
}
