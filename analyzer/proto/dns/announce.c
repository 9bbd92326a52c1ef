/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dns/announce.h"

#include "proto/dns/rdata.h"

enum { NBNS_QUERY = 0, NBNS_STATUS_TYPE = 33, NBNS_NAME_BYTES = 15 };

/* Adds what an address record holds; false when it is none. */
static bool add_addresses(struct ml_dns_telling *telling, const struct ml_dns_record *record)
{
    struct ml_dns_addresses addresses;
    struct ml_ip ip;
    bool any = false;
    ml_dns_addresses_open(&addresses, record);
    while (ml_dns_addresses_next(&addresses, &ip)) {
        ml_fact_ip(telling->draft, ML_F_DNS_ADDRESSES, &ip);
        any = true;
    }
    return any;
}

/*
 * Facts of records whose owner is a host: address records of one owner that follow each other are one fact. The name's
 * text must live as long as the draft that borrows it.
 */
struct host {
    bool is_open;
    enum ml_fact_kind kind;
    enum ml_field field;
    struct ml_dns_name owner;
    char text[ML_DNS_NAME_TEXT];
};

static void close_host(struct ml_dns_telling *telling, struct host *host)
{
    if (host->is_open) {
        ml_dns_emit(telling);
        host->is_open = false;
    }
}

static void add_host(struct ml_dns_telling *telling, struct host *host, const struct ml_dns_record *record)
{
    struct ml_dns_name owner;
    ml_dns_record_owner(record, &owner);
    if (!host->is_open || !ml_dns_name_equal(&host->owner, &owner)) {
        close_host(telling, host);
        host->owner = owner;
        (void)ml_dns_text_of(telling, &owner, host->text);
        ml_dns_begin(telling, host->kind);
        ml_fact_cstr(telling->draft, host->field, host->text);
        ml_fact_mark(telling->draft, ML_SENS_PERSONAL);
        host->is_open = true;
    }
    (void)add_addresses(telling, record);
}

/* --- multicast DNS --- */

/* Service instance: its own label is for people, the rest names the kind of service (RFC 6763, section 4.1). */
static void tell_instance(struct ml_dns_telling *telling, const struct ml_dns_record *record)
{
    char service[ML_DNS_NAME_TEXT];
    char instance[ML_DNS_NAME_TEXT];
    char host[ML_DNS_NAME_TEXT];
    struct ml_dns_name owner;
    struct ml_dns_name target;
    ml_dns_record_owner(record, &owner);
    (void)ml_dns_name_write_from(&owner, 1, true, service);
    (void)ml_dns_name_write(&owner, false, instance);
    ml_dns_begin(telling, ML_FACT_MDNS_ANNOUNCEMENT);
    ml_fact_cstr(telling->draft, ML_F_MDNS_SERVICE, service);
    ml_fact_cstr(telling->draft, ML_F_MDNS_INSTANCE, instance);
    if (record->type == ML_DNS_SRV && ml_dns_rdata_target(record, &target)) {
        (void)ml_dns_name_write(&target, true, host);
        ml_fact_cstr(telling->draft, ML_F_MDNS_HOST, host);
    }
    if (record->type == ML_DNS_TXT) {
        struct ml_reader rd = ml_rd_open_framed(record->rdata);
        struct ml_span text;
        while (ml_dns_rdata_string(&rd, &text)) {
            ml_fact_text(telling->draft, ML_F_MDNS_TXT, text);
        }
    }
    ml_dns_emit(telling);
}

static void tell_pointer(struct ml_dns_telling *telling, const struct ml_dns_record *record)
{
    char name[ML_DNS_NAME_TEXT];
    char text[ML_DNS_NAME_TEXT];
    struct ml_dns_name owner;
    struct ml_dns_name target;
    if (!ml_dns_rdata_target(record, &target)) {
        return;
    }
    ml_dns_record_owner(record, &owner);
    bool is_reverse = ml_dns_name_ends(&owner, "arpa");
    bool is_service = ml_dns_name_ends(&owner, "_services._dns-sd._udp.local");
    (void)ml_dns_name_write(&owner, true, name);
    (void)ml_dns_name_write(&target, is_reverse || is_service, text);
    ml_dns_begin(telling, ML_FACT_MDNS_ANNOUNCEMENT);
    if (is_service) { /* enumeration of service types, section 9 */
        ml_fact_cstr(telling->draft, ML_F_MDNS_SERVICE, text);
    } else {
        ml_fact_cstr(telling->draft, is_reverse ? ML_F_DNS_NAME : ML_F_MDNS_SERVICE, name);
        ml_fact_cstr(telling->draft, is_reverse ? ML_F_MDNS_HOST : ML_F_MDNS_INSTANCE, text);
    }
    ml_dns_emit(telling);
}

void ml_dns_tell_announcements(struct ml_dns_telling *telling)
{
    struct ml_dns_record record;
    struct host host = {.kind = ML_FACT_MDNS_ANNOUNCEMENT, .field = ML_F_MDNS_HOST};
    while (ml_dns_next(telling, &record)) {
        if (record.section != ML_DNS_ANSWER && record.section != ML_DNS_ADDITIONAL) {
            continue;
        }
        switch (record.type) {
        case ML_DNS_A:
        case ML_DNS_AAAA:
            add_host(telling, &host, &record);
            break;
        case ML_DNS_PTR:
            close_host(telling, &host);
            tell_pointer(telling, &record);
            break;
        case ML_DNS_SRV:
        case ML_DNS_TXT:
            close_host(telling, &host);
            tell_instance(telling, &record);
            break;
        default:
            break;
        }
    }
    close_host(telling, &host);
}

/* --- updates --- */

void ml_dns_tell_update(struct ml_dns_telling *telling)
{
    struct ml_dns_record record;
    struct host host = {.kind = ML_FACT_DNS_UPDATE, .field = ML_F_DNS_NAME};
    while (ml_dns_next(telling, &record)) {
        if (record.section == ML_DNS_AUTHORITY) { /* the update section, RFC 2136, section 2.5 */
            add_host(telling, &host, &record);
        }
    }
    close_host(telling, &host);
}

/* --- NetBIOS --- */

/* RFC 1002, section 4.2.18: a count, then names of 16 bytes with two bytes of flags; statistics follow. */
static void tell_status(struct ml_dns_telling *telling, const struct ml_dns_record *record)
{
    struct ml_reader rd = ml_rd_open_framed(record->rdata);
    uint8_t n = 0;
    for (bool ok = ml_rd_u8(&rd, &n); ok && n > 0; n--) {
        struct ml_span bytes;
        uint8_t suffix = 0;
        char text[ML_DNS_NAME_TEXT];
        if (!ml_rd_span(&rd, NBNS_NAME_BYTES, &bytes) || !ml_rd_u8(&rd, &suffix) || !ml_rd_skip(&rd, 2)) {
            return;
        }
        (void)ml_dns_netbios_text(bytes, suffix, text);
        ml_dns_begin(telling, ML_FACT_NBNS_NAME);
        ml_fact_cstr(telling->draft, ML_F_DNS_NAME, text);
        ml_fact_mark(telling->draft, ML_SENS_PERSONAL);
        ml_dns_emit(telling);
    }
}

static void tell_registration(struct ml_dns_telling *telling)
{
    struct ml_dns_record record;
    struct host host = {.kind = ML_FACT_NBNS_NAME, .field = ML_F_DNS_NAME};
    while (ml_dns_next(telling, &record)) {
        if (record.section == ML_DNS_ADDITIONAL && record.type == ML_DNS_NB) {
            add_host(telling, &host, &record);
        }
    }
    close_host(telling, &host);
}

bool ml_dns_tell_netbios(struct ml_dns_telling *telling)
{
    const struct ml_dns_header *header = &telling->walk.header;
    struct ml_dns_record record;
    if (header->opcode != NBNS_QUERY) {
        if (!header->is_response) {
            tell_registration(telling);
        }
        return true;
    }
    if (!header->is_response) {
        return false;
    }
    bool any = false;
    while (ml_dns_next(telling, &record)) {
        if (record.section == ML_DNS_ANSWER && record.type == NBNS_STATUS_TYPE) {
            tell_status(telling, &record);
            any = true;
        }
    }
    ml_dns_rewind(telling);
    return any;
}
