/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dns - the parsers of DNS and of the three link-local protocols that share its message form.
 *
 * In:        datagrams, or streams of messages with a length in front (RFC 1035, section 4.2.2).
 * Out:       facts, see facts.h. On their well-known ports messages are taken when their header and first name make
 *            sense; on any other port only a plain question or answer of class IN that is whole to its last byte.
 * See:       RFC 1035, 7766 (TCP), 7858 (TLS); RFC 6762 (mdns), 4795 (llmnr), 1002 (nbns).
 */
#ifndef MITLESER_PROTO_DNS_DNS_H
#define MITLESER_PROTO_DNS_DNS_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_dns;
extern const struct ml_parser ml_parser_mdns;
extern const struct ml_parser ml_parser_llmnr;
extern const struct ml_parser ml_parser_nbns;

#endif
