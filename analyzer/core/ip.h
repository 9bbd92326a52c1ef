/* SPDX-License-Identifier: Apache-2.0 */
/* ip - an IPv4 or IPv6 address as a value. Unused bytes are zero, so that values compare and hash as memory. */
#ifndef MITLESER_CORE_IP_H
#define MITLESER_CORE_IP_H

#include "core/span.h"
#include "core/status.h"

struct ml_ip {
    uint8_t family;    /* 4, 6, or 0 for "none" */
    uint8_t bytes[16]; /* network order; IPv4 uses the first four */
};

/* Longest text is that of an IPv6 address with an embedded IPv4 one; with the zero byte. */
enum { ML_IP_TEXT = 46 };

struct ml_ip ml_ip4(const uint8_t bytes[4]);
struct ml_ip ml_ip6(const uint8_t bytes[16]);

bool ml_ip_equal(const struct ml_ip *a, const struct ml_ip *b);

/* IPv4 before IPv6, then numerically: <0, 0, >0. */
int ml_ip_compare(const struct ml_ip *a, const struct ml_ip *b);

/* Dotted decimal, or RFC 5952; "" for family 0. Writes at most ML_IP_TEXT bytes, returns the length. */
size_t ml_ip_format(const struct ml_ip *ip, char out[ML_IP_TEXT]);

/* Accepts what inet_pton accepts; no host names, no zone. */
bool ml_ip_parse(struct ml_span text, struct ml_ip *out) ML_MUST_USE;

/* "192.0.2.0/24" or a single address; bits below the prefix length must be zero. */
bool ml_ip_prefix_parse(struct ml_span text, struct ml_ip *out, unsigned *bits) ML_MUST_USE;

/* Are the first `bits` bits of ip those of prefix (same family)? */
bool ml_ip_in_prefix(const struct ml_ip *ip, const struct ml_ip *prefix, unsigned bits);

#endif
