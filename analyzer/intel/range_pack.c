/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/range_pack.h"

enum { STARTS, VALUES, N_SECTIONS };

static bool use_pack(struct ml_range_pack *out)
{
    return ml_ranges_open(out->pack.sections[STARTS], out->pack.sections[VALUES], &out->ranges);
}

bool ml_range_pack_open(const char *path, const uint8_t key[ML_PACK_KEY], struct ml_range_pack *out)
{
    *out = (struct ml_range_pack){0};
    bool is_open = ml_pack_open(path, key, N_SECTIONS, &out->pack) && use_pack(out);
    if (!is_open) {
        ml_range_pack_close(out);
    }
    return is_open;
}

enum ml_status ml_range_pack_make(struct ml_ranges_maker *maker, const char *path, const uint8_t key[ML_PACK_KEY],
                                  struct ml_range_pack *out)
{
    struct ml_span sections[N_SECTIONS];
    *out = (struct ml_range_pack){0};
    enum ml_status status = ml_ranges_finish(maker, &sections[STARTS], &sections[VALUES]);
    if (status == ML_OK) {
        status = ml_pack_make(path, key, sections, N_SECTIONS, &out->pack);
    }
    if (status == ML_OK) {
        ML_ASSERT(use_pack(out));
    }
    return status;
}

void ml_range_pack_close(struct ml_range_pack *pack)
{
    ml_pack_close(&pack->pack);
    *pack = (struct ml_range_pack){0};
}
