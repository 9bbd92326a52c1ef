/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message - one STUN message: header, attributes, addresses, fingerprint.
 *
 * In:        bytes that begin with the header.
 * Out:       spans into them.
 * See:       RFC 8489, sections 5, 14 and 14.7; RFC 5389; RFC 3489, section 11 (no cookie, no padding).
 */
#ifndef MITLESER_PROTO_STUN_MESSAGE_H
#define MITLESER_PROTO_STUN_MESSAGE_H

#include "core/ip.h"
#include "core/reader.h"

enum {
    ML_STUN_HEADER = 20, /* bytes */
    ML_STUN_COOKIE = 0x2112a442
};

enum ml_stun_class { ML_STUN_REQUEST, ML_STUN_INDICATION, ML_STUN_SUCCESS, ML_STUN_ERROR };

enum ml_stun_method {
    ML_STUN_BINDING = 0x001,
    ML_STUN_ALLOCATE = 0x003,
    ML_STUN_SEND = 0x006,
    ML_STUN_DATA = 0x007,
    ML_STUN_CHANNEL_BIND = 0x009,
};

enum ml_stun_attribute_type {
    ML_STUN_MAPPED_ADDRESS = 0x0001,
    ML_STUN_USERNAME = 0x0006,
    ML_STUN_ERROR_CODE = 0x0009,
    ML_STUN_CHANNEL_NUMBER = 0x000c,
    ML_STUN_XOR_PEER_ADDRESS = 0x0012,
    ML_STUN_DATA_VALUE = 0x0013,
    ML_STUN_REALM = 0x0014,
    ML_STUN_XOR_RELAYED_ADDRESS = 0x0016,
    ML_STUN_XOR_MAPPED_ADDRESS = 0x0020,
    ML_STUN_XOR_MAPPED_ADDRESS_OLD = 0x8020, /* of drafts of RFC 5389, still sent along */
    ML_STUN_SOFTWARE = 0x8022,
    ML_STUN_FINGERPRINT = 0x8028,
};

struct ml_stun_message {
    uint16_t type;
    uint16_t len; /* declared, of the attributes */
    uint16_t method;
    enum ml_stun_class message_class;
    bool has_cookie;
    struct ml_span id;         /* cookie and transaction id: 16 bytes */
    struct ml_span attributes; /* those captured */
    struct ml_span whole;      /* header and attributes */
};

struct ml_stun_attribute {
    uint16_t type;
    struct ml_span value;
};

/*
 * Reads one message off the reader. Framed, it must be there as a whole; else its attributes may be cut. Refuses a
 * type with one of the two upper bits set; with the cookie, also a length that is no multiple of four.
 */
bool ml_stun_message_read(struct ml_reader *rd, struct ml_stun_message *out) ML_MUST_USE;

/* The attributes of a message, to walk with ml_stun_attribute_next. */
struct ml_reader ml_stun_attributes(const struct ml_stun_message *message);

/* The next attribute; false at the end, or latched where they do not add up. */
bool ml_stun_attribute_next(struct ml_reader *rd, struct ml_stun_attribute *out) ML_MUST_USE;

/* An address attribute; `is_xored` as in XOR-MAPPED-ADDRESS. *port in host order. */
bool ml_stun_address(const struct ml_stun_message *message, struct ml_span value, bool is_xored, struct ml_ip *ip,
                     uint16_t *port) ML_MUST_USE;

/*
 * False when the message carries a FINGERPRINT that is not its own: then it is no STUN message, whatever it looks
 * like (RFC 8489, section 7). Cut messages pass.
 */
bool ml_stun_fingerprint_fits(const struct ml_stun_message *message);

/* "binding", "allocate" ...; NULL for a method that no specification knows. */
const char *ml_stun_method_name(uint16_t method);
const char *ml_stun_class_name(enum ml_stun_class message_class);

#endif
