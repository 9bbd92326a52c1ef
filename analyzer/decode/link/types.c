/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/link/link.h"
#include "decode/net.h"

ml_step *ml_link_first(int link_type)
{
    static const struct {
        int type;
        ml_step *first;
    } types[] = {
        {0, ml_link_null},              /* NULL */
        {1, ml_link_ethernet},          /* ETHERNET */
        {6, ml_link_token_ring},        /* IEEE802_5 */
        {7, ml_link_arcnet},            /* ARCNET_BSD */
        {8, ml_link_slip},              /* SLIP */
        {9, ml_link_ppp},               /* PPP */
        {10, ml_link_fddi},             /* FDDI */
        {12, ml_link_raw},              /* DLT_RAW in files of most systems */
        {14, ml_link_raw},              /* DLT_RAW in files of OpenBSD */
        {50, ml_link_ppp},              /* PPP_HDLC */
        {51, ml_link_pppoe},            /* PPP_ETHER */
        {100, ml_link_atm},             /* ATM_RFC1483 */
        {101, ml_link_raw},             /* RAW */
        {104, ml_link_chdlc},           /* C_HDLC */
        {105, ml_link_wlan},            /* IEEE802_11 */
        {106, ml_link_atm},             /* ATM_CLIP of Linux */
        {107, ml_link_frame_relay},     /* FRELAY */
        {108, ml_link_null},            /* LOOP */
        {113, ml_link_cooked},          /* LINUX_SLL */
        {119, ml_link_prism},           /* IEEE802_11_PRISM */
        {123, ml_link_sunatm},          /* SUNATM */
        {127, ml_link_radiotap},        /* IEEE802_11_RADIOTAP */
        {129, ml_link_arcnet_linux},    /* ARCNET_LINUX */
        {138, ml_link_ip1394},          /* APPLE_IP_OVER_IEEE1394 */
        {149, ml_link_pktap},           /* USER2, which Apple's tcpdump writes for PKTAP */
        {163, ml_link_avs},             /* IEEE802_11_AVS */
        {166, ml_link_ppp_direction},   /* PPP_PPPD */
        {192, ml_link_ppi},             /* PPI */
        {197, ml_link_erf},             /* ERF */
        {204, ml_link_ppp_direction},   /* PPP_WITH_DIR */
        {226, ml_link_ipnet},           /* IPNET */
        {228, ml_net_ip4},              /* IPV4 */
        {229, ml_net_ip6},              /* IPV6 */
        {239, ml_link_nflog},           /* NFLOG */
        {258, ml_link_pktap},           /* PKTAP */
        {276, ml_link_cooked2},         /* LINUX_SLL2 */
        {281, ml_link_ethernet_tag4},   /* DSA_TAG_BRCM */
        {282, ml_link_ethernet_after4}, /* DSA_TAG_BRCM_PREPEND */
        {284, ml_link_ethernet_tag4},   /* DSA_TAG_DSA */
        {285, ml_link_ethernet},        /* DSA_TAG_EDSA: its tag has a type of its own */
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (types[i].type == link_type) {
            return types[i].first;
        }
    }
    return NULL;
}
