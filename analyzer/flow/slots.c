/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/slots.h"

#include "core/mem.h"
#include "core/prefetch.h"

enum { FIRST_SLOTS = 256 };

void ml_slots_fini(struct ml_slots *slots)
{
    ml_mem_free(slots->slots);
    *slots = (struct ml_slots){0};
}

bool ml_slots_reserve(struct ml_slots *slots)
{
    /* At most three quarters are taken: long runs of linear probing begin above. */
    if (4 * (slots->n + 1) <= 3 * slots->n_slots) {
        return true;
    }
    struct ml_slots bigger = {.n_slots = slots->n_slots != 0 ? 2 * slots->n_slots : FIRST_SLOTS};
    bigger.slots = ml_mem_array(bigger.n_slots, sizeof *bigger.slots);
    if (bigger.slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < slots->n_slots; i++) {
        if (slots->slots[i].number != 0) {
            ml_slots_add(&bigger, slots->slots[i].hash, slots->slots[i].number - 1);
        }
    }
    ml_mem_free(slots->slots);
    *slots = bigger;
    return true;
}

bool ml_slots_next(const struct ml_slots *slots, uint32_t hash, size_t *at, uint32_t *number)
{
    if (slots->n_slots == 0) {
        return false;
    }
    size_t mask = slots->n_slots - 1;
    for (size_t i = *at == SIZE_MAX ? hash & mask : (*at + 1) & mask;; i = (i + 1) & mask) {
        if (slots->slots[i].number == 0) {
            return false;
        }
        if (slots->slots[i].hash == hash) {
            *at = i;
            *number = slots->slots[i].number - 1;
            return true;
        }
    }
}

void ml_slots_prefetch(const struct ml_slots *slots, uint32_t hash)
{
    if (slots->n_slots != 0) {
        ml_prefetch(&slots->slots[hash & (slots->n_slots - 1)], 1);
    }
}

void ml_slots_add(struct ml_slots *slots, uint32_t hash, uint32_t number)
{
    ML_ASSERT(slots->n + 1 < slots->n_slots);
    size_t mask = slots->n_slots - 1;
    size_t at = hash & mask;
    while (slots->slots[at].number != 0) {
        at = (at + 1) & mask;
    }
    slots->slots[at] = (struct ml_slot){.hash = hash, .number = number + 1};
    slots->n++;
}

void ml_slots_remove(struct ml_slots *slots, uint32_t hash, uint32_t number)
{
    size_t mask = slots->n_slots - 1;
    size_t hole = hash & mask;
    while (slots->slots[hole].number != number + 1) {
        ML_ASSERT(slots->slots[hole].number != 0);
        hole = (hole + 1) & mask;
    }
    for (size_t at = (hole + 1) & mask; slots->slots[at].number != 0; at = (at + 1) & mask) {
        /* May move into the hole when its home does not lie behind the hole, counted round the table. */
        size_t home = slots->slots[at].hash & mask;
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            slots->slots[hole] = slots->slots[at];
            hole = at;
        }
    }
    slots->slots[hole] = (struct ml_slot){0};
    slots->n--;
}
