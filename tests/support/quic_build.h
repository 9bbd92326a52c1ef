/* SPDX-License-Identifier: Apache-2.0 */
/* quic_build - protected Initial packets from frames, by OpenSSL's own HKDF and not by the code under test. */
#ifndef MITLESER_TESTS_QUIC_BUILD_H
#define MITLESER_TESTS_QUIC_BUILD_H

#include "core/buf.h"

struct qb_initial {
    uint32_t version;
    const char *salt;   /* hexadecimal */
    const char *labels; /* "quic" or "quicv2" */
    uint8_t type_bits;  /* of an Initial packet: 0, version 2: 1 */
    bool is_server;
    struct ml_span key_id;     /* what keys hang on */
    struct ml_span dcid, scid; /* as in the header */
    struct ml_span token;
    uint32_t number;
    unsigned number_len; /* 1..4 */
    struct ml_span frames;
    size_t padded; /* frames are padded to this length */
};

/* RFC 9001's version 1 with the ids of its appendix A, client side, number 2 in four bytes. */
struct qb_initial qb_version_1(void);

/* RFC 9369's version 2, likewise. */
struct qb_initial qb_version_2(void);

void qb_initial(struct ml_buf *out, const struct qb_initial *initial);

/* A CRYPTO frame. */
void qb_crypto(struct ml_buf *out, uint64_t offset, struct ml_span bytes);

/* Variable-length integer, shortest form. */
void qb_varint(struct ml_buf *out, uint64_t value);

/* RFC 9001, appendix A.2: the frames of the client's Initial, without padding; gives them, ml_mem_free. */
struct ml_span qb_rfc_client_frames(void);

/* RFC 9001, appendix A.3: the frames of the server's Initial. */
struct ml_span qb_rfc_server_frames(void);

#endif
