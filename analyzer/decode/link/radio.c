/* SPDX-License-Identifier: Apache-2.0 */
/* What a Wi-Fi card puts in front of 802.11: radiotap (radiotap.org), Prism, AVS, PPI (CACE, version 1.0.10). */
#include "decode/link/link.h"

/* Position of the field FLAGS behind the words that tell which fields there are; 0: no such field. */
static size_t flags_at(struct ml_reader *header)
{
    enum { TIME = 0x01, FLAGS = 0x02 };
    uint32_t fields = 0;
    uint32_t word = 0;
    if (!ml_rd_skip(header, 4) || !ml_rd_le32(header, &fields)) {
        return 0;
    }
    for (word = fields; (word & 0x80000000U) != 0;) { /* bit 31: another word follows */
        if (!ml_rd_le32(header, &word)) {
            return 0;
        }
    }
    if ((fields & FLAGS) == 0) {
        return 0;
    }
    size_t at = ml_rd_pos(header);
    return (fields & TIME) != 0 ? (at + 7) / 8 * 8 + 8 : at; /* the time is aligned to eight bytes */
}

bool ml_link_radiotap(struct ml_peel *peel)
{
    enum { PADDED = 0x20, BAD_CHECKSUM = 0x40 };
    struct ml_reader whole = peel->rd;
    const uint8_t *head = ml_peel_head(peel, 8);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    uint16_t len = ml_le16(head + 2);
    if (head[0] != 0 || len < 8) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_LINK);
    }
    struct ml_span header = {0};
    if (!ml_rd_span(&whole, len, &header) || !ml_rd_skip(&peel->rd, len - 8U)) {
        return ml_peel_short(peel, ML_COUNT_UNDECODED_SHORT_LINK, ML_COUNT_UNDECODED_BAD_LINK);
    }
    struct ml_reader fields = ml_rd_open_framed(header);
    size_t at = flags_at(&fields);
    uint8_t flags = at != 0 && at < header.len ? header.ptr[at] : 0;
    if ((flags & BAD_CHECKSUM) != 0) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_LINK); /* damaged on the air: any field may be wrong */
    }
    peel->is_padded = (flags & PADDED) != 0;
    return ml_peel_go(peel, ml_link_wlan);
}

/* Also found under the link type of Prism: the first word tells. */
bool ml_link_avs(struct ml_peel *peel)
{
    const uint8_t *head = ml_peel_head(peel, 8);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    uint32_t len = ml_be32(head + 4);
    if (len < 8) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_LINK);
    }
    return ml_rd_skip(&peel->rd, len - 8) ? ml_peel_go(peel, ml_link_wlan) : ml_peel_short_link(peel);
}

bool ml_link_prism(struct ml_peel *peel)
{
    enum { AVS_MAGIC = 0x80211 };
    struct ml_reader start = peel->rd;
    const uint8_t *head = ml_peel_head(peel, 8);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    if (ml_be32(head) >> 12 == AVS_MAGIC) {
        peel->rd = start;
        return ml_peel_go(peel, ml_link_avs);
    }
    /* The length has the byte order of the machine that captured; it is far below 65536. */
    uint32_t len = ml_le32(head + 4) <= 0xffff ? ml_le32(head + 4) : ml_be32(head + 4);
    if (len < 8) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_LINK);
    }
    return ml_rd_skip(&peel->rd, len - 8) ? ml_peel_go(peel, ml_link_wlan) : ml_peel_short_link(peel);
}

/* The packet inside has a link type of its own. */
bool ml_link_ppi(struct ml_peel *peel)
{
    const uint8_t *head = ml_peel_head(peel, 8);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    uint16_t len = ml_le16(head + 2);
    ml_step *next = ml_link_first((int)(ml_le32(head + 4) & 0x7fffffffU));
    if (head[0] != 0 || len < 8) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_LINK);
    }
    if (next == NULL) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_LINK_TYPE);
    }
    return ml_rd_skip(&peel->rd, len - 8U) ? ml_peel_go(peel, next) : ml_peel_short_link(peel);
}
