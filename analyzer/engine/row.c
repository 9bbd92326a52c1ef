/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/join.h"

#include "core/text.h"
#include "core/timefmt.h"

/* Room for a text of at most `size` bytes with its zero, which scratch_keep then takes. NULL: the field stays absent.
 */
static char *scratch_room(struct ml_scratch *scratch, size_t size)
{
    return size <= sizeof scratch->bytes - scratch->used ? scratch->bytes + scratch->used : NULL;
}

static struct ml_span scratch_keep(struct ml_scratch *scratch, size_t len)
{
    struct ml_span text = ml_span_of(scratch->bytes + scratch->used, len);
    scratch->used += len + 1;
    return text;
}

static struct ml_span scratch_time(struct ml_scratch *scratch, int64_t time_ns)
{
    char *text = scratch_room(scratch, ML_TIME_TEXT);
    return text != NULL ? scratch_keep(scratch, ml_time_format(time_ns, text)) : ml_span_of(NULL, 0);
}

/* "first.second", or the one that is not empty. Almost every flow has one: formatting would show in the time. */
static struct ml_span scratch_dotted(struct ml_scratch *scratch, const char *first, const char *second)
{
    size_t len = strlen(first);
    size_t rest = strlen(second);
    char *text = scratch_room(scratch, len + rest + 2);
    if (text == NULL) {
        return ml_span_of(NULL, 0);
    }
    memcpy(text, first, len);
    if (len != 0 && rest != 0) {
        text[len++] = '.';
    }
    memcpy(text + len, second, rest + 1);
    return scratch_keep(scratch, len + rest);
}

/* --- values that the join knows --- */

static const char *scope_text(const char *special)
{
    return special != NULL ? special : "public";
}

/* RFC 4291, appendix A: ff:fe in the middle of the interface identifier and the universal bit set. */
static bool is_eui64(const struct ml_ip *ip)
{
    return ip->family == 6 && ip->bytes[11] == 0xff && ip->bytes[12] == 0xfe && (ip->bytes[8] & 2) != 0;
}

/* The last step of the test before the flow began; nothing before the first one. */
static void add_step(const struct ml_join *join, const struct ml_flow *flow, struct ml_record *record)
{
    const struct ml_case *declared = join->config->declared;
    size_t from = 0;
    size_t to = declared != NULL ? declared->n_steps : 0;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (declared->steps[middle].at_ns <= flow->first_ns) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    if (from != 0) {
        const struct ml_case_step *last = &declared->steps[from - 1];
        uint64_t since_ns = (uint64_t)flow->first_ns - (uint64_t)last->at_ns;
        ml_record_cstr(record, ML_F_FLOW_STEP, last->step);
        ml_record_number(record, ML_F_FLOW_STEP_MS, since_ns / 1000000);
    }
}

/* Only where they tell something, and of the device. */
static void add_pace(const struct ml_flow_view *view, struct ml_record *record)
{
    enum { FEWEST = 3 };
    if (!view->is_turned && view->note->n_answers >= FEWEST) {
        ml_record_number(record, ML_F_FLOW_PROMPT_ANSWERS, view->note->n_answers);
    }
    if (!view->is_turned && view->note->n_steps >= FEWEST) {
        ml_record_number(record, ML_F_FLOW_STEADY_STEPS, view->note->n_steps);
    }
}

static void add_identity(struct ml_hand *hand, const struct ml_flow_view *view)
{
    const struct ml_flow *flow = view->flow;
    const struct ml_join *join = hand->join;
    struct ml_record *record = &hand->record;
    struct ml_scratch *scratch = &hand->scratch;
    char *id = scratch_room(scratch, ML_COMMUNITY_ID_TEXT);
    const struct ml_report_input *last = ml_join_input_of(join, flow->last_seq);
    ml_record_number(record, ML_F_FLOW_ID, view->id);
    if (id != NULL && ml_flow_community_id(flow, id)) {
        ml_record_text(record, ML_F_FLOW_COMMUNITY_ID, scratch_keep(scratch, strlen(id)));
    }
    ml_record_text(record, ML_F_FLOW_START, scratch_time(scratch, flow->first_ns));
    ml_record_text(record, ML_F_FLOW_END, scratch_time(scratch, flow->last_ns));
    ml_record_cstr(record, ML_F_FLOW_INPUT, view->input->id);
    if (last != view->input) { /* a series */
        ml_record_cstr(record, ML_F_FLOW_INPUT_LAST, last->id);
    }
    ml_record_number(record, ML_F_FLOW_FRAMES_FIRST, flow->first_seq - view->input->first_seq + 1);
    ml_record_number(record, ML_F_FLOW_FRAMES_LAST, flow->last_seq - last->first_seq + 1);
    int64_t duration = flow->last_ns > flow->first_ns ? flow->last_ns - flow->first_ns : 0;
    ml_record_number(record, ML_F_FLOW_DURATION_MS, (uint64_t)duration / 1000000);
    for (unsigned i = 0; i < flow->n_tunnels; i++) {
        ml_record_cstr(record, ML_F_FLOW_TUNNEL, ml_tunnel_name(flow->tunnels[i]));
    }
    ml_record_truth(record, ML_F_FLOW_ESTABLISHED, flow->is_established);
    if (view->is_turned && flow->saw_start) { /* who opened it is certain */
        ml_record_truth(record, ML_F_FLOW_INBOUND, true);
    }
    add_step(join, flow, record);
    add_pace(view, record);
    if (view->note->app.len != 0) {
        ml_record_text(record, ML_F_FLOW_PROCESS, view->note->app);
    }
}

static void add_ends(const struct ml_flow_view *view, struct ml_record *record)
{
    ml_record_ip(record, ML_F_SRC_IP, &view->src);
    ml_record_number(record, ML_F_SRC_PORT, view->src_port);
    ml_record_cstr(record, ML_F_SRC_SCOPE, scope_text(ml_intel_special(&view->src)));
    if (is_eui64(&view->src)) {
        ml_record_truth(record, ML_F_SRC_EUI64, true);
    }
    ml_record_ip(record, ML_F_DST_IP, &view->dst);
    ml_record_number(record, ML_F_DST_PORT, view->dst_port);
    ml_record_cstr(record, ML_F_DST_SCOPE, scope_text(view->place->info.special));
    ml_record_cstr(record, ML_F_TRANSPORT, view->transport);
    ml_record_number(record, ML_F_BYTES_UP, view->bytes_up);
    ml_record_number(record, ML_F_BYTES_DOWN, view->bytes_down);
    ml_record_number(record, ML_F_PACKETS_UP, view->packets_up);
    ml_record_number(record, ML_F_PACKETS_DOWN, view->packets_down);
}

/* Copies a text; gives where the next one goes. */
static char *put(char *at, const char *text)
{
    size_t len = strlen(text);
    memcpy(at, text, len);
    return at + len;
}

/* "app class points evidence" */
static struct ml_span scratch_vote(struct ml_scratch *scratch, const char *app, const struct ml_vote *vote)
{
    const char *vote_class = ml_vote_class_text(vote->vote_class);
    size_t most = strlen(app) + strlen(vote_class) + ML_DECIMAL_TEXT + sizeof vote->evidence + 3;
    char *text = scratch_room(scratch, most);
    if (text == NULL) {
        return ml_span_of(NULL, 0);
    }
    char *at = put(text, app);
    *at++ = ' ';
    at = put(at, vote_class);
    *at++ = ' ';
    at += ml_decimal_write((uint64_t)vote->weight, at);
    *at++ = ' ';
    at = put(at, vote->evidence);
    *at = '\0';
    return scratch_keep(scratch, (size_t)(at - text));
}

static void add_votes(struct ml_hand *hand, const struct ml_verdict *verdict)
{
    for (size_t i = 0; i < verdict->n_votes; i++) {
        const struct ml_app *app = ml_apps_get(hand->join->config->apps, verdict->votes[i].app);
        ml_record_text(&hand->record, ML_F_APP_VOTES, scratch_vote(&hand->scratch, app->id, &verdict->votes[i]));
    }
}

static void add_verdict(struct ml_hand *hand, const struct ml_flow_view *view)
{
    struct ml_record *record = &hand->record;
    const struct ml_verdict *verdict = &view->verdict;
    const struct ml_flow_note *note = view->note;
    ml_record_cstr(record, ML_F_PROTOCOL, view->protocol);
    for (unsigned i = 0; i < note->n_protocols; i++) {
        ml_record_cstr(record, ML_F_PROTOCOL_LAYERS, note->protocols[i]);
    }
    ml_record_cstr(record, ML_F_APP, verdict->app);
    ml_record_cstr(record, ML_F_SERVICE, verdict->service);
    if (verdict->app != NULL) {
        ml_record_cstr(record, ML_F_APP_CONFIDENCE, ml_grade_text(verdict->grade));
    }
    for (size_t i = 0; i < verdict->n_one_of; i++) {
        ml_record_cstr(record, ML_F_APP_ONE_OF, verdict->one_of[i]);
    }
    add_votes(hand, verdict);
    if (verdict->region != NULL) {
        ml_record_cstr(record, ML_F_SERVICE_REGION, verdict->region->id);
        ml_record_cstr(record, ML_F_SERVICE_REGION_COUNTRY, verdict->region->country);
        ml_record_cstr(record, ML_F_APP_EDITION, verdict->region->edition);
    }
    if (note->has_ndpi && (note->ndpi.master[0] != '\0' || note->ndpi.app[0] != '\0')) {
        ml_record_text(record, ML_F_NDPI_PROTOCOL, scratch_dotted(&hand->scratch, note->ndpi.master, note->ndpi.app));
        ml_record_cstr(record, ML_F_NDPI_CONFIDENCE, note->ndpi.confidence);
    }
}

/* Is the text among those that the documents of the app name? Nothing where none were declared. */
static void add_is_declared(struct ml_record *record, enum ml_field field, const char *const *declared,
                            const char *text)
{
    if (declared == NULL) {
        return;
    }
    while (*declared != NULL && strcmp(*declared, text) != 0) {
        declared++;
    }
    ml_record_truth(record, field, *declared != NULL);
}

static void add_domain(const struct ml_join *join, const struct ml_name_info *name, struct ml_record *record)
{
    const struct ml_case *declared = join->config->declared;
    if (name == NULL || name->domain[0] == '\0') {
        return;
    }
    ml_record_cstr(record, ML_F_DOMAIN, name->domain);
    add_is_declared(record, ML_F_DOMAIN_DECLARED, declared != NULL ? declared->declared_domains : NULL, name->domain);
}

static void add_flow_names(const struct ml_join *join, const struct ml_flow_view *view, struct ml_record *record)
{
    if (view->n_names == 0) {
        return;
    }
    ml_record_text(record, ML_F_NAME, view->names[0].name);
    ml_record_cstr(record, ML_F_NAME_SOURCE, ml_name_source_text(view->names[0].source));
    for (size_t i = 0; i < view->n_names; i++) {
        bool is_new = true;
        for (size_t k = 0; k < i && is_new; k++) {
            is_new = !ml_span_equal_nocase(view->names[i].name, view->names[k].name);
        }
        if (is_new) {
            ml_record_text(record, ML_F_NAMES, view->names[i].name);
        }
    }
    add_domain(join, view->name_info, record);
}

/* Companies of one group are one: those with the same ultimate parent. */
static bool is_same_company(const struct ml_company *a, const struct ml_company *b)
{
    const char *parent_a = a->parent[0] != '\0' ? a->parent : a->name;
    const char *parent_b = b->parent[0] != '\0' ? b->parent : b->name;
    return a == b || strcmp(parent_a, parent_b) == 0;
}

/* Is the peer run by another company than the one behind the app? Nothing where one of them is not known. */
static void add_other_company(const struct ml_join *join, const struct ml_flow_view *view, struct ml_record *record)
{
    if (view->verdict.app == NULL || view->company == NULL) {
        return;
    }
    const struct ml_app *app = ml_apps_find(join->config->apps, ml_span_text(view->verdict.app));
    const struct ml_company *own = app != NULL && app->operator_id != NULL
                                       ? ml_intel_company(join->config->intel, ml_span_text(app->operator_id))
                                       : NULL;
    if (own != NULL) {
        ml_record_truth(record, ML_F_DST_OTHER_COMPANY, !is_same_company(own, view->company));
    }
}

/* Roles of the name, then those of the address; each once. */
static void add_roles(const struct ml_endpoint_info *info, const struct ml_name_info *name, struct ml_record *record)
{
    size_t n_name = name != NULL ? name->n_roles : 0;
    for (size_t i = 0; i < n_name; i++) {
        ml_record_cstr(record, ML_F_DST_ROLES, name->roles[i]);
    }
    for (size_t i = 0; i < info->n_roles; i++) {
        bool is_new = true;
        for (size_t k = 0; k < n_name && is_new; k++) {
            is_new = strcmp(info->roles[i], name->roles[k]) != 0;
        }
        if (is_new) {
            ml_record_cstr(record, ML_F_DST_ROLES, info->roles[i]);
        }
    }
}

static void add_place(const struct ml_join *join, const struct ml_site *place, const struct ml_name_info *name,
                      const struct ml_company *company, struct ml_record *record)
{
    const struct ml_endpoint_info *info = &place->info;
    ml_record_cstr(record, ML_F_DST_LOCATION_STATUS, ml_location_status_text(info->status));
    for (size_t i = 0; i < place->n_left; i++) {
        ml_record_cstr(record, ML_F_DST_LOCATION_CANDIDATES, place->left[i]);
    }
    for (size_t i = 0; i < place->n_classes; i++) {
        ml_record_cstr(record, ML_F_CLASS_LOCATION_CANDIDATES, place->classes[i]);
    }
    ml_record_cstr(record, ML_F_DST_COUNTRY, info->country);
    if (join->config->declared != NULL && info->status == ML_LOCATION_DETERMINED) {
        add_is_declared(record, ML_F_DST_DECLARED, join->config->declared->declared_countries, info->country);
    }
    if (info->asn != 0) {
        ml_record_number(record, ML_F_DST_ASN, info->asn);
    }
    ml_record_cstr(record, ML_F_DST_AS_NAME, info->as_name);
    ml_record_cstr(record, ML_F_DST_AS_COUNTRY, info->as_country);
    if (company != NULL) {
        ml_record_cstr(record, ML_F_DST_OPERATOR, company->name);
        ml_record_cstr(record, ML_F_DST_PARENT, company->parent);
        ml_record_cstr(record, ML_F_DST_CONTROL_COUNTRY, company->parent_country);
    }
    add_roles(info, name, record);
    if (name != NULL && name->tracker_list != NULL) {
        ml_record_cstr(record, ML_F_TRACKER_LIST, name->tracker_list);
        ml_record_cstr(record, ML_F_TRACKER_CATEGORY, name->tracker_category);
        ml_record_cstr(record, ML_F_TRACKER_COMPANY, name->company_name);
    }
}

/* The end that is not on the port of the server: in a flow under way the server may have been seen first. */
static const struct ml_ip *quic_client(const struct ml_flow *flow)
{
    enum { QUIC_PORT = 443 };
    return flow->client_port == QUIC_PORT && flow->server_port != QUIC_PORT ? &flow->server : &flow->client;
}

void ml_join_flow_row(struct ml_hand *hand, const struct ml_flow_view *view)
{
    struct ml_record *record = &hand->record;
    hand->scratch.used = 0;
    ml_record_clear(record, ML_CAT_FLOW);
    add_identity(hand, view);
    add_ends(view, record);
    add_verdict(hand, view);
    add_flow_names(hand->join, view, record);
    ml_join_fact_fields(view->flow, record);
    ml_join_fact_kinds(view->flow, record);
    if (view->flow->ip_proto == ML_IP_UDP && ml_record_get(record, ML_F_QUIC_SNI) == NULL &&
        ml_record_get(record, ML_F_QUIC_VERSION) != NULL && ml_record_get(record, ML_F_TLS_SNI) != NULL) {
        ml_record_text(record, ML_F_QUIC_SNI, ml_record_get(record, ML_F_TLS_SNI)->text);
    }
    if (view->origin != NULL) {
        ml_record_number(record, ML_F_QUIC_CONTINUES, view->origin_id);
        ml_record_truth(record, ML_F_QUIC_MOVED, !ml_ip_equal(quic_client(view->origin), quic_client(view->flow)));
        ml_record_truth(record, ML_F_QUIC_SAME_ID, view->has_origin_id);
    }
    add_place(hand->join, view->place, view->name_info, view->company, record);
    add_other_company(hand->join, view, record);
    ml_record_cstr(record, ML_F_CLASS_LOCATION, view->place->class_location);
    ml_record_cstr(record, ML_F_CLASS_CONTROL, view->class_control);
    if (view->flow->rtt_us != 0) {
        ml_record_number(record, ML_F_RTT_US, view->flow->rtt_us);
    }
    ml_record_number(record, ML_F_GAPS, view->flow->n_gaps);
}

void ml_join_endpoint_row(struct ml_hand *hand, uint32_t index)
{
    const struct ml_join *join = hand->join;
    const struct ml_report_endpoint *endpoint = &join->report->endpoints[index];
    struct ml_record *record = &hand->record;
    hand->scratch.used = 0;
    ml_record_clear(record, ML_CAT_ENDPOINT);
    ml_record_ip(record, ML_F_DST_IP, &endpoint->ip);
    ml_record_number(record, ML_F_DST_PORT, endpoint->port);
    ml_record_cstr(record, ML_F_DST_SCOPE, scope_text(endpoint->info->special));
    ml_record_cstr(record, ML_F_TRANSPORT, ml_transport_text(endpoint->ip_proto));
    ml_record_number(record, ML_F_BYTES_UP, endpoint->bytes_up);
    ml_record_number(record, ML_F_BYTES_DOWN, endpoint->bytes_down);
    ml_record_number(record, ML_F_ENDPOINT_FLOWS, endpoint->flows);
    for (size_t i = 0; i < endpoint->n_apps; i++) {
        ml_record_cstr(record, ML_F_ENDPOINT_APPS, endpoint->apps[i]);
    }
    if (endpoint->n_names != 0) {
        ml_record_text(record, ML_F_NAME, endpoint->names[0].name);
        ml_record_cstr(record, ML_F_NAME_SOURCE, ml_name_source_text(endpoint->names[0].source));
    }
    for (size_t i = 0; i < endpoint->n_names; i++) {
        ml_record_text(record, ML_F_NAMES, endpoint->names[i].name);
    }
    add_domain(join, endpoint->name_info, record);
    add_place(join, join->notes[index].place, endpoint->name_info, endpoint->company, record);
    ml_record_cstr(record, ML_F_CLASS_LOCATION, endpoint->class_location);
    ml_record_cstr(record, ML_F_CLASS_CONTROL, endpoint->class_control);
    if (endpoint->min_rtt_us != 0) {
        ml_record_number(record, ML_F_RTT_US, endpoint->min_rtt_us);
    }
}

void ml_join_app_row(struct ml_hand *hand, const struct ml_report_app *app)
{
    const struct ml_report *report = hand->join->report;
    struct ml_record *record = &hand->record;
    hand->scratch.used = 0;
    ml_record_clear(record, ML_CAT_APP);
    ml_record_cstr(record, ML_F_APP, app->app != NULL ? app->app->id : NULL);
    ml_record_number(record, ML_F_BYTES_UP, app->bytes_up);
    ml_record_number(record, ML_F_BYTES_DOWN, app->bytes_down);
    ml_record_number(record, ML_F_APP_FLOWS, app->flows);
    if (app->app != NULL) {
        ml_record_cstr(record, ML_F_APP_CONFIDENCE, ml_grade_text(app->grade));
    }
    if (app->company != NULL) {
        ml_record_cstr(record, ML_F_APP_OPERATOR, app->company->name);
        ml_record_cstr(record, ML_F_APP_OPERATOR_COUNTRY, app->company->parent_country);
    }
    for (size_t i = 0; i < app->n_services; i++) {
        ml_record_cstr(record, ML_F_APP_SERVICES, app->services[i].id);
    }
    const char *seen[64];
    size_t n_seen = 0;
    for (size_t i = 0; i < app->n_endpoints; i++) {
        const char *country = report->endpoints[app->endpoints[i]].info->country;
        bool is_new = country[0] != '\0' && n_seen < 64;
        for (size_t k = 0; k < n_seen && is_new; k++) {
            is_new = strcmp(country, seen[k]) != 0;
        }
        if (is_new) {
            seen[n_seen++] = country;
            ml_record_cstr(record, ML_F_APP_COUNTRIES, country);
        }
    }
}
