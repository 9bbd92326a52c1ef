/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of Viber. Input and oracle: fuzz/datagrams.h. */
#include "fuzz/datagrams.h"
#include "fuzz/fuzz.h"
#include "proto/viber/viber.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_datagrams(&ml_parser_viber_call, 7985, ml_span_of(data, size));
    return 0;
}
