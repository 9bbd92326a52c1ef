/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dns/facts.h"

#include "core/text.h"
#include "proto/dns/announce.h"
#include "proto/dns/rdata.h"
#include "proto/dns/telling.h"

#include <stdio.h>

enum { OPCODE_QUERY = 0, OPCODE_NOTIFY = 4, OPCODE_UPDATE = 5 };

bool ml_dns_next(struct ml_dns_telling *telling, struct ml_dns_record *record)
{
    if (telling->n_records >= ML_MAX_DNS_RECORDS) {
        telling->draft->is_cut = telling->is_cut = true;
        ml_count(telling->source->store->counters, ML_COUNT_LIMIT_MESSAGE);
        return false;
    }
    telling->n_records++;
    telling->end = ml_dns_walk_next(&telling->walk, record);
    return telling->end == ML_DNS_GOING_ON;
}

void ml_dns_rewind(struct ml_dns_telling *telling)
{
    telling->n_records = 0;
    ml_dns_walk_rewind(&telling->walk);
}

void ml_dns_begin(struct ml_dns_telling *telling, enum ml_fact_kind kind)
{
    telling->draft->kind = kind;
    telling->draft->n_attrs = 0;
    telling->draft->n_ips = 0;
    telling->draft->is_cut = telling->is_cut;
}

void ml_dns_emit(struct ml_dns_telling *telling)
{
    ml_fact_static(telling->draft, ML_F_DNS_TRANSPORT, telling->source->transport);
    (void)ml_fact_emit(telling->source->store, telling->draft);
}

/*
 * On the local link names belong to devices and people, except those of service types (RFC 6763, section 4.1.2: they
 * begin with an underscore), of the search for service domains (section 11) and of what every machine asks for.
 */
static bool is_personal(enum ml_dns_kind kind, const struct ml_dns_name *name)
{
    struct ml_span first = ml_dns_name_label(name, 0);
    struct ml_span second = ml_dns_name_label(name, 1);
    if (kind == ML_DNS_PLAIN || first.len == 0 || first.ptr[0] == '_') {
        return false;
    }
    if (kind == ML_DNS_MULTICAST) {
        return !ml_span_equal_nocase(second, ml_span_text("_dns-sd")) && !ml_dns_name_ends(name, "arpa");
    }
    return !ml_span_equal_nocase(first, ml_span_text("wpad"));
}

size_t ml_dns_text_of(const struct ml_dns_telling *telling, const struct ml_dns_name *name, char *out)
{
    size_t len = 0;
    if (telling->source->kind == ML_DNS_NETBIOS) {
        len = ml_dns_name_write_netbios(name, out);
    }
    return len != 0 ? len : ml_dns_name_write(name, true, out);
}

/* A text of a table, or made of a number in `scratch`. */
static void add_word(struct ml_dns_telling *telling, enum ml_field field, const char *word, const char *scratch)
{
    if (word == scratch) {
        ml_fact_cstr(telling->draft, field, word);
    } else {
        ml_fact_static(telling->draft, field, word);
    }
}

static void add_type(struct ml_dns_telling *telling, uint16_t type, char scratch[ML_DNS_TYPE_TEXT])
{
    const char *word = ml_dns_type_text(type, telling->source->kind == ML_DNS_NETBIOS, scratch);
    add_word(telling, ML_F_DNS_TYPE, word, scratch);
}

static void add_name(struct ml_dns_telling *telling, const struct ml_dns_name *name, const char *text)
{
    ml_fact_cstr(telling->draft, ML_F_DNS_NAME, text);
    if (is_personal(telling->source->kind, name)) {
        ml_fact_mark(telling->draft, ML_SENS_PERSONAL);
    }
}

/* What holds for the whole message and stands at its end. */
struct extras {
    bool has_subnet;
    bool has_ech;
    uint16_t rcode;
    char subnet[ML_DNS_SUBNET_TEXT];
};

static void read_extras(struct ml_dns_telling *telling, struct extras *extras)
{
    struct ml_dns_record record;
    *extras = (struct extras){.rcode = telling->walk.header.rcode};
    while (ml_dns_next(telling, &record)) {
        if (record.section == ML_DNS_ADDITIONAL && record.type == ML_DNS_OPT) {
            extras->rcode = (uint16_t)((record.ttl >> 24 << 4 | extras->rcode) & 0xfff);
            extras->has_subnet |= ml_dns_rdata_subnet(&record, extras->subnet);
        } else if (record.section == ML_DNS_ANSWER) {
            extras->has_ech |= ml_dns_rdata_has_ech(&record);
        }
    }
    /* How far the bytes hold is known now; the passes that follow go no further. */
    telling->is_cut |= telling->end != ML_DNS_WHOLE;
    telling->is_refused = telling->end == ML_DNS_REFUSED;
    ml_dns_rewind(telling);
}

static void tell_queries(struct ml_dns_telling *telling, const struct extras *extras)
{
    struct ml_dns_record record;
    unsigned n = telling->walk.header.counts[ML_DNS_QUESTION];
    while (telling->n_records < n && ml_dns_next(telling, &record)) {
        struct ml_dns_name asked;
        char name[ML_DNS_NAME_TEXT];
        char type[ML_DNS_TYPE_TEXT];
        ml_dns_begin(telling, ML_FACT_DNS_QUERY);
        ml_dns_record_owner(&record, &asked);
        (void)ml_dns_text_of(telling, &asked, name);
        add_name(telling, &asked, name);
        add_type(telling, record.type, type);
        if (extras->has_subnet) {
            ml_fact_cstr(telling->draft, ML_F_DNS_ECS, extras->subnet);
        }
        ml_dns_emit(telling);
    }
}

/* One response, told in as many facts as its addresses need. */
struct answer {
    struct ml_dns_name asked;
    char name[ML_DNS_NAME_TEXT];
    uint16_t type;
    char type_text[ML_DNS_TYPE_TEXT];
    char rcode_text[ML_DNS_TYPE_TEXT];
    const struct extras *extras;
    bool owner_must_match; /* there are several questions */
    size_t n_text;
    char text[4 * ML_DNS_NAME_TEXT]; /* CNAME targets, until the fact is stated */
};

static void begin_answer(struct ml_dns_telling *telling, struct answer *answer)
{
    answer->n_text = 0;
    ml_dns_begin(telling, ML_FACT_DNS_ANSWER);
    add_name(telling, &answer->asked, answer->name);
    add_type(telling, answer->type, answer->type_text);
    add_word(telling, ML_F_DNS_RCODE, ml_dns_rcode_text(answer->extras->rcode, answer->rcode_text), answer->rcode_text);
    if (answer->extras->has_ech) {
        ml_fact_truth(telling->draft, ML_F_DNS_ECH, true);
    }
    if (answer->extras->has_subnet) {
        ml_fact_cstr(telling->draft, ML_F_DNS_ECS, answer->extras->subnet);
    }
}

static bool is_full(const struct ml_fact_draft *draft, const struct answer *answer)
{
    return draft->n_ips == sizeof draft->ips / sizeof draft->ips[0] || draft->n_attrs >= ML_MAX_ATTRS_PER_FACT - 1 ||
           sizeof answer->text - answer->n_text < ML_DNS_NAME_TEXT;
}

static void make_room(struct ml_dns_telling *telling, struct answer *answer)
{
    if (is_full(telling->draft, answer)) {
        ml_dns_emit(telling);
        begin_answer(telling, answer);
    }
}

static void add_record(struct ml_dns_telling *telling, struct answer *answer, const struct ml_dns_record *record)
{
    struct ml_dns_addresses addresses;
    struct ml_ip ip;
    ml_dns_addresses_open(&addresses, record);
    while (ml_dns_addresses_next(&addresses, &ip)) {
        make_room(telling, answer);
        ml_fact_ip(telling->draft, ML_F_DNS_ADDRESSES, &ip);
    }
    struct ml_dns_name target;
    if (record->type == ML_DNS_CNAME && ml_dns_rdata_target(record, &target)) {
        make_room(telling, answer);
        char *text = answer->text + answer->n_text;
        size_t len = ml_dns_name_write(&target, true, text);
        answer->n_text += len;
        ml_fact_text(telling->draft, ML_F_DNS_CNAMES, ml_span_of(text, len));
    }
}

/* Several questions: only records of its name belong to an answer. */
static bool is_of(const struct answer *answer, const struct ml_dns_record *record)
{
    struct ml_dns_name owner;
    if (!answer->owner_must_match) {
        return true;
    }
    ml_dns_record_owner(record, &owner);
    return ml_dns_name_equal(&owner, &answer->asked);
}

static void tell_answer(struct ml_dns_telling *telling, struct answer *answer, const struct ml_dns_record *first)
{
    struct ml_dns_record record;
    ml_dns_record_owner(first, &answer->asked);
    (void)ml_dns_text_of(telling, &answer->asked, answer->name);
    answer->type = first->type;
    begin_answer(telling, answer);
    if (first->section == ML_DNS_ANSWER) { /* no question: what follows begins with itself */
        ml_dns_rewind(telling);
    }
    while (ml_dns_next(telling, &record) && record.section <= ML_DNS_ANSWER) {
        if (record.section == ML_DNS_ANSWER && is_of(answer, &record)) {
            add_record(telling, answer, &record);
        }
    }
    ml_dns_emit(telling);
}

/* The index-th of the records the header announced. */
static bool find_record(struct ml_dns_telling *telling, unsigned index, struct ml_dns_record *record)
{
    ml_dns_rewind(telling);
    while (ml_dns_next(telling, record)) {
        if (index-- == 0) {
            return record->section <= ML_DNS_ANSWER;
        }
    }
    return false;
}

/* A response without a question (NetBIOS, later messages of a transfer) is named by its first answer. */
static void tell_answers(struct ml_dns_telling *telling, const struct extras *extras)
{
    struct answer answer;
    struct ml_dns_record record;
    unsigned n = telling->walk.header.counts[ML_DNS_QUESTION];
    answer.extras = extras;
    answer.owner_must_match = n > 1;
    n = n == 0 ? 1 : n < ML_MAX_DNS_ANSWERS ? n : ML_MAX_DNS_ANSWERS;
    for (unsigned i = 0; i < n && find_record(telling, i, &record); i++) {
        tell_answer(telling, &answer, &record);
    }
    ml_dns_rewind(telling);
}

static void tell(struct ml_dns_telling *telling)
{
    const struct ml_dns_header *header = &telling->walk.header;
    struct extras extras;
    read_extras(telling, &extras);
    if (telling->source->kind == ML_DNS_NETBIOS && ml_dns_tell_netbios(telling)) {
        return;
    }
    if (header->opcode == OPCODE_UPDATE && telling->source->kind == ML_DNS_PLAIN) {
        if (!header->is_response) {
            ml_dns_tell_update(telling);
        }
    } else if (!header->is_response) {
        tell_queries(telling, &extras);
    } else {
        /* Multicast responses answer no question of their own, but for those to simple resolvers (RFC 6762, 6.7). */
        if (telling->source->kind != ML_DNS_MULTICAST || header->counts[ML_DNS_QUESTION] != 0) {
            tell_answers(telling, &extras);
        }
        if (telling->source->kind == ML_DNS_MULTICAST) {
            ml_dns_tell_announcements(telling);
        }
    }
}

bool ml_dns_state(const struct ml_dns_source *source, struct ml_fact_draft *draft, struct ml_span message)
{
    struct ml_dns_telling telling = {.source = source, .draft = draft, .is_cut = source->is_cut};
    if (!ml_dns_walk_open(&telling.walk, message, source->is_cut)) {
        return false;
    }
    tell(&telling);
    return !telling.is_refused;
}
