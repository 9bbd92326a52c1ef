/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protobuf - the numbers of a protobuf message as text, without knowing its schema.
 *
 * In:        a whole message.
 * Out:       a view: its integers in decimal (a phone number is often one), numbers of 4 and 8 bytes also as what they
 *            are as floating point (coordinates), apart by commas; each with the place of its bytes. Texts are readable
 *            as they stand and are left out.
 * Invariant: bytes that break a rule of the encoding are no message: then nothing is told of them.
 * See:       https://protobuf.dev/programming-guides/encoding/
 */
#ifndef MITLESER_LEAKS_PROTOBUF_H
#define MITLESER_LEAKS_PROTOBUF_H

#include "leaks/view.h"

/* False: no message, or no number worth a look in it. `out` is emptied first. */
bool ml_open_protobuf(struct ml_span message, struct ml_view *out);

#endif
