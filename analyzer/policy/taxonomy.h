/* SPDX-License-Identifier: Apache-2.0 */
/*
 * taxonomy - what can leak, who sees it, and what they learn: the table behind the readers matrix.
 *
 * In:        rules/taxonomy/taxonomy.yaml.
 * Invariant: immutable once loaded; ids are unique, leaks stand in the order of the file.
 */
#ifndef MITLESER_POLICY_TAXONOMY_H
#define MITLESER_POLICY_TAXONOMY_H

#include "policy/rules.h"

/* Who can read along. */
enum ml_observer {
    ML_OBS_LOCAL_NETWORK,     /* whoever shares or runs the Wi-Fi, the office or home network */
    ML_OBS_ACCESS_PROVIDER,   /* the internet provider of the device */
    ML_OBS_PATH,              /* networks and states between provider and endpoint */
    ML_OBS_RESOLVER,          /* whoever answers name look-ups */
    ML_OBS_ENDPOINT_OPERATOR, /* the company behind the app */
    ML_OBS_HOSTING_PROVIDER,  /* cloud or content-delivery company that runs the host */
    ML_OBS_THIRD_PARTY,       /* companies the app contacts beside its own */
    ML_OBS_PUSH_PROVIDER,     /* relays notifications */
    ML_OBS_CALL_PEER,         /* the other side of a call or chat */
    ML_OBS_STATE_REACH,       /* states whose law reaches one of the companies */
    ML_N_OBSERVERS
};

/* What they can learn. */
enum ml_learns {
    ML_LEARNS_APP_USE, /* that the app or a feature of it is used */
    ML_LEARNS_TIMING,  /* when and how much */
    ML_LEARNS_IDENTITY,
    ML_LEARNS_DEVICE_IDENTITY,
    ML_LEARNS_CONTACTS,
    ML_LEARNS_LOCATION,
    ML_LEARNS_CONTENT,
    ML_LEARNS_PAYMENT,
    ML_N_LEARNS
};

/* What a capture must hold for the leak to be seen. */
enum ml_needs {
    ML_NEEDS_METADATA,
    ML_NEEDS_DECRYPTED,
    ML_NEEDS_PLANTED,  /* values that were planted; they may show without keys */
    ML_NEEDS_STEPS,    /* the case file says what was done with the app, and when */
    ML_NEEDS_DECLARED, /* the case file says what the documents of the app declare */
    /* From here on no rule can look for it. */
    ML_NEEDS_ACTIVE, /* a test that interferes */
    ML_NEEDS_RUNS,   /* several captures, compared */
    ML_NEEDS_ENDS,   /* captures of several places at the same time */
    ML_NEEDS_MODEL,  /* a model or reference set made from labelled captures */
    ML_N_NEEDS
};

/* Ids as in the file: "local_network", "app_use", "decrypted", "steps". */
const char *ml_observer_text(enum ml_observer observer);
const char *ml_learns_text(enum ml_learns learns);
const char *ml_needs_text(enum ml_needs needs);

struct ml_leak {
    const char *id; /* "ML-HTTP-01" */
    const char *title;
    const char *category; /* "http" */
    uint32_t observers;   /* bit set of enum ml_observer; 0: a property, not a disclosure */
    uint32_t learns;      /* bit set of enum ml_learns */
    enum ml_level severity;
    enum ml_claim claim;
    enum ml_needs needs;
    const char *const *limits; /* NULL-terminated; LIM-... */
};

struct ml_taxonomy;

/* Gives *out. Errors carry file, line, column and value. */
enum ml_status ml_taxonomy_load(const char *path, struct ml_taxonomy **out, struct ml_error *error) ML_MUST_USE;

/* From memory; `name` stands for the file. */
enum ml_status ml_taxonomy_parse(const char *name, struct ml_span text, struct ml_taxonomy **out,
                                 struct ml_error *error) ML_MUST_USE;

void ml_taxonomy_free(struct ml_taxonomy *taxonomy);

size_t ml_taxonomy_count(const struct ml_taxonomy *taxonomy);
const struct ml_leak *ml_taxonomy_get(const struct ml_taxonomy *taxonomy, size_t index);
const struct ml_leak *ml_taxonomy_find(const struct ml_taxonomy *taxonomy, struct ml_span id); /* NULL unknown */

/* SHA-256 of the file. */
const char *ml_taxonomy_sha256(const struct ml_taxonomy *taxonomy);

#endif
