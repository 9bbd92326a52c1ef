/* SPDX-License-Identifier: Apache-2.0 */
/* registry - every parser, most specific first: the order in which the demultiplexer asks them. */
#include "proto/dhcp/dhcp.h"
#include "proto/discord/discord.h"
#include "proto/dns/dns.h"
#include "proto/ftp/ftp.h"
#include "proto/haproxy/haproxy.h"
#include "proto/http/http.h"
#include "proto/http2/http2.h"
#include "proto/imo/imo.h"
#include "proto/irc/irc.h"
#include "proto/kakaotalk/loco.h"
#include "proto/line/line.h"
#include "proto/mail/mail.h"
#include "proto/mmtls/mmtls.h"
#include "proto/mqtt/mqtt.h"
#include "proto/msn/msn.h"
#include "proto/mumble/mumble.h"
#include "proto/nbds/nbds.h"
#include "proto/ntp/ntp.h"
#include "proto/parser.h"
#include "proto/qq/oicq.h"
#include "proto/qq/sso.h"
#include "proto/quic/quic.h"
#include "proto/quic/short.h"
#include "proto/rtp/rtp.h"
#include "proto/sip/sip.h"
#include "proto/socks/socks.h"
#include "proto/ssdp/ssdp.h"
#include "proto/stun/stun.h"
#include "proto/teamspeak/teamspeak.h"
#include "proto/telegram/telegram.h"
#include "proto/threema/threema.h"
#include "proto/tls/tls.h"
#include "proto/viber/viber.h"
#include "proto/whatsapp/whatsapp.h"
#include "proto/xmpp/xmpp.h"
#include "proto/ymsg/ymsg.h"
#include "proto/zalo/zalo.h"
#include "proto/zoom/zoom.h"

/* clang-format off */
const struct ml_parser *const ml_parsers[] = {
    &ml_parser_tls,
    &ml_parser_haproxy,
    &ml_parser_mmtls,
    &ml_parser_qq_sso,
    &ml_parser_kakao_loco,
    &ml_parser_whatsapp,
    &ml_parser_ymsg,
    &ml_parser_xmpp,
    &ml_parser_stun,
    &ml_parser_quic,
    &ml_parser_quic_path, /* ids of which each has four bytes at least */
    &ml_parser_dtls,
    &ml_parser_dns,
    &ml_parser_mdns,
    &ml_parser_llmnr,
    &ml_parser_nbns,
    &ml_parser_nbds,
    &ml_parser_sip,
    &ml_parser_http2,
    &ml_parser_http,
    &ml_parser_socks,
    &ml_parser_ssdp,
    &ml_parser_dhcp,
    &ml_parser_dhcp6,
    &ml_parser_ntp,
    &ml_parser_msn,
    &ml_parser_irc,
    &ml_parser_mqtt,
    &ml_parser_imap,
    &ml_parser_pop,
    &ml_parser_smtp,
    &ml_parser_ftp,
    &ml_parser_qq_oicq,
    &ml_parser_mtproto_reflector,
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
    &ml_parser_quic_short, /* known by what repeats: after all datagrams that have a mark */
    &ml_parser_mtproto_plain,
    &ml_parser_ftp_data, /* announced: whatever is in it */
    &ml_parser_mtproto, /* known by what its bytes decipher to: after all that have a mark */
    &ml_parser_threema, /* known by sizes: last */
    NULL,
};
/* clang-format on */
