/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dhcp/facts.h"

#include "core/text.h"
#include "proto/dns/name.h"

void ml_dhcp_mac(struct ml_fact_draft *draft, struct ml_span mac, char text[ML_DHCP_MAC_TEXT])
{
    static const uint8_t none[6];
    if (mac.len != sizeof none || memcmp(mac.ptr, none, sizeof none) == 0) {
        return;
    }
    for (size_t i = 0; i < mac.len; i++) {
        char digits[3];
        ml_hex_write(ml_span_cut(mac, i, 1), digits);
        text[3 * i] = digits[0];
        text[3 * i + 1] = digits[1];
        text[3 * i + 2] = i + 1 < mac.len ? ':' : '\0';
    }
    ml_fact_cstr(draft, ML_F_DHCP_CLIENT_MAC, text);
}

void ml_dhcp_id(struct ml_fact_draft *draft, struct ml_span id, char text[ML_DHCP_ID_TEXT])
{
    if (id.len != 0 && id.len <= (ML_DHCP_ID_TEXT - 1) / 2) {
        ml_hex_write(id, text);
        ml_fact_cstr(draft, ML_F_DHCP_CLIENT_ID, text);
    }
}

void ml_dhcp_text(struct ml_fact_draft *draft, enum ml_field field, struct ml_span value)
{
    while (value.len != 0 && value.ptr[value.len - 1] == 0) {
        value.len--;
    }
    ml_fact_text(draft, field, value);
}

void ml_dhcp_name(struct ml_fact_draft *draft, enum ml_field field, struct ml_span wire, char *text)
{
    struct ml_reader rd = ml_rd_open_framed(wire);
    struct ml_dns_name name;
    _Static_assert((int)ML_DHCP_NAME_TEXT >= (int)ML_DNS_NAME_TEXT, "a name as text fits");
    if (ml_dns_name_read(&rd, ml_span_of(NULL, 0), &name) && ml_rd_done(&rd)) {
        ml_fact_text(draft, field, ml_span_of(text, ml_dns_name_write(&name, false, text)));
        return;
    }
    /* A partial name ends without the root (RFC 4704, section 4.2). */
    uint8_t rooted[ML_DNS_NAME_WIRE + 1];
    if (wire.len != 0 && wire.len < sizeof rooted) {
        memcpy(rooted, wire.ptr, wire.len);
        rooted[wire.len] = 0;
        rd = ml_rd_open_framed(ml_span_of(rooted, wire.len + 1));
        if (ml_dns_name_read(&rd, ml_span_of(NULL, 0), &name) && ml_rd_done(&rd)) {
            ml_fact_text(draft, field, ml_span_of(text, ml_dns_name_write(&name, false, text)));
        }
    }
}

void ml_dhcp_addresses(struct ml_fact_draft *draft, enum ml_field field, struct ml_span value, unsigned family)
{
    struct ml_reader rd = ml_rd_open_framed(value);
    uint8_t bytes[16];
    while (ml_rd_left(&rd) != 0 && ml_rd_copy(&rd, bytes, family == 4 ? 4 : 16)) {
        struct ml_ip ip = family == 4 ? ml_ip4(bytes) : ml_ip6(bytes);
        ml_fact_ip(draft, field, &ip);
    }
}
