/* SPDX-License-Identifier: Apache-2.0 */
/* data - a conversation that one of FTP has announced. Its bytes are those of a file. */
#include "proto/ftp/ftp.h"

static enum ml_match probe(struct ml_proto_env *env, const struct ml_chunk *first)
{
    const struct ml_flow *flow = first->flow;
    for (size_t i = 0; first->n_layers == 1 && i < ML_MAX_EXPECTED; i++) {
        const struct ml_expected *expected = &env->expected[i];
        if (expected->port != 0 && expected->port == flow->server_port && ml_ip_equal(&expected->ip, &flow->server)) {
            return ML_MATCH_YES;
        }
    }
    return ML_MATCH_NO;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    return env; /* nothing to keep */
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    (void)self;
    (void)chunk;
    return false;
}

static void destroy(void *self)
{
    (void)self;
}

const struct ml_parser ml_parser_ftp_data = {
    .name = "ftp-data",
    .over = ML_OVER_TCP,
    .probe_with = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
