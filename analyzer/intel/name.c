/* SPDX-License-Identifier: Apache-2.0 */
/* name - what is known about a host name. */
#include "core/text.h"
#include "intel/state.h"

#include <stdio.h>

static void from_lists(const struct ml_intel *intel, struct ml_span host, size_t domain_len, size_t own_len,
                       struct ml_name_info *info)
{
    uint32_t value = 0;
    size_t matched = 0;
    bool is_listed = ml_suffixes_find(&intel->host_lists, host, domain_len, &value, &matched);
    if (is_listed && value < ML_HOST_LISTS && matched > own_len) {
        info->tracker_list = ml_intel_host_lists[value].id;
        info->tracker_category = ml_intel_host_lists[value].category;
    }
}

static void from_own_row(const struct ml_tracker_row *row, struct ml_name_info *info)
{
    if (row->is_tracker) {
        info->tracker_list = "trackers";
        info->tracker_category = row->category;
    }
    for (size_t i = 0; i < row->n_roles; i++) {
        info->roles[info->n_roles++] = row->roles[i];
    }
    info->company = row->company;
}

/* Names the company; tells the kind of a listed tracker better than its list does. */
static void from_companies(const struct ml_intel *intel, struct ml_span host, size_t domain_len, bool is_own,
                           struct ml_name_info *info)
{
    uint32_t offset = 0;
    size_t matched = 0;
    if (!ml_suffixes_find(&intel->companies, host, domain_len, &offset, &matched)) {
        return;
    }
    info->company_name = ml_suffixes_text(&intel->companies, offset);
    const char *listed = ml_suffixes_text(&intel->companies, offset + (uint32_t)strlen(info->company_name) + 1);
    const char *category = ml_tracker_category(listed);
    if (info->tracker_list != NULL && !is_own && category[0] != '\0') {
        info->tracker_category = category;
    }
}

void ml_intel_name(const struct ml_intel *intel, struct ml_span host, struct ml_name_info *info)
{
    memset(info, 0, sizeof *info);
    info->tracker_category = "";
    char text[256];
    struct ml_span name = ml_span_of(text, ml_host_normal(host, text, sizeof text));
    struct ml_ip ip;
    if (name.len == 0 || ml_ip_parse(name, &ip)) {
        return;
    }
    size_t domain_len = ml_domains_find(intel->domains, text);
    if (domain_len != 0 && domain_len <= name.len) {
        memcpy(info->domain, text + name.len - domain_len, domain_len + 1);
    }
    size_t own_len = 0;
    const struct ml_tracker_row *own = ml_tracker_rows_find(&intel->tracker_rows, name, domain_len, &own_len);
    if (own != NULL) {
        from_own_row(own, info);
    }
    from_lists(intel, name, domain_len, own_len, info);
    bool is_own = own != NULL && own->is_tracker && info->tracker_category == own->category;
    from_companies(intel, name, domain_len, is_own, info);
    if (info->company == NULL) {
        info->company = ml_operators_host(&intel->operators, name, domain_len);
    }
}
