/* SPDX-License-Identifier: Apache-2.0 */
#include "support/kit.h"

#include "core/mem.h"
#include "core/text.h"
#include "support/cm.h"

#include <sys/mman.h>
#include <unistd.h>

void assert_span_text_at(struct ml_span span, const char *text, const char *file, int line)
{
    char *copy = ml_mem_text(span.ptr, span.len);
    _assert_string_equal(copy, text, file, line);
    _assert_int_equal(span.len, strlen(text), file, line); /* a zero byte inside is not equal */
    ml_mem_free(copy);
}

void guard_init(struct guard *guard, struct ml_span bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t whole = (bytes.len + page - 1) / page * page;
    guard->mapped = whole + page;
    guard->base = mmap(NULL, guard->mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(guard->base, MAP_FAILED);
    uint8_t *at = guard->base + whole - bytes.len;
    if (bytes.len != 0) {
        memcpy(at, bytes.ptr, bytes.len);
    }
    assert_int_equal(mprotect(guard->base + whole, page, PROT_NONE), 0);
    guard->span = ml_span_of(at, bytes.len);
}

void guard_fini(struct guard *guard)
{
    assert_int_equal(munmap(guard->base, guard->mapped), 0);
}

void sweep_truncations(struct ml_span bytes, sweep_fn run, void *context)
{
    for (size_t len = 0; len < bytes.len; len++) {
        struct guard guard;
        guard_init(&guard, ml_span_of(bytes.ptr, len));
        run(context, guard.span);
        guard_fini(&guard);
    }
}

void sweep_bit_flips(struct ml_span bytes, sweep_fn run, void *context)
{
    struct guard guard;
    guard_init(&guard, bytes);
    uint8_t *at = guard.base + (guard.span.ptr - guard.base);
    for (size_t bit = 0; bit < 8 * bytes.len; bit++) {
        /* The parser must not have written to its input: start each round from the original. */
        memcpy(at, bytes.ptr, bytes.len);
        at[bit / 8] ^= (uint8_t)(1U << bit % 8);
        run(context, guard.span);
    }
    guard_fini(&guard);
}

unsigned oom_sweep(void (*run)(void *context), void *context)
{
    for (unsigned n = 1;; n++) {
        ml_mem_fail_at(n);
        run(context);
        int has_failed = ml_mem_has_failed();
        ml_mem_fail_at(0);
        if (!has_failed) {
            return n - 1;
        }
    }
}

struct ml_span unhex(const char *digits)
{
    size_t len = strlen(digits);
    char *packed = ml_mem_array(len + 1, 1);
    uint8_t *bytes = ml_mem_array(len + 1, 1);
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        if (strchr(" \n\t", digits[i]) == NULL) {
            packed[n++] = digits[i];
        }
    }
    assert_true(ml_hex_read(ml_span_of(packed, n), bytes));
    ml_mem_free(packed);
    return ml_span_of(bytes, n / 2);
}
