/* SPDX-License-Identifier: Apache-2.0 */
/* facts - values that both versions of DHCP state; internal to proto/dhcp. Texts live as long as the values. */
#ifndef MITLESER_PROTO_DHCP_FACTS_H
#define MITLESER_PROTO_DHCP_FACTS_H

#include "core/reader.h"
#include "proto/fact.h"

enum {
    ML_DHCP_MAC_TEXT = 18,
    ML_DHCP_ID_TEXT = 2 * 130 + 1, /* hexadecimal; a DUID has at most 130 bytes (RFC 8415, section 11.1) */
    ML_DHCP_LIST_TEXT = 4 * 255 + 1,
    ML_DHCP_NAME_TEXT = 1024
};

struct ml_dhcp_values {
    char mac[ML_DHCP_MAC_TEXT];
    char id[ML_DHCP_ID_TEXT];
    char list[ML_DHCP_LIST_TEXT];
    char name[ML_DHCP_NAME_TEXT];
};

/* "00:53:00:11:22:33"; nothing for the address zero, which stands for none. */
void ml_dhcp_mac(struct ml_fact_draft *draft, struct ml_span mac, char text[ML_DHCP_MAC_TEXT]);

/* Identifier in hexadecimal. */
void ml_dhcp_id(struct ml_fact_draft *draft, struct ml_span id, char text[ML_DHCP_ID_TEXT]);

/* Host name without the zero bytes that some put behind it. */
void ml_dhcp_text(struct ml_fact_draft *draft, enum ml_field field, struct ml_span value);

/* Name in labels (RFC 1035), or in ASCII when it is not; `text` is room for ML_DHCP_NAME_TEXT. */
void ml_dhcp_name(struct ml_fact_draft *draft, enum ml_field field, struct ml_span wire, char *text);

/* Addresses of 4 or 16 bytes each. */
void ml_dhcp_addresses(struct ml_fact_draft *draft, enum ml_field field, struct ml_span value, unsigned family);

#endif
