/* SPDX-License-Identifier: Apache-2.0 */
/* http_messages - HTTP/1 messages from parts, and raw deflate that is the same with every zlib. */
#ifndef MITLESER_TESTS_HTTP_MESSAGES_H
#define MITLESER_TESTS_HTTP_MESSAGES_H

#include "support/build.h"

/*
 * Start line, headers ("Name: value", ended by NULL; NULL for none) and body. A body that is not empty gets a
 * Content-Length behind the others.
 */
void build_http(struct ml_buf *out, const char *start_line, const char *const *headers, struct ml_span body);

/* The same with Transfer-Encoding: chunked in chunks of `size` bytes. */
void build_http_chunked(struct ml_buf *out, const char *start_line, const char *const *headers, struct ml_span body,
                        size_t size);

/* One final block with the fixed code of RFC 1951, section 3.2.6, literals only: valid, small enough, unreadable. */
void build_deflate(struct ml_buf *out, struct ml_span bytes);

#endif
