/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link - link-layer types: what files write, the registry's numbers and names, and what libpcap calls them.
 * See: https://www.tcpdump.org/linktypes.html; the file holds LINKTYPE_ values, libpcap's API takes DLT_ values, and
 * the two differ for a few old types. Files of old systems hold DLT_ values of the system that wrote them.
 */
#ifndef MITLESER_CAPTURE_LINK_H
#define MITLESER_CAPTURE_LINK_H

#include <stdint.h>

enum { ML_LINK_ETHERNET = 1, ML_LINK_NAME = 32 };

/* LINKTYPE_ value of the link type field of a file; maps the DLT_ values below 104 that systems wrote. */
int ml_link_type_of(uint32_t in_file);

/* DLT_ value of this build's libpcap. */
int ml_link_type_dlt(int link_type);

/* "ETHERNET", "LINUX_SLL2", ... as the registry spells it without prefix; "LINKTYPE_123" when unknown. Returns out. */
const char *ml_link_type_name(int link_type, char out[ML_LINK_NAME]);

#endif
