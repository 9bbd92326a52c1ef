/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fingerprint - JA3, JA3S and JA4: which program built a hello, as short text.
 *
 * In:        whole hellos; of a cut one none can be told.
 * Out:       text; false leaves it empty.
 * See:       salesforce/ja3 (MD5 of version, ciphers, extensions, groups, point formats); FoxIO's JA4 specification
 *            (client part, BSD licence). GREASE values never count.
 */
#ifndef MITLESER_PROTO_TLS_FINGERPRINT_H
#define MITLESER_PROTO_TLS_FINGERPRINT_H

#include "core/digest.h"
#include "proto/tls/client_hello.h"
#include "proto/tls/server_hello.h"

enum { ML_TLS_JA4_TEXT = 37 };

bool ml_tls_ja3(const struct ml_tls_client_hello *hello, char out[ML_MD5_HEX]) ML_MUST_USE;
bool ml_tls_ja3s(const struct ml_tls_server_hello *hello, char out[ML_MD5_HEX]) ML_MUST_USE;

/* `transport` is 't' (TCP), 'q' (QUIC) or 'd' (DTLS). */
bool ml_tls_ja4(const struct ml_tls_client_hello *hello, char transport, char out[ML_TLS_JA4_TEXT]) ML_MUST_USE;

#endif
