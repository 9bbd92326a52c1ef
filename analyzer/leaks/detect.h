/* SPDX-License-Identifier: Apache-2.0 */
/*
 * detect - identifiers told by their own shape, where a name beside them or a check digit says what they are.
 *
 * In:        the text of a request: a head, a query, a body of form data, JSON or XML.
 * Out:       values with their kind. Nothing is told of a number alone: an IMEI needs its check digit and a name like
 *            "imei", a position needs two names and two numbers.
 * Lifetime:  spans borrow from the text, or from the detector until the next call where an escape was undone.
 */
#ifndef MITLESER_LEAKS_DETECT_H
#define MITLESER_LEAKS_DETECT_H

#include "leaks/identity.h"

struct ml_detected {
    enum ml_identity_kind kind;
    const char *precision; /* "exact"; of a position "metres", "tens of metres", "hundreds of metres", "kilometres" */
    const char *form;      /* what told it: "name", "shape", "jwt", "cookie", "bearer", "user-agent", "many" */
    struct ml_span value;
    size_t from, len; /* in the text */
};

typedef void (*ml_detected_fn)(void *context, const struct ml_detected *detected);

/* A value that stands beside a name. `name` may be empty. Both without escapes. */
struct ml_pair {
    struct ml_span name;
    struct ml_span value;
    size_t from, len; /* of the value, in the text */
};

/* Pairs in form data, JSON, XML, header fields, in the order of the text. */
typedef void (*ml_pair_fn)(void *context, const struct ml_pair *pair);
void ml_pairs_each(struct ml_span text, ml_pair_fn take, void *context);

/* What one pair says; positions wait for their other half in `memory`, which is zeroed for a new text. */
struct ml_detect_memory {
    bool has_half[2];
    double half[2];
    unsigned decimals[2];
    size_t from[2], end[2];
};

void ml_detect_pair(struct ml_detect_memory *memory, const struct ml_pair *pair, ml_detected_fn take, void *context);

/* --- what only many values of one text say (detect_many.c) --- */

enum { ML_MANY_CONTACTS = 8, ML_MANY_PACKAGES = 8, ML_MANY_ATTRIBUTES = 6, ML_MANY_SEEN = 16, ML_N_MANY = 3 };

/* Different values of one sort; the first ML_MANY_SEEN are told apart. Zeroed for a new text. */
struct ml_detect_many {
    struct ml_many_sort {
        size_t n;
        uint64_t seen[ML_MANY_SEEN]; /* hashes */
        struct ml_span first;
        size_t from, end; /* of all of them, in the text */
    } sorts[ML_N_MANY];
};

/* A pair and what it was told to be, ML_IDENTITY_NONE for nothing. */
void ml_detect_many_add(struct ml_detect_many *many, const struct ml_pair *pair, enum ml_identity_kind kind);

/* An address book from ML_MANY_CONTACTS people on, a list of apps, a profile of a device. */
void ml_detect_many_end(const struct ml_detect_many *many, ml_detected_fn take, void *context);

/* --- texts --- */

/* All of a body or query. */
void ml_detect_text(struct ml_span text, ml_detected_fn take, void *context);

/* All of the head of a request: target, fields, cookies, credentials, user agent. */
void ml_detect_head(struct ml_span head, ml_detected_fn take, void *context);

#endif
