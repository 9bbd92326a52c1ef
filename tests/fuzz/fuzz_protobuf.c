/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of a hostile protobuf message. Oracle: they are digits, apart by commas, and come from within the bytes.
 */
#include "leaks/protobuf.h"

#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_view view;
    ML_ASSERT(ml_view_init(&view));
    bool has_some = ml_open_protobuf(ml_span_of(data, size), &view);
    ML_ASSERT(has_some == (view.len != 0));
    for (size_t i = 0; i < view.len; i++) {
        uint8_t byte = view.bytes[i];
        ML_ASSERT((byte >= '0' && byte <= '9') || byte == ',' || byte == '.' || byte == '-');
        ML_ASSERT(ml_view_at(&view, i) < size);
    }
    ml_view_fini(&view);
    return 0;
}
