/* SPDX-License-Identifier: Apache-2.0 */
#include "core/status.h"
#include "decode/segment.h"

const char *ml_tunnel_name(enum ml_tunnel tunnel)
{
    static const char *const names[ML_N_TUNNELS] = {
        [ML_TUNNEL_NONE] = "none",
#define ML_TUNNEL(id, name) [ML_TUNNEL_##id] = (name),
#include "decode/tunnel.def"
#undef ML_TUNNEL
    };
    ML_ASSERT((unsigned)tunnel < ML_N_TUNNELS);
    return names[tunnel];
}
