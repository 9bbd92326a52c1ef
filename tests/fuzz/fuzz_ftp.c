/* SPDX-License-Identifier: Apache-2.0 */
/* FTP. Input and oracle: fuzz/both_ways.h; without the comparison where TLS may follow. */
#include "fuzz/both_ways.h"
#include "fuzz/fuzz.h"
#include "proto/ftp/ftp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_both_ways_unless(&ml_parser_ftp, 21, "AUTH", ml_span_of(data, size));
    return 0;
}
