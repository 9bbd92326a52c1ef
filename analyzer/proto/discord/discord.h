/* SPDX-License-Identifier: Apache-2.0 */
/*
 * discord - voice calls of Discord: the server tells the client its own address, and both keep the path open.
 *
 * In:        datagrams; the media between them is RTP's.
 * Out:       discord.ip_discovery with the client's public address, which is readable text; discord.voice.
 * Invariant: a request alone proves nothing, nor does a ping; the answer does, and the same ping in both directions.
 * See:       discord.com/developers, "Voice Connections", section "IP Discovery"; docs/protocols/discord-voice.md.
 */
#ifndef MITLESER_PROTO_DISCORD_DISCORD_H
#define MITLESER_PROTO_DISCORD_DISCORD_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_discord;

#endif
