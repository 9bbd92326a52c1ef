/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link - the records of one direction of an mmtls link, whatever carries them.
 *
 * In:        bytes of a stream (long link) or of one HTTP body (short link).
 * Out:       mmtls.client_hello, mmtls.server_hello, mmtls.alert as they pass; mmtls.records at the end: types and
 *            lengths of the first records, which tell resumption, 0-RTT and the size of what is said.
 */
#ifndef MITLESER_PROTO_MMTLS_LINK_H
#define MITLESER_PROTO_MMTLS_LINK_H

#include "proto/inbox.h"
#include "proto/parser.h"

enum { ML_MMTLS_MAX_RECORDS = 24 }; /* of a direction that are told; a handshake has five */

struct ml_mmtls_link {
    struct ml_proto_env *env; /* borrowed */
    const char *name;         /* "long" or "short" */
    bool has_path;            /* short link: the request names itself by a number */
    uint32_t path;
    struct ml_inbox inbox;
    uint16_t version;
    uint8_t n_records;
    uint8_t types[ML_MMTLS_MAX_RECORDS];
    uint16_t lengths[ML_MMTLS_MAX_RECORDS];
    struct ml_place first; /* header of the first */
    uint64_t last_seq;     /* and of the last */
    uint64_t end;
};

void ml_mmtls_link_init(struct ml_mmtls_link *link, struct ml_proto_env *env, const char *name);

/* Takes a chunk or a hole. False: nothing more is wanted of this direction. */
bool ml_mmtls_link_feed(struct ml_mmtls_link *link, const struct ml_chunk *chunk);

/* States what is held, frees. */
void ml_mmtls_link_fini(struct ml_mmtls_link *link);

#endif
