/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/mmtls/mmtls.h"

#include "core/mem.h"
#include "proto/mmtls/hello.h"
#include "proto/mmtls/link.h"
#include "proto/mmtls/record.h"

enum { KIND_BYTES = 5 };

struct mmtls {
    struct ml_mmtls_link links[2]; /* by direction */
};

/* A connection whose beginning was seen starts with a hello or an alert; any other may start with any record. */
static enum ml_match probe(const struct ml_chunk *first)
{
    struct ml_mmtls_record record;
    enum ml_mmtls_sight sight = ml_mmtls_record_read(first->bytes, &record);
    if (sight != ML_MMTLS_YES) {
        return sight == ML_MMTLS_NO ? ML_MATCH_NO : ML_MATCH_MORE;
    }
    struct ml_span body = ml_span_cut(first->bytes, ML_MMTLS_HEADER, record.len);
    struct ml_span next = ml_span_cut(first->bytes, ML_MMTLS_HEADER + (size_t)record.len, ML_MMTLS_HEADER);
    struct ml_mmtls_record second;
    if (next.len != 0 && ml_mmtls_record_read(next, &second) == ML_MMTLS_NO) {
        return ML_MATCH_NO;
    }
    if (!first->flow->saw_start || record.type == ML_MMTLS_ALERT) {
        return ML_MATCH_YES;
    }
    if (record.type == ML_MMTLS_DATA || record.len < ML_MMTLS_MIN_HELLO) {
        return ML_MATCH_NO;
    }
    if (body.len < KIND_BYTES) {
        return ML_MATCH_MORE;
    }
    return ml_mmtls_hello_kind(body, record.len) != 0 ? ML_MATCH_YES : ML_MATCH_NO;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    struct mmtls *mmtls = ml_mem_array(1, sizeof *mmtls);
    if (mmtls != NULL) {
        ml_mmtls_link_init(&mmtls->links[ML_UP], env, "long");
        ml_mmtls_link_init(&mmtls->links[ML_DOWN], env, "long");
    }
    return mmtls;
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct mmtls *mmtls = self;
    bool wants_more = ml_mmtls_link_feed(&mmtls->links[chunk->dir], chunk);
    return wants_more || ml_inbox_is_open(&mmtls->links[ml_dir_other(chunk->dir)].inbox);
}

static void destroy(void *self)
{
    struct mmtls *mmtls = self;
    ml_mmtls_link_fini(&mmtls->links[ML_UP]);
    ml_mmtls_link_fini(&mmtls->links[ML_DOWN]);
    ml_mem_free(mmtls);
}

const struct ml_parser ml_parser_mmtls = {
    .name = "mmtls",
    .over = ML_OVER_TCP,
    .plain_of = ML_PLAIN_SEALED,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
