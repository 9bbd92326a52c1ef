/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dhcp/dhcp.h"

#include "core/mem.h"
#include "proto/dhcp/facts.h"

#include <stdio.h>

enum { PORT_SERVER = 67, PORT_CLIENT = 68, OP_REQUEST = 1, OP_REPLY = 2, ETHERNET = 1, MAC = 6, COOKIE_AT = 236 };

static const uint32_t magic = 0x63825363;

/* RFC 2132, by number. */
enum {
    PAD = 0,
    RESOLVERS = 6,
    HOST_NAME = 12,
    DOMAIN_NAME = 15,
    TIME_SERVERS = 42,
    REQUESTED_ADDRESS = 50,
    MESSAGE_TYPE = 53,
    PARAMETERS = 55,
    VENDOR_CLASS = 60,
    CLIENT_ID = 61,
    USER_CLASS = 77,
    FQDN = 81,
    END = 255
};

struct message {
    uint8_t op;
    uint8_t hardware;
    uint8_t type;     /* option 53; 0: BOOTP */
    bool has_options; /* false: the capture ends before them */
    struct ml_span mac;
    struct ml_reader options;
};

struct dhcp {
    struct ml_proto_env *env; /* borrowed */
};

static bool next_option(struct ml_reader *options, uint8_t *code, struct ml_span *value)
{
    uint8_t len = 0;
    *value = ml_span_of(NULL, 0);
    do {
        if (ml_rd_left(options) == 0 || !ml_rd_u8(options, code)) {
            return false;
        }
    } while (*code == PAD);
    return *code != END && ml_rd_u8(options, &len) && ml_rd_span(options, len, value);
}

static bool parse(struct ml_span bytes, struct message *out)
{
    struct ml_reader rd = ml_rd_open(bytes);
    uint8_t mac_len = 0;
    uint32_t cookie = 0;
    uint8_t code = 0;
    struct ml_span value;
    *out = (struct message){.has_options = true};
    /* op, hardware, length of its address, hops; id, seconds, flags; four addresses; 16 bytes of hardware address */
    if (!ml_rd_u8(&rd, &out->op) || !ml_rd_u8(&rd, &out->hardware) || !ml_rd_u8(&rd, &mac_len) ||
        !ml_rd_skip(&rd, 1 + 8 + 16) || !ml_rd_span(&rd, 16, &out->mac) || !ml_rd_skip(&rd, 64 + 128) ||
        !ml_rd_u32(&rd, &cookie)) {
        return false;
    }
    if ((out->op != OP_REQUEST && out->op != OP_REPLY) || mac_len > 16 || cookie != magic) {
        return false;
    }
    out->mac = ml_span_cut(out->mac, 0, mac_len);
    out->options = rd;
    while (next_option(&rd, &code, &value)) {
        if (code == MESSAGE_TYPE && value.len == 1) {
            out->type = value.ptr[0];
        }
    }
    return true;
}

/*
 * A capture with a short snap length ends before the cookie, yet behind the address of the hardware. Without the cookie
 * the rest must convince: both ports, an Ethernet address, and no byte where its field is padded.
 */
static bool parse_cut(const struct ml_chunk *chunk, struct message *out)
{
    struct ml_reader rd = ml_rd_open(chunk->bytes);
    const struct ml_flow *flow = chunk->flow;
    uint8_t mac_len = 0;
    bool is_ports = (flow->client_port == PORT_SERVER || flow->client_port == PORT_CLIENT) &&
                    (flow->server_port == PORT_SERVER || flow->server_port == PORT_CLIENT);
    *out = (struct message){.has_options = false};
    if (!chunk->is_cut || chunk->bytes.len >= COOKIE_AT + sizeof magic || !is_ports || !ml_rd_u8(&rd, &out->op) ||
        !ml_rd_u8(&rd, &out->hardware) || !ml_rd_u8(&rd, &mac_len) || !ml_rd_skip(&rd, 1 + 8 + 16) ||
        !ml_rd_span(&rd, MAC, &out->mac)) {
        return false;
    }
    for (size_t at = 0; at < 16 - MAC && ml_rd_left(&rd) != 0; at++) {
        uint8_t padding = 0;
        if (!ml_rd_u8(&rd, &padding) || padding != 0) {
            return false;
        }
    }
    return (out->op == OP_REQUEST || out->op == OP_REPLY) && out->hardware == ETHERNET && mac_len == MAC;
}

static enum ml_match probe(const struct ml_chunk *first)
{
    struct message message;
    const struct ml_flow *flow = first->flow;
    bool is_port = flow->server_port == PORT_SERVER || flow->client_port == PORT_SERVER ||
                   flow->server_port == PORT_CLIENT || flow->client_port == PORT_CLIENT;
    return is_port && (parse(first->bytes, &message) || parse_cut(first, &message)) ? ML_MATCH_YES : ML_MATCH_NO;
}

static const char *type_text(uint8_t type)
{
    static const char *const names[] = {"BOOTP", "DISCOVER", "OFFER",   "REQUEST", "DECLINE",
                                        "ACK",   "NAK",      "RELEASE", "INFORM"};
    return type < sizeof names / sizeof names[0] ? names[type] : "OTHER";
}

/* The wanted options in the client's order, which differs from system to system: "1,3,6,15". */
static void add_parameters(struct ml_fact_draft *draft, struct ml_span value, char text[ML_DHCP_LIST_TEXT])
{
    size_t n = 0;
    for (size_t i = 0; i < value.len; i++) {
        n += (size_t)snprintf(text + n, ML_DHCP_LIST_TEXT - n, i != 0 ? ",%u" : "%u", (unsigned)value.ptr[i]);
    }
    ml_fact_text(draft, ML_F_DHCP_PARAMETERS, ml_span_of(text, n));
}

/* Flags and two bytes that are not used; then a name, in labels when bit 2 says so (RFC 4702, section 2). */
static void add_fqdn(struct ml_fact_draft *draft, struct ml_span value, char *text)
{
    enum { FLAGS = 3, IN_LABELS = 4 };
    struct ml_span name = ml_span_cut(value, FLAGS, value.len);
    if (name.len != 0 && (value.ptr[0] & IN_LABELS) != 0) {
        ml_dhcp_name(draft, ML_F_DHCP_FQDN, name, text);
    } else {
        ml_dhcp_text(draft, ML_F_DHCP_FQDN, name);
    }
}

static void add_client(struct ml_fact_draft *draft, uint8_t code, struct ml_span value, struct ml_dhcp_values *values)
{
    switch (code) {
    case HOST_NAME:
        ml_dhcp_text(draft, ML_F_DHCP_HOSTNAME, value);
        break;
    case FQDN:
        add_fqdn(draft, value, values->name);
        break;
    case VENDOR_CLASS:
        ml_dhcp_text(draft, ML_F_DHCP_VENDOR_CLASS, value);
        break;
    case USER_CLASS:
        ml_dhcp_text(draft, ML_F_DHCP_USER_CLASS, value);
        break;
    case CLIENT_ID:
        ml_dhcp_id(draft, value, values->id);
        break;
    case REQUESTED_ADDRESS:
        ml_dhcp_addresses(draft, ML_F_DHCP_REQUESTED, value, 4);
        break;
    case PARAMETERS:
        add_parameters(draft, value, values->list);
        break;
    default:
        break;
    }
}

static void add_server(struct ml_fact_draft *draft, uint8_t code, struct ml_span value)
{
    switch (code) {
    case RESOLVERS:
        ml_dhcp_addresses(draft, ML_F_DHCP_RESOLVERS, value, 4);
        break;
    case TIME_SERVERS:
        ml_dhcp_addresses(draft, ML_F_DHCP_TIME_SERVERS, value, 4);
        break;
    case DOMAIN_NAME:
        ml_dhcp_text(draft, ML_F_DHCP_DOMAIN, value);
        break;
    default:
        break;
    }
}

static void state(struct dhcp *dhcp, const struct ml_chunk *chunk, const struct message *message)
{
    struct ml_fact_draft draft;
    struct ml_dhcp_values values;
    struct ml_reader options = message->options;
    struct ml_span value;
    uint8_t code = 0;
    bool is_client = message->op == OP_REQUEST;
    ml_fact_begin(&draft, is_client ? ML_FACT_DHCP_CLIENT : ML_FACT_DHCP_SERVER, chunk);
    draft.is_cut = chunk->is_cut;
    if (message->has_options) {
        ml_fact_cstr(&draft, ML_F_DHCP_MESSAGE, type_text(message->type));
    }
    if (message->hardware == ETHERNET && message->mac.len == MAC) {
        ml_dhcp_mac(&draft, message->mac, values.mac);
    }
    while (next_option(&options, &code, &value)) {
        if (is_client) {
            add_client(&draft, code, value, &values);
        } else {
            add_server(&draft, code, value);
        }
    }
    (void)ml_fact_emit(dhcp->env->facts, &draft);
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct dhcp *dhcp = self;
    struct message message;
    if (parse(chunk->bytes, &message) || parse_cut(chunk, &message)) {
        state(dhcp, chunk, &message);
    } else {
        ml_count(dhcp->env->counters, ML_COUNT_BAD_OTHER);
    }
    return true;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    struct dhcp *dhcp = ml_mem_array(1, sizeof *dhcp);
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

const struct ml_parser ml_parser_dhcp = {
    .name = "dhcp",
    .over = ML_OVER_UDP,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
