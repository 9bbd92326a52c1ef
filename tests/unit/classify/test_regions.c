/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of a service that host names tell. */
#include "tiny.h"

#include "support/cm.h"

enum { MOST_NAMES = 4 };

static const char *const APPS[] = {
    "id: alpha\nname: Alpha\n"
    "names:\n  - {name: .alpha.test, source: s}\n"
    "signatures:\n  - {name: alpha.hello, source: s}\n"
    "regions:\n"
    "  - {region: east, country: SG, edition: x, names: ['e*.alpha.test'], meaning: m, source: s}\n"
    "  - {region: west, names: [w.alpha.test], meaning: m, source: s}\n" TINY_SOURCES,
    "id: gamma\nname: Gamma\nsignatures:\n  - {name: gamma.hello, source: s}\n" TINY_SOURCES,
};

static struct ml_apps *tiny;
static struct ml_apps *shipped;

/* Evidence in the making, and the verdict on it. */
struct rig {
    struct ml_flow_name names[MOST_NAMES];
    const char *signature;
    struct ml_evidence evidence;
    struct ml_verdict verdict;
};

static void name(struct rig *rig, enum ml_name_source source, const char *text)
{
    rig->evidence.names = rig->names;
    rig->names[rig->evidence.n_names++] = (struct ml_flow_name){.name = ml_span_text(text), .source = source};
}

static void signature(struct rig *rig, const char *text)
{
    rig->signature = text;
    rig->evidence.signatures = &rig->signature;
    rig->evidence.n_signatures = 1;
}

static const char *region(struct rig *rig, const struct ml_apps *apps)
{
    ml_classify(apps, &rig->evidence, &rig->verdict);
    return rig->verdict.region != NULL ? rig->verdict.region->id : "";
}

static void a_name_of_the_app_tells_the_part_of_the_service(void **state)
{
    (void)state;
    struct rig rig = {0};
    name(&rig, ML_NAME_SNI, "east1.alpha.test");
    assert_string_equal(region(&rig, tiny), "east");
    assert_string_equal(rig.verdict.region->country, "SG");
    assert_string_equal(rig.verdict.region->edition, "x");
    assert_string_equal(rig.verdict.region->meaning, "m");
    rig.names[0].name = ml_span_text("w.alpha.test");
    assert_string_equal(region(&rig, tiny), "west");
    assert_string_equal(rig.verdict.region->country, "");
    rig.names[0].name = ml_span_text("x.alpha.test");
    assert_string_equal(region(&rig, tiny), "");
}

static void the_best_source_speaks_and_names_that_disagree_are_silent(void **state)
{
    (void)state;
    struct rig rig = {0};
    name(&rig, ML_NAME_DNS, "w.alpha.test");
    name(&rig, ML_NAME_SNI, "east1.alpha.test");
    assert_string_equal(region(&rig, tiny), "east");
    name(&rig, ML_NAME_SNI, "east2.alpha.test");
    assert_string_equal(region(&rig, tiny), "east");
    name(&rig, ML_NAME_SNI, "w.alpha.test");
    assert_string_equal(region(&rig, tiny), "");
}

static void a_name_of_an_app_that_is_not_the_verdict_tells_nothing(void **state)
{
    (void)state;
    struct rig rig = {0};
    name(&rig, ML_NAME_DNS, "w.alpha.test");
    signature(&rig, "gamma.hello");
    assert_string_equal(region(&rig, tiny), "");
    assert_string_equal(rig.verdict.app, "gamma");
}

static void the_name_in_front_of_an_encrypted_hello_tells_nothing(void **state)
{
    (void)state;
    struct rig rig = {0};
    name(&rig, ML_NAME_SNI, "w.alpha.test");
    signature(&rig, "alpha.hello");
    assert_string_equal(region(&rig, tiny), "west");
    rig.evidence.is_ech_outer = true;
    assert_string_equal(region(&rig, tiny), "");
    assert_string_equal(rig.verdict.app, "alpha");
}

/* The prefixes stand before words that begin with the same letters ("sh" + "short", "short"). */
static void prefixes_of_wechat_are_told_from_the_words_behind_them(void **state)
{
    (void)state;
    static const char *const CASES[][4] = {
        {"long.weixin.qq.com", "default", "", ""},
        {"short.weixin.qq.com", "default", "", ""},
        {"extshort.weixin.qq.com", "default", "", ""},
        {"hklong.weixin.qq.com", "hk", "HK", ""},
        {"hkextshort.weixin.qq.com", "hk", "HK", ""},
        {"szshort.weixin.qq.com", "sz", "CN", "weixin"},
        {"shshort.weixin.qq.com", "sh", "CN", "weixin"},
        {"shminorshort.weixin.qq.com", "sh", "CN", "weixin"},
        {"sgshort.wechat.com", "sg", "SG", "wechat"},
        {"sglong.wechat.com", "sg", "SG", "wechat"},
        {"sgquic.wechat.com", "sg", "SG", "wechat"},
        {"mlshort.weixin.qq.com", "ml", "", ""},
        {"support.weixin.qq.com", "", "", ""},
        {"mp.weixin.qq.com", "", "", ""},
        {"web.wechat.com", "", "", ""},
        {"szsupport.weixin.qq.com", "", "", ""},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct rig rig = {0};
        name(&rig, ML_NAME_HTTP, CASES[i][0]);
        assert_string_equal(region(&rig, shipped), CASES[i][1]);
        assert_string_equal(rig.verdict.app, "wechat");
        if (rig.verdict.region != NULL) {
            assert_string_equal(rig.verdict.region->country, CASES[i][2]);
            assert_string_equal(rig.verdict.region->edition, CASES[i][3]);
        }
    }
}

static int build(void **state)
{
    (void)state;
    struct ml_error error = {.text = ""};
    bool ok = tiny_build(TINY_WEIGHTS, APPS, sizeof APPS / sizeof APPS[0], &tiny, &error) == ML_OK &&
              ml_apps_load(MITLESER_RULES "/apps", &shipped, &error) == ML_OK;
    return ok ? 0 : -1;
}

static int drop(void **state)
{
    (void)state;
    ml_apps_free(tiny);
    ml_apps_free(shipped);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_of_the_app_tells_the_part_of_the_service),
        cmocka_unit_test(the_best_source_speaks_and_names_that_disagree_are_silent),
        cmocka_unit_test(a_name_of_an_app_that_is_not_the_verdict_tells_nothing),
        cmocka_unit_test(the_name_in_front_of_an_encrypted_hello_tells_nothing),
        cmocka_unit_test(prefixes_of_wechat_are_told_from_the_words_behind_them),
    };
    return cmocka_run_group_tests_name("classify/regions", tests, build, drop);
}
