/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/dhcp/dhcp.h"
#include "proto/dhcp/facts.h"

enum {
    PORT_CLIENT = 546,
    PORT_SERVER = 547,
    MAX_RELAYS = 8, /* RFC 8415, section 7.6: HOP_COUNT_LIMIT */
    RELAY_FORWARD = 12,
    RELAY_REPLY = 13,
    ADVERTISE = 2,
    REPLY = 7,
    RECONFIGURE = 10
};

/* Options, RFC 8415, section 21, and the others by their own. */
enum {
    CLIENT_ID = 1,
    RELAY_MESSAGE = 9,
    USER_CLASS = 15,
    VENDOR_CLASS = 16,
    RESOLVERS = 23,
    DOMAINS = 24,
    CLIENT_FQDN = 39
};

enum { DUID_LLT = 1, DUID_LL = 3 };

struct dhcp6 {
    struct ml_proto_env *env; /* borrowed */
};

static bool next_option(struct ml_reader *options, uint16_t *code, struct ml_reader *value)
{
    return ml_rd_left(options) != 0 && ml_rd_u16(options, code) && ml_rd_vector(options, 2, value);
}

/* The client's or server's own message, out of the relays around it: its type, and *options at the first option. */
static bool parse(struct ml_span bytes, uint8_t *type, struct ml_reader *options)
{
    struct ml_reader rd = ml_rd_open_framed(bytes);
    for (unsigned depth = 0; depth <= MAX_RELAYS; depth++) {
        struct ml_reader inner;
        uint16_t code = 0;
        bool is_found = false;
        if (!ml_rd_u8(&rd, type) || *type == 0 || *type > RELAY_REPLY) {
            return false;
        }
        if (*type < RELAY_FORWARD) {
            *options = rd;
            return ml_rd_skip(options, 3); /* transaction id */
        }
        if (!ml_rd_skip(&rd, 1 + 32)) { /* hops, two addresses */
            return false;
        }
        while (!is_found && next_option(&rd, &code, &inner)) {
            is_found = code == RELAY_MESSAGE;
        }
        if (!is_found) {
            return false;
        }
        rd = inner;
    }
    return false;
}

/* Without cookie or checksum only the options' lengths tell that it is one: they must add up. */
static bool is_whole(struct ml_reader options)
{
    uint16_t code = 0;
    struct ml_reader value;
    while (next_option(&options, &code, &value)) {
        if (code == 0) {
            return false;
        }
    }
    return ml_rd_done(&options);
}

static enum ml_match probe(const struct ml_chunk *first)
{
    uint8_t type = 0;
    struct ml_reader options;
    const struct ml_flow *flow = first->flow;
    bool is_port = flow->server_port == PORT_SERVER || flow->client_port == PORT_SERVER ||
                   flow->server_port == PORT_CLIENT || flow->client_port == PORT_CLIENT;
    bool ok = is_port && parse(first->bytes, &type, &options) && (first->is_cut || is_whole(options));
    return ok ? ML_MATCH_YES : ML_MATCH_NO;
}

static const char *type_text(uint8_t type)
{
    static const char *const names[] = {"",        "SOLICIT", "ADVERTISE",   "REQUEST",
                                        "CONFIRM", "RENEW",   "REBIND",      "REPLY",
                                        "RELEASE", "DECLINE", "RECONFIGURE", "INFORMATION-REQUEST"};
    return type < sizeof names / sizeof names[0] ? names[type] : "OTHER";
}

/* Identifier of the client for its whole life; two of the four kinds hold a hardware address (RFC 8415, section 11). */
static void add_duid(struct ml_fact_draft *draft, struct ml_reader value, struct ml_dhcp_values *values)
{
    struct ml_reader rd = value;
    uint16_t kind = 0;
    ml_dhcp_id(draft, ml_rd_rest(&value), values->id);
    if (ml_rd_u16(&rd, &kind) && (kind == DUID_LLT || kind == DUID_LL) && ml_rd_skip(&rd, kind == DUID_LLT ? 6 : 2)) {
        ml_dhcp_mac(draft, ml_rd_rest(&rd), values->mac);
    }
}

/* Texts of two bytes of length each, behind `skip` bytes. */
static void add_classes(struct ml_fact_draft *draft, enum ml_field field, struct ml_reader value, size_t skip)
{
    struct ml_reader text;
    bool ok = ml_rd_skip(&value, skip);
    if (ok && ml_rd_left(&value) != 0 && ml_rd_vector(&value, 2, &text)) {
        ml_dhcp_text(draft, field, ml_rd_rest(&text));
    }
}

static void add_client(struct ml_fact_draft *draft, uint16_t code, struct ml_reader value,
                       struct ml_dhcp_values *values)
{
    switch (code) {
    case CLIENT_ID:
        add_duid(draft, value, values);
        break;
    case CLIENT_FQDN: /* flags, then the name */
        if (ml_rd_skip(&value, 1)) {
            ml_dhcp_name(draft, ML_F_DHCP_FQDN, ml_rd_rest(&value), values->name);
        }
        break;
    case VENDOR_CLASS: /* enterprise number, then texts */
        add_classes(draft, ML_F_DHCP_VENDOR_CLASS, value, 4);
        break;
    case USER_CLASS:
        add_classes(draft, ML_F_DHCP_USER_CLASS, value, 0);
        break;
    default:
        break;
    }
}

static void add_server(struct ml_fact_draft *draft, uint16_t code, struct ml_reader value,
                       struct ml_dhcp_values *values)
{
    if (code == RESOLVERS) {
        ml_dhcp_addresses(draft, ML_F_DHCP_RESOLVERS, ml_rd_rest(&value), 6);
    } else if (code == DOMAINS) {
        ml_dhcp_name(draft, ML_F_DHCP_DOMAIN, ml_rd_rest(&value), values->name);
    }
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct dhcp6 *dhcp = self;
    struct ml_fact_draft draft;
    struct ml_dhcp_values values;
    struct ml_reader options;
    struct ml_reader value;
    uint8_t type = 0;
    uint16_t code = 0;
    if (!parse(chunk->bytes, &type, &options)) {
        ml_count(dhcp->env->counters, ML_COUNT_BAD_OTHER);
        return true;
    }
    bool is_server = type == ADVERTISE || type == REPLY || type == RECONFIGURE;
    ml_fact_begin(&draft, is_server ? ML_FACT_DHCP_SERVER : ML_FACT_DHCP_CLIENT, chunk);
    draft.is_cut = chunk->is_cut;
    ml_fact_cstr(&draft, ML_F_DHCP_MESSAGE, type_text(type));
    while (next_option(&options, &code, &value)) {
        if (is_server) {
            add_server(&draft, code, value, &values);
        } else {
            add_client(&draft, code, value, &values);
        }
    }
    (void)ml_fact_emit(dhcp->env->facts, &draft);
    return true;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    struct dhcp6 *dhcp = ml_mem_array(1, sizeof *dhcp);
    (void)flow;
    if (dhcp != NULL) {
        dhcp->env = env;
    }
    return dhcp;
}

static void destroy(void *self)
{
    ml_mem_free(self);
}

const struct ml_parser ml_parser_dhcp6 = {
    .name = "dhcpv6",
    .over = ML_OVER_UDP,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
