/* SPDX-License-Identifier: Apache-2.0 */
/* harvest - what the facts of a flow say in the flow's own row. */
#include "engine/join.h"

static bool is_of_flows(unsigned field)
{
    const char *where = ml_field_info((enum ml_field)field)->where;
    while (*where != '\0' && *where != 'f') {
        where++;
    }
    return *where == 'f';
}

/* Which flow field an attribute fills: its own when flows know it, or the list that sums it up. */
static enum ml_field flow_field(const struct ml_fact *fact, const struct ml_attr *attr)
{
    switch (attr->field) {
    case ML_F_HTTP_HOST:
        return ML_F_HTTP_HOSTS;
    case ML_F_HTTP_USER_AGENT:
        return ML_F_HTTP_USER_AGENTS;
    case ML_F_DNS_NAME:
        /* An answer repeats the question: where only answers were captured, the names asked stand there. */
        return fact->kind == ML_FACT_DNS_QUERY || fact->kind == ML_FACT_DNS_ANSWER ? ML_F_DNS_NAMES : ML_FIELD_NONE;
    default:
        return is_of_flows(attr->field) ? (enum ml_field)attr->field : ML_FIELD_NONE;
    }
}

enum { MAX_HARVEST = ML_MAX_RECORD_VALUES - 256 }; /* leaves room for what the join adds */

/* Attributes sorted into their fields, each value once; fields with one value keep the first. */
struct harvest {
    bool is_cut;
    uint16_t n;
    uint16_t head[ML_N_FIELDS];  /* number + 1 */
    uint64_t marks[ML_N_FIELDS]; /* bit set of the marks of its values; of fields with a head */
    uint16_t tail[ML_N_FIELDS];
    uint16_t next[ML_MAX_RECORD_VALUES];
    const struct ml_attr *attrs[ML_MAX_RECORD_VALUES];
    uint16_t n_fields;
    uint16_t fields[ML_N_FIELDS]; /* in order of arrival */
};

static bool is_same_value(const struct ml_attr *a, const struct ml_attr *b)
{
    switch ((enum ml_type)a->type) {
    case ML_TYPE_TEXT:
        return a->len == b->len && memcmp(a->value.text, b->value.text, a->len) == 0;
    case ML_TYPE_ADDRESS:
        return ml_ip_equal(a->value.ip, b->value.ip);
    case ML_TYPE_NUMBER:
    case ML_TYPE_TRUTH:
        break;
    }
    return a->value.number == b->value.number;
}

/* One of 64 bits: equal values have the same. Most lists hold no value twice, and many have dozens. */
static uint64_t mark_of(const struct ml_attr *attr)
{
    uint64_t sum = 0;
    switch ((enum ml_type)attr->type) {
    case ML_TYPE_TEXT:
        sum = attr->len == 0 ? 0
                             : attr->len + 5u * (uint8_t)attr->value.text[attr->len - 1] +
                                   11u * (uint8_t)attr->value.text[attr->len / 2];
        break;
    case ML_TYPE_ADDRESS:
        sum = attr->value.ip->bytes[3] + attr->value.ip->bytes[15];
        break;
    case ML_TYPE_NUMBER:
    case ML_TYPE_TRUTH:
        sum = attr->value.number;
        break;
    }
    return UINT64_C(1) << sum % 64;
}

static bool is_known(const struct harvest *harvest, enum ml_field field, const struct ml_attr *attr, uint64_t mark)
{
    uint16_t at = (harvest->marks[field] & mark) != 0 ? harvest->head[field] : 0;
    for (; at != 0; at = harvest->next[at - 1]) {
        if (is_same_value(harvest->attrs[at - 1], attr)) {
            return true;
        }
    }
    return false;
}

static void take(struct harvest *harvest, enum ml_field field, const struct ml_attr *attr)
{
    uint64_t mark = mark_of(attr);
    bool is_first = harvest->head[field] == 0;
    if (!is_first && (!ml_field_info(field)->is_list || is_known(harvest, field, attr, mark))) {
        return;
    }
    if (harvest->n == MAX_HARVEST) {
        harvest->is_cut = true;
        return;
    }
    harvest->attrs[harvest->n] = attr;
    harvest->next[harvest->n] = 0;
    uint16_t number = ++harvest->n;
    if (is_first) {
        harvest->fields[harvest->n_fields++] = (uint16_t)field;
        harvest->head[field] = number;
        harvest->marks[field] = mark;
    } else {
        harvest->next[harvest->tail[field] - 1] = number;
        harvest->marks[field] |= mark;
    }
    harvest->tail[field] = number;
}

void ml_join_add_attr(struct ml_record *record, enum ml_field field, const struct ml_attr *attr)
{
    uint16_t before = record->n_values;
    switch ((enum ml_type)attr->type) {
    case ML_TYPE_TEXT:
        ml_record_text(record, field, ml_attr_text(attr));
        break;
    case ML_TYPE_NUMBER:
        ml_record_number(record, field, attr->value.number);
        break;
    case ML_TYPE_TRUTH:
        ml_record_truth(record, field, attr->value.number != 0);
        break;
    case ML_TYPE_ADDRESS:
        ml_record_ip(record, field, attr->value.ip);
        break;
    }
    /* A parser may have marked a value as more personal than its field is in general: a device's name, for example. */
    for (uint16_t i = before; i < record->n_values; i++) {
        if (record->values[i].sensitivity < attr->sensitivity) {
            record->values[i].sensitivity = attr->sensitivity;
        }
    }
}

void ml_join_fact_fields(const struct ml_flow *flow, struct ml_record *record)
{
    struct harvest harvest;
    if (flow->facts == NULL) {
        return;
    }
    harvest.is_cut = false;
    harvest.n = harvest.n_fields = 0;
    memset(harvest.head, 0, sizeof harvest.head);
    for (const struct ml_fact *fact = flow->facts; fact != NULL; fact = fact->next) {
        for (unsigned i = 0; i < fact->n_attrs; i++) {
            enum ml_field field = flow_field(fact, &fact->attrs[i]);
            if (field != ML_FIELD_NONE) {
                take(&harvest, field, &fact->attrs[i]);
            }
        }
    }
    for (uint16_t i = 0; i < harvest.n_fields; i++) {
        for (uint16_t at = harvest.head[harvest.fields[i]]; at != 0; at = harvest.next[at - 1]) {
            ml_join_add_attr(record, (enum ml_field)harvest.fields[i], harvest.attrs[at - 1]);
        }
    }
    if (harvest.is_cut) {
        ml_record_truth(record, ML_F_FLOW_CUT, true);
    }
}

void ml_join_fact_kinds(const struct ml_flow *flow, struct ml_record *record)
{
    uint64_t seen[(ML_N_FACT_KINDS + 63) / 64] = {0};
    for (const struct ml_fact *fact = flow->facts; fact != NULL; fact = fact->next) {
        seen[fact->kind / 64] |= UINT64_C(1) << fact->kind % 64;
    }
    for (unsigned word = 0; word < sizeof seen / sizeof *seen; word++) {
        for (uint64_t left = seen[word]; left != 0; left &= left - 1) {
            enum ml_fact_kind kind = (enum ml_fact_kind)(64 * word + (unsigned)__builtin_ctzll(left));
            ml_record_cstr(record, ML_F_FACT_KINDS, ml_fact_kind_name(kind));
        }
    }
}
