/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tcp - what the flags of a flow's segments say: where a connection begins, whether a SYN opens another one, how
 * long the handshake took.
 * See: RFC 9293, sections 3.5 and 3.6; Karn's rule (RFC 6298, section 3): no time from a SYN sent twice.
 */
#ifndef MITLESER_FLOW_TCP_H
#define MITLESER_FLOW_TCP_H

#include "flow/live.h"

/* Does this segment of direction `dir` begin a new connection between the same ports? */
bool ml_tcp_is_new_connection(const struct ml_flow *flow, const struct ml_segment *segment, enum ml_dir dir);

/* Learns flags, first sequence numbers and the handshake time. Before the payload of the segment is counted. */
void ml_tcp_learn(struct ml_flow *flow, const struct ml_segment *segment, enum ml_dir dir);

#endif
