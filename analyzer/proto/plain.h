/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain - readable bytes on their way to whoever looks for values in them (leaks, which parsers do not know).
 *
 * In:        from the demultiplexer the bytes of conversations without a parser, or whose parser leaves them as they
 *            are (plain_of of struct ml_parser); from parsers that take messages apart, the parts.
 * Lifetime:  everything is borrowed until the call returns.
 */
#ifndef MITLESER_PROTO_PLAIN_H
#define MITLESER_PROTO_PLAIN_H

#include "flow/gather.h"

enum ml_plain_part {
    ML_PLAIN_BYTES,   /* of a stream or datagram, as they come */
    ML_PLAIN_HEAD,    /* head of a message, whole */
    ML_PLAIN_BODY,    /* its content, as it comes, still compressed where the head says so */
    ML_PLAIN_TRAILER, /* fields behind its content: an empty line, then lines as those of a head */
    ML_PLAIN_RECORD,  /* once more, whole: a message of something else (WebSocket, MQTT) whose bytes came before */
    ML_PLAIN_END      /* the message is over; the chunk has no bytes */
};

struct ml_plain {
    enum ml_plain_part part;
    const struct ml_chunk *chunk;   /* layers and direction of the bytes; a gap has gap_len */
    const struct ml_gather *gather; /* HEAD, RECORD: the frames of its bytes, from position 0; else NULL */
    size_t skip;                    /* RECORD: bytes at the front of the chunk that are not the message's; else 0 */
    uint64_t message;               /* of messages that a direction sends at a time: its own number; else 0 */
    const struct ml_flow *begun;    /* flow of the head, where a connection went on in another one; NULL: the chunk's */
    /* HEAD only */
    bool is_request;
    struct ml_span host;   /* empty: not named */
    struct ml_span asked;  /* of a response: the host its request was for; empty: not known */
    struct ml_span type;   /* media type with its parameters */
    struct ml_span coding; /* content coding, as sent */
    /* HEAD and TRAILER whose bytes are not those that were sent (HTTP/2, HTTP/3): how many those were, at the chunk's
     * offset */
    uint32_t packed_len;
};

struct ml_plain_sink {
    void *context;
    /* ML_PLAIN_BYTES too, of the conversation at hand? Otherwise only messages come. */
    bool (*wants_bytes)(void *context);
    bool wants_records; /* ML_PLAIN_RECORD */
    void (*take)(void *context, const struct ml_plain *plain);
};

/* `sink` may be NULL: nobody wants anything. */
static inline bool ml_plain_wants_bytes(const struct ml_plain_sink *sink)
{
    return sink != NULL && sink->wants_bytes(sink->context);
}

#endif
