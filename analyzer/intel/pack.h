/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pack - arrays in one file that is mapped and used as it lies there: what a text data set becomes after its first use.
 *
 * In:        sections of bytes and a key (digests of the sources and the form of the sections).
 * Out:       the same sections, 16-byte aligned. A pack with another key, another byte order or a wrong checksum is no
 *            pack: the caller builds it anew.
 * Invariant: sections lie inside the pack.
 * Lifetime:  sections live until ml_pack_close.
 */
#ifndef MITLESER_INTEL_PACK_H
#define MITLESER_INTEL_PACK_H

#include "intel/mapped.h"

enum { ML_PACK_KEY = 32, ML_PACK_SECTIONS = 8 };

struct ml_pack {
    struct ml_mapped file; /* when it came from a file */
    uint8_t *image;        /* else owned memory */
    size_t n;
    struct ml_span sections[ML_PACK_SECTIONS];
};

/* False when there is no usable pack at `path` with this key and number of sections. */
bool ml_pack_open(const char *path, const uint8_t key[ML_PACK_KEY], size_t n_sections, struct ml_pack *out);

/*
 * Makes a pack in memory out of n sections and saves it at `path` (NULL: not), by renaming a complete file. Not being
 * able to save is no error: the next run builds it again. ML_NO_MEMORY is the only failure.
 */
enum ml_status ml_pack_make(const char *path, const uint8_t key[ML_PACK_KEY], const struct ml_span *sections, size_t n,
                            struct ml_pack *out) ML_MUST_USE;

void ml_pack_close(struct ml_pack *pack);

#endif
