/* SPDX-License-Identifier: Apache-2.0 */
/*
 * side - one direction of an HTTP/1 conversation: heads, bodies, and the way back after a hole.
 *
 * In:        chunks of one direction.
 * Out:       calls of its user: a head, content of its body, the end of the message.
 * Invariant: the result does not depend on how the bytes were cut into chunks, but behind a hole: there only a segment
 *            that begins with a first line puts the side in step again.
 */
#ifndef MITLESER_PROTO_HTTP_SIDE_H
#define MITLESER_PROTO_HTTP_SIDE_H

#include "flow/gather.h"
#include "proto/http/framing.h"
#include "proto/http/head.h"
#include "proto/parser.h"

enum ml_http_phase {
    ML_HTTP_LOST,    /* where the next message begins is not known */
    ML_HTTP_HEAD,    /* in front of a head or within it */
    ML_HTTP_LENGTH,  /* body of known length */
    ML_HTTP_CHUNKED, /* body of chunks */
    ML_HTTP_CLOSE,   /* body until the end of the stream */
    ML_HTTP_STOPPED  /* what follows is not HTTP/1 */
};

struct ml_http_side;

struct ml_http_side_calls {
    void *context;
    /* A head is whole. Says how the body ends; false stops the side behind the head. */
    bool (*head)(void *context, struct ml_http_side *side, const struct ml_http_head *head,
                 enum ml_http_body_form *form, uint64_t *length);
    void (*content)(void *context, struct ml_http_side *side, struct ml_span content);
    void (*gap)(void *context, struct ml_http_side *side, const struct ml_chunk *gap);
    /* The message ended; side->is_cut tells whether all of it was there. A cut head comes here without `head` before.
     */
    void (*end)(void *context, struct ml_http_side *side, const struct ml_http_head *head);
    /* The side fell out of step: what it sent before can no longer be matched. */
    void (*lost)(void *context, struct ml_http_side *side);
};

struct ml_http_side {
    const struct ml_http_side_calls *calls; /* borrowed */
    struct ml_proto_env *env;               /* borrowed */
    bool is_request;
    enum ml_http_phase phase;
    struct ml_gather gather;         /* the head of the message at hand, until its end */
    struct ml_http_framing *framing; /* owned; made for the first head */
    struct ml_chunk last;            /* the chunk at hand; its bytes only while feeding */
    bool is_line_empty;              /* within a head: only line ends since the last line */
    bool is_first_line;              /* within a head: the first line goes on */
    bool is_told;                    /* `head` was called for the message at hand */
    bool is_cut;
    uint64_t left;       /* ML_HTTP_LENGTH: bytes still to come */
    uint64_t body_bytes; /* content bytes of this message so far, those in holes too */
};

void ml_http_side_init(struct ml_http_side *side, const struct ml_http_side_calls *calls, struct ml_proto_env *env,
                       bool is_request, bool is_in_step);
void ml_http_side_fini(struct ml_http_side *side); /* states the message at hand first */

/* Takes a chunk or a gap; returns how many of its bytes were used: fewer than all only when the side has stopped. */
size_t ml_http_side_feed(struct ml_http_side *side, const struct ml_chunk *chunk);

/* No message at hand and in step. */
bool ml_http_side_is_idle(const struct ml_http_side *side);

#endif
