/* SPDX-License-Identifier: Apache-2.0 */
/* What the loader refuses, and what it says: line, column and the bad value. */
#include "rig.h"

#include "core/buf.h"
#include "core/mem.h"
#include "support/cm.h"

#include <stdio.h>

struct refusal {
    const char *detection; /* below "detection:", which is line 4 */
    enum ml_status status;
    const char *says; /* "line:column: text" */
};

static const struct refusal detections[] = {
    /* fields */
    {"s: {http.hosst: a}\ncondition: s", ML_BAD_INPUT, "5:7: there is no field 'http.hosst'"},
    {"s: {app.flows: 3}\ncondition: s", ML_BAD_INPUT, "5:7: field 'app.flows' is not known to category fact"},
    {"s: {HTTP.HOST: a}\ncondition: s", ML_BAD_INPUT, "5:7: there is no field 'HTTP.HOST'"},

    /* modifiers */
    {"s: {http.host|containz: a}\ncondition: s", ML_BAD_INPUT, "5:7: unknown modifier 'containz'"},
    {"s: {http.host|: a}\ncondition: s", ML_BAD_INPUT, "5:7: unknown modifier ''"},
    {"s: {flow.start|hour: 3}\ncondition: s", ML_UNSUPPORTED,
     "5:7: modifier 'hour' is not supported: no field is a date"},
    {"s: {http.host|contains|contains: a}\ncondition: s", ML_BAD_INPUT, "5:7: modifier 'contains' stands twice"},
    {"s: {http.host|cased|cased: a}\ncondition: s", ML_BAD_INPUT, "5:7: modifier 'cased' stands twice"},
    {"s: {http.host|base64|base64|contains: a}\ncondition: s", ML_BAD_INPUT, "5:7: modifier 'base64' stands twice"},
    {"s: {http.host|contains|endswith: a}\ncondition: s", ML_BAD_INPUT,
     "5:7: modifier 'endswith' excludes the one before it"},
    {"s: {http.host|contains|base64: a}\ncondition: s", ML_BAD_INPUT,
     "5:7: modifier 'base64' must stand before the comparison"},
    {"s: {http.host|i: a}\ncondition: s", ML_BAD_INPUT, "5:7: modifier 'i' stands only behind re"},
    {"s: {http.host|re|i|i: a}\ncondition: s", ML_BAD_INPUT, "5:7: modifier 'i' stands twice"},
    {"s: {http.host|re|cased: a}\ncondition: s", ML_BAD_INPUT, "5:7: cased needs a comparison of texts"},
    {"s: {http.host|base64|re: a}\ncondition: s", ML_BAD_INPUT,
     "5:7: modifiers that change a value need a comparison of texts"},
    {"s: {http.host|fieldref|re: tls.sni}\ncondition: s", ML_BAD_INPUT,
     "5:7: fieldref goes with startswith, endswith, contains, cased and neq only"},
    {"s: {http.host|exists|neq: true}\ncondition: s", ML_BAD_INPUT, "5:7: exists stands alone"},
    {"s: {http.host|all: a}\ncondition: s", ML_BAD_INPUT, "5:7: modifier 'all' needs a list of two values or more"},
    {"s: {http.host|all: [a]}\ncondition: s", ML_BAD_INPUT, "5:7: modifier 'all' needs a list of two values or more"},
    {"k: {'|endswith': a}\ncondition: k", ML_BAD_INPUT, "5:7: keywords have no field to compare"},
    {"k: {'|fieldref': http.host}\ncondition: k", ML_BAD_INPUT, "5:7: keywords have no field to compare"},

    /* values and the type of the field */
    {"s: {dst.port: http}\ncondition: s", ML_BAD_INPUT, "5:17: 'http' is no whole number from 0"},
    {"s: {dst.port: -1}\ncondition: s", ML_BAD_INPUT, "5:17: '-1' is no whole number from 0"},
    {"s: {dst.port: 1.5}\ncondition: s", ML_BAD_INPUT, "5:17: '1.5' is no whole number from 0"},
    {"s: {dst.port|gt: many}\ncondition: s", ML_BAD_INPUT, "5:20: 'many' is no whole number"},
    {"s: {http.host|gt: 3}\ncondition: s", ML_BAD_INPUT,
     "5:7: modifier 'gt' does not fit 'http.host', which is a text"},
    {"s: {dst.ip|lt: 3}\ncondition: s", ML_BAD_INPUT, "5:7: modifier 'lt' does not fit 'dst.ip', which is an address"},
    {"s: {dst.port|cidr: 10.0.0.0/8}\ncondition: s", ML_BAD_INPUT,
     "5:7: modifier 'cidr' does not fit 'dst.port', which is a number"},
    {"s: {fact.encrypted|contains: tru}\ncondition: s", ML_BAD_INPUT,
     "5:7: modifier 'contains' does not fit 'fact.encrypted', which is true or false"},
    {"s: {dst.port|base64|contains: 80}\ncondition: s", ML_BAD_INPUT,
     "5:7: modifier 'base64' does not fit 'dst.port', which is a number"},
    {"s: {fact.encrypted: maybe}\ncondition: s", ML_BAD_INPUT, "5:23: 'maybe' is neither true nor false"},
    {"s: {dst.ip: example.test}\ncondition: s", ML_BAD_INPUT,
     "5:15: 'example.test' is no address (networks take the modifier cidr)"},
    {"s: {dst.ip|cidr: 192.0.2.1/24}\ncondition: s", ML_BAD_INPUT,
     "5:20: '192.0.2.1/24' is no network (or has bits set behind its prefix)"},
    {"s: {dst.ip|cidr: 192.0.2.0/33}\ncondition: s", ML_BAD_INPUT,
     "5:20: '192.0.2.0/33' is no network (or has bits set behind its prefix)"},
    {"s: {http.host|exists: 'true'}\ncondition: s", ML_BAD_INPUT, "5:25: 'true' is neither true nor false"},
    {"s: {http.host|contains: null}\ncondition: s", ML_BAD_INPUT,
     "5:27: null can only be compared with a field that has no modifier"},
    {"k: [null]\ncondition: k", ML_BAD_INPUT, "5:7: null can only be compared with a field that has no modifier"},
    {"s: {http.host|fieldref: tls.snni}\ncondition: s", ML_BAD_INPUT, "5:27: there is no field 'tls.snni'"},
    {"s: {http.host|fieldref: dst.port}\ncondition: s", ML_BAD_INPUT, "5:27: 'dst.port' is a field of another type"},
    {"s: {http.host|base64|contains: 'a*'}\ncondition: s", ML_BAD_INPUT,
     "5:34: 'a*' has a wildcard, or is too short, and cannot be encoded"},
    {"s: {http.host|base64offset|contains: ''}\ncondition: s", ML_BAD_INPUT,
     "5:40: '' has a wildcard, or is too short, and cannot be encoded"},
    {"s: {http.host|windash: '-a -b -c -d -e -f'}\ncondition: s", ML_LIMIT,
     "5:26: '-a -b -c -d -e -f' has too many spellings"},
    {"s: {http.path|re: 'a(b'}\ncondition: s", ML_BAD_INPUT,
     "5:21: regular expression 'a(b': missing closing parenthesis at byte 3"},
    {"s: {http.path|re: 'a\\C'}\ncondition: s", ML_BAD_INPUT,
     "5:21: regular expression 'a\\C': using \\C is disabled by the application at byte 3"},
    {"s: {http.host|expand: '%nothing%'}\ncondition: s", ML_NOT_FOUND,
     "5:25: list 'nothing': there is no folder of lists"},
    {"s: {http.host|expand: '%../x%'}\ncondition: s", ML_BAD_INPUT, "5:25: no placeholder: '%../x'"},
    {"s: {http.host|expand: '%x'}\ncondition: s", ML_BAD_INPUT, "5:25: no placeholder: '%x'"},
    {"s: {http.host: {a: b}}\ncondition: s", ML_BAD_INPUT, "5:18: a map where a value belongs"},
    {"s: {http.host: [[a]]}\ncondition: s", ML_BAD_INPUT, "5:19: a list where a value belongs"},
    {"s: {http.host: []}\ncondition: s", ML_BAD_INPUT, "5:18: an empty list of values"},

    /* selections */
    {"s: {}\ncondition: s", ML_BAD_INPUT, "5:6: an empty selection"},
    {"s: []\ncondition: s", ML_BAD_INPUT, "5:6: an empty selection"},
    {"s: [[a]]\ncondition: s", ML_BAD_INPUT, "5:7: a list in a list of selections"},
    {"s: {http.host: a}\ntimeframe: 5m\ncondition: s", ML_UNSUPPORTED,
     "6:3: 'timeframe' is not supported: use a correlation rule"},
    {"s: {http.host: a}", ML_BAD_INPUT, "5:3: detection has no condition"},

    /* conditions */
    {"s: {http.host: a}\ncondition: t", ML_BAD_INPUT, "6:14: condition: there is no selection 't'"},
    {"s: {http.host: a}\ncondition: s and t", ML_BAD_INPUT, "6:20: condition: there is no selection 't'"},
    {"s: {http.host: a}\ncondition: 's and t'", ML_BAD_INPUT, "6:21: condition: there is no selection 't'"},
    {"s: {http.host: a}\ncondition: S", ML_BAD_INPUT, "6:14: condition: there is no selection 'S'"},
    {"s: {http.host: a}\ncondition: s and", ML_BAD_INPUT, "6:19: condition: a selection is missing at its end"},
    {"s: {http.host: a}\ncondition: ''", ML_BAD_INPUT, "6:15: condition: a selection is missing at its end"},
    {"s: {http.host: a}\ncondition: (s", ML_BAD_INPUT,
     "6:16: condition: a closing parenthesis is missing before at its end"},
    {"s: {http.host: a}\ncondition: s)", ML_BAD_INPUT, "6:15: condition: and, or, or the end is missing before ')'"},
    {"s: {http.host: a}\ncondition: s s", ML_BAD_INPUT, "6:16: condition: and, or, or the end is missing before 's'"},
    {"s: {http.host: a}\ncondition: 1 of", ML_BAD_INPUT,
     "6:18: condition: a name or `them` must follow `of`, not at its end"},
    {"s: {http.host: a}\ncondition: 1 of t*", ML_BAD_INPUT, "6:19: condition: no selection is meant by 't*'"},
    {"_s: {http.host: a}\ncondition: 1 of them", ML_BAD_INPUT, "6:19: condition: no selection is meant by 'them'"},
    {"s: {http.host: a}\ncondition: 2 of s*", ML_BAD_INPUT,
     "6:19: condition: asks for more selections than are meant by 's*'"},
    {"s: {http.host: a}\ncondition: 0 of s*", ML_BAD_INPUT,
     "6:14: condition: 1, any, all or a number must stand before `of`, not '0'"},
    {"s: {http.host: a}\ncondition: most of s*", ML_BAD_INPUT,
     "6:14: condition: 1, any, all or a number must stand before `of`, not 'most'"},
    {"s: {http.host: a}\ncondition: s | count() > 5", ML_UNSUPPORTED,
     "6:16: condition: aggregations are not supported (use a correlation rule), found '|'"},
    {"s: {http.host: a}\ncondition: s near t", ML_UNSUPPORTED,
     "6:16: condition: aggregations are not supported (use a correlation rule), found 'near'"},
    {"s: {http.host: a}\ncondition: {s: 1}", ML_BAD_INPUT, "6:14: a condition is a text or a list of texts"},
    {"s: {http.host: a}\ncondition: [[s]]", ML_BAD_INPUT, "6:15: a condition is a text or a list of texts"},
    {"s: {http.host: a}\ncondition: []", ML_BAD_INPUT, "6:14: a condition is a text or a list of texts"},
};

static void check(const char *text, enum ml_status status, const char *says)
{
    char said[640];
    enum ml_status got = rig_refusal(text, NULL, said);
    if (got != status || strcmp(said, says) != 0) {
        fail_msg("%s\nsaid (%s): %s\nnot  (%s): %s", text, ml_status_name(got), said, ml_status_name(status), says);
    }
}

static void every_bad_detection_is_refused_with_its_place_and_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof detections / sizeof detections[0]; i++) {
        char *text = rig_rule(ML_CAT_FACT, "bad", detections[i].detection);
        check(text, detections[i].status, detections[i].says);
        ml_mem_free(text);
    }
}

static void every_bad_rule_is_refused_with_its_place_and_value(void **state)
{
    (void)state;
#define SOURCE "logsource: {product: mitleser, category: fact}\n"
#define REST "detection: {s: {dst.port: 1}, condition: s}\n"
    static const struct {
        const char *text;
        enum ml_status status;
        const char *says;
    } rules[] = {
        {"title: a\n" REST, ML_BAD_INPUT, "1:1: the rule has no logsource"},
        {"title: a\nlogsource: x\n" REST, ML_BAD_INPUT, "2:12: the rule has no logsource"},
        {"title: a\nlogsource: {product: windows, category: process_creation}\n" REST, ML_UNSUPPORTED,
         "2:1: log source product=windows category=process_creation is not one of this program"},
        {"title: a\nlogsource: {category: proxy}\n" REST, ML_UNSUPPORTED,
         "2:1: log source category=proxy is not one of this program"},
        {"title: a\nlogsource: {product: mitleser, category: fact, service: x}\n" REST, ML_UNSUPPORTED,
         "2:1: log source product=mitleser category=fact service=x is not one of this program"},
        {"title: a\nlogsource: {product: mitleser, category: packet}\n" REST, ML_BAD_INPUT,
         "2:42: log source product=mitleser category=packet: the categories are flow, endpoint, fact, app, capture"},
        {"title: a\nlogsource: {product: mitleser}\n" REST, ML_BAD_INPUT,
         "2:12: log source product=mitleser: the categories are flow, endpoint, fact, app, capture"},
        {SOURCE REST, ML_BAD_INPUT, "1:1: the rule has no title"},
        {"title: [a]\n" SOURCE REST, ML_BAD_INPUT, "1:1: 'title' is no text"},
        {"title: \"a\\0b\"\n" SOURCE REST, ML_BAD_INPUT, "1:1: 'title' holds a zero byte"},
        {"title: a\nid: 12\n" SOURCE REST, ML_BAD_INPUT, "2:5: id '12' is no UUID"},
        {"title: a\nlevel: severe\n" SOURCE REST, ML_BAD_INPUT,
         "2:8: level 'severe' is none of informational, low, medium, high, critical"},
        {"title: a\nclaim: proof\n" SOURCE REST, ML_BAD_INPUT,
         "2:8: claim 'proof' is neither observation nor indication"},
        {"title: a\nsubject: person\n" SOURCE REST, ML_BAD_INPUT,
         "2:10: subject 'person' is none of flow, endpoint, app, capture"},
        {"title: a\ntaxonomy: ML-HTTP-1\n" SOURCE REST, ML_BAD_INPUT,
         "2:11: taxonomy 'ML-HTTP-1' is no leak id such as ML-HTTP-01"},
        {"title: a\nreferences: [{a: b}]\n" SOURCE REST, ML_BAD_INPUT, "2:14: 'references' takes a list of texts"},
        {"title: a\ntests: x\n" SOURCE REST, ML_BAD_INPUT, "2:8: 'tests' is no map"},
        {"title: a\n" SOURCE "detection: x\n", ML_BAD_INPUT, "3:12: detection is no map"},
        {"title: a\n" SOURCE, ML_BAD_INPUT, "1:1: holds neither a detection nor a correlation"},
        {"", ML_BAD_INPUT, "0:0: holds no document"},
        {"- a\n", ML_BAD_INPUT, "1:1: holds neither a detection nor a correlation"},
        {"title: a\naction: global\n" SOURCE REST, ML_UNSUPPORTED,
         "2:1: 'action' (rule collections of Sigma 1) is not supported"},
        {"title: a\nfilter: {rules: [x]}\n" SOURCE, ML_UNSUPPORTED, "2:1: 'filter' (Sigma filters) is not supported"},
        {"title: a\ncorrelation: {}\n" SOURCE REST, ML_BAD_INPUT,
         "1:1: a rule has a detection or a correlation, not both"},
        {"title: a\nname: x\n" SOURCE REST "---\ntitle: b\nname: x\n" SOURCE REST, ML_BAD_INPUT,
         "7:7: name 'x' is that of a rule in rule.yml"},
        {"title: a\nid: 00000000-0000-4000-8000-000000000001\n" SOURCE REST
         "---\ntitle: b\nid: 00000000-0000-4000-8000-000000000001\n" SOURCE REST,
         ML_BAD_INPUT, "7:5: id '00000000-0000-4000-8000-000000000001' is that of a rule in rule.yml"},
        {"title: a\ntitle: b\n", ML_BAD_INPUT, "2:1: duplicate key (first in line 1): \"title\""},
    };
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        check(rules[i].text, rules[i].status, rules[i].says);
    }
}

static void every_bad_correlation_is_refused_with_its_place_and_value(void **state)
{
    (void)state;
#define BASE "title: b\nname: b\n" SOURCE REST "---\ntitle: c\nname: c\ncorrelation:\n" /* its keys begin in line 9 */
    static const struct {
        const char *text;
        enum ml_status status;
        const char *says;
    } correlations[] = {
        {"  rules: b\n", ML_BAD_INPUT, "9:3: there is no correlation type ''"},
        {"  type: count\n", ML_BAD_INPUT, "9:9: there is no correlation type 'count'"},
        {"  type: value_percentile\n", ML_UNSUPPORTED, "9:9: correlation type 'value_percentile' is not supported"},
        {"  type: temporal\n", ML_BAD_INPUT, "9:3: the correlation refers to no rule"},
        {"  type: temporal\n  rules: [x]\n", ML_BAD_INPUT, "10:11: there is no rule 'x'"},
        {"  type: temporal\n  rules: [c]\n", ML_BAD_INPUT, "10:11: the correlation refers to itself through 'c'"},
        {"  type: temporal\n  rules: b\n", ML_BAD_INPUT,
         "9:3: timespan '' is no number with s, m, h or d, of at most a year"},
        {"  type: temporal\n  rules: b\n  timespan: 5w\n", ML_BAD_INPUT,
         "11:13: timespan '5w' is no number with s, m, h or d, of at most a year"},
        {"  type: temporal\n  rules: b\n  timespan: 0s\n", ML_BAD_INPUT,
         "11:13: timespan '0s' is no number with s, m, h or d, of at most a year"},
        {"  type: temporal\n  rules: b\n  timespan: 367d\n", ML_BAD_INPUT,
         "11:13: timespan '367d' is no number with s, m, h or d, of at most a year"},
        {"  type: temporal\n  rules: b\n  group-by: dst.prt\n", ML_BAD_INPUT, "11:13: there is no field 'dst.prt'"},
        {"  type: temporal\n  rules: b\n  group-by: [names, tls.alpn]\n", ML_UNSUPPORTED,
         "11:21: 'tls.alpn' is a second field that can have several values"},
        {"  type: temporal\n  rules: b\n  group-by: x\n  aliases: {x: {other: dst.port}}\n", ML_BAD_INPUT,
         "12:13: alias 'x' says nothing of rule 'b'"},
        {"  type: temporal\n  rules: b\n  group-by: x\n  aliases: {x: {b: dst.prt}}\n", ML_BAD_INPUT,
         "12:20: there is no field 'dst.prt'"},
        {"  type: event_count\n  rules: b\n  timespan: 5m\n", ML_BAD_INPUT,
         "9:3: the correlation needs a condition such as {gte: 10}"},
        {"  type: event_count\n  rules: b\n  timespan: 5m\n  condition: {min: 3}\n", ML_BAD_INPUT,
         "12:15: 'min' is none of gt, gte, lt, lte, eq"},
        {"  type: event_count\n  rules: b\n  timespan: 5m\n  condition: {gte: x}\n", ML_BAD_INPUT,
         "12:20: 'x' is no number from 0 to 10000"},
        {"  type: event_count\n  rules: b\n  timespan: 5m\n  condition: {gte: 10001}\n", ML_BAD_INPUT,
         "12:20: '10001' is no number from 0 to 10000"},
        {"  type: event_count\n  rules: b\n  timespan: 5m\n  condition: {gte: 5, lt: 5}\n", ML_BAD_INPUT,
         "12:14: the condition can never be true"},
        {"  type: event_count\n  rules: b\n  timespan: 5m\n  condition: {eq: 0}\n", ML_BAD_INPUT,
         "12:14: the condition can never be true"},
        {"  type: event_count\n  rules: b\n  timespan: 5m\n  condition: {}\n", ML_BAD_INPUT,
         "12:14: the condition can never be true"},
        {"  type: event_count\n  rules: b\n  timespan: 5m\n  condition: {gte: 1, field: dst.ip}\n", ML_BAD_INPUT,
         "12:23: 'field' names one field of a value_count"},
        {"  type: value_count\n  rules: b\n  timespan: 5m\n  condition: {gte: 1}\n", ML_BAD_INPUT,
         "12:14: value_count needs a 'field' in its condition"},
        {"  type: value_count\n  rules: b\n  timespan: 5m\n  condition: {gte: 1, field: dst.ipp}\n", ML_BAD_INPUT,
         "12:30: there is no field 'dst.ipp'"},
        {"  type: temporal\n  rules: b\n  timespan: 5m\n  condition: {gte: 2}\n", ML_BAD_INPUT,
         "12:14: the condition can never be true"},
        {"  type: temporal_ordered\n  rules: [b, b]\n  timespan: 5m\n  condition: {gte: 1}\n", ML_UNSUPPORTED,
         "12:3: temporal_ordered with a part of its rules is not supported"},
        {"  type: temporal\n  rules: b\n  timespan: 5m\n  generate: often\n", ML_BAD_INPUT,
         "12:13: 'generate' is neither true nor false"},
        {"  type: event_count\n  rules: b\n  timespan: 5m\n  condition: {lte: 3}\n---\ntitle: d\ncorrelation:\n"
         "  type: temporal\n  rules: [b, c]\n  timespan: 5m\n",
         ML_UNSUPPORTED, "17:14: 'c' has an upper bound and is decided too late to feed another correlation"},
    };
    for (size_t i = 0; i < sizeof correlations / sizeof correlations[0]; i++) {
        char text[1024];
        (void)snprintf(text, sizeof text, "%s%s", BASE, correlations[i].text);
        check(text, correlations[i].status, correlations[i].says);
    }
}

static void a_condition_has_a_depth_and_a_length(void **state)
{
    (void)state;
    struct ml_buf buf;
    char said[640];
    ml_buf_init(&buf, 1 << 20);
    (void)ml_buf_add_text(&buf, "s: {dst.port: 1}\ncondition: ");
    for (int i = 0; i < ML_MAX_CONDITION_DEPTH; i++) {
        (void)ml_buf_add_text(&buf, "(");
    }
    (void)ml_buf_add_text(&buf, "s");
    for (int i = 0; i < ML_MAX_CONDITION_DEPTH; i++) {
        (void)ml_buf_add_text(&buf, ")");
    }
    char *detection = ml_buf_take_text(&buf);
    char *text = rig_rule(ML_CAT_FACT, "deep", detection);
    assert_int_equal(rig_refusal(text, NULL, said), ML_LIMIT);
    assert_string_equal(said, "6:46: condition: nested too deeply at 's'");
    ml_mem_free(text);
    ml_mem_free(detection);

    ml_buf_init(&buf, 1 << 20);
    (void)ml_buf_add_text(&buf, "s: {dst.port: 1}\ncondition: s");
    for (int i = 0; i <= ML_MAX_CONDITION_TERMS; i++) {
        (void)ml_buf_add_text(&buf, " or s");
    }
    detection = ml_buf_take_text(&buf);
    text = rig_rule(ML_CAT_FACT, "long", detection);
    assert_int_equal(rig_refusal(text, NULL, said), ML_LIMIT);
    assert_non_null(strstr(said, "condition: too many terms at"));
    ml_mem_free(text);
    ml_mem_free(detection);
}

static void bad_lists_are_refused_by_name(void **state)
{
    (void)state;
    char folder[64];
    char said[640];
    rig_folder(folder);
    rig_write(folder, "empty.txt", "# nothing\n\n");
    rig_write(folder, "binary.txt", "a\n\xff\n");
    static const struct {
        const char *detection;
        enum ml_status status;
        const char *says;
    } cases[] = {
        {"s: {http.host|expand: '%gone%'}\ncondition: s", ML_NOT_FOUND, "5:25: list 'gone': No such file or directory"},
        {"s: {http.host|expand: '%empty%'}\ncondition: s", ML_BAD_INPUT, "5:25: list 'empty': holds no value"},
        {"s: {http.host|expand: '%binary%'}\ncondition: s", ML_BAD_INPUT, "5:25: list 'binary': line 2 is no UTF-8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = rig_rule(ML_CAT_FACT, "bad", cases[i].detection);
        assert_int_equal(rig_refusal(text, folder, said), cases[i].status);
        assert_string_equal(said, cases[i].says);
        ml_mem_free(text);
    }
    rig_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bad_detection_is_refused_with_its_place_and_value),
        cmocka_unit_test(every_bad_rule_is_refused_with_its_place_and_value),
        cmocka_unit_test(every_bad_correlation_is_refused_with_its_place_and_value),
        cmocka_unit_test(a_condition_has_a_depth_and_a_length),
        cmocka_unit_test(bad_lists_are_refused_by_name),
    };
    return cmocka_run_group_tests_name("policy/refusal", tests, NULL, NULL);
}
