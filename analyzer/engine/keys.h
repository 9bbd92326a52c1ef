/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys - where the secrets of a run come from: key log files, and the blocks that captures carry.
 *
 * Invariant: secrets are added only while no worker is busy.
 * Lifetime:  all is wiped by ml_keys_fini.
 */
#ifndef MITLESER_ENGINE_KEYS_H
#define MITLESER_ENGINE_KEYS_H

#include "capture/source.h"
#include "core/counters.h"
#include "proto/secrets/secrets.h"
#include "report/model.h"

struct ml_key_file {
    char *file; /* base name; owned */
    char sha256[ML_SHA256_HEX];
    uint64_t bytes;
    uint32_t source;
};

struct ml_keys {
    struct ml_secrets *secrets;
    struct ml_counters *counters; /* borrowed: the reader's */
    struct ml_key_file *files;    /* owned */
    size_t n_files;
};

/* Secrets of one capture. */
struct ml_capture_keys {
    uint32_t source;
    bool is_read_ahead; /* all were read before the first packet */
    size_t n_taken;     /* blocks */
    uint64_t n_late;    /* blocks that came behind packets, which may have needed them */
};

/* False: out of memory. */
bool ml_keys_init(struct ml_keys *keys, struct ml_counters *counters) ML_MUST_USE;
void ml_keys_fini(struct ml_keys *keys);

/* Reads a key log file. ML_IO; ML_BAD_INPUT: no line of it is one of a key log; ML_LIMIT, ML_NO_MEMORY. */
enum ml_status ml_keys_read_file(struct ml_keys *keys, const char *path, struct ml_error *error) ML_MUST_USE;

/*
 * Begins a capture: where its format can hold secrets and its file can be read twice, all of them are read now, because
 * they may stand behind the packets that need them. ML_NO_MEMORY.
 */
enum ml_status ml_keys_begin(struct ml_keys *keys, const char *path, const struct ml_source *source,
                             struct ml_capture_keys *capture) ML_MUST_USE;

/* Has the capture given secrets that were not taken over yet? */
bool ml_keys_has_more(const struct ml_capture_keys *capture, const struct ml_source *source);

/* Takes them over. `n_before`: packets that were worked off before. ML_NO_MEMORY. */
enum ml_status ml_keys_take(struct ml_keys *keys, const struct ml_source *source, struct ml_capture_keys *capture,
                            uint64_t n_before) ML_MUST_USE;

/* The key log files of the report, in its arena. False: out of memory. */
bool ml_keys_report(const struct ml_keys *keys, struct ml_report *report) ML_MUST_USE;

#endif
