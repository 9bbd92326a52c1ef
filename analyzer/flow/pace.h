/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pace - what the times of packets tell of who holds the device: prompt answers and steady steps.
 *
 * In:        size, time and direction of each packet of a flow.
 * Out:       n_answers: a packet down that ended a second of silence was answered by a small one within 200 ms, and it
 *            was not as long as the one counted before. A receipt looks so; signs of life of a server, which are all of
 *            one length, do not count.
 *            n_steps: the longest run of bursts up, each 150 ms to 2 s behind the one before, as of keys that are
 *            pressed.
 * Invariant: constant memory; time that runs back ends what was waited for.
 */
#ifndef MITLESER_FLOW_PACE_H
#define MITLESER_FLOW_PACE_H

#include "flow/chunk.h"

struct ml_pace {
    int64_t last_ns;  /* of a packet with content */
    int64_t asked_ns; /* of the packet down that waits for its answer */
    int64_t burst_ns; /* begin of the last burst up */
    uint32_t asked_len;
    uint32_t counted_len; /* of the packet whose answer was counted last */
    uint16_t n_answers;
    uint16_t n_run; /* of steps, at the moment */
    uint16_t n_steps;
    bool has_last;
    bool has_burst;
    bool is_waiting;
};

/* A packet of `len` bytes of content; up to one byte is a sign of life of TCP. */
void ml_pace_add(struct ml_pace *pace, enum ml_dir dir, uint32_t len, int64_t time_ns);

#endif
