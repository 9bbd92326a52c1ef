/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules - Sigma rules compiled once into an immutable program that all threads may use.
 *
 * In:        YAML files in the Sigma format (v2), `logsource: {product: mitleser, category: ...}` with the categories
 *            flow, endpoint, fact, app and capture, and the extra keys of rules/README.md.
 * Out:       for a record the numbers of the rules it matches, ascending; for a stream of such matches the
 *            correlations that came true.
 * Errors:    file, line, column and the bad value; nothing is half-loaded.
 * See:       Sigma rules specification 2.0, modifiers appendix 2.1, correlation rules specification 2.0
 *            (SigmaHQ/sigma-specification).
 */
#ifndef MITLESER_POLICY_RULES_H
#define MITLESER_POLICY_RULES_H

#include "core/digest.h"
#include "core/limits.h"
#include "policy/record.h"

enum ml_level { ML_LEVEL_INFORMATIONAL, ML_LEVEL_LOW, ML_LEVEL_MEDIUM, ML_LEVEL_HIGH, ML_LEVEL_CRITICAL, ML_N_LEVELS };
const char *ml_level_text(enum ml_level level);
bool ml_level_parse(struct ml_span text, enum ml_level *out) ML_MUST_USE;

enum ml_claim { ML_CLAIM_OBSERVATION, ML_CLAIM_INDICATION };
const char *ml_claim_text(enum ml_claim claim);

/* What a rule says of itself. Owned by the rule set; texts zero-terminated, "" when the rule is silent, never NULL. */
struct ml_rule {
    const char *id;   /* UUID */
    const char *name; /* "ml-http-cleartext": the short id people use; the id or the file's name when absent */
    const char *title;
    const char *description;
    const char *reasoning;     /* why this is a leak */
    const char *taxonomy;      /* "ML-HTTP-01" */
    const char *text_id;       /* key of the translated texts; the name when absent */
    enum ml_category category; /* of a correlation: that of its rules */
    enum ml_level level;       /* "low" when absent */
    enum ml_claim claim;       /* "indication" when absent */
    bool is_correlation;
    bool is_silent;                    /* only feeds correlations: a hit makes no finding of its own */
    const char *const *references;     /* NULL-terminated */
    const char *const *limits;         /* NULL-terminated; LIM-... */
    const char *const *provisions;     /* NULL-terminated */
    const char *const *falsepositives; /* NULL-terminated */
    const char *const *tags;           /* NULL-terminated */
    const char *const *fires;          /* NULL-terminated; captures that must fire it */
    const char *const *silent;         /* NULL-terminated; captures that must not */
    const char *subject;               /* "flow", "endpoint", "app", "capture": what a finding of this rule is about */
    const char *file;                  /* base name */
};

struct ml_rules;

/*
 * Loads files, and folders with all *.yml below them that hold a `detection` or `correlation`, in byte order of their
 * paths. `lists` names a folder with <placeholder>.txt files for the `expand` modifier (may be NULL). Gives *out.
 * ML_UNSUPPORTED: a part of Sigma, or a log source, that is not ours; `error` names it.
 */
enum ml_status ml_rules_load(const char *const *paths, size_t n_paths, const char *lists, struct ml_rules **out,
                             struct ml_error *error) ML_MUST_USE;

/* The same with flags. */
enum {
    ML_RULES_SKIP_FOREIGN = 1 /* rules of other log sources are counted and left out, not refused */
};
enum ml_status ml_rules_load_flags(const char *const *paths, size_t n_paths, const char *lists, unsigned flags,
                                   struct ml_rules **out, struct ml_error *error) ML_MUST_USE;

/* From memory; `name` stands for the file. */
enum ml_status ml_rules_parse(const char *name, struct ml_span text, const char *lists, unsigned flags,
                              struct ml_rules **out, struct ml_error *error) ML_MUST_USE;

void ml_rules_free(struct ml_rules *rules);

size_t ml_rules_count(const struct ml_rules *rules);
const struct ml_rule *ml_rules_get(const struct ml_rules *rules, size_t index);
const struct ml_rule *ml_rules_find(const struct ml_rules *rules, struct ml_span id_or_name); /* NULL unknown */

/* Does anything here read the field in records of the category? Where nothing does, it need not be filled in. */
bool ml_rules_ask(const struct ml_rules *rules, enum ml_category category, enum ml_field field);

/* Rules that ML_RULES_SKIP_FOREIGN left out. */
size_t ml_rules_skipped(const struct ml_rules *rules);

/* SHA-256 over all rule files in load order, each followed by the lists it was first to name. */
const char *ml_rules_sha256(const struct ml_rules *rules);

/*
 * Numbers of the matching rules of the record's category into hits[0..max-1], ascending; returns how many. Room for
 * ml_rules_count always suffices; with less the lowest numbers are kept. Correlations are not among them.
 * Thread-safe: the program is immutable, `scratch` belongs to the calling thread.
 */
struct ml_rules_scratch;
struct ml_rules_scratch *ml_rules_scratch_new(const struct ml_rules *rules) ML_MUST_USE;
void ml_rules_scratch_free(struct ml_rules_scratch *scratch);
size_t ml_rules_match(const struct ml_rules *rules, struct ml_rules_scratch *scratch, const struct ml_record *record,
                      uint32_t hits[], size_t max);

/*
 * The same for a record that is the one matched last but for the fields that were touched since: what was found of the
 * others is not asked again. The facts of a flow share most of their fields.
 */
void ml_rules_touch(struct ml_rules_scratch *scratch, enum ml_field field);
size_t ml_rules_match_again(struct ml_rules_scratch *scratch, const struct ml_record *record, uint32_t hits[],
                            size_t max);

/* Matches given up at a limit of the regular expressions (ML_COUNT_LIMIT_REGEX is for them). */
uint64_t ml_rules_scratch_regex_limits(const struct ml_rules_scratch *scratch);

/*
 * Correlations: state of the join, for one thread.
 *
 * Feed the hits of every record in the order of its first frame (facts, then the flow they came from, and so on):
 * windows run in packet time, and a clock that jumps back is held at the highest time fed so far. A record without a
 * value in a `group-by` field belongs to no group, one with several values in a list field to several.
 *
 * A condition with gt or gte only, and the temporal types, look back from each event over `timespan`; they fire when
 * they become true and again only after they have been false. A condition with lt, lte or eq is decided when its window
 * is over: the window of a group opens with its first event, lasts `timespan`, and is decided by the next event fed (of
 * whatever group) beyond it or by ml_rules_correlate_flush. A correlation can feed others (at the time it fires).
 */
struct ml_correlator;

/* What an event brings along as evidence; 0 is allowed and means "none". */
struct ml_evidence_ref {
    uint64_t fact;
    uint64_t flow;
};

struct ml_correlation_hit {
    uint32_t rule;                  /* the correlation */
    const struct ml_record *record; /* the event that made it true; NULL when time did */
    int64_t time_ns;                /* of the last event in the window */
    size_t n;                       /* evidence: the last ones in the window, oldest first */
    struct ml_evidence_ref evidence[ML_MAX_FACTS_PER_FINDING];
};

typedef void ml_correlation_fn(void *context, const struct ml_correlation_hit *hit);

/* NULL when memory runs out. `fn` gets every hit, in a deterministic order; borrowed until the call returns. */
struct ml_correlator *ml_rules_correlate_new(const struct ml_rules *rules, ml_correlation_fn *fn,
                                             void *context) ML_MUST_USE;
void ml_rules_correlate_free(struct ml_correlator *correlator);

/* The hits of one record, as ml_rules_match gave them. ML_OK or ML_NO_MEMORY. */
enum ml_status ml_rules_correlate(struct ml_correlator *correlator, const struct ml_record *record,
                                  const uint32_t hits[], size_t n_hits, int64_t time_ns,
                                  struct ml_evidence_ref evidence) ML_MUST_USE;

/* No more events: windows still open are decided. */
void ml_rules_correlate_flush(struct ml_correlator *correlator);

/* Events dropped because a correlation watched too many groups (ML_COUNT_LIMIT_CORRELATION is for them). */
uint64_t ml_rules_correlate_limits(const struct ml_correlator *correlator);

/*
 * Queue: for a join that judges flow by flow, where the facts of flows overlap in time. Takes hits in any order, keeps
 * what correlations need of their records, and feeds them in the order of `seq`, equal ones in the order they came.
 */
struct ml_rules_queue;
struct ml_rules_queue *ml_rules_queue_new(const struct ml_rules *rules) ML_MUST_USE;
void ml_rules_queue_free(struct ml_rules_queue *queue);

/* Hits that feed no correlation cost nothing. ML_OK or ML_NO_MEMORY; beyond ML_MAX_CORRELATION_EVENTS: dropped,
 * counted. */
enum ml_status ml_rules_queue_add(struct ml_rules_queue *queue, const struct ml_record *record, const uint32_t hits[],
                                  size_t n_hits, uint64_t seq, int64_t time_ns,
                                  struct ml_evidence_ref evidence) ML_MUST_USE;

/* Takes over what `from` holds, as if it came now; `from` is then empty. ML_OK or ML_NO_MEMORY. */
enum ml_status ml_rules_queue_take(struct ml_rules_queue *queue, struct ml_rules_queue *from) ML_MUST_USE;

/*
 * Feeds everything with a seq below `before_seq` and forgets it. The records that reach the correlator, and through it
 * its callback, hold only the fields that correlations name.
 */
enum ml_status ml_rules_queue_run(struct ml_rules_queue *queue, struct ml_correlator *correlator,
                                  uint64_t before_seq) ML_MUST_USE;

/* Events dropped at the ceiling. */
uint64_t ml_rules_queue_limits(const struct ml_rules_queue *queue);

#endif
