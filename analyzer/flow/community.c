/* SPDX-License-Identifier: Apache-2.0 */
#include "core/digest.h"
#include "core/text.h"
#include "flow/flow.h"

enum { ICMP_ECHO = 8, ICMP_ECHO_REPLY = 0, ICMP6_ECHO = 128, ICMP6_ECHO_REPLY = 129 };

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

bool ml_flow_community_id(const struct ml_flow *flow, char out[ML_COMMUNITY_ID_TEXT])
{
    uint16_t client_port = flow->client_port;
    uint16_t server_port = flow->server_port;
    if (flow->ip_proto == ML_IP_ICMP) {
        client_port = ICMP_ECHO;
        server_port = ICMP_ECHO_REPLY;
    } else if (flow->ip_proto == ML_IP_ICMP6) {
        client_port = ICMP6_ECHO;
        server_port = ICMP6_ECHO_REPLY;
    }
    int order = ml_ip_compare(&flow->client, &flow->server);
    bool is_swapped = order > 0 || (order == 0 && client_port > server_port);
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
