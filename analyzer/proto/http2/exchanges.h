/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchanges - requests and responses of a connection that carries many at a time (HTTP/2, HTTP/3).
 *
 * In:        heads, content and ends of messages by stream.
 * Out:       http.request and http.response, each when its message ends, and bodies to their subscribers: by the same
 *            code as HTTP/1.
 * Invariant: at most ML_MAX_HTTP2_STREAMS are held; the oldest is ended, as cut, for a new one.
 * See:       RFC 9113, section 8; RFC 9114, section 4.
 */
#ifndef MITLESER_PROTO_HTTP2_EXCHANGES_H
#define MITLESER_PROTO_HTTP2_EXCHANGES_H

#include "proto/http2/fields.h"
#include "proto/parser.h"

struct ml_exchanges;

/* `layer`: ML_LAYER_HTTP2 or ML_LAYER_HTTP3. NULL when memory runs out. */
struct ml_exchanges *ml_exchanges_new(struct ml_proto_env *env, enum ml_layer layer) ML_MUST_USE;

/* Ends what is open, as cut. */
void ml_exchanges_free(struct ml_exchanges *exchanges);

/* Where a head stood. */
struct ml_exchange_place {
    const struct ml_chunk *chunk; /* that completed it; its bytes are not looked at */
    uint64_t first_seq;
    int64_t time_ns; /* of the first packet */
    uint64_t range_from;
    uint32_t range_len;
};

/*
 * A head; takes over what `fields` holds and leaves it empty. Interim responses state nothing; trailers only go to
 * those who look for values.
 */
void ml_exchanges_head(struct ml_exchanges *exchanges, uint64_t stream, const struct ml_exchange_place *place,
                       struct ml_h2_fields *fields);

/* Bytes between which no message was found: for those who look for values in all that can be read. */
void ml_exchanges_lost(const struct ml_exchanges *exchanges, const struct ml_chunk *chunk);

/* Content of the message that `chunk->dir` sends; `chunk->bytes` is the content, or there is a gap. */
void ml_exchanges_content(struct ml_exchanges *exchanges, uint64_t stream, const struct ml_chunk *chunk);

/* The message that `dir` sends ends. */
void ml_exchanges_end(struct ml_exchanges *exchanges, uint64_t stream, enum ml_dir dir);

/* The message that `dir` sends ends before its time. */
void ml_exchanges_cut(struct ml_exchanges *exchanges, uint64_t stream, enum ml_dir dir);

/* Both messages end before their time. */
void ml_exchanges_reset(struct ml_exchanges *exchanges, uint64_t stream);

#endif
