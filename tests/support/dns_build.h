/* SPDX-License-Identifier: Apache-2.0 */
/* dns_build - DNS messages from parts, so that tests read like the messages they send. */
#ifndef MITLESER_TESTS_DNS_BUILD_H
#define MITLESER_TESTS_DNS_BUILD_H

#include "core/span.h"

struct dns_build {
    uint8_t bytes[8192];
    size_t len;
};

enum { DNS_QUERY = 0x0100, DNS_RESPONSE = 0x8180, DNS_MULTICAST = 0x8400, DNS_TRUNCATED = 0x0200 };

/* Header with its four counts; empties the message. */
void dns_begin(struct dns_build *dns, unsigned flags, unsigned qd, unsigned an, unsigned ns, unsigned ar);
void dns_u8(struct dns_build *dns, unsigned value);
void dns_u16(struct dns_build *dns, unsigned value);
void dns_u32(struct dns_build *dns, uint32_t value);
void dns_bytes(struct dns_build *dns, const void *bytes, size_t len);
void dns_name(struct dns_build *dns, const char *name); /* labels between dots; "" is the root */
void dns_pointer(struct dns_build *dns, unsigned to);
void dns_question(struct dns_build *dns, const char *name, unsigned type);

/* Record up to and with a length of 0; what is added until dns_end_record becomes its data. Returns where it starts. */
size_t dns_begin_record(struct dns_build *dns, const char *name, unsigned type, uint32_t ttl);
void dns_end_record(struct dns_build *dns, size_t start);
void dns_a(struct dns_build *dns, const char *name, const char *address); /* A or AAAA */
void dns_cname(struct dns_build *dns, const char *name, const char *target);
void dns_client_subnet(struct dns_build *dns, unsigned family, unsigned bits, const void *address, size_t len);
void dns_netbios_name(struct dns_build *dns, const char *name, unsigned type); /* first-level encoded, no scope */
struct ml_span dns_span(const struct dns_build *dns);

/* The message with its length in front, as on a stream; borrowed from `dns`, which is changed. */
struct ml_span dns_framed(struct dns_build *dns);

#endif
