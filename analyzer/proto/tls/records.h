/* SPDX-License-Identifier: Apache-2.0 */
/*
 * records - the record layer of TLS over a stream, split in whatever way.
 *
 * In:        the bytes of one direction, in order.
 * Out:       fragments: the part of a record that these bytes hold, with its place in the record. Encrypted records
 *            come out like the others.
 * Invariant: nothing is kept but the header of the record at hand.
 * See:       RFC 8446, section 5.1; RFC 5246, section 6.2 (2^14 + 2048 bytes at most).
 */
#ifndef MITLESER_PROTO_TLS_RECORDS_H
#define MITLESER_PROTO_TLS_RECORDS_H

#include "core/reader.h"

enum {
    ML_TLS_CHANGE_CIPHER_SPEC = 20,
    ML_TLS_ALERT = 21,
    ML_TLS_HANDSHAKE = 22,
    ML_TLS_APPLICATION_DATA = 23,
    ML_TLS_HEARTBEAT = 24,
    ML_TLS_RECORD_HEADER = 5,
    ML_TLS_MAX_RECORD = 16384 + 2048
};

struct ml_tls_records {
    uint8_t header[ML_TLS_RECORD_HEADER];
    uint8_t n_header; /* bytes of it that are there */
    uint8_t type;     /* of the record at hand */
    uint16_t version; /* as the record says */
    uint16_t len;     /* of its body */
    uint16_t done;    /* bytes of the body that passed */
    bool is_lost;     /* this is no record: there is no telling where the next one begins */
};

struct ml_tls_fragment {
    uint8_t type;
    uint16_t version;
    uint16_t record_len;
    uint16_t at;          /* place of the bytes in the record's body */
    struct ml_span bytes; /* borrowed from the reader; empty for a record without a body */
};

/* Can a record begin like this? Looks at as many bytes as there are. */
bool ml_tls_is_record(struct ml_span start);

/* Zeroed storage waits for a header. False when the reader is used up or the stream lost. */
bool ml_tls_records_next(struct ml_tls_records *records, struct ml_reader *rd, struct ml_tls_fragment *out);

/*
 * `len` bytes of the stream are missing. True when they all lie within the body of the record at hand, which then goes
 * on behind them; else the layer is lost.
 */
bool ml_tls_records_skip(struct ml_tls_records *records, uint64_t len) ML_MUST_USE;

/* Waits for a header again. */
void ml_tls_records_restart(struct ml_tls_records *records);

#endif
