/* SPDX-License-Identifier: Apache-2.0 */
/* IRC. Input and oracle: fuzz/both_ways.h; without the comparison where TLS may follow. */
#include "fuzz/both_ways.h"
#include "fuzz/fuzz.h"
#include "proto/irc/irc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_span input = ml_span_of(data, size);
    if (ml_span_find(input, ml_span_text("670")) < size) {
        fuzz_either_way(&ml_parser_irc, 6667, input);
    } else {
        fuzz_both_ways(&ml_parser_irc, 6667, input);
    }
    return 0;
}
