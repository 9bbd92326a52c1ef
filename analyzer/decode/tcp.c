/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 9293; RFC 7323 (timestamps). */
#include "decode/net.h"

/* RFC 7323, section 3.2. Options that contradict themselves end the search: the segment is good without them. */
static ML_COLD uint32_t find_tsval(struct ml_span bytes)
{
    enum { END = 0, NO_OPERATION = 1, TIMESTAMPS = 8, TIMESTAMPS_LEN = 10 };
    struct ml_reader rd = ml_rd_open_framed(bytes);
    uint8_t kind = 0;
    uint8_t len = 0;
    uint32_t tsval = 0;
    while (ml_rd_u8(&rd, &kind) && kind != END) {
        if (kind == NO_OPERATION) {
            continue;
        }
        if (!ml_rd_u8(&rd, &len) || len < 2) {
            return 0;
        }
        if (kind == TIMESTAMPS && len == TIMESTAMPS_LEN) {
            return ml_rd_u32(&rd, &tsval) ? tsval : 0;
        }
        if (!ml_rd_skip(&rd, len - 2U)) {
            return 0;
        }
    }
    return 0;
}

/* The capture ends inside the options: there is no payload either, but its length on the wire is known. */
static ML_COLD bool cut_options(struct ml_peel *peel, size_t len)
{
    size_t left = ml_rd_left(&peel->rd);
    if (len - left > peel->missing) {
        (void)ml_rd_reject(&peel->rd);
        return ml_net_short(peel);
    }
    peel->missing -= len - left;
    (void)ml_rd_rest(&peel->rd);
    return true;
}

static bool read_options(struct ml_peel *peel, size_t len)
{
    enum { USUAL_LEN = 12, USUAL = 0x0101080a }; /* two NOPs and the timestamps, as nearly all stacks write them */
    if (len > ml_rd_left(&peel->rd)) {
        return cut_options(peel, len);
    }
    const uint8_t *options = ml_peel_head(peel, len);
    peel->segment->tcp_tsval =
        len == USUAL_LEN && ml_be32(options) == USUAL ? ml_be32(options + 4) : find_tsval(ml_span_of(options, len));
    return true;
}

bool ml_net_tcp(struct ml_peel *peel)
{
    enum { HEADER = 20 };
    struct ml_segment *segment = peel->segment;
    const uint8_t *head = ml_peel_head(peel, HEADER);
    if (head == NULL) {
        return ml_net_short(peel);
    }
    size_t head_len = (head[12] >> 4) * 4U;
    if (head_len < HEADER) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_TRANSPORT);
    }
    ml_net_set_ports(segment, head);
    segment->tcp_seq = ml_be32(head + 4);
    segment->tcp_ack = ml_be32(head + 8);
    segment->tcp_flags = head[13] & 0x3f;
    segment->tcp_window = ml_be16(head + 14);
    if (head_len != HEADER && !read_options(peel, head_len - HEADER)) {
        return false;
    }
    ml_peel_finish(peel);
    return true;
}
