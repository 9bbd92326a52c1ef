/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app - which app a STUN message is from, by what only its maker puts there.
 *
 * In:        the attributes of one message, one after the other.
 * Out:       a kind of fact (stun.whatsapp, stun.signal ...), or ML_FACT_NONE.
 * Invariant: what libwebrtc sends for everybody (0xc057, 0xc058, 0xc059, 0xc001, 0xff00) never names an app.
 * See:       docs/protocols/stun-apps.md.
 */
#ifndef MITLESER_PROTO_STUN_APP_H
#define MITLESER_PROTO_STUN_APP_H

#include "proto/fact.h"
#include "proto/stun/message.h"

/* What one attribute says. */
enum ml_fact_kind ml_stun_app_of_attribute(const struct ml_stun_message *message,
                                           const struct ml_stun_attribute *attribute);

/* What type and shape of the whole message say. */
enum ml_fact_kind ml_stun_app_of_message(const struct ml_stun_message *message);

/*
 * Zoom's own message: no cookie, and one attribute of its own in place of all others. The only message without cookie
 * that is read at all.
 */
bool ml_stun_is_zoom(const struct ml_stun_message *message);

#endif
