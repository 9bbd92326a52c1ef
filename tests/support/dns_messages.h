/* SPDX-License-Identifier: Apache-2.0 */
/* dns_messages - DNS queries and answers from parts (RFC 1035, RFC 6891, RFC 7871). */
#ifndef MITLESER_TESTS_DNS_MESSAGES_H
#define MITLESER_TESTS_DNS_MESSAGES_H

#include "support/build.h"

enum { DNS_A = 1, DNS_CNAME = 5, DNS_AAAA = 28, DNS_HTTPS = 65 };

/* A name as labels, not compressed. */
void build_dns_name(struct ml_buf *out, const char *name);

/* A question. `subnet` (NULL: none) with `bits` is sent as EDNS client subnet. */
void build_dns_query(struct ml_buf *out, uint16_t id, const char *name, uint16_t type, const char *subnet,
                     unsigned bits);

struct build_dns_record {
    const char *name; /* NULL: the name asked for */
    uint16_t type;    /* 0: A or AAAA after the address */
    uint32_t ttl;
    const char *text;    /* an address, or the target of a CNAME */
    struct ml_span data; /* any other type */
};

/* An answer to build_dns_query, names compressed where the same one stood before. */
void build_dns_answer(struct ml_buf *out, uint16_t id, const char *name, uint16_t type, uint8_t rcode,
                      const struct build_dns_record *records, size_t n);

#endif
