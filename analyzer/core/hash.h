/* SPDX-License-Identifier: Apache-2.0 */
/* hash - 64-bit hash of bytes (XXH3, libxxhash). The same on every machine; not for security. */
#ifndef MITLESER_CORE_HASH_H
#define MITLESER_CORE_HASH_H

#include "core/span.h"

uint64_t ml_hash(struct ml_span bytes);
uint64_t ml_hash_seed(struct ml_span bytes, uint64_t seed);

#endif
