/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sockets - which app held which socket, as a tracer on the device saw it.
 *
 * In:        records of (protocol, port of the device, peer, process).
 * Out:       the process of a conversation. The device's own address is not asked for: behind a gateway it is another.
 * Two processes with the same socket (one after the other) name none of both.
 */
#ifndef MITLESER_ENGINE_SOCKETS_H
#define MITLESER_ENGINE_SOCKETS_H

#include "core/ip.h"
#include "core/map.h"

struct ml_sockets {
    struct ml_map index; /* socket -> number of the process, 0: several */
    struct ml_map names; /* process -> its number, from 1 in the order of arrival */
};

void ml_sockets_init(struct ml_sockets *sockets);
void ml_sockets_fini(struct ml_sockets *sockets);

/* False: out of memory or more than ML_MAX_SOCKETS. */
bool ml_sockets_add(struct ml_sockets *sockets, uint8_t ip_proto, uint16_t port, const struct ml_ip *peer,
                    uint16_t peer_port, struct ml_span process) ML_MUST_USE;

/* Borrowed; empty when nothing is known. Any number of threads may ask. */
struct ml_span ml_sockets_find(const struct ml_sockets *sockets, uint8_t ip_proto, uint16_t port,
                               const struct ml_ip *peer, uint16_t peer_port);

#endif
