/* SPDX-License-Identifier: Apache-2.0 */
/* QUIC connections under way. Input and oracle: fuzz/datagrams.h. */
#include "fuzz/datagrams.h"
#include "fuzz/fuzz.h"
#include "proto/quic/short.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_datagrams(&ml_parser_quic_short, 443, ml_span_of(data, size));
    return 0;
}
