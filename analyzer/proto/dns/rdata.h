/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rdata - what we want to know from the data of one DNS record.
 *
 * Lifetime:  spans borrow from the record.
 * See:       RFC 1035 (A, CNAME, PTR, TXT), RFC 3596 (AAAA), RFC 2782 (SRV), RFC 9460 (SVCB, HTTPS),
 *            RFC 9848 (ech), RFC 7871 (client subnet), RFC 1002, section 4.2.13 (NB).
 */
#ifndef MITLESER_PROTO_DNS_RDATA_H
#define MITLESER_PROTO_DNS_RDATA_H

#include "core/ip.h"
#include "proto/dns/message.h"

enum { ML_DNS_SUBNET_TEXT = ML_IP_TEXT + 4 };

/* The name a record points to (CNAME, PTR, SRV). False for other types and for broken data. */
bool ml_dns_rdata_target(const struct ml_dns_record *record, struct ml_dns_name *out) ML_MUST_USE;

/* Addresses of A, AAAA, NB records and the hints of SVCB and HTTPS, in order; a walk. */
struct ml_dns_addresses {
    struct ml_reader rd;     /* addresses at hand */
    struct ml_reader params; /* SVCB parameters still to come */
    unsigned skip;           /* bytes before each address */
    uint8_t family;          /* of the addresses at hand; 0: none */
};

void ml_dns_addresses_open(struct ml_dns_addresses *addresses, const struct ml_dns_record *record);
bool ml_dns_addresses_next(struct ml_dns_addresses *addresses, struct ml_ip *out) ML_MUST_USE;

/* An SVCB or HTTPS record that holds an encrypted-client-hello configuration. */
bool ml_dns_rdata_has_ech(const struct ml_dns_record *record);

/* Client subnet of an OPT record as "192.0.2.0/24". False when there is none or it breaks its rules. */
bool ml_dns_rdata_subnet(const struct ml_dns_record *record, char out[ML_DNS_SUBNET_TEXT]) ML_MUST_USE;

/* The next character string of a TXT record; `rd` is opened by the caller on the record data. */
bool ml_dns_rdata_string(struct ml_reader *rd, struct ml_span *out) ML_MUST_USE;

/*
 * "A", "HTTPS", ..., else "TYPE65280" (RFC 3597, section 5). `is_netbios`: 32 and 33 are NB and NBSTAT. Names lie in
 * tables; only what is made of a number lies in `scratch`.
 */
enum { ML_DNS_TYPE_TEXT = 16 };
const char *ml_dns_type_text(uint16_t type, bool is_netbios, char scratch[ML_DNS_TYPE_TEXT]);

/* "NOERROR", "NXDOMAIN", ..., else "RCODE3841". `rcode` is the extended code. Lies as above. */
const char *ml_dns_rcode_text(uint16_t rcode, char scratch[ML_DNS_TYPE_TEXT]);

#endif
