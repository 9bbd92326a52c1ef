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

void ml_ndjson_row(const struct ml_record *record, struct ml_buf *out)
{
    struct ml_json json;
    ml_json_init(&json, out);
    ml_json_object(&json);
    for (unsigned field = ML_FIELD_NONE + 1; field < ML_N_FIELDS; field++) {
        unsigned n = record->count[field];
        if (n == 0) {
            continue;
        }
        const struct ml_field_info *info = ml_field_info((enum ml_field)field);
        const struct ml_value *values = &record->values[record->first[field]];
        ml_json_key(&json, info->name);
        if (!info->is_list) {
            add_value(&json, values, info->type);
            continue;
        }
        ml_json_array(&json);
        for (unsigned i = 0; i < n; i++) {
            add_value(&json, &values[i], info->type);
        }
        ml_json_array_end(&json);
    }
    ml_json_object_end(&json);
    (void)ml_buf_add_byte(out, '\n'); /* failures latch in the buffer */
}
