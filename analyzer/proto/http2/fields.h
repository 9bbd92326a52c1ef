/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fields - a list of header fields of HTTP/2 or HTTP/3 as a head of HTTP/1, so that one code states facts of all.
 *
 * In:        names and values one at a time, pseudo-header fields among them.
 * Out:       a head whose spans lie in the list. Crumbs of a cookie are put together again.
 * Invariant: at most ML_MAX_FIELD_LIST bytes are kept; what is beyond is dropped and marks the head as cut. No value
 *            can make a second line: line ends in it become blanks.
 * Lifetime:  the head lives until the list changes.
 * See:       RFC 9113, sections 8.2.3 and 8.3; RFC 9114, section 4.3.
 */
#ifndef MITLESER_PROTO_HTTP2_FIELDS_H
#define MITLESER_PROTO_HTTP2_FIELDS_H

#include "core/buf.h"
#include "proto/http/head.h"

struct ml_h2_fields {
    struct ml_buf method, path, authority, cookie, lines;
    uint16_t status; /* 0: none */
    bool is_cut;
};

void ml_h2_fields_init(struct ml_h2_fields *fields);
void ml_h2_fields_fini(struct ml_h2_fields *fields);

void ml_h2_fields_add(struct ml_h2_fields *fields, struct ml_span name, struct ml_span value);

/* The head these fields make: of a response when they hold a status. False when it is neither. */
bool ml_h2_fields_head(struct ml_h2_fields *fields, struct ml_http_head *out) ML_MUST_USE;

#endif
