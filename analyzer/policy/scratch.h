/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scratch - what one thread needs to match records: what is true of the current one, and what was lately found out.
 *
 * In:        a record, field by field; each is looked up when it is asked for.
 * Out:       the truth of predicates, and the rules anchored where something was found.
 * Invariant: what was found of a field holds until the field is touched, also in later records.
 */
#ifndef MITLESER_POLICY_SCRATCH_H
#define MITLESER_POLICY_SCRATCH_H

#include "policy/ruleset.h"

/* Rules anchored where a value of the field hit. */
struct ml_light {
    enum ml_field field;
    uint32_t first, n; /* into ml_program.anchored */
};

enum { ML_MEMO_TEXT = 62, ML_MEMO_HITS = 8, ML_MEMO_BITS = 3, ML_MEMOS = 1 << ML_MEMO_BITS };

/*
 * What a value hit in the index of a field, or whether a regular expression matches it. Many fields have a handful of
 * values that come again and again: comparing is cheaper than looking up, and than matching by far.
 */
struct ml_memo {
    uint8_t n; /* hits + 1, or truth + 1; 0: nothing is known */
    uint8_t len;
    uint8_t text[ML_MEMO_TEXT];  /* or the bytes of a number or an address */
    uint32_t hits[ML_MEMO_HITS]; /* predicates */
};

/* Records are numbered. */
struct ml_rules_scratch {
    uint64_t record_serial;        /* of the record that is matched */
    uint64_t fresh_serial;         /* of the last one that had nothing to do with the one before */
    uint64_t value_serial;         /* counts values */
    uint64_t touched[ML_N_FIELDS]; /* first record with the values it has now, if later than fresh_serial */
    uint64_t walked[ML_N_FIELDS];  /* record in which it was last looked up; [ML_FIELD_NONE]: keywords */
    uint64_t *truths;              /* owned; predicate -> record * 2 + truth */
    uint64_t *tried;               /* owned; atom -> value_serial it was tried on */
    struct ml_light *lights;       /* owned */
    size_t n_lights;
    struct ml_memo *memos[ML_N_CATEGORIES]; /* owned; ML_MEMOS for each number of the program */
    struct ml_memo *memo;                   /* that is being written; may be NULL */
    uint64_t *is_candidate;                 /* owned; bit set of codes */
    uint32_t *candidates;                   /* owned; codes in order of their hits */
    size_t n_candidates;
    struct ml_regex_scratch *regex; /* owned */
    uint64_t regex_limits;
    /* what is being matched */
    const struct ml_program *program;
    const struct ml_record *record;
    const struct ml_field_index *index;
    const struct ml_value *value;
    struct ml_span text;   /* of the value, as it is */
    struct ml_span folded; /* the same, or in `folds` */
    uint8_t folds[ML_MAX_TEXT];
    uint8_t other_folds[ML_MAX_TEXT];
};

/* The first record since which the field has the values it has now; of no field: all fields. */
static inline uint64_t ml_scratch_since(const struct ml_rules_scratch *s, enum ml_field field)
{
    if (field == ML_FIELD_NONE) {
        return s->record_serial;
    }
    return s->touched[field] > s->fresh_serial ? s->touched[field] : s->fresh_serial;
}

/* Looks all values of a field up; ML_FIELD_NONE: of all fields, for keywords. */
void ml_scratch_walk(struct ml_rules_scratch *s, enum ml_field field);

/* Finds all predicates that the index of the field knows to be true of its values, if they are not known. */
static inline void ml_scratch_look(struct ml_rules_scratch *s, enum ml_field field)
{
    if (s->walked[field] < ml_scratch_since(s, field)) {
        ml_scratch_walk(s, field);
    }
}

/* Finds out what is not known of a predicate. */
bool ml_scratch_find_out(struct ml_rules_scratch *s, uint32_t predicate, uint64_t since);

/* Is the predicate true of the record? */
static inline bool ml_scratch_test(struct ml_rules_scratch *s, uint32_t predicate)
{
    uint64_t since = ml_scratch_since(s, s->program->predicates[predicate].depends_on);
    uint64_t truth = s->truths[predicate];
    return truth >> 1 >= since ? (truth & 1) != 0 : ml_scratch_find_out(s, predicate, since);
}

/*
 * memo.c: the memo of the text, or the one that is to make room for it. NULL: the text is too long for any. `number` as
 * in ml_atom and ml_field_index.
 */
struct ml_memo *ml_memo_of(struct ml_rules_scratch *s, uint32_t number, struct ml_span text);
bool ml_memo_knows(const struct ml_memo *memo, struct ml_span text);
/* Makes it the memo of the text, without hits. */
void ml_memo_begin(struct ml_memo *memo, struct ml_span text);
void ml_memo_hit(struct ml_memo *memo, uint32_t number);

#endif
