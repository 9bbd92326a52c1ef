/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mem - the only place that allocates, so that tests can make the n-th allocation fail.
 *
 * All sizes are overflow-checked; a failed allocation returns NULL and leaves the old block as it was.
 */
#ifndef MITLESER_CORE_MEM_H
#define MITLESER_CORE_MEM_H

#include "core/status.h"

/* Zeroed storage for n objects of `size` bytes; gives the block to the caller, NULL when it cannot be had. */
void *ml_mem_array(size_t n, size_t size) ML_MUST_USE;

/* Resizes `block` (owned, may be NULL) to n objects; new bytes are not initialised. NULL: block untouched. */
void *ml_mem_resize(void *block, size_t n, size_t size) ML_MUST_USE;

/* For ml_mem_grow. */
void *ml_mem_double(void *block, size_t *room, size_t first, size_t size) ML_MUST_USE;

/*
 * Room for one more behind the n objects of `block` (owned, may be NULL), of which *room fit: a full one is resized to
 * twice its room, an empty one to `first`. NULL: block and *room untouched.
 */
ML_MUST_USE static inline void *ml_mem_grow(void *block, size_t n, size_t *room, size_t first, size_t size)
{
    return n < *room ? block : ml_mem_double(block, room, first, size);
}

/* Copies `len` bytes and adds a final zero byte; gives the copy. */
char *ml_mem_text(const void *bytes, size_t len) ML_MUST_USE;

/* Takes `block`; NULL is fine. */
void ml_mem_free(void *block);

/*
 * Gives a block of ML_MEM_BLOCK bytes, not initialised, for what keeps many of them: side by side in regions that the
 * system may lay on large pages, so that a million flows cost fewer page faults and fewer walks of page tables. From
 * any thread. What is put back is given out again; the system gets it back at the end of the process.
 */
enum { ML_MEM_BLOCK = 256 * 1024 };
void *ml_mem_block(void) ML_MUST_USE;
void ml_mem_block_put(void *block);

/* Overwrites `len` bytes in a way the compiler keeps, then the caller frees them. */
void ml_mem_wipe(void *block, size_t len);

/* Test hook: the n-th allocation from now on this thread fails (1 = the next), 0 switches it off. */
void ml_mem_fail_at(unsigned long n);

/* Test hook: true when the armed failure has happened. */
int ml_mem_has_failed(void);

#endif
