/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts - what one DNS message says: names asked, answers, names that hosts announce for themselves.
 *
 * In:        a message and where it came from.
 * Out:       dns.query a question, dns.answer a response, dns.update; mdns.announcement a record; nbns.name.
 *            Names of devices and their services (link-local protocols) are marked personal; names asked of a
 *            resolver are not, they are the evidence.
 */
#ifndef MITLESER_PROTO_DNS_FACTS_H
#define MITLESER_PROTO_DNS_FACTS_H

#include "proto/dns/message.h"
#include "proto/fact.h"

/* The four protocols that share the message form. */
enum ml_dns_kind { ML_DNS_PLAIN, ML_DNS_MULTICAST, ML_DNS_LINK_LOCAL, ML_DNS_NETBIOS };

struct ml_dns_source {
    struct ml_fact_store *store; /* borrowed */
    enum ml_dns_kind kind;
    const char *transport; /* "udp", "tcp", "mdns", "llmnr", "nbns", "dot", "doh" */
    bool is_cut;           /* the capture ends within the message */
};

/*
 * States the facts of one message. `draft` was begun by the caller (frames, layers, range) and is used up. False when
 * the bytes are no DNS message; what came before the broken place is stated all the same.
 */
bool ml_dns_state(const struct ml_dns_source *source, struct ml_fact_draft *draft, struct ml_span message);

#endif
