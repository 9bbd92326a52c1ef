/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Captures made on the host itself, which know the app or user behind a packet: NFLOG of Linux and Android, PKTAP of
 * Apple, the trailer of PCAPdroid.
 */
#include "decode/link/link.h"

/* Family, version and resource, then attributes as netlink has them: length, type, value, padding to four bytes. */
static bool read_attribute(struct ml_reader *rd, uint16_t *type, struct ml_reader *value)
{
    const size_t header = 4;
    struct ml_span head = {0};
    if (!ml_rd_span(rd, header, &head)) {
        return false;
    }
    /* In the byte order of the machine that captured. Types are small, so their upper byte is the zero one; its two
     * upper bits are flags of netlink. */
    bool is_little = head.ptr[2] != 0 && (head.ptr[3] & 0x3f) == 0;
    uint16_t len = is_little ? ml_le16(head.ptr) : ml_be16(head.ptr);
    *type = (is_little ? ml_le16(head.ptr + 2) : ml_be16(head.ptr + 2)) & 0x3fff;
    if (len < header) {
        return ml_rd_reject(rd);
    }
    size_t size = len - header;
    if (size > ml_rd_left(rd) && !rd->framed) { /* the payload comes last: a cut capture still has its head */
        *value = ml_rd_open(ml_rd_rest(rd));
        return true;
    }
    if (!ml_rd_sub(rd, size, value)) {
        return false;
    }
    size_t padding = (4 - size % 4) % 4;
    return ml_rd_left(rd) < padding || ml_rd_skip(rd, padding);
}

bool ml_link_nflog(struct ml_peel *peel)
{
    enum { PACKET_HEADER = 1, PAYLOAD = 9, USER = 11, BRIDGE = 7 };
    const uint8_t *head = ml_peel_head(peel, 4);
    uint16_t protocol = 0; /* ethertype */
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    while (ml_rd_left(&peel->rd) != 0) {
        uint16_t type = 0;
        struct ml_reader value;
        if (!read_attribute(&peel->rd, &type, &value)) {
            return ml_peel_short_link(peel);
        }
        if (type == PAYLOAD) {
            peel->rd = value;
            return head[0] == BRIDGE && protocol >= 0x0600 ? ml_link_ethertype(peel, protocol)
                                                           : ml_link_family(peel, head[0]);
        }
        if (type == PACKET_HEADER && !ml_rd_u16(&value, &protocol)) {
            peel->rd = value;
            return ml_peel_short_link(peel);
        }
        if (type == USER && ml_rd_u32(&value, &peel->segment->uid)) {
            peel->segment->has_uid = true;
        }
    }
    return ml_peel_drop(peel, ML_COUNT_UNDECODED_NOT_IP);
}

/* A name in a field of fixed size, ended by a zero byte unless it fills the field. */
static struct ml_span name_in(const uint8_t *field, size_t size)
{
    const uint8_t *end = memchr(field, 0, size);
    return ml_span_of(field, end != NULL ? (size_t)(end - field) : size);
}

/* struct pktap_header of Darwin's net/pktap.h, little-endian on every machine that writes it today. */
bool ml_link_pktap(struct ml_peel *peel)
{
    enum { HEADER = 108, DLT = 8, FLAGS = 36, COMMAND = 56, COMMAND_LEN = 17, IN = 0x01, OUT = 0x02 };
    const uint8_t *head = ml_peel_head(peel, HEADER);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    uint32_t len = ml_le32(head);
    uint32_t is_packet = ml_le32(head + 4);
    ml_step *next = ml_link_first((int)(ml_le32(head + DLT) & 0x7fffffffU));
    if (len < HEADER) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_LINK);
    }
    if (is_packet != 1 || next == NULL) {
        return ml_peel_drop(peel, is_packet != 1 ? ML_COUNT_UNDECODED_NOT_IP : ML_COUNT_UNDECODED_LINK_TYPE);
    }
    struct ml_segment *segment = peel->segment;
    uint32_t way = ml_le32(head + FLAGS) & (IN | OUT);
    if (segment->direction == ML_PACKET_UNKNOWN && (way == IN || way == OUT)) {
        segment->direction = way == IN ? ML_PACKET_IN : ML_PACKET_OUT;
    }
    segment->app = name_in(head + COMMAND, COMMAND_LEN);
    return ml_rd_skip(&peel->rd, len - HEADER) ? ml_peel_go(peel, next) : ml_peel_short_link(peel);
}

/* Length an IP packet declares in its first bytes; 0 when they are not there. */
static size_t declared_len(const struct ml_reader *at)
{
    struct ml_reader rd = *at;
    uint8_t head[6] = {0};
    if (!ml_rd_copy(&rd, head, sizeof head)) {
        return 0;
    }
    return head[0] >> 4 == 4 ? ml_be16(head + 2) : 40U + ml_be16(head + 4);
}

/*
 * PCAPdroid writes [made-up Ethernet header with zero addresses][IP packet][0 to 3 zero bytes][trailer], the trailer
 * being magic, user id, app name (20 bytes) and a checksum. The lengths must agree to the byte: a payload that merely
 * looks like a trailer is part of the IP packet.
 */
void ml_link_app_trailer(struct ml_peel *peel)
{
    enum { TRAILER = 32, APP_LEN = 20, NO_USER = -1 };
    const uint32_t magic = 0x01072021;
    size_t left = ml_rd_left(&peel->rd);
    size_t len = declared_len(&peel->rd);
    size_t extra = left + peel->missing - len; /* wraps when the packet is longer than its frame: refused below */
    if (len == 0 || extra < TRAILER || extra > TRAILER + 3 || left < extra) {
        return;
    }
    struct ml_reader rd = peel->rd;
    struct ml_reader packet;
    struct ml_span trailer = {0};
    if (!ml_rd_sub(&rd, left - extra, &packet) || !ml_rd_skip(&rd, extra - TRAILER) ||
        !ml_rd_span(&rd, TRAILER, &trailer) || ml_be32(trailer.ptr) != magic) {
        return;
    }
    packet.framed = peel->missing == 0;
    peel->rd = packet;
    uint32_t user = ml_be32(trailer.ptr + 4);
    peel->segment->has_uid = user != (uint32_t)NO_USER;
    peel->segment->uid = peel->segment->has_uid ? user : 0;
    peel->segment->app = name_in(trailer.ptr + 8, APP_LEN);
}
