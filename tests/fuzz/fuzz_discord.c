/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of Discord. Input and oracle: fuzz/datagrams.h. */
#include "fuzz/datagrams.h"
#include "fuzz/fuzz.h"
#include "proto/discord/discord.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_datagrams(&ml_parser_discord, 50004, ml_span_of(data, size));
    return 0;
}
