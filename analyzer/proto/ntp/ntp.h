/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ntp - which time servers a device asks, and whether its question tells its own clock.
 *
 * In:        datagrams to or from port 123.
 * Out:       ntp.query and ntp.answer. A client that puts its clock into the question can be recognised by it
 *            (draft-ietf-ntp-data-minimization); one that sends zero or noise cannot.
 * See:       RFC 5905, section 7.3.
 */
#ifndef MITLESER_PROTO_NTP_NTP_H
#define MITLESER_PROTO_NTP_NTP_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_ntp;

#endif
