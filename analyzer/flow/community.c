/* SPDX-License-Identifier: Apache-2.0 */
#include "core/digest.h"
#include "core/text.h"
#include "flow/flow.h"

/* Types that ask, and the types that answer them. */
static const uint8_t icmp_pairs[][2] = {{8, 0}, {13, 14}, {15, 16}, {10, 9}, {17, 18}};
static const uint8_t icmp6_pairs[][2] = {{128, 129}, {133, 134}, {135, 136}, {130, 131}, {139, 140}, {144, 145}};

static size_t put_bytes(uint8_t *out, size_t at, const void *bytes, size_t len)
{
    memcpy(out + at, bytes, len);
    return at + len;
}

static size_t put_ip(uint8_t *out, size_t at, const struct ml_ip *ip)
{
    return put_bytes(out, at, ip->bytes, ip->family == 6 ? 16 : 4);
}

static size_t put_port(uint8_t *out, size_t at, uint16_t port)
{
    const uint8_t bytes[2] = {(uint8_t)(port >> 8), (uint8_t)port};
    return put_bytes(out, at, bytes, sizeof bytes);
}

/* The specification hashes ports for these protocols only. */
static bool has_ports(uint8_t ip_proto)
{
    return ip_proto == ML_IP_TCP || ip_proto == ML_IP_UDP || ip_proto == ML_IP_SCTP || ip_proto == ML_IP_ICMP ||
           ip_proto == ML_IP_ICMP6;
}

/* The other type of a question and its answer. False: nothing answers this type. */
static bool other_type(const uint8_t (*pairs)[2], size_t n, uint8_t type, uint16_t *other)
{
    for (size_t i = 0; i < n; i++) {
        for (int side = 0; side < 2; side++) {
            if (pairs[i][side] == type) {
                *other = pairs[i][1 - side];
                return true;
            }
        }
    }
    return false;
}

/* ICMP has types where others have ports. False: the flow goes one way, so its ends keep their order. */
static bool icmp_ports(const struct ml_flow *flow, uint16_t *client_port, uint16_t *server_port)
{
    *client_port = flow->icmp_type;
    *server_port = flow->icmp_code;
    return flow->ip_proto == ML_IP_ICMP
               ? other_type(icmp_pairs, sizeof icmp_pairs / sizeof *icmp_pairs, flow->icmp_type, server_port)
               : other_type(icmp6_pairs, sizeof icmp6_pairs / sizeof *icmp6_pairs, flow->icmp_type, server_port);
}

bool ml_flow_community_id(const struct ml_flow *flow, char out[ML_COMMUNITY_ID_TEXT])
{
    uint16_t client_port = flow->client_port;
    uint16_t server_port = flow->server_port;
    bool has_answer = true;
    if (flow->ip_proto == ML_IP_ICMP || flow->ip_proto == ML_IP_ICMP6) {
        has_answer = icmp_ports(flow, &client_port, &server_port);
    }
    int order = ml_ip_compare(&flow->client, &flow->server);
    bool is_swapped = has_answer && (order > 0 || (order == 0 && client_port > server_port));
    uint8_t bytes[2 + 16 + 16 + 1 + 1 + 2 + 2] = {0}; /* seed 0 first */
    size_t len = put_ip(bytes, 2, is_swapped ? &flow->server : &flow->client);
    len = put_ip(bytes, len, is_swapped ? &flow->client : &flow->server);
    bytes[len] = flow->ip_proto;
    len += 2; /* and a zero byte */
    if (has_ports(flow->ip_proto)) {
        len = put_port(bytes, len, is_swapped ? server_port : client_port);
        len = put_port(bytes, len, is_swapped ? client_port : server_port);
    }
    uint8_t digest[20];
    out[0] = '\0';
    if (!ml_sha1(ml_span_of(bytes, len), digest)) {
        return false;
    }
    memcpy(out, "1:", 2);
    (void)ml_base64_write(ml_span_of(digest, sizeof digest), out + 2); /* its length is always 28 */
    return true;
}
