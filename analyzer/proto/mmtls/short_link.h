/* SPDX-License-Identifier: Apache-2.0 */
/*
 * short_link - mmtls in the bodies of HTTP: POST /mmtls/<eight hexadecimal digits>, and the response.
 *
 * In:        bodies (a subscriber of proto/http/body.h).
 * Out:       facts of proto/mmtls/link.h with mmtls.link=short. mmtls.path_genuine tells whether the digits are the
 *            first value of random() behind the second that the hello names.
 */
#ifndef MITLESER_PROTO_MMTLS_SHORT_LINK_H
#define MITLESER_PROTO_MMTLS_SHORT_LINK_H

#include "proto/http/body.h"

extern const struct ml_http_subscriber ml_http_mmtls;

#endif
