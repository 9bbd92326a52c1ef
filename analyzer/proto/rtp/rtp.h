/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rtp - voice and video over datagrams: which streams, whether they are encrypted, and who describes himself in clear.
 *
 * In:        datagrams that nobody else claims.
 * Out:       rtp.stream for each stream that is believed, at the end; rtcp.sdes for each source described in clear.
 * Invariant: nothing is said before counters have counted over several packets, or a compound of reports and a
 *            description has filled a datagram exactly. rtp.encrypted is left out where nothing tells.
 * See:       RFC 3550, RFC 3711, RFC 5764.
 */
#ifndef MITLESER_PROTO_RTP_RTP_H
#define MITLESER_PROTO_RTP_RTP_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_rtp;

/* Calls of KakaoTalk: a sender report of one length to or from the operator's network. */
extern const struct ml_parser ml_parser_kakao_voice;

#endif
