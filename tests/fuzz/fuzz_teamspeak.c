/* SPDX-License-Identifier: Apache-2.0 */
/* TeamSpeak. Input and oracle: fuzz/datagrams.h. */
#include "fuzz/datagrams.h"
#include "fuzz/fuzz.h"
#include "proto/teamspeak/teamspeak.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_datagrams(&ml_parser_teamspeak, 9987, ml_span_of(data, size));
    return 0;
}
