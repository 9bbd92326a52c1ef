/* SPDX-License-Identifier: Apache-2.0 */
#include "core/safe.h"

#include "core/text.h"

enum { CONTROL_LIMIT = 0x20 };

void ml_safe_add(struct ml_buf *out, struct ml_span text, size_t max)
{
    for (size_t i = 0; i < text.len && max > 0; max--) {
        size_t n = ml_utf8_length(ml_span_cut(text, i, 4));
        bool is_c1 = n == 2 && text.ptr[i] == 0xc2 && text.ptr[i + 1] < 0xa0;
        if (n == 0 || text.ptr[i] < CONTROL_LIMIT || text.ptr[i] == 0x7f || is_c1) {
            (void)ml_buf_add_byte(out, '.'); /* failures latch in the buffer */
            i += n != 0 ? n : 1;
        } else {
            (void)ml_buf_add(out, text.ptr + i, n);
            i += n;
        }
    }
}
