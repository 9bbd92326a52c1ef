/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/key.h"

#include "core/hash.h"
#include "flow/table.h"

enum { END_BYTES = 1 + 16 + 2 /* family, address, port */, QUIC_PORT = 443 };

static void put_end(uint8_t *out, const struct ml_ip *ip, uint16_t port)
{
    out[0] = ip->family;
    memcpy(out + 1, ip->bytes, sizeof ip->bytes);
    out[17] = (uint8_t)(port >> 8);
    out[18] = (uint8_t)port;
}

uint32_t ml_flow_hash(const struct ml_segment *segment)
{
    int order = ml_ip_compare(&segment->src, &segment->dst);
    bool is_swapped = order > 0 || (order == 0 && segment->src_port > segment->dst_port);
    uint8_t key[2 * END_BYTES + 1];
    put_end(key + (is_swapped ? END_BYTES : 0), &segment->src, segment->src_port);
    put_end(key + (is_swapped ? 0 : END_BYTES), &segment->dst, segment->dst_port);
    key[2 * END_BYTES] = segment->ip_proto;
    return (uint32_t)ml_hash(ml_span_of(key, sizeof key));
}

bool ml_flow_match(const struct ml_flow *flow, const struct ml_segment *segment, enum ml_dir *dir)
{
    if (flow->ip_proto != segment->ip_proto) {
        return false;
    }
    if (flow->client_port == segment->src_port && flow->server_port == segment->dst_port &&
        ml_ip_equal(&flow->client, &segment->src) && ml_ip_equal(&flow->server, &segment->dst)) {
        *dir = ML_UP;
        return true;
    }
    *dir = ML_DOWN;
    return flow->client_port == segment->dst_port && flow->server_port == segment->src_port &&
           ml_ip_equal(&flow->client, &segment->dst) && ml_ip_equal(&flow->server, &segment->src);
}

unsigned ml_shard_of_segment(const struct ml_segment *segment)
{
    bool is_from = segment->src_port == QUIC_PORT;
    bool is_to = segment->dst_port == QUIC_PORT;
    if (segment->ip_proto == ML_IP_UDP && is_from != is_to) {
        const struct ml_ip *server = is_from ? &segment->src : &segment->dst;
        return ml_shard_of(server, server);
    }
    return ml_shard_of(&segment->src, &segment->dst);
}

unsigned ml_shard_of(const struct ml_ip *a, const struct ml_ip *b)
{
    bool is_swapped = ml_ip_compare(a, b) > 0;
    uint8_t key[2 * END_BYTES];
    put_end(key, is_swapped ? b : a, 0);
    put_end(key + END_BYTES, is_swapped ? a : b, 0);
    return (unsigned)(ml_hash(ml_span_of(key, sizeof key)) % ML_N_SHARDS);
}
