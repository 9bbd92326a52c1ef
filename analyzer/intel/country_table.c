/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/rows.h"
#include "intel/tables.h"

/* Country codes as numbers: the two letters, never 0. */
static uint32_t number_of(const char *country)
{
    return (uint32_t)((uint8_t)country[0] << 8 | (uint8_t)country[1]);
}

static enum ml_status add(void *context, const struct ml_country_row *row)
{
    return ml_ranges_add(context, &row->first, &row->last, number_of(row->country));
}

bool ml_country_table_open(const char *pack_path, const uint8_t key[ML_PACK_KEY], struct ml_country_table *out)
{
    return ml_range_pack_open(pack_path, key, &out->stored);
}

enum ml_status ml_country_table_make(const struct ml_span *texts, size_t n, const char *pack_path,
                                     const uint8_t key[ML_PACK_KEY], struct ml_country_table *out,
                                     struct ml_error *error)
{
    *out = (struct ml_country_table){0};
    struct ml_ranges_maker maker = {0};
    enum ml_status status = ML_OK;
    for (size_t i = 0; status == ML_OK && i < n; i++) {
        status = ml_country_rows(texts[i], add, &maker, error);
        if (status == ML_BAD_INPUT && error != NULL) {
            error->column = (unsigned)i;
        }
    }
    if (status == ML_OK) {
        status = ml_range_pack_make(&maker, pack_path, key, &out->stored);
    }
    ml_ranges_maker_fini(&maker);
    return status;
}

void ml_country_table_close(struct ml_country_table *table)
{
    ml_range_pack_close(&table->stored);
}

void ml_country_table_find(const struct ml_country_table *table, const struct ml_ip *ip, char country[3])
{
    uint32_t value = ml_ranges_find(&table->stored.ranges, ip);
    country[0] = (char)(value >> 8);
    country[1] = (char)value;
    country[2] = '\0';
    if (!ml_is_country(country)) {
        country[0] = country[1] = '\0';
    }
}
