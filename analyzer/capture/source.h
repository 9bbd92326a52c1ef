/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source - packets of one capture file, and what the file says about itself.
 *
 * In:        a path ("-" is standard input): classic pcap with its variants and pcapng, both by readers of our own
 *            (libpcap hides secrets, names and comments, refuses files whose interfaces differ and records longer than
 *            the snap length); plain or compressed by gzip, zstd, xz, bzip2 or lz4.
 * Out:       packets in file order; after the end (or at the damage) a summary.
 * Invariant: every byte of the file as stored goes through the SHA-256 exactly once, also those behind a damage.
 * Errors:    a file that cannot be read at all is an error of ml_source_open (ML_IO, ML_BAD_INPUT); a damage after
 *            the first block ends the packets with ML_END and is told by ml_source_summary.
 * See:       draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.
 */
#ifndef MITLESER_CAPTURE_SOURCE_H
#define MITLESER_CAPTURE_SOURCE_H

#include "capture/link.h"
#include "capture/packet.h"
#include "core/digest.h"
#include "core/ip.h"
#include "core/status.h"

struct ml_source;

/* A name the file gives for an address (pcapng name resolution block). Borrowed until close. */
struct ml_source_name {
    struct ml_ip ip;
    struct ml_span name;
};

/* Key material the file carries (pcapng decryption secrets block). Borrowed until close. */
struct ml_source_secrets {
    uint32_t type; /* 0x544c534b: NSS key log text (TLS) */
    struct ml_span bytes;
};

/* An app on the device that captured (PCAPdroid's UID map). Borrowed until close. */
struct ml_source_process {
    uint32_t uid;
    struct ml_span package; /* "org.example.chat"; may be empty */
    struct ml_span label;   /* shown name; may be empty */
};

struct ml_source_interface {
    int link_type;
    uint32_t snaplen;    /* 0: no limit */
    struct ml_span name; /* may be empty */
    uint64_t packets;
    uint64_t dropped; /* reported by the capturing tool, 0 when it says nothing */
};

/*
 * Borrowed until close; counts grow while packets are read. The arrays may move with each packet; the bytes that their
 * spans name stay until close.
 */
struct ml_source_summary {
    const char *file;           /* base name */
    const char *format;         /* "pcap", "pcap-ns", "pcap-modified", "pcap-aix", "pcap-ixia", "pcapng" */
    const char *compression;    /* "gzip", "zstd", "xz", "bzip2", "lz4", or "" */
    char sha256[ML_SHA256_HEX]; /* "" until the end was reached */
    uint64_t bytes;             /* size of the file as stored */
    uint64_t packets;
    uint64_t frames;    /* as Wireshark counts: packets, and blocks of a pcapng file that it shows between them */
    uint64_t truncated; /* packets with fewer bytes than on the wire */
    uint64_t comments;  /* comments in the blocks of a pcapng file, of whatever kind */
    uint64_t not_kept;  /* names, secrets and apps beyond the ceilings */
    int64_t first_ns, last_ns; /* smallest and largest time; 0 without packets */
    bool is_damaged;
    uint64_t damage_offset; /* byte offset of the record that could not be read, in the plain bytes */
    char damage[160];       /* what was wrong there */
    const struct ml_source_interface *interfaces;
    size_t n_interfaces;
    const struct ml_source_name *names;
    size_t n_names;
    const struct ml_source_secrets *secrets;
    size_t n_secrets;
    const struct ml_source_process *processes;
    size_t n_processes;
};

/*
 * Opens `path`. `input` is the index put into packets, `seq` the run-wide number before the first packet.
 * Gives *out to the caller, who ends it with ml_source_close.
 */
enum ml_status ml_source_open(const char *path, uint32_t input, uint64_t seq, struct ml_source **out,
                              struct ml_error *error) ML_MUST_USE;

/*
 * The same for bytes in memory (borrowed until close); `name` stands for the file.
 */
enum ml_status ml_source_open_memory(struct ml_span bytes, const char *name, uint32_t input, uint64_t seq,
                                     struct ml_source **out, struct ml_error *error) ML_MUST_USE;

/* ML_OK with *packet filled, ML_END at the end or the damage, ML_NO_MEMORY. */
enum ml_status ml_source_next(struct ml_source *source, struct ml_packet *packet) ML_MUST_USE;

/* Reads what is left of the file for its hash; then sha256 and bytes are set. Called once after ML_END. ML_IO. */
enum ml_status ml_source_finish(struct ml_source *source, struct ml_error *error) ML_MUST_USE;

const struct ml_source_summary *ml_source_summary(const struct ml_source *source);

/* Bytes of the file as stored consumed so far, for a progress bar. */
uint64_t ml_source_offset(const struct ml_source *source);

void ml_source_close(struct ml_source *source);

#endif
