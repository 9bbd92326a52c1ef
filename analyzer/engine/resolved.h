/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolved - which host names resolvers gave for an address, and when: DNS answers, HTTP-DNS replies, name records of
 * the file. A flow may use a name only if it was known by its first packet;
 * what is told later is weak evidence for whose address it is.
 */
#ifndef MITLESER_ENGINE_RESOLVED_H
#define MITLESER_ENGINE_RESOLVED_H

#include "classify/verdict.h"
#include "core/map.h"

struct ml_resolved {
    struct ml_map addresses;           /* address -> newest entry */
    struct ml_resolved_entry *entries; /* owned */
    size_t n, n_room;
};

struct ml_resolved_entry {
    struct ml_span name; /* borrowed from the facts */
    uint64_t seq;        /* packet that told it first; 0: known from the start */
    uint32_t older;      /* number + 1 of the next entry of the address */
    enum ml_name_source source;
};

void ml_resolved_init(struct ml_resolved *names);
void ml_resolved_fini(struct ml_resolved *names);

/* False: out of memory. A name already known for the address keeps its earliest packet. */
bool ml_resolved_add(struct ml_resolved *names, const struct ml_ip *ip, struct ml_span name, enum ml_name_source source,
                     uint64_t seq) ML_MUST_USE;

/*
 * Names of `ip` known by packet `seq`, newest first within a source, sources best first; at most `max`. is_shared is
 * set when a source gives several.
 */
size_t ml_resolved_of(const struct ml_resolved *names, const struct ml_ip *ip, uint64_t seq, struct ml_flow_name out[],
                      size_t max);

/*
 * Names of `ip` that answers told only after packet `after`, by packet `until`; as ML_NAME_DNS_LATER, oldest answer
 * first. The client knew the address from an answer that is not in the capture.
 */
size_t ml_resolved_later(const struct ml_resolved *names, const struct ml_ip *ip, uint64_t after, uint64_t until,
                         struct ml_flow_name out[], size_t max);

#endif
