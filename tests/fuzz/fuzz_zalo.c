/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of Zalo. Input and oracle: fuzz/datagrams.h. */
#include "fuzz/datagrams.h"
#include "fuzz/fuzz.h"
#include "proto/zalo/zalo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_datagrams(&ml_parser_zalo, 40000, ml_span_of(data, size));
    return 0;
}
