/* SPDX-License-Identifier: Apache-2.0 */
#include "core/status.h"
#include "flow/chunk.h"

const char *ml_layer_name(enum ml_layer layer)
{
    static const char *const names[ML_N_LAYERS] = {
        [ML_LAYER_NONE] = "none",
#define ML_LAYER(id, name, is_encrypted) [ML_LAYER_##id] = (name),
#include "flow/layer.def"
#undef ML_LAYER
    };
    ML_ASSERT((unsigned)layer < ML_N_LAYERS);
    return names[layer];
}

bool ml_layers_are_encrypted(const uint8_t layers[], size_t n)
{
    static const bool encrypted[ML_N_LAYERS] = {
#define ML_LAYER(id, name, is_encrypted) [ML_LAYER_##id] = (is_encrypted),
#include "flow/layer.def"
#undef ML_LAYER
    };
    bool found = false;
    for (size_t i = 0; i < n; i++) {
        ML_ASSERT(layers[i] < ML_N_LAYERS);
        found |= encrypted[layers[i]];
    }
    return found;
}
