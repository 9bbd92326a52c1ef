/* SPDX-License-Identifier: Apache-2.0 */
/* SIP over streams. Input and oracle: fuzz/both_ways.h. */
#include "fuzz/both_ways.h"
#include "fuzz/fuzz.h"
#include "proto/sip/sip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_both_ways(&ml_parser_sip, 5060, ml_span_of(data, size));
    return 0;
}
