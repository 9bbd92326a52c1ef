/* SPDX-License-Identifier: Apache-2.0 */
/* Viber over TCP. Input and oracle: fuzz/both_ways.h. */
#include "fuzz/both_ways.h"
#include "fuzz/fuzz.h"
#include "proto/viber/viber.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_both_ways(&ml_parser_viber, 4244, ml_span_of(data, size));
    return 0;
}
