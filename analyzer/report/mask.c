/* SPDX-License-Identifier: Apache-2.0 */
#include "report/mask.h"

#include "core/text.h"

static void add_mask(struct ml_json *json, size_t len)
{
    static const char before[] = "<masked:";
    char text[sizeof before + ML_DECIMAL_TEXT];
    size_t n = sizeof before - 1;
    memcpy(text, before, n);
    n += ml_decimal_write(len, text + n);
    text[n++] = '>';
    ml_json_span(json, ml_span_of(text, n));
}

void ml_mask_json(struct ml_json *json, struct ml_span value, enum ml_sensitivity sensitivity)
{
    if (sensitivity < ML_SENS_PERSONAL) {
        ml_json_span(json, value);
    } else {
        add_mask(json, value.len);
    }
}
