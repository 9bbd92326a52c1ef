/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "intel/block.h"
#include "intel/lookups.h"
#include "intel/rows.h"

#include <maxminddb.h>
#include <netinet/in.h>

struct ml_mmdb {
    MMDB_s db;
};

enum ml_status ml_mmdb_open(const char *path, struct ml_mmdb **out, struct ml_error *error)
{
    *out = NULL;
    struct ml_mmdb *mmdb = ml_mem_array(1, sizeof *mmdb);
    if (mmdb == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    int code = MMDB_open(path, MMDB_MODE_MMAP, &mmdb->db);
    if (code != MMDB_SUCCESS) {
        ml_mem_free(mmdb);
        return ml_error_set(error, ML_BAD_INPUT, "not a usable database: %s", MMDB_strerror(code));
    }
    *out = mmdb;
    return ML_OK;
}

void ml_mmdb_close(struct ml_mmdb *mmdb)
{
    if (mmdb != NULL) {
        MMDB_close(&mmdb->db);
        ml_mem_free(mmdb);
    }
}

static MMDB_lookup_result_s lookup(const struct ml_mmdb *mmdb, const struct ml_ip *ip, int *code)
{
    struct sockaddr_in in4 = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (ip->family == 4) {
        memcpy(&in4.sin_addr, ip->bytes, sizeof in4.sin_addr);
        return MMDB_lookup_sockaddr(&mmdb->db, (const struct sockaddr *)(const void *)&in4, code);
    }
    memcpy(&in6.sin6_addr, ip->bytes, sizeof in6.sin6_addr);
    return MMDB_lookup_sockaddr(&mmdb->db, (const struct sockaddr *)(const void *)&in6, code);
}

static bool read_code(MMDB_lookup_result_s *result, const char *const *schema, char country[3])
{
    MMDB_entry_data_s data;
    if (MMDB_aget_value(&result->entry, &data, schema) != MMDB_SUCCESS || !data.has_data ||
        data.type != MMDB_DATA_TYPE_UTF8_STRING || data.data_size != 2) {
        return false;
    }
    memcpy(country, data.utf8_string, 2);
    country[2] = '\0';
    return ml_is_country(country);
}

void ml_mmdb_country(const struct ml_mmdb *mmdb, const struct ml_ip *ip, char country[3])
{
    static const char *const schemas[][3] = {{"country_code", NULL}, {"country", "iso_code", NULL}};
    memset(country, 0, 3);
    if (mmdb == NULL || ip->family == 0) {
        return;
    }
    int code = MMDB_SUCCESS;
    MMDB_lookup_result_s result = lookup(mmdb, ip, &code);
    if (code != MMDB_SUCCESS || !result.found_entry) {
        return;
    }
    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++) {
        if (read_code(&result, schemas[i], country)) {
            return;
        }
    }
    memset(country, 0, 3);
}

bool ml_mmdb_is_uniform(const struct ml_mmdb *mmdb, const struct ml_ip *ip)
{
    if (mmdb == NULL) {
        return true;
    }
    int code = MMDB_SUCCESS;
    MMDB_lookup_result_s result = lookup(mmdb, ip, &code);
    /* A leaf, empty or not, is the answer for all addresses with the bits that led there; IPv4 lies below ::/96. */
    unsigned above = ip->family == 4 && mmdb->db.metadata.ip_version == 6 ? 96 : 0;
    return code == MMDB_SUCCESS && result.netmask <= above + ml_block_bits(ip->family);
}
