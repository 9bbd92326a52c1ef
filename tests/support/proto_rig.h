/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proto_rig - one flow and a fact store around a parser or demultiplexer, and its facts as text.
 *
 *     struct proto_rig rig;
 *     proto_rig_init(&rig, ML_IP_TCP, 443);
 *     proto_rig_parser(&rig, &ml_parser_tls);       or nothing: the demultiplexer chooses
 *     proto_rig_feed(&rig, ML_UP, bytes);           a segment or datagram; each is the next packet
 *     proto_rig_end(&rig);
 *     assert_string_equal(proto_rig_facts(&rig), "tls.client_hello up tls.sni=chat.example.com\n");
 */
#ifndef MITLESER_TESTS_PROTO_RIG_H
#define MITLESER_TESTS_PROTO_RIG_H

#include "proto/parser.h"

struct proto_rig {
    struct ml_counters counters;
    struct ml_fact_store facts;
    struct ml_proto_env env;
    struct ml_flow flow;
    const struct ml_parser *parser; /* NULL: the demultiplexer chooses */
    void *self;
    struct ml_demux *demux;
    uint64_t seq;
    uint64_t offset[2];
    bool wants_more;
    char *text;
};

/* Client 192.0.2.10:50000, server 198.51.100.20:`server_port`. */
void proto_rig_init(struct proto_rig *rig, uint8_t ip_proto, uint16_t server_port);
void proto_rig_parser(struct proto_rig *rig, const struct ml_parser *parser);
void proto_rig_feed(struct proto_rig *rig, enum ml_dir dir, struct ml_span bytes);
/* Bytes in pieces of `piece` bytes, each a segment of its own. */
void proto_rig_feed_split(struct proto_rig *rig, enum ml_dir dir, struct ml_span bytes, size_t piece);
void proto_rig_gap(struct proto_rig *rig, enum ml_dir dir, uint64_t len);
void proto_rig_end(struct proto_rig *rig);
void proto_rig_fini(struct proto_rig *rig);

/*
 * All facts, one a line: kind, "up"/"down", then field=value in order (lists repeat the field), "count=n" when over 1,
 * "cut" when cut. Frames and ranges are not shown: see proto_rig_fact. Owned by the rig, until the next call.
 */
const char *proto_rig_facts(struct proto_rig *rig);

/* The index-th fact; fails the test when there is none. */
const struct ml_fact *proto_rig_fact(const struct proto_rig *rig, size_t index);

#endif
