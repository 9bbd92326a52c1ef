/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record - one flow, endpoint, fact, app or capture as a flat row of fields: what rules see and what NDJSON shows.
 *
 * One row serves both, so a rule that works here works on the export in any SIEM.
 */
#ifndef MITLESER_POLICY_RECORD_H
#define MITLESER_POLICY_RECORD_H

#include "core/field.h"
#include "core/ip.h"
#include "core/json.h"
#include "core/status.h"

enum ml_category { ML_CAT_FLOW, ML_CAT_ENDPOINT, ML_CAT_FACT, ML_CAT_APP, ML_CAT_CAPTURE, ML_N_CATEGORIES };

const char *ml_category_name(enum ml_category category);

/* One value; which member counts is told by the field's type. */
struct ml_value {
    union {
        struct ml_span text;
        uint64_t number; /* also TRUTH */
        struct ml_ip ip;
    };
    uint8_t sensitivity;
};

enum { ML_MAX_RECORD_VALUES = 2048, ML_FIELD_WORDS = (ML_N_FIELDS + 63) / 64 };

/*
 * Values of a field are adjacent. Starts as all zero and is reused from row to row: ml_record_clear touches only what
 * was set.
 */
struct ml_record {
    enum ml_category category;
    uint16_t first[ML_N_FIELDS];  /* index into values */
    uint16_t count[ML_N_FIELDS];  /* 0: field absent */
    uint64_t has[ML_FIELD_WORDS]; /* bit set of the fields whose count is not 0 */
    uint16_t used[ML_N_FIELDS];   /* fields set, in order of arrival */
    uint16_t n_used;
    uint16_t n_values;
    bool is_cut; /* more values than room */
    struct ml_value values[ML_MAX_RECORD_VALUES];
};

void ml_record_clear(struct ml_record *record, enum ml_category category);

/* For a look through other eyes: hides a field with 0, and shows its values again with what `count` was. */
void ml_record_show(struct ml_record *record, enum ml_field field, uint16_t count);

/*
 * Values of one list field must be added one after the other. The first to set a field wins: a second value of a field
 * that is no list, and values of a list that another field has interrupted, are ignored. So a fact's own attributes
 * come first, those of its flow fill what is left. Texts are borrowed until the row is cleared.
 */
void ml_record_text(struct ml_record *record, enum ml_field field, struct ml_span text);
void ml_record_cstr(struct ml_record *record, enum ml_field field, const char *text); /* NULL and "" add nothing */
void ml_record_number(struct ml_record *record, enum ml_field field, uint64_t value);
void ml_record_truth(struct ml_record *record, enum ml_field field, bool value);
void ml_record_ip(struct ml_record *record, enum ml_field field, const struct ml_ip *ip);

/* First value, or NULL. */
const struct ml_value *ml_record_get(const struct ml_record *record, enum ml_field field);

/* Value as text in `scratch` (numbers in decimal, truth as true/false), or the text itself. */
struct ml_span ml_value_text(const struct ml_value *value, enum ml_type type, char scratch[64]);

#endif
