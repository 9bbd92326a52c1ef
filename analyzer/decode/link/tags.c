/* SPDX-License-Identifier: Apache-2.0 */
/* Tags between the Ethernet addresses and what the frame carries. */
#include "decode/link/link.h"

/* Most tags are some bytes for the network and then the type of what follows. */
static bool tag(struct ml_peel *peel, size_t len)
{
    const uint8_t *head = ml_peel_head(peel, len + 2);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    return ml_link_ethertype(peel, ml_be16(head + len));
}

/* IEEE 802.1Q, section 9.6: priority and VLAN. */
bool ml_link_vlan(struct ml_peel *peel)
{
    return tag(peel, 2);
}

/* Cisco VN-Tag: source and destination of a virtual interface. */
bool ml_link_vntag(struct ml_peel *peel)
{
    return tag(peel, 4);
}

/* IEEE 802.1BR, section 7.5. */
bool ml_link_etag(struct ml_peel *peel)
{
    return tag(peel, 6);
}

/* Two reserved bytes and the four of the switch. */
bool ml_link_edsa(struct ml_peel *peel)
{
    return tag(peel, 6);
}

/* IEEE 802.1Q, section 9.7 (provider backbone): a service, then the customer's whole frame. */
bool ml_link_itag(struct ml_peel *peel)
{
    if (!ml_rd_skip(&peel->rd, 4)) {
        return ml_peel_short_link(peel);
    }
    return ml_peel_go(peel, ml_link_ethernet);
}

/* Cisco metadata (security groups): version 1, then the number of four-byte options. */
bool ml_link_cmd(struct ml_peel *peel)
{
    const uint8_t *head = ml_peel_head(peel, 2);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    if (head[0] != 1) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_LINK);
    }
    return tag(peel, head[1] * 4U);
}

/* Cisco FabricPath: a tag of two bytes, then the host's whole frame. */
bool ml_link_fabricpath(struct ml_peel *peel)
{
    if (!ml_rd_skip(&peel->rd, 2)) {
        return ml_peel_short_link(peel);
    }
    return ml_peel_go(peel, ml_link_ethernet);
}

/* IEEE 802.1AE, section 9.3. Without the bits E and C the content is only signed and can be read. */
bool ml_link_macsec(struct ml_peel *peel)
{
    enum { VERSION = 0x80, SCI = 0x20, ENCRYPTED = 0x08, CHANGED = 0x04 };
    const uint8_t *head = ml_peel_head(peel, 6);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    if ((head[0] & VERSION) != 0) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_LINK);
    }
    if ((head[0] & (ENCRYPTED | CHANGED)) != 0) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_ENCRYPTED_LINK);
    }
    return tag(peel, (head[0] & SCI) != 0 ? 8 : 0);
}
