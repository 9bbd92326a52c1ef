/* SPDX-License-Identifier: Apache-2.0 */
/*
 * second - the second opinion on a flow, asked of nDPI with as few packets as it takes.
 *
 * In:        the segments of a flow, each after the facts that it completed are stated.
 * Out:       nDPI's answer in the flow's note.
 * Invariant: the answer is that of nDPI after all packets. What our parsers read in the first payload may tell it
 *            (ml_ndpi_named), so packets without payload before that wait; when nDPI has to be asked after all, it gets
 *            them first.
 */
#ifndef MITLESER_ENGINE_SECOND_H
#define MITLESER_ENGINE_SECOND_H

#include "classify/ndpi.h"
#include "core/pool.h"
#include "flow/flow.h"

/* What a shard asks with. */
struct ml_second_env {
    struct ml_ndpi *ndpi; /* NULL: nobody is asked */
    struct ml_pool waiting;
};

/* Of one flow, while it is open; zeroed at first. */
struct ml_second {
    struct ml_ndpi_flow *ndpi;         /* owned; NULL: nothing was shown to nDPI */
    struct ml_second_waiting *waiting; /* owned, of the pool */
    bool tried_name;                   /* whether the first fact tells the answer is known */
    bool awaits_rest;                  /* the answer in the note holds unless what follows the hello says more */
};

/* Takes notice of a segment. True: the answer is there, nothing more needs to be seen; ml_second_end may be called. */
bool ml_second_see(struct ml_second_env *env, struct ml_second *second, struct ml_flow *flow,
                   const struct ml_segment *segment, enum ml_dir dir);

/* Writes the answer to the note, and gives back what was held. Nothing was seen: the note stays as it is. */
void ml_second_end(struct ml_second_env *env, struct ml_second *second, struct ml_flow *flow);

#endif
