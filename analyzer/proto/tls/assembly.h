/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assembly - handshake bytes put together by their offset, whatever order they came in.
 *
 * In:        pieces with the offset the sender gave them (TLS: counted; DTLS: in the message; QUIC: in CRYPTO frames).
 * Out:       the bytes without a hole from the front, and the packets that carried any part of them.
 * Invariant: marks ascend and do not overlap; of bytes sent twice the first copy stays.
 * See:       RFC 9000, section 19.6; RFC 6347, section 4.2.3.
 */
#ifndef MITLESER_PROTO_TLS_ASSEMBLY_H
#define MITLESER_PROTO_TLS_ASSEMBLY_H

#include "core/span.h"
#include "core/status.h"

struct ml_tls_mark;

struct ml_tls_assembly {
    uint64_t base;  /* offset of bytes[0]: all before it is consumed */
    uint8_t *bytes; /* owned; holes are zero */
    size_t room;
    struct ml_tls_mark *marks; /* owned */
    size_t n_marks, marks_room;
    size_t ready, n_ready; /* bytes, and marks, before the first hole */
};

struct ml_tls_place {
    uint64_t first_seq, last_seq;
    int64_t time_ns; /* of the first packet */
};

enum ml_tls_added {
    ML_TLS_ADDED,    /* some bytes were new */
    ML_TLS_KNOWN,    /* all were there before */
    ML_TLS_TOO_MUCH, /* beyond ML_MAX_MESSAGE, or too many holes; what had its place before that is kept */
    ML_TLS_NO_MEMORY
};

/* Zeroed storage is an empty assembly. */
void ml_tls_assembly_fini(struct ml_tls_assembly *assembly);

enum ml_tls_added ml_tls_assembly_add(struct ml_tls_assembly *assembly, uint64_t offset, struct ml_span bytes,
                                      uint64_t seq, int64_t time_ns);

/* Bytes from the base up to the first hole; borrowed until the next change. */
struct ml_span ml_tls_assembly_span(const struct ml_tls_assembly *assembly);

/* Bytes from the base to the end of the last piece, holes included. */
size_t ml_tls_assembly_extent(const struct ml_tls_assembly *assembly);

/* Packets that carried bytes base .. base+len. Zeroed when none did. */
struct ml_tls_place ml_tls_assembly_place(const struct ml_tls_assembly *assembly, size_t len);

/* Consumes n bytes (a message was handled, or given up); without any left its storage is freed. */
void ml_tls_assembly_drop(struct ml_tls_assembly *assembly, uint64_t n);

#endif
