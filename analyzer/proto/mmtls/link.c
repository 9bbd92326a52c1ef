/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/mmtls/link.h"

#include "core/digest.h"
#include "core/text.h"
#include "core/timefmt.h"
#include "proto/mmtls/hello.h"
#include "proto/mmtls/random.h"
#include "proto/mmtls/record.h"
#include "proto/tls/names.h"

enum {
    MAX_HELD = 8 * 1024,                   /* bytes; hellos have fewer than 400, all else is not held */
    KIND_BYTES = 5,                        /* of a body that tell a hello */
    ALERT_BODY = 7,                        /* of one that is not encrypted */
    ALERT_TEXT = 2 * (ALERT_BODY - 4) + 1, /* its three bytes as digits */
    NANOSECONDS = 1000 * 1000 * 1000,
    CLIENT = 1,
    SERVER = 2
};

void ml_mmtls_link_init(struct ml_mmtls_link *link, struct ml_proto_env *env, const char *name)
{
    *link = (struct ml_mmtls_link){.env = env, .name = name};
    ml_inbox_init(&link->inbox, MAX_HELD);
}

/* --- what stands in clear --- */

static void begin(const struct ml_mmtls_link *link, struct ml_fact_draft *draft, enum ml_fact_kind kind,
                  const struct ml_mmtls_record *record)
{
    ml_inbox_begin(&link->inbox, draft, kind, 0, ML_MMTLS_HEADER + (size_t)record->len);
    ml_fact_cstr(draft, ML_F_MMTLS_LINK, link->name);
    ml_fact_cstr(draft, ML_F_MMTLS_VERSION, ml_mmtls_version_text(record->version));
}

static void state_client_hello(struct ml_mmtls_link *link, const struct ml_mmtls_record *record, struct ml_span body)
{
    struct ml_mmtls_client_hello hello;
    struct ml_fact_draft draft;
    char time[ML_TIME_TEXT];
    char spare[ML_MMTLS_MAX_SUITES][ML_TLS_UNKNOWN_TEXT];
    char digests[ML_MMTLS_MAX_TICKETS][ML_SHA256_HEX];
    if (!ml_mmtls_client_hello_read(body, &hello)) {
        ml_count(link->env->counters, ML_COUNT_BAD_OTHER);
        return;
    }
    begin(link, &draft, ML_FACT_MMTLS_CLIENT_HELLO, record);
    (void)ml_time_format((int64_t)hello.time * NANOSECONDS, time);
    ml_fact_cstr(&draft, ML_F_MMTLS_CLIENT_TIME, time);
    for (unsigned i = 0; i < hello.n_suites; i++) {
        const char *name = ml_tls_suite_name(hello.suites[i]);
        ml_fact_cstr(&draft, ML_F_MMTLS_SUITES, ml_tls_name_or_number(name, hello.suites[i], spare[i]));
    }
    for (unsigned i = 0; i < hello.n_tickets; i++) {
        if (ml_sha256_hex(hello.tickets[i].bytes, digests[i])) {
            ml_fact_cstr(&draft, ML_F_MMTLS_TICKET_SHA256, digests[i]);
            ml_fact_number(&draft, ML_F_MMTLS_TICKET_LIFETIME, hello.tickets[i].lifetime);
        }
    }
    if (link->has_path) {
        ml_fact_truth(&draft, ML_F_MMTLS_PATH_GENUINE, ml_mmtls_first_random(hello.time) == link->path);
    }
    (void)ml_fact_emit(link->env->facts, &draft);
}

static void state_server_hello(struct ml_mmtls_link *link, const struct ml_mmtls_record *record, struct ml_span body)
{
    struct ml_mmtls_server_hello hello;
    struct ml_fact_draft draft;
    char spare[ML_TLS_UNKNOWN_TEXT];
    if (!ml_mmtls_server_hello_read(body, &hello)) {
        ml_count(link->env->counters, ML_COUNT_BAD_OTHER);
        return;
    }
    begin(link, &draft, ML_FACT_MMTLS_SERVER_HELLO, record);
    ml_fact_cstr(&draft, ML_F_MMTLS_SUITE, ml_tls_name_or_number(ml_tls_suite_name(hello.suite), hello.suite, spare));
    (void)ml_fact_emit(link->env->facts, &draft);
}

static void state_alert(struct ml_mmtls_link *link, const struct ml_mmtls_record *record, struct ml_span body)
{
    struct ml_fact_draft draft;
    struct ml_span alert;
    char text[ALERT_TEXT];
    if (ml_mmtls_alert_read(body, &alert)) {
        begin(link, &draft, ML_FACT_MMTLS_ALERT, record);
        ml_hex_write(alert, text);
        ml_fact_cstr(&draft, ML_F_MMTLS_ALERT, text);
        (void)ml_fact_emit(link->env->facts, &draft);
    }
}

/* --- records --- */

/* Is the body of this record to be held? *needs_more: that cannot be told from what is there. */
static bool is_wanted(const struct ml_mmtls_record *record, struct ml_span body, bool *needs_more)
{
    *needs_more = false;
    if (record->type == ML_MMTLS_ALERT) {
        return record->len == ALERT_BODY;
    }
    if ((record->type != ML_MMTLS_HANDSHAKE && record->type != ML_MMTLS_HANDSHAKE_0RTT) ||
        record->len < ML_MMTLS_MIN_HELLO) {
        return false;
    }
    *needs_more = body.len < KIND_BYTES;
    return !*needs_more && ml_mmtls_hello_kind(body, record->len) != 0;
}

static void state_body(struct ml_mmtls_link *link, const struct ml_mmtls_record *record, struct ml_span body)
{
    if (record->type == ML_MMTLS_ALERT) {
        state_alert(link, record, body);
    } else if (ml_mmtls_hello_kind(body, record->len) == CLIENT) {
        state_client_hello(link, record, body);
    } else if (ml_mmtls_hello_kind(body, record->len) == SERVER) {
        state_server_hello(link, record, body);
    }
}

static void note(struct ml_mmtls_link *link, const struct ml_mmtls_record *record)
{
    const struct ml_gather *gather = &link->inbox.gather;
    if (link->n_records == 0) {
        link->version = record->version;
        link->first = ml_inbox_place(&link->inbox);
    }
    link->last_seq = ml_gather_mark_at(gather, ML_MMTLS_HEADER - 1)->seq;
    link->end = gather->offset + ML_MMTLS_HEADER;
    link->types[link->n_records] = record->type;
    link->lengths[link->n_records] = record->len;
    link->n_records++;
    link->inbox.is_done = link->n_records == ML_MMTLS_MAX_RECORDS;
}

static bool step(void *context, struct ml_inbox *inbox)
{
    struct ml_mmtls_link *link = context;
    struct ml_mmtls_record record;
    struct ml_span held = ml_inbox_span(inbox);
    bool needs_more = false;
    switch (ml_mmtls_record_read(held, &record)) {
    case ML_MMTLS_SHORT:
        return false;
    case ML_MMTLS_NO:
        ml_count(link->env->counters, ML_COUNT_BAD_OTHER);
        inbox->is_lost = true;
        return false;
    case ML_MMTLS_YES:
        break;
    }
    struct ml_span body = ml_span_cut(held, ML_MMTLS_HEADER, record.len);
    if (is_wanted(&record, body, &needs_more)) {
        if (body.len < record.len) {
            return false;
        }
        state_body(link, &record, body);
    } else if (needs_more) {
        return false;
    }
    note(link, &record);
    ml_inbox_drop(inbox, ML_MMTLS_HEADER + (uint64_t)record.len);
    return true;
}

bool ml_mmtls_link_feed(struct ml_mmtls_link *link, const struct ml_chunk *chunk)
{
    ml_inbox_feed(&link->inbox, chunk, link->env->counters, step, link);
    return ml_inbox_is_open(&link->inbox);
}

static void state_records(struct ml_mmtls_link *link)
{
    struct ml_fact_draft draft;
    ml_fact_begin(&draft, ML_FACT_MMTLS_RECORDS, &link->inbox.last);
    uint64_t len = link->end - link->first.offset; /* headers only: the last body may not have come */
    draft.first_seq = link->first.seq;
    draft.last_seq = link->last_seq;
    draft.time_ns = link->first.time_ns;
    draft.range_from = link->first.offset;
    draft.range_len = len < UINT32_MAX ? (uint32_t)len : UINT32_MAX;
    draft.is_cut = link->inbox.is_lost;
    ml_fact_cstr(&draft, ML_F_MMTLS_LINK, link->name);
    ml_fact_cstr(&draft, ML_F_MMTLS_VERSION, ml_mmtls_version_text(link->version));
    for (unsigned i = 0; i < link->n_records; i++) {
        ml_fact_number(&draft, ML_F_MMTLS_RECORD_TYPES, link->types[i]);
        ml_fact_number(&draft, ML_F_MMTLS_RECORD_LENGTHS, link->lengths[i]);
    }
    (void)ml_fact_emit(link->env->facts, &draft);
}

void ml_mmtls_link_fini(struct ml_mmtls_link *link)
{
    if (link->n_records != 0) {
        state_records(link);
    }
    ml_inbox_fini(&link->inbox);
}
