/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message - head of a SIP message, and what its values hold.
 *
 * In:        bytes from the first line on.
 * Out:       values of the fields that tell something, borrowed; the first of each where they repeat.
 * See:       RFC 3261, sections 7, 19.1, 20 and 25; RFC 3329; RFC 7315 (P-Access-Network-Info); RFC 5626 and RFC 7254
 *            (+sip.instance).
 */
#ifndef MITLESER_PROTO_SIP_MESSAGE_H
#define MITLESER_PROTO_SIP_MESSAGE_H

#include "core/ip.h"
#include "core/reader.h"

struct ml_sip {
    unsigned status; /* 100 to 699; 0: a request */
    struct ml_span method, uri;
    struct ml_span from, to, contact, call_id, via, agent, type, login, access_network;
    uint64_t body_len; /* as declared */
    bool has_body_len;
    size_t len; /* of the head, with the empty line */
};

/*
 * Does a message begin like this? OK: its first line has come and is one of SIP; SHORT: it may become one; BAD: it does
 * not.
 */
enum ml_rd_state ml_sip_first_line(struct ml_span bytes, struct ml_sip *out);

/*
 * OK, SHORT while the empty line behind the head has not come, or BAD. With `is_all` no more bytes come: the head may
 * end with them.
 */
enum ml_rd_state ml_sip_head(struct ml_span bytes, bool is_all, struct ml_sip *out);

/* Address of a person or device: "sip:alice@example.com" without name and parameters. Borrowed; empty when none. */
struct ml_span ml_sip_uri(struct ml_span value);

/* Host of such an address, when it is a number. */
bool ml_sip_uri_ip(struct ml_span uri, struct ml_ip *out) ML_MUST_USE;

/* "SIP/2.0/UDP 192.0.2.1:5060;received=..." : who sent it, and what the other side saw; family 0 where not a number. */
void ml_sip_via(struct ml_span via, struct ml_ip *sent_by, struct ml_ip *received);

/* Value of a parameter, without quotation marks: username="alice" of a login, received=192.0.2.1. */
struct ml_span ml_sip_parameter(struct ml_span value, const char *name);

/* Only known inside its network: RFC 1918, RFC 3927, RFC 4193, RFC 4291 (link-local). */
bool ml_sip_is_private(const struct ml_ip *ip);

#endif
