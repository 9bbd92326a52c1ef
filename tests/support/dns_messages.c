/* SPDX-License-Identifier: Apache-2.0 */
#include "support/dns_messages.h"

enum { HEADER_LEN = 12, MAX_NAMES = 32 };

/* Where names stand in the message. */
struct names {
    const char *text[MAX_NAMES];
    size_t at[MAX_NAMES];
    size_t n;
    size_t start; /* of the message in the buffer */
};

void build_dns_name(struct ml_buf *out, const char *name)
{
    struct ml_span rest = ml_span_text(name);
    while (rest.len != 0) {
        size_t len = ml_span_find(rest, ml_span_text("."));
        ML_ASSERT(len != 0 && len < 64);
        build_be(out, 1, len);
        ml_buf_add_span(out, ml_span_cut(rest, 0, len));
        rest = ml_span_cut(rest, len + 1, rest.len);
    }
    build_be(out, 1, 0);
}

static void header(struct ml_buf *out, uint16_t id, uint16_t flags, size_t answers, size_t additional)
{
    build_be(out, 2, id);
    build_be(out, 2, flags);
    build_be(out, 2, 1);
    build_be(out, 2, answers);
    build_be(out, 2, 0);
    build_be(out, 2, additional);
}

static void question(struct ml_buf *out, const char *name, uint16_t type)
{
    build_dns_name(out, name);
    build_be(out, 2, type);
    build_be(out, 2, 1); /* IN */
}

static void client_subnet(struct ml_buf *out, const char *subnet, unsigned bits)
{
    struct ml_ip ip = build_address(subnet);
    build_be(out, 1, 0);    /* the root */
    build_be(out, 2, 41);   /* OPT */
    build_be(out, 2, 1232); /* UDP payload size */
    build_be(out, 4, 0);
    size_t data = build_open(out, 2);
    build_be(out, 2, 8); /* client subnet */
    size_t option = build_open(out, 2);
    build_be(out, 2, ip.family == 4 ? 1 : 2);
    build_be(out, 1, bits);
    build_be(out, 1, 0);
    ml_buf_add(out, ip.bytes, (bits + 7) / 8);
    build_close(out, 2, option);
    build_close(out, 2, data);
}

void build_dns_query(struct ml_buf *out, uint16_t id, const char *name, uint16_t type, const char *subnet,
                     unsigned bits)
{
    header(out, id, 0x0100, 0, subnet != NULL ? 1 : 0); /* recursion desired */
    question(out, name, type);
    if (subnet != NULL) {
        client_subnet(out, subnet, bits);
    }
}

static void compressed(struct ml_buf *out, struct names *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++) {
        if (strcmp(names->text[i], name) == 0) {
            build_be(out, 2, 0xc000 | names->at[i]);
            return;
        }
    }
    ML_ASSERT(names->n < MAX_NAMES);
    names->text[names->n] = name;
    names->at[names->n++] = out->len - names->start;
    build_dns_name(out, name);
}

static void record(struct ml_buf *out, struct names *names, const char *asked, const struct build_dns_record *rr)
{
    struct ml_ip ip = {0};
    bool is_address = rr->text != NULL && ml_ip_parse(ml_span_text(rr->text), &ip);
    uint16_t address_type = ip.family == 6 ? DNS_AAAA : DNS_A;
    compressed(out, names, rr->name != NULL ? rr->name : asked);
    build_be(out, 2, rr->type != 0 ? rr->type : address_type);
    build_be(out, 2, 1);
    build_be(out, 4, rr->ttl);
    size_t data = build_open(out, 2);
    if (is_address) {
        ml_buf_add(out, ip.bytes, ip.family == 4 ? 4 : 16);
    } else if (rr->text != NULL) {
        compressed(out, names, rr->text);
    } else {
        ml_buf_add_span(out, rr->data);
    }
    build_close(out, 2, data);
}

void build_dns_answer(struct ml_buf *out, uint16_t id, const char *name, uint16_t type, uint8_t rcode,
                      const struct build_dns_record *records, size_t n)
{
    struct names names = {.text = {name}, .at = {HEADER_LEN}, .n = 1, .start = out->len};
    header(out, id, (uint16_t)(0x8180 | rcode), n, 0);
    question(out, name, type);
    for (size_t i = 0; i < n; i++) {
        record(out, &names, name, &records[i]);
    }
}
