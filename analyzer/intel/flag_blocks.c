/* SPDX-License-Identifier: Apache-2.0 */
#include "core/buf.h"
#include "intel/block.h"
#include "intel/tables.h"

#include <stdlib.h>

enum { MAX_BLOCKS_BYTES = 64 * 1024 * 1024 };

bool ml_flag_blocks_open(const char *pack_path, const uint8_t key[ML_PACK_KEY], struct ml_flag_blocks *out)
{
    out->is_known = ml_range_pack_open(pack_path, key, &out->stored);
    return out->is_known;
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
    *out = (struct ml_flag_blocks){0};
    ml_buf_init(&blocks, MAX_BLOCKS_BYTES);
    enum ml_status status = ml_flags_each(flags, add_block, &blocks) ? ML_OK : ML_LIMIT;
    if (status == ML_OK && blocks.len != 0) {
        size_t n = blocks.len / sizeof(struct ml_ip);
        qsort(blocks.bytes, n, sizeof(struct ml_ip), compare);
        status = add_ranges(&maker, (const struct ml_ip *)(const void *)blocks.bytes, n);
    }
    if (status == ML_OK) {
        status = ml_range_pack_make(&maker, pack_path, key, &out->stored);
    }
    out->is_known = status == ML_OK;
    ml_ranges_maker_fini(&maker);
    ml_buf_fini(&blocks);
}

void ml_flag_blocks_close(struct ml_flag_blocks *blocks)
{
    ml_range_pack_close(&blocks->stored);
    blocks->is_known = false;
}

bool ml_flag_blocks_is_uniform(const struct ml_flag_blocks *blocks, const struct ml_ip *ip)
{
    return blocks->is_known && ml_ranges_find(&blocks->stored.ranges, ip) == 0;
}
