/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dns/rdata.h"

#include <stdio.h>

enum { KEY_IPV4HINT = 4, KEY_ECH = 5, KEY_IPV6HINT = 6, OPTION_CLIENT_SUBNET = 8 };

bool ml_dns_rdata_target(const struct ml_dns_record *record, struct ml_dns_name *out)
{
    struct ml_reader rd = ml_rd_open_framed(record->rdata);
    out->len = out->n_labels = 0;
    switch (record->type) {
    case ML_DNS_CNAME:
    case ML_DNS_PTR:
        return ml_dns_name_read(&rd, record->context, out);
    case ML_DNS_SRV:
        return ml_rd_skip(&rd, 6) && ml_dns_name_read(&rd, record->context, out); /* priority, weight, port */
    default:
        return false;
    }
}

static bool is_svcb(const struct ml_dns_record *record)
{
    return record->type == ML_DNS_SVCB || record->type == ML_DNS_HTTPS;
}

/* Parameters of a service binding; empty for an alias (priority 0), which must have none. */
static struct ml_reader open_params(const struct ml_dns_record *record)
{
    struct ml_reader rd = ml_rd_open_framed(record->rdata);
    struct ml_dns_name target;
    uint16_t priority = 0;
    if (!ml_rd_u16(&rd, &priority) || !ml_dns_name_read(&rd, record->context, &target) || priority == 0) {
        return ml_rd_open_framed(ml_span_of(NULL, 0));
    }
    return rd;
}

static bool next_param(struct ml_reader *params, uint16_t *key, struct ml_reader *value)
{
    return ml_rd_left(params) != 0 && ml_rd_u16(params, key) && ml_rd_vector(params, 2, value);
}

void ml_dns_addresses_open(struct ml_dns_addresses *addresses, const struct ml_dns_record *record)
{
    addresses->rd = ml_rd_open_framed(record->rdata);
    addresses->params = ml_rd_open_framed(ml_span_of(NULL, 0));
    addresses->skip = 0;
    addresses->family = 0;
    if (record->type == ML_DNS_A && record->rdata.len == 4) {
        addresses->family = 4;
    } else if (record->type == ML_DNS_AAAA && record->rdata.len == 16) {
        addresses->family = 6;
    } else if (record->type == ML_DNS_NB) {
        addresses->family = 4;
        addresses->skip = 2; /* flags of the name */
    } else if (is_svcb(record)) {
        addresses->params = open_params(record);
    }
}

static bool read_address(struct ml_dns_addresses *addresses, struct ml_ip *out)
{
    uint8_t bytes[16];
    size_t size = addresses->family == 4 ? 4 : 16;
    if (addresses->family == 0 || ml_rd_left(&addresses->rd) == 0) {
        return false;
    }
    if (!ml_rd_skip(&addresses->rd, addresses->skip) || !ml_rd_copy(&addresses->rd, bytes, size)) {
        return false;
    }
    *out = addresses->family == 4 ? ml_ip4(bytes) : ml_ip6(bytes);
    return true;
}

bool ml_dns_addresses_next(struct ml_dns_addresses *addresses, struct ml_ip *out)
{
    uint16_t key = 0;
    while (!read_address(addresses, out)) {
        struct ml_reader value;
        if (!next_param(&addresses->params, &key, &value)) {
            return false;
        }
        addresses->family = key == KEY_IPV4HINT ? 4 : key == KEY_IPV6HINT ? 6 : 0;
        addresses->rd = value;
    }
    return true;
}

bool ml_dns_rdata_has_ech(const struct ml_dns_record *record)
{
    uint16_t key = 0;
    struct ml_reader value;
    if (!is_svcb(record)) {
        return false;
    }
    struct ml_reader params = open_params(record);
    while (next_param(&params, &key, &value)) {
        if (key == KEY_ECH && ml_rd_left(&value) != 0) {
            return true;
        }
    }
    return false;
}

/* RFC 7871, section 6: family, source and scope prefix length, and as many address bytes as the source needs. */
static bool read_subnet(struct ml_reader *option, char *out)
{
    uint16_t family = 0;
    uint8_t source = 0;
    uint8_t bytes[16] = {0};
    if (!ml_rd_u16(option, &family) || !ml_rd_u8(option, &source) || !ml_rd_skip(option, 1)) {
        return false;
    }
    if ((family != 1 || source > 32) && (family != 2 || source > 128)) {
        return false;
    }
    size_t len = ((size_t)source + 7) / 8;
    if (ml_rd_left(option) != len || !ml_rd_copy(option, bytes, len)) {
        return false;
    }
    struct ml_ip ip = family == 1 ? ml_ip4(bytes) : ml_ip6(bytes);
    char text[ML_IP_TEXT];
    (void)ml_ip_format(&ip, text);
    (void)snprintf(out, ML_DNS_SUBNET_TEXT, "%s/%u", text, (unsigned)source);
    return true;
}

bool ml_dns_rdata_subnet(const struct ml_dns_record *record, char out[ML_DNS_SUBNET_TEXT])
{
    struct ml_reader rd = ml_rd_open_framed(record->rdata);
    if (record->type != ML_DNS_OPT) {
        return false;
    }
    while (ml_rd_left(&rd) != 0) {
        uint16_t code = 0;
        struct ml_reader option;
        if (!ml_rd_u16(&rd, &code) || !ml_rd_vector(&rd, 2, &option)) {
            return false;
        }
        if (code == OPTION_CLIENT_SUBNET) {
            return read_subnet(&option, out);
        }
    }
    return false;
}

bool ml_dns_rdata_string(struct ml_reader *rd, struct ml_span *out)
{
    uint8_t len = 0;
    *out = ml_span_of(NULL, 0);
    return ml_rd_left(rd) != 0 && ml_rd_u8(rd, &len) && ml_rd_span(rd, len, out);
}

struct named {
    uint16_t value;
    const char *name;
};

static const struct named types[] = {
    {1, "A"},       {2, "NS"},     {5, "CNAME"},    {6, "SOA"},         {10, "NULL"},       {11, "WKS"},
    {12, "PTR"},    {13, "HINFO"}, {15, "MX"},      {16, "TXT"},        {17, "RP"},         {18, "AFSDB"},
    {24, "SIG"},    {25, "KEY"},   {28, "AAAA"},    {29, "LOC"},        {33, "SRV"},        {35, "NAPTR"},
    {36, "KX"},     {37, "CERT"},  {39, "DNAME"},   {41, "OPT"},        {43, "DS"},         {44, "SSHFP"},
    {46, "RRSIG"},  {47, "NSEC"},  {48, "DNSKEY"},  {50, "NSEC3"},      {51, "NSEC3PARAM"}, {52, "TLSA"},
    {53, "SMIMEA"}, {59, "CDS"},   {60, "CDNSKEY"}, {61, "OPENPGPKEY"}, {62, "CSYNC"},      {64, "SVCB"},
    {65, "HTTPS"},  {99, "SPF"},   {249, "TKEY"},   {250, "TSIG"},      {251, "IXFR"},      {252, "AXFR"},
    {255, "ANY"},   {256, "URI"},  {257, "CAA"},
};

static const struct named rcodes[] = {
    {0, "NOERROR"},  {1, "FORMERR"},  {2, "SERVFAIL"},   {3, "NXDOMAIN"}, {4, "NOTIMP"},
    {5, "REFUSED"},  {6, "YXDOMAIN"}, {7, "YXRRSET"},    {8, "NXRRSET"},  {9, "NOTAUTH"},
    {10, "NOTZONE"}, {16, "BADVERS"}, {23, "BADCOOKIE"},
};

static const char *name_or_number(const struct named *table, size_t n, uint16_t value, const char *prefix,
                                  char scratch[ML_DNS_TYPE_TEXT])
{
    for (size_t i = 0; i < n; i++) {
        if (table[i].value == value) {
            return table[i].name;
        }
    }
    (void)snprintf(scratch, ML_DNS_TYPE_TEXT, "%s%u", prefix, (unsigned)value);
    return scratch;
}

const char *ml_dns_type_text(uint16_t type, bool is_netbios, char scratch[ML_DNS_TYPE_TEXT])
{
    if (is_netbios && (type == 32 || type == 33)) {
        return type == 32 ? "NB" : "NBSTAT";
    }
    return name_or_number(types, sizeof types / sizeof types[0], type, "TYPE", scratch);
}

const char *ml_dns_rcode_text(uint16_t rcode, char scratch[ML_DNS_TYPE_TEXT])
{
    return name_or_number(rcodes, sizeof rcodes / sizeof rcodes[0], rcode, "RCODE", scratch);
}
