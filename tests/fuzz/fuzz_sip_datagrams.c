/* SPDX-License-Identifier: Apache-2.0 */
/* SIP over datagrams, and the descriptions of sessions in them. Input and oracle: fuzz/datagrams.h. */
#include "fuzz/datagrams.h"
#include "fuzz/fuzz.h"
#include "proto/sip/sip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_datagrams(&ml_parser_sip, 5060, ml_span_of(data, size));
    return 0;
}
