/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/haproxy/haproxy.h"

#include "core/mem.h"
#include "core/text.h"
#include "proto/haproxy/header.h"
#include "proto/inbox.h"
#include "proto/inner.h"

struct haproxy {
    struct ml_proto_env *env; /* borrowed */
    struct ml_inbox inbox;    /* the header */
    struct ml_inner *inner;   /* owned; holds what comes before the header is whole */
    bool has_begun[2];
    bool has_dir;
    enum ml_dir dir; /* the one with the header */
    bool is_read;
};

static enum ml_match probe(const struct ml_chunk *first)
{
    struct ml_haproxy header;
    switch (ml_haproxy_read(first->bytes, &header)) {
    case ML_RD_OK:
        return ML_MATCH_YES;
    case ML_RD_SHORT:
        return ML_MATCH_MORE;
    default:
        return ML_MATCH_NO;
    }
}

static void state_header(struct haproxy *self, const struct ml_haproxy *header)
{
    struct ml_fact_draft draft;
    char host[256];
    ml_inbox_begin(&self->inbox, &draft, ML_FACT_HAPROXY_HEADER, 0, header->len);
    ml_fact_number(&draft, ML_F_HAPROXY_VERSION, header->version);
    if (header->source.family != 0) {
        ml_fact_ip(&draft, ML_F_HAPROXY_SOURCE, &header->source);
        ml_fact_ip(&draft, ML_F_HAPROXY_DESTINATION, &header->destination);
    }
    if (ml_host_normal(header->authority, host, sizeof host) != 0) {
        ml_fact_cstr(&draft, ML_F_HAPROXY_AUTHORITY, host);
    }
    (void)ml_fact_emit(self->env->facts, &draft);
}

static bool step(void *context, struct ml_inbox *inbox)
{
    struct haproxy *self = context;
    struct ml_haproxy header;
    enum ml_rd_state state = ml_haproxy_read(ml_inbox_span(inbox), &header);
    if (state == ML_RD_OK) {
        state_header(self, &header);
        ml_inbox_drop(inbox, header.len);
        inbox->is_done = self->is_read = true;
        ml_inner_open(self->inner, ML_LAYER_HAPROXY);
    }
    inbox->is_lost = state == ML_RD_BAD;
    return false;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    struct haproxy *self = ml_mem_array(1, sizeof *self);
    if (self == NULL) {
        return NULL;
    }
    self->env = env;
    self->inner = ml_inner_new(env, flow);
    ml_inbox_init(&self->inbox, ML_HAPROXY_MAX);
    if (self->inner == NULL) {
        ml_mem_free(self);
        return NULL;
    }
    return self;
}

static bool feed(void *context, const struct ml_chunk *chunk)
{
    struct haproxy *self = context;
    struct ml_chunk rest = *chunk;
    if (chunk->bytes.len == 0 && chunk->gap_len == 0) {
        return true;
    }
    if (!self->is_read) {
        bool is_start = !self->has_begun[chunk->dir] && chunk->bytes.len != 0 &&
                        (chunk->bytes.ptr[0] == 'P' || chunk->bytes.ptr[0] == '\r');
        self->has_begun[chunk->dir] = true;
        if (!self->has_dir && is_start) {
            self->has_dir = true;
            self->dir = chunk->dir;
        }
        if (!self->has_dir || chunk->dir != self->dir) {
            if (ml_inner_hold(self->inner, chunk)) {
                return true;
            }
            ml_count(self->env->counters, ML_COUNT_LIMIT_MESSAGE);
            return false;
        }
        ml_inbox_feed(&self->inbox, chunk, self->env->counters, step, self);
        if (!self->is_read) {
            return !self->inbox.is_lost;
        }
        rest.bytes = ml_inbox_rest(&self->inbox, chunk);
        rest.offset += chunk->bytes.len - rest.bytes.len;
    }
    return (rest.bytes.len == 0 && rest.gap_len == 0) || ml_inner_feed(self->inner, &rest);
}

static void destroy(void *context)
{
    struct haproxy *self = context;
    ml_inner_free(self->inner);
    ml_inbox_fini(&self->inbox);
    ml_mem_free(self);
}

const struct ml_parser ml_parser_haproxy = {
    .name = "haproxy",
    .over = ML_OVER_TCP,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
