/* SPDX-License-Identifier: Apache-2.0 */
/* registry - every parser, most specific first: the order in which the demultiplexer asks them. */
#include "proto/discord/discord.h"
#include "proto/dns/dns.h"
#include "proto/http/http.h"
#include "proto/imo/imo.h"
#include "proto/line/line.h"
#include "proto/mumble/mumble.h"
#include "proto/parser.h"
#include "proto/quic/quic.h"
#include "proto/rtp/rtp.h"
#include "proto/stun/stun.h"
#include "proto/teamspeak/teamspeak.h"
#include "proto/tls/tls.h"
#include "proto/viber/viber.h"
#include "proto/zalo/zalo.h"
#include "proto/zoom/zoom.h"

/* clang-format off */
const struct ml_parser *const ml_parsers[] = {
    &ml_parser_tls,
    &ml_parser_stun,
    &ml_parser_quic,
    &ml_parser_dtls,
    &ml_parser_dns,
    &ml_parser_mdns,
    &ml_parser_llmnr,
    &ml_parser_nbns,
    &ml_parser_http,
    &ml_parser_viber,
    &ml_parser_kakao_voice,
    &ml_parser_teamspeak,
    &ml_parser_discord,
    &ml_parser_viber_call,
    &ml_parser_zoom,
    &ml_parser_line,
    &ml_parser_imo,
    &ml_parser_zalo,
    &ml_parser_mumble,
    &ml_parser_rtp,
    NULL,
};
/* clang-format on */
