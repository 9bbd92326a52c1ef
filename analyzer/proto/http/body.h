/* SPDX-License-Identifier: Apache-2.0 */
/*
 * body - who reads HTTP bodies: subscribers choose by request line, host and fields, and get the content decoded.
 *
 * In:        content of one message without chunk lines.
 * Out:       chunks of layer http.body (with gzip or deflate on top where that was undone) to at most one subscriber.
 * Adding one is a line in body.c. Lifetime of what an exchange holds: the call.
 */
#ifndef MITLESER_PROTO_HTTP_BODY_H
#define MITLESER_PROTO_HTTP_BODY_H

#include "proto/http/head.h"
#include "proto/http/inflate.h"

struct ml_http_exchange {
    struct ml_http_head request;         /* method empty: the request was not seen */
    const struct ml_http_head *response; /* NULL: the body is the request's */
};

struct ml_http_subscriber {
    const char *name;
    /*
     * States more facts of a request, from its head alone. `draft` was begun with the head's frames and range: set its
     * kind, n_attrs and n_ips. May be NULL.
     */
    void (*request)(struct ml_fact_store *store, struct ml_fact_draft *draft, const struct ml_http_head *head);
    /* Is this body for it? */
    bool (*wants)(const struct ml_http_exchange *exchange);
    /* State for one body, NULL when memory runs out. */
    void *(*create)(struct ml_proto_env *env, const struct ml_http_exchange *exchange);
    /* Content in order; a gap is a chunk with gap_len. */
    void (*feed)(void *self, const struct ml_chunk *chunk);
    /* No more of it: states what is held, frees. */
    void (*destroy)(void *self);
};

/* All, ended by NULL; the first that wants a body gets it. */
extern const struct ml_http_subscriber *const ml_http_subscribers[];

/* The body being delivered. All zero: nobody wants it. */
struct ml_http_body {
    const struct ml_http_subscriber *subscriber;
    void *self;                 /* owned */
    struct ml_inflate *inflate; /* owned; NULL: content is not compressed */
    enum ml_layer layer;        /* of the compression */
    struct ml_counters *counters;
    const struct ml_chunk *outer; /* while feeding */
    uint64_t offset;              /* of the next content byte */
};

void ml_http_body_open(struct ml_http_body *body, struct ml_proto_env *env, const struct ml_http_exchange *exchange);
void ml_http_body_feed(struct ml_http_body *body, const struct ml_chunk *outer, struct ml_span content);
void ml_http_body_gap(struct ml_http_body *body, const struct ml_chunk *gap);
void ml_http_body_close(struct ml_http_body *body);

#endif
