/* SPDX-License-Identifier: Apache-2.0 */
/* capture_raw - capture files byte by byte, broken ones too, in either byte order (capfile.h writes sound ones). */
#ifndef MITLESER_TESTS_CAPTURE_RAW_H
#define MITLESER_TESTS_CAPTURE_RAW_H

#include "core/buf.h"

struct raw {
    struct ml_buf buf;
    bool is_big;
    size_t block; /* where the open block begins */
};

void raw_init(struct raw *raw, bool is_big);
void raw_fini(struct raw *raw);
void raw_u8(struct raw *raw, uint8_t value);
void raw_u16(struct raw *raw, uint16_t value);
void raw_u32(struct raw *raw, uint32_t value);
void raw_u64(struct raw *raw, uint64_t value);
void raw_bytes(struct raw *raw, struct ml_span bytes);

/* Bytes and zeros to a multiple of four. */
void raw_padded(struct raw *raw, struct ml_span bytes);

/* --- classic pcap --- */
void raw_pcap_head(struct raw *raw, uint32_t magic, uint16_t major, uint16_t minor, uint32_t link_type);
void raw_pcap_packet(struct raw *raw, uint32_t seconds, uint32_t fraction, uint32_t wire_len, struct ml_span bytes);

/* --- pcapng: begin, add what belongs in, end (which fills in both lengths) --- */
void raw_begin(struct raw *raw, uint32_t type);
void raw_end(struct raw *raw);
void raw_option(struct raw *raw, uint16_t code, struct ml_span value);
void raw_option_u32(struct raw *raw, uint16_t code, uint32_t value);
void raw_option_u64(struct raw *raw, uint16_t code, uint64_t value);

/* Whole blocks. */
void raw_section(struct raw *raw);
void raw_interface(struct raw *raw, uint16_t link_type, uint32_t snaplen);
void raw_packet(struct raw *raw, uint32_t interface, uint64_t time, uint32_t wire_len, struct ml_span bytes);

#endif
