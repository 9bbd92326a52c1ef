/* SPDX-License-Identifier: Apache-2.0 */
/* The tables that ship in rules/ load, and say what they must. */
#include "intel/intel.h"

#include "core/timefmt.h"
#include "support/cm.h"

static struct ml_intel *intel;

static int set_up(void **state)
{
    (void)state;
    struct ml_error error = {0};
    enum ml_status status = ml_intel_open(NULL, MITLESER_RULES, &intel, &error);
    if (status != ML_OK) {
        print_error("%s:%u: %s\n", error.file, error.line, error.text);
    }
    return status == ML_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ml_intel_close(intel);
    return 0;
}

static void class_is(const char *regime, const char *country, const char *day, const char *wanted)
{
    int64_t time_ns = 0;
    assert_true(ml_time_parse(ml_span_text(day), &time_ns));
    assert_string_equal(ml_intel_class_in(intel, regime, country, time_ns), wanted);
}

/* Members and decisions as of 2026: Regulation (EU) 2016/679, Art. 45, and what was decided on its basis. */
static void gdpr_classes_change_on_their_days(void **state)
{
    (void)state;
    static const char *const eea[] = {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI",
                                      "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU",
                                      "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"};
    for (size_t i = 0; i < sizeof eea / sizeof *eea; i++) {
        class_is("gdpr", eea[i], "2026-06-01", "eea");
    }
    static const char *const none[] = {"CN", "RU", "SG", "HK", "IN", "VG", "AE", "TR"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        class_is("gdpr", none[i], "2026-06-01", "none");
    }
    class_is("gdpr", "CH", "2026-06-01", "adequate");
    class_is("gdpr", "JP", "2026-06-01", "partial");
    class_is("gdpr", "JP", "2019-01-22", "none");
    class_is("gdpr", "KR", "2021-12-16", "none");
    class_is("gdpr", "KR", "2021-12-17", "partial");
    class_is("gdpr", "BR", "2026-01-25", "none");
    class_is("gdpr", "BR", "2026-01-26", "adequate");
    class_is("gdpr", "US", "2020-07-15", "partial");
    class_is("gdpr", "US", "2020-07-16", "none");
    class_is("gdpr", "US", "2023-07-09", "none");
    class_is("gdpr", "US", "2023-07-10", "partial");
    class_is("gdpr", "GB", "2020-12-31", "eea");
    class_is("gdpr", "GB", "2021-06-28", "adequate");
    class_is("gdpr", "GB", "2031-12-27", "adequate");
    class_is("gdpr", "GB", "2031-12-28", "none");
}

static void swiss_classes_differ_where_the_law_does(void **state)
{
    (void)state;
    class_is("swiss-ndsg", "CH", "2026-06-01", "domestic");
    class_is("swiss-ndsg", "DE", "2026-06-01", "adequate");
    class_is("swiss-ndsg", "US", "2024-09-14", "none");
    class_is("swiss-ndsg", "US", "2024-09-15", "partial");
    class_is("swiss-ndsg", "JP", "2026-06-01", "none"); /* adequate in part for the EU only */
    class_is("swiss-ndsg", "DE", "2023-08-31", "none"); /* the act was not yet in force */
}

static void controlled_by(const char *id, const char *country)
{
    const struct ml_company *company = ml_intel_company(intel, ml_span_text(id));
    if (company == NULL) {
        print_error("no company %s\n", id);
    }
    assert_non_null(company);
    assert_string_equal(company->parent_country, country);
}

static void messengers_lead_to_those_who_control_them(void **state)
{
    (void)state;
    controlled_by("wechat", "CN");
    controlled_by("weixin", "CN");
    controlled_by("whatsapp", "US");
    controlled_by("viber", "JP");
    controlled_by("line", "JP");
    controlled_by("kakao", "KR");
    controlled_by("signal", "US");
    controlled_by("telegram", "VG");
    controlled_by("threema", "CH");
    controlled_by("vng", "VN");
    controlled_by("tiktok", "CN");
    controlled_by("alibaba-cloud", "CN");
    controlled_by("adjust", "US");
    controlled_by("akamai", "US");
}

static void owner_is(const char *host, const char *id)
{
    struct ml_name_info info;
    ml_intel_name(intel, ml_span_text(host), &info);
    assert_non_null(info.company);
    assert_string_equal(info.company->id, id);
}

static void hosts_lead_to_companies(void **state)
{
    (void)state;
    owner_is("short.weixin.qq.com", "weixin");
    owner_is("sgshort.wechat.com", "wechat");
    owner_is("android.bugly.qq.com", "bugly");
    owner_is("www.qq.com", "tencent");
    owner_is("g.whatsapp.net", "whatsapp");
    owner_is("chat.signal.org", "signal");
    owner_is("t.me", "telegram");
    owner_is("legy.line-apps.com", "line");
}

static void flag_is(const char *host, bool is_tracker, const char *role)
{
    struct ml_name_info info;
    ml_intel_name(intel, ml_span_text(host), &info);
    assert_int_equal(info.tracker_list != NULL, is_tracker);
    assert_int_equal(info.n_roles, role != NULL);
    if (role != NULL) {
        assert_string_equal(info.roles[0], role);
    }
}

static void services_of_platforms_are_no_trackers(void **state)
{
    (void)state;
    flag_is("5-courier.push.apple.com", false, "push");
    flag_is("mtalk.google.com", false, "push");
    flag_is("dns.google", false, "doh");
    flag_is("r10.o.lencr.org", false, "ocsp");
    flag_is("time.apple.com", false, "ntp");
    flag_is("api.onesignal.com", true, "push");
    flag_is("sdk.iad-01.braze.com", true, NULL);
    flag_is("h-adashx.ut.taobao.com", true, NULL);
}

static void own_tables_have_digest_and_date(void **state)
{
    (void)state;
    size_t n = 0;
    for (size_t i = 0; i < ml_intel_datasets(intel); i++) {
        const struct ml_dataset *row = ml_intel_dataset(intel, i);
        if (row->is_present) {
            n++;
            assert_int_equal(strlen(row->sha256), 64);
            assert_int_equal(strlen(row->date), 10);
        }
    }
    assert_int_equal(n, 3);
}

static void statuses_have_names(void **state)
{
    (void)state;
    assert_string_equal(ml_location_status_text(ML_LOCATION_UNKNOWN), "unknown");
    assert_string_equal(ml_location_status_text(ML_LOCATION_DETERMINED), "determined");
    assert_string_equal(ml_location_status_text(ML_LOCATION_DISPUTED), "disputed");
    assert_string_equal(ml_location_status_text(ML_LOCATION_ANYCAST), "anycast");
    assert_string_equal(ml_location_status_text(ML_LOCATION_SPECIAL), "special");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gdpr_classes_change_on_their_days),
        cmocka_unit_test(swiss_classes_differ_where_the_law_does),
        cmocka_unit_test(messengers_lead_to_those_who_control_them),
        cmocka_unit_test(hosts_lead_to_companies),
        cmocka_unit_test(services_of_platforms_are_no_trackers),
        cmocka_unit_test(own_tables_have_digest_and_date),
        cmocka_unit_test(statuses_have_names),
    };
    return cmocka_run_group_tests_name("intel/tables", tests, set_up, tear_down);
}
