/* SPDX-License-Identifier: Apache-2.0 */
#include "support/wechat_messages.h"

#include "core/text.h"
#include "support/http_messages.h"

#include <stdio.h>

enum { SUITE_ECDHE = 0xc02b, SUITE_PSK = 0x00a8 };
enum { EXT_PSK = 0x000f, EXT_KEY_SHARES = 0x0010, EXT_SERVER_SHARE = 0x0011, EXT_SERVER_TAIL = 0x0013 };
enum { MAX_BODY = 1 << 20 };

static void point(struct ml_buf *out, struct build_prng *prng)
{
    build_be(out, 2, 65);
    build_be(out, 1, 4); /* uncompressed */
    build_random(out, prng, 64);
}

static void ticket(struct ml_buf *out, const struct build_mmtls_hello *hello)
{
    bool is_week = hello->ticket_index == 1;
    struct build_prng prng = {hello->ticket_seed};
    size_t extension = build_open(out, 4);
    build_be(out, 2, EXT_PSK);
    build_be(out, 1, 1); /* one ticket */
    size_t at = build_open(out, 4);
    build_be(out, 1, hello->ticket_index);
    build_be(out, 4, is_week ? 604800 : 2592000); /* lifetime in seconds */
    build_be(out, 2, 0);                          /* no age added */
    build_be(out, 4, is_week ? 0x3d : 0x48);
    build_be(out, 2, 12);
    build_random(out, &prng, 12); /* nonce */
    build_be(out, 2, is_week ? 72 : 105);
    build_random(out, &prng, is_week ? 72 : 105);
    build_close(out, 4, at);
    build_close(out, 4, extension);
}

static void key_shares(struct ml_buf *out, struct build_prng *prng)
{
    size_t extension = build_open(out, 4);
    build_be(out, 2, EXT_KEY_SHARES);
    build_be(out, 1, 2);
    for (uint32_t index = 5; index <= 6; index++) {
        size_t at = build_open(out, 4);
        build_be(out, 4, index);
        point(out, prng);
        build_close(out, 4, at);
    }
    build_be(out, 4, 0);
    build_be(out, 1, 2);
    build_be(out, 4, 3);
    build_be(out, 4, 4);
    build_close(out, 4, extension);
}

static void hello_head(struct ml_buf *out, uint8_t kind, uint16_t version)
{
    build_be(out, 1, kind);
    build_le(out, 2, version);
}

void build_mmtls_record(struct ml_buf *out, uint8_t type, uint16_t version, struct ml_span body)
{
    build_be(out, 1, type);
    build_be(out, 2, version);
    build_be(out, 2, body.len);
    ml_buf_add_span(out, body);
}

void build_mmtls_client_hello(struct ml_buf *out, const struct build_mmtls_hello *hello)
{
    struct build_prng prng = {hello->seed};
    uint16_t version = hello->version != 0 ? hello->version : MMTLS_F104;
    bool has_ticket = hello->ticket_index != 0;
    unsigned n = (hello->has_key_shares ? 1U : 0U) + (has_ticket ? 1U : 0U);
    struct ml_buf body;
    ml_buf_init(&body, MAX_BODY);
    size_t section = build_open(&body, 4);
    hello_head(&body, 1, version);
    build_be(&body, 1, n);
    if (hello->has_key_shares) {
        build_be(&body, 2, SUITE_ECDHE);
    }
    if (has_ticket) {
        build_be(&body, 2, SUITE_PSK);
    }
    build_random(&body, &prng, 32);
    build_be(&body, 4, hello->time);
    size_t extensions = build_open(&body, 4);
    build_be(&body, 1, n);
    if (has_ticket) {
        ticket(&body, hello);
    }
    if (hello->has_key_shares) {
        key_shares(&body, &prng);
    }
    build_close(&body, 4, extensions);
    build_close(&body, 4, section);
    build_mmtls_record(out, hello->type != 0 ? hello->type : MMTLS_HANDSHAKE, version, build_span(&body));
    ml_buf_fini(&body);
}

static void server_share(struct ml_buf *out, struct build_prng *prng)
{
    size_t at = build_open(out, 4);
    build_be(out, 2, EXT_SERVER_SHARE);
    build_be(out, 4, 5); /* which of the client's keys */
    point(out, prng);
    build_close(out, 4, at);
    at = build_open(out, 4);
    build_be(out, 2, EXT_SERVER_TAIL);
    build_be(out, 4, 1);
    build_be(out, 4, 3);
    build_close(out, 4, at);
}

void build_mmtls_server_hello(struct ml_buf *out, uint64_t seed, uint16_t version, bool has_key_share)
{
    struct build_prng prng = {seed};
    struct ml_buf body;
    ml_buf_init(&body, MAX_BODY);
    size_t section = build_open(&body, 4);
    hello_head(&body, 2, version);
    build_be(&body, 2, has_key_share ? SUITE_ECDHE : SUITE_PSK);
    build_random(&body, &prng, 32);
    size_t extensions = build_open(&body, 4);
    build_be(&body, 1, has_key_share ? 2 : 0);
    if (has_key_share) {
        server_share(&body, &prng);
    }
    build_close(&body, 4, extensions);
    build_close(&body, 4, section);
    build_mmtls_record(out, MMTLS_HANDSHAKE, version, build_span(&body));
    ml_buf_fini(&body);
}

void build_mmtls_sealed(struct ml_buf *out, uint8_t type, uint16_t version, struct build_prng *prng, size_t n)
{
    build_be(out, 1, type);
    build_be(out, 2, version);
    build_be(out, 2, n);
    build_random(out, prng, n);
}

/*
 * The additive-feedback generator x^31 + x^3 + 1 that C libraries descend from 4.2BSD: 31 values of a multiplicative
 * generator, the first 310 sums are thrown away, the lowest bit is dropped.
 */
uint32_t build_first_random(uint32_t seed)
{
    uint32_t r[344 + 1];
    r[0] = seed != 0 ? seed : 1;
    for (int i = 1; i < 31; i++) {
        int64_t next = INT64_C(16807) * (int32_t)r[i - 1] % 2147483647;
        r[i] = (uint32_t)(next < 0 ? next + 2147483647 : next);
    }
    for (int i = 31; i < 34; i++) {
        r[i] = r[i - 31];
    }
    for (int i = 34; i <= 344; i++) {
        r[i] = r[i - 31] + r[i - 3];
    }
    return r[344] >> 1;
}

void build_mmtls_path(uint32_t time, char out[16])
{
    (void)snprintf(out, 16, "/mmtls/%08x", (unsigned)build_first_random(time));
}

static void hex(struct ml_buf *out, struct build_prng *prng, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ml_buf_printf(out, "%x", (unsigned)(build_u64(prng) >> 60));
    }
}

static void base64(struct ml_buf *out, struct build_prng *prng, size_t n)
{
    uint8_t bytes[96];
    char text[132];
    ML_ASSERT(n <= sizeof bytes);
    for (size_t i = 0; i < n; i++) {
        bytes[i] = (uint8_t)(build_u64(prng) >> 56);
    }
    (void)ml_base64_write(ml_span_of(bytes, n), text);
    ml_buf_add_text(out, text);
}

void build_newgetdns_request(struct ml_buf *out, const struct build_newgetdns *request)
{
    static const char *const headers[] = {"Host: dns.weixin.qq.com", "Accept: */*", "Connection: close", NULL};
    struct build_prng prng = {request->seed};
    struct ml_buf line;
    ml_buf_init(&line, MAX_BODY);
    ml_buf_printf(&line, "GET /cgi-bin/micromsg-bin/newgetdns?uin=%s&clientversion=%s&scene=0&net=1&md5=", request->uin,
                  request->client_version);
    hex(&line, &prng, 32);
    ml_buf_printf(&line, "&devicetype=%s&lan=%s&sigver=2&lasteffecttime=0&xagreementid=0&networkid=%s&networkidctx=",
                  request->device_type, request->language, request->network_id);
    base64(&line, &prng, 45); /* a multiple of three: no padding that would need an escape */
    ml_buf_printf(&line, "&mccmnc=%s HTTP/1.0", request->mcc_mnc);
    ml_buf_add_byte(&line, 0);
    build_http(out, (const char *)build_span(&line).ptr, headers, ml_span_of(NULL, 0));
    ml_buf_fini(&line);
}

static void host_list(struct ml_buf *xml, const struct build_newgetdns_host *hosts, size_t n)
{
    ml_buf_add_text(xml, "<domainlist>\n");
    for (size_t i = 0; i < n; i++) {
        ml_buf_printf(xml, "<domain name=\"%s\" timeout=\"1800\" gslb=\"0\">\n", hosts[i].name);
        for (size_t k = 0; k < 4 && hosts[i].ips[k] != NULL; k++) {
            ml_buf_printf(xml, "<ip property=\"1\">%s</ip>\n", hosts[i].ips[k]);
        }
        ml_buf_add_text(xml, "</domain>\n");
    }
    ml_buf_add_text(xml, "</domainlist>\n");
}

void build_newgetdns_reply(struct ml_buf *out, const struct build_newgetdns_host *hosts, size_t n,
                           const char *client_ip, uint64_t seed)
{
    static const char *const headers[] = {"Content-Type: text/xml", "Content-Encoding: deflate", "Connection: close",
                                          NULL};
    struct build_prng prng = {seed};
    struct ml_buf xml;
    struct ml_buf body;
    ml_buf_init(&xml, MAX_BODY);
    ml_buf_init(&body, MAX_BODY);
    ml_buf_add_text(&xml, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<dns>\n<retcode>0</retcode>\n");
    host_list(&xml, hosts, n);
    ml_buf_add_text(&xml, "<builtiniplist>\n</builtiniplist>\n");
    ml_buf_printf(&xml, "<clientip>%s</clientip>\n<clientispid>0</clientispid>\n<networkid>", client_ip);
    hex(&xml, &prng, 32);
    ml_buf_add_text(&xml, "</networkid>\n<signature2>");
    base64(&xml, &prng, 72);
    ml_buf_add_text(&xml, "</signature2>\n</dns>\n");
    build_deflate(&body, build_span(&xml));
    build_http(out, "HTTP/1.0 200 OK", headers, build_span(&body));
    ml_buf_fini(&xml);
    ml_buf_fini(&body);
}
