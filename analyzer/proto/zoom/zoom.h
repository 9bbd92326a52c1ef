/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zoom - meetings of Zoom: to a server that forwards media, and between two devices.
 *
 * In:        datagrams.
 * Out:       zoom.sfu; zoom.p2p with the device's address in its own network and an identifier, both readable text.
 * Invariant: a server is certain when it repeats the 16 bytes of a hello or the 12 of a keep-alive; a hello alone is
 *            only on the ports that the operator publishes.
 * See:       docs/protocols/zoom.md.
 */
#ifndef MITLESER_PROTO_ZOOM_ZOOM_H
#define MITLESER_PROTO_ZOOM_ZOOM_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_zoom;

#endif
