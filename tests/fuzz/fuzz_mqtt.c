/* SPDX-License-Identifier: Apache-2.0 */
/* MQTT. Input and oracle: fuzz/both_ways.h. */
#include "fuzz/both_ways.h"
#include "fuzz/fuzz.h"
#include "proto/mqtt/mqtt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_both_ways(&ml_parser_mqtt, 1883, ml_span_of(data, size));
    return 0;
}
