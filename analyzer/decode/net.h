/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net - the steps for IP and for what it carries.
 *
 * See: RFC 791, RFC 8200 (IP), RFC 9293 (TCP), RFC 768 (UDP), RFC 3828 (UDP-Lite), RFC 9260 (SCTP), RFC 4340 (DCCP).
 */
#ifndef MITLESER_DECODE_NET_H
#define MITLESER_DECODE_NET_H

#include "decode/fragments.h"
#include "decode/peel.h"

ml_step ml_net_ip4;
ml_step ml_net_ip6;

/* By segment->ip_proto; at the first byte behind the last IP header. */
ml_step ml_net_transport;

/* Hands a fragment to the store: drops the packet, or goes on with the whole datagram at `again`. */
bool ml_net_fragment(struct ml_peel *peel, const struct ml_fragment *fragment, ml_step *again);

/* What both versions of IP do once the header is read: `head` starts it, `len` bytes follow the `head_len` read. */
bool ml_net_frame(struct ml_peel *peel, const uint8_t *head, size_t head_len, size_t len);

#endif
