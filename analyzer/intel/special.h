/* SPDX-License-Identifier: Apache-2.0 */
/*
 * special - addresses that are no place on the internet, and IPv4 addresses inside IPv6 ones.
 *
 * In:  an address. Out: constant texts.
 * See: the IANA special-purpose address registries (RFC 6890 and its updates), RFC 6052 (NAT64), RFC 3056 (6to4),
 *      RFC 4380, section 4 (Teredo), RFC 4291, section 2.5.5.2 (IPv4-mapped).
 */
#ifndef MITLESER_INTEL_SPECIAL_H
#define MITLESER_INTEL_SPECIAL_H

#include "core/ip.h"

/*
 * Name of the translation ("nat64", "6to4", "teredo", "ipv4-mapped") and the IPv4 address behind it, or NULL and
 * family 0. For Teredo that is the public address of the client's NAT.
 */
const char *ml_special_decode(const struct ml_ip *ip, struct ml_ip *inner);

/*
 * Name of the special-purpose block, or NULL for ordinary addresses. *is_anycast: the block is used on the internet,
 * but from many places at once (AS112, AMT, 6to4 relays, PCP and TURN anycast).
 */
const char *ml_special_name(const struct ml_ip *ip, bool *is_anycast);

#endif
