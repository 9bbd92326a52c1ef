/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/records.h"

bool ml_tls_is_record(struct ml_span start)
{
    const uint8_t *p = start.ptr;
    if (start.len >= 1 && (p[0] < ML_TLS_CHANGE_CIPHER_SPEC || p[0] > ML_TLS_HEARTBEAT)) {
        return false;
    }
    /* Version 3.0 to 3.4; the version of a record says little, but nothing else was ever sent. */
    if ((start.len >= 2 && p[1] != 3) || (start.len >= 3 && p[2] > 4)) {
        return false;
    }
    if (start.len < ML_TLS_RECORD_HEADER) {
        return true;
    }
    unsigned len = (unsigned)p[3] << 8 | p[4];
    return len <= ML_TLS_MAX_RECORD && (len != 0 || p[0] == ML_TLS_APPLICATION_DATA);
}

void ml_tls_records_restart(struct ml_tls_records *records)
{
    memset(records, 0, sizeof *records);
}

/* Takes what is there of a header; true once it is whole and sound. */
static bool take_header(struct ml_tls_records *records, struct ml_reader *rd)
{
    while (records->n_header < ML_TLS_RECORD_HEADER) {
        if (ml_rd_left(rd) == 0 || !ml_rd_u8(rd, &records->header[records->n_header])) {
            return false;
        }
        records->n_header++;
    }
    if (!ml_tls_is_record(ml_span_of(records->header, sizeof records->header))) {
        records->is_lost = true;
        return false;
    }
    records->type = records->header[0];
    records->version = (uint16_t)(records->header[1] << 8 | records->header[2]);
    records->len = (uint16_t)(records->header[3] << 8 | records->header[4]);
    records->done = 0;
    return true;
}

/* A record whose body has all passed makes room for the next header. */
static void close_record(struct ml_tls_records *records)
{
    if (records->done == records->len) {
        records->n_header = 0;
    }
}

bool ml_tls_records_next(struct ml_tls_records *records, struct ml_reader *rd, struct ml_tls_fragment *out)
{
    bool is_new = records->n_header < ML_TLS_RECORD_HEADER;
    memset(out, 0, sizeof *out);
    if (records->is_lost || (is_new && !take_header(records, rd))) {
        return false;
    }
    size_t want = (size_t)(records->len - records->done);
    size_t take = ml_rd_left(rd) < want ? ml_rd_left(rd) : want;
    if (take == 0 && want != 0) {
        return false;
    }
    out->type = records->type;
    out->version = records->version;
    out->record_len = records->len;
    out->at = records->done;
    if (!ml_rd_span(rd, take, &out->bytes)) {
        return false;
    }
    records->done = (uint16_t)(records->done + take);
    close_record(records);
    return true;
}

bool ml_tls_records_skip(struct ml_tls_records *records, uint64_t len)
{
    bool is_inside = !records->is_lost && records->n_header == ML_TLS_RECORD_HEADER;
    if (!is_inside || len > (uint64_t)(records->len - records->done)) {
        records->is_lost = true;
        return false;
    }
    records->done = (uint16_t)(records->done + len);
    close_record(records);
    return true;
}
