/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/unsealed.h"

void ml_unsealed_count(const struct ml_unsealed *unsealed, struct ml_counters *counters)
{
    static const struct {
        enum ml_unsealed_why why;
        enum ml_counter counter;
    } reasons[] = {
        {ML_UNSEALED_NOT_FROM_START, ML_COUNT_UNSEALED_NOT_FROM_START},
        {ML_UNSEALED_NO_SECRET, ML_COUNT_UNSEALED_NO_SECRET},
        {ML_UNSEALED_UNKNOWN_SUITE, ML_COUNT_UNSEALED_UNKNOWN_SUITE},
        {ML_UNSEALED_GAP, ML_COUNT_UNSEALED_GAP},
        {ML_UNSEALED_BAD_TAG, ML_COUNT_UNSEALED_BAD_TAG},
    };
    if (!unsealed->was_sealed) {
        return;
    }
    ml_count(counters, ML_COUNT_DECRYPTION_POSSIBLE);
    if (unsealed->has_opened) {
        ml_count(counters, ML_COUNT_DECRYPTION_DONE);
    }
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if ((unsealed->why & reasons[i].why) != 0) {
            ml_count(counters, reasons[i].counter);
            return;
        }
    }
}
