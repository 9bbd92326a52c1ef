/* SPDX-License-Identifier: Apache-2.0 */
/* STUN over TCP, in three framings. Input and oracle: fuzz/both_ways.h. */
#include "fuzz/both_ways.h"
#include "fuzz/fuzz.h"
#include "proto/stun/stun.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_both_ways(&ml_parser_stun, 3478, ml_span_of(data, size));
    return 0;
}
