/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle - a folder as PiRogue writes it: a capture with what was seen on the device meanwhile.
 *
 * experiment.json    what the folder is; this or the next tells it from other folders
 * socket_trace.json  which process opened which socket
 * sslkeylog.txt      key log
 * device.json        model, serial number, IMEI of the device
 * ad_ids.txt         advertising identifiers that apps asked for, one a line
 *
 * All but the capture may be missing. Identifiers become planted values; one that is malformed or too common to be
 * looked for is left out and told of on stderr.
 */
#ifndef MITLESER_CLI_BUNDLE_H
#define MITLESER_CLI_BUNDLE_H

#include "engine/sockets.h"
#include "leaks/identity.h"

bool ml_bundle_is(const char *folder);

/* Is the name that of a companion, which is no capture? */
bool ml_bundle_is_companion(const char *name);

/* Path of the key log, given to the caller; NULL when there is none. */
char *ml_bundle_key_log(const char *folder) ML_MUST_USE;

/* Adds to what is there already. ML_BAD_INPUT, ML_LIMIT, ML_IO, ML_NO_MEMORY, with the file in the error. */
enum ml_status ml_bundle_identities(const char *folder, struct ml_identities *identities, bool is_quiet,
                                    struct ml_error *error) ML_MUST_USE;
enum ml_status ml_bundle_sockets(const char *folder, struct ml_sockets *sockets, struct ml_error *error) ML_MUST_USE;

#endif
