/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list - the value lists that `expand` puts in place of %name%: one <name>.txt a list, a value a line.
 *
 * Lines are trimmed; empty lines and lines that begin with `#` are skipped. Values are Sigma strings: wildcards count.
 * A list is read once, when a rule first names it; its bytes become part of the rule set's digest.
 */
#ifndef MITLESER_POLICY_LIST_H
#define MITLESER_POLICY_LIST_H

#include "core/digest.h"
#include "core/map.h"

struct ml_list {
    struct ml_span *values;
    size_t n;
};

struct ml_lists {
    const char *folder;       /* borrowed; NULL: there are no lists */
    struct ml_digest *digest; /* borrowed; may be NULL */
    struct ml_arena arena;
    struct ml_map names;   /* name -> number */
    struct ml_list *items; /* owned */
    size_t n_room;
};

void ml_lists_init(struct ml_lists *lists, const char *folder, struct ml_digest *digest);
void ml_lists_fini(struct ml_lists *lists);

/*
 * All values that a text with placeholders stands for, every combination, in order: gives the array, ml_mem_free; the
 * texts live in the lists' arena. `error` gets a text without position. ML_NOT_FOUND: no such list; ML_BAD_INPUT: a bad
 * name or an empty or ill-formed list; ML_LIMIT.
 */
enum ml_status ml_lists_expand(struct ml_lists *lists, struct ml_span text, struct ml_span **out, size_t *n,
                               struct ml_error *error) ML_MUST_USE;

#endif
