/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address - where the data of a transfer will go: the four ways in which FTP says so.
 *
 * See:       RFC 959, sections 4.1.2 (PORT) and 4.2 (227); RFC 2428 (EPRT, EPSV).
 */
#ifndef MITLESER_PROTO_FTP_ADDRESS_H
#define MITLESER_PROTO_FTP_ADDRESS_H

#include "core/ip.h"

struct ml_ftp_address {
    struct ml_ip ip; /* family 0: that of the conversation */
    uint16_t port;   /* never 0 */
};

/* "PORT 192,0,2,1,4,1" or "227 Entering Passive Mode (192,0,2,1,4,1)": six numbers somewhere in the text. */
bool ml_ftp_six_numbers(struct ml_span text, struct ml_ftp_address *out) ML_MUST_USE;

/* "|2|2001:db8::1|5282|" of EPRT, "(|||6446|)" of the answer to EPSV; any printable byte may stand for the stroke. */
bool ml_ftp_strokes(struct ml_span text, struct ml_ftp_address *out) ML_MUST_USE;

#endif
