/* SPDX-License-Identifier: Apache-2.0 */
/* STUN and what relays carry. Input and oracle: fuzz/datagrams.h. */
#include "fuzz/datagrams.h"
#include "fuzz/fuzz.h"
#include "proto/stun/stun.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_datagrams(&ml_parser_stun, 3478, ml_span_of(data, size));
    return 0;
}
