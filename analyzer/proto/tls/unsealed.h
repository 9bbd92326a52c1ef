/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unsealed - how the decryption of a connection went, for coverage.decryption. Shared by TLS, DTLS and QUIC.
 */
#ifndef MITLESER_PROTO_TLS_UNSEALED_H
#define MITLESER_PROTO_TLS_UNSEALED_H

#include "core/counters.h"

#include <stdbool.h>
#include <stddef.h>

/* Why something stayed closed; all that applied. The report tells the first of the order in count(). */
enum ml_unsealed_why {
    ML_UNSEALED_NO_SECRET = 1,
    ML_UNSEALED_UNKNOWN_SUITE = 2,
    ML_UNSEALED_GAP = 4,
    ML_UNSEALED_BAD_TAG = 8,
    ML_UNSEALED_NOT_FROM_START = 16
};

struct ml_unsealed {
    bool was_sealed; /* something encrypted came */
    bool has_opened;
    unsigned why; /* enum ml_unsealed_why */
};

/* Once a connection, when it is over. */
void ml_unsealed_count(const struct ml_unsealed *unsealed, struct ml_counters *counters);

#endif
