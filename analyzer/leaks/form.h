/* SPDX-License-Identifier: Apache-2.0 */
/*
 * form - the ways one value is usually written: what is looked for, and what is hashed.
 *
 * In:        an identity.
 * Out:       its forms. Those that are looked for are found without regard to case; wrappings (base64, escapes ...) are
 *            not forms, they are opened where they are met (search.h).
 * Invariant: a form that is looked for carries ML_MIN_CHANCE_BITS (halves of coordinates: both together) and has at
 *            least ML_FORM_MIN_BYTES bytes.
 */
#ifndef MITLESER_LEAKS_FORM_H
#define MITLESER_LEAKS_FORM_H

#include "leaks/identity.h"

enum {
    ML_FORM_MIN_BYTES = 6,
    ML_FORM_LONG_BYTES = 24, /* a text of so many bytes is told whatever stands beside it */
    ML_FORM_MAX_BYTES = 96,
    ML_REFUSAL_TEXT = 160
};

/* What must not stand right before or behind the form. */
enum ml_form_edge {
    ML_EDGE_NONE,
    ML_EDGE_DIGIT, /* a digit: the value would be part of a longer number */
    ML_EDGE_ALNUM, /* a letter or digit */
    ML_EDGE_EMAIL  /* also . _ - + in front: another mailbox */
};

enum ml_form_use {
    ML_FORM_FIND = 1, /* looked for */
    ML_FORM_HASH = 2, /* its digests are looked for */
    ML_FORM_RAW = 4   /* bytes as they are: no text, case matters */
};

enum ml_form_half { ML_HALF_NONE, ML_HALF_LATITUDE, ML_HALF_LONGITUDE };

struct ml_form {
    const char *name;     /* "e164", "lower", "colon" ...; static */
    struct ml_span bytes; /* borrowed during the call */
    unsigned use;         /* ML_FORM_... */
    enum ml_form_edge edge;
    enum ml_form_half half; /* coordinates: which of the two */
    uint8_t decimals;       /* coordinates */
};

/* Calls `take` for each form; a false answer stops. The identity is one that ml_form_refuses does not refuse. */
typedef bool (*ml_form_fn)(void *context, const struct ml_form *form);
bool ml_form_each(const struct ml_identity *identity, ml_form_fn take, void *context);

/* Why a value cannot be looked for, for the person who wrote the file; the value is not part of the text. */
bool ml_form_refuses(const struct ml_identity *identity, char reason[ML_REFUSAL_TEXT]);

#endif
