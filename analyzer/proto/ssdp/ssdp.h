/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssdp - searches and announcements of UPnP devices: HTTP heads in datagrams.
 *
 * In:        datagrams to or from port 1900.
 * Out:       ssdp.search, with what is sought and by which program; ssdp.announcement, with what a device says it is.
 *            The unique name of a device (USN) is personal: it outlives networks and restarts.
 * See:       UPnP Device Architecture 2.0, section 1.
 */
#ifndef MITLESER_PROTO_SSDP_SSDP_H
#define MITLESER_PROTO_SSDP_SSDP_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_ssdp;

#endif
