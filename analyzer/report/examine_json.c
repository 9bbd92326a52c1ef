/* SPDX-License-Identifier: Apache-2.0 */
/* The examination as JSON, for programs; texts in the language asked for. */
#include "report/examine.h"

#include "report/member.h"

#include <stdio.h>

static void add_text_at(struct ml_json *json, const char *key, const json_t *object, const char *path)
{
    ml_member_text(json, key, ml_report_text_of(object, path));
}

/* Numbers of the findings (rows of "findings") whose leaks have a bit in a set; returns how many. */
static size_t add_groups_of(const struct ml_examine *examine, bool is_question, size_t bit, struct ml_json *json)
{
    size_t n = 0;
    ml_member_array(json, "findings");
    for (size_t i = 0; i < examine->n_groups; i++) {
        const struct ml_profile_row *row = examine->groups[i].row;
        uint64_t set = row == NULL ? 0 : is_question ? row->questions : row->provisions;
        if ((set >> bit & 1) != 0) {
            ml_json_uint(json, i);
            n++;
        }
    }
    ml_json_array_end(json);
    return n;
}

static bool has_group(const struct ml_examine *examine, bool is_question, size_t bit)
{
    for (size_t i = 0; i < examine->n_groups; i++) {
        const struct ml_profile_row *row = examine->groups[i].row;
        if (row != NULL && ((is_question ? row->questions : row->provisions) >> bit & 1) != 0) {
            return true;
        }
    }
    return false;
}

static void add_provisions(const struct ml_examine *examine, struct ml_json *json)
{
    const struct ml_profile *profile = examine->profile;
    char family[128];
    (void)snprintf(family, sizeof family, "provision.%s", profile->id);
    ml_member_array(json, "provisions");
    for (size_t i = 0; i < profile->n_provisions; i++) {
        const struct ml_provision *provision = &profile->provisions[i];
        if (!has_group(examine, false, i)) {
            continue;
        }
        ml_json_object(json);
        ml_member_text(json, "basis", "to examine");
        ml_member_or_null(json, "checked_on", provision->checked_on);
        (void)add_groups_of(examine, false, i, json);
        ml_member_text(json, "id", provision->id);
        ml_member_text(json, "not_shown", ml_locale_member(examine->locale, family, provision->id, ".not_shown", ""));
        ml_member_text(json, "shows", ml_locale_member(examine->locale, family, provision->id, ".shows", ""));
        ml_member_or_null(json, "source", provision->source);
        ml_member_text(json, "title",
                       ml_locale_member(examine->locale, family, provision->id, ".title", provision->id));
        ml_json_object_end(json);
    }
    ml_json_array_end(json);
}

static void add_questions(const struct ml_examine *examine, struct ml_json *json)
{
    const struct ml_profile *profile = examine->profile;
    ml_member_array(json, "questions");
    for (size_t i = 0; i < profile->n_questions; i++) {
        const struct ml_question *question = &profile->questions[i];
        if (!has_group(examine, true, i)) {
            continue;
        }
        ml_json_object(json);
        (void)add_groups_of(examine, true, i, json);
        ml_member_text(json, "id", question->id);
        ml_member_text(json, "text", ml_locale_member(examine->locale, "question", question->id, "", question->id));
        ml_member_text(json, "topic", profile->topics[question->topic]);
        ml_json_object_end(json);
    }
    ml_json_array_end(json);
}

/* --- findings --- */

static void add_evidence(const struct ml_examine *examine, const struct ml_examine_group *group, struct ml_json *json)
{
    struct ml_examine_evidence evidence[ML_MAX_EVIDENCE];
    size_t n = ml_examine_evidence(examine, group, evidence);
    ml_member_array(json, "evidence");
    for (size_t i = 0; i < n && i < ML_MAX_EVIDENCE; i++) {
        const json_t *fact = evidence[i].fact;
        const json_t *frames = json_object_get(fact, "frames");
        ml_json_object(json);
        ml_member_or_null(json, "fact", fact != NULL ? ml_report_text_of(fact, "id") : NULL);
        ml_json_key(json, "flow");
        if (evidence[i].subject[0] != '\0') {
            ml_json_null(json);
        } else {
            ml_json_uint(json, fact != NULL ? ml_report_number_of(fact, "flow") : evidence[i].flow);
        }
        ml_member_array(json, "frames");
        for (size_t k = 0; k < json_array_size(frames); k++) {
            json_int_t frame = json_integer_value(json_array_get(frames, k));
            ml_json_uint(json, frame > 0 ? (uint64_t)frame : 0);
        }
        ml_json_array_end(json);
        ml_member_or_null(json, "input", fact != NULL ? ml_report_text_of(fact, "input") : NULL);
        ml_member_or_null(json, "subject", evidence[i].subject);
        ml_json_object_end(json);
    }
    ml_json_array_end(json);
    ml_member_uint(json, "evidence_total", n);
}

/* A text of each finding of a group. */
static void add_each(const struct ml_examine *examine, const struct ml_examine_group *group, const char *key,
                     const char *path, struct ml_json *json)
{
    ml_member_array(json, key);
    for (size_t i = 0; i < group->n; i++) {
        ml_json_text(json, ml_report_text_of(json_array_get(examine->findings, group->from + i), path));
    }
    ml_json_array_end(json);
}

static void add_group(const struct ml_examine *examine, const struct ml_examine_group *group, struct ml_json *json)
{
    const json_t *limits = json_object_get(group->first, "limits");
    ml_json_object(json);
    add_text_at(json, "claim", group->first, "claim");
    ml_member_text(json, "confidence", group->grade); /* the lowest of them */
    ml_member_uint(json, "count", group->count);
    const char *endpoints[ML_MAX_GROUP_ENDPOINTS];
    size_t n_endpoints = ml_examine_group_endpoints(examine, group, endpoints);
    ml_member_array(json, "endpoints");
    for (size_t i = 0; i < n_endpoints; i++) {
        ml_json_text(json, endpoints[i]);
    }
    ml_json_array_end(json);
    add_evidence(examine, group, json);
    add_each(examine, group, "ids", "id", json);
    ml_member_bool(json, "in_profile", group->row != NULL);
    add_text_at(json, "level", group->first, "level");
    ml_member_array(json, "limits");
    for (size_t i = 0; i < json_array_size(limits); i++) {
        const char *limit = json_string_value(json_array_get(limits, i));
        ml_json_text(json, limit != NULL ? limit : "");
    }
    ml_json_array_end(json);
    ml_member_text(json, "reasoning", ml_examine_reasoning(examine, group));
    add_text_at(json, "rule", group->first, "rule");
    add_text_at(json, "rule_name", group->first, "rule_name");
    add_text_at(json, "subject_type", group->first, "subject.type");
    add_each(examine, group, "subjects", "subject.id", json);
    ml_member_uint(json, "subjects_total", group->subjects);
    add_text_at(json, "taxonomy", group->first, "taxonomy");
    ml_member_text(json, "title", ml_examine_title(examine, group));
    ml_json_object_end(json);
}

static void add_limits(const struct ml_examine *examine, struct ml_json *json)
{
    const char *limits[ML_MAX_NAMED_LIMITS];
    size_t n = ml_examine_limits(examine, limits);
    ml_member_array(json, "limits");
    for (size_t i = 0; i < n; i++) {
        ml_json_object(json);
        ml_member_text(json, "id", limits[i]);
        ml_member_text(json, "text", ml_locale_member(examine->locale, "limit", limits[i], "", limits[i]));
        ml_json_object_end(json);
    }
    ml_json_array_end(json);
}

static void add_undecided(const struct ml_examine *examine, struct ml_json *json)
{
    const json_t *list = json_object_get(examine->report->body, "not_decided");
    ml_member_array(json, "not_decided");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        const char *leak = ml_report_text_of(item, "taxonomy");
        ml_json_object(json);
        add_text_at(json, "reason", item, "reason");
        ml_member_text(json, "taxonomy", leak);
        ml_member_text(json, "title", ml_examine_leak(examine, leak));
        ml_json_object_end(json);
    }
    ml_json_array_end(json);
}

enum ml_status ml_examine_json(const struct ml_examine *examine, struct ml_buf *out)
{
    struct ml_json json;
    ml_json_init(&json, out);
    ml_json_object(&json);
    ml_member_text(&json, "basis", ml_locale_text(examine->locale, ML_TEXT_RENDER_BASIS));
    ml_member_array(&json, "findings");
    for (size_t i = 0; i < examine->n_groups; i++) {
        add_group(examine, &examine->groups[i], &json);
    }
    ml_json_array_end(&json);
    ml_member_text(&json, "language", ml_locale_language(examine->locale));
    add_limits(examine, &json);
    add_undecided(examine, &json);
    ml_member_object(&json, "profile");
    ml_member_text(&json, "as_of", examine->profile->as_of);
    ml_member_text(&json, "id", examine->profile->id);
    ml_member_text(&json, "sha256", examine->profile->sha256);
    ml_json_object_end(&json);
    add_provisions(examine, &json);
    add_questions(examine, &json);
    ml_member_object(&json, "report");
    add_text_at(&json, "body_sha256", examine->report->root, "integrity.body_sha256");
    ml_json_object_end(&json);
    ml_member_text(&json, "schema", "urn:mitleser:schema:examine:1");
    ml_json_object_end(&json);
    (void)ml_buf_add_byte(out, '\n');
    return out->failed ? ML_NO_MEMORY : ML_OK;
}
