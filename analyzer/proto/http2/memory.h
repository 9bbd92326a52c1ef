/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory - core/mem.h in the form in which nghttp2 and nghttp3 want it (struct nghttp2_mem, struct nghttp3_mem), so
 * that tables of heads count, and fail, as all other memory does. `context` is not used.
 */
#ifndef MITLESER_PROTO_HTTP2_MEMORY_H
#define MITLESER_PROTO_HTTP2_MEMORY_H

#include <stddef.h>

void *ml_nghttp_get(size_t size, void *context);
void *ml_nghttp_get_array(size_t n, size_t size, void *context);
void *ml_nghttp_resize(void *block, size_t size, void *context);
void ml_nghttp_give_back(void *block, void *context);

#endif
