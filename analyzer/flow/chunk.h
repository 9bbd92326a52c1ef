/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chunk - in-order bytes of one direction of a conversation: the third border.
 *
 * A chunk never spans frames: TCP streams hand out each segment's new bytes as a chunk of their own, so that
 * every byte leads to one frame. A datagram is one chunk. A gap is a chunk without bytes and with gap_len.
 * Inner layers (a TLS plaintext, an HTTP body) are chunks again, with one more layer and offsets of their own.
 */
#ifndef MITLESER_FLOW_CHUNK_H
#define MITLESER_FLOW_CHUNK_H

#include "core/limits.h"
#include "core/span.h"

struct ml_flow;

enum ml_dir { ML_UP, ML_DOWN }; /* from the flow's client to its server, and back */

static inline enum ml_dir ml_dir_other(enum ml_dir dir)
{
    return dir == ML_UP ? ML_DOWN : ML_UP;
}

enum ml_layer {
    ML_LAYER_NONE,
#define ML_LAYER(id, name, is_encrypted) ML_LAYER_##id,
#include "flow/layer.def"
#undef ML_LAYER
    ML_N_LAYERS
};

const char *ml_layer_name(enum ml_layer layer);

/* Was the content of one of the layers encrypted on the wire, so that only the keys made it readable? */
bool ml_layers_are_encrypted(const uint8_t layers[], size_t n);

/* Lifetime: `bytes` are borrowed until the call that hands over the chunk returns. */
struct ml_chunk {
    struct ml_flow *flow;
    enum ml_dir dir;
    bool is_datagram;
    bool is_cut; /* datagram captured shorter than sent */
    struct ml_span bytes;
    uint64_t offset;  /* of the first byte within this direction of its innermost layer; datagrams: 0 */
    uint64_t gap_len; /* bytes missing before `offset` + 0; then `bytes` is empty. UINT32_MAX: unknown length */
    uint64_t seq;     /* packet the bytes came in */
    int64_t time_ns;
    uint8_t n_layers;
    uint8_t layers[ML_MAX_LAYERS]; /* enum ml_layer, outermost (tcp, udp) first */
};

#endif
