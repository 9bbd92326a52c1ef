/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/mmtls/random.h"

enum {
    WORDS = 31,
    DISCARDED = 310, /* ten times the table, as srandom() does */
    LAG = 3,
    SPAN = WORDS + LAG + DISCARDED
};

uint32_t ml_mmtls_first_random(uint32_t seed)
{
    uint32_t r[SPAN + 1];
    /* Park and Miller's generator on signed numbers; a seed of 0 counts as 1, one above 2^31 is negative. */
    r[0] = seed != 0 ? seed : 1;
    for (int i = 1; i < WORDS; i++) {
        int64_t next = INT64_C(16807) * (int32_t)r[i - 1] % INT32_MAX;
        r[i] = (uint32_t)(next < 0 ? next + INT32_MAX : next);
    }
    for (int i = WORDS; i < WORDS + LAG; i++) {
        r[i] = r[i - WORDS];
    }
    for (int i = WORDS + LAG; i <= SPAN; i++) {
        r[i] = r[i - WORDS] + r[i - LAG];
    }
    return r[SPAN] >> 1;
}
