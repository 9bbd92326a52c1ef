/* SPDX-License-Identifier: Apache-2.0 */
/* XMPP. Input and oracle: fuzz/both_ways.h; without the comparison where TLS may follow. */
#include "fuzz/both_ways.h"
#include "fuzz/fuzz.h"
#include "proto/xmpp/xmpp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_span input = ml_span_of(data, size);
    if (ml_span_find(input, ml_span_text("proceed")) < size) {
        fuzz_either_way(&ml_parser_xmpp, 5222, input);
    } else {
        fuzz_both_ways(&ml_parser_xmpp, 5222, input);
    }
    return 0;
}
