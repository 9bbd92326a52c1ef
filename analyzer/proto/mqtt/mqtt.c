/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/mqtt/mqtt.h"

#include "core/mem.h"
#include "proto/inbox.h"
#include "proto/mqtt/packet.h"

enum {
    MAX_PACKET =
        16 * 1024,     /* bytes looked at of one packet; clients send 50 to 1,000, subscriptions of hubs up to 8 kB */
    MAX_FILTERS = 256, /* of one packet */
    PORT = 1883
};

struct mqtt {
    struct ml_proto_env *env; /* borrowed */
    struct ml_inbox inboxes[2];
    uint8_t version;   /* 0 until a CONNECT was seen */
    bool is_stated[2]; /* by direction: the facts of the packet at hand, whose content is waited for */
};

/* --- the first packet --- */

static enum ml_match match_connect(struct ml_span bytes)
{
    static const uint8_t names[][6] = {
        {0, 4, 'M', 'Q', 'T', 'T'}, {0, 6, 'M', 'Q', 'I', 's'}, {0, 6, 'M', 'Q', 'T', 'T'}};
    struct ml_mqtt_head head;
    struct ml_mqtt_connect connect;
    enum ml_rd_state state = ml_mqtt_head(bytes, &head);
    if (state != ML_RD_OK) {
        return state == ML_RD_SHORT ? ML_MATCH_MORE : ML_MATCH_NO;
    }
    struct ml_span content = ml_span_cut(bytes, head.len, head.rest);
    struct ml_reader rd = ml_rd_open(content);
    if (ml_mqtt_connect(&rd, &connect)) {
        return ML_MATCH_YES;
    }
    bool may_be = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t n = content.len < sizeof names[i] ? content.len : sizeof names[i];
        may_be = may_be || n == 0 || memcmp(content.ptr, names[i], n) == 0;
    }
    return rd.state == ML_RD_SHORT && may_be && head.rest > content.len ? ML_MATCH_MORE : ML_MATCH_NO;
}

/* Without a CONNECT only the port and a packet that fits speak for it. */
static enum ml_match match_later(struct ml_span bytes)
{
    struct ml_mqtt_head head;
    struct ml_span topic;
    enum ml_rd_state state = ml_mqtt_head(bytes, &head);
    if (state != ML_RD_OK) {
        return state == ML_RD_SHORT ? ML_MATCH_MORE : ML_MATCH_NO;
    }
    struct ml_reader rd = ml_rd_open(ml_span_cut(bytes, head.len, head.rest));
    bool may_come = head.rest > ml_rd_left(&rd);
    if (head.type == ML_MQTT_PUBLISH) {
        bool is_topic = ml_mqtt_text(&rd, &topic) && topic.len != 0;
        return is_topic ? ML_MATCH_YES : may_come && rd.state == ML_RD_SHORT ? ML_MATCH_MORE : ML_MATCH_NO;
    }
    bool is_empty = head.type == ML_MQTT_PINGREQ || head.type == ML_MQTT_PINGREQ + 1 || head.type == ML_MQTT_DISCONNECT;
    bool is_answer =
        head.type == ML_MQTT_CONNACK || (head.type >= 4 && head.type <= 7) || head.type == 9 || head.type == 11;
    bool fits = (is_empty && head.rest == 0) || (is_answer && head.rest >= 2) ||
                (head.type == ML_MQTT_SUBSCRIBE && head.rest >= 6);
    return fits && may_come ? ML_MATCH_MORE : fits ? ML_MATCH_YES : ML_MATCH_NO;
}

static enum ml_match probe(const struct ml_chunk *first)
{
    struct ml_span bytes = first->bytes;
    if (bytes.len == 0) {
        return ML_MATCH_MORE;
    }
    if (bytes.ptr[0] == ML_MQTT_CONNECT << 4) {
        return match_connect(bytes);
    }
    return first->flow->server_port == PORT ? match_later(bytes) : ML_MATCH_NO;
}

/* --- facts --- */

static void state_connect(struct mqtt *mqtt, const struct ml_inbox *inbox, size_t len, struct ml_reader *rd)
{
    struct ml_fact_draft draft;
    struct ml_mqtt_connect connect;
    if (!ml_mqtt_connect(rd, &connect)) {
        return;
    }
    mqtt->version = connect.version;
    ml_inbox_begin(inbox, &draft, ML_FACT_MQTT_CONNECT, 0, len);
    ml_fact_text(&draft, ML_F_MQTT_PROTOCOL, connect.protocol);
    ml_fact_number(&draft, ML_F_MQTT_VERSION, connect.version);
    ml_fact_number(&draft, ML_F_MQTT_KEEP_ALIVE, connect.keep_alive);
    ml_fact_text(&draft, ML_F_MQTT_CLIENT_ID, connect.client_id);
    ml_fact_text(&draft, ML_F_MQTT_TOPIC, connect.will_topic);
    ml_fact_text(&draft, ML_F_LOGIN_METHOD, connect.auth_method);
    ml_fact_text(&draft, ML_F_LOGIN_USER, connect.user);
    ml_fact_truth(&draft, ML_F_LOGIN_HAS_SECRET, connect.has_password);
    (void)ml_fact_emit(mqtt->env->facts, &draft);
}

static void state_answer(struct mqtt *mqtt, const struct ml_inbox *inbox, size_t len, struct ml_reader *rd)
{
    struct ml_fact_draft draft;
    struct ml_span client_id;
    uint8_t reason = 0;
    if (ml_mqtt_connack(rd, mqtt->version, &reason, &client_id)) {
        ml_inbox_begin(inbox, &draft, ML_FACT_MQTT_ANSWER, 0, len);
        ml_fact_number(&draft, ML_F_MQTT_REASON, reason);
        ml_fact_text(&draft, ML_F_MQTT_CLIENT_ID, client_id);
        (void)ml_fact_emit(mqtt->env->facts, &draft);
    }
}

static void state_topic(struct mqtt *mqtt, const struct ml_inbox *inbox, size_t len, enum ml_fact_kind kind,
                        struct ml_span topic)
{
    struct ml_fact_draft draft;
    ml_inbox_begin(inbox, &draft, kind, 0, len);
    ml_fact_text(&draft, ML_F_MQTT_TOPIC, topic);
    (void)ml_fact_emit(mqtt->env->facts, &draft);
}

static void take_packet(struct mqtt *mqtt, const struct ml_inbox *inbox, const struct ml_mqtt_head *head, size_t len,
                        struct ml_reader *rd)
{
    struct ml_span topic;
    switch (head->type) {
    case ML_MQTT_CONNECT:
        state_connect(mqtt, inbox, len, rd);
        break;
    case ML_MQTT_CONNACK:
        state_answer(mqtt, inbox, len, rd);
        break;
    case ML_MQTT_PUBLISH:
        if (ml_mqtt_text(rd, &topic) && topic.len != 0) { /* empty where version 5 gives it a number */
            state_topic(mqtt, inbox, len, ML_FACT_MQTT_PUBLISH, topic);
        }
        break;
    case ML_MQTT_SUBSCRIBE: {
        bool ok = ml_mqtt_filters(rd, mqtt->version);
        unsigned n = 0;
        for (; ok && n < MAX_FILTERS && ml_rd_left(rd) != 0 && ml_mqtt_filter(rd, &topic); n++) {
            state_topic(mqtt, inbox, len, ML_FACT_MQTT_SUBSCRIBE, topic);
        }
        if (n == MAX_FILTERS && ml_rd_left(rd) != 0) {
            ml_count(mqtt->env->counters, ML_COUNT_LIMIT_MESSAGE);
        }
        break;
    }
    default:
        break;
    }
}

/* How much of a packet must have come: all of it up to the ceiling; of a message its topic. */
static size_t wanted(const struct ml_mqtt_head *head, struct ml_span held)
{
    size_t all = head->len + head->rest;
    size_t most = all < MAX_PACKET ? all : MAX_PACKET;
    switch (head->type) {
    case ML_MQTT_CONNECT:
    case ML_MQTT_CONNACK:
    case ML_MQTT_SUBSCRIBE:
        return most;
    case ML_MQTT_PUBLISH:
        if (held.len >= head->len + 2 && head->rest >= 2) {
            const uint8_t *len = held.ptr + head->len;
            size_t topic = head->len + 2 + (size_t)(len[0] << 8 | len[1]);
            return topic < most ? topic : most;
        }
        return head->len + (head->rest < 2 ? head->rest : 2);
    default:
        return head->len;
    }
}

/* Is the content of a message worth waiting for? Only for those who look for what only whole messages tell. */
static bool shows(const struct mqtt *mqtt, const struct ml_mqtt_head *head)
{
    const struct ml_plain_sink *plain = mqtt->env->plain;
    return head->type == ML_MQTT_PUBLISH && plain != NULL && plain->wants_records && head->len + head->rest <= MAX_PACKET;
}

/* Content behind topic, number and properties (3.3); the stream's bytes are read elsewhere. */
static void show_content(const struct mqtt *mqtt, const struct ml_inbox *inbox, const struct ml_mqtt_head *head)
{
    struct ml_span packet = ml_span_cut(ml_inbox_span(inbox), 0, head->len + head->rest);
    struct ml_reader rd = ml_rd_open_framed(ml_span_cut(packet, head->len, head->rest));
    struct ml_span topic;
    uint16_t id = 0;
    bool has_id = (head->flags & 6) != 0;
    bool ok = ml_mqtt_text(&rd, &topic) && (!has_id || ml_rd_u16(&rd, &id)) && ml_mqtt_properties(&rd, mqtt->version);
    struct ml_chunk chunk = inbox->last;
    chunk.bytes = packet; /* whole, so that its bytes and those of the gatherer are the same */
    const struct ml_plain plain = {
        .part = ML_PLAIN_RECORD, .chunk = &chunk, .gather = &inbox->gather, .skip = packet.len - ml_rd_left(&rd)};
    if (ok && ml_rd_left(&rd) != 0) {
        mqtt->env->plain->take(mqtt->env->plain->context, &plain);
    }
}

static bool step(void *context, struct ml_inbox *inbox)
{
    struct mqtt *mqtt = context;
    struct ml_mqtt_head head;
    struct ml_span held = ml_inbox_span(inbox);
    enum ml_rd_state state = ml_mqtt_head(held, &head);
    if (state != ML_RD_OK) {
        inbox->is_lost = state == ML_RD_BAD;
        return false;
    }
    size_t len = wanted(&head, held);
    if (held.len < len) {
        return false;
    }
    struct ml_span content = ml_span_cut(held, head.len, len - head.len);
    bool is_whole = len == head.len + head.rest;
    struct ml_reader rd = is_whole ? ml_rd_open_framed(content) : ml_rd_open(content);
    bool *is_stated = &mqtt->is_stated[inbox->last.dir];
    if (!*is_stated) {
        ml_count_add(mqtt->env->counters, ML_COUNT_LIMIT_MESSAGE, !is_whole && len == MAX_PACKET ? 1 : 0);
        take_packet(mqtt, inbox, &head, len, &rd);
    }
    *is_stated = shows(mqtt, &head) && held.len < head.len + head.rest;
    if (*is_stated) {
        return false;
    }
    if (shows(mqtt, &head)) {
        show_content(mqtt, inbox, &head);
    }
    ml_inbox_drop(inbox, (uint64_t)head.len + head.rest);
    return true;
}

/* --- the parser --- */

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    struct mqtt *mqtt = ml_mem_array(1, sizeof *mqtt);
    (void)flow;
    if (mqtt != NULL) {
        mqtt->env = env;
        ml_inbox_init(&mqtt->inboxes[ML_UP], MAX_PACKET);
        ml_inbox_init(&mqtt->inboxes[ML_DOWN], MAX_PACKET);
    }
    return mqtt;
}

/* Behind a hole it cannot be told where the next packet begins. */
static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct mqtt *mqtt = self;
    ml_inbox_feed(&mqtt->inboxes[chunk->dir], chunk, mqtt->env->counters, step, mqtt);
    return ml_inbox_is_open(&mqtt->inboxes[ML_UP]) || ml_inbox_is_open(&mqtt->inboxes[ML_DOWN]);
}

static void destroy(void *self)
{
    struct mqtt *mqtt = self;
    ml_inbox_fini(&mqtt->inboxes[ML_UP]);
    ml_inbox_fini(&mqtt->inboxes[ML_DOWN]);
    ml_mem_free(mqtt);
}

const struct ml_parser ml_parser_mqtt = {
    .name = "mqtt",
    .over = ML_OVER_TCP,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};
