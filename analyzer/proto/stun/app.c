/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/stun/app.h"

#include "core/text.h"

/* A realm is the domain itself or a name below it; a text that only contains it says nothing. */
static const struct {
    const char *domain;
    enum ml_fact_kind kind;
} realms[] = {
    {"signal.org", ML_FACT_STUN_SIGNAL},         {"whispersystems.org", ML_FACT_STUN_SIGNAL},
    {"telegram.org", ML_FACT_STUN_TELEGRAM},     {"viber.com", ML_FACT_STUN_VIBER},
    {"turner.facebook", ML_FACT_STUN_MESSENGER}, {"facebook.com", ML_FACT_STUN_MESSENGER},
    {"turn.l.google.com", ML_FACT_STUN_GOOGLE},
};

enum { ANY = UINT16_MAX };

/* Attributes that one maker alone uses, with the lengths they have. */
static const struct {
    uint16_t type;
    uint16_t len;
    enum ml_fact_kind kind;
} attributes[] = {
    {0x4000, 102, ML_FACT_STUN_WHATSAPP}, {0x4000, 150, ML_FACT_STUN_WHATSAPP}, {0x4001, ANY, ML_FACT_STUN_WHATSAPP},
    {0x4002, 8, ML_FACT_STUN_WHATSAPP},   {0x4003, ANY, ML_FACT_STUN_WHATSAPP}, {0x4004, ANY, ML_FACT_STUN_WHATSAPP},
    {0x4007, ANY, ML_FACT_STUN_WHATSAPP}, {0x8070, 4, ML_FACT_STUN_TEAMS}, /* MS-IMPLEMENTATION-VERSION */
    {0x8054, 1, ML_FACT_STUN_TEAMS},                                       /* CANDIDATE-IDENTIFIER */
    {0x8055, 4, ML_FACT_STUN_TEAMS},                                       /* MS-SERVICE-QUALITY */
    {0x8095, ANY, ML_FACT_STUN_TEAMS},                                     /* MS-MULTIPLEXED-TURN-SESSION-ID */
};

static bool is_below(struct ml_span realm, const char *domain)
{
    struct ml_span suffix = ml_span_text(domain);
    if (realm.len < suffix.len) {
        return false;
    }
    struct ml_span end = ml_span_cut(realm, realm.len - suffix.len, suffix.len);
    return ml_span_equal_nocase(end, suffix) &&
           (realm.len == suffix.len || realm.ptr[realm.len - suffix.len - 1] == '.');
}

static enum ml_fact_kind app_of_realm(struct ml_span realm)
{
    for (size_t i = 0; i < sizeof realms / sizeof realms[0]; i++) {
        if (is_below(realm, realms[i].domain)) {
            return realms[i].kind;
        }
    }
    return ML_FACT_NONE;
}

enum ml_fact_kind ml_stun_app_of_attribute(const struct ml_stun_message *message,
                                           const struct ml_stun_attribute *attribute)
{
    if (!message->has_cookie) {
        return ML_FACT_NONE;
    }
    if (attribute->type == ML_STUN_REALM) {
        return app_of_realm(attribute->value);
    }
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        if (attribute->type == attributes[i].type &&
            (attributes[i].len == ANY || attribute->value.len == attributes[i].len)) {
            return attributes[i].kind;
        }
    }
    return ML_FACT_NONE;
}

bool ml_stun_is_zoom(const struct ml_stun_message *message)
{
    enum { ASKED = 0x0101, ANSWERED = 0x0103, ASKED_LEN = 20, ANSWERED_LEN = 8 };
    struct ml_reader rd = ml_stun_attributes(message);
    struct ml_stun_attribute attribute;
    if (message->has_cookie || !ml_stun_attribute_next(&rd, &attribute) || !ml_rd_done(&rd)) {
        return false;
    }
    return (message->type == 0x0001 && attribute.type == ASKED && attribute.value.len == ASKED_LEN &&
            ml_span_starts(attribute.value, "1234567890")) ||
           (message->type == 0x0002 && attribute.type == ANSWERED && attribute.value.len == ANSWERED_LEN);
}

enum ml_fact_kind ml_stun_app_of_message(const struct ml_stun_message *message)
{
    if (message->has_cookie) {
        return message->type >= 0x0800 && message->type <= 0x0805 ? ML_FACT_STUN_WHATSAPP : ML_FACT_NONE;
    }
    return ml_stun_is_zoom(message) ? ML_FACT_STUN_ZOOM : ML_FACT_NONE;
}
