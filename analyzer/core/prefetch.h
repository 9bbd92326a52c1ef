/* SPDX-License-Identifier: Apache-2.0 */
/* prefetch - asks the processor for memory that is read soon. Changes nothing but the time. */
#ifndef MITLESER_CORE_PREFETCH_H
#define MITLESER_CORE_PREFETCH_H

#include <stddef.h>

/* The first `len` bytes of an object, which need not exist; cache lines of 64 bytes. */
static inline void ml_prefetch(const void *object, size_t len)
{
    enum { LINE = 64 };
    for (size_t at = 0; at < len; at += LINE) {
        __builtin_prefetch((const char *)object + at);
    }
}

#endif
