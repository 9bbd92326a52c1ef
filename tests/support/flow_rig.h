/* SPDX-License-Identifier: Apache-2.0 */
/* flow_rig - a flow table whose consumer writes down what it gets, and segments of one conversation to feed it. */
#ifndef MITLESER_TESTS_FLOW_RIG_H
#define MITLESER_TESTS_FLOW_RIG_H

#include "core/buf.h"
#include "flow/table.h"

struct flow_rig {
    struct ml_flow_table *table;
    struct ml_counters counters;
    struct ml_flow_limits limits;
    struct ml_buf log;      /* "+0" opened, "-0" closed, "up@4:text", "down@8[3]" a gap; a blank after each */
    struct ml_buf bytes[2]; /* everything handed out, by direction; a gap is as many '?' */
    uint64_t seq;           /* number of the last packet */
    int64_t now_ns;         /* time of the next packet */
    int64_t step_ns;        /* added after each packet */
    uint32_t isn[2];        /* initial sequence numbers by direction */
    const char *settle_on;  /* the consumer settles the flow when a chunk holds this text; NULL never */
    unsigned n_segments;    /* segment calls */
    unsigned n_open;        /* opened without closed */
};

/* Fills in usual limits and starting values; change them before flow_rig_start. */
void flow_rig_init(struct flow_rig *rig);
void flow_rig_start(struct flow_rig *rig);
void flow_rig_fini(struct flow_rig *rig);

/* 192.0.2.1:50000 to 198.51.100.2:443 for ML_UP, the way back for ML_DOWN; payload is `text`. */
struct ml_segment flow_rig_segment(struct flow_rig *rig, enum ml_dir dir, uint8_t ip_proto, struct ml_span payload);

/* As above over TCP; `at` is the stream offset of the payload, `ack` the other side's (both relative). */
struct ml_segment flow_rig_tcp(struct flow_rig *rig, enum ml_dir dir, uint8_t flags, uint32_t at, uint32_t ack,
                               const char *text);

/* Numbers the segment, gives it the time and feeds it. */
enum ml_status flow_rig_feed(struct flow_rig *rig, struct ml_segment *segment);

/* Builds, feeds and expects ML_OK. */
void flow_rig_send(struct flow_rig *rig, enum ml_dir dir, uint8_t flags, uint32_t at, uint32_t ack, const char *text);

/* SYN, SYN/ACK, ACK. */
void flow_rig_shake_hands(struct flow_rig *rig);

/* The log so far; empties it. Borrowed until the next call. */
const char *flow_rig_log(struct flow_rig *rig);

#endif
