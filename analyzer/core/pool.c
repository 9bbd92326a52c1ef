/* SPDX-License-Identifier: Apache-2.0 */
#include "core/pool.h"

#include "core/mem.h"

struct ml_pool_free {
    struct ml_pool_free *next;
};

#ifdef __SANITIZE_ADDRESS__

void *ml_pool_get(struct ml_pool *pool, size_t size)
{
    (void)pool;
    return ml_mem_array(1, size);
}

void ml_pool_put(struct ml_pool *pool, void *object)
{
    (void)pool;
    ml_mem_free(object);
}

#else

void *ml_pool_get(struct ml_pool *pool, size_t size)
{
    struct ml_pool_free *object = pool->free;
    if (object == NULL) {
        return ml_arena_get(&pool->arena, size < sizeof *object ? sizeof *object : size);
    }
    pool->free = object->next;
    return memset(object, 0, size);
}

void ml_pool_put(struct ml_pool *pool, void *object)
{
    struct ml_pool_free *freed = object;
    if (freed != NULL) {
        freed->next = pool->free;
        pool->free = freed;
    }
}

#endif

void ml_pool_fini(struct ml_pool *pool)
{
    ml_arena_fini(&pool->arena);
    pool->free = NULL;
}
