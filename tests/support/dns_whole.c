/* SPDX-License-Identifier: Apache-2.0 */
#include "support/dns_whole.h"

#include "core/mem.h"

#include <ldns/ldns.h>

enum { RDATA_ROOM = 512 /* grows when needed */, TSIG = 250 };

struct dns_whole {
    ldns_pkt *packet;    /* owned */
    ldns_buffer *buffer; /* owned; record data of the record handed out last */
    unsigned section;
    size_t at; /* next record of the section */
    bool is_opt_told;
};

static struct dns_whole *open_packet(struct ml_span bytes)
{
    struct dns_whole *whole = ml_mem_array(1, sizeof *whole);
    if (whole == NULL) {
        return NULL;
    }
    whole->buffer = ldns_buffer_new(RDATA_ROOM);
    if (whole->buffer == NULL || ldns_wire2pkt(&whole->packet, bytes.ptr, bytes.len) != LDNS_STATUS_OK) {
        whole->packet = NULL; /* not to be trusted after a failure */
        dns_whole_close(whole);
        return NULL;
    }
    return whole;
}

void dns_whole_close(struct dns_whole *whole)
{
    if (whole != NULL) {
        ldns_pkt_free(whole->packet);
        ldns_buffer_free(whole->buffer);
        ml_mem_free(whole);
    }
}

static const ldns_rr_list *section_list(const struct dns_whole *whole)
{
    switch (whole->section) {
    case ML_DNS_QUESTION:
        return ldns_pkt_question(whole->packet);
    case ML_DNS_ANSWER:
        return ldns_pkt_answer(whole->packet);
    case ML_DNS_AUTHORITY:
        return ldns_pkt_authority(whole->packet);
    default:
        return ldns_pkt_additional(whole->packet);
    }
}

static bool copy_name(const ldns_rdf *rdf, struct ml_dns_name *out)
{
    out->len = out->n_labels = 0;
    if (rdf == NULL) {
        return false;
    }
    struct ml_span wire = ml_span_of(ldns_rdf_data(rdf), ldns_rdf_size(rdf));
    struct ml_reader rd = ml_rd_open_framed(wire);
    return ml_dns_name_read(&rd, ml_span_of(NULL, 0), out);
}

static bool copy_record(struct dns_whole *whole, const ldns_rr *rr, struct ml_dns_record *record,
                        struct ml_dns_name *owner)
{
    record->section = (enum ml_dns_section)whole->section;
    record->type = (uint16_t)ldns_rr_get_type(rr);
    record->class_ = (uint16_t)ldns_rr_get_class(rr);
    record->ttl = whole->section != ML_DNS_QUESTION ? ldns_rr_ttl(rr) : 0;
    record->rdata = record->context = ml_span_of(NULL, 0);
    if (!copy_name(ldns_rr_owner(rr), owner)) {
        return false;
    }
    if (whole->section != ML_DNS_QUESTION) {
        ldns_buffer_clear(whole->buffer);
        if (ldns_rr_rdata2buffer_wire(whole->buffer, rr) != LDNS_STATUS_OK) {
            return false;
        }
        record->rdata = ml_span_of(ldns_buffer_begin(whole->buffer), ldns_buffer_position(whole->buffer));
    }
    return true;
}

/* ldns takes OPT out of the additional section: put it back as the last record. */
static enum ml_dns_end tell_opt(struct dns_whole *whole, struct ml_dns_record *record, struct ml_dns_name *owner)
{
    if (whole->is_opt_told || !ldns_pkt_edns(whole->packet)) {
        return ML_DNS_WHOLE;
    }
    whole->is_opt_told = true;
    const ldns_rdf *data = ldns_pkt_edns_data(whole->packet);
    *record = (struct ml_dns_record){
        .section = ML_DNS_ADDITIONAL,
        .type = ML_DNS_OPT,
        .class_ = ldns_pkt_edns_udp_size(whole->packet),
        .ttl = (uint32_t)ldns_pkt_edns_extended_rcode(whole->packet) << 24 |
               (uint32_t)ldns_pkt_edns_version(whole->packet) << 16 | ldns_pkt_edns_z(whole->packet),
    };
    *owner = (struct ml_dns_name){.len = 1};
    if (data != NULL) {
        record->rdata = ml_span_of(ldns_rdf_data(data), ldns_rdf_size(data));
    }
    return ML_DNS_GOING_ON;
}

enum ml_dns_end dns_whole_next(struct dns_whole *whole, struct ml_dns_record *record, struct ml_dns_name *owner)
{
    for (; whole->section < ML_DNS_N_SECTIONS; whole->section++, whole->at = 0) {
        const ldns_rr_list *list = section_list(whole);
        while (whole->at < ldns_rr_list_rr_count(list)) {
            if (copy_record(whole, ldns_rr_list_rr(list, whole->at++), record, owner)) {
                return ML_DNS_GOING_ON;
            }
        }
    }
    return tell_opt(whole, record, owner);
}

/* Records that ldns takes out of the additional section: OPT, and TSIG (RFC 8945) as the last. */
static bool is_taken_out(const struct ml_dns_record *record)
{
    return record->section == ML_DNS_ADDITIONAL && (record->type == ML_DNS_OPT || record->type == TSIG);
}

static bool is_same_record(const struct ml_dns_record *own, const struct ml_dns_record *theirs,
                           const struct ml_dns_name *owner)
{
    struct ml_dns_name name;
    ml_dns_record_owner(own, &name);
    return own->section == theirs->section && own->type == theirs->type && own->class_ == theirs->class_ &&
           own->ttl == theirs->ttl && ml_dns_name_equal(&name, owner);
}

static bool agrees(struct dns_whole *whole, struct ml_span bytes)
{
    struct ml_dns_walk walk;
    struct ml_dns_record own;
    struct ml_dns_record theirs;
    struct ml_dns_name owner;
    enum ml_dns_end end = ML_DNS_GOING_ON;
    if (!ml_dns_walk_open(&walk, bytes, false)) {
        return false;
    }
    while ((end = ml_dns_walk_next(&walk, &own)) == ML_DNS_GOING_ON) {
        if (is_taken_out(&own)) {
            continue;
        }
        if (dns_whole_next(whole, &theirs, &owner) != ML_DNS_GOING_ON || !is_same_record(&own, &theirs, &owner)) {
            return false;
        }
    }
    whole->section = ML_DNS_QUESTION;
    whole->at = 0;
    whole->is_opt_told = false;
    return end == ML_DNS_WHOLE;
}

struct dns_whole *dns_whole_open(struct ml_span bytes)
{
    struct dns_whole *whole = open_packet(bytes);
    if (whole != NULL && !agrees(whole, bytes)) {
        dns_whole_close(whole);
        return NULL;
    }
    return whole;
}
