/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/rows.h"

#include "core/reader.h"
#include "core/text.h"

enum { MAX_NAME = 255 };

bool ml_is_country(const char *code)
{
    if (code[0] < 'A' || code[0] > 'Z' || code[1] < 'A' || code[1] > 'Z' || code[2] != '\0') {
        return false;
    }
    /* ISO 3166-1: AA, QM-QZ, XA-XZ and ZZ are user-assigned; EU and AP name regions in address registries. */
    bool is_user_assigned = strcmp(code, "AA") == 0 || strcmp(code, "ZZ") == 0 || (code[0] == 'Q' && code[1] >= 'M') ||
                            (code[0] == 'X' && code[1] != 'K');
    return !is_user_assigned && strcmp(code, "EU") != 0 && strcmp(code, "AP") != 0;
}

/* The next line without its end; false at the end of the text. */
static bool next_line(struct ml_reader *rd, struct ml_span *line)
{
    if (ml_rd_left(rd) == 0) {
        return false;
    }
    struct ml_reader saved = *rd;
    if (!ml_rd_until(rd, '\n', line)) {
        *rd = saved;
        *line = ml_rd_rest(rd); /* the last line may lack its end */
    }
    *line = ml_span_trim(*line);
    return true;
}

static bool address(struct ml_span text, struct ml_ip *out)
{
    uint64_t number = 0;
    if (ml_decimal_read(text, &number)) {
        uint8_t bytes[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};
        *out = ml_ip4(bytes);
        return number <= UINT32_MAX;
    }
    return ml_ip_parse(text, out);
}

static bool two_addresses(struct ml_reader *rd, struct ml_ip *first, struct ml_ip *last)
{
    struct ml_span from;
    struct ml_span to;
    return ml_rd_until(rd, ',', &from) && ml_rd_until(rd, ',', &to) && address(from, first) && address(to, last);
}

static bool country_row(struct ml_span line, struct ml_country_row *row)
{
    struct ml_reader rd = ml_rd_open_framed(line);
    if (!two_addresses(&rd, &row->first, &row->last)) {
        return false;
    }
    struct ml_span code = ml_rd_rest(&rd);
    if (code.len != 2) {
        return false;
    }
    memcpy(row->country, code.ptr, 2);
    row->country[2] = '\0';
    return true;
}

/* A CSV field (RFC 4180, section 2): as it is, or in quotes with doubled quotes inside. Longer names are cut. */
static bool csv_field(struct ml_span field, char scratch[MAX_NAME], struct ml_span *out)
{
    if (field.len == 0 || field.ptr[0] != '"') {
        *out = ml_span_cut(field, 0, MAX_NAME);
        return ml_span_find(field, ml_span_text("\"")) == field.len;
    }
    size_t n = 0;
    size_t at = 1;
    bool is_closed = false;
    for (; at < field.len; at++) {
        if (field.ptr[at] == '"') {
            at++;
            if (at == field.len || field.ptr[at] != '"') {
                is_closed = true;
                break;
            }
        }
        if (n < MAX_NAME) {
            scratch[n++] = (char)field.ptr[at];
        }
    }
    *out = ml_span_of(scratch, n);
    return is_closed && at == field.len;
}

static bool asn_row(struct ml_span line, char scratch[MAX_NAME], struct ml_asn_row *row)
{
    struct ml_reader rd = ml_rd_open_framed(line);
    struct ml_span number;
    uint64_t asn = 0;
    if (!two_addresses(&rd, &row->first, &row->last) || !ml_rd_until(&rd, ',', &number) ||
        !ml_decimal_read(number, &asn) || asn > UINT32_MAX) {
        return false;
    }
    row->asn = (uint32_t)asn;
    return csv_field(ml_rd_rest(&rd), scratch, &row->name);
}

static enum ml_status bad_line(struct ml_error *error, unsigned number, struct ml_span line)
{
    line = ml_span_cut(line, 0, 80);
    (void)ml_error_set(error, ML_BAD_INPUT, "not a row: \"%.*s\"", (int)line.len, (const char *)line.ptr);
    if (error != NULL) {
        error->line = number;
    }
    return ML_BAD_INPUT;
}

static bool is_row(struct ml_span line)
{
    return line.len != 0 && line.ptr[0] != '#';
}

enum ml_status ml_country_rows(struct ml_span text, ml_country_row_fn each, void *context, struct ml_error *error)
{
    struct ml_reader rd = ml_rd_open(text);
    struct ml_span line;
    for (unsigned number = 1; next_line(&rd, &line); number++) {
        struct ml_country_row row;
        if (!is_row(line)) {
            continue;
        }
        if (!country_row(line, &row)) {
            return bad_line(error, number, line);
        }
        enum ml_status status = each(context, &row);
        if (status != ML_OK) {
            return status == ML_BAD_INPUT ? bad_line(error, number, line) : status;
        }
    }
    return ML_OK;
}

enum ml_status ml_asn_rows(struct ml_span text, ml_asn_row_fn each, void *context, struct ml_error *error)
{
    struct ml_reader rd = ml_rd_open(text);
    struct ml_span line;
    char scratch[MAX_NAME];
    for (unsigned number = 1; next_line(&rd, &line); number++) {
        struct ml_asn_row row;
        if (!is_row(line)) {
            continue;
        }
        if (!asn_row(line, scratch, &row)) {
            return bad_line(error, number, line);
        }
        enum ml_status status = each(context, &row);
        if (status != ML_OK) {
            return status == ML_BAD_INPUT ? bad_line(error, number, line) : status;
        }
    }
    return ML_OK;
}
