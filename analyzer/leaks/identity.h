/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity - the values that an auditor planted on the test device and wants to find again.
 *
 * In:        an identities file: `identities`, a list of {kind, value, label}. A label is what reports say; without one
 *            it is the kind and its number ("phone-1"). The kinds file and document name a file in place of the value
 *            ({kind, file, label}), by a path from the folder of the identities file.
 * Out:       values in a vault that is wiped at the end. Nothing else of the program prints one.
 * Refused, each with line and column and without the value: unknown keys and kinds, values that are not what their kind
 *            says (a check digit, a number without country code), values that chance would bring up too often
 *            (chance.h), and a value given twice.
 */
#ifndef MITLESER_LEAKS_IDENTITY_H
#define MITLESER_LEAKS_IDENTITY_H

#include "core/arena.h"

enum ml_identity_kind {
    ML_IDENTITY_NONE,
#define ML_IDENTITY(id, name, group) ML_IDENTITY_##id,
#include "leaks/identity.def"
#undef ML_IDENTITY
    ML_N_IDENTITY_KINDS
};

enum ml_identity_group { ML_GROUP_OTHER, ML_GROUP_PERSON, ML_GROUP_DEVICE, ML_GROUP_ADVERTISING };

/* "phone", "imei" ...; never NULL. */
const char *ml_identity_name(enum ml_identity_kind kind);
enum ml_identity_group ml_identity_group_of(enum ml_identity_kind kind);

/* ML_IDENTITY_NONE when no kind has that name. */
enum ml_identity_kind ml_identity_find(struct ml_span name);

struct ml_identity {
    enum ml_identity_kind kind;
    struct ml_span label;
    struct ml_span value;   /* without blanks around it; of a file its SHA-256 */
    struct ml_span content; /* of a file; else empty */
};

struct ml_identities {
    struct ml_arena vault;
    struct ml_identity *items; /* in the order of the file; in the vault */
    size_t n, room;
};

/*
 * Reads a file; on success the caller ends *out with ml_identities_fini, after a failure it is empty.
 * ML_NOT_FOUND, ML_IO, ML_BAD_INPUT, ML_LIMIT, ML_NO_MEMORY.
 */
enum ml_status ml_identities_read(const char *path, struct ml_identities *out, struct ml_error *error) ML_MUST_USE;

/* The same from memory; `name` stands for the file in errors. */
enum ml_status ml_identities_parse(const char *name, struct ml_span text, struct ml_identities *out,
                                   struct ml_error *error) ML_MUST_USE;

/*
 * Adds one value to what is there (nothing: zeroed), with the label that a file without one would give; a value that is
 * there already is left as it is. ML_BAD_INPUT with the reason when it cannot be looked for, ML_LIMIT, ML_NO_MEMORY.
 */
enum { ML_IDENTITY_REASON = 160 };
enum ml_status ml_identities_add(struct ml_identities *identities, enum ml_identity_kind kind, struct ml_span value,
                                 char reason[ML_IDENTITY_REASON]) ML_MUST_USE;

void ml_identities_fini(struct ml_identities *identities);

#endif
