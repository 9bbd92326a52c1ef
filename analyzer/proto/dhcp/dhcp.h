/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dhcp - what a device tells the network when it joins, and what the network tells it (IPv4 and IPv6).
 *
 * In:        datagrams between ports 67 and 68, or 546 and 547.
 * Out:       dhcp.client with host name, vendor class, hardware address and identifiers; dhcp.server with the
 *            resolvers, time servers and domain given out.
 * See:       RFC 2131, 2132, 4702 (FQDN), 3004 (user class); RFC 8415, 4704 (FQDN), 3646 (resolvers).
 */
#ifndef MITLESER_PROTO_DHCP_DHCP_H
#define MITLESER_PROTO_DHCP_DHCP_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_dhcp;
extern const struct ml_parser ml_parser_dhcp6;

#endif
