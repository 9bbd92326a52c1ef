/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter - which packets to look at, in the language of tcpdump (pcap-filter(7)).
 *
 * In:        an expression, then packets of any link type.
 * Out:       yes or no for each packet.
 * Invariant: no name is ever looked up: libpcap would ask the network for a host name in the expression, so every word
 *            that is neither of the language, nor a number or an address, nor the name of a port or protocol is
 * refused.
 */
#ifndef MITLESER_CAPTURE_FILTER_H
#define MITLESER_CAPTURE_FILTER_H

#include "capture/packet.h"
#include "core/status.h"

struct ml_filter;

/* Gives a filter to the caller. ML_BAD_INPUT with libpcap's reason, ML_NO_MEMORY. */
enum ml_status ml_filter_compile(const char *expression, struct ml_filter **out, struct ml_error *error) ML_MUST_USE;
void ml_filter_free(struct ml_filter *filter);

/*
 * Is the packet wanted? An expression that has no meaning for a link type ("ether host" on raw IP) wants none of its
 * packets. Compiles for a link type when its first packet comes.
 */
bool ml_filter_matches(struct ml_filter *filter, const struct ml_packet *packet);

/* A word of the expression that names a host or net, for whoever wants to know why it was refused. NULL: none. */
bool ml_filter_has_host_name(const char *expression, struct ml_span *word);

#endif
