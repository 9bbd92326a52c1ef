/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trailer - the app behind a frame, where PCAPdroid wrote it into a classic pcap file.
 *
 * Layout: an Ethernet header whose addresses are zero, the IP packet, padding to four bytes, then in network order
 * 01 07 20 21, the user id (4), the name of the app (20, padded with zeros) and a check sum (4).
 * See: the dump module of PCAPdroid and its dissector for Wireshark.
 */
#ifndef MITLESER_CAPTURE_TRAILER_H
#define MITLESER_CAPTURE_TRAILER_H

#include "core/span.h"

/* True with the id and the name (borrowed from `frame`) when the frame ends with such a trailer. */
bool ml_trailer_read(struct ml_span frame, uint32_t *uid, struct ml_span *label);

#endif
