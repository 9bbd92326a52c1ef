/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Thread-local so that a test arming a failure does not disturb the workers of another test. */
static _Thread_local unsigned long fail_in;
static _Thread_local int has_failed;

static int refuse(void)
{
    if (fail_in == 0 || --fail_in != 0) {
        return 0;
    }
    has_failed = 1;
    return 1;
}

void ml_mem_fail_at(unsigned long n)
{
    fail_in = n;
    has_failed = 0;
}

int ml_mem_has_failed(void)
{
    return has_failed;
}

/* Product of the two, at least 1; false when no object can be that large. */
static bool total_of(size_t n, size_t size, size_t *total)
{
    bool ok = !__builtin_mul_overflow(n, size, total) && *total <= PTRDIFF_MAX;
    *total = *total != 0 ? *total : 1;
    return ok;
}

void *ml_mem_array(size_t n, size_t size)
{
    size_t total = 0;
    if (refuse() || !total_of(n, size, &total)) {
        return NULL;
    }
    return calloc(total, 1);
}

void *ml_mem_resize(void *block, size_t n, size_t size)
{
    size_t total = 0;
    if (refuse() || !total_of(n, size, &total)) {
        return NULL;
    }
    return realloc(block, total);
}

void *ml_mem_double(void *block, size_t *room, size_t first, size_t size)
{
    size_t more = *room != 0 ? 2 * *room : first;
    void *larger = more > *room ? ml_mem_resize(block, more, size) : NULL;
    if (larger != NULL) {
        *room = more;
    }
    return larger;
}

char *ml_mem_text(const void *bytes, size_t len)
{
    char *copy = len < SIZE_MAX ? ml_mem_array(len + 1, 1) : NULL;
    if (copy != NULL && len != 0) {
        memcpy(copy, bytes, len);
    }
    return copy;
}

void ml_mem_free(void *block)
{
    free(block);
}

#ifdef __SANITIZE_ADDRESS__

void *ml_mem_block(void)
{
    return ml_mem_resize(NULL, 1, ML_MEM_BLOCK);
}

void ml_mem_block_put(void *block)
{
    ml_mem_free(block);
}

#else

enum { REGION = 32 * 1024 * 1024 };

struct free_block {
    struct free_block *next;
};

static struct {
    pthread_mutex_t lock;
    struct free_block *free; /* put back, last first */
    uint8_t *left;           /* of the newest region */
    size_t n_left;           /* bytes */
} blocks = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bool map_region(void)
{
    void *region = mmap(NULL, REGION, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (region == MAP_FAILED) {
        return false;
    }
    int advised = madvise(region, REGION, MADV_HUGEPAGE);
    (void)advised; /* a system without large pages has small ones */
    blocks.left = region;
    blocks.n_left = REGION;
    return true;
}

void *ml_mem_block(void)
{
    if (refuse()) {
        return NULL;
    }
    void *block = NULL;
    pthread_mutex_lock(&blocks.lock);
    if (blocks.free != NULL) {
        block = blocks.free;
        blocks.free = blocks.free->next;
    } else if (blocks.n_left != 0 || map_region()) {
        block = blocks.left;
        blocks.left += ML_MEM_BLOCK;
        blocks.n_left -= ML_MEM_BLOCK;
    }
    pthread_mutex_unlock(&blocks.lock);
    return block;
}

void ml_mem_block_put(void *block)
{
    struct free_block *freed = block;
    if (freed != NULL) {
        pthread_mutex_lock(&blocks.lock);
        freed->next = blocks.free;
        blocks.free = freed;
        pthread_mutex_unlock(&blocks.lock);
    }
}

#endif

void ml_mem_wipe(void *block, size_t len)
{
    if (len != 0) {
        explicit_bzero(block, len);
    }
}
