/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kakao_voice - calls of KakaoTalk: a sender report with one block and twelve words, to or from the operator's network.
 * The report alone is anybody's; only the network makes it a mark.
 * See: docs/protocols/kakao-voice.md.
 */
#include "core/mem.h"
#include "proto/rtp/rtcp.h"
#include "proto/rtp/rtp.h"

enum { REPORT_LEN = 52, NETWORK_BITS = 16 };

struct kakao {
    struct ml_proto_env *env; /* borrowed */
};

static bool is_report(const struct ml_chunk *chunk)
{
    struct ml_rtcp_packet first;
    return ml_rtcp_begins(chunk->bytes, &first) && first.type == ML_RTCP_SR && first.count == 1 &&
           first.body.len + 4 == REPORT_LEN;
}

static enum ml_match probe(const struct ml_chunk *chunk)
{
    static const uint8_t bytes[] = {1, 201, 0, 0};
    const struct ml_ip network = ml_ip4(bytes);
    bool is_theirs = ml_ip_in_prefix(&chunk->flow->client, &network, NETWORK_BITS) ||
                     ml_ip_in_prefix(&chunk->flow->server, &network, NETWORK_BITS);
    return is_theirs && is_report(chunk) ? ML_MATCH_YES : ML_MATCH_NO;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    struct kakao *kakao = ml_mem_array(1, sizeof *kakao);
    if (kakao != NULL) {
        kakao->env = env;
    }
    return kakao;
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct kakao *kakao = self;
    struct ml_fact_draft draft;
    ml_fact_begin(&draft, ML_FACT_KAKAO_VOICE, chunk);
    (void)ml_fact_emit(kakao->env->facts, &draft); /* a ceiling is counted there */
    return true;
}

static void destroy(void *self)
{
    ml_mem_free(self);
}

const struct ml_parser ml_parser_kakao_voice = {
    .name = "kakao_voice",
    .over = ML_OVER_UDP,
    .plain_of = ML_PLAIN_OF_FACTS,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
