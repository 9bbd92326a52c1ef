/* SPDX-License-Identifier: Apache-2.0 */
/* KakaoTalk. Input and oracle: fuzz/both_ways.h. */
#include "fuzz/both_ways.h"
#include "fuzz/fuzz.h"
#include "proto/kakaotalk/loco.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_both_ways(&ml_parser_kakao_loco, 8080, ml_span_of(data, size));
    return 0;
}
