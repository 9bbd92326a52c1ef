/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XMPP. Input: fuzz/both_ways.h. Oracle: as there, as long as nothing follows STARTTLS: what is inside is another
 * parser's, with rules of its own.
 */
#include "fuzz/both_ways.h"
#include "fuzz/fuzz.h"
#include "proto/xmpp/xmpp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_both_ways(&ml_parser_xmpp, 5222, ml_span_of(data, size));
    return 0;
}
