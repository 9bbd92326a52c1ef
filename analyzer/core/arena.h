/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena - storage that is given back all at once.
 *
 * Lifetime:  what an arena gives lives until ml_arena_fini; a vault arena wipes it then.
 * Invariant: blocks never move, so pointers stay valid.
 */
#ifndef MITLESER_CORE_ARENA_H
#define MITLESER_CORE_ARENA_H

#include "core/span.h"
#include "core/status.h"

struct ml_arena_block;

struct ml_arena {
    struct ml_arena_block *block; /* newest first; owned */
    size_t used;                  /* bytes given out of the newest block */
    size_t clean;                 /* bytes of the newest block that were zeroed, those given out among them */
    size_t total;                 /* bytes of all blocks */
    bool is_vault;                /* holds personal values: wiped when freed */
};

void ml_arena_init(struct ml_arena *arena, bool is_vault);
void ml_arena_fini(struct ml_arena *arena);

/* Zeroed, aligned for any type; NULL when memory runs out. */
void *ml_arena_get(struct ml_arena *arena, size_t size) ML_MUST_USE;

/* As ml_arena_get, aligned for bytes only. */
void *ml_arena_bytes(struct ml_arena *arena, size_t size) ML_MUST_USE;

/* Takes over all that `from` gave; `from` is then as after init. Both are vaults, or neither is. */
void ml_arena_take(struct ml_arena *arena, struct ml_arena *from);

/* Copies the bytes and adds a zero byte that is not part of the result. {NULL,0} when memory runs out. */
struct ml_span ml_arena_copy(struct ml_arena *arena, struct ml_span bytes) ML_MUST_USE;

#endif
