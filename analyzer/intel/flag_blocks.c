/* SPDX-License-Identifier: Apache-2.0 */
#include "core/buf.h"
#include "intel/block.h"
#include "intel/tables.h"

#include <stdlib.h>

enum { STARTS, VALUES, N_SECTIONS };
enum { MAX_BLOCKS_BYTES = 64 * 1024 * 1024 };

static bool use_pack(struct ml_flag_blocks *blocks)
{
    blocks->is_known = ml_ranges_open(blocks->pack.sections[STARTS], blocks->pack.sections[VALUES], &blocks->ranges);
    return blocks->is_known;
}

bool ml_flag_blocks_open(const char *pack_path, const uint8_t key[ML_PACK_KEY], struct ml_flag_blocks *out)
{
    *out = (struct ml_flag_blocks){0};
    if (!ml_pack_open(pack_path, key, N_SECTIONS, &out->pack)) {
        return false;
    }
    if (!use_pack(out)) {
        ml_flag_blocks_close(out);
        return false;
    }
    return true;
}

static bool add_block(void *context, const struct ml_ip *first, unsigned bits)
{
    struct ml_buf *blocks = context;
    struct ml_ip block = ml_block_of(first);
    return bits <= ml_block_bits(first->family) || ml_buf_add(blocks, &block, sizeof block);
}

static int compare(const void *left, const void *right)
{
    return ml_ip_compare(left, right);
}

static enum ml_status add_ranges(struct ml_ranges_maker *maker, const struct ml_ip *blocks, size_t n)
{
    enum ml_status status = ML_OK;
    for (size_t i = 0; i < n && status == ML_OK; i++) {
        struct ml_ip last = ml_block_last(&blocks[i]);
        bool is_new = i == 0 || ml_ip_compare(&blocks[i - 1], &blocks[i]) != 0;
        status = is_new ? ml_ranges_add(maker, &blocks[i], &last, 1) : ML_OK;
    }
    return status;
}

void ml_flag_blocks_make(struct ml_flags *flags, const char *pack_path, const uint8_t key[ML_PACK_KEY],
                         struct ml_flag_blocks *out)
{
    struct ml_buf blocks;
    struct ml_ranges_maker maker = {0};
    struct ml_span sections[N_SECTIONS];
    *out = (struct ml_flag_blocks){0};
    ml_buf_init(&blocks, MAX_BLOCKS_BYTES);
    enum ml_status status = ml_flags_each(flags, add_block, &blocks) ? ML_OK : ML_LIMIT;
    if (status == ML_OK && blocks.len != 0) {
        size_t n = blocks.len / sizeof(struct ml_ip);
        qsort(blocks.bytes, n, sizeof(struct ml_ip), compare);
        status = add_ranges(&maker, (const struct ml_ip *)(const void *)blocks.bytes, n);
    }
    if (status == ML_OK) {
        status = ml_ranges_finish(&maker, &sections[STARTS], &sections[VALUES]);
    }
    if (status == ML_OK) {
        status = ml_pack_make(pack_path, key, sections, N_SECTIONS, &out->pack);
    }
    if (status == ML_OK) {
        ML_ASSERT(use_pack(out));
    }
    ml_ranges_maker_fini(&maker);
    ml_buf_fini(&blocks);
}

void ml_flag_blocks_close(struct ml_flag_blocks *blocks)
{
    ml_pack_close(&blocks->pack);
    *blocks = (struct ml_flag_blocks){0};
}

bool ml_flag_blocks_is_uniform(const struct ml_flag_blocks *blocks, const struct ml_ip *ip)
{
    return blocks->is_known && ml_ranges_find(&blocks->ranges, ip) == 0;
}
