/* SPDX-License-Identifier: Apache-2.0 */
/* The detection language: what each construct matches, and what it does not. */
#include "rig.h"

#include "core/buf.h"
#include "core/mem.h"
#include "support/cm.h"

#include <stdio.h>

struct example {
    const char *what;
    const char *detection;
    const char *yes; /* a record that matches; NULL: none is tried */
    const char *no;
};

/* Records are facts; http.* and dns.* are texts, dst.port a number, dst.ip an address, fact.encrypted a truth. */
static const struct example examples[] = {
    /* Sigma rules specification 2.0, "Detection" */
    {"a plain value is compared without case", "s: {http.host: Example.COM}\ncondition: s", "http.host=eXample.com",
     "http.host=example.com."},
    {"case is ignored beyond ASCII too", "s: {http.user_agent: ÄÖÜ Ñandú ΣΊΣ ЖЮ}\ncondition: s",
     "http.user_agent=äöü ñandú σΊσ жю", "http.user_agent=aou nandu"},
    {"keys of a map are joined by and", "s: {http.host: a.test, dst.port: 80}\ncondition: s",
     "http.host=a.test\ndst.port=80", "http.host=a.test\ndst.port=81"},
    {"values of a list are joined by or", "s: {http.host: [a.test, b.test]}\ncondition: s", "http.host=b.test",
     "http.host=c.test"},
    {"maps of a list are joined by or", "s: [{http.host: a.test}, {dst.port: 80}]\ncondition: s",
     "http.host=z.test\ndst.port=80", "http.host=z.test\ndst.port=81"},
    {"any value of a list field counts", "s: {http.query_keys: uin}\ncondition: s",
     "http.query_keys=a\nhttp.query_keys=uin\nhttp.query_keys=b", "http.query_keys=a\nhttp.query_keys=uin2"},
    {"keywords are looked for in every field", "k: [weixin, 'qq.com']\ncondition: k", "dns.name=long.weixin.test",
     "dns.name=example.test"},
    {"keywords find numbers and addresses by their text", "k: ['8080', '2001:db8']\ncondition: k",
     "http.host=a.test\ndst.ip=2001:db8::5", "dst.port=81\ndst.ip=192.0.2.1"},
    {"one keyword may stand without a list", "k: weixin\ncondition: k", "http.host=weixin.test", "http.host=wei.test"},
    {"keywords with |all must all be there", "k:\n  '|all': [alpha, beta]\ncondition: k",
     "http.host=alpha.test\nhttp.path=/beta", "http.host=alpha.test\nhttp.path=/gamma"},
    {"keywords and maps can share a list", "k: [weixin, {dst.port: 80}]\ncondition: k", "http.host=a.test\ndst.port=80",
     "http.host=a.test\ndst.port=81"},
    {"keywords take regular expressions", "k:\n  '|re': 'wei.in'\ncondition: k", "dns.name=weizin.test",
     "dns.name=wein.test"},

    /* "String Wildcard", "Escaping" */
    {"* stands for any run", "s: {http.host: 'a*.test'}\ncondition: s", "http.host=abc.test", "http.host=abc.tes"},
    {"* stands for nothing too", "s: {http.host: 'a*.test'}\ncondition: s", "http.host=a.test", "http.host=b.test"},
    {"? stands for one character", "s: {http.host: 'a?.test'}\ncondition: s", "http.host=ab.test", "http.host=a.test"},
    {"? stands for a character of several bytes", "s: {http.host: 'a?c'}\ncondition: s", "http.host=aéc",
     "http.host=aééc"},
    {"wildcards in the middle", "s: {http.path: '*/get*/v?/*'}\ncondition: s", "http.path=/x/getAll/v2/y",
     "http.path=/x/getAll/v22/y"},
    {"an escaped wildcard is plain", "s: {http.path: 'a\\*b\\?c'}\ncondition: s", "http.path=a*b?c", "http.path=axbyc"},
    {"a backslash before anything else is plain", "s: {http.path: 'a\\b'}\ncondition: s", "http.path=a\\b",
     "http.path=ab"},
    {"a doubled backslash is one", "s: {http.path: 'a\\\\b'}\ncondition: s", "http.path=a\\b", "http.path=a\\\\b"},
    {"an escaped backslash leaves the wildcard", "s: {http.path: 'a\\\\*'}\ncondition: s", "http.path=a\\xyz",
     "http.path=axyz"},
    {"three backslashes escape both", "s: {http.path: 'a\\\\\\*'}\ncondition: s", "http.path=a\\*", "http.path=a\\x"},
    {"* alone asks for the field", "s: {http.host: '*'}\ncondition: s", "http.host=x", "dst.port=80"},
    {"question marks alone count characters", "s: {http.host: '?\?\?'}\ncondition: s", "http.host=abc",
     "http.host=abcd"},

    /* "Special Field Values", "Field Existence" */
    {"null is a field that is not there", "s: {http.host: null, dst.port: 80}\ncondition: s", "dst.port=80",
     "dst.port=80\nhttp.host=a"},
    {"null can be one of several values", "s: {http.host: [null, a.test]}\ncondition: s", "dst.port=80",
     "http.host=b.test"},
    {"not null by negation", "s: {dst.port: 80}\nf: {http.host: null}\ncondition: s and not f",
     "dst.port=80\nhttp.host=a", "dst.port=80"},
    {"'' is an empty text", "s: {http.path: ''}\ncondition: s", "http.path=", "http.path=/"},
    {"exists: true", "s: {http.host|exists: true}\ncondition: s", "http.host=", "dst.port=80"},
    {"exists: false", "s: {http.host|exists: false}\ncondition: s", "dst.port=80", "http.host=a"},
    {"a quoted null is a word", "s: {http.host: 'null'}\ncondition: s", "http.host=null", "dst.port=80"},

    /* modifiers appendix 2.1 */
    {"contains", "s: {http.path|contains: newGET}\ncondition: s", "http.path=/cgi/newgetdns", "http.path=/cgi/new"},
    {"contains with a wildcard", "s: {http.path|contains: 'new*dns'}\ncondition: s", "http.path=/x/newgetdns/y",
     "http.path=/x/dnsnew"},
    {"startswith", "s: {http.path|startswith: /mmtls/}\ncondition: s", "http.path=/MMTLS/0a", "http.path=/x/mmtls/0a"},
    {"endswith", "s: {http.host|endswith: .weixin.test}\ncondition: s", "http.host=Long.WeiXin.test",
     "http.host=long.weixin.test.x"},
    {"endswith finds the whole text too", "s: {http.host|endswith: weixin.test}\ncondition: s", "http.host=weixin.test",
     "http.host=eixin.test"},
    {"short parts are found", "s: {http.path|contains: [q, zz, xyz]}\ncondition: s", "http.path=/axyzb",
     "http.path=/xy"},
    {"all wants every value", "s: {http.path|contains|all: [uin=, net=]}\ncondition: s", "http.path=?net=1&uin=2",
     "http.path=?net=1"},
    {"cased", "s: {http.host|cased: Host}\ncondition: s", "http.host=Host", "http.host=host"},
    {"cased goes with parts", "s: {http.path|contains|cased: MMTLS}\ncondition: s", "http.path=/aMMTLSb",
     "http.path=/ammtlsb"},
    {"cased finds a later occurrence", "s: {http.path|contains|cased: Abc}\ncondition: s", "http.path=abcABCAbc",
     "http.path=abcABCaBc"},
    {"re is a search with case", "s: {http.path|re: 'get[A-Z]{2}\\d+$'}\ncondition: s", "http.path=/getAB12",
     "http.path=/getab12"},
    {"re|i ignores case", "s: {http.path|re|i: 'GET[a-z]+x'}\ncondition: s", "http.path=/getABX", "http.path=/get1x"},
    {"re|m ends lines", "s: {http.user_agent|re|m: '^b$'}\ncondition: s", NULL, "http.user_agent=abc"},
    {"re|s lets the dot match line ends", "s: {http.user_agent|re|s: 'a.b'}\ncondition: s", "http.user_agent=a.b",
     "http.user_agent=ab"},
    {"re with alternatives", "s: {http.path|re: 'alpha|beta'}\ncondition: s", "http.path=/beta", "http.path=/gamma"},
    {"re without a literal", "s: {http.path|re: '^.{3}$'}\ncondition: s", "http.path=abc", "http.path=abcd"},
    {"re looks at the digits of numbers", "s: {dst.port|re: '^80'}\ncondition: s", "dst.port=8080", "dst.port=1080"},
    {"re is not fooled by a literal in a group", "s: {http.path|re: 'abc(def)?ghi'}\ncondition: s", "http.path=abcghi",
     "http.path=abcdef"},
    {"re takes back a character that may be absent", "s: {http.path|re: 'abcd*efg'}\ncondition: s", "http.path=abcefg",
     "http.path=abefg"},
    {"cidr", "s: {dst.ip|cidr: 192.0.2.0/24}\ncondition: s", "dst.ip=192.0.2.77", "dst.ip=192.0.3.77"},
    {"cidr for IPv6", "s: {dst.ip|cidr: ['2001:db8::/33', 10.0.0.0/8]}\ncondition: s", "dst.ip=2001:db8:7fff::1",
     "dst.ip=2001:db8:8000::1"},
    {"cidr of an address in a text", "s: {http.host|cidr: 198.51.100.0/25}\ncondition: s", "http.host=198.51.100.127",
     "http.host=198.51.100.128"},
    {"cidr of everything", "s: {dst.ip|cidr: 0.0.0.0/0}\ncondition: s", "dst.ip=203.0.113.9", "dst.ip=2001:db8::1"},
    {"lt", "s: {dst.port|lt: 1024}\ncondition: s", "dst.port=1023", "dst.port=1024"},
    {"lte", "s: {dst.port|lte: 1024}\ncondition: s", "dst.port=1024", "dst.port=1025"},
    {"gt", "s: {dst.port|gt: 1024}\ncondition: s", "dst.port=1025", "dst.port=1024"},
    {"gte", "s: {dst.port|gte: 1024}\ncondition: s", "dst.port=1024", "dst.port=1023"},
    {"bounds may be negative", "s: {dst.port|gt: -1}\ncondition: s", "dst.port=0", "http.host=a"},
    {"comparing needs the field", "s: {dst.port|lt: 1024}\ncondition: s", NULL, "src.port=1"},
    {"numbers may be quoted", "s: {dst.port: '80'}\ncondition: s", "dst.port=80", "dst.port=800"},
    {"numbers are compared by value", "s: {dst.port: 080}\ncondition: s", "dst.port=80", "dst.port=8"},
    {"numbers with wildcards are texts", "s: {dst.port: '80*'}\ncondition: s", "dst.port=8080", "dst.port=180"},
    {"addresses are compared by value", "s: {dst.ip: '2001:DB8:0::1'}\ncondition: s", "dst.ip=2001:db8::1",
     "dst.ip=2001:db8::2"},
    {"addresses with wildcards are texts", "s: {dst.ip: '192.0.2.*'}\ncondition: s", "dst.ip=192.0.2.9",
     "dst.ip=192.0.29.1"},
    {"truth", "s: {fact.encrypted: false}\ncondition: s", "fact.encrypted=false", "fact.encrypted=true"},
    {"a truth that is not there is neither", "s: {fact.encrypted: false}\ncondition: s", NULL, "dst.port=1"},
    {"neq", "s: {http.host|neq: a.test}\ncondition: s", "http.host=b.test", "http.host=A.test"},
    {"neq of a list means none of them", "s: {dst.port|neq: [80, 443]}\ncondition: s", "dst.port=81", "dst.port=443"},
    {"neq is true without the field", "s: {dst.port|neq: 80}\ncondition: s", "http.host=a", NULL},
    {"neq with startswith", "s: {http.path|startswith|neq: /a}\ncondition: s", "http.path=/b", "http.path=/ab"},
    {"fieldref", "s: {http.host|fieldref: tls.sni}\ncondition: s", "http.host=A.test\ntls.sni=a.test",
     "http.host=a.test\ntls.sni=b.test"},
    {"fieldref without the other field", "s: {http.host|fieldref: tls.sni}\ncondition: s", NULL, "http.host=a.test"},
    {"fieldref with endswith", "s: {dns.name|fieldref|endswith: domain}\ncondition: s",
     "dns.name=x.a.test\ndomain=a.test", "dns.name=x.a.test\ndomain=b.test"},
    {"fieldref with contains, cased", "s: {http.path|fieldref|contains|cased: http.host}\ncondition: s",
     "http.path=/A.test/\nhttp.host=A.test", "http.path=/a.test/\nhttp.host=A.test"},
    {"fieldref of numbers, negated", "s: {dst.port|fieldref|neq: src.port}\ncondition: s", "dst.port=80\nsrc.port=81",
     "dst.port=80\nsrc.port=80"},
    {"fieldref finds any value of a list", "s: {name|fieldref: dns.cnames}\ncondition: s",
     "name=b.test\ndns.cnames=a.test\ndns.cnames=b.test", "name=c.test\ndns.cnames=a.test"},
    {"base64", "s: {http.query|base64|contains: 'foobar'}\ncondition: s", "http.query=x=Zm9vYmFy&",
     "http.query=foobar"},
    {"base64offset, shifted by none", "s: {http.query|base64offset|contains: 'foobar'}\ncondition: s",
     "http.query=Zm9vYmFy", "http.query=Zm9vYmEy"},
    {"base64offset, shifted by one", "s: {http.query|base64offset|contains: 'foobar'}\ncondition: s",
     "http.query=eGZvb2Jhcg==", NULL},
    {"base64offset, shifted by two", "s: {http.query|base64offset|contains: 'foobar'}\ncondition: s",
     "http.query=eHhmb29iYXI=", NULL},
    {"utf16le before base64", "s: {http.query|utf16le|base64offset|contains: 'cmd'}\ncondition: s",
     "http.query=YwBtAGQA", "http.query=Y21k"},
    {"wide is utf16le", "s: {http.query|wide|base64|contains: 'cmd'}\ncondition: s", "http.query=YwBtAGQA", NULL},
    {"utf16be", "s: {http.query|utf16be|base64|contains: 'cmd'}\ncondition: s", "http.query=AGMAbQBk", NULL},
    {"utf16 has a byte order mark", "s: {http.query|utf16|base64|contains: 'cmd'}\ncondition: s",
     "http.query=//5jAG0AZAA=", NULL},
    {"utf16 of a character beyond the first plane", "s: {http.query|utf16be|base64: '😀'}\ncondition: s",
     "http.query=2D3eAA==", NULL},
    {"windash: a dash", "s: {http.query|windash|contains: ' -f '}\ncondition: s", "http.query=x /f y",
     "http.query=x +f y"},
    {"windash: an em dash, behind contains", "s: {http.query|contains|windash: ' -f '}\ncondition: s",
     "http.query=x —f y", "http.query=x f y"},
    {"windash leaves dashes in words", "s: {http.query|windash: 'a-b -c'}\ncondition: s", "http.query=a-b /c",
     "http.query=a/b /c"},
    {"windash mixes", "s: {http.query|windash: '-a -b'}\ncondition: s", "http.query=/a ―b", "http.query=/a \\b"},

    /* "Condition" */
    {"or", "a: {dst.port: 1}\nb: {dst.port: 2}\ncondition: a or b", "dst.port=2", "dst.port=3"},
    {"and binds tighter than or", "a: {dst.port: 1}\nb: {src.port: 2}\nc: {src.port: 3}\ncondition: a or b and c",
     "dst.port=1\nsrc.port=9", "dst.port=9\nsrc.port=2"},
    {"not binds tightest", "a: {dst.port: 1}\nb: {src.port: 2}\ncondition: not a and b", "dst.port=9\nsrc.port=2",
     "dst.port=1\nsrc.port=2"},
    {"not not", "a: {dst.port: 1}\ncondition: not not a", "dst.port=1", "dst.port=2"},
    {"parentheses", "a: {dst.port: 1}\nb: {src.port: 2}\nc: {src.port: 3}\ncondition: a and (b or c)",
     "dst.port=1\nsrc.port=3", "dst.port=9\nsrc.port=2"},
    {"parentheses without blanks", "a: {dst.port: 1}\nb: {src.port: 2}\ncondition: not(a)and(b)",
     "dst.port=9\nsrc.port=2", "dst.port=1\nsrc.port=2"},
    {"1 of them", "a: {dst.port: 1}\nb: {src.port: 2}\ncondition: 1 of them", "src.port=2", "src.port=3"},
    {"them leaves out names with an underscore", "a: {dst.port: 1}\n_b: {src.port: 2}\ncondition: 1 of them",
     "dst.port=1", "src.port=2"},
    {"all of them", "a: {dst.port: 1}\nb: {src.port: 2}\ncondition: all of them", "dst.port=1\nsrc.port=2",
     "dst.port=1\nsrc.port=3"},
    {"1 of a pattern", "sel_a: {dst.port: 1}\nsel_b: {src.port: 2}\nx: {dst.port: 9}\ncondition: 1 of sel_*",
     "src.port=2", "dst.port=9"},
    {"a pattern with * inside", "a_x_b: {dst.port: 1}\na_y: {dst.port: 2}\ncondition: any of a*b", "dst.port=1",
     "dst.port=2"},
    {"all of a pattern and not 1 of another",
     "sel_a: {dst.port: 1}\nsel_b: {src.port: 2}\nfilter_x: {http.host: x}\nfilter_y: {http.host: y}\n"
     "condition: all of sel* and not 1 of filter*",
     "dst.port=1\nsrc.port=2\nhttp.host=z", "dst.port=1\nsrc.port=2\nhttp.host=y"},
    {"2 of a pattern", "s1: {dst.port: 1}\ns2: {src.port: 2}\ns3: {http.host: x}\ncondition: 2 of s*",
     "dst.port=1\nhttp.host=x", "http.host=x\ndst.port=2"},
    {"a list of conditions is joined by or", "a: {dst.port: 1}\nb: {src.port: 2}\ncondition: [a, b]", "src.port=2",
     "src.port=1"},
    {"a selection may be called all", "all: {dst.port: 1}\ncondition: all", "dst.port=1", "dst.port=2"},
    {"words of the condition may be in capitals", "a: {dst.port: 1}\nb: {src.port: 2}\ncondition: a AND NOT b",
     "dst.port=1", "dst.port=1\nsrc.port=2"},
    {"a condition over several lines", "a: {dst.port: 1}\nb: {src.port: 2}\ncondition: |\n  a\n  or b\n", "src.port=2",
     "src.port=1"},
    {"a rule of negations only", "a: {dst.port: 1}\ncondition: not a", "http.host=x", "dst.port=1"},
    {"an or of which one side cannot be found by value", "a: {dst.port: 1}\nb: {src.port|gt: 1000}\ncondition: a or b",
     "src.port=1001", "src.port=1000"},
    {"an or with a negation", "a: {dst.port: 1}\nb: {http.host: x}\ncondition: a or not b", "src.port=1",
     "http.host=x\ndst.port=2"},
};

static void every_construct_matches_what_it_says_and_nothing_else(void **state)
{
    (void)state;
    static struct ml_record record;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        const struct example *example = &examples[i];
        char *text = rig_rule(ML_CAT_FACT, "example", example->detection);
        struct ml_rules *rules = rig_load(text, NULL);
        if (example->yes != NULL) {
            rig_record(&record, ML_CAT_FACT, example->yes);
            if (!rig_matches(rules, &record)) {
                fail_msg("%s: did not match %s", example->what, example->yes);
            }
        }
        if (example->no != NULL) {
            rig_record(&record, ML_CAT_FACT, example->no);
            if (rig_matches(rules, &record)) {
                fail_msg("%s: matched %s", example->what, example->no);
            }
        }
        ml_rules_free(rules);
        ml_mem_free(text);
    }
}

/* All examples in one set must answer as each does alone: anchors and shared predicates must not mix them up. */
static void rules_do_not_disturb_each_other(void **state)
{
    (void)state;
    enum { N = sizeof examples / sizeof examples[0] };
    static struct ml_record record;
    struct ml_buf buf;
    ml_buf_init(&buf, 1 << 20);
    for (size_t i = 0; i < N; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "rule-%zu", i);
        char *text = rig_rule(ML_CAT_FACT, name, examples[i].detection);
        (void)ml_buf_printf(&buf, "---\n%s", text);
        ml_mem_free(text);
    }
    char *all = ml_buf_take_text(&buf);
    struct ml_rules *rules = rig_load(all, NULL);
    struct ml_rules_scratch *scratch = ml_rules_scratch_new(rules);
    assert_int_equal(ml_rules_count(rules), N);
    for (size_t i = 0; i < 2 * N; i++) {
        const struct example *example = &examples[i / 2];
        const char *fields = i % 2 == 0 ? example->yes : example->no;
        uint32_t hits[N];
        if (fields == NULL) {
            continue;
        }
        rig_record(&record, ML_CAT_FACT, fields);
        size_t n = ml_rules_match(rules, scratch, &record, hits, N);
        bool is_hit = false;
        for (size_t k = 0; k < n; k++) {
            is_hit |= hits[k] == i / 2;
            assert_true(k == 0 || hits[k] > hits[k - 1]);
        }
        if (is_hit != (i % 2 == 0)) {
            fail_msg("%s: %s", example->what, fields);
        }
        /* With less room the lowest numbers are kept. */
        uint32_t few[2];
        size_t n_few = ml_rules_match(rules, scratch, &record, few, 2);
        assert_int_equal(n_few, n < 2 ? n : 2);
        assert_memory_equal(few, hits, n_few * sizeof few[0]);
    }
    ml_rules_scratch_free(scratch);
    ml_rules_free(rules);
    ml_mem_free(all);
}

static void a_rule_sees_only_records_of_its_category(void **state)
{
    (void)state;
    static struct ml_record record;
    char *text = rig_rule(ML_CAT_ENDPOINT, "example", "s: {dst.port: 80}\ncondition: s");
    struct ml_rules *rules = rig_load(text, NULL);
    rig_record(&record, ML_CAT_ENDPOINT, "dst.port=80");
    assert_true(rig_matches(rules, &record));
    rig_record(&record, ML_CAT_FLOW, "dst.port=80");
    assert_false(rig_matches(rules, &record));
    ml_rules_free(rules);
    ml_mem_free(text);
}

static void line_ends_are_told_apart_by_the_flags_of_re(void **state)
{
    (void)state;
    static struct ml_record record;
    static const struct {
        const char *detection;
        bool matches;
    } cases[] = {
        {"s: {http.path|re: '^b$'}\ncondition: s", false},         {"s: {http.path|re|m: '^b$'}\ncondition: s", true},
        {"s: {http.path|re: 'a.b'}\ncondition: s", false},         {"s: {http.path|re|s: 'a.b'}\ncondition: s", true},
        {"s: {http.path|re|s|i|m: '^A.b$.'}\ncondition: s", true},
    };
    ml_record_clear(&record, ML_CAT_FACT);
    ml_record_cstr(&record, ML_F_HTTP_PATH, "a\nb\nc");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = rig_rule(ML_CAT_FACT, "example", cases[i].detection);
        struct ml_rules *rules = rig_load(text, NULL);
        assert_int_equal(rig_matches(rules, &record), cases[i].matches);
        ml_rules_free(rules);
        ml_mem_free(text);
    }
}

static void a_costly_regular_expression_is_given_up_and_counted(void **state)
{
    (void)state;
    static struct ml_record record;
    char *text = rig_rule(ML_CAT_FACT, "example", "s: {http.path|re: '(x+x+)+[yw]'}\ncondition: s");
    struct ml_rules *rules = rig_load(text, NULL);
    struct ml_rules_scratch *scratch = ml_rules_scratch_new(rules);
    uint32_t hits[1];
    ml_record_clear(&record, ML_CAT_FACT);
    ml_record_cstr(&record, ML_F_HTTP_PATH, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxyz");
    assert_int_equal(ml_rules_match(rules, scratch, &record, hits, 1), 1);
    ml_record_clear(&record, ML_CAT_FACT);
    ml_record_cstr(&record, ML_F_HTTP_PATH, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxz");
    assert_int_equal(ml_rules_scratch_regex_limits(scratch), 0);
    assert_int_equal(ml_rules_match(rules, scratch, &record, hits, 1), 0);
    assert_int_equal(ml_rules_scratch_regex_limits(scratch), 1);
    ml_rules_scratch_free(scratch);
    ml_rules_free(rules);
    ml_mem_free(text);
}

static void a_text_beyond_the_ceiling_is_judged_by_its_beginning(void **state)
{
    (void)state;
    static struct ml_record record;
    static char path[ML_MAX_TEXT + 64];
    char *text = rig_rule(ML_CAT_FACT, "example", "s: {http.path|contains: needle}\ncondition: s");
    struct ml_rules *rules = rig_load(text, NULL);
    memset(path, 'a', sizeof path);
    memcpy(path + ML_MAX_TEXT - 6, "needle", 6);
    ml_record_clear(&record, ML_CAT_FACT);
    ml_record_text(&record, ML_F_HTTP_PATH, ml_span_of(path, sizeof path));
    assert_true(rig_matches(rules, &record));
    memset(path, 'a', sizeof path);
    memcpy(path + ML_MAX_TEXT - 5, "needle", 6);
    assert_false(rig_matches(rules, &record));
    ml_rules_free(rules);
    ml_mem_free(text);
}

static void lists_take_the_place_of_placeholders(void **state)
{
    (void)state;
    static struct ml_record record;
    char folder[64];
    rig_folder(folder);
    rig_write(folder, "hosts.txt", "# two hosts\n\n  a.test  \r\n*.b.test\n");
    rig_write(folder, "ports.txt", "80\n8080");
    rig_write(folder, "nets.txt", "192.0.2.0/24\n2001:db8::/32\n");
    static const struct example cases[] = {
        {"a list", "s: {http.host|expand: '%hosts%'}\ncondition: s", "http.host=A.test", "http.host=b.test"},
        {"wildcards in a list count", "s: {http.host|expand: '%hosts%'}\ncondition: s", "http.host=x.b.test",
         "http.host=x.c.test"},
        {"text around a placeholder", "s: {http.host|endswith|expand: '.%hosts%'}\ncondition: s",
         "http.host=www.a.test", "http.host=a.test"},
        {"two placeholders are all combinations", "s: {http.host|expand: '%hosts%:%ports%'}\ncondition: s",
         "http.host=a.test:8080", "http.host=a.test:81"},
        {"an escaped percent is plain", "s: {http.host|expand: '\\%hosts%ports%'}\ncondition: s", "http.host=%hosts80",
         "http.host=a.test80"},
        {"without expand a percent is plain", "s: {http.host: '%hosts%'}\ncondition: s", "http.host=%hosts%",
         "http.host=a.test"},
        {"lists go beside values", "s: {http.host|expand: [z.test, '%hosts%']}\ncondition: s", "http.host=z.test",
         "http.host=y.test"},
        {"lists of networks", "s: {dst.ip|cidr|expand: '%nets%'}\ncondition: s", "dst.ip=2001:db8::1",
         "dst.ip=192.0.3.1"},
        {"lists of numbers", "s: {dst.port|expand: '%ports%'}\ncondition: s", "dst.port=8080", "dst.port=81"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = rig_rule(ML_CAT_FACT, "example", cases[i].detection);
        struct ml_rules *rules = rig_load(text, folder);
        rig_record(&record, ML_CAT_FACT, cases[i].yes);
        if (!rig_matches(rules, &record)) {
            fail_msg("%s", cases[i].what);
        }
        rig_record(&record, ML_CAT_FACT, cases[i].no);
        if (rig_matches(rules, &record)) {
            fail_msg("%s: the other record", cases[i].what);
        }
        ml_rules_free(rules);
        ml_mem_free(text);
    }
    rig_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_construct_matches_what_it_says_and_nothing_else),
        cmocka_unit_test(rules_do_not_disturb_each_other),
        cmocka_unit_test(a_rule_sees_only_records_of_its_category),
        cmocka_unit_test(line_ends_are_told_apart_by_the_flags_of_re),
        cmocka_unit_test(a_costly_regular_expression_is_given_up_and_counted),
        cmocka_unit_test(a_text_beyond_the_ceiling_is_judged_by_its_beginning),
        cmocka_unit_test(lists_take_the_place_of_placeholders),
    };
    return cmocka_run_group_tests_name("policy/sigma", tests, NULL, NULL);
}
