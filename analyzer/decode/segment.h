/* SPDX-License-Identifier: Apache-2.0 */
/* segment - what one packet carried at the transport layer: the second border. */
#ifndef MITLESER_DECODE_SEGMENT_H
#define MITLESER_DECODE_SEGMENT_H

#include "capture/packet.h"
#include "core/ip.h"
#include "core/limits.h"

/* IANA protocol numbers that become flows with ports; others have port 0. */
enum { ML_IP_ICMP = 1, ML_IP_TCP = 6, ML_IP_UDP = 17, ML_IP_ICMP6 = 58, ML_IP_SCTP = 132 };

enum { ML_TCP_FIN = 1, ML_TCP_SYN = 2, ML_TCP_RST = 4, ML_TCP_PSH = 8, ML_TCP_ACK = 16, ML_TCP_URG = 32 };

enum ml_tunnel {
    ML_TUNNEL_NONE,
#define ML_TUNNEL(id, name) ML_TUNNEL_##id,
#include "decode/tunnel.def"
#undef ML_TUNNEL
    ML_N_TUNNELS
};

/* "gre", "vxlan", ...; never NULL. */
const char *ml_tunnel_name(enum ml_tunnel tunnel);

/* Lifetime: the spans are borrowed until the next packet is decoded. */
struct ml_segment {
    uint64_t seq;
    int64_t time_ns;
    struct ml_ip src, dst;
    uint16_t src_port, dst_port; /* ICMP: 0 */
    uint8_t ip_proto;            /* transport protocol after all extension headers */
    uint8_t ttl;
    uint8_t tcp_flags;
    bool was_fragmented; /* put together from fragments; seq is that of the last one */
    bool is_cut;         /* captured payload is shorter than on the wire */
    uint32_t tcp_seq, tcp_ack;
    uint16_t tcp_window;
    uint32_t tcp_tsval;     /* RFC 7323 timestamp value, 0 when absent */
    uint32_t ip_len;        /* bytes of the IP packet on the wire, header included: what counts as traffic */
    uint32_t payload_len;   /* transport payload on the wire */
    struct ml_span payload; /* transport payload as captured; payload.len <= payload_len */
    struct ml_span ip;      /* IP packet as captured, from its first header byte, for nDPI */
    enum ml_packet_direction direction;
    uint32_t interface;
    uint32_t process;
    uint8_t n_tunnels;
    uint8_t tunnels[ML_MAX_TUNNEL_DEPTH]; /* enum ml_tunnel, outermost first */
    bool has_mac;
    uint8_t src_mac[6], dst_mac[6];
};

#endif
