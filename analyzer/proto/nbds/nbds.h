/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nbds - the datagram service of NetBIOS: who sends to whom, and what computers announce about themselves in it.
 *
 * In:        datagrams to or from port 138.
 * Out:       nbds.datagram: type, names, the address the sender takes itself for; of a browser announcement the
 *            host's name, comment and system. Names of devices are personal, those of groups tell of the network.
 * See:       RFC 1002, section 4.4; RFC 1001, section 14; MS-BRWS, section 2.2.
 */
#ifndef MITLESER_PROTO_NBDS_NBDS_H
#define MITLESER_PROTO_NBDS_NBDS_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_nbds;

#endif
