/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/nbds/nbds.h"

#include <stdio.h>

#include "core/mem.h"
#include "proto/nbds/browse.h"
#include "proto/nbds/datagram.h"

enum { PORT = 138 };

struct nbds {
    struct ml_proto_env *env; /* borrowed */
};

static enum ml_match probe(const struct ml_chunk *first)
{
    struct ml_nbds_datagram datagram;
    bool is_port = first->flow->server_port == PORT || first->flow->client_port == PORT;
    return is_port && ml_nbds_datagram_read(first->bytes, &datagram) ? ML_MATCH_YES : ML_MATCH_NO;
}

static const char *type_name(enum ml_nbds_type type)
{
    switch (type) {
    case ML_NBDS_DIRECT_UNIQUE:
        return "direct-unique";
    case ML_NBDS_DIRECT_GROUP:
        return "direct-group";
    case ML_NBDS_BROADCAST:
        return "broadcast";
    case ML_NBDS_ERROR:
        return "error";
    case ML_NBDS_QUERY:
        return "query";
    case ML_NBDS_POSITIVE:
        return "positive-response";
    case ML_NBDS_NEGATIVE:
        break;
    }
    return "negative-response";
}

static void add_browse(struct ml_fact_draft *draft, const struct ml_nbds_browse *browse, char version[16])
{
    ml_fact_text(draft, ML_F_NBDS_MAILSLOT, browse->mailslot);
    if (browse->frame == NULL) {
        return;
    }
    ml_fact_static(draft, ML_F_NBDS_FRAME, browse->frame);
    ml_fact_text(draft, ML_F_NBDS_HOST, browse->host);
    ml_fact_text(draft, ML_F_NBDS_GROUP, browse->group);
    ml_fact_text(draft, ML_F_NBDS_COMMENT, browse->comment);
    if (browse->has_version) {
        (void)snprintf(version, 16, "%u.%u", browse->major, browse->minor);
        ml_fact_cstr(draft, ML_F_NBDS_OS_VERSION, version);
    }
}

static void state(struct nbds *nbds, const struct ml_chunk *chunk, const struct ml_nbds_datagram *datagram)
{
    struct ml_fact_draft draft;
    struct ml_nbds_browse browse;
    char source[ML_DNS_NAME_TEXT];
    char destination[ML_DNS_NAME_TEXT];
    char version[16];
    ml_fact_begin(&draft, ML_FACT_NBDS_DATAGRAM, chunk);
    draft.is_cut = chunk->is_cut;
    ml_fact_static(&draft, ML_F_NBDS_TYPE, type_name(datagram->type));
    if (datagram->source.len != 0) {
        (void)ml_dns_name_write_netbios(&datagram->source, source);
        ml_fact_cstr(&draft, ML_F_NBDS_SOURCE, source);
    }
    if (datagram->destination.len != 0) {
        (void)ml_dns_name_write_netbios(&datagram->destination, destination);
        ml_fact_cstr(&draft, ML_F_NBDS_DESTINATION, destination);
        if (datagram->type == ML_NBDS_DIRECT_UNIQUE) { /* one device, no group */
            ml_fact_mark(&draft, ML_SENS_PERSONAL);
        }
    }
    ml_fact_ip(&draft, ML_F_NBDS_SOURCE_IP, &datagram->source_ip);
    ml_fact_number(&draft, ML_F_NBDS_SOURCE_PORT, datagram->source_port);
    if (datagram->fragment_offset == 0 && ml_nbds_browse_read(datagram->user_data, &browse)) {
        add_browse(&draft, &browse, version);
    }
    (void)ml_fact_emit(nbds->env->facts, &draft);
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct nbds *nbds = self;
    struct ml_nbds_datagram datagram;
    if (ml_nbds_datagram_read(chunk->bytes, &datagram)) {
        state(nbds, chunk, &datagram);
    } else {
        ml_count(nbds->env->counters, ML_COUNT_BAD_OTHER);
    }
    return true;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    struct nbds *nbds = ml_mem_array(1, sizeof *nbds);
    (void)flow;
    if (nbds != NULL) {
        nbds->env = env;
    }
    return nbds;
}

static void destroy(void *self)
{
    ml_mem_free(self);
}

const struct ml_parser ml_parser_nbds = {
    .name = "nbds",
    .over = ML_OVER_UDP,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
