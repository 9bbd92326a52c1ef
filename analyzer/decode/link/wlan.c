/* SPDX-License-Identifier: Apache-2.0 */
/* IEEE 802.11, section 9.2 (frames), 9.3.2 (data frames, A-MSDU). */
#include "decode/link/link.h"

/* Frame control: the first byte holds version, type and subtype, the second the flags. */
enum {
    TO_DS = 0x01,
    FROM_DS = 0x02,
    PROTECTED = 0x40,
    ORDER = 0x80,
    SUBTYPE_NO_DATA = 0x40,
    SUBTYPE_QOS = 0x80,
    TYPE_MANAGEMENT = 0,
    TYPE_CONTROL = 1,
    TYPE_DATA = 2,
    QOS_AMSDU = 0x80,
    SNAP_LEN = 6
};

/* Which of the three or four addresses are the ends: table 9-30. `head` has 24 bytes, `fourth` six or NULL. */
static void set_macs(struct ml_segment *segment, const uint8_t *head, const uint8_t *fourth)
{
    const uint8_t *one = head + 4;
    const uint8_t *two = head + 10;
    const uint8_t *three = head + 16;
    const uint8_t *dst = (head[1] & TO_DS) != 0 ? three : one;
    const uint8_t *src = fourth != NULL ? fourth : (head[1] & FROM_DS) != 0 ? three : two;
    ml_link_macs(segment, dst, src);
}

/* Does an LLC/SNAP header as IP uses it start `at` bytes on? Then nothing is encrypted there. */
static bool has_snap(const struct ml_reader *rd, size_t at)
{
    struct ml_reader probe = *rd;
    uint8_t snap[SNAP_LEN] = {0};
    return ml_rd_skip(&probe, at) && ml_rd_copy(&probe, snap, sizeof snap) &&
           memcmp(snap, "\xaa\xaa\x03\x00\x00\x00", sizeof snap) == 0;
}

/*
 * Some drivers decrypt and leave the flag, and some leave the initialisation vector (8 bytes of CCMP, TKIP; 4 of WEP)
 * in place as well. Encrypted bytes look like a SNAP header once in 2^48 frames.
 */
static bool skip_left_over_protection(struct ml_peel *peel)
{
    static const size_t places[] = {0, 8, 4};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (has_snap(&peel->rd, places[i])) {
            return ml_rd_skip(&peel->rd, places[i]);
        }
    }
    return ml_peel_drop(peel, ML_COUNT_UNDECODED_ENCRYPTED_LINK);
}

/* An aggregate holds several packets and a segment is one: the first is taken, the others are counted. */
static bool go_first_of_amsdu(struct ml_peel *peel)
{
    enum { SUBFRAME = 14 };
    const uint8_t *head = ml_peel_head(peel, SUBFRAME);
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    size_t len = ml_be16(head + 12);
    ml_link_macs(peel->segment, head, head + 6);
    struct ml_reader more = peel->rd;
    if (!ml_peel_frame(peel, len)) {
        return ml_peel_short_link(peel);
    }
    uint16_t next = (uint16_t)len;
    /* Each subframe but the last is padded to four bytes, its own header included. */
    while (ml_rd_skip(&more, next + (4U - (SUBFRAME + next) % 4U) % 4U + 12U) && ml_rd_u16(&more, &next)) {
        ml_count(peel->counters, ML_COUNT_AMSDU_LEFT_OUT);
    }
    return ml_peel_go(peel, ml_link_llc);
}

static bool not_data(struct ml_peel *peel, unsigned type)
{
    return ml_peel_drop(peel,
                        type == TYPE_CONTROL ? ML_COUNT_UNDECODED_WLAN_CONTROL : ML_COUNT_UNDECODED_WLAN_MANAGEMENT);
}

/* Reads what comes after the three addresses; *is_amsdu from the QoS field. */
static bool read_rest_of_header(struct ml_peel *peel, const uint8_t *head, bool *is_amsdu)
{
    const uint8_t *fourth = NULL;
    size_t len = 24;
    if ((head[1] & (TO_DS | FROM_DS)) == (TO_DS | FROM_DS)) {
        fourth = ml_peel_head(peel, 6);
        len += 6;
        if (fourth == NULL) {
            return ml_peel_short_link(peel);
        }
    }
    if ((head[0] & SUBTYPE_QOS) != 0) {
        size_t more = (head[1] & ORDER) != 0 ? 6 : 2; /* with the HT control field */
        const uint8_t *qos = ml_peel_head(peel, more);
        if (qos == NULL) {
            return ml_peel_short_link(peel);
        }
        *is_amsdu = (qos[0] & QOS_AMSDU) != 0;
        len += more;
    }
    if (peel->is_padded && !ml_rd_skip(&peel->rd, (4 - len % 4) % 4)) {
        return ml_peel_short_link(peel);
    }
    set_macs(peel->segment, head, fourth);
    return true;
}

bool ml_link_wlan(struct ml_peel *peel)
{
    struct ml_reader start = peel->rd;
    uint8_t first = 0;
    if (!ml_rd_u8(&start, &first)) {
        peel->rd = start;
        return ml_peel_short_link(peel);
    }
    unsigned type = first >> 2 & 3;
    if ((first & 3) != 0) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_BAD_LINK); /* a version nobody has defined */
    }
    if (type != TYPE_DATA) {
        return not_data(peel, type);
    }
    if ((first & SUBTYPE_NO_DATA) != 0) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_WLAN_NULL);
    }
    const uint8_t *head = ml_peel_head(peel, 24);
    bool is_amsdu = false;
    if (head == NULL) {
        return ml_peel_short_link(peel);
    }
    if (!read_rest_of_header(peel, head, &is_amsdu)) {
        return false;
    }
    if ((head[22] & 0x0f) != 0) {
        return ml_peel_drop(peel, ML_COUNT_UNDECODED_WLAN_FRAGMENT); /* the first one has the headers */
    }
    if (is_amsdu && (head[1] & PROTECTED) == 0) {
        return go_first_of_amsdu(peel);
    }
    if ((head[1] & PROTECTED) != 0 && !skip_left_over_protection(peel)) {
        return false;
    }
    return ml_peel_go(peel, ml_link_llc);
}
