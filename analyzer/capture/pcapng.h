/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pcapng - the blocks of a pcapng file that are no packets, and what packets need of them.
 *
 * In:        block bodies without type and lengths, each a framed reader.
 * Out:       interfaces, names, secrets, apps and counts in the source.
 * Invariant: a broken option or record ends the reading of its block, never that of the file: the block's own lengths
 *            held.
 * See:       draft-ietf-opsawg-pcapng, sections 3 and 4.
 */
#ifndef MITLESER_CAPTURE_PCAPNG_H
#define MITLESER_CAPTURE_PCAPNG_H

#include "capture/file.h"

enum { ML_PCAPNG_COMMENT = 1 };

/* The next option; false at the end. Comments are counted. */
bool ml_pcapng_option(struct ml_source *source, struct ml_reader *body, uint16_t *code, struct ml_span *value);

/* n bytes and the padding to a multiple of four. */
bool ml_pcapng_padded(struct ml_reader *body, size_t n, struct ml_span *out) ML_MUST_USE;

/* Time of a packet on an interface; what 63 bits of nanoseconds cannot hold is clamped. */
int64_t ml_pcapng_time(const struct ml_file_interface *interface, uint64_t units);

/* n more packets were dropped, as packets of interface `index` tell. */
void ml_pcapng_add_drops(struct ml_source *source, size_t index, uint64_t n);

/* Block bodies. False: out of memory. */
bool ml_pcapng_interface(struct ml_source *source, struct ml_reader *body) ML_MUST_USE;
bool ml_pcapng_names(struct ml_source *source, struct ml_reader *body) ML_MUST_USE;
bool ml_pcapng_secrets(struct ml_source *source, struct ml_reader *body) ML_MUST_USE;
bool ml_pcapng_custom(struct ml_source *source, struct ml_reader *body) ML_MUST_USE;
void ml_pcapng_statistics(struct ml_source *source, struct ml_reader *body);

#endif
