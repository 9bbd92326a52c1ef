/* SPDX-License-Identifier: Apache-2.0 */
/* packet - one frame as the capture holds it: the first border. */
#ifndef MITLESER_CAPTURE_PACKET_H
#define MITLESER_CAPTURE_PACKET_H

#include "core/span.h"

enum ml_packet_direction { ML_PACKET_UNKNOWN, ML_PACKET_IN, ML_PACKET_OUT };

/* Lifetime: `bytes` are borrowed until the next packet is read. */
struct ml_packet {
    uint64_t seq;       /* number within the run, from 1, counted over all inputs */
    uint64_t frame;     /* number within its input, from 1, as Wireshark counts */
    int64_t time_ns;    /* since 1970-01-01T00:00:00Z; where the file gives none, that of the packet before */
    uint32_t input;     /* index of the input */
    uint32_t interface; /* index within the input */
    int link_type;      /* LINKTYPE_ value of tcpdump.org's registry (not the platform's DLT_) */
    uint32_t wire_len;  /* bytes on the wire; >= bytes.len */
    enum ml_packet_direction direction; /* where the file says so */
    uint32_t process; /* app that sent or received it on the device, index + 1 into the source's processes; 0 unknown */
    struct ml_span bytes; /* captured */
};

#endif
