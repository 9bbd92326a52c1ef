/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/join.h"

/* --- names --- */

/* A name that may stand in a report as the name of a peer: those of people's own devices are facts, masked ones. */
static struct ml_span public_text(const struct ml_attr *attr)
{
    return attr != NULL && attr->sensitivity < ML_SENS_PERSONAL ? ml_attr_text(attr) : ml_span_of(NULL, 0);
}

static bool add_answers(struct ml_join *join, const struct ml_fact *fact, enum ml_name_source source)
{
    const struct ml_attr *asked = ml_fact_attr(fact, ML_F_DNS_NAME);
    struct ml_span name = public_text(asked);
    for (unsigned i = 0; name.len != 0 && i < fact->n_attrs; i++) {
        const struct ml_attr *attr = &fact->attrs[i];
        if (attr->field == ML_F_DNS_ADDRESSES &&
            !ml_resolved_add(&join->names, attr->value.ip, name, source, fact->first_seq)) {
            return false;
        }
    }
    return true;
}

static bool collect_names(struct ml_join *join, const struct ml_flow *flow)
{
    bool ok = true;
    for (const struct ml_fact *fact = flow->facts; fact != NULL && ok; fact = fact->next) {
        if (fact->kind == ML_FACT_DNS_ANSWER) {
            ok = add_answers(join, fact, ML_NAME_DNS);
        } else if (fact->kind == ML_FACT_WECHAT_NEWGETDNS_REPLY) {
            ok = add_answers(join, fact, ML_NAME_HTTP_DNS);
        }
    }
    return ok;
}

bool ml_join_collect(struct ml_join *join)
{
    for (size_t i = 0; i < join->report->n_inputs; i++) {
        const struct ml_source_summary *summary = &join->report->inputs[i].summary;
        for (size_t k = 0; k < summary->n_names; k++) {
            if (!ml_resolved_add(&join->names, &summary->names[k].ip, summary->names[k].name, ML_NAME_FILE, 0)) {
                return false;
            }
        }
    }
    for (size_t i = 0; i < join->n_flows; i++) {
        ml_join_prefetch(join, i);
        const struct ml_report_input *input = ml_join_input_of(join, join->flows[i]->first_seq);
        if (!collect_names(join, join->flows[i]) ||
            !ml_kin_add(&join->kin, join->flows[i], (uint32_t)(input - join->report->inputs)) ||
            !ml_moved_add(&join->moved, join->flows[i], (uint32_t)i)) {
            return false;
        }
    }
    return true;
}

/* An address in the place of a name (RFC 9110, section 4.2) says nothing that the packet does not. */
static bool is_address(struct ml_span name)
{
    struct ml_ip ip;
    bool has_brackets = name.len > 2 && name.ptr[0] == '[' && name.ptr[name.len - 1] == ']';
    return ml_ip_parse(has_brackets ? ml_span_cut(name, 1, name.len - 2) : name, &ip);
}

static void add_name(struct ml_flow_view *view, struct ml_span name, enum ml_name_source source)
{
    if (is_address(name)) {
        return;
    }
    for (size_t i = 0; i < view->n_names; i++) {
        if (view->names[i].source == source && ml_span_equal_nocase(view->names[i].name, name)) {
            return;
        }
    }
    if (name.len != 0 && view->n_names < ML_MAX_VIEW_NAMES) {
        view->names[view->n_names++] = (struct ml_flow_name){.name = name, .source = source};
    }
}

/* Where a flow says whom it talks to, best source first. */
static const struct {
    enum ml_fact_kind kind;
    enum ml_field field;
    enum ml_name_source source;
} NAMED_BY[] = {
    {ML_FACT_TLS_CLIENT_HELLO, ML_F_TLS_SNI, ML_NAME_SNI}, /* in QUIC: ML_NAME_QUIC */
    {ML_FACT_HTTP_REQUEST, ML_F_HTTP_HOST, ML_NAME_HTTP},
    {ML_FACT_QUIC_INITIAL, ML_F_QUIC_SNI, ML_NAME_QUIC},
    {ML_FACT_TLS_CERTIFICATE, ML_F_TLS_CERT_NAMES, ML_NAME_CERT},
};
enum { N_NAMED_BY = sizeof NAMED_BY / sizeof NAMED_BY[0] };

/* Names in facts of one field of one kind. */
static void add_fact_names(struct ml_flow_view *view, const struct ml_flow *flow, enum ml_fact_kind kind,
                           enum ml_field field, enum ml_name_source source)
{
    for (const struct ml_fact *fact = flow->facts; fact != NULL; fact = fact->next) {
        for (unsigned i = 0; fact->kind == kind && i < fact->n_attrs; i++) {
            if (fact->attrs[i].field == field) {
                add_name(view, ml_attr_text(&fact->attrs[i]), source);
            }
        }
    }
}

/* A source that names several hosts on one connection is uncertain about each. */
static void collect_flow_names(const struct ml_join *join, struct ml_flow_view *view)
{
    const struct ml_flow *flow = view->origin != NULL ? view->origin : view->flow;
    bool has[N_NAMED_BY] = {false}; /* most flows are named by none or one */
    for (const struct ml_fact *fact = flow->facts; fact != NULL; fact = fact->next) {
        for (size_t i = 0; i < N_NAMED_BY; i++) {
            has[i] |= fact->kind == NAMED_BY[i].kind;
        }
    }
    for (size_t i = 0; i < N_NAMED_BY; i++) {
        if (has[i]) {
            bool is_quic = NAMED_BY[i].source == ML_NAME_SNI && view->flow->ip_proto == ML_IP_UDP;
            add_fact_names(view, flow, NAMED_BY[i].kind, NAMED_BY[i].field,
                           is_quic ? ML_NAME_QUIC : NAMED_BY[i].source);
        }
    }
    size_t own = view->n_names;
    for (size_t i = 0; i < own; i++) {
        for (size_t k = 0; k < own; k++) {
            view->names[i].is_shared |= i != k && view->names[i].source == view->names[k].source;
        }
    }
    view->n_names +=
        ml_resolved_of(&join->names, &view->dst, view->flow->first_seq, view->names + own, ML_MAX_VIEW_NAMES - own);
}

/* --- verdict --- */

/*
 * Outer names of Encrypted Client Hello that providers publish for all their customers. A hello that offers ECH with
 * any other name may just as well be greased (RFC 9849, section 6.2): its name is the real one then.
 */
static bool is_ech_outer(const struct ml_flow *flow)
{
    static const char *const public_names[] = {"cloudflare-ech.com"};
    for (const struct ml_fact *fact = flow->facts; fact != NULL; fact = fact->next) {
        if (fact->kind != ML_FACT_TLS_CLIENT_HELLO || ml_fact_attr(fact, ML_F_TLS_ECH) == NULL) {
            continue;
        }
        struct ml_span sni = ml_attr_text(ml_fact_attr(fact, ML_F_TLS_SNI));
        for (size_t i = 0; i < sizeof public_names / sizeof public_names[0]; i++) {
            if (ml_span_equal(sni, ml_span_text(public_names[i]))) {
                return true;
            }
        }
    }
    return false;
}

/* A look-up belongs to the app whose host it asks for: the names asked are evidence, though they do not name the peer.
 */
static size_t asked_names(const struct ml_flow *flow, struct ml_flow_name out[], size_t max)
{
    size_t n = 0;
    for (const struct ml_fact *fact = flow->facts; fact != NULL && n < max; fact = fact->next) {
        if (fact->kind == ML_FACT_DNS_QUERY) {
            struct ml_span name = public_text(ml_fact_attr(fact, ML_F_DNS_NAME));
            bool is_new = name.len != 0 && (n == 0 || !ml_span_equal(out[n - 1].name, name));
            if (is_new) {
                out[n++] = (struct ml_flow_name){.name = name, .source = ML_NAME_DNS};
            }
        }
    }
    for (size_t i = 0; i < n; i++) {
        out[i].is_shared = n > 1;
    }
    return n;
}

/*
 * Names that answers later in the same capture give the address of a flow nobody has named: a capture that begins
 * amid conversations holds the look-ups of the next ones only.
 */
static size_t later_names(const struct ml_join *join, const struct ml_flow_view *view, struct ml_flow_name out[],
                          size_t max)
{
    size_t next = (size_t)(view->input - join->report->inputs) + 1;
    uint64_t until = next < join->report->n_inputs ? join->report->inputs[next].first_seq - 1 : UINT64_MAX;
    return ml_resolved_later(&join->names, &view->dst, view->flow->first_seq, until, out, max);
}

static struct ml_span kin_subject(const struct ml_join *join, const struct ml_flow_view *view)
{
    size_t kin = 0;
    bool has_one = ml_kin_subject(&join->kin, (size_t)view->id - 1, &kin);
    return has_one ? ml_kin_own_subject(join->flows[kin]) : ml_span_of(NULL, 0);
}

static bool is_listed(const char *const list[], size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(list[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* Names of parsers, and of kinds of facts that are signatures, each once. */
static size_t signatures_of(const struct ml_join *join, const struct ml_flow_view *view, const char *out[], size_t max)
{
    size_t n = 0;
    for (unsigned i = 0; i < view->note->n_protocols && n < max; i++) {
        out[n++] = view->note->protocols[i];
    }
    for (const struct ml_fact *fact = view->flow->facts; fact != NULL && n < max; fact = fact->next) {
        if (ml_kin_is_signature(&join->kin, fact->kind) && !is_listed(out, n, ml_fact_kind_name(fact->kind))) {
            out[n++] = ml_fact_kind_name(fact->kind);
        }
    }
    return n;
}

static void classify(const struct ml_join *join, struct ml_flow_view *view)
{
    enum { MAX_SIGNATURES = 32 };
    const char *signatures[MAX_SIGNATURES];
    const char *kin[ML_KIN_MAX_SIGNATURES];
    const char *declared = join->config->declared_app;
    struct ml_flow_name asked[ML_MAX_VIEW_NAMES];
    size_t n_asked = view->n_names == 0 ? asked_names(view->flow, asked, ML_MAX_VIEW_NAMES) : 0;
    size_t n_later = view->n_names + n_asked == 0 ? later_names(join, view, asked, ML_MAX_VIEW_NAMES) : 0;
    const struct ml_evidence evidence = {
        .names = n_asked + n_later != 0 ? asked : view->names,
        .n_names = n_asked + n_later != 0 ? n_asked + n_later : view->n_names,
        .signatures = signatures,
        .n_signatures = signatures_of(join, view, signatures, MAX_SIGNATURES),
        .kin = kin,
        .n_kin = ml_kin_signatures(&join->kin, (size_t)view->id - 1, kin),
        .kin_subject = kin_subject(join, view),
        .cert_subject = ml_kin_own_subject(view->flow),
        .server = view->dst,
        .server_port = view->dst_port,
        .ip_proto = view->flow->ip_proto,
        .asn = view->place->info.asn,
        .ndpi = view->note->has_ndpi ? &view->note->ndpi : NULL,
        .package = view->note->app,
        .declared = declared != NULL ? ml_span_text(declared) : ml_span_of(NULL, 0),
        .is_ech_outer = is_ech_outer(view->flow),
    };
    ml_classify(join->config->apps, &evidence, &view->verdict);
    if (n_asked != 0) {
        view->verdict.service = NULL; /* the look-up is not the service looked up */
    }
}

/* --- the view --- */

static const char *protocol_of(const struct ml_flow_view *view)
{
    const struct ml_flow_note *note = view->note;
    if (note->n_protocols != 0) {
        return note->protocols[0];
    }
    if (note->has_ndpi && !note->ndpi.is_by_address && note->ndpi.master[0] != '\0') {
        return note->ndpi.master;
    }
    return view->transport;
}

static void orient(const struct ml_join *join, struct ml_flow_view *view)
{
    const struct ml_flow *flow = view->flow;
    const struct ml_ip *device = &join->report->device;
    view->is_turned = device->family != 0 && ml_ip_equal(&flow->server, device) && !ml_ip_equal(&flow->client, device);
    enum ml_dir up = view->is_turned ? ML_DOWN : ML_UP;
    view->src = view->is_turned ? flow->server : flow->client;
    view->dst = view->is_turned ? flow->client : flow->server;
    view->src_port = view->is_turned ? flow->server_port : flow->client_port;
    view->dst_port = view->is_turned ? flow->client_port : flow->server_port;
    view->bytes_up = flow->bytes[up];
    view->bytes_down = flow->bytes[ml_dir_other(up)];
    view->packets_up = flow->packets[up];
    view->packets_down = flow->packets[ml_dir_other(up)];
}

static void find_origin(const struct ml_join *join, struct ml_flow_view *view)
{
    struct ml_moved_origin origin;
    bool has_moved = ml_moved_origin(&join->moved, (uint32_t)(view->id - 1), &origin);
    view->origin = has_moved ? join->flows[origin.of] : NULL;
    view->origin_id = has_moved ? (uint64_t)origin.of + 1 : 0;
    view->has_origin_id = origin.is_same_id;
}

static const struct ml_company *company_of(const struct ml_flow_view *view)
{
    if (view->name_info != NULL && view->name_info->company != NULL) {
        return view->name_info->company;
    }
    return view->place->info.company;
}

void ml_join_view(struct ml_hand *hand, uint64_t id, const struct ml_flow *flow, struct ml_flow_view *view)
{
    const struct ml_join *join = hand->join;
    view->id = id;
    view->flow = flow;
    view->note = flow->verdict;
    view->input = ml_join_input_of(join, flow->first_seq);
    view->n_names = 0;
    view->endpoint = NULL;
    view->transport = ml_transport_text(flow->ip_proto);
    view->protocol = protocol_of(view);
    orient(join, view);
    find_origin(join, view);
    collect_flow_names(join, view);
    view->place = ml_hand_site(hand, &view->dst);
    view->name_info = view->n_names != 0 ? ml_hand_name(hand, view->names[0].name) : NULL;
    view->company = company_of(view);
    view->class_control = ml_hand_class(hand, view->company);
    classify(join, view);
}
