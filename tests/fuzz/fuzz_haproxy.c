/* SPDX-License-Identifier: Apache-2.0 */
/* PROXY header. Input: fuzz/both_ways.h, without its comparison, since any conversation may follow. */
#include "fuzz/both_ways.h"
#include "fuzz/fuzz.h"
#include "proto/haproxy/haproxy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_either_way(&ml_parser_haproxy, 443, ml_span_of(data, size));
    return 0;
}
