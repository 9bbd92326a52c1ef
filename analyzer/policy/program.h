/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program - what rules become: predicates on fields, an expression a rule, and indexes that find the few rules a record
 * can match at all.
 *
 * A predicate is one key of a selection ("http.host ends with one of these"). Those of its values that are texts,
 * numbers or networks are keys of the field's index, which finds all that a value hits at once; the others
 * (comparisons, patterns without a literal part) are tested one by one. A rule is anchored at a set of predicates of
 * which one must be true for the rule to be: only rules with a hit anchor are evaluated. Of a record only the fields
 * with anchors are looked at in any case, and another when a rule under evaluation asks for it. So rules are anchored
 * at few fields: at those that most rules ask for, if their values tell rules apart. Invariant: predicates with the
 * same field, modifiers and values are one predicate, whichever rules they came from. Lifetime:  everything is in the
 * rule set's arena or owned by it; immutable once loaded.
 */
#ifndef MITLESER_POLICY_PROGRAM_H
#define MITLESER_POLICY_PROGRAM_H

#include "core/arena.h"
#include "policy/index.h"
#include "policy/pattern.h"
#include "policy/record.h"
#include "policy/regex.h"

enum ml_atom_kind {
    ML_ATOM_PATTERN,
    ML_ATOM_REGEX,
    ML_ATOM_COMPARE,
    ML_ATOM_FIELDREF,
    ML_ATOM_PRESENT,
    ML_ATOM_ABSENT
};

/* A value that a key of the index does not fully describe. */
struct ml_atom {
    enum ml_atom_kind kind;
    bool is_cased;             /* texts: compare as they are, not folded */
    uint32_t number;           /* within the program, for those behind an index key */
    struct ml_atom *next;      /* of the same predicate, when tested on demand */
    struct ml_pattern pattern; /* PATTERN */
    struct ml_regex *regex;    /* REGEX; owned by the rule set */
    uint32_t memo;             /* REGEX: number of its memos, see scratch.h */
    int operation;             /* COMPARE, FIELDREF: enum ml_test */
    int64_t bound;             /* COMPARE */
    enum ml_field other;       /* FIELDREF */
};

/* How a record can be told to have a chance of making a predicate true. */
enum ml_cover {
    ML_COVER_KEYS,   /* one of its keys hits */
    ML_COVER_EXISTS, /* the field is there; a rule that asks for no more expects that it often is not */
    ML_COVER_FIELD,  /* the field is there */
    ML_COVER_NONE
};

struct ml_predicate {
    enum ml_field field;      /* ML_FIELD_NONE: any field (keywords) */
    enum ml_field depends_on; /* the field, or ML_FIELD_NONE where others decide too */
    enum ml_cover cover;
    bool has_keys;         /* an index finds it */
    bool needs_text;       /* one of `atoms` reads texts */
    uint32_t n_users;      /* rules that use it */
    uint32_t crowd;        /* most users that share one of its keys */
    struct ml_atom *atoms; /* tested on demand */
    uint32_t first_rule;   /* into ml_program.anchored: rules anchored here */
    uint32_t n_rules;
};

enum ml_expr_kind { ML_EXPR_TEST, ML_EXPR_AND, ML_EXPR_OR, ML_EXPR_NOT, ML_EXPR_AT_LEAST };

/* A node of a rule's condition. Children of a node are links, so that several nodes can share a child. */
struct ml_expr_link;
struct ml_expr {
    enum ml_expr_kind kind;
    uint32_t number; /* TEST: predicate; AT_LEAST: how many */
    struct ml_expr_link *first;
    struct ml_expr_link *last;
};

struct ml_expr_link {
    const struct ml_expr *expr;
    struct ml_expr_link *next;
};

/* One key of an index makes this predicate true, if the atom (may be NULL) agrees. */
struct ml_posting {
    uint32_t entry;
    uint32_t predicate;
    struct ml_atom *atom;
};

/* All that is looked for in one field. */
struct ml_field_index {
    struct ml_index index;
    struct ml_posting *postings; /* owned; by entry once linked */
    size_t n_postings, n_room;
    uint32_t *starts;    /* owned; entry -> first posting, one more than entries */
    uint32_t n_users;    /* rules that ask for the field, once for each test */
    uint32_t memo;       /* number of its memos, see scratch.h */
    bool wants_text;     /* numbers and addresses are looked at as texts too */
    uint32_t first_rule; /* into ml_program.anchored: rules anchored at the presence of the field */
    uint32_t n_rules;
};

struct ml_code {
    uint32_t rule; /* number in the rule set */
    const struct ml_expr *condition;
};

/* Everything about one category of records. */
struct ml_program {
    struct ml_code *codes; /* owned, ascending rule numbers */
    size_t n_codes, n_codes_room;
    struct ml_predicate *predicates; /* owned */
    size_t n_predicates, n_predicates_room;
    struct ml_map same;                         /* digest of a predicate -> number; dropped once linked */
    struct ml_field_index *fields[ML_N_FIELDS]; /* owned; NULL: no rule looks there. [ML_FIELD_NONE]: keywords */
    uint32_t *anchored;               /* owned: codes, by predicate, then field, then those without an anchor */
    uint32_t first_free, n_free;      /* codes without an anchor: evaluated for every record */
    uint64_t anchors[ML_FIELD_WORDS]; /* bit set of the fields at which rules are anchored; others wait to be asked */
    uint32_t n_atoms;                 /* that stand behind index keys */
    uint32_t n_memos;
};

void ml_program_init(struct ml_program *program);
void ml_program_fini(struct ml_program *program);

/* The field's index, made when first asked for; NULL when memory runs out. */
struct ml_field_index *ml_program_field(struct ml_program *program, enum ml_field field);
bool ml_program_post(struct ml_field_index *field, uint32_t entry, uint32_t predicate, struct ml_atom *atom);
bool ml_program_add_code(struct ml_program *program, uint32_t rule, const struct ml_expr *condition);

/*
 * New node; children are added in order, those of an AND below an AND and of an OR below an OR in its place. NULL or
 * false when memory runs out.
 */
struct ml_expr *ml_expr_new(struct ml_arena *arena, enum ml_expr_kind kind, uint32_t number);
bool ml_expr_add(struct ml_arena *arena, struct ml_expr *parent, const struct ml_expr *child) ML_MUST_USE;

/* The child in the place of an AND or OR that has only one. */
const struct ml_expr *ml_expr_simple(const struct ml_expr *expr);

/* After the last rule: builds the indexes and anchors every rule. ML_OK or ML_NO_MEMORY. */
enum ml_status ml_program_link(struct ml_program *program) ML_MUST_USE;

#endif
