/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dns/message.h"

enum { QUESTION_FIELDS = 4, RECORD_FIELDS = 10, POINTERS = 0xc000, TO_FIRST = POINTERS | ML_DNS_HEADER };

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
    walk->first_end = walk->n_followed = 0;
    memset(walk->followed, 0, sizeof walk->followed);
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

static bool was_followed(const struct ml_dns_walk *walk, uint16_t pointer)
{
    for (size_t i = 0; i < ML_DNS_FOLLOWED; i++) {
        if (walk->followed[i] == pointer) {
            return true;
        }
    }
    return false;
}

/* The one to the first name stays, of the others the oldest goes. */
static void note_followed(struct ml_dns_walk *walk, uint16_t pointer)
{
    walk->followed[1 + walk->n_followed++ % (ML_DNS_FOLLOWED - 1)] = pointer;
}

/*
 * Behind the name of a record. The one right behind the header is read once, and so are those that are no more than a
 * pointer, as most are: what was sound once is so for all records behind.
 */
static bool skip_owner(struct ml_dns_walk *walk)
{
    struct ml_reader *rd = &walk->rd;
    size_t from = rd->pos;
    if (from == ML_DNS_HEADER && walk->first_end != 0) {
        return ml_rd_skip(rd, walk->first_end - ML_DNS_HEADER);
    }
    struct ml_reader behind = *rd;
    const uint8_t *start = ml_rd_take(&behind, 2);
    uint16_t pointer = start != NULL ? u16_at(start) : 0;
    if (pointer >= POINTERS && was_followed(walk, pointer)) {
        *rd = behind;
        return true;
    }
    if (!ml_dns_name_skip(rd, walk->message)) {
        return false;
    }
    if (from == ML_DNS_HEADER) {
        walk->first_end = rd->pos;
        walk->followed[0] = TO_FIRST;
    } else if (pointer >= POINTERS) {
        note_followed(walk, pointer);
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
    record->owner_at = rd->pos;
    if (!skip_owner(walk) || !read_fields(rd, record)) {
        return rd->state == ML_RD_SHORT ? ML_DNS_CUT : ML_DNS_REFUSED;
    }
    walk->left--;
    return ML_DNS_GOING_ON;
}

void ml_dns_record_owner(const struct ml_dns_record *record, struct ml_dns_name *out)
{
    struct ml_reader rd = ml_rd_open(record->context);
    bool ok = ml_rd_skip(&rd, record->owner_at) && ml_dns_name_read(&rd, record->context, out);
    ML_ASSERT(ok); /* the walk was behind it */
}
