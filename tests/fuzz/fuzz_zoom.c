/* SPDX-License-Identifier: Apache-2.0 */
/* Meetings of Zoom. Input and oracle: fuzz/datagrams.h. */
#include "fuzz/datagrams.h"
#include "fuzz/fuzz.h"
#include "proto/zoom/zoom.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_datagrams(&ml_parser_zoom, 8801, ml_span_of(data, size));
    return 0;
}
