/* SPDX-License-Identifier: Apache-2.0 */
/*
 * websocket - content of the data frames of one direction of a WebSocket connection.
 *
 * In:        chunks behind the upgrade.
 * Out:       content without frame headers and masks, inflated where the message was compressed; control frames are
 *            passed over. Behind a hole that hides where frames begin nothing more comes out.
 * See:       RFC 6455, section 5; RFC 7692 (permessage-deflate).
 */
#ifndef MITLESER_PROTO_HTTP_WEBSOCKET_H
#define MITLESER_PROTO_HTTP_WEBSOCKET_H

#include "flow/chunk.h"
#include "proto/http/inflate.h"

enum { ML_WEBSOCKET_HEAD = 14 };

struct ml_websocket {
    bool is_broken;
    bool is_full; /* broken because a stream of messages inflated to more than ML_MAX_INFLATED_WS */
    bool forgets; /* compression starts anew with each message */
    uint8_t head[ML_WEBSOCKET_HEAD];
    uint8_t n_head;
    bool is_in_frame;
    bool is_final;      /* last frame of its message */
    bool is_data;       /* not a control frame */
    bool is_compressed; /* the message at hand */
    bool is_masked;
    uint8_t mask[4];
    uint64_t at, len;           /* position within the frame's content, its length */
    struct ml_inflate *inflate; /* owned */
};

/* `extensions` is the server's Sec-WebSocket-Extensions; `by_client` which side's frames these are. */
void ml_websocket_init(struct ml_websocket *websocket, struct ml_span extensions, bool by_client);
void ml_websocket_fini(struct ml_websocket *websocket);

/* Content to `take`, borrowed during the call; empty where a message ends. */
typedef void (*ml_websocket_fn)(void *context, struct ml_span content);

/* Takes a chunk or a gap. False: nothing more can be read of this direction. */
bool ml_websocket_feed(struct ml_websocket *websocket, const struct ml_chunk *chunk, ml_websocket_fn take,
                       void *context);

#endif
