/* SPDX-License-Identifier: Apache-2.0 */
/* capture_read - a whole capture read from memory, kept for assertions. */
#ifndef MITLESER_TESTS_CAPTURE_READ_H
#define MITLESER_TESTS_CAPTURE_READ_H

#include "capture/source.h"

enum { READ_MAX = 32 };

struct capture_read {
    struct ml_source *source; /* owned */
    const struct ml_source_summary *summary;
    struct ml_packet packets[READ_MAX]; /* the first ones; their bytes as text below */
    char text[READ_MAX][64];
    size_t n;
    enum ml_status opened, ended;
    struct ml_error error;
};

/* Reads to the end and asks for the hash; checks what holds for every file. */
void capture_read(struct capture_read *read, struct ml_span file);
void capture_read_fini(struct capture_read *read);

#endif
