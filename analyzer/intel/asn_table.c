/* SPDX-License-Identifier: Apache-2.0 */
#include "core/buf.h"
#include "core/map.h"
#include "intel/rows.h"
#include "intel/tables.h"

enum { STARTS, VALUES, NUMBERS, NAMES, POOL, N_SECTIONS };
enum { MAX_NETWORKS = 1 << 22, MAX_POOL = 256 * 1024 * 1024 }; /* AS numbers in use are below 2^17 today */

struct maker {
    struct ml_ranges_maker ranges;
    struct ml_map index;   /* AS number -> place in `numbers` */
    struct ml_buf numbers; /* uint32_t each */
    struct ml_buf names;   /* uint32_t each */
    struct ml_buf pool;
};

/* Place of the network, added with its name when it is new. */
static enum ml_status place_of(struct maker *maker, const struct ml_asn_row *row, uint32_t *place)
{
    bool is_new = false;
    uint32_t next = (uint32_t)maker->index.n;
    struct ml_map_entry *entry = ml_map_add(&maker->index, ml_span_of(&row->asn, sizeof row->asn), next, &is_new);
    if (entry == NULL) {
        return maker->index.n >= maker->index.max ? ML_LIMIT : ML_NO_MEMORY;
    }
    *place = entry->value;
    if (!is_new) {
        return ML_OK;
    }
    uint32_t at = (uint32_t)maker->pool.len;
    bool is_added = ml_buf_add(&maker->numbers, &row->asn, sizeof row->asn) &&
                    ml_buf_add(&maker->names, &at, sizeof at) && ml_buf_add_span(&maker->pool, row->name) &&
                    ml_buf_add_byte(&maker->pool, 0);
    return is_added ? ML_OK : ML_NO_MEMORY;
}

static enum ml_status add(void *context, const struct ml_asn_row *row)
{
    struct maker *maker = context;
    uint32_t place = 0;
    enum ml_status status = place_of(maker, row, &place);
    return status == ML_OK ? ml_ranges_add(&maker->ranges, &row->first, &row->last, place + 1) : status;
}

static bool use_pack(struct ml_asn_table *table)
{
    const struct ml_span *sections = table->pack.sections;
    struct ml_span numbers = sections[NUMBERS];
    struct ml_span names = sections[NAMES];
    table->numbers = (const uint32_t *)(const void *)numbers.ptr;
    table->names = (const uint32_t *)(const void *)names.ptr;
    table->n = numbers.len / sizeof *table->numbers;
    table->pool = sections[POOL];
    return ml_ranges_open(sections[STARTS], sections[VALUES], &table->ranges) && names.len == numbers.len &&
           numbers.len % sizeof *table->numbers == 0 &&
           (table->pool.len == 0 || table->pool.ptr[table->pool.len - 1] == 0);
}

bool ml_asn_table_open(const char *pack_path, const uint8_t key[ML_PACK_KEY], struct ml_asn_table *out)
{
    *out = (struct ml_asn_table){0};
    bool is_open = ml_pack_open(pack_path, key, N_SECTIONS, &out->pack) && use_pack(out);
    if (!is_open) {
        ml_asn_table_close(out);
    }
    return is_open;
}

static enum ml_status pack_up(struct maker *maker, const char *pack_path, const uint8_t key[ML_PACK_KEY],
                              struct ml_asn_table *out)
{
    struct ml_span sections[N_SECTIONS];
    enum ml_status status = ml_ranges_finish(&maker->ranges, &sections[STARTS], &sections[VALUES]);
    if (status != ML_OK) {
        return status;
    }
    sections[NUMBERS] = ml_buf_span(&maker->numbers);
    sections[NAMES] = ml_buf_span(&maker->names);
    sections[POOL] = ml_buf_span(&maker->pool);
    status = ml_pack_make(pack_path, key, sections, N_SECTIONS, &out->pack);
    if (status == ML_OK) {
        ML_ASSERT(use_pack(out));
    }
    return status;
}

enum ml_status ml_asn_table_make(const struct ml_span *texts, size_t n, const char *pack_path,
                                 const uint8_t key[ML_PACK_KEY], struct ml_asn_table *out, struct ml_error *error)
{
    *out = (struct ml_asn_table){0};
    struct maker maker = {0};
    ml_map_init(&maker.index, MAX_NETWORKS);
    ml_buf_init(&maker.numbers, MAX_POOL);
    ml_buf_init(&maker.names, MAX_POOL);
    ml_buf_init(&maker.pool, MAX_POOL);
    enum ml_status status = ML_OK;
    for (size_t i = 0; status == ML_OK && i < n; i++) {
        status = ml_asn_rows(texts[i], add, &maker, error);
        if (status == ML_BAD_INPUT && error != NULL) {
            error->column = (unsigned)i;
        }
    }
    if (status == ML_OK) {
        status = pack_up(&maker, pack_path, key, out);
    }
    ml_ranges_maker_fini(&maker.ranges);
    ml_map_fini(&maker.index);
    ml_buf_fini(&maker.numbers);
    ml_buf_fini(&maker.names);
    ml_buf_fini(&maker.pool);
    return status;
}

void ml_asn_table_close(struct ml_asn_table *table)
{
    ml_pack_close(&table->pack);
    *table = (struct ml_asn_table){0};
}

uint32_t ml_asn_table_find(const struct ml_asn_table *table, const struct ml_ip *ip, const char **name)
{
    *name = "";
    uint32_t value = ml_ranges_find(&table->ranges, ip);
    if (value == 0 || value > table->n) {
        return 0;
    }
    uint32_t at = table->names[value - 1];
    if (at < table->pool.len) {
        *name = (const char *)table->pool.ptr + at;
    }
    return table->numbers[value - 1];
}
