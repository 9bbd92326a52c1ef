/* SPDX-License-Identifier: Apache-2.0 */
#include "core/hash.h"

#define XXH_INLINE_ALL /* short keys: a call into a library takes as long as their hash */
#include <xxhash.h>

uint64_t ml_hash(struct ml_span bytes)
{
    return XXH3_64bits(bytes.ptr, bytes.len);
}

uint64_t ml_hash_seed(struct ml_span bytes, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes.ptr, bytes.len, seed);
}
