/* SPDX-License-Identifier: Apache-2.0 */
/* Mumble's question and answer. Input and oracle: fuzz/datagrams.h. */
#include "fuzz/datagrams.h"
#include "fuzz/fuzz.h"
#include "proto/mumble/mumble.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_datagrams(&ml_parser_mumble, 64738, ml_span_of(data, size));
    return 0;
}
