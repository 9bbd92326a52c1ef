/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message - the header and records of one DNS message, one after the other.
 *
 * In:        a message without its TCP length; whole, or cut where the capture was.
 * Out:       header and records and on demand the names of owners, as far as the bytes hold; allocates nothing.
 * Lifetime:  a record borrows from the message.
 * See:       RFC 1035, section 4; RFC 6762 (multicast), RFC 4795 (link-local), RFC 1002 (NetBIOS): the same form.
 */
#ifndef MITLESER_PROTO_DNS_MESSAGE_H
#define MITLESER_PROTO_DNS_MESSAGE_H

#include "proto/dns/name.h"

enum {
    ML_DNS_HEADER = 12,
    ML_DNS_FOLLOWED = 4 /* pointers that a walk knows again */
};

enum ml_dns_section { ML_DNS_QUESTION, ML_DNS_ANSWER, ML_DNS_AUTHORITY, ML_DNS_ADDITIONAL, ML_DNS_N_SECTIONS };

struct ml_dns_header {
    uint16_t id;
    bool is_response;
    uint8_t opcode;
    bool is_truncated;
    uint8_t rcode; /* lower four bits; EDNS holds the upper eight */
    uint16_t counts[ML_DNS_N_SECTIONS];
};

/* How a walk ended. */
enum ml_dns_end {
    ML_DNS_WHOLE,   /* all records the header announced */
    ML_DNS_CUT,     /* ran over the edge of the capture */
    ML_DNS_REFUSED, /* the bytes contradict themselves */
    ML_DNS_GOING_ON /* not at the end yet */
};

struct ml_dns_record {
    enum ml_dns_section section;
    uint16_t type;
    uint16_t class_;        /* multicast DNS uses the top bit for itself: see ML_DNS_CLASS_MASK */
    uint32_t ttl;           /* of OPT: extended response code, version and flags (RFC 6891, section 6.1.3) */
    size_t owner_at;        /* where its name begins in `context`: see ml_dns_record_owner */
    struct ml_span rdata;   /* empty for questions */
    struct ml_span context; /* the message: what compression pointers lead into */
};

enum { ML_DNS_CLASS_MASK = 0x7fff, ML_DNS_CLASS_IN = 1 };

/* Types whose records we look into; the numbers are IANA's (DNS parameters; NetBIOS: RFC 1002, section 4.2.1.3). */
enum {
    ML_DNS_A = 1,
    ML_DNS_CNAME = 5,
    ML_DNS_PTR = 12,
    ML_DNS_TXT = 16,
    ML_DNS_AAAA = 28,
    ML_DNS_NB = 32, /* also NIMLOC, which nobody sends */
    ML_DNS_SRV = 33,
    ML_DNS_OPT = 41,
    ML_DNS_SVCB = 64,
    ML_DNS_HTTPS = 65
};

struct ml_dns_walk {
    struct ml_span message;
    struct ml_reader first; /* at the first record */
    struct ml_reader rd;
    struct ml_dns_header header;
    enum ml_dns_section section;
    uint16_t left;                      /* records of the section not yet read */
    size_t first_end;                   /* where the name of the first record ends; 0 until it was met */
    uint16_t followed[ML_DNS_FOLLOWED]; /* pointers that led to a name, 0 none */
    size_t n_followed;
};

/* False when there is no whole header. */
bool ml_dns_walk_open(struct ml_dns_walk *walk, struct ml_span message, bool is_cut) ML_MUST_USE;

/* The next record; ML_DNS_GOING_ON when there was one. */
enum ml_dns_end ml_dns_walk_next(struct ml_dns_walk *walk, struct ml_dns_record *record) ML_MUST_USE;

/* The name of a record that a walk gave, with compression undone. */
void ml_dns_record_owner(const struct ml_dns_record *record, struct ml_dns_name *out);

/* Back to the first record. */
void ml_dns_walk_rewind(struct ml_dns_walk *walk);

#endif
