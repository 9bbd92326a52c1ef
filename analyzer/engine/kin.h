/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kin - which flows belong to one call: those of one UDP socket of the device, and those of one ICE session.
 *
 * In:        flows in the order of their first packet, with their facts.
 * Out:       for each flow the signatures that its kin carry.
 * Why:       a call probes its way through relays and peers with messages that look alike for all apps; only one of its
 *            flows says whose it is. A UDP socket belongs to one process, and the two names of an ICE session (RFC
 *            8445, section 7.2.2) are made anew for each call.
 * Invariant: flows of a socket are kin only while it is in use: not beyond ML_FLOW_IDLE_OTHER_S of silence. Ports of
 *            services are nobody's socket. Names are kept as hashes, because they are personal.
 */
#ifndef MITLESER_ENGINE_KIN_H
#define MITLESER_ENGINE_KIN_H

#include "classify/verdict.h"
#include "core/map.h"
#include "proto/fact.h"

enum { ML_KIN_WORDS = (ML_N_FACT_KINDS + 63) / 64, ML_KIN_MAX_SIGNATURES = 4 };

/* Kinds of facts as bits. */
struct ml_kin_kinds {
    uint64_t bits[ML_KIN_WORDS];
};

struct ml_kin_flow {
    uint32_t parent;  /* itself: speaks for its family */
    uint32_t set;     /* number + 1 in sets; 0 none. Counts for whom speaks */
    uint32_t subject; /* number + 1 of its flow whose certificate says whose it is; 0 none. Counts for whom speaks */
    bool has_own;     /* carries a signature itself */
    bool has_subject; /* its own certificate says so */
};

struct ml_kin_socket {
    uint32_t flow;
    int64_t last_ns;
};

struct ml_kin {
    const struct ml_apps *apps;    /* borrowed */
    struct ml_kin_kinds known;     /* kinds that are signatures of an app */
    struct ml_map socket_index;    /* (input, address, port) -> index into sockets */
    struct ml_kin_socket *sockets; /* owned */
    size_t n_sockets, socket_room;
    struct ml_map sessions;    /* (input, hash of both names) -> flow */
    struct ml_kin_flow *flows; /* owned; as they were added */
    size_t n_flows, flow_room;
    struct ml_kin_kinds *sets; /* owned */
    size_t n_sets, set_room;
};

void ml_kin_init(struct ml_kin *kin, const struct ml_apps *apps);
void ml_kin_fini(struct ml_kin *kin);

/* Do facts of this kind tell an app? */
bool ml_kin_is_signature(const struct ml_kin *kin, enum ml_fact_kind kind);

/* The next flow in order of first packet, of the capture with number `input`. False: out of memory. */
bool ml_kin_add(struct ml_kin *kin, const struct ml_flow *flow, uint32_t input) ML_MUST_USE;

/*
 * Once all are added: signatures of the kin of flow `index`, in the order of kinds; at most ML_KIN_MAX_SIGNATURES.
 * None for a flow with a signature of its own.
 */
size_t ml_kin_signatures(const struct ml_kin *kin, size_t index, const char *out[ML_KIN_MAX_SIGNATURES]);

/* Likewise the kin whose certificate says whose it is. False: none, or the flow has a signature or such a certificate.
 */
bool ml_kin_subject(const struct ml_kin *kin, size_t index, size_t *of) ML_MUST_USE;

/* Subject of the certificate that the server of the flow shows; empty when there is none, or it is personal. */
struct ml_span ml_kin_own_subject(const struct ml_flow *flow);

#endif
