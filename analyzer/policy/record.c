/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/record.h"

#include <inttypes.h>
#include <stdio.h>

const char *ml_category_name(enum ml_category category)
{
    static const char *const names[ML_N_CATEGORIES] = {
        [ML_CAT_FLOW] = "flow", [ML_CAT_ENDPOINT] = "endpoint", [ML_CAT_FACT] = "fact",
        [ML_CAT_APP] = "app",   [ML_CAT_CAPTURE] = "capture",
    };
    ML_ASSERT((unsigned)category < ML_N_CATEGORIES);
    return names[category];
}

void ml_record_clear(struct ml_record *record, enum ml_category category)
{
    for (size_t i = 0; i < record->n_used; i++) {
        record->count[record->used[i]] = 0;
    }
    memset(record->has, 0, sizeof record->has);
    record->n_used = 0;
    record->n_values = 0;
    record->is_cut = false;
    record->category = category;
}

void ml_record_show(struct ml_record *record, enum ml_field field, uint16_t count)
{
    uint64_t bit = UINT64_C(1) << field % 64;
    record->count[field] = count;
    record->has[field / 64] = count != 0 ? record->has[field / 64] | bit : record->has[field / 64] & ~bit;
}

/* Room for one more value of the field, or NULL when the row is full or another value was first. */
static struct ml_value *add(struct ml_record *record, enum ml_field field)
{
    ML_ASSERT(field > ML_FIELD_NONE && field < ML_N_FIELDS);
    const struct ml_field_info *info = ml_field_info(field);
    uint16_t count = record->count[field];
    uint16_t at = record->n_values;
    if (count != 0 && (!info->is_list || record->first[field] + count != at)) {
        return NULL;
    }
    /* A field that was hidden by setting its count to 0 stands in `used` twice. */
    if (at == ML_MAX_RECORD_VALUES || (count == 0 && record->n_used == ML_N_FIELDS)) {
        record->is_cut = true;
        return NULL;
    }
    if (count == 0) {
        record->first[field] = at;
        record->has[field / 64] |= UINT64_C(1) << field % 64;
        record->used[record->n_used++] = (uint16_t)field;
    }
    record->count[field] = (uint16_t)(count + 1);
    record->n_values = (uint16_t)(at + 1);
    struct ml_value *value = &record->values[at];
    value->sensitivity = (uint8_t)info->sensitivity; /* the caller sets the member that counts */
    return value;
}

void ml_record_text(struct ml_record *record, enum ml_field field, struct ml_span text)
{
    ML_ASSERT(ml_field_info(field)->type == ML_TYPE_TEXT);
    struct ml_value *value = add(record, field);
    if (value != NULL) {
        value->text = text;
    }
}

void ml_record_cstr(struct ml_record *record, enum ml_field field, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        ml_record_text(record, field, ml_span_text(text));
    }
}

void ml_record_number(struct ml_record *record, enum ml_field field, uint64_t number)
{
    ML_ASSERT(ml_field_info(field)->type == ML_TYPE_NUMBER);
    struct ml_value *value = add(record, field);
    if (value != NULL) {
        value->number = number;
    }
}

void ml_record_truth(struct ml_record *record, enum ml_field field, bool truth)
{
    ML_ASSERT(ml_field_info(field)->type == ML_TYPE_TRUTH);
    struct ml_value *value = add(record, field);
    if (value != NULL) {
        value->number = truth;
    }
}

void ml_record_ip(struct ml_record *record, enum ml_field field, const struct ml_ip *ip)
{
    ML_ASSERT(ml_field_info(field)->type == ML_TYPE_ADDRESS);
    struct ml_value *value = ip->family != 0 ? add(record, field) : NULL;
    if (value != NULL) {
        value->ip = *ip;
    }
}

const struct ml_value *ml_record_get(const struct ml_record *record, enum ml_field field)
{
    return record->count[field] != 0 ? &record->values[record->first[field]] : NULL;
}

struct ml_span ml_value_text(const struct ml_value *value, enum ml_type type, char scratch[64])
{
    switch (type) {
    case ML_TYPE_TEXT:
        return value->text;
    case ML_TYPE_NUMBER:
        return ml_span_of(scratch, (size_t)snprintf(scratch, 64, "%" PRIu64, value->number));
    case ML_TYPE_ADDRESS:
        return ml_span_of(scratch, ml_ip_format(&value->ip, scratch));
    case ML_TYPE_TRUTH:
        break;
    }
    return ml_span_text(value->number != 0 ? "true" : "false");
}
