/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file - what the readers of the two capture formats share: the open file, what it told so far, and the ways to end.
 *
 * Invariant: a reader takes whole records; when it stops, the input stands before the record that could not be read.
 */
#ifndef MITLESER_CAPTURE_FILE_H
#define MITLESER_CAPTURE_FILE_H

#include "capture/input.h"
#include "capture/source.h"
#include "core/arena.h"
#include "core/map.h"
#include "core/reader.h"

/* What the reader needs to know of an interface beside what it tells. */
struct ml_file_interface {
    uint64_t units;      /* pcapng: time units a second; 0: a power of two, see shift */
    uint8_t shift;       /* pcapng: binary digits of the fraction */
    int64_t offset_s;    /* pcapng: seconds added to each time */
    uint64_t told_drops; /* by statistics blocks: the newest counts */
    uint64_t seen_drops; /* by packets: summed up */
};

struct ml_source {
    struct ml_input *input;
    struct ml_source_summary summary;
    enum ml_status (*next)(struct ml_source *source, struct ml_packet *packet);
    uint32_t index;                            /* of the input */
    uint64_t seq;                              /* of the last packet, in the run */
    bool has_time;                             /* some packet had one */
    bool is_timeless;                          /* the packet just read has none of its own */
    int64_t time_ns;                           /* of the last packet */
    bool is_big;                               /* byte order of the file or section */
    struct ml_arena arena;                     /* names, secrets, apps */
    struct ml_source_interface *interfaces;    /* owned */
    struct ml_file_interface *interface_state; /* owned, beside it */
    size_t n_interface_room;
    struct ml_source_name *names; /* owned */
    size_t n_name_room;
    struct ml_source_secrets *secrets; /* owned */
    size_t n_secret_room;
    size_t n_secret_bytes;
    struct ml_source_process *processes; /* owned */
    size_t n_process_room;
    struct ml_map process_of_uid;
    /* classic pcap */
    uint32_t record_extra; /* bytes behind the sixteen of a record header */
    bool is_nano;
    bool is_swapped; /* the two lengths of a record have changed places */
    bool may_be_swapped;
    bool has_trailers; /* frames may end with the app's trailer of PCAPdroid */
    /* pcapng */
    size_t section_interface; /* first interface of the section */
};

/* --- integers in the byte order of the file --- */
bool ml_file_u16(const struct ml_source *source, struct ml_reader *rd, uint16_t *out) ML_MUST_USE;
bool ml_file_u32(const struct ml_source *source, struct ml_reader *rd, uint32_t *out) ML_MUST_USE;
bool ml_file_u64(const struct ml_source *source, struct ml_reader *rd, uint64_t *out) ML_MUST_USE;

/* --- ends --- */

/* The packets end here: tells the damage at the input's position; returns ML_END. */
enum ml_status ml_file_damage(struct ml_source *source, const char *format, ...) ML_PRINTF(2, 3);

/* ml_input_need for a part of a record that must be there: ML_OK, ML_NO_MEMORY, or ML_END with the damage told. */
enum ml_status ml_file_need(struct ml_source *source, size_t n, struct ml_span *out, const char *what) ML_MUST_USE;

/* --- what the file tells; each is copied. False: out of memory. Beyond a ceiling it is counted as not kept. --- */
bool ml_file_add_interface(struct ml_source *source, const struct ml_source_interface *interface,
                           const struct ml_file_interface *state) ML_MUST_USE;
bool ml_file_add_name(struct ml_source *source, const struct ml_ip *ip, struct ml_span name) ML_MUST_USE;
bool ml_file_add_secrets(struct ml_source *source, uint32_t type, struct ml_span bytes) ML_MUST_USE;
bool ml_file_add_process(struct ml_source *source, uint32_t uid, struct ml_span package,
                         struct ml_span label) ML_MUST_USE;

/* The app's index + 1, or 0 when it is not known. */
uint32_t ml_file_find_process(const struct ml_source *source, uint32_t uid);

/* --- the formats: read the file's head (ML_BAD_INPUT with the text when it is not theirs) and set `next` --- */
enum ml_status ml_pcap_start(struct ml_source *source, struct ml_error *error) ML_MUST_USE;
enum ml_status ml_pcapng_start(struct ml_source *source, struct ml_error *error) ML_MUST_USE;
bool ml_pcap_has_magic(struct ml_span first);
bool ml_pcapng_has_magic(struct ml_span first);

#endif
