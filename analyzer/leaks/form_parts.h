/* SPDX-License-Identifier: Apache-2.0 */
/* form_parts - what the files that make forms share; internal to leaks. */
#ifndef MITLESER_LEAKS_FORM_PARTS_H
#define MITLESER_LEAKS_FORM_PARTS_H

#include "core/limits.h"
#include "core/mem.h"
#include "leaks/form.h"

struct ml_form_giving {
    ml_form_fn take; /* NULL: only counts */
    void *context;
    bool goes_on;
    const char *reason; /* set when the value is not what its kind says */
    unsigned n_found;   /* forms that are looked for */
    unsigned best_bits;
};

/* Gives one form, after chance has had its say. */
void ml_form_give(struct ml_form_giving *giving, const struct ml_form *form);
void ml_form_text(struct ml_form_giving *giving, const char *name, struct ml_span text, unsigned use,
                  enum ml_form_edge edge);
void ml_form_cases(struct ml_form_giving *giving, const char *name, struct ml_span text, enum ml_form_edge edge);

/* All forms of an identity; false and a reason when the value is malformed. */
bool ml_form_give_all(struct ml_form_giving *giving, const struct ml_identity *identity);

/* Names, addresses, messages: words in the orders and with the marks they are written with. */
bool ml_form_words(struct ml_form_giving *giving, const struct ml_identity *identity);

/* The address of a page, and what of it stands alone: its host, the first label of that, its path. */
bool ml_form_link(struct ml_form_giving *giving, struct ml_span value);

/* The digests of a file, and pieces of it from its beginning to its end. */
bool ml_form_content(struct ml_form_giving *giving, struct ml_span content);

/* "latitude, longitude" in degrees. */
bool ml_form_coordinates(struct ml_form_giving *giving, struct ml_span value);

#endif
