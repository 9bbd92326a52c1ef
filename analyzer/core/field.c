/* SPDX-License-Identifier: Apache-2.0 */
#include "core/field.h"

#include "core/status.h"

/* Spellings of the table's type column. */
#define TYPE_TEXT .type = ML_TYPE_TEXT
#define TYPE_NUMBER .type = ML_TYPE_NUMBER
#define TYPE_ADDRESS .type = ML_TYPE_ADDRESS
#define TYPE_TRUTH .type = ML_TYPE_TRUTH
#define TYPE_LIST_TEXT .type = ML_TYPE_TEXT, .is_list = true
#define TYPE_LIST_NUMBER .type = ML_TYPE_NUMBER, .is_list = true
#define TYPE_LIST_ADDRESS .type = ML_TYPE_ADDRESS, .is_list = true

static const struct ml_field_info fields[ML_N_FIELDS] = {
    [ML_FIELD_NONE] = {.name = "", .where = ""},
#define ML_FIELD(id, text, list_type, categories, tier)                                                                \
    [ML_F_##id] = {.name = (text),                                                                                     \
                   .where = (categories),                                                                              \
                   TYPE_##list_type,                                                                                   \
                   .sensitivity = ML_SENS_##tier,                                                                      \
                   .name_len = sizeof(text) - 1,                                                                       \
                   .member = "\"" text "\":"},
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
