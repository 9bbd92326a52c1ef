/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tunnel - packets inside packets.
 *
 * In:        a complete segment of the packet around, its payload still untouched.
 * Out:       true: either the step that reads what is inside, or no step when the payload is no tunnel after all.
 *            False: nothing usable inside, upon which the packet around is handed out.
 *            Ports alone never make a tunnel: its header must be right, and an IP packet that fits must be found.
 */
#ifndef MITLESER_DECODE_TUNNEL_TUNNEL_H
#define MITLESER_DECODE_TUNNEL_TUNNEL_H

#include "decode/peel.h"

bool ml_tunnel_over_ip(struct ml_peel *peel); /* IP in IP (RFC 2003, 4213, 2473), EtherIP (RFC 3378), MPLS (RFC 4023) */
bool ml_tunnel_gre(struct ml_peel *peel);     /* RFC 2784, RFC 2890, RFC 2637 (PPTP), ERSPAN */
bool ml_tunnel_over_udp(struct ml_peel *peel); /* by port, then by the header */

/* Called by ml_tunnel_over_udp; `rd` reads the UDP payload. */
bool ml_tunnel_vxlan(struct ml_peel *peel, struct ml_reader rd);
bool ml_tunnel_geneve(struct ml_peel *peel, struct ml_reader rd);
bool ml_tunnel_gtpu(struct ml_peel *peel, struct ml_reader rd);
bool ml_tunnel_l2tp(struct ml_peel *peel, struct ml_reader rd);
bool ml_tunnel_teredo(struct ml_peel *peel, struct ml_reader rd);
bool ml_tunnel_ayiya(struct ml_peel *peel, struct ml_reader rd);

/* Reads the payload of the segment at hand; its end was declared unless the capture cut it. */
static inline struct ml_reader ml_tunnel_open(const struct ml_peel *peel)
{
    struct ml_span payload = peel->segment->payload;
    return peel->missing == 0 ? ml_rd_open_framed(payload) : ml_rd_open(payload);
}

/* The step for IP of the version in the next four bits, NULL for anything else. */
ml_step *ml_tunnel_ip_step(const struct ml_reader *rd);

#endif
