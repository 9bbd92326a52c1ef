/* SPDX-License-Identifier: Apache-2.0 */
/*
 * head - the head of one HTTP/1 message as it was sent: first line and header fields, nothing decoded.
 *
 * In:        the bytes up to and with the empty line, or what there is of them.
 * Out:       spans into these bytes. Values keep their bytes; only blanks around them are left out.
 * Lifetime:  spans borrow from the head.
 * See:       RFC 9112, sections 3 to 5; RFC 9110, section 5.
 */
#ifndef MITLESER_PROTO_HTTP_HEAD_H
#define MITLESER_PROTO_HTTP_HEAD_H

#include "core/reader.h"
#include "proto/parser.h"

/*
 * Does a direction that begins with these bytes send requests (or responses)? ML_MATCH_MORE: nothing speaks against it
 * so far. Only HTTP/1.x is meant: HTTP/0.9 has no heads, and RTSP, SIP and SSDP are not HTTP.
 */
enum ml_match ml_http_match_request(struct ml_span bytes);
enum ml_match ml_http_match_response(struct ml_span bytes);

/* Begins with a method that everybody knows and a blank: enough where a segment begins. */
bool ml_http_is_known_method(struct ml_span bytes);

struct ml_http_head {
    bool is_request;
    /* requests */
    struct ml_span method;
    struct ml_span target; /* as sent: "/path?query", "http://host/path", "host:443", "*" */
    /* responses */
    uint16_t status; /* 100..999 */
    /* both */
    struct ml_span fields; /* all header lines */
};

/* False when the first line is not that of HTTP/1.x. */
bool ml_http_head_parse(struct ml_span bytes, bool is_request, struct ml_http_head *out) ML_MUST_USE;

/* Walks the fields: the next name and value; a value that goes on in further lines keeps its line breaks. */
struct ml_reader ml_http_fields(const struct ml_http_head *head);
bool ml_http_field_next(struct ml_reader *fields, struct ml_span *name, struct ml_span *value) ML_MUST_USE;

/* Value of the first field of that name (case is ignored); empty when there is none. */
struct ml_span ml_http_field(const struct ml_http_head *head, const char *name);

/* Path and query of the target, without fragment; empty for "*" and for the target of CONNECT. */
struct ml_span ml_http_path(const struct ml_http_head *head);
struct ml_span ml_http_query(const struct ml_http_head *head);

enum { ML_HTTP_HOST_TEXT = 260 };

/*
 * Host the request is for, as ml_host_normal writes it and without port: the Host field, else the one in the target.
 * Returns the length, 0 when there is none or it is no host name. Addresses are written as ml_ip_format does.
 */
size_t ml_http_host(const struct ml_http_head *head, char out[ML_HTTP_HOST_TEXT]);

/* The same for any authority ("user@example.com:80", "[2001:db8::1]:80") or absolute URL. */
size_t ml_http_authority_host(struct ml_span authority, char out[ML_HTTP_HOST_TEXT]);
size_t ml_http_url_host(struct ml_span url, char out[ML_HTTP_HOST_TEXT]);

/* Splits "a<stop>b" at the first `stop`; both parts trimmed. False and `rest` empty when there is no `stop`. */
bool ml_http_split(struct ml_span text, uint8_t stop, struct ml_span *first, struct ml_span *rest);

#endif
