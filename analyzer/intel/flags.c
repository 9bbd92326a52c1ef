/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "intel/lookups.h"

#include <libloc/database.h>
#include <libloc/libloc.h>
#include <libloc/network.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>

struct ml_flags {
    struct loc_ctx *context;
    struct loc_database *database;
    pthread_mutex_t mutex; /* libloc counts references without atomics */
};

/* Silence: what the library has to say about a file is told by its return value. */
static void no_log(struct loc_ctx *context, int priority, const char *file, int line, const char *function,
                   const char *format, va_list args)
{
    (void)context;
    (void)priority;
    (void)file;
    (void)line;
    (void)function;
    (void)format;
    (void)args;
}

enum ml_status ml_flags_open(const char *path, struct ml_flags **out, struct ml_error *error)
{
    *out = NULL;
    struct ml_flags *flags = ml_mem_array(1, sizeof *flags);
    FILE *file = flags != NULL ? fopen(path, "re") : NULL;
    enum ml_status status = ML_OK;
    if (flags == NULL) {
        status = ml_error_set(error, ML_NO_MEMORY, "out of memory");
    } else if (file == NULL || loc_new(&flags->context) != 0) {
        status = ml_error_set(error, ML_IO, "cannot be opened");
    } else {
        loc_set_log_fn(flags->context, no_log);
        if (loc_database_new(flags->context, &flags->database, file) != 0) {
            status = ml_error_set(error, ML_BAD_INPUT, "not a location database");
        }
    }
    if (file != NULL) {
        (void)fclose(file); /* the library has mapped it */
    }
    if (status == ML_OK) {
        (void)pthread_mutex_init(&flags->mutex, NULL); /* cannot fail without attributes */
        *out = flags;
        flags = NULL; /* given to caller */
    }
    if (flags != NULL) {
        loc_unref(flags->context);
        ml_mem_free(flags);
    }
    return status;
}

void ml_flags_close(struct ml_flags *flags)
{
    if (flags != NULL) {
        loc_database_unref(flags->database);
        loc_unref(flags->context);
        (void)pthread_mutex_destroy(&flags->mutex);
        ml_mem_free(flags);
    }
}

static unsigned flags_of(struct loc_network *network)
{
    unsigned bits = 0;
    bits |= loc_network_has_flag(network, LOC_NETWORK_FLAG_ANYCAST) ? ML_FLAG_ANYCAST : 0;
    bits |= loc_network_has_flag(network, LOC_NETWORK_FLAG_ANONYMOUS_PROXY) ? ML_FLAG_PROXY : 0;
    bits |= loc_network_has_flag(network, LOC_NETWORK_FLAG_SATELLITE_PROVIDER) ? ML_FLAG_SATELLITE : 0;
    return bits;
}

unsigned ml_flags_find(struct ml_flags *flags, const struct ml_ip *ip)
{
    if (flags == NULL || ip->family == 0) {
        return 0;
    }
    struct in6_addr address = {0};
    if (ip->family == 4) {
        address.s6_addr[10] = address.s6_addr[11] = 0xff;
        memcpy(address.s6_addr + 12, ip->bytes, 4);
    } else {
        memcpy(address.s6_addr, ip->bytes, 16);
    }
    (void)pthread_mutex_lock(&flags->mutex);
    struct loc_network *network = NULL;
    unsigned bits = 0;
    if (loc_database_lookup(flags->database, &address, &network) == 0 && network != NULL) {
        bits = flags_of(network);
        loc_network_unref(network);
    }
    (void)pthread_mutex_unlock(&flags->mutex);
    return bits;
}

/* IPv4 networks lie below ::ffff:0:0/96, their length is told without that. */
static bool show(struct loc_network *network, bool (*visit)(void *context, const struct ml_ip *first, unsigned bits),
                 void *context)
{
    const struct in6_addr *address = loc_network_get_first_address(network);
    bool is_v4 = loc_network_address_family(network) == AF_INET;
    struct ml_ip first = is_v4 ? ml_ip4(address->s6_addr + 12) : ml_ip6(address->s6_addr);
    return visit(context, &first, loc_network_prefix(network));
}

bool ml_flags_each(struct ml_flags *flags, bool (*visit)(void *context, const struct ml_ip *first, unsigned bits),
                   void *context)
{
    struct loc_database_enumerator *walk = NULL;
    if (loc_database_enumerator_new(&walk, flags->database, LOC_DB_ENUMERATE_NETWORKS, 0) != 0) {
        return false;
    }
    struct loc_network *network = NULL;
    bool ok = true;
    bool is_over = false;
    while (ok && !is_over) {
        ok = loc_database_enumerator_next_network(walk, &network) == 0;
        is_over = network == NULL;
        if (ok && !is_over) {
            ok = show(network, visit, context);
            network = loc_network_unref(network);
        }
    }
    loc_database_enumerator_unref(walk);
    return ok;
}
