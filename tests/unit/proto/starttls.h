/* SPDX-License-Identifier: Apache-2.0 */
/* starttls - what tests of protocols with STARTTLS have in common. */
#ifndef MITLESER_TESTS_UNIT_PROTO_STARTTLS_H
#define MITLESER_TESTS_UNIT_PROTO_STARTTLS_H

#include "support/script.h"

/*
 * TLS begins behind the lines of the script, whose last is the server's consent: its server name is read, whole and in
 * pieces, below `layer`. Without the consent too, as captures of one direction have it. And where the server says
 * `refusal` in its place, nothing of it is read.
 */
void assert_starttls(const struct script *script, enum ml_layer layer, const char *refusal);

#endif
