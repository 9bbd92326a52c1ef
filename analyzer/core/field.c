/* SPDX-License-Identifier: Apache-2.0 */
#include "core/field.h"

#include "core/status.h"

/* Spellings of the table's type column. */
#define TYPE_TEXT ML_TYPE_TEXT, false
#define TYPE_NUMBER ML_TYPE_NUMBER, false
#define TYPE_ADDRESS ML_TYPE_ADDRESS, false
#define TYPE_TRUTH ML_TYPE_TRUTH, false
#define TYPE_LIST_TEXT ML_TYPE_TEXT, true
#define TYPE_LIST_NUMBER ML_TYPE_NUMBER, true
#define TYPE_LIST_ADDRESS ML_TYPE_ADDRESS, true

static const struct ml_field_info fields[ML_N_FIELDS] = {
    [ML_FIELD_NONE] = {"", ML_TYPE_TEXT, false, "", ML_SENS_NONE, 0},
#define ML_FIELD(id, name, type, where, sensitivity)                                                                   \
    [ML_F_##id] = {(name), TYPE_##type, (where), ML_SENS_##sensitivity, sizeof(name) - 1},
#include "core/field.def"
#undef ML_FIELD
};

const struct ml_field_info *ml_field_info(enum ml_field field)
{
    ML_ASSERT((unsigned)field < ML_N_FIELDS);
    return &fields[field];
}

enum ml_field ml_field_find(struct ml_span name)
{
    for (unsigned i = ML_FIELD_NONE + 1; i < ML_N_FIELDS; i++) {
        if (ml_span_equal(name, ml_span_text(fields[i].name))) {
            return (enum ml_field)i;
        }
    }
    return ML_FIELD_NONE;
}
