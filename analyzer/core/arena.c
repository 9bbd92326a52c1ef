/* SPDX-License-Identifier: Apache-2.0 */
#include "core/arena.h"

#include "core/mem.h"

#include <stddef.h>

struct ml_arena_block {
    struct ml_arena_block *older;
    size_t size; /* of bytes */
    _Alignas(max_align_t) uint8_t bytes[];
};

enum {
    FIRST_BLOCK = 4096,
    LARGEST_BLOCK = ML_MEM_BLOCK - sizeof(struct ml_arena_block),
    STEP = 1024 /* bytes zeroed at once: the processor fetches their lines side by side, not one a piece */
};

/* Not zeroed: that is done step by step, when bytes are used. */
static struct ml_arena_block *new_block(size_t size)
{
    return size == LARGEST_BLOCK ? ml_mem_block() : ml_mem_resize(NULL, 1, sizeof(struct ml_arena_block) + size);
}

static void free_block(struct ml_arena_block *block)
{
    if (block->size == LARGEST_BLOCK) {
        ml_mem_block_put(block);
    } else {
        ml_mem_free(block);
    }
}

void ml_arena_init(struct ml_arena *arena, bool is_vault)
{
    *arena = (struct ml_arena){.is_vault = is_vault};
}

void ml_arena_fini(struct ml_arena *arena)
{
    while (arena->block != NULL) {
        struct ml_arena_block *block = arena->block;
        arena->block = block->older;
        if (arena->is_vault) {
            ml_mem_wipe(block->bytes, block->size);
        }
        free_block(block);
    }
    arena->used = arena->clean = arena->total = 0;
}

void ml_arena_take(struct ml_arena *arena, struct ml_arena *from)
{
    ML_ASSERT(arena->is_vault == from->is_vault);
    struct ml_arena_block *oldest = from->block;
    if (oldest == NULL) {
        return;
    }
    while (oldest->older != NULL) {
        oldest = oldest->older;
    }
    /* The blocks taken come first: what is left of the newest of them is used before more is asked for. */
    oldest->older = arena->block;
    arena->block = from->block;
    arena->used = from->used;
    arena->clean = from->clean;
    arena->total += from->total;
    *from = (struct ml_arena){.is_vault = from->is_vault};
}

static bool grow(struct ml_arena *arena, size_t size)
{
    size_t want = arena->block == NULL ? FIRST_BLOCK : 2 * arena->block->size;
    want = want > LARGEST_BLOCK ? LARGEST_BLOCK : want;
    want = want < size ? size : want;
    if (want > SIZE_MAX - sizeof(struct ml_arena_block)) {
        return false;
    }
    struct ml_arena_block *block = new_block(want);
    if (block == NULL) {
        return false;
    }
    block->older = arena->block;
    block->size = want;
    arena->block = block;
    arena->used = 0;
    arena->clean = 0;
    arena->total += want;
    return true;
}

/* Zeroed. */
static uint8_t *get(struct ml_arena *arena, size_t size, size_t align)
{
    size_t from = (arena->used + align - 1) & ~(align - 1);
    if (arena->block == NULL || from > arena->block->size || size > arena->block->size - from) {
        if (!grow(arena, size)) {
            return NULL;
        }
        from = 0;
    }
    arena->used = from + size;
    if (arena->used > arena->clean) {
        size_t left = arena->block->size - arena->clean;
        size_t n = arena->used - arena->clean;
        n = n > STEP ? n : left < STEP ? left : STEP;
        memset(arena->block->bytes + arena->clean, 0, n);
        arena->clean += n;
    }
    return arena->block->bytes + from;
}

void *ml_arena_get(struct ml_arena *arena, size_t size)
{
    return get(arena, size, _Alignof(max_align_t));
}

void *ml_arena_bytes(struct ml_arena *arena, size_t size)
{
    return get(arena, size, 1);
}

struct ml_span ml_arena_copy(struct ml_arena *arena, struct ml_span bytes)
{
    uint8_t *copy = bytes.len < SIZE_MAX ? get(arena, bytes.len + 1, 1) : NULL;
    if (copy == NULL) {
        return ml_span_of(NULL, 0);
    }
    if (bytes.len != 0) {
        memcpy(copy, bytes.ptr, bytes.len);
    }
    return ml_span_of(copy, bytes.len);
}
