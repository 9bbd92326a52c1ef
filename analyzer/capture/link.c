/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/link.h"

#include <pcap/pcap.h>
#include <stddef.h>
#include <stdio.h>

/* Where the registry's name is not the one that libpcap gives. */
static const struct {
    int link_type;
    const char *name;
} names[] = {
    {1, "ETHERNET"},
    {6, "IEEE802_5"},
    {7, "ARCNET_BSD"},
    {50, "PPP_HDLC"},
    {100, "ATM_RFC1483"},
    {101, "RAW"},
    {102, "SLIP_BSDOS"},
    {103, "PPP_BSDOS"},
    {119, "IEEE802_11_PRISM"},
    {127, "IEEE802_11_RADIOTAP"},
    {129, "ARCNET_LINUX"},
    {163, "IEEE802_11_AVS"},
    {166, "PPP_PPPD"},
    {195, "IEEE802_15_4_WITHFCS"},
    {230, "IEEE802_15_4_NOFCS"},
    {246, "PFSYNC"},
    {258, "PKTAP"},
};

int ml_link_type_of(uint32_t in_file)
{
    int value = (int)(in_file & 0xffff); /* the upper half tells the length of a frame check sequence */
    switch (value) {
    case 11:
    case 13:        /* BSD/OS */
        return 100; /* ATM_RFC1483 */
    case 12:
    case 14:        /* OpenBSD, BSD/OS */
        return 101; /* RAW */
    case 15:
        return 102; /* SLIP_BSDOS */
    case 16:
        return 103; /* PPP_BSDOS */
    case 18:
        return 246; /* PFSYNC */
    case 19:
        return 106; /* ATM_CLIP, as Linux wrote it */
    default:
        return value;
    }
}

int ml_link_type_dlt(int link_type)
{
    switch (link_type) {
    case 100:
        return DLT_ATM_RFC1483;
    case 101:
        return DLT_RAW;
    case 102:
        return DLT_SLIP_BSDOS;
    case 103:
        return DLT_PPP_BSDOS;
    case 106:
        return DLT_ATM_CLIP;
    case 246:
        return DLT_PFSYNC;
    default:
        return link_type;
    }
}

const char *ml_link_type_name(int link_type, char out[ML_LINK_NAME])
{
    const char *name = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && name == NULL; i++) {
        name = names[i].link_type == link_type ? names[i].name : NULL;
    }
    if (name == NULL) {
        name = pcap_datalink_val_to_name(ml_link_type_dlt(link_type));
    }
    if (name != NULL) {
        (void)snprintf(out, ML_LINK_NAME, "%s", name); /* the longest known name has 27 characters */
    } else {
        (void)snprintf(out, ML_LINK_NAME, "LINKTYPE_%d", link_type);
    }
    return out;
}
