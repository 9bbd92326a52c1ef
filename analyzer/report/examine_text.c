/* SPDX-License-Identifier: Apache-2.0 */
/* The examination as text for a terminal or a printer. */
#include "report/examine.h"

#include "core/mem.h"
#include "core/safe.h"

#include <stdio.h>

enum { IDS = 12, INDENT = 2, BODY = INDENT + IDS + 2, MAX_VALUE = 200, BRIEF = 3, MAX_NAMED = 4 };

struct sheet {
    struct ml_page page;
    const struct ml_examine *examine;
};

/* Text built piece by piece, then wrapped. */
static struct ml_buf begin(void)
{
    struct ml_buf buf;
    ml_buf_init(&buf, 1 << 20);
    return buf;
}

static void wrap(const struct sheet *sheet, struct ml_buf *text, size_t indent, bool is_begun)
{
    char *taken = ml_buf_take_text(text);
    sheet->page.out->failed |= taken == NULL;
    if (taken != NULL) {
        ml_page_wrapped(&sheet->page, taken, indent, is_begun);
    }
    ml_mem_free(taken);
    ml_buf_fini(text);
}

static void add_id(const struct sheet *sheet, struct ml_buf *out, enum ml_text id)
{
    (void)ml_buf_add_text(out, ml_page_text(&sheet->page, id)); /* failures latch */
}

/* A value of the report, safe to show; in a buffer of its own because places take texts. */
struct shown {
    char text[4 * MAX_VALUE + 1];
};

static struct shown show(const char *value)
{
    struct shown shown;
    struct ml_buf safe;
    ml_buf_init(&safe, sizeof shown.text - 1);
    ml_safe_add(&safe, ml_span_text(value), MAX_VALUE);
    (void)snprintf(shown.text, sizeof shown.text, "%.*s", (int)safe.len, safe.len != 0 ? (const char *)safe.bytes : "");
    ml_buf_fini(&safe);
    return shown;
}

static struct shown show_of(const json_t *object, const char *path)
{
    return show(ml_report_text_of(object, path));
}

/* --- head --- */

/* To the second: "2026-03-02T08:30:00Z". */
static struct shown show_time(const json_t *object, const char *path)
{
    struct shown time = show_of(object, path);
    enum { SECONDS = sizeof "2026-03-02T08:30:00" - 1 };
    if (strlen(time.text) > SECONDS && time.text[SECONDS] == '.') {
        time.text[SECONDS] = 'Z';
        time.text[SECONDS + 1] = '\0';
    }
    return time;
}

static void add_input(const struct sheet *sheet, const json_t *input)
{
    struct ml_buf line = begin();
    ml_locale_say(sheet->page.locale, &line, ML_TEXT_RENDER_INPUT, "id", show_of(input, "id").text, "file",
                  show_of(input, "file").text, "packets", ml_digits_of(ml_report_number_of(input, "packets")).text,
                  "first", show_time(input, "first_packet").text, "last", show_time(input, "last_packet").text, NULL);
    wrap(sheet, &line, 0, false);
}

/* The day for which the report classes countries: all endpoints have the same. */
static const char *valid_on(const json_t *body)
{
    const char *day = ml_report_text_of(json_array_get(json_object_get(body, "endpoints"), 0), "class.valid_on");
    return day[0] != '\0' ? day : "-";
}

static void add_head(const struct sheet *sheet)
{
    const struct ml_examine *examine = sheet->examine;
    const struct ml_profile *profile = examine->profile;
    const json_t *body = examine->report->body;
    const json_t *inputs = json_object_get(body, "inputs");
    struct ml_buf line = begin();
    const char *name = ml_locale_member(sheet->page.locale, "profile", profile->id, ".name", profile->id);
    ml_locale_say(sheet->page.locale, &line, ML_TEXT_RENDER_TITLE, "profile", name, NULL);
    char *title = ml_buf_take_text(&line);
    ml_page_paint(&sheet->page, "1", title != NULL ? title : "");
    (void)ml_buf_add_text(sheet->page.out, "\n\n");
    ml_mem_free(title);
    ml_page_wrapped(&sheet->page, ml_page_text(&sheet->page, ML_TEXT_RENDER_BASIS), 0, false);
    (void)ml_buf_add_byte(sheet->page.out, '\n');
    ml_locale_say(sheet->page.locale, &line, ML_TEXT_RENDER_REPORT, "version", show_of(body, "tool.version").text,
                  "sha256", show_of(examine->report->root, "integrity.body_sha256").text, NULL);
    wrap(sheet, &line, 0, false);
    for (size_t i = 0; i < json_array_size(inputs); i++) {
        add_input(sheet, json_array_get(inputs, i));
    }
    line = begin();
    ml_locale_say(sheet->page.locale, &line, ML_TEXT_RENDER_AS_OF, "date", profile->as_of, "day",
                  show(valid_on(body)).text, NULL);
    wrap(sheet, &line, 0, false);
    const char *note = ml_locale_member(sheet->page.locale, "profile", profile->id, ".note", "");
    if (note[0] != '\0') {
        ml_page_wrapped(&sheet->page, note, 0, false);
    }
}

/* --- findings --- */

static void add_frames(const struct sheet *sheet, const json_t *fact, struct ml_buf *out)
{
    struct ml_buf frames = begin();
    const json_t *list = json_object_get(fact, "frames");
    for (size_t i = 0; i < json_array_size(list); i++) {
        (void)ml_buf_printf(&frames, "%s%lld", i != 0 ? ", " : "",
                            (long long)json_integer_value(json_array_get(list, i)));
    }
    char *text = ml_buf_take_text(&frames);
    out->failed |= text == NULL;
    ml_locale_say(sheet->page.locale, out, ML_TEXT_RENDER_FRAMES, "input", show_of(fact, "input").text, "frames",
                  text != NULL ? text : "", "fact", show_of(fact, "id").text, NULL);
    ml_mem_free(text);
    ml_buf_fini(&frames);
}

/* Up to MAX_NAMED endpoints of the group's flows, where the subject does not name them already. */
static void add_group_endpoints(const struct sheet *sheet, const struct ml_examine_group *group, struct ml_buf *out)
{
    const char *ids[ML_MAX_GROUP_ENDPOINTS];
    size_t n = ml_examine_group_endpoints(sheet->examine, group, ids);
    if (n == 0 || strcmp(ml_report_text_of(group->first, "subject.type"), "endpoint") == 0) {
        return;
    }
    (void)ml_buf_add_text(out, "; ");
    for (size_t i = 0; i < n && i < MAX_NAMED; i++) {
        (void)ml_buf_printf(out, "%s%.20s", i != 0 ? ", " : "", show(ids[i]).text);
    }
    (void)ml_buf_add_text(out, n > MAX_NAMED ? ", ..." : "");
}

/* "Evidence: i1 frames 12 (f8.1), ..." with up to `max` of them. */
static void add_evidence(const struct sheet *sheet, const struct ml_examine_group *group, size_t max)
{
    struct ml_examine_evidence evidence[ML_MAX_EVIDENCE];
    size_t n = ml_examine_evidence(sheet->examine, group, evidence);
    struct ml_buf line = begin();
    add_id(sheet, &line, ML_TEXT_RENDER_EVIDENCE);
    for (size_t i = 0; i < n && i < max; i++) {
        (void)ml_buf_add_text(&line, i != 0 ? ", " : "");
        if (evidence[i].fact != NULL) {
            add_frames(sheet, evidence[i].fact, &line);
        } else if (evidence[i].subject[0] != '\0') {
            (void)ml_buf_add_text(&line, show(evidence[i].subject).text);
        } else {
            ml_locale_say(sheet->page.locale, &line, ML_TEXT_RENDER_FLOW, "flow", ml_digits_of(evidence[i].flow).text,
                          NULL);
        }
    }
    if (n > max) {
        (void)ml_buf_add_text(&line, ", ");
        ml_locale_say(sheet->page.locale, &line, ML_TEXT_RENDER_MORE, "count", ml_digits_of(n - max).text, NULL);
    }
    wrap(sheet, &line, BODY, false);
}

static void add_ids(const struct sheet *sheet, const struct ml_examine_group *group)
{
    struct ml_buf ids = begin();
    ml_examine_ids(sheet->examine, group, &ids);
    (void)ml_buf_printf(sheet->page.out, "%*s", INDENT, "");
    ml_page_padded(&sheet->page, ml_buf_span(&ids), IDS);
    (void)ml_buf_add_text(sheet->page.out, "  ");
    ml_buf_fini(&ids);
}

/* "medium, observation, confidence high" */
static void add_weight(const struct sheet *sheet, const struct ml_examine_group *group, struct ml_buf *out)
{
    const struct ml_page *page = &sheet->page;
    struct shown level = show_of(group->first, "level");
    struct shown claim = show_of(group->first, "claim");
    struct shown grade = show(group->grade);
    ml_locale_say(page->locale, out, ML_TEXT_RENDER_LINE, "level", ml_page_word(page, "level", level.text), "claim",
                  ml_page_word(page, "claim", claim.text), "grade", ml_page_word(page, "grade", grade.text), NULL);
}

static void add_title(const struct sheet *sheet, const struct ml_examine_group *group, struct ml_buf *out)
{
    (void)ml_buf_printf(out, "%s (%s)", show(ml_examine_title(sheet->examine, group)).text,
                        show_of(group->first, "taxonomy").text);
}

/* A finding below a provision: what, how sure, where to look. */
static void add_brief(const struct sheet *sheet, const struct ml_examine_group *group)
{
    struct ml_buf line = begin();
    add_ids(sheet, group);
    add_title(sheet, group, &line);
    (void)ml_buf_add_text(&line, "; ");
    add_weight(sheet, group, &line);
    wrap(sheet, &line, BODY, true);
    add_evidence(sheet, group, BRIEF);
}

/* --- provisions --- */

static void add_labelled(const struct sheet *sheet, enum ml_text label, const char *text)
{
    struct ml_buf line = begin();
    add_id(sheet, &line, label);
    (void)ml_buf_add_text(&line, text);
    wrap(sheet, &line, INDENT, false);
}

static const char *part_of(const struct sheet *sheet, size_t provision, const char *part)
{
    const struct ml_profile *profile = sheet->examine->profile;
    char name[128];
    (void)snprintf(name, sizeof name, "provision.%s", profile->id);
    return ml_locale_member(sheet->page.locale, name, profile->provisions[provision].id, part,
                            profile->provisions[provision].id);
}

static void add_provision(const struct sheet *sheet, size_t index)
{
    const struct ml_provision *provision = &sheet->examine->profile->provisions[index];
    (void)ml_buf_add_byte(sheet->page.out, '\n');
    ml_page_paint(&sheet->page, "1", part_of(sheet, index, ".title"));
    (void)ml_buf_add_byte(sheet->page.out, '\n');
    add_labelled(sheet, ML_TEXT_RENDER_SHOWS, part_of(sheet, index, ".shows"));
    add_labelled(sheet, ML_TEXT_RENDER_NOT_SHOWN, part_of(sheet, index, ".not_shown"));
    struct ml_buf line = begin();
    if (provision->source[0] != '\0') {
        ml_locale_say(sheet->page.locale, &line, ML_TEXT_RENDER_SOURCE, "source", provision->source, "date",
                      provision->checked_on, NULL);
    } else {
        add_id(sheet, &line, ML_TEXT_RENDER_UNVERIFIED);
    }
    wrap(sheet, &line, INDENT, false);
}

static void add_provisions(const struct sheet *sheet)
{
    const struct ml_examine *examine = sheet->examine;
    size_t n = 0;
    ml_page_heading(&sheet->page, ML_TEXT_RENDER_PROVISIONS);
    for (size_t i = 0; i < examine->profile->n_provisions; i++) {
        bool is_first = true;
        for (size_t k = 0; k < examine->n_groups; k++) {
            const struct ml_examine_group *group = &examine->groups[k];
            if (group->row != NULL && (group->row->provisions >> i & 1) != 0) {
                if (is_first) {
                    add_provision(sheet, i);
                }
                add_brief(sheet, group);
                is_first = false;
                n++;
            }
        }
    }
    if (n == 0) {
        ml_page_wrapped(&sheet->page, ml_page_text(&sheet->page, ML_TEXT_RENDER_PROVISIONS_NONE), INDENT, false);
    }
}

static void add_others(const struct sheet *sheet)
{
    bool is_first = true;
    for (size_t i = 0; i < sheet->examine->n_groups; i++) {
        const struct ml_examine_group *group = &sheet->examine->groups[i];
        if (group->row == NULL || group->row->provisions == 0) {
            if (is_first) {
                ml_page_heading(&sheet->page, ML_TEXT_RENDER_OTHERS);
            }
            add_brief(sheet, group);
            is_first = false;
        }
    }
}

/* --- questions --- */

/* The groups that raise a question; returns how many. */
static size_t add_reasons(const struct sheet *sheet, size_t question, struct ml_buf *out)
{
    size_t n = 0;
    for (size_t i = 0; i < sheet->examine->n_groups; i++) {
        const struct ml_examine_group *group = &sheet->examine->groups[i];
        if (group->row != NULL && (group->row->questions >> question & 1) != 0) {
            (void)ml_buf_add_text(out, n != 0 ? ", " : "");
            ml_examine_ids(sheet->examine, group, out);
            n++;
        }
    }
    return n;
}

static void add_questions(const struct sheet *sheet)
{
    const struct ml_profile *profile = sheet->examine->profile;
    unsigned number = 0;
    unsigned topic = ML_MAX_TOPICS;
    for (size_t i = 0; i < profile->n_questions; i++) {
        struct ml_buf reasons = begin();
        add_id(sheet, &reasons, ML_TEXT_RENDER_BECAUSE);
        if (add_reasons(sheet, i, &reasons) == 0) {
            ml_buf_fini(&reasons);
            continue;
        }
        if (number == 0) {
            ml_page_heading(&sheet->page, ML_TEXT_RENDER_QUESTIONS);
        }
        if (profile->questions[i].topic != topic) {
            topic = profile->questions[i].topic;
            const char *name = profile->topics[topic];
            (void)ml_buf_printf(sheet->page.out, "\n%*s", INDENT, "");
            ml_page_paint(&sheet->page, "1", ml_page_word(&sheet->page, "topic", name));
            (void)ml_buf_add_byte(sheet->page.out, '\n');
        }
        (void)ml_buf_printf(sheet->page.out, "%*s%2u. ", INDENT, "", ++number);
        ml_page_wrapped(&sheet->page, ml_page_word(&sheet->page, "question", profile->questions[i].id), INDENT + 4,
                        true);
        wrap(sheet, &reasons, INDENT + 4, false);
    }
}

/* --- endpoints --- */

static void add_countries(const json_t *list, const char *member, struct ml_buf *out)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        const char *text = member != NULL ? ml_report_text_of(item, member) : json_string_value(item);
        (void)ml_buf_printf(out, "%s%.40s", i != 0 ? ", " : "", show(text != NULL ? text : "").text);
    }
}

static void add_location(const struct sheet *sheet, const json_t *endpoint, struct ml_buf *out)
{
    const struct ml_locale *locale = sheet->page.locale;
    const json_t *candidates = ml_report_get(endpoint, "location.candidates");
    const char *status = ml_report_text_of(endpoint, "location.status");
    struct shown country = show_of(endpoint, "location.country");
    struct ml_buf list = begin();
    if (strcmp(status, "determined") == 0) {
        for (size_t i = 0; i < json_array_size(candidates); i++) {
            const json_t *candidate = json_array_get(candidates, i);
            if (strcmp(ml_report_text_of(candidate, "country"), country.text) == 0) {
                add_countries(json_object_get(candidate, "sources"), NULL, &list);
            }
        }
    } else {
        add_countries(candidates, "country", &list);
    }
    char *text = ml_buf_take_text(&list);
    out->failed |= text == NULL;
    const char *names = text != NULL ? text : "";
    if (strcmp(status, "determined") == 0) {
        ml_locale_say(locale, out, ML_TEXT_RENDER_LOCATED, "country", country.text, "sources", names, NULL);
    } else if (strcmp(status, "disputed") == 0) {
        ml_locale_say(locale, out, ML_TEXT_RENDER_DISPUTED, "countries", names, NULL);
    } else {
        add_id(sheet, out,
               strcmp(status, "anycast") == 0   ? ML_TEXT_RENDER_ANYCAST
               : strcmp(status, "special") == 0 ? ML_TEXT_RENDER_SPECIAL
                                                : ML_TEXT_RENDER_UNKNOWN);
    }
    ml_mem_free(text);
}

static void add_operator(const struct sheet *sheet, const json_t *endpoint, struct ml_buf *out)
{
    const json_t *company = json_object_get(endpoint, "operator");
    if (!json_is_object(company)) {
        add_id(sheet, out, ML_TEXT_RENDER_OPERATOR_UNKNOWN);
        return;
    }
    bool is_unverified = strcmp(ml_report_text_of(company, "source"), "unverified") == 0;
    struct shown country = show_of(company, "parent.country");
    struct shown grade = show_of(company, "confidence");
    ml_locale_say(sheet->page.locale, out, is_unverified ? ML_TEXT_RENDER_OPERATOR_UNVERIFIED : ML_TEXT_RENDER_OPERATOR,
                  "company", show_of(company, "company").text, "country",
                  country.text[0] != '\0' ? country.text : ml_page_text(&sheet->page, ML_TEXT_KEY_UNKNOWN), "grade",
                  ml_page_word(&sheet->page, "grade", grade.text), NULL);
}

static void add_endpoint(const struct sheet *sheet, const json_t *endpoint)
{
    const struct ml_page *page = &sheet->page;
    const char *name = ml_report_text_of(json_array_get(json_object_get(endpoint, "names"), 0), "name");
    struct ml_buf line = begin();
    (void)ml_buf_printf(page->out, "%*s", INDENT, "");
    ml_page_padded_text(page, ml_report_text_of(endpoint, "id"), IDS);
    (void)ml_buf_add_text(page->out, "  ");
    (void)ml_buf_printf(&line, "%s%s%s port %llu/%s; ", show(name).text, name[0] != '\0' ? ", " : "",
                        show_of(endpoint, "ip").text, (unsigned long long)ml_report_number_of(endpoint, "port"),
                        show_of(endpoint, "transport").text);
    add_location(sheet, endpoint, &line);
    (void)ml_buf_add_text(&line, "; ");
    add_operator(sheet, endpoint, &line);
    (void)ml_buf_add_text(&line, "; ");
    struct shown location = show_of(endpoint, "class.location");
    struct shown control = show_of(endpoint, "class.control");
    ml_locale_say(page->locale, &line, ML_TEXT_RENDER_CLASS, "day", show_of(endpoint, "class.valid_on").text,
                  "location", ml_page_word(page, "key", location.text), "control",
                  ml_page_word(page, "key", control.text), NULL);
    wrap(sheet, &line, BODY, true);
}

static void add_endpoints(const struct sheet *sheet)
{
    size_t places[ML_MAX_NAMED_ENDPOINTS];
    size_t n_all = 0;
    size_t n = ml_examine_endpoints(sheet->examine, places, &n_all);
    const json_t *endpoints = json_object_get(sheet->examine->report->body, "endpoints");
    if (n != 0) {
        ml_page_heading(&sheet->page, ML_TEXT_RENDER_ENDPOINTS);
    }
    for (size_t i = 0; i < n; i++) {
        add_endpoint(sheet, json_array_get(endpoints, places[i]));
    }
    if (n_all > n) {
        ml_page_more(&sheet->page, "  ", ML_TEXT_RENDER_MORE, n_all - n);
    }
}

/* --- findings in full --- */

static void add_subjects(const struct sheet *sheet, const struct ml_examine_group *group, struct ml_buf *out)
{
    const json_t *findings = sheet->examine->findings;
    (void)ml_buf_add_text(out, ": ");
    for (size_t i = 0; i < group->n && i < MAX_NAMED; i++) {
        const json_t *finding = json_array_get(findings, group->from + i);
        (void)ml_buf_printf(out, "%s%.40s", i != 0 ? ", " : "", show_of(finding, "subject.id").text);
    }
    (void)ml_buf_add_text(out, group->subjects > MAX_NAMED ? ", ..." : "");
}

static void add_group(const struct sheet *sheet, const struct ml_examine_group *group)
{
    struct ml_buf line = begin();
    struct ml_buf subjects = begin();
    add_ids(sheet, group);
    add_title(sheet, group, &line);
    wrap(sheet, &line, BODY, true);
    ml_subjects_text(&sheet->page, ml_report_text_of(group->first, "subject.type"), group->subjects, &subjects);
    char *text = ml_buf_take_text(&subjects);
    line = begin();
    add_weight(sheet, group, &line);
    (void)ml_buf_add_text(&line, "; ");
    ml_locale_say(sheet->page.locale, &line, ML_TEXT_RENDER_SEEN, "count", ml_digits_of(group->count).text, "subjects",
                  text != NULL ? text : "", NULL);
    ml_mem_free(text);
    add_subjects(sheet, group, &line);
    add_group_endpoints(sheet, group, &line);
    wrap(sheet, &line, BODY, false);
    ml_page_wrapped(&sheet->page, ml_examine_reasoning(sheet->examine, group), BODY, false);
    add_evidence(sheet, group, ML_MAX_EVIDENCE);
    const json_t *limits = json_object_get(group->first, "limits");
    if (json_array_size(limits) != 0) {
        line = begin();
        add_id(sheet, &line, ML_TEXT_RENDER_LIMITS);
        add_countries(limits, NULL, &line);
        wrap(sheet, &line, BODY, false);
    }
}

static void add_groups(const struct sheet *sheet)
{
    if (sheet->examine->n_groups != 0) {
        ml_page_heading(&sheet->page, ML_TEXT_RENDER_FINDINGS);
    }
    for (size_t i = 0; i < sheet->examine->n_groups; i++) {
        add_group(sheet, &sheet->examine->groups[i]);
    }
}

/* --- what was not decided --- */

/* As engine/readers.c says it; a reason of another version is shown as it is. */
static const char *reason_text(const struct sheet *sheet, const char *reason)
{
    static const struct {
        const char *reason;
        enum ml_text text;
    } reasons[] = {
        {"no rule of this rule set looks for it", ML_TEXT_RENDER_UNDECIDED_NO_RULE},
        {"encrypted content was not searched", ML_TEXT_RENDER_UNDECIDED_SEALED},
        {"no values were planted that could be looked for", ML_TEXT_RENDER_UNDECIDED_PLANTED},
        {"an active test would be needed", ML_TEXT_RENDER_UNDECIDED_ACTIVE},
        {"a comparison of runs would be needed", ML_TEXT_RENDER_UNDECIDED_RUNS},
        {"captures of several places at the same time would be needed", ML_TEXT_RENDER_UNDECIDED_ENDS},
        {"a model or reference set made from labelled captures would be needed", ML_TEXT_RENDER_UNDECIDED_MODEL},
        {"the case file does not say what was done with the app, and when", ML_TEXT_RENDER_UNDECIDED_STEPS},
        {"the case file does not say what was declared", ML_TEXT_RENDER_UNDECIDED_DECLARED},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (strcmp(reason, reasons[i].reason) == 0) {
            return ml_page_text(&sheet->page, reasons[i].text);
        }
    }
    return reason;
}

/* One paragraph for all leaks with the reason of the item at `from`. */
static void add_reason(const struct sheet *sheet, const json_t *list, size_t from)
{
    const char *reason = ml_report_text_of(json_array_get(list, from), "reason");
    struct ml_buf line = begin();
    (void)ml_buf_printf(&line, "%s: ", show(reason_text(sheet, reason)).text);
    for (size_t i = from; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        if (strcmp(ml_report_text_of(item, "reason"), reason) == 0) {
            struct shown id = show_of(item, "taxonomy");
            (void)ml_buf_printf(&line, "%s%s %s", i != from ? "; " : "", id.text,
                                ml_examine_leak(sheet->examine, id.text));
        }
    }
    wrap(sheet, &line, INDENT, false);
}

static void add_undecided(const struct sheet *sheet)
{
    const json_t *list = json_object_get(sheet->examine->report->body, "not_decided");
    if (json_array_size(list) != 0) {
        ml_page_heading(&sheet->page, ML_TEXT_RENDER_UNDECIDED);
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *reason = ml_report_text_of(json_array_get(list, i), "reason");
        size_t k = 0;
        while (k < i && strcmp(ml_report_text_of(json_array_get(list, k), "reason"), reason) != 0) {
            k++;
        }
        if (k == i) { /* the first of its reason */
            add_reason(sheet, list, i);
        }
    }
}

static void add_limits(const struct sheet *sheet)
{
    const char *limits[ML_MAX_NAMED_LIMITS];
    size_t n = ml_examine_limits(sheet->examine, limits);
    if (n != 0) {
        ml_page_heading(&sheet->page, ML_TEXT_RENDER_LIMIT_TEXTS);
    }
    for (size_t i = 0; i < n; i++) {
        (void)ml_buf_printf(sheet->page.out, "%*s", INDENT, "");
        ml_page_padded_text(&sheet->page, limits[i], IDS);
        (void)ml_buf_add_text(sheet->page.out, "  ");
        ml_page_wrapped(&sheet->page, ml_locale_member(sheet->page.locale, "limit", limits[i], "", limits[i]), BODY,
                        true);
    }
}

enum ml_status ml_examine_text(const struct ml_examine *examine, bool has_colour, unsigned width, struct ml_buf *out)
{
    const struct sheet sheet = {
        .examine = examine,
        .page = {.locale = examine->locale, .out = out, .has_colour = has_colour, .width = width},
    };
    add_head(&sheet);
    add_provisions(&sheet);
    add_others(&sheet);
    add_questions(&sheet);
    add_endpoints(&sheet);
    add_groups(&sheet);
    add_undecided(&sheet);
    add_limits(&sheet);
    (void)ml_buf_add_byte(out, '\n');
    ml_page_wrapped(&sheet.page, ml_page_text(&sheet.page, ML_TEXT_RENDER_ASSESSMENT), 0, false);
    return out->failed ? ML_NO_MEMORY : ML_OK;
}
