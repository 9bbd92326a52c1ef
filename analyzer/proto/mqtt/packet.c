/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/mqtt/packet.h"

#include "core/text.h"

enum { WILL = 0x04, WILL_QOS = 0x18, WILL_RETAIN = 0x20, PASSWORD = 0x40, USER = 0x80 };
enum { PROPERTY_CLIENT_ID = 0x12, PROPERTY_AUTH_METHOD = 0x15 };
enum { ACK_FLAGS = 2 /* of PUBREL, SUBSCRIBE and UNSUBSCRIBE (3.1.1, table 2.2) */ };

/* Seven bits a byte, least first, at most four bytes (2.2.3). */
static bool read_length(struct ml_reader *rd, uint32_t *out)
{
    uint8_t byte = 0;
    *out = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
        if (!ml_rd_u8(rd, &byte)) {
            return false;
        }
        *out |= (uint32_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            return true;
        }
    }
    return ml_rd_reject(rd);
}

static bool are_flags_of(uint8_t type, uint8_t flags)
{
    switch (type) {
    case 0:
        return false;
    case ML_MQTT_PUBLISH:
        return (flags & 6) != 6; /* no quality of service 3 */
    case 6:                      /* PUBREL */
    case ML_MQTT_SUBSCRIBE:
    case ML_MQTT_UNSUBSCRIBE:
        return flags == ACK_FLAGS || flags == ACK_FLAGS + 8; /* 3.1 knows a mark for repetition */
    default:
        return flags == 0;
    }
}

enum ml_rd_state ml_mqtt_head(struct ml_span bytes, struct ml_mqtt_head *out)
{
    struct ml_reader rd = ml_rd_open(bytes);
    uint8_t first = 0;
    uint32_t rest = 0;
    *out = (struct ml_mqtt_head){0};
    if (ml_rd_u8(&rd, &first) && !are_flags_of(first >> 4, first & 15)) {
        (void)ml_rd_reject(&rd);
    }
    if (read_length(&rd, &rest)) {
        *out = (struct ml_mqtt_head){.type = first >> 4, .flags = first & 15, .len = ml_rd_pos(&rd), .rest = rest};
    }
    return rd.state;
}

bool ml_mqtt_text(struct ml_reader *rd, struct ml_span *out)
{
    struct ml_reader child;
    *out = ml_span_of(NULL, 0);
    if (!ml_rd_vector(rd, 2, &child)) {
        return false;
    }
    struct ml_span text = ml_rd_rest(&child);
    if (!ml_utf8_valid(text) || (text.len != 0 && memchr(text.ptr, 0, text.len) != NULL)) {
        return ml_rd_reject(rd);
    }
    *out = text;
    return true;
}

/* --- properties of version 5 (2.2.2.2) --- */

/* Bytes of a value of fixed length; 0: others. */
static size_t fixed_size(uint8_t id)
{
    switch (id) {
    case 0x01:
    case 0x17:
    case 0x19:
    case 0x24:
    case 0x25:
    case 0x28:
    case 0x29:
    case 0x2a:
        return 1;
    case 0x13:
    case 0x21:
    case 0x22:
    case 0x23:
        return 2;
    case 0x02:
    case 0x11:
    case 0x18:
    case 0x27:
        return 4;
    default:
        return 0;
    }
}

/* A length and so many bytes. */
static bool skip_value(struct ml_reader *rd, struct ml_span *value)
{
    struct ml_reader child;
    if (!ml_rd_vector(rd, 2, &child)) {
        return false;
    }
    *value = ml_rd_rest(&child);
    return true;
}

static bool take_property(struct ml_reader *rd, uint8_t wanted, struct ml_span *out)
{
    uint8_t id = 0;
    uint32_t number = 0;
    struct ml_span value = {NULL, 0};
    if (!ml_rd_u8(rd, &id)) {
        return false;
    }
    size_t size = fixed_size(id);
    if (size != 0) {
        return ml_rd_skip(rd, size);
    }
    switch (id) {
    case 0x0b:
        return read_length(rd, &number);
    case 0x26: /* a name and a value */
        return skip_value(rd, &value) && skip_value(rd, &value);
    case 0x03:
    case 0x08:
    case 0x09:
    case PROPERTY_CLIENT_ID:
    case PROPERTY_AUTH_METHOD:
    case 0x16:
    case 0x1a:
    case 0x1c:
    case 0x1f:
        if (!skip_value(rd, &value)) {
            return false;
        }
        *out = id == wanted ? value : *out;
        return true;
    default:
        return ml_rd_reject(rd);
    }
}

/* All properties; the text of the wanted one goes to `out`. */
static bool take_properties(struct ml_reader *rd, uint8_t wanted, struct ml_span *out)
{
    uint32_t len = 0;
    struct ml_reader child;
    *out = ml_span_of(NULL, 0);
    if (!read_length(rd, &len) || !ml_rd_sub(rd, len, &child)) {
        return false;
    }
    while (ml_rd_left(&child) != 0 && take_property(&child, wanted, out)) {
    }
    return ml_rd_ok(&child) || ml_rd_reject(rd);
}

bool ml_mqtt_properties(struct ml_reader *rd, uint8_t version)
{
    struct ml_span ignored;
    return version != 5 || take_properties(rd, 0, &ignored);
}

/* --- packets --- */

static bool is_known(struct ml_span protocol, uint8_t version)
{
    if (ml_span_equal(protocol, ml_span_text("MQTT"))) {
        return version == 4 || version == 5;
    }
    /* A bridge sets the highest bit. MQTToT is what apps of Facebook send. */
    return (version & 0x7f) == 3 &&
           (ml_span_equal(protocol, ml_span_text("MQIsdp")) || ml_span_equal(protocol, ml_span_text("MQTToT")));
}

/* 3.1.1, section 3.1.2: reserved bit, and flags that only go with others. */
static bool are_connect_flags(uint8_t flags, uint8_t version)
{
    bool has_will = (flags & WILL) != 0;
    bool is_orphan = !has_will && (flags & (WILL_QOS | WILL_RETAIN)) != 0;
    bool is_alone = version == 4 && (flags & USER) == 0 && (flags & PASSWORD) != 0;
    return (flags & 1) == 0 && (flags & WILL_QOS) != WILL_QOS && !is_orphan && !is_alone;
}

static void take_payload(struct ml_reader *rd, uint8_t flags, struct ml_mqtt_connect *out)
{
    struct ml_span ignored;
    bool ok = ml_mqtt_text(rd, &out->client_id);
    if (ok && (flags & WILL) != 0) {
        ok = ml_mqtt_properties(rd, out->version) && ml_mqtt_text(rd, &out->will_topic) && skip_value(rd, &ignored);
    }
    if (ok && (flags & USER) != 0) {
        ok = ml_mqtt_text(rd, &out->user);
    }
    if (ok && (flags & PASSWORD) != 0 && skip_value(rd, &ignored)) {
        out->has_password = ignored.len != 0;
    }
}

bool ml_mqtt_connect(struct ml_reader *rd, struct ml_mqtt_connect *out)
{
    uint8_t flags = 0;
    *out = (struct ml_mqtt_connect){.version = 0};
    if (!ml_mqtt_text(rd, &out->protocol) || !ml_rd_u8(rd, &out->version) || !is_known(out->protocol, out->version) ||
        !ml_rd_u8(rd, &flags) || !ml_rd_u16(rd, &out->keep_alive)) {
        return false;
    }
    out->version &= 0x7f;
    if (ml_span_equal(out->protocol, ml_span_text("MQTToT"))) {
        return true;
    }
    if (!are_connect_flags(flags, out->version)) {
        return false;
    }
    if (out->version != 5 || take_properties(rd, PROPERTY_AUTH_METHOD, &out->auth_method)) {
        take_payload(rd, flags, out);
    }
    return true;
}

bool ml_mqtt_connack(struct ml_reader *rd, uint8_t version, uint8_t *reason, struct ml_span *client_id)
{
    uint8_t flags = 0;
    *client_id = ml_span_of(NULL, 0);
    if (!ml_rd_u8(rd, &flags) || !ml_rd_u8(rd, reason) || flags > 1) {
        return false;
    }
    return version != 5 || ml_rd_left(rd) == 0 || take_properties(rd, PROPERTY_CLIENT_ID, client_id);
}

bool ml_mqtt_filters(struct ml_reader *rd, uint8_t version)
{
    uint16_t id = 0;
    return ml_rd_u16(rd, &id) && ml_mqtt_properties(rd, version);
}

bool ml_mqtt_filter(struct ml_reader *rd, struct ml_span *out)
{
    uint8_t options = 0;
    return ml_mqtt_text(rd, out) && out->len != 0 && ml_rd_u8(rd, &options);
}
