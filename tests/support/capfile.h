/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capfile - writes pcap and pcapng files into a buffer.
 *
 * See: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng. Big endian, resolutions and the rarer blocks are there to
 * test readers; options of a pcapng block that are NULL or 0 are left out.
 */
#ifndef MITLESER_TESTS_CAPFILE_H
#define MITLESER_TESTS_CAPFILE_H

#include "core/buf.h"
#include "core/ip.h"

struct capfile {
    struct ml_buf *out; /* borrowed */
    bool is_big_endian;
    bool is_ns;            /* pcap: nanoseconds */
    uint8_t resolution[8]; /* pcapng: if_tsresol of each interface, 0 stands for the default 6 */
    uint32_t n_interfaces;
};

/* --- pcap --- */

void capfile_pcap(struct capfile *file, struct ml_buf *out, bool is_big_endian, bool is_ns, uint32_t link_type,
                  uint32_t snaplen);

/* `wire_len` 0 stands for bytes.len. */
void capfile_record(struct capfile *file, int64_t time_ns, struct ml_span bytes, uint32_t wire_len);

/* --- pcapng --- */

/* Section header block. `file` may have had a section before; its interfaces are forgotten. */
void capfile_section(struct capfile *file, struct ml_buf *out, bool is_big_endian, const char *application);

/* Interface description block. `resolution`: 0 for none, else if_tsresol (6, 9, or 0x80 | power of two). */
void capfile_interface(struct capfile *file, uint32_t link_type, uint32_t snaplen, uint8_t resolution,
                       const char *name);

/* Enhanced packet block. `flags` is epb_flags (1 inbound, 2 outbound), 0 for none. */
void capfile_packet(struct capfile *file, uint32_t interface, int64_t time_ns, struct ml_span bytes, uint32_t wire_len,
                    const char *comment, uint32_t flags);

/* Simple packet block: no time, interface 0. */
void capfile_simple(struct capfile *file, struct ml_span bytes, uint32_t wire_len);

/* Name resolution block with one record. */
void capfile_name(struct capfile *file, const struct ml_ip *ip, const char *name);

/* Decryption secrets block of TLS key log lines. */
void capfile_keylog(struct capfile *file, struct ml_span lines);

/* Interface statistics block. */
void capfile_statistics(struct capfile *file, uint32_t interface, int64_t time_ns, uint64_t received, uint64_t dropped);

/* Any block, the body as it is, padded. */
void capfile_block(struct capfile *file, uint32_t type, struct ml_span body);

#endif
