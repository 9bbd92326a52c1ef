/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text data sets of any content either become tables that know every address and host they were made of, or are
 * refused. First byte: which reader.
 */
#include "core/buf.h"
#include "core/mem.h"
#include "fuzz/fuzz.h"
#include "intel/rows.h"
#include "intel/tables.h"
#include "intel/trackers.h"

static const uint8_t key[ML_PACK_KEY];

static enum ml_status country_is_known(void *context, const struct ml_country_row *row)
{
    const struct ml_country_table *table = context;
    ML_ASSERT(ml_ranges_find(&table->stored.ranges, &row->first) != 0);
    ML_ASSERT(ml_ranges_find(&table->stored.ranges, &row->last) != 0);
    char country[3];
    ml_country_table_find(table, &row->last, country);
    ML_ASSERT(country[0] == '\0' || ml_is_country(country));
    return ML_OK;
}

static void countries(struct ml_span text)
{
    struct ml_country_table table;
    struct ml_error error = {0};
    enum ml_status status = ml_country_table_make(&text, 1, NULL, key, &table, &error);
    if (status == ML_OK) {
        ML_ASSERT(ml_country_rows(text, country_is_known, &table, &error) == ML_OK);
    } else {
        ML_ASSERT(status == ML_BAD_INPUT || status == ML_LIMIT);
    }
    ml_country_table_close(&table);
}

static enum ml_status network_is_known(void *context, const struct ml_asn_row *row)
{
    const char *name = NULL;
    struct ml_asn_table *table = context;
    ML_ASSERT(ml_ranges_find(&table->ranges, &row->first) != 0 && ml_ranges_find(&table->ranges, &row->last) != 0);
    (void)ml_asn_table_find(table, &row->first, &name);
    ML_ASSERT(name != NULL && strlen(name) <= 255);
    return ML_OK;
}

static void networks(struct ml_span text)
{
    struct ml_asn_table table;
    struct ml_error error = {0};
    enum ml_status status = ml_asn_table_make(&text, 1, NULL, key, &table, &error);
    if (status == ML_OK) {
        ML_ASSERT(ml_asn_rows(text, network_is_known, &table, &error) == ML_OK);
    } else {
        ML_ASSERT(status == ML_BAD_INPUT || status == ML_LIMIT);
    }
    ml_asn_table_close(&table);
}

static void hosts(struct ml_span text)
{
    struct ml_host_list lists[ML_HOST_LISTS] = {{.text = text}};
    struct ml_suffixes suffixes;
    struct ml_error error = {0};
    enum ml_status status = ml_host_lists_make(lists, NULL, key, &suffixes, &error);
    ML_ASSERT(status == ML_OK || status == ML_BAD_INPUT);
    uint32_t value = 0;
    size_t matched = 0;
    struct ml_span line = ml_span_cut(text, 0, ml_span_find(text, ml_span_of("\n", 1)));
    if (status == ML_OK && line.len != 0) {
        ML_ASSERT(ml_suffixes_find(&suffixes, line, 0, &value, &matched) && matched == line.len);
    }
    ml_suffixes_close(&suffixes);
}

static void companies(struct ml_span text)
{
    struct ml_suffixes suffixes;
    struct ml_error error = {0};
    enum ml_status status = ml_company_list_make(text, NULL, key, &suffixes, &error);
    ML_ASSERT(status == ML_OK || status == ML_BAD_INPUT);
    uint32_t at = 0;
    size_t matched = 0;
    struct ml_span host = ml_span_cut(text, 0, ml_span_find(text, ml_span_of("\t", 1)));
    if (status == ML_OK && ml_suffixes_find(&suffixes, host, 0, &at, &matched)) {
        /* Of one host, the first row counts; its name is not empty unless it begins with a zero byte. */
        ML_ASSERT(at < suffixes.texts.len);
    }
    ml_suffixes_close(&suffixes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const readers[])(struct ml_span) = {countries, networks, hosts, companies};
    if (size != 0) {
        readers[data[0] % 4](ml_span_of(data + 1, size - 1));
    }
    return 0;
}
