/* SPDX-License-Identifier: Apache-2.0 */
/* host_lists - the compiled host and company lists of the data folder to suffix tables. */
#include "core/reader.h"
#include "intel/trackers.h"

static enum ml_status bad_line(struct ml_error *error, unsigned number, struct ml_span line, enum ml_status status)
{
    line = ml_span_cut(line, 0, 80);
    (void)ml_error_set(error, status, "cannot use the line \"%.*s\"", (int)line.len, (const char *)line.ptr);
    if (error != NULL) {
        error->line = number;
    }
    return status;
}

typedef enum ml_status (*line_fn)(struct ml_suffix_maker *maker, struct ml_span line, uint32_t context);

/* Calls for each line that is not empty. */
static enum ml_status each_line(struct ml_span text, struct ml_suffix_maker *maker, line_fn each, uint32_t context,
                                struct ml_error *error)
{
    struct ml_reader rd = ml_rd_open(text);
    for (unsigned number = 1; ml_rd_left(&rd) != 0; number++) {
        struct ml_reader saved = rd;
        struct ml_span line;
        if (!ml_rd_until(&rd, '\n', &line)) {
            rd = saved;
            line = ml_rd_rest(&rd);
        }
        enum ml_status status = line.len != 0 ? each(maker, line, context) : ML_OK;
        if (status != ML_OK) {
            return bad_line(error, number, line, status);
        }
    }
    return ML_OK;
}

static enum ml_status add_host(struct ml_suffix_maker *maker, struct ml_span line, uint32_t list)
{
    return ml_suffix_add(maker, line, list);
}

enum ml_status ml_host_lists_make(const struct ml_host_list lists[ML_HOST_LISTS], const char *pack_path,
                                  const uint8_t key[ML_PACK_KEY], struct ml_suffixes *out, struct ml_error *error)
{
    *out = (struct ml_suffixes){0};
    struct ml_suffix_maker maker;
    ml_suffix_maker_init(&maker);
    enum ml_status status = ML_OK;
    for (uint32_t i = 0; status == ML_OK && i < ML_HOST_LISTS; i++) {
        status = each_line(lists[i].text, &maker, add_host, i, error);
        if (status != ML_OK && error != NULL) {
            error->column = i;
        }
    }
    if (status == ML_OK) {
        status = ml_suffixes_make(&maker, pack_path, key, out);
    }
    ml_suffix_maker_fini(&maker);
    return status;
}

static enum ml_status add_company(struct ml_suffix_maker *maker, struct ml_span line, uint32_t unused)
{
    (void)unused; /* one callback shape for both lists */
    struct ml_reader rd = ml_rd_open_framed(line);
    struct ml_span host;
    struct ml_span company;
    if (!ml_rd_until(&rd, '\t', &host) || !ml_rd_until(&rd, '\t', &company) || company.len == 0) {
        return ML_BAD_INPUT;
    }
    uint32_t at = 0;
    uint32_t category_at = 0;
    enum ml_status status = ml_suffix_add_text(maker, company, &at);
    if (status == ML_OK) {
        status = ml_suffix_add_text(maker, ml_rd_rest(&rd), &category_at);
    }
    return status == ML_OK ? ml_suffix_add(maker, host, at) : status;
}

enum ml_status ml_company_list_make(struct ml_span text, const char *pack_path, const uint8_t key[ML_PACK_KEY],
                                    struct ml_suffixes *out, struct ml_error *error)
{
    *out = (struct ml_suffixes){0};
    struct ml_suffix_maker maker;
    ml_suffix_maker_init(&maker);
    enum ml_status status = each_line(text, &maker, add_company, 0, error);
    if (status == ML_OK) {
        status = ml_suffixes_make(&maker, pack_path, key, out);
    }
    ml_suffix_maker_fini(&maker);
    return status;
}
