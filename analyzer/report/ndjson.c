/* SPDX-License-Identifier: Apache-2.0 */
#include "report/mask.h"
#include "report/write.h"

static void add_value(struct ml_json *json, const struct ml_value *value, enum ml_type type)
{
    switch (type) {
    case ML_TYPE_NUMBER:
        ml_json_uint(json, value->number);
        return;
    case ML_TYPE_TRUTH:
        ml_json_bool(json, value->number != 0);
        return;
    case ML_TYPE_ADDRESS:
        ml_json_ip(json, &value->ip);
        return;
    case ML_TYPE_TEXT:
        ml_mask_json(json, value->text, (enum ml_sensitivity)value->sensitivity);
        return;
    }
}

static void add_field(struct ml_json *json, const struct ml_record *record, enum ml_field field)
{
    const struct ml_field_info *info = ml_field_info(field);
    const struct ml_value *values = &record->values[record->first[field]];
    ml_json_field(json, info);
    if (!info->is_list) {
        add_value(json, values, info->type);
        return;
    }
    ml_json_array(json);
    for (unsigned i = 0; i < record->count[field]; i++) {
        add_value(json, &values[i], info->type);
    }
    ml_json_array_end(json);
}

/* Fields in the order of field.def, which is not the order in which they were set. */
static void add_fields(struct ml_json *json, const struct ml_record *record)
{
    for (unsigned i = 0; i < sizeof record->has / sizeof record->has[0]; i++) {
        for (uint64_t word = record->has[i]; word != 0; word &= word - 1) {
            add_field(json, record, (enum ml_field)(i * 64 + (unsigned)__builtin_ctzll(word)));
        }
    }
}

void ml_ndjson_row(const struct ml_record *record, struct ml_buf *out)
{
    struct ml_json json;
    ml_json_init(&json, out);
    ml_json_object(&json);
    add_fields(&json, record);
    ml_json_object_end(&json);
    (void)ml_buf_add_byte(out, '\n'); /* failures latch in the buffer */
}
