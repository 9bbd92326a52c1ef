/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frames - the messages of MTProto within a transport, as far as their first eight bytes: the id of the key they are
 * encrypted with.
 *
 * In:        bytes of one direction, deciphered, cut in whatever way.
 * Out:       the key ids, each with its place.
 * Form:      abridged: length in units of four (1 byte, or 0x7f and 3), top bit asks for a quick acknowledgement;
 *            intermediate and padded: length (4), the same with its top bit. From a server a length with that bit is
 *            such an acknowledgement, of four bytes in all. Numbers are little endian.
 * See:       core.telegram.org/mtproto/mtproto-transports; core.telegram.org/mtproto/description.
 */
#ifndef MITLESER_PROTO_TELEGRAM_FRAMES_H
#define MITLESER_PROTO_TELEGRAM_FRAMES_H

#include "core/reader.h"

enum ml_mtproto_transport { ML_MTPROTO_ABRIDGED, ML_MTPROTO_INTERMEDIATE, ML_MTPROTO_PADDED };

/* "abridged" ...; a constant of the program. */
const char *ml_mtproto_transport_text(enum ml_mtproto_transport transport);

/* The transport that four bytes stand for. */
bool ml_mtproto_transport_find(const uint8_t tag[4], enum ml_mtproto_transport *out) ML_MUST_USE;

enum { ML_MTPROTO_KEY_ID = 8 };

/* Zeroed storage but for the first two members is at the beginning. */
struct ml_mtproto_frames {
    enum ml_mtproto_transport transport;
    bool is_server;
    bool is_lost;   /* a length no message has */
    uint8_t n_head; /* bytes of the length that are there */
    uint8_t head[4];
    uint8_t n_id; /* bytes of the key id that are there */
    uint8_t id[ML_MTPROTO_KEY_ID];
    uint32_t left; /* bytes of the message still to come; 0: a length comes next */
};

/*
 * Takes bytes up to and with the next key id. True: frames->id is one, *used bytes were taken. False: all were taken,
 * or the framing is lost.
 */
bool ml_mtproto_frames_next(struct ml_mtproto_frames *frames, struct ml_span bytes, size_t *used);

#endif
