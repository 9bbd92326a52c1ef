/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ftp - transfer of files: the conversation that controls it, and the one that carries the data.
 *
 * In:        chunks of both directions of a stream.
 * Out:       ftp.server: greeting; ftp.login: who, and whether a password went along; ftp.file: what is done with which
 *            file; ftp.data: where the data will go; ftp.starttls: whether the server agreed to TLS, behind which the
 *            bytes go to parsers of their own. "ftp-data" states nothing.
 * See:       RFC 959; RFC 2428; RFC 4217 (AUTH TLS).
 */
#ifndef MITLESER_PROTO_FTP_FTP_H
#define MITLESER_PROTO_FTP_FTP_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_ftp;
extern const struct ml_parser ml_parser_ftp_data;

#endif
