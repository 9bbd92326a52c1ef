/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/stun/facts.h"

#include "proto/stun/app.h"

enum { ZOOM_ADDRESS = 0x0103 };

void ml_stun_begin(struct ml_fact_draft *draft, enum ml_fact_kind kind, const struct ml_stun_place *place, size_t len)
{
    ml_fact_begin(draft, kind, place->chunk);
    draft->first_seq = place->first_seq;
    draft->last_seq = place->last_seq;
    draft->time_ns = place->time_ns;
    draft->range_from = place->offset;
    draft->range_len = (uint32_t)len;
    draft->is_cut = place->is_cut;
}

/* RFC 8489, section 14.8: hundreds and the rest apart. */
static void add_error(struct ml_fact_draft *draft, struct ml_span value)
{
    struct ml_reader rd = ml_rd_open_framed(value);
    uint8_t hundreds = 0;
    uint8_t rest = 0;
    if (ml_rd_skip(&rd, 2) && ml_rd_u8(&rd, &hundreds) && ml_rd_u8(&rd, &rest)) {
        ml_fact_number(draft, ML_F_STUN_ERROR, (hundreds & 7) * 100u + rest);
    }
}

static void add_address(struct ml_fact_draft *draft, enum ml_field field, const struct ml_stun_message *message,
                        const struct ml_stun_attribute *attribute)
{
    struct ml_ip ip;
    uint16_t port = 0;
    bool is_xored = attribute->type != ML_STUN_MAPPED_ADDRESS && attribute->type != ZOOM_ADDRESS;
    if (ml_stun_address(message, attribute->value, is_xored, &ip, &port)) {
        for (unsigned i = 0; i < draft->n_attrs; i++) { /* servers send the same address in two attributes */
            const struct ml_attr *known = &draft->attrs[i];
            if (known->field == field && ml_ip_equal(known->value.ip, &ip)) {
                return;
            }
        }
        ml_fact_ip(draft, field, &ip);
    }
}

static void note_peer(const struct ml_stun_message *message, const struct ml_stun_attribute *attribute,
                      struct ml_stun_details *details)
{
    struct ml_ip ip;
    uint16_t port = 0;
    if (details->peer.family == 0 && ml_stun_address(message, attribute->value, true, &ip, &port)) {
        details->peer = ip;
        details->peer_port = port;
    }
}

static void note_channel(const struct ml_stun_attribute *attribute, struct ml_stun_details *details)
{
    struct ml_reader rd = ml_rd_open_framed(attribute->value);
    uint16_t channel = 0;
    if (ml_rd_u16(&rd, &channel)) {
        details->channel = channel;
    }
}

static void add_attribute(struct ml_fact_draft *draft, const struct ml_stun_message *message,
                          const struct ml_stun_attribute *attribute, struct ml_stun_details *details)
{
    switch (attribute->type) {
    case ML_STUN_USERNAME:
        ml_fact_text(draft, ML_F_STUN_USERNAME, attribute->value);
        break;
    case ML_STUN_REALM:
        ml_fact_text(draft, ML_F_STUN_REALM, attribute->value);
        break;
    case ML_STUN_SOFTWARE:
        ml_fact_text(draft, ML_F_STUN_SOFTWARE, attribute->value);
        break;
    case ML_STUN_ERROR_CODE:
        add_error(draft, attribute->value);
        break;
    case ML_STUN_MAPPED_ADDRESS:
    case ML_STUN_XOR_MAPPED_ADDRESS:
    case ML_STUN_XOR_MAPPED_ADDRESS_OLD:
        add_address(draft, ML_F_STUN_MAPPED, message, attribute);
        break;
    case ML_STUN_XOR_RELAYED_ADDRESS:
        add_address(draft, ML_F_STUN_RELAYED, message, attribute);
        break;
    case ML_STUN_XOR_PEER_ADDRESS:
        add_address(draft, ML_F_STUN_PEER, message, attribute);
        note_peer(message, attribute, details);
        break;
    case ML_STUN_CHANNEL_NUMBER:
        note_channel(attribute, details);
        break;
    case ML_STUN_DATA_VALUE:
        details->data = attribute->value;
        break;
    case ZOOM_ADDRESS:
        if (!message->has_cookie) {
            add_address(draft, ML_F_STUN_MAPPED, message, attribute);
        }
        break;
    default:
        break;
    }
}

/* The values of a list stay together, whatever the order of the attributes: a record needs them so. */
static void sort_attributes(struct ml_fact_draft *draft)
{
    for (unsigned i = 1; i < draft->n_attrs; i++) {
        struct ml_attr attr = draft->attrs[i];
        unsigned at = i;
        for (; at > 0 && draft->attrs[at - 1].field > attr.field; at--) {
            draft->attrs[at] = draft->attrs[at - 1];
        }
        draft->attrs[at] = attr;
    }
}

void ml_stun_state(struct ml_proto_env *env, const struct ml_stun_place *place, const struct ml_stun_message *message,
                   struct ml_stun_details *details)
{
    struct ml_fact_draft draft;
    struct ml_reader rd = ml_stun_attributes(message);
    struct ml_stun_attribute attribute;
    enum ml_fact_kind app = ml_stun_app_of_message(message);
    const char *method = ml_stun_method_name(message->method);
    memset(details, 0, sizeof *details);
    ml_stun_begin(&draft, ML_FACT_STUN_MESSAGE, place, message->whole.len);
    if (message->has_cookie) { /* Zoom's types are its own */
        ml_fact_cstr(&draft, ML_F_STUN_METHOD, method != NULL ? method : "unknown");
        ml_fact_cstr(&draft, ML_F_STUN_CLASS, ml_stun_class_name(message->message_class));
    }
    while (ml_stun_attribute_next(&rd, &attribute)) {
        add_attribute(&draft, message, &attribute, details);
        app = app != ML_FACT_NONE ? app : ml_stun_app_of_attribute(message, &attribute);
    }
    if (rd.state == ML_RD_BAD) {
        ml_count(env->counters, ML_COUNT_BAD_OTHER);
    }
    sort_attributes(&draft);
    (void)ml_fact_emit(env->facts, &draft); /* a ceiling is counted there */
    if (app != ML_FACT_NONE) {
        ml_stun_begin(&draft, app, place, message->whole.len);
        (void)ml_fact_emit(env->facts, &draft);
    }
}
