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
        break;
    }
    if (value->sensitivity < ML_SENS_PERSONAL) {
        ml_json_span(json, value->text);
        return;
    }
    struct ml_buf mask;
    ml_buf_init(&mask, 64);
    ml_mask_add(&mask, value->text, (enum ml_sensitivity)value->sensitivity);
    ml_json_span(json, ml_buf_span(&mask));
    ml_buf_fini(&mask);
}

static void add_field(struct ml_json *json, const struct ml_record *record, enum ml_field field)
{
    const struct ml_field_info *info = ml_field_info(field);
    const struct ml_value *values = &record->values[record->first[field]];
    ml_json_key_span(json, ml_span_of(info->name, info->name_len));
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

void ml_ndjson_row(const struct ml_record *record, struct ml_buf *out)
{
    enum { AT_ONCE = sizeof(uint64_t) / sizeof record->count[0] };
    struct ml_json json;
    ml_json_init(&json, out);
    ml_json_object(&json);
    for (unsigned field = ML_FIELD_NONE + 1; field < ML_N_FIELDS; field++) {
        uint64_t counts = 1;
        if (ML_N_FIELDS - field >= AT_ONCE) {
            memcpy(&counts, &record->count[field], sizeof counts);
        }
        if (counts == 0) { /* most fields of a row are absent */
            field += AT_ONCE - 1;
        } else if (record->count[field] != 0) {
            add_field(&json, record, (enum ml_field)field);
        }
    }
    ml_json_object_end(&json);
    (void)ml_buf_add_byte(out, '\n'); /* failures latch in the buffer */
}
