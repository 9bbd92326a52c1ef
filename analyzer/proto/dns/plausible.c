/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dns/plausible.h"

enum {
    MIN_QUESTION = 5, /* root name, type, class */
    MIN_RECORD = 11,
    MAX_QUESTIONS = 64, /* multicast queries ask for many names at once; nothing real comes near this */
    CLASS_NONE = 254,
    CLASS_ANY = 255,
    CLASS_HESIOD = 4,
    NBNS_OPCODES = 1 << 0 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 15, /* RFC 1002, section 4.2.1.1 */
    DNS_OPCODES = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 4 | 1 << 5 /* query to update; 6 (RFC 8490) carries no names */
};

static bool has_room(const struct ml_dns_header *header, size_t len)
{
    size_t records =
        (size_t)header->counts[ML_DNS_ANSWER] + header->counts[ML_DNS_AUTHORITY] + header->counts[ML_DNS_ADDITIONAL];
    return (size_t)header->counts[ML_DNS_QUESTION] * MIN_QUESTION + records * MIN_RECORD <= len - ML_DNS_HEADER;
}

static bool header_fits(const struct ml_dns_header *header, enum ml_dns_kind kind)
{
    unsigned opcodes = kind == ML_DNS_NETBIOS ? NBNS_OPCODES : kind == ML_DNS_PLAIN ? DNS_OPCODES : 1U;
    unsigned questions = header->counts[ML_DNS_QUESTION];
    if ((opcodes >> header->opcode & 1) == 0 || questions > MAX_QUESTIONS) {
        return false;
    }
    if (!header->is_response) {
        return questions != 0;
    }
    return questions + header->counts[ML_DNS_ANSWER] != 0 || kind == ML_DNS_MULTICAST;
}

static bool class_fits(uint16_t class_, enum ml_dns_kind kind)
{
    if (kind == ML_DNS_MULTICAST) {
        class_ &= ML_DNS_CLASS_MASK;
    }
    return (class_ >= ML_DNS_CLASS_IN && class_ <= CLASS_HESIOD) || class_ == CLASS_NONE || class_ == CLASS_ANY;
}

static bool first_fits(const struct ml_dns_record *first, enum ml_dns_kind kind)
{
    if (kind == ML_DNS_NETBIOS) {
        struct ml_dns_name name;
        ml_dns_record_owner(first, &name);
        return ml_dns_name_is_netbios(&name);
    }
    return first->type == ML_DNS_OPT || class_fits(first->class_, kind);
}

enum ml_match ml_dns_plausible(struct ml_span message, bool is_cut, enum ml_dns_kind kind)
{
    struct ml_dns_walk walk;
    struct ml_dns_record first;
    if (!ml_dns_walk_open(&walk, message, is_cut)) {
        return is_cut ? ML_MATCH_MORE : ML_MATCH_NO;
    }
    if (!header_fits(&walk.header, kind)) {
        return ML_MATCH_NO;
    }
    /* With one question its own form decides: counts are what broken senders get wrong. A truncated response may
     * announce what it left out. */
    bool may_lie = is_cut || walk.header.is_truncated || walk.header.counts[ML_DNS_QUESTION] == 1;
    if (!may_lie && !has_room(&walk.header, message.len)) {
        return ML_MATCH_NO;
    }
    switch (ml_dns_walk_next(&walk, &first)) {
    case ML_DNS_GOING_ON:
        return first_fits(&first, kind) ? ML_MATCH_YES : ML_MATCH_NO;
    case ML_DNS_CUT:
        return ML_MATCH_MORE;
    case ML_DNS_WHOLE: /* a multicast response without a record */
    case ML_DNS_REFUSED:
        break;
    }
    return ML_MATCH_NO;
}

static bool is_root(const struct ml_dns_record *record)
{
    struct ml_dns_name name;
    ml_dns_record_owner(record, &name);
    return name.n_labels == 0;
}

bool ml_dns_is_exact(struct ml_span message)
{
    struct ml_dns_walk walk;
    struct ml_dns_record record;
    enum ml_dns_end end = ML_DNS_GOING_ON;
    if (!ml_dns_walk_open(&walk, message, false) || walk.header.opcode != 0 ||
        walk.header.counts[ML_DNS_QUESTION] != 1 || !has_room(&walk.header, message.len)) {
        return false;
    }
    if (!walk.header.is_response && (walk.header.counts[ML_DNS_ANSWER] != 0 || walk.header.rcode != 0)) {
        return false;
    }
    while ((end = ml_dns_walk_next(&walk, &record)) == ML_DNS_GOING_ON) {
        /* OPT has no class, and DNSCrypt pads its queries with a record of no type and class. */
        if (record.section != ML_DNS_ADDITIONAL && record.class_ != ML_DNS_CLASS_IN) {
            return false;
        }
        if (record.section == ML_DNS_QUESTION && (record.type == 0 || is_root(&record))) {
            return false;
        }
    }
    return end == ML_DNS_WHOLE && ml_rd_done(&walk.rd);
}
