/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue that ships: it loads, knows its apps, and claims nothing that is somebody else's. */
#include "classify/verdict.h"

#include "support/cm.h"

#include <stdio.h>
#include <unistd.h>

static struct ml_apps *apps;

/* "app service" or "a|b service" for evidence in `evidence`; "-" for what is not told. */
static const char *told(const struct ml_evidence *evidence)
{
    static char text[256];
    struct ml_verdict verdict;
    ml_classify(apps, evidence, &verdict);
    size_t n = 0;
    for (size_t i = 0; i < verdict.n_one_of; i++) {
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", i > 0 ? "|" : "", verdict.one_of[i]);
    }
    if (verdict.n_one_of == 0) {
        n = (size_t)snprintf(text, sizeof text, "%s", verdict.app != NULL ? verdict.app : "-");
    }
    snprintf(text + n, sizeof text - n, " %s", verdict.service != NULL ? verdict.service : "-");
    return text;
}

static const char *of_name(const char *host)
{
    struct ml_flow_name name = {.name = ml_span_text(host), .source = ML_NAME_SNI};
    return told(&(struct ml_evidence){.names = &name, .n_names = 1});
}

static const char *of_address(const char *text)
{
    struct ml_evidence evidence = {0};
    assert_true(ml_ip_parse(ml_span_text(text), &evidence.server));
    return told(&evidence);
}

static const char *of_signature(const char *text)
{
    return told(&(struct ml_evidence){.signatures = &text, .n_signatures = 1});
}

static const char *of_ndpi(const char *master, const char *app)
{
    struct ml_ndpi_answer answer = {master, app, "DPI", false};
    return told(&(struct ml_evidence){.ndpi = &answer});
}

static void every_app_is_there_with_a_name(void **state)
{
    (void)state;
    static const char *const IDS[] = {
        "alipay",    "badoo",    "botim",     "dingtalk",  "discord",   "google_meet", "icq",
        "imessage",  "imo",      "instagram", "irc",       "kakaotalk", "line",        "matrix",
        "messenger", "msn",      "mumble",    "qq",        "session",   "signal",      "skype",
        "slack",     "snapchat", "teams",     "teamspeak", "telegram",  "threema",     "tiktok",
        "viber",     "webex",    "wechat",    "whatsapp",  "wire",      "xmpp",        "yahoo_messenger",
        "zalo",      "zoom",
    };
    for (size_t i = 0; i < sizeof IDS / sizeof IDS[0]; i++) {
        const struct ml_app *app = ml_apps_find(apps, ml_span_text(IDS[i]));
        assert_non_null(app);
        assert_true(strlen(app->name) >= 3);
    }
    for (size_t i = 0; i < ml_apps_count(apps); i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/apps/%s.yaml", MITLESER_RULES, ml_apps_get(apps, i)->id);
        assert_int_equal(access(path, R_OK), 0); /* the file has the name of its app */
    }
    assert_true(ml_apps_count(apps) >= sizeof IDS / sizeof IDS[0]);
    assert_string_equal(ml_apps_find(apps, ml_span_text("wechat"))->operator_id, "tencent");
    assert_string_equal(ml_apps_find(apps, ml_span_text("alipay"))->operator_id, "alipay");
    assert_string_equal(ml_apps_find(apps, ml_span_text("matrix"))->operator_id, "");
}

/* Is there a row `id` in the companies of rules/operators? */
static bool has_company(const char *id)
{
    static const char *const FILES[] = {"clouds", "messengers", "platforms", "trackers"};
    bool is_found = false;
    for (size_t i = 0; i < sizeof FILES / sizeof FILES[0] && !is_found; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/operators/%s.yaml", MITLESER_RULES, FILES[i]);
        struct ml_yaml_file file;
        assert_int_equal(ml_yaml_read(path, &file, NULL), ML_OK);
        const struct ml_yaml *companies = ml_yaml_get(file.documents[0], "companies");
        assert_non_null(companies);
        for (const struct ml_yaml *row = companies->first; row != NULL && !is_found; row = row->next) {
            is_found = ml_span_equal(ml_yaml_text(row, "id", ""), ml_span_text(id));
        }
        ml_yaml_fini(&file);
    }
    return is_found;
}

static void every_operator_has_a_row_of_its_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < ml_apps_count(apps); i++) {
        const struct ml_app *app = ml_apps_get(apps, i);
        if (app->operator_id[0] != '\0' && !has_company(app->operator_id)) {
            fail_msg("%s: no company \"%s\" in rules/operators", app->id, app->operator_id);
        }
    }
}

static void host_names_lead_to_app_and_service(void **state)
{
    (void)state;
    static const char *const CASES[][2] = {
        {"long.weixin.qq.com", "wechat messaging"},
        {"hkextshort.weixin.qq.com", "wechat messaging"},
        {"sgminorshort.wechat.com", "wechat messaging"},
        {"hkshort6.weixin.qq.com", "wechat messaging"},
        {"szquic.weixin.qq.com", "wechat messaging"},
        {"dns.weixin.qq.com", "wechat resolver"},
        {"hkshort.pay.weixin.qq.com", "wechat payment"},
        {"sgshort.mixpay.wechat.com", "wechat payment"},
        {"shshort.snspay.wechatpay.cn", "wechat payment"},
        {"shmmsns.qpic.cn", "wechat media"},
        {"servicewechat.com", "wechat mini_program"},
        {"login.wx.qq.com", "wechat login"},
        {"tenpay.com", "qq|wechat payment"},
        {"www.qq.com", "qq|wechat -"},
        {"msfwifi.3g.qq.com", "qq messaging"},
        {"g.whatsapp.net", "whatsapp messaging"},
        {"media-ams4-1.cdn.whatsapp.net", "whatsapp media"},
        {"mmg-fna.whatsapp.net", "whatsapp media"},
        {"graph.whatsapp.net", "whatsapp telemetry"},
        {"v.whatsapp.net", "instagram|messenger|whatsapp login"},
        {"edge-mqtt.facebook.com", "instagram|messenger messaging"},
        {"mqtt-mini.facebook.com", "messenger messaging"},
        {"i.instagram.com", "instagram messaging"},
        {"chat.signal.org", "signal messaging"},
        {"sfu.voip.signal.org", "signal call"},
        {"pluto.web.telegram.org", "telegram messaging"},
        {"t.me", "telegram web"},
        {"g-17.0.threema.ch", "threema messaging"},
        {"ds.w-04.0.threema.ch", "threema messaging"},
        {"blobp-7f.threema.ch", "threema media"},
        {"legy.line-apps.com", "line messaging"},
        {"booking-loco.kakao.com", "kakaotalk messaging"},
        {"33-courier.push.apple.com", "imessage push"},
        {"euaz.tr.teams.microsoft.com", "teams messaging"},
        {"config.edge.skype.com", "skype|teams update"},
        {"zoomfr85zc.zoom.us", "zoom call"},
        {"log.zoom.us", "zoom telemetry"},
        {"tt-chat2-wpa.chat.zalo.me", "zalo messaging"},
        {"seed1.getsession.org", "session login"},
        {"mobilegw.alipay.com", "alipay payment"},
        {"meet.google.com", "google_meet call"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        assert_string_equal(of_name(CASES[i][0]), CASES[i][1]);
    }
}

static void names_of_others_lead_nowhere(void **state)
{
    (void)state;
    static const char *const HOSTS[] = {
        /* fronts that Signal hides behind in censored networks */
        "github.githubassets.com",
        "pinterest.com",
        "www.redditstatic.com",
        "www.google.com",
        "android.clients.google.com",
        "clients3.google.com",
        "clients4.google.com",
        "inbox.google.com",
        "googlemail.com",
        /* trackers and software kits that any app may load */
        "graph.facebook.com",
        "connect.facebook.net",
        "app-measurement.com",
        "android.bugly.qq.com",
        "otheve.beacon.qq.com",
        "mi.gdt.qq.com",
        "sdk.e.qq.com",
        "api.mixpanel.com",
        /* other products of the same companies */
        "www.facebook.com",
        "scontent.xx.fbcdn.net",
        "v.qq.com",
        "y.qq.com",
        "mail.qq.com",
        "www.apple.com",
        "gateway.icloud.com",
        "www.microsoft.com",
        "outlook.office365.com",
        "www.naver.com",
        "www.daum.net",
        "log.byteoversea.com",
        "www.taobao.com",
        /* rented infrastructure */
        "ec2-198-51-100-1.compute.amazonaws.com",
        "edge.akamaiedge.net",
        "global.ssl.fastly.net",
        "myqcloud.com",
        /* what only looks like one of ours */
        "notwhatsapp.net",
        "whatsapp.net.example.com",
        "xweixin.qq.com.example.org",
        "signal.example.org",
        "example.com",
        "weixin.example.cn",
        "com",
        "net",
    };
    for (size_t i = 0; i < sizeof HOSTS / sizeof HOSTS[0]; i++) {
        assert_string_equal(of_name(HOSTS[i]), "- -");
    }
}

static void published_ranges_lead_to_their_app(void **state)
{
    (void)state;
    assert_string_equal(of_address("149.154.167.51"), "telegram messaging");
    assert_string_equal(of_address("91.108.13.1"), "telegram call"); /* inside a larger range for messages */
    assert_string_equal(of_address("2001:67c:4e8:f002::a"), "telegram messaging");
    assert_string_equal(of_address("157.240.1.61"), "whatsapp messaging");
    assert_string_equal(of_address("157.240.1.62"), "- -");
    assert_string_equal(of_address("2403:300:a42::1"), "imessage push");
    assert_string_equal(of_address("198.51.100.1"), "- -");
    assert_string_equal(of_address("2001:db8::1"), "- -");
}

static void the_agreed_signatures_have_an_app(void **state)
{
    (void)state;
    static const char *const CASES[][2] = {
        {"mmtls", "wechat messaging"},
        {"wechat.newgetdns", "wechat resolver"},
        {"mtproto.obfuscated2", "telegram messaging"},
        {"whatsapp.noise", "whatsapp messaging"},
        {"qq.sso", "qq messaging"},
        {"qq.oicq", "qq messaging"},
        {"line.call", "line call"},
        {"kakao.loco", "kakaotalk messaging"},
        {"kakao.voice", "kakaotalk call"},
        {"viber.tcp", "viber messaging"},
        {"viber.udp", "viber call"},
        {"discord.ip_discovery", "discord call"},
        {"discord.voice", "discord call"},
        {"zoom.sfu", "zoom call"},
        {"zoom.p2p", "zoom call"},
        {"threema.handshake", "threema messaging"},
        {"zalo.call", "zalo call"},
        {"imo.udp", "imo call"},
        {"stun.whatsapp", "whatsapp call"},
        {"stun.signal", "signal call"},
        {"stun.telegram", "telegram call"},
        {"stun.messenger", "instagram|messenger call"},
        {"stun.viber", "viber call"},
        {"stun.teams", "skype|teams call"},
        {"stun.zoom", "zoom call"},
        {"stun.google", "google_meet call"},
        {"skype.teams_call", "skype|teams call"},
        {"xmpp", "xmpp messaging"},
        {"irc", "irc messaging"},
        {"msn", "msn messaging"},
        {"ymsg", "yahoo_messenger messaging"},
        {"mumble", "mumble call"},
        {"teamspeak", "teamspeak call"},
        {"apns", "imessage push"},
        {"tls", "- -"},
        {"dns", "- -"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        assert_string_equal(of_signature(CASES[i][0]), CASES[i][1]);
    }
}

static void names_of_ndpi_are_apps_only_where_they_are(void **state)
{
    (void)state;
    assert_string_equal(of_ndpi("TLS", "WeChat"), "wechat messaging");
    assert_string_equal(of_ndpi("WhatsAppCall", ""), "whatsapp call");
    assert_string_equal(of_ndpi("STUN", "WhatsAppCall"), "- -");
    assert_string_equal(of_ndpi("DTLS", "SignalVoip"), "signal call");
    assert_string_equal(of_ndpi("OICQ", ""), "qq messaging");
    assert_string_equal(of_ndpi("TLS", "Skype_Teams"), "skype|teams messaging");
    static const char *const GENERIC[][2] = {{"TLS", ""},          {"QUIC", "Google"}, {"TLS", "Facebook"},
                                             {"DNS", "AmazonAWS"}, {"HTTP", ""},       {"TLS", "Tencent"},
                                             {"STUN", ""},         {"TLS", "Apple"},   {"TLS", "AppleiCloud"}};
    for (size_t i = 0; i < sizeof GENERIC / sizeof GENERIC[0]; i++) {
        assert_string_equal(of_ndpi(GENERIC[i][0], GENERIC[i][1]), "- -");
    }
}

static int load(void **state)
{
    (void)state;
    struct ml_error error = {0};
    if (ml_apps_load(MITLESER_RULES "/apps", &apps, &error) != ML_OK) {
        char text[900];
        ml_error_format(&error, text, sizeof text);
        fprintf(stderr, "%s\n", text);
        return -1;
    }
    return 0;
}

static int drop(void **state)
{
    (void)state;
    ml_apps_free(apps);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_app_is_there_with_a_name),
        cmocka_unit_test(every_operator_has_a_row_of_its_own),
        cmocka_unit_test(host_names_lead_to_app_and_service),
        cmocka_unit_test(names_of_others_lead_nowhere),
        cmocka_unit_test(published_ranges_lead_to_their_app),
        cmocka_unit_test(the_agreed_signatures_have_an_app),
        cmocka_unit_test(names_of_ndpi_are_apps_only_where_they_are),
    };
    return cmocka_run_group_tests_name("classify/rules", tests, load, drop);
}
