/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dns/message.h"

enum { QUESTION_FIELDS = 4, RECORD_FIELDS = 10 };

/* Two bytes of a header that was taken whole. */
static uint16_t u16_at(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static bool read_header(struct ml_reader *rd, struct ml_dns_header *header)
{
    const uint8_t *p = ml_rd_take(rd, ML_DNS_HEADER);
    if (p == NULL) {
        *header = (struct ml_dns_header){.id = 0};
        return false;
    }
    uint16_t flags = u16_at(p + 2);
    header->id = u16_at(p);
    header->is_response = (flags & 0x8000) != 0;
    header->opcode = flags >> 11 & 15;
    header->is_truncated = (flags & 0x0200) != 0;
    header->rcode = flags & 15;
    for (size_t i = 0; i < ML_DNS_N_SECTIONS; i++) {
        header->counts[i] = u16_at(p + 4 + 2 * i);
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
    walk->name.len = 0;
    bool ok = read_header(&walk->first, &walk->header);
    ml_dns_walk_rewind(walk);
    return ok;
}

/* What stands behind the owner's name: type and class, of a record also its time to live and data. */
static bool read_fields(struct ml_reader *rd, struct ml_dns_record *record)
{
    const uint8_t *p = ml_rd_take(rd, record->section == ML_DNS_QUESTION ? QUESTION_FIELDS : RECORD_FIELDS);
    if (p == NULL) {
        return false;
    }
    record->type = u16_at(p);
    record->class_ = u16_at(p + 2);
    if (record->section == ML_DNS_QUESTION) {
        record->ttl = 0;
        record->rdata = ml_span_of(NULL, 0);
        return true;
    }
    record->ttl = (uint32_t)u16_at(p + 4) << 16 | u16_at(p + 6);
    return ml_rd_span(rd, u16_at(p + 8), &record->rdata);
}

static void copy_name(const struct ml_dns_name *name, struct ml_dns_name *out)
{
    memcpy(out->wire, name->wire, name->len);
    out->len = name->len;
    out->n_labels = name->n_labels;
}

/* The name of a record; the one right behind the header is read once, and so are those that only point to it. */
static bool read_owner(struct ml_dns_walk *walk, struct ml_dns_name *out)
{
    static const uint8_t to_first[] = {0xc0, ML_DNS_HEADER};
    struct ml_reader *rd = &walk->rd;
    bool is_first = rd->pos == ML_DNS_HEADER;
    bool is_known = walk->name.len != 0;
    if (is_known && is_first) {
        copy_name(&walk->name, out);
        return ml_rd_skip(rd, walk->name_end - ML_DNS_HEADER);
    }
    struct ml_reader behind = *rd;
    const uint8_t *pointer = is_known ? ml_rd_take(&behind, sizeof to_first) : NULL;
    if (pointer != NULL && memcmp(pointer, to_first, sizeof to_first) == 0) {
        copy_name(&walk->name, out);
        *rd = behind;
        return true;
    }
    if (!ml_dns_name_read(rd, walk->message, out)) {
        return false;
    }
    if (is_first) {
        copy_name(out, &walk->name);
        walk->name_end = rd->pos;
    }
    return true;
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
    record->context = walk->message;
    if (!read_owner(walk, &record->owner) || !read_fields(rd, record)) {
        return rd->state == ML_RD_SHORT ? ML_DNS_CUT : ML_DNS_REFUSED;
    }
    walk->left--;
    return ML_DNS_GOING_ON;
}
