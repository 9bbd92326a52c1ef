/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/rtp/packet.h"

enum {
    VERSION_2 = 0x80,
    HAS_EXTENSION = 0x10,
    SOURCES = 0x0f,
    N_ASSIGNED = 35, /* RFC 3551, table 5: from here on not assigned */
    N_AUDIO = 19,    /* table 4 */
    RTCP_FIRST = 64, /* with the marker bit these look like RTCP, so nobody uses them */
    RTCP_LAST = 95
};

static const char *const codecs[N_ASSIGNED] = {
    [0] = "PCMU",  [3] = "GSM",   [4] = "G723",  [5] = "DVI4",  [6] = "DVI4",   [7] = "LPC",
    [8] = "PCMA",  [9] = "G722",  [10] = "L16",  [11] = "L16",  [12] = "QCELP", [13] = "CN",
    [14] = "MPA",  [15] = "G728", [16] = "DVI4", [17] = "DVI4", [18] = "G729",  [25] = "CelB",
    [26] = "JPEG", [28] = "nv",   [31] = "H261", [32] = "MPV",  [33] = "MP2T",  [34] = "H263",
};

bool ml_rtp_read(struct ml_span datagram, struct ml_rtp_packet *out)
{
    struct ml_reader rd = ml_rd_open_framed(datagram);
    uint8_t first = 0;
    uint16_t words = 0;
    memset(out, 0, sizeof *out);
    if (!ml_rd_u8(&rd, &first) || (first & 0xc0) != VERSION_2 || !ml_rd_u8(&rd, &out->payload_type)) {
        return false;
    }
    out->payload_type &= 0x7f;
    bool is_assigned = out->payload_type >= N_ASSIGNED || codecs[out->payload_type] != NULL;
    if (!is_assigned || (out->payload_type >= RTCP_FIRST && out->payload_type <= RTCP_LAST)) {
        return false;
    }
    if (!ml_rd_u16(&rd, &out->seq) || !ml_rd_u32(&rd, &out->timestamp) || !ml_rd_u32(&rd, &out->ssrc) ||
        !ml_rd_skip(&rd, 4 * (size_t)(first & SOURCES))) {
        return false;
    }
    if ((first & HAS_EXTENSION) != 0 &&
        (!ml_rd_skip(&rd, 2) || !ml_rd_u16(&rd, &words) || !ml_rd_skip(&rd, 4 * (size_t)words))) {
        return false;
    }
    out->payload = ml_rd_rest(&rd);
    return true;
}

const char *ml_rtp_codec(uint8_t payload_type)
{
    return payload_type < N_ASSIGNED ? codecs[payload_type] : NULL;
}

bool ml_rtp_is_static_audio(uint8_t payload_type)
{
    return payload_type < N_AUDIO && codecs[payload_type] != NULL;
}
