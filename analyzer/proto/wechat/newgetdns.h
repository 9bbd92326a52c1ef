/* SPDX-License-Identifier: Apache-2.0 */
/*
 * newgetdns - WeChat's own name lookup over plain HTTP: what the request gives away, and the names it learns.
 *
 * In:        heads and bodies of HTTP messages (a subscriber of proto/http/body.h).
 * Out:       wechat.newgetdns from the query; wechat.newgetdns_reply for every domain of the reply, with its addresses.
 * Form:      GET /cgi-bin/micromsg-bin/newgetdns?uin=..&clientversion=..&devicetype=..&lan=..&networkid=..&mccmnc=..
 *            The reply is XML, usually under deflate without the zlib frame:
 *            <domainlist><domain name="" timeout=""><ip>..</ip>..<ipv6>..</ipv6></domain>..</domainlist>
 */
#ifndef MITLESER_PROTO_WECHAT_NEWGETDNS_H
#define MITLESER_PROTO_WECHAT_NEWGETDNS_H

#include "proto/http/body.h"

extern const struct ml_http_subscriber ml_http_newgetdns;

enum { ML_WECHAT_VERSION_TEXT = 24 };

/* "8.0.43" from the number that clients send (0x28002b37: platform 2, then 8, 0, 43 and a build); else the number. */
void ml_wechat_version(uint32_t number, char out[ML_WECHAT_VERSION_TEXT]);

#endif
