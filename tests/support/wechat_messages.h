/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wechat_messages - mmtls records and hellos, and the clear-text host list of WeChat, from parts.
 *
 * Record: type (1), version (2), length (2), body. The layout is that of published measurements (Citizen Lab 2024);
 * sealed bodies are random bytes of the right length.
 */
#ifndef MITLESER_TESTS_WECHAT_MESSAGES_H
#define MITLESER_TESTS_WECHAT_MESSAGES_H

#include "support/build.h"

enum { MMTLS_F103 = 0xf103, MMTLS_F104 = 0xf104 };
enum { MMTLS_ALERT = 0x15, MMTLS_HANDSHAKE = 0x16, MMTLS_DATA = 0x17, MMTLS_HANDSHAKE_0RTT = 0x19 };

struct build_mmtls_hello {
    uint64_t seed;        /* of randoms and key shares */
    uint8_t type;         /* record type [MMTLS_HANDSHAKE] */
    uint16_t version;     /* [MMTLS_F104] */
    uint32_t time;        /* client clock, seconds since 1970 */
    uint8_t ticket_index; /* 1: a week, 72 bytes; 2: thirty days, 105 bytes; 0: no ticket */
    uint64_t ticket_seed; /* the same seed gives the same ticket */
    bool has_key_shares;  /* two P-256 shares, for a full handshake */
};

/* ClientHello and ServerHello, each with its record header. */
void build_mmtls_client_hello(struct ml_buf *out, const struct build_mmtls_hello *hello);
void build_mmtls_server_hello(struct ml_buf *out, uint64_t seed, uint16_t version, bool has_key_share);

/* A record nobody can read. */
void build_mmtls_sealed(struct ml_buf *out, uint8_t type, uint16_t version, struct build_prng *prng, size_t n);

/* A record with this body. */
void build_mmtls_record(struct ml_buf *out, uint8_t type, uint16_t version, struct ml_span body);

/* First value of the C library's additive-feedback generator after seeding it with `seed`. */
uint32_t build_first_random(uint32_t seed);

/* "/mmtls/" and eight hexadecimal digits: the path of a short link whose hello carries `time`. */
void build_mmtls_path(uint32_t time, char out[16]);

struct build_newgetdns {
    const char *uin;            /* account number as digits */
    const char *client_version; /* decimal */
    const char *device_type;    /* "android-34" */
    const char *language;
    const char *network_id; /* 32 hexadecimal digits */
    const char *mcc_mnc;
    uint64_t seed; /* of what else is opaque */
};

/* GET request for the host list, HTTP/1.0 as the app sends it. */
void build_newgetdns_request(struct ml_buf *out, const struct build_newgetdns *request);

struct build_newgetdns_host {
    const char *name;
    const char *ips[4]; /* ended by NULL */
};

/* Response: XML in raw deflate. `client_ip` is the address the server saw. */
void build_newgetdns_reply(struct ml_buf *out, const struct build_newgetdns_host *hosts, size_t n,
                           const char *client_ip, uint64_t seed);

#endif
