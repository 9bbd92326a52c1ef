/* SPDX-License-Identifier: Apache-2.0 */
/* Linux cooked captures: LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2 of the registry. */
#include "decode/link/link.h"

/* Kinds of interfaces, ARPHRD_ of Linux, whose packets start with more than the protocol tells. */
enum { DEVICE_WLAN = 801, DEVICE_PRISM = 802, DEVICE_RADIOTAP = 803, DEVICE_NETLINK = 824 };

enum { SENT_BY_US = 4, FOR_OTHERS = 3 };

static void set_direction(struct ml_segment *segment, unsigned packet_type)
{
    if (segment->direction == ML_PACKET_UNKNOWN && packet_type != FOR_OTHERS && packet_type <= SENT_BY_US) {
        segment->direction = packet_type == SENT_BY_US ? ML_PACKET_OUT : ML_PACKET_IN;
    }
}

static bool carries(struct ml_peel *peel, uint16_t device, uint16_t protocol)
{
    enum { LLC = 0x0004 };
    if (device == DEVICE_NETLINK) { /* there the protocol is a netlink family, which may look like an ethertype */
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_NOT_IP);
    }
    if (protocol >= 0x0600) {
        return ml_link_ethertype(peel, protocol);
    }
    switch (device) { /* monitor mode hands out whole frames, without a protocol of their own */
    case DEVICE_WLAN:
        return ml_peel_go(peel, ml_link_wlan);
    case DEVICE_PRISM:
        return ml_peel_go(peel, ml_link_prism);
    case DEVICE_RADIOTAP:
        return ml_peel_go(peel, ml_link_radiotap);
    default:
        return protocol == LLC ? ml_peel_go(peel, ml_link_llc) : ml_peel_drop(peel, ML_COUNT_UNDECODED_NOT_IP);
    }
}

bool ml_link_cooked(struct ml_peel *peel)
{
    const uint8_t *head = ml_peel_head(peel, 16);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    set_direction(peel->segment, ml_be16(head));
    return carries(peel, ml_be16(head + 2), ml_be16(head + 14));
}

bool ml_link_cooked2(struct ml_peel *peel)
{
    const uint8_t *head = ml_peel_head(peel, 20);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    set_direction(peel->segment, head[10]);
    return carries(peel, ml_be16(head + 8), ml_be16(head));
}
