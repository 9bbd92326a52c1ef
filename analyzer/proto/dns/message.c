/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dns/message.h"

static bool read_header(struct ml_reader *rd, struct ml_dns_header *header)
{
    uint16_t flags = 0;
    if (!ml_rd_u16(rd, &header->id) || !ml_rd_u16(rd, &flags)) {
        return false;
    }
    header->is_response = (flags & 0x8000) != 0;
    header->opcode = flags >> 11 & 15;
    header->is_truncated = (flags & 0x0200) != 0;
    header->rcode = flags & 15;
    for (unsigned i = 0; i < ML_DNS_N_SECTIONS; i++) {
        if (!ml_rd_u16(rd, &header->counts[i])) {
            return false;
        }
    }
    return true;
}

void ml_dns_walk_rewind(struct ml_dns_walk *walk)
{
    walk->rd = walk->first;
    walk->section = ML_DNS_QUESTION;
    walk->left = walk->header.counts[ML_DNS_QUESTION];
}

bool ml_dns_walk_open(struct ml_dns_walk *walk, struct ml_span message, bool is_cut)
{
    walk->message = message;
    walk->first = is_cut ? ml_rd_open(message) : ml_rd_open_framed(message);
    bool ok = read_header(&walk->first, &walk->header);
    ml_dns_walk_rewind(walk);
    return ok;
}

static bool read_rdata(struct ml_reader *rd, struct ml_dns_record *record)
{
    uint16_t len = 0;
    return ml_rd_u32(rd, &record->ttl) && ml_rd_u16(rd, &len) && ml_rd_span(rd, len, &record->rdata);
}

enum ml_dns_end ml_dns_walk_next(struct ml_dns_walk *walk, struct ml_dns_record *record)
{
    struct ml_reader *rd = &walk->rd;
    while (walk->left == 0 && walk->section != ML_DNS_ADDITIONAL) {
        walk->section++;
        walk->left = walk->header.counts[walk->section];
    }
    if (walk->left == 0) {
        return ML_DNS_WHOLE;
    }
    record->section = walk->section;
    record->ttl = 0;
    record->rdata = ml_span_of(NULL, 0);
    record->context = walk->message;
    bool ok = ml_dns_name_read(rd, walk->message, &record->owner) && ml_rd_u16(rd, &record->type) &&
              ml_rd_u16(rd, &record->class_) && (walk->section == ML_DNS_QUESTION || read_rdata(rd, record));
    if (!ok) {
        return rd->state == ML_RD_SHORT ? ML_DNS_CUT : ML_DNS_REFUSED;
    }
    walk->left--;
    return ML_DNS_GOING_ON;
}
