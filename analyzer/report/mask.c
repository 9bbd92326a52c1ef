/* SPDX-License-Identifier: Apache-2.0 */
#include "report/mask.h"

void ml_mask_add(struct ml_buf *out, struct ml_span value, enum ml_sensitivity sensitivity)
{
    if (sensitivity < ML_SENS_PERSONAL) {
        (void)ml_buf_add_span(out, value); /* failures latch in the buffer */
    } else {
        (void)ml_buf_printf(out, "<masked:%zu>", value.len);
    }
}
