/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mqtt - MQTT, and MQTToT of Facebook's apps.
 *
 * In:        chunks of both directions of a stream.
 * Out:       mqtt.connect: who connects, and whether a password went along; mqtt.answer: what the server said to it;
 *            mqtt.publish and mqtt.subscribe: topics. Contents of messages are not kept.
 * See:       OASIS MQTT 3.1.1; OASIS MQTT 5.0.
 */
#ifndef MITLESER_PROTO_MQTT_MQTT_H
#define MITLESER_PROTO_MQTT_MQTT_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_mqtt;

#endif
