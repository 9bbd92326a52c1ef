/* SPDX-License-Identifier: Apache-2.0 */
/* registry - every parser, most specific first: the order in which the demultiplexer asks them. */
#include "proto/dns/dns.h"
#include "proto/http/http.h"
#include "proto/mmtls/mmtls.h"
#include "proto/parser.h"
#include "proto/quic/quic.h"
#include "proto/tls/tls.h"

/* clang-format off */
const struct ml_parser *const ml_parsers[] = {
    &ml_parser_tls,
    &ml_parser_mmtls,
    &ml_parser_quic,
    &ml_parser_dtls,
    &ml_parser_dns,
    &ml_parser_mdns,
    &ml_parser_llmnr,
    &ml_parser_nbns,
    &ml_parser_http,
    NULL,
};
/* clang-format on */
