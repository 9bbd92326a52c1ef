/* SPDX-License-Identifier: Apache-2.0 */
/*
 * field - the one vocabulary (field.def) that fact attributes, NDJSON members and rule fields share, so that a rule
 * written against the export is a rule of the program.
 */
#ifndef MITLESER_CORE_FIELD_H
#define MITLESER_CORE_FIELD_H

#include "core/span.h"

enum ml_field {
    ML_FIELD_NONE,
#define ML_FIELD(id, name, type, where, sensitivity) ML_F_##id,
#include "core/field.def"
#undef ML_FIELD
    ML_N_FIELDS
};

enum ml_type { ML_TYPE_TEXT, ML_TYPE_NUMBER, ML_TYPE_ADDRESS, ML_TYPE_TRUTH };

enum ml_sensitivity {
    ML_SENS_NONE,
    ML_SENS_NETWORK,  /* tells who or where the device is on the network */
    ML_SENS_PERSONAL, /* masked or pseudonymised outside the sealed tier */
};

struct ml_field_info {
    const char *name;  /* "tls.sni" */
    const char *where; /* letters of the categories that know it */
    enum ml_type type; /* of one value */
    enum ml_sensitivity sensitivity;
    bool is_list;
    uint8_t name_len; /* bytes */
    char member[32];  /* the name as JSON wants it before a value: in quotes, with a colon */
};

/* Never NULL for a valid field. */
const struct ml_field_info *ml_field_info(enum ml_field field);

/* ML_FIELD_NONE when no field has that name. */
enum ml_field ml_field_find(struct ml_span name);

#endif
