/* SPDX-License-Identifier: Apache-2.0 */
/*
 * framing - how the body of one HTTP/1 message ends, as libhtp reads its head.
 *
 * In:        the whole head of a message, then (chunked bodies only) its bytes as they come.
 * Out:       the form of the body; of a chunked one the content without the chunk lines.
 * Why so:    libhtp knows what servers and clients make of contradicting heads. It gets one message at a time, because
 *            its positions are only exact without a message behind, its answers then do not depend on how the bytes
 *            were cut, and nothing piles up. Heads are found and kept by message.c.
 * See:       RFC 9112, section 6.
 */
#ifndef MITLESER_PROTO_HTTP_FRAMING_H
#define MITLESER_PROTO_HTTP_FRAMING_H

#include "core/span.h"
#include "core/status.h"

enum ml_http_body_form {
    ML_HTTP_BODY_NONE,
    ML_HTTP_BODY_LENGTH,  /* so many bytes */
    ML_HTTP_BODY_CHUNKED, /* until the last chunk and its trailer */
    ML_HTTP_BODY_CLOSE,   /* until the connection ends */
    ML_HTTP_BODY_BROKEN   /* the head contradicts itself: where the next message begins is not known */
};

struct ml_http_framing;

/* libhtp's settings, the same for all messages: gives them; NULL when memory runs out. */
void *ml_http_settings_new(void) ML_MUST_USE;
void ml_http_settings_free(void *settings);

/* Gives it; NULL when memory runs out. The settings are borrowed. */
struct ml_http_framing *ml_http_framing_new(void *settings) ML_MUST_USE;
void ml_http_framing_free(struct ml_http_framing *framing);

/* Takes the head of the next message. *length is set for ML_HTTP_BODY_LENGTH. `to_head`: it answers a HEAD request. */
enum ml_http_body_form ml_http_framing_request(struct ml_http_framing *framing, struct ml_span head, uint64_t *length);
enum ml_http_body_form ml_http_framing_response(struct ml_http_framing *framing, struct ml_span head, bool to_head,
                                                uint64_t *length);

/* Content of a chunked body; borrowed during the call. */
typedef void (*ml_http_content_fn)(void *context, struct ml_span content);

enum ml_http_chunked { ML_HTTP_CHUNKED_MORE, ML_HTTP_CHUNKED_DONE, ML_HTTP_CHUNKED_BROKEN };

/* Takes bytes of a chunked body; *used tells how many belonged to it. */
enum ml_http_chunked ml_http_framing_chunked(struct ml_http_framing *framing, struct ml_span bytes,
                                             ml_http_content_fn content, void *context, size_t *used);

#endif
