/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doh - DNS messages within HTTP, which can be read where TLS is undone or was never there.
 *
 * In:        heads and bodies of HTTP messages (a subscriber of proto/http/body.h).
 * Out:       the facts of facts.h with the transport "doh".
 * See:       RFC 8484: POST with application/dns-message, or GET with ?dns= in base64url.
 */
#ifndef MITLESER_PROTO_DNS_DOH_H
#define MITLESER_PROTO_DNS_DOH_H

#include "proto/http/body.h"

extern const struct ml_http_subscriber ml_http_doh;

#endif
