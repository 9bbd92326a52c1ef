/* SPDX-License-Identifier: Apache-2.0 */
#include "support/dns_build.h"

#include "core/ip.h"
#include "core/status.h"

void dns_bytes(struct dns_build *dns, const void *bytes, size_t len)
{
    ML_ASSERT(len <= sizeof dns->bytes - dns->len);
    if (len != 0) {
        memcpy(dns->bytes + dns->len, bytes, len);
        dns->len += len;
    }
}

void dns_u8(struct dns_build *dns, unsigned value)
{
    uint8_t byte = (uint8_t)value;
    dns_bytes(dns, &byte, 1);
}

void dns_u16(struct dns_build *dns, unsigned value)
{
    dns_u8(dns, value >> 8);
    dns_u8(dns, value & 255);
}

void dns_u32(struct dns_build *dns, uint32_t value)
{
    dns_u16(dns, value >> 16);
    dns_u16(dns, value & 0xffff);
}

void dns_begin(struct dns_build *dns, unsigned flags, unsigned qd, unsigned an, unsigned ns, unsigned ar)
{
    dns->len = 0;
    dns_u16(dns, 0x1234);
    dns_u16(dns, flags);
    dns_u16(dns, qd);
    dns_u16(dns, an);
    dns_u16(dns, ns);
    dns_u16(dns, ar);
}

void dns_name(struct dns_build *dns, const char *name)
{
    while (*name != '\0') {
        size_t len = strcspn(name, ".");
        dns_u8(dns, (unsigned)len);
        dns_bytes(dns, name, len);
        name += len + (name[len] == '.');
    }
    dns_u8(dns, 0);
}

void dns_pointer(struct dns_build *dns, unsigned to)
{
    dns_u16(dns, 0xc000 | to);
}

void dns_question(struct dns_build *dns, const char *name, unsigned type)
{
    dns_name(dns, name);
    dns_u16(dns, type);
    dns_u16(dns, 1);
}

size_t dns_begin_record(struct dns_build *dns, const char *name, unsigned type, uint32_t ttl)
{
    dns_question(dns, name, type);
    dns_u32(dns, ttl);
    dns_u16(dns, 0);
    return dns->len;
}

void dns_end_record(struct dns_build *dns, size_t start)
{
    size_t len = dns->len - start;
    dns->bytes[start - 2] = (uint8_t)(len >> 8);
    dns->bytes[start - 1] = (uint8_t)len;
}

void dns_a(struct dns_build *dns, const char *name, const char *address)
{
    struct ml_ip ip;
    ML_ASSERT(ml_ip_parse(ml_span_text(address), &ip));
    size_t start = dns_begin_record(dns, name, ip.family == 4 ? 1 : 28, 300);
    dns_bytes(dns, ip.bytes, ip.family == 4 ? 4 : 16);
    dns_end_record(dns, start);
}

void dns_cname(struct dns_build *dns, const char *name, const char *target)
{
    size_t start = dns_begin_record(dns, name, 5, 300);
    dns_name(dns, target);
    dns_end_record(dns, start);
}

void dns_client_subnet(struct dns_build *dns, unsigned family, unsigned bits, const void *address, size_t len)
{
    size_t start = dns_begin_record(dns, "", 41, 0);
    dns_u16(dns, 8);
    dns_u16(dns, 4 + (unsigned)len);
    dns_u16(dns, family);
    dns_u8(dns, bits);
    dns_u8(dns, 0);
    dns_bytes(dns, address, len);
    dns_end_record(dns, start);
}

void dns_netbios_name(struct dns_build *dns, const char *name, unsigned type)
{
    size_t len = strlen(name);
    dns_u8(dns, 32);
    for (size_t i = 0; i < 16; i++) {
        unsigned byte = i == 15 ? type : i < len ? (uint8_t)name[i] : ' ';
        dns_u8(dns, 'A' + (byte >> 4));
        dns_u8(dns, 'A' + (byte & 15));
    }
    dns_u8(dns, 0);
}

struct ml_span dns_span(const struct dns_build *dns)
{
    return ml_span_of(dns->bytes, dns->len);
}

struct ml_span dns_framed(struct dns_build *dns)
{
    size_t len = dns->len;
    dns_u16(dns, 0); /* room */
    memmove(dns->bytes + 2, dns->bytes, len);
    dns->bytes[0] = (uint8_t)(len >> 8);
    dns->bytes[1] = (uint8_t)len;
    return dns_span(dns);
}
