/* SPDX-License-Identifier: Apache-2.0 */
/* announce - names that hosts state about themselves: multicast DNS, DNS updates, NetBIOS; internal to proto/dns. */
#ifndef MITLESER_PROTO_DNS_ANNOUNCE_H
#define MITLESER_PROTO_DNS_ANNOUNCE_H

#include "proto/dns/telling.h"

/* mdns.announcement: one a record of the answer and additional sections, addresses of one host together. */
void ml_dns_tell_announcements(struct ml_dns_telling *telling);

/* dns.update: names that a host asks the zone to hold (RFC 2136). */
void ml_dns_tell_update(struct ml_dns_telling *telling);

/*
 * nbns.name: names a host registers or lists. False when the message is a plain question or answer, which is told
 * as such (RFC 1002, section 4.2).
 */
bool ml_dns_tell_netbios(struct ml_dns_telling *telling);

#endif
