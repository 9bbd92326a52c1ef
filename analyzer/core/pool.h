/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool - objects of one size that come and go with conversations.
 *
 * Invariant: objects never move. What is put back is given out again first; the system gets it back at the end only.
 * Lifetime:  what a pool gives lives until it is put back; all is put back before ml_pool_fini.
 * A pool of zero bytes is an empty one. Under AddressSanitizer every object has its own block, so that a use after the
 * end is seen.
 */
#ifndef MITLESER_CORE_POOL_H
#define MITLESER_CORE_POOL_H

#include "core/arena.h"

struct ml_pool_free;

struct ml_pool {
    struct ml_arena arena;
    struct ml_pool_free *free; /* put back, last first */
};

/* Zeroed, aligned for any type; NULL when memory runs out. `size` is the same for all objects of the pool. */
void *ml_pool_get(struct ml_pool *pool, size_t size) ML_MUST_USE;

/* Takes an object of the pool; NULL is fine. */
void ml_pool_put(struct ml_pool *pool, void *object);

void ml_pool_fini(struct ml_pool *pool);

#endif
