/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "intel/lookups.h"

#include <libpsl.h>
#include <string.h>

struct ml_domains {
    psl_ctx_t *file;
    const psl_ctx_t *list; /* `file`, or the built-in one */
};

enum ml_status ml_domains_open(const char *path, struct ml_domains **out, bool *is_file_used)
{
    *is_file_used = false;
    *out = ml_mem_array(1, sizeof **out);
    if (*out == NULL) {
        return ML_NO_MEMORY;
    }
    (*out)->file = path != NULL ? psl_load_file(path) : NULL;
    /* A file without rules loads as an empty list. */
    *is_file_used = (*out)->file != NULL && psl_suffix_count((*out)->file) > 0;
    (*out)->list = *is_file_used ? (*out)->file : psl_builtin();
    return ML_OK;
}

void ml_domains_close(struct ml_domains *domains)
{
    if (domains != NULL) {
        psl_free(domains->file);
        ml_mem_free(domains);
    }
}

size_t ml_domains_find(const struct ml_domains *domains, const char *host)
{
    if (domains == NULL || domains->list == NULL) {
        return 0;
    }
    for (const char *at = host; *at != '\0'; at++) {
        if ((unsigned char)*at > 0x7f) {
            return 0; /* names on the wire are in their ASCII form; others would go through the locale */
        }
    }
    const char *domain = psl_registrable_domain(domains->list, host);
    return domain != NULL ? strlen(domain) : 0;
}
