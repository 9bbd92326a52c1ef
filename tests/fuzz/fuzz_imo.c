/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of imo. Input and oracle: fuzz/datagrams.h. */
#include "fuzz/datagrams.h"
#include "fuzz/fuzz.h"
#include "proto/imo/imo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_datagrams(&ml_parser_imo, 36535, ml_span_of(data, size));
    return 0;
}
