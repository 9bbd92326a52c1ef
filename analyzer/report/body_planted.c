/* SPDX-License-Identifier: Apache-2.0 */
/* What became of planted values. "Not found" is said of what was searched only. */
#include "report/body.h"

const char *ml_planted_text(const struct ml_report *report, const struct ml_report_planted *planted)
{
    return planted->facts != 0           ? "found"
           : report->reach.searched != 0 ? "not found in what was searched"
                                         : "nothing could be searched";
}

void ml_body_planted(const struct ml_report *report, struct ml_json *json)
{
    ml_member_array(json, "planted");
    for (size_t i = 0; i < report->n_planted; i++) {
        const struct ml_report_planted *planted = &report->planted[i];
        ml_json_object(json);
        ml_member_uint(json, "flows", planted->flows);
        ml_member_uint(json, "flows_clear", planted->flows_clear);
        ml_member_uint(json, "hits", planted->facts);
        ml_member_text(json, "kind", planted->kind);
        ml_member_span(json, "label", planted->label);
        ml_member_text(json, "state", ml_planted_text(report, planted));
        ml_json_object_end(json);
    }
    ml_json_array_end(json);
}

/* Of an app: `by_reason` as in the coverage of the whole audit. */
void ml_body_reach(const struct ml_reach *reach, bool is_seeded, struct ml_json *json)
{
    ml_member_object(json, "searched");
    ml_member_uint(json, "bytes", reach->searched);
    ml_member_uint(json, "decrypted", reach->decrypted);
    ml_member_object(json, "not_searched");
    ml_member_object(json, "by_reason");
    ml_member_uint(json, "encrypted", reach->sealed);
    ml_member_uint(json, is_seeded ? "other" : "not_asked", reach->unread);
    ml_json_object_end(json);
    ml_json_object_end(json);
    ml_member_uint(json, "payload", reach->payload);
    ml_json_object_end(json);
}
