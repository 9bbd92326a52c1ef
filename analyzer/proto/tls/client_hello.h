/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client_hello - what a client says before anything is encrypted.
 *
 * In:        the body of a ClientHello (TLS, DTLS or QUIC), framed, or not framed where the capture cut it; or a whole
 *            SSL 2.0 hello.
 * Out:       spans into it. Lists are raw: two bytes a value unless said otherwise.
 * Invariant: a single extension with a fault in it is as if absent; a fault between extensions ends the hello there.
 * Lifetime:  spans borrow the bytes below the reader.
 * See:       RFC 8446, section 4.1.2; RFC 6347, section 4.2.1 (cookie); RFC 6101, appendix E (SSL 2.0); RFC 9849 (ECH).
 */
#ifndef MITLESER_PROTO_TLS_CLIENT_HELLO_H
#define MITLESER_PROTO_TLS_CLIENT_HELLO_H

#include "core/reader.h"

enum ml_tls_ech { ML_TLS_ECH_NONE, ML_TLS_ECH_OUTER, ML_TLS_ECH_INNER, ML_TLS_ECH_ESNI };

struct ml_tls_client_hello {
    uint16_t legacy_version;
    bool is_ssl2;          /* ciphers are three bytes each, there are no extensions */
    bool is_cut;           /* the end is missing or not well formed: no fingerprints */
    struct ml_span random; /* 32 bytes (SSL 2.0: the challenge) */
    struct ml_span session_id;
    struct ml_span ciphers;
    struct ml_span extensions;    /* raw, in order */
    bool has_server_name;         /* the extension, whatever is in it */
    struct ml_span host_name;     /* first host_name, as sent */
    struct ml_span alpn;          /* ProtocolName list: each a byte of length and the name */
    struct ml_span versions;      /* supported_versions */
    struct ml_span groups;        /* supported_groups */
    struct ml_span point_formats; /* a byte each */
    struct ml_span signatures;    /* signature_algorithms */
    struct ml_span ticket;        /* session ticket, or the first PSK identity */
    struct ml_span quic_parameters;
    bool has_early_data;
    enum ml_tls_ech ech;
    uint8_t ech_config_id; /* ECH_OUTER */
};

/* False (and *out zeroed) when not even the cipher suites could be read. */
bool ml_tls_client_hello_parse(struct ml_reader *rd, bool is_dtls, struct ml_tls_client_hello *out) ML_MUST_USE;

/* Is this the start of an SSL 2.0 hello? `len` is then its length with the header. Needs 11 bytes; false with fewer. */
bool ml_tls_ssl2_hello_length(struct ml_span start, size_t *len) ML_MUST_USE;

/* A whole SSL 2.0 hello with its two-byte header. */
bool ml_tls_ssl2_hello_parse(struct ml_reader *rd, struct ml_tls_client_hello *out) ML_MUST_USE;

enum { ML_TLS_HOST_TEXT = 256 };

/*
 * The server name as later stages want it: a normal host name, or an IP literal as it came (against RFC 6066, section
 * 3, but sent). Returns the length, 0 when there is none or it holds bytes no name has.
 */
size_t ml_tls_host_name(const struct ml_tls_client_hello *hello, char out[ML_TLS_HOST_TEXT]);

#endif
