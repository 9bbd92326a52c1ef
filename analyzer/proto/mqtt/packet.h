/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packet - control packets of MQTT.
 *
 * In:        bytes from the first byte of a packet; those of a long one may be cut.
 * Out:       fields, borrowed.
 * See:       OASIS MQTT 3.1.1, sections 2 and 3; OASIS MQTT 5.0, sections 2 and 3; MQTT 3.1 (IBM and Eurotech).
 */
#ifndef MITLESER_PROTO_MQTT_PACKET_H
#define MITLESER_PROTO_MQTT_PACKET_H

#include "core/reader.h"

enum ml_mqtt_type {
    ML_MQTT_CONNECT = 1,
    ML_MQTT_CONNACK = 2,
    ML_MQTT_PUBLISH = 3,
    ML_MQTT_SUBSCRIBE = 8,
    ML_MQTT_UNSUBSCRIBE = 10,
    ML_MQTT_PINGREQ = 12,
    ML_MQTT_DISCONNECT = 14,
    ML_MQTT_AUTH = 15
};

struct ml_mqtt_head {
    uint8_t type; /* enum ml_mqtt_type, or another from 1 to 15 */
    uint8_t flags;
    size_t len;  /* of the head */
    size_t rest; /* bytes behind it: 0 to 268,435,455 */
};

/* OK, SHORT, or BAD: no packet begins like this. */
enum ml_rd_state ml_mqtt_head(struct ml_span bytes, struct ml_mqtt_head *out);

struct ml_mqtt_connect {
    struct ml_span protocol; /* "MQTT", "MQIsdp", "MQTToT" */
    uint8_t version;         /* 3 is 3.1, 4 is 3.1.1, 5 is 5.0 */
    uint16_t keep_alive;     /* seconds */
    struct ml_span client_id;
    struct ml_span will_topic;
    struct ml_span user;
    bool has_password;          /* and it is not empty */
    struct ml_span auth_method; /* version 5 */
};

/*
 * Content of a CONNECT. False when it is none: another protocol, or flags that no client sets. Where bytes are cut,
 * what did not come is empty. Of MQTToT only the fixed part is read; what follows is compressed.
 */
bool ml_mqtt_connect(struct ml_reader *rd, struct ml_mqtt_connect *out);

/* Content of a CONNACK: the reason (0: accepted); of version 5 the name that the server gave. */
bool ml_mqtt_connack(struct ml_reader *rd, uint8_t version, uint8_t *reason, struct ml_span *client_id) ML_MUST_USE;

/* The next filter of a SUBSCRIBE, with its options; ml_mqtt_filters goes in front of the first. */
bool ml_mqtt_filters(struct ml_reader *rd, uint8_t version) ML_MUST_USE;
bool ml_mqtt_filter(struct ml_reader *rd, struct ml_span *out) ML_MUST_USE;

/* Text with its length in front; false for bytes that no text of MQTT holds (1.5.3: no zero, well-formed UTF-8). */
bool ml_mqtt_text(struct ml_reader *rd, struct ml_span *out) ML_MUST_USE;

/* Passes over the properties of version 5; other versions have none. */
bool ml_mqtt_properties(struct ml_reader *rd, uint8_t version) ML_MUST_USE;

#endif
