/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ssdp/ssdp.h"

#include "core/mem.h"
#include "proto/http/head.h"

enum { PORT = 1900 };

struct ssdp {
    struct ml_proto_env *env; /* borrowed */
};

static bool is_search(const struct ml_http_head *head)
{
    return ml_span_equal(head->method, ml_span_text("M-SEARCH"));
}

/* A search, an announcement, or the answer to a search (which must name what was sought). */
static bool parse(struct ml_span bytes, struct ml_http_head *head)
{
    if (ml_http_head_parse(bytes, true, head)) {
        return is_search(head) || ml_span_equal(head->method, ml_span_text("NOTIFY"));
    }
    return ml_http_head_parse(bytes, false, head) && head->status == 200 && ml_http_field(head, "ST").len != 0;
}

static enum ml_match probe(const struct ml_chunk *first)
{
    struct ml_http_head head;
    bool is_port = first->flow->server_port == PORT || first->flow->client_port == PORT;
    return is_port && parse(first->bytes, &head) ? ML_MATCH_YES : ML_MATCH_NO;
}

static void add(struct ml_fact_draft *draft, enum ml_field field, const struct ml_http_head *head, const char *name)
{
    ml_fact_text(draft, field, ml_http_field(head, name));
}

static void state(struct ssdp *ssdp, const struct ml_chunk *chunk, const struct ml_http_head *head)
{
    struct ml_fact_draft draft;
    char host[ML_HTTP_HOST_TEXT];
    ml_fact_begin(&draft, is_search(head) ? ML_FACT_SSDP_SEARCH : ML_FACT_SSDP_ANNOUNCEMENT, chunk);
    draft.is_cut = chunk->is_cut;
    if (head->is_request) {
        ml_fact_text(&draft, ML_F_HTTP_HOST, ml_span_of(host, ml_http_host(head, host)));
    }
    if (is_search(head)) {
        add(&draft, ML_F_SSDP_TARGET, head, "ST");
        add(&draft, ML_F_HTTP_USER_AGENT, head, "USER-AGENT");
    } else {
        add(&draft, ML_F_SSDP_TARGET, head, head->is_request ? "NT" : "ST");
        add(&draft, ML_F_SSDP_USN, head, "USN");
        add(&draft, ML_F_SSDP_LOCATION, head, "LOCATION");
        add(&draft, ML_F_HTTP_SERVER, head, "SERVER");
    }
    (void)ml_fact_emit(ssdp->env->facts, &draft);
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct ssdp *ssdp = self;
    struct ml_http_head head;
    if (parse(chunk->bytes, &head)) {
        state(ssdp, chunk, &head);
    } else {
        ml_count(ssdp->env->counters, ML_COUNT_BAD_OTHER);
    }
    return true;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    struct ssdp *ssdp = ml_mem_array(1, sizeof *ssdp);
    (void)flow;
    if (ssdp != NULL) {
        ssdp->env = env;
    }
    return ssdp;
}

static void destroy(void *self)
{
    ml_mem_free(self);
}

const struct ml_parser ml_parser_ssdp = {
    .name = "ssdp",
    .over = ML_OVER_UDP,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
