/* SPDX-License-Identifier: Apache-2.0 */
/* Three apps: alpha and beta share a domain and a network, gamma stands alone. */
#include "tiny.h"

#include "support/cm.h"

#include <stdio.h>

enum { MOST_NAMES = 16 };

static const char *const APPS[] = {
    "id: alpha\nname: Alpha\n"
    "uids:\n  - {package: org.example.alpha, source: s}\n"
    "names:\n"
    "  - {name: .alpha.test, service: messaging, source: s}\n"
    "  - {name: media.alpha.test, service: media, source: s}\n"
    "  - {name: .shared.test, service: login, shared: true, one_of: [alpha, beta], source: s}\n"
    "not_ours:\n  - {name: tracker.alpha.test, source: s}\n  - {name: front.test, source: s}\n"
    "prefixes:\n"
    "  - {prefix: 192.0.2.0/24, service: call, published: true, source: s}\n"
    "  - {prefix: 192.0.2.128/25, published: false, source: s}\n"
    "  - {prefix: 198.51.100.0/24, shared: true, one_of: [alpha, beta], published: true, source: s}\n"
    "asns:\n  - {asn: 64500, shared: true, one_of: [alpha, beta], source: s}\n"
    "ndpi:\n  - {name: Alpha, service: messaging, source: s}\n  - {name: AlphaCall, service: call, source: s}\n"
    "signatures:\n  - {name: alpha.hello, service: messaging, source: s}\n"
    "  - {name: stun.shared, service: call, shared: true, one_of: [alpha, beta], source: s}\n" TINY_SOURCES,
    "id: beta\nname: Beta\nnames:\n  - {name: .beta.test, service: media, source: s}\n" TINY_SOURCES,
    "id: gamma\nname: Gamma\n"
    "names:\n  - {name: .gamma.test, service: payment, source: s}\n"
    "prefixes:\n  - {prefix: 203.0.113.0/24, published: true, source: s}\n"
    "ndpi:\n  - {name: Gamma, service: messaging, source: s}\n"
    "signatures:\n  - {name: gamma.hello, source: s}\n"
    "certificates:\n  - {subject: CN=gamma, service: call, source: s}\n" TINY_SOURCES,
};

/* Evidence in the making, and the verdict on it. */
struct rig {
    struct ml_apps *apps;
    struct ml_flow_name names[MOST_NAMES];
    const char *signatures[MOST_NAMES];
    const char *kin[MOST_NAMES];
    struct ml_ndpi_answer ndpi;
    struct ml_evidence evidence;
    struct ml_verdict verdict;
    char text[2048];
};

static struct rig rig;

static int init(void **state)
{
    (void)state;
    struct ml_apps *apps = rig.apps;
    memset(&rig, 0, sizeof rig);
    rig.apps = apps;
    rig.evidence.names = rig.names;
    rig.evidence.signatures = rig.signatures;
    rig.evidence.kin = rig.kin;
    return 0;
}

static void name(enum ml_name_source source, const char *text)
{
    assert_true(rig.evidence.n_names < MOST_NAMES);
    rig.names[rig.evidence.n_names++] = (struct ml_flow_name){.name = ml_span_text(text), .source = source};
}

static void shared_name(enum ml_name_source source, const char *text)
{
    name(source, text);
    rig.names[rig.evidence.n_names - 1].is_shared = true;
}

static void signature(const char *text)
{
    rig.signatures[rig.evidence.n_signatures++] = text;
}

static void kin(const char *text)
{
    rig.kin[rig.evidence.n_kin++] = text;
}

static void server(const char *text)
{
    assert_true(ml_ip_parse(ml_span_text(text), &rig.evidence.server));
}

static void ndpi(const char *master, const char *app, const char *confidence, bool is_by_address)
{
    rig.ndpi = (struct ml_ndpi_answer){master, app, confidence, is_by_address};
    rig.evidence.ndpi = &rig.ndpi;
}

/* "app/service grade [conflict]: votes" - votes as "app+evidence=points", "*" marks shared ones. */
static const char *verdict(void)
{
    ml_classify(rig.apps, &rig.evidence, &rig.verdict);
    const struct ml_verdict *v = &rig.verdict;
    size_t n = 0;
    if (v->n_one_of != 0) {
        assert_null(v->app);
        n += (size_t)snprintf(rig.text, sizeof rig.text, "one of");
        for (size_t i = 0; i < v->n_one_of; i++) {
            n += (size_t)snprintf(rig.text + n, sizeof rig.text - n, " %s", v->one_of[i]);
        }
    } else {
        n += (size_t)snprintf(rig.text, sizeof rig.text, "%s", v->app != NULL ? v->app : "nobody");
    }
    n += (size_t)snprintf(rig.text + n, sizeof rig.text - n, "/%s %s%s:", v->service != NULL ? v->service : "?",
                          ml_grade_text(v->grade), v->has_conflict ? " conflict" : "");
    for (size_t i = 0; i < v->n_votes; i++) {
        n += (size_t)snprintf(rig.text + n, sizeof rig.text - n, " %s+%s=%d%s",
                              ml_apps_get(rig.apps, v->votes[i].app)->id, v->votes[i].evidence, v->votes[i].weight,
                              v->votes[i].is_shared ? "*" : "");
    }
    return rig.text;
}

static void no_evidence_names_nobody(void **state)
{
    (void)state;
    assert_string_equal(verdict(), "nobody/? none:");
    assert_null(rig.verdict.app);
    assert_null(rig.verdict.app_name);
}

static void a_server_name_alone_is_enough(void **state)
{
    (void)state;
    name(ML_NAME_SNI, "media.alpha.test");
    assert_string_equal(verdict(), "alpha/media high: alpha+sni:media.alpha.test=90");
    assert_string_equal(rig.verdict.app_name, "Alpha");
    assert_int_equal(rig.verdict.votes[0].vote_class, ML_VOTE_NAME);
    assert_string_equal(ml_apps_service(rig.apps, rig.verdict.votes[0].service), "media");
}

static void each_source_of_a_name_has_its_weight(void **state)
{
    static const struct {
        enum ml_name_source source;
        const char *expected;
    } CASES[] = {
        {ML_NAME_SNI, "beta/media high: beta+sni:x.beta.test=90"},
        {ML_NAME_HTTP, "beta/media high: beta+http:x.beta.test=90"},
        {ML_NAME_QUIC, "beta/media high: beta+quic_sni:x.beta.test=90"},
        {ML_NAME_CERT, "beta/media moderate: beta+cert:x.beta.test=70"},
        {ML_NAME_HTTP_DNS, "beta/media moderate: beta+http_dns:x.beta.test=60"},
        {ML_NAME_DNS, "beta/media moderate: beta+dns:x.beta.test=50"},
        {ML_NAME_FILE, "beta/media low: beta+file:x.beta.test=40"},
        {ML_NAME_DNS_LATER, "beta/media low: beta+dns_later:x.beta.test=30"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        init(state);
        name(CASES[i].source, "x.beta.test");
        assert_string_equal(verdict(), CASES[i].expected);
    }
}

static void names_that_agree_count_once(void **state)
{
    (void)state;
    name(ML_NAME_DNS, "x.beta.test");
    name(ML_NAME_CERT, "*.beta.test");
    assert_string_equal(verdict(), "beta/media moderate: beta+cert:*.beta.test=70 beta+dns:x.beta.test=50");
}

static void kinds_that_agree_add_up(void **state)
{
    (void)state;
    name(ML_NAME_DNS, "x.alpha.test");
    server("192.0.2.1");
    assert_string_equal(verdict(), "alpha/messaging high: alpha+dns:x.alpha.test=50 alpha+prefix:192.0.2.0/24=30");
}

static void of_several_names_of_one_app_the_text_of_the_first_in_order_is_told(void **state)
{
    (void)state;
    name(ML_NAME_CERT, "x.alpha.test");
    name(ML_NAME_CERT, "media.alpha.test");
    assert_string_equal(verdict(), "alpha/? moderate: alpha+cert:media.alpha.test=70");
}

static void a_shared_name_is_one_of(void **state)
{
    (void)state;
    name(ML_NAME_SNI, "v.shared.test");
    assert_string_equal(verdict(), "one of alpha beta/login moderate: alpha+sni:v.shared.test=54* "
                                   "beta+sni:v.shared.test=54*");
}

static void other_evidence_settles_a_shared_name_without_conflict(void **state)
{
    (void)state;
    name(ML_NAME_SNI, "v.shared.test");
    signature("alpha.hello");
    assert_string_equal(verdict(), "alpha/messaging high: alpha+signature:alpha.hello=100 "
                                   "alpha+sni:v.shared.test=54* beta+sni:v.shared.test=54*");
}

static void the_declared_app_settles_what_is_open(void **state)
{
    (void)state;
    server("198.51.100.9");
    rig.evidence.declared = ml_span_text("beta");
    assert_string_equal(verdict(), "beta/? low: beta+prefix:198.51.100.0/24=18* beta+declared:beta=10 "
                                   "alpha+prefix:198.51.100.0/24=18*");
}

static void the_declared_app_alone_names_nobody(void **state)
{
    (void)state;
    rig.evidence.declared = ml_span_text("alpha");
    assert_string_equal(verdict(), "nobody/? none: alpha+declared:alpha=10");
}

static void a_declared_app_that_nobody_knows_is_no_vote(void **state)
{
    (void)state;
    rig.evidence.declared = ml_span_text("omega");
    assert_string_equal(verdict(), "nobody/? none:");
}

static void the_device_knows_best(void **state)
{
    (void)state;
    rig.evidence.package = ml_span_text("org.example.alpha");
    assert_string_equal(verdict(), "alpha/? high: alpha+uid:org.example.alpha=100");
    rig.evidence.package = ml_span_text("org.example.other");
    assert_string_equal(verdict(), "nobody/? none:");
}

static void a_network_alone_names_nobody(void **state)
{
    (void)state;
    rig.evidence.asn = 64500;
    assert_string_equal(verdict(), "nobody/? none: alpha+asn:64500=6* beta+asn:64500=6*");
}

static void addresses_count_once(void **state)
{
    (void)state;
    server("192.0.2.1");
    rig.evidence.asn = 64500;
    ndpi("TLS", "Alpha", "DPI", true);
    assert_string_equal(verdict(), "alpha/call low: alpha+prefix:192.0.2.0/24=30 alpha+asn:64500=6* "
                                   "alpha+ndpi:Alpha (DPI, by address)=6 beta+asn:64500=6*");
}

static void the_smallest_block_speaks(void **state)
{
    (void)state;
    server("192.0.2.200");
    assert_string_equal(verdict(), "nobody/? none: alpha+prefix:192.0.2.128/25=16");
}

static void ndpi_counts_by_its_own_confidence(void **state)
{
    (void)state;
    ndpi("TLS", "Alpha", "DPI", false);
    assert_string_equal(verdict(), "alpha/messaging moderate: alpha+ndpi:Alpha (DPI)=46");
    ndpi("DTLS", "AlphaCall", "DPI (cache)", false);
    assert_string_equal(verdict(), "alpha/call low: alpha+ndpi:AlphaCall (DPI (cache))=20");
    ndpi("TLS", "Alpha", "Match by IP", true);
    assert_string_equal(verdict(), "nobody/? none: alpha+ndpi:Alpha (Match by IP, by address)=6");
}

static void what_ndpi_reads_into_stun_is_no_verdict(void **state)
{
    (void)state;
    ndpi("STUN", "AlphaCall", "DPI", false);
    assert_string_equal(verdict(), "nobody/? none: alpha+ndpi:AlphaCall (DPI)=15");
    server("192.0.2.1");
    assert_string_equal(verdict(), "alpha/call moderate: alpha+prefix:192.0.2.0/24=30 alpha+ndpi:AlphaCall (DPI)=15");
    ndpi("STUN", "", "DPI", false);
    assert_string_equal(verdict(), "alpha/call low: alpha+prefix:192.0.2.0/24=30");
}

static void ndpi_weighs_little_against_the_names_on_the_wire(void **state)
{
    (void)state;
    name(ML_NAME_SNI, "gamma.test");
    ndpi("TLS", "Alpha", "DPI", false);
    assert_string_equal(verdict(), "gamma/payment high conflict: gamma+sni:gamma.test=90 "
                                   "alpha+ndpi:Alpha (DPI, names say otherwise)=4");
}

static void ndpi_weighs_little_against_a_name_that_is_listed_as_nobodys(void **state)
{
    (void)state;
    name(ML_NAME_DNS, "tracker.alpha.test"); /* what a look-up asks for, for example */
    ndpi("DNS", "Alpha", "DPI", false);
    assert_string_equal(verdict(), "nobody/? none: alpha+ndpi:Alpha (DPI, names say otherwise)=4");
    /* A name that no file knows is no contradiction: nDPI may have its own list. */
    rig.names[0].name = ml_span_text("www.example.com");
    assert_string_equal(verdict(), "alpha/messaging moderate: alpha+ndpi:Alpha (DPI)=46");
}

static void a_certificate_may_say_in_its_subject_whose_it_is(void **state)
{
    (void)state;
    rig.evidence.cert_subject = ml_span_text("CN=gamma");
    assert_string_equal(verdict(), "gamma/call moderate: gamma+cert:CN=gamma=70");
    rig.evidence.cert_subject = ml_span_text("CN=gamma2");
    assert_string_equal(verdict(), "nobody/? none:");
    rig.evidence.kin_subject = ml_span_text("CN=gamma");
    assert_string_equal(verdict(), "gamma/call moderate: gamma+kin:CN=gamma=60");
}

static void a_name_of_ndpi_that_stands_alone_is_the_master(void **state)
{
    (void)state;
    ndpi("Gamma", "", "DPI", false);
    assert_string_equal(verdict(), "gamma/messaging moderate: gamma+ndpi:Gamma (DPI)=46");
}

static void protocols_and_networks_are_no_app(void **state)
{
    static const char *const NAMES[][2] = {{"TLS", ""}, {"TLS", "Google"},     {"DNS", "Alpha2"},  {"HTTP", ""},
                                           {"", ""},    {"QUIC", "AmazonAWS"}, {"Alpha", "Google"}};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        init(state);
        ndpi(NAMES[i][0], NAMES[i][1], "DPI", false);
        assert_string_equal(verdict(), "nobody/? none:");
    }
}

static void a_name_of_nobody_on_the_connection_ends_hearsay(void **state)
{
    (void)state;
    name(ML_NAME_SNI, "www.example.com");
    name(ML_NAME_CERT, "x.alpha.test");
    name(ML_NAME_DNS, "x.alpha.test");
    server("192.0.2.1");
    assert_string_equal(verdict(), "nobody/? none: alpha+prefix:192.0.2.0/24=15");
}

static void a_name_that_is_not_ours_is_one_of_nobody(void **state)
{
    (void)state;
    name(ML_NAME_SNI, "tracker.alpha.test");
    name(ML_NAME_DNS, "x.alpha.test");
    assert_string_equal(verdict(), "nobody/? none:");
}

static void a_front_says_nothing_and_the_host_behind_it_speaks(void **state)
{
    (void)state;
    name(ML_NAME_SNI, "front.test");
    name(ML_NAME_HTTP, "x.gamma.test");
    assert_string_equal(verdict(), "gamma/payment high: gamma+http:x.gamma.test=90");
}

static void a_certificate_of_a_host_elsewhere_does_not_silence_dns(void **state)
{
    (void)state;
    name(ML_NAME_CERT, "edge.example.com");
    name(ML_NAME_DNS, "x.gamma.test");
    assert_string_equal(verdict(), "gamma/payment moderate: gamma+dns:x.gamma.test=50");
}

static void an_outer_name_of_ech_never_votes(void **state)
{
    (void)state;
    name(ML_NAME_SNI, "x.alpha.test");
    name(ML_NAME_QUIC, "x.alpha.test");
    rig.evidence.is_ech_outer = true;
    assert_string_equal(verdict(), "nobody/? none:");
    /* Nor does it stand against what else is known. */
    rig.names[0].name = ml_span_text("cover.example.com");
    rig.names[1].name = ml_span_text("cover.example.com");
    name(ML_NAME_DNS, "x.gamma.test");
    assert_string_equal(verdict(), "gamma/payment moderate: gamma+dns:x.gamma.test=50");
}

static void an_address_with_several_names_weakens_each(void **state)
{
    (void)state;
    shared_name(ML_NAME_DNS, "x.gamma.test");
    assert_string_equal(verdict(), "gamma/payment low: gamma+dns:x.gamma.test=25");
}

static void names_of_several_apps_in_one_source_are_one_of(void **state)
{
    (void)state;
    name(ML_NAME_CERT, "x.gamma.test");
    name(ML_NAME_CERT, "x.beta.test");
    assert_string_equal(verdict(), "one of beta gamma/? low: beta+cert:x.beta.test=42* gamma+cert:x.beta.test=42*");
}

static void a_shared_name_beside_one_of_its_apps_is_that_app(void **state)
{
    (void)state;
    name(ML_NAME_CERT, "v.shared.test");
    name(ML_NAME_CERT, "x.beta.test");
    assert_string_equal(verdict(), "beta/? moderate: beta+cert:v.shared.test=70");
}

static void a_foreign_name_beside_ours_weakens_it(void **state)
{
    (void)state;
    name(ML_NAME_HTTP, "x.gamma.test");
    name(ML_NAME_HTTP, "www.example.com");
    assert_string_equal(verdict(), "gamma/payment moderate: gamma+http:x.gamma.test=45");
}

static void a_weak_conflict_takes_its_points(void **state)
{
    (void)state;
    name(ML_NAME_SNI, "x.alpha.test");
    ndpi("TLS", "Gamma", "Match by IP", true);
    assert_string_equal(verdict(), "alpha/messaging high conflict: alpha+sni:x.alpha.test=90 "
                                   "gamma+ndpi:Gamma (Match by IP, by address)=6");
}

static void a_strong_conflict_caps_the_grade_too(void **state)
{
    (void)state;
    name(ML_NAME_SNI, "x.alpha.test");
    signature("alpha.hello");
    server("203.0.113.5");
    assert_string_equal(verdict(), "alpha/messaging moderate conflict: alpha+signature:alpha.hello=100 "
                                   "alpha+sni:x.alpha.test=90 gamma+prefix:203.0.113.0/24=30");
}

static void equal_points_go_to_the_first_id(void **state)
{
    (void)state;
    signature("gamma.hello");
    signature("alpha.hello");
    assert_string_equal(verdict(), "alpha/messaging low conflict: alpha+signature:alpha.hello=100 "
                                   "gamma+signature:gamma.hello=100");
}

static void the_order_of_evidence_does_not_matter(void **state)
{
    name(ML_NAME_CERT, "v.shared.test");
    name(ML_NAME_CERT, "x.beta.test");
    name(ML_NAME_DNS, "x.gamma.test");
    signature("stun.shared");
    signature("gamma.hello");
    char first[sizeof rig.text];
    snprintf(first, sizeof first, "%s", verdict());
    init(state);
    name(ML_NAME_DNS, "x.gamma.test");
    name(ML_NAME_CERT, "x.beta.test");
    name(ML_NAME_CERT, "v.shared.test");
    signature("gamma.hello");
    signature("stun.shared");
    assert_string_equal(verdict(), first);
}

static void the_service_is_that_of_the_strongest_evidence(void **state)
{
    (void)state;
    name(ML_NAME_DNS, "media.alpha.test");
    ndpi("DTLS", "AlphaCall", "DPI", false);
    assert_string_equal(verdict(), "alpha/media high: alpha+dns:media.alpha.test=50 alpha+ndpi:AlphaCall (DPI)=46");
    signature("stun.shared");
    assert_string_equal(verdict(), "alpha/call high: alpha+signature:stun.shared=60* alpha+dns:media.alpha.test=50 "
                                   "alpha+ndpi:AlphaCall (DPI)=46 beta+signature:stun.shared=60*");
}

static void a_long_name_is_cut_at_its_front(void **state)
{
    (void)state;
    char host[201];
    memset(host, 'a', sizeof host);
    for (size_t i = 50; i < 190; i += 50) {
        host[i] = '.';
    }
    memcpy(host + 190, ".beta.test", 11);
    name(ML_NAME_SNI, host);
    (void)verdict();
    const char *evidence = rig.verdict.votes[0].evidence;
    assert_string_equal(rig.verdict.app, "beta");
    assert_int_equal(strlen(evidence), ML_VOTE_EVIDENCE - 1);
    assert_memory_equal(evidence, "sni:...a", 8);
    assert_string_equal(evidence + strlen(evidence) - 10, ".beta.test");
}

static void no_more_votes_than_fit_and_the_best_stay(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOST_NAMES; i++) {
        signature("stun.shared");
    }
    name(ML_NAME_SNI, "x.gamma.test");
    (void)verdict();
    assert_int_equal(rig.verdict.n_votes, ML_MAX_VOTES);
    assert_string_equal(rig.verdict.app, "gamma");
    assert_string_equal(rig.verdict.votes[0].evidence, "sni:x.gamma.test");
    assert_true(rig.verdict.has_conflict);
}

static void texts_exist_for_all_values(void **state)
{
    (void)state;
    assert_string_equal(ml_name_source_text(ML_NAME_HTTP_DNS), "http_dns");
    assert_string_equal(ml_name_source_text(ML_NAME_NONE), "");
    assert_string_equal(ml_name_source_text((enum ml_name_source)99), "");
    assert_string_equal(ml_vote_class_text(ML_VOTE_DECLARED), "declared");
    assert_string_equal(ml_vote_class_text(ML_VOTE_NDPI), "ndpi");
    assert_string_equal(ml_vote_class_text((enum ml_vote_class)99), "");
    assert_string_equal(ml_grade_text(ML_GRADE_MODERATE), "moderate");
    assert_string_equal(ml_grade_text((enum ml_grade)99), "none");
}

static int build(void **state)
{
    (void)state;
    return tiny_build(TINY_WEIGHTS, APPS, 3, &rig.apps, NULL) != ML_OK;
}

static int drop(void **state)
{
    (void)state;
    ml_apps_free(rig.apps);
    return 0;
}

#define FRESH(test) cmocka_unit_test_setup(test, init)

static void a_signature_of_a_neighbour_names_an_app_but_never_for_certain(void **state)
{
    (void)state;
    kin("gamma.hello");
    assert_string_equal(verdict(), "gamma/? moderate: gamma+kin:gamma.hello=60");
}

static void its_own_signature_says_more_than_that_of_a_neighbour(void **state)
{
    (void)state;
    kin("alpha.hello");
    signature("alpha.hello");
    assert_string_equal(verdict(), "alpha/messaging high: alpha+signature:alpha.hello=100 alpha+kin:alpha.hello=60");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(no_evidence_names_nobody),
        FRESH(a_server_name_alone_is_enough),
        FRESH(each_source_of_a_name_has_its_weight),
        FRESH(names_that_agree_count_once),
        FRESH(kinds_that_agree_add_up),
        FRESH(of_several_names_of_one_app_the_text_of_the_first_in_order_is_told),
        FRESH(a_shared_name_is_one_of),
        FRESH(other_evidence_settles_a_shared_name_without_conflict),
        FRESH(the_declared_app_settles_what_is_open),
        FRESH(the_declared_app_alone_names_nobody),
        FRESH(a_declared_app_that_nobody_knows_is_no_vote),
        FRESH(the_device_knows_best),
        FRESH(a_network_alone_names_nobody),
        FRESH(addresses_count_once),
        FRESH(the_smallest_block_speaks),
        FRESH(ndpi_counts_by_its_own_confidence),
        FRESH(what_ndpi_reads_into_stun_is_no_verdict),
        FRESH(ndpi_weighs_little_against_the_names_on_the_wire),
        FRESH(ndpi_weighs_little_against_a_name_that_is_listed_as_nobodys),
        FRESH(a_certificate_may_say_in_its_subject_whose_it_is),
        FRESH(a_name_of_ndpi_that_stands_alone_is_the_master),
        FRESH(protocols_and_networks_are_no_app),
        FRESH(a_name_of_nobody_on_the_connection_ends_hearsay),
        FRESH(a_name_that_is_not_ours_is_one_of_nobody),
        FRESH(a_front_says_nothing_and_the_host_behind_it_speaks),
        FRESH(a_certificate_of_a_host_elsewhere_does_not_silence_dns),
        FRESH(an_outer_name_of_ech_never_votes),
        FRESH(an_address_with_several_names_weakens_each),
        FRESH(names_of_several_apps_in_one_source_are_one_of),
        FRESH(a_shared_name_beside_one_of_its_apps_is_that_app),
        FRESH(a_foreign_name_beside_ours_weakens_it),
        FRESH(a_weak_conflict_takes_its_points),
        FRESH(a_strong_conflict_caps_the_grade_too),
        FRESH(equal_points_go_to_the_first_id),
        FRESH(the_order_of_evidence_does_not_matter),
        FRESH(the_service_is_that_of_the_strongest_evidence),
        FRESH(a_long_name_is_cut_at_its_front),
        FRESH(no_more_votes_than_fit_and_the_best_stay),
        FRESH(texts_exist_for_all_values),
        FRESH(a_signature_of_a_neighbour_names_an_app_but_never_for_certain),
        FRESH(its_own_signature_says_more_than_that_of_a_neighbour),
    };
    return cmocka_run_group_tests_name("classify/verdict", tests, build, drop);
}
