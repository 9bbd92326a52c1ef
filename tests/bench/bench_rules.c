/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_rules - does judging a record cost more when there are more rules or more indicators?
 *
 * Judges the same synthetic records (flows and requests with names, addresses and numbers of a phone's traffic) by 40
 * and by 1,000 rules, and by lists of 100 and of 100,000 indicators, in turns; prints nanoseconds a record (medians)
 * and the median of the ratios of neighbouring rounds, which a busy machine disturbs least. At most 1.15 is wanted.
 */
#include "core/arena.h"
#include "core/buf.h"
#include "core/mem.h"
#include "policy/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { N_RECORDS = 1000, ROUNDS = 201, MAX_HITS = 64 };

/* What a record of the sample is made of; its texts live in `texts`. */
struct sample {
    struct ml_record records[N_RECORDS];
    struct ml_arena texts;
};

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* The shape with its first # replaced by a and all others by b, into `out`. */
static size_t shape_text(char out[256], const char *shape, unsigned a, unsigned b)
{
    size_t n = 0;
    for (; *shape != '\0' && n < 240; shape++) {
        if (*shape != '#') {
            out[n++] = *shape;
            continue;
        }
        n += (size_t)snprintf(out + n, 12, "%u", a);
        a = b;
    }
    out[n] = '\0';
    return n;
}

static struct ml_span text_of(struct sample *sample, const char *shape, unsigned a, unsigned b)
{
    char text[256];
    struct ml_span kept = ml_arena_copy(&sample->texts, ml_span_of(text, shape_text(text, shape, a, b)));
    ML_ASSERT(kept.ptr != NULL);
    return kept;
}

static void fill_names(struct sample *sample, struct ml_record *record, uint32_t *random)
{
    static const char *const shapes[] = {"api#.service#.example.com", "cdn-#.media#.example.net", "#.push#.example.org",
                                         "www#.site#.test"};
    struct ml_span name =
        text_of(sample, shapes[next_random(random) % 4], next_random(random) % 1000, next_random(random) % 5000);
    ml_record_text(record, ML_F_NAME, name);
    ml_record_cstr(record, ML_F_NAME_SOURCE, "sni");
    ml_record_text(record, ML_F_NAMES, name);
    ml_record_text(record, ML_F_NAMES, text_of(sample, "edge#.pool#.example.com", next_random(random) % 50, 7));
    if (next_random(random) % 50 == 0) { /* one in fifty is listed */
        ml_record_text(record, ML_F_NAMES,
                       text_of(sample, "x.ads#.example.org", next_random(random) % 40 / 10 * 10 + 3, 0));
        ml_record_text(record, ML_F_NAMES, text_of(sample, "x.h#.bad#.example.com", 0, 0));
    }
    ml_record_text(record, ML_F_TLS_SNI, name);
    ml_record_text(record, ML_F_HTTP_HOST, name);
}

static void fill(struct sample *sample, struct ml_record *record, uint32_t *random)
{
    uint8_t address[4] = {(uint8_t)(20 + next_random(random) % 200), (uint8_t)next_random(random),
                          (uint8_t)next_random(random), (uint8_t)next_random(random)};
    static const uint8_t device[4] = {192, 0, 2, 7};
    struct ml_ip peer = ml_ip4(address);
    struct ml_ip self = ml_ip4(device);
    ml_record_clear(record, ML_CAT_FACT);
    ml_record_number(record, ML_F_FLOW_ID, next_random(random));
    ml_record_text(record, ML_F_FLOW_COMMUNITY_ID, text_of(sample, "1:#abc#abcdefghijk=", next_random(random), 3));
    ml_record_cstr(record, ML_F_FLOW_START, "2026-11-26T11:05:40.000000000Z");
    ml_record_number(record, ML_F_FLOW_DURATION_MS, next_random(random) % 100000);
    ml_record_ip(record, ML_F_SRC_IP, &self);
    ml_record_number(record, ML_F_SRC_PORT, 32768 + next_random(random) % 28000);
    ml_record_cstr(record, ML_F_SRC_SCOPE, "private-use");
    ml_record_ip(record, ML_F_DST_IP, &peer);
    ml_record_number(record, ML_F_DST_PORT, next_random(random) % 3 == 0 ? 80 : 443);
    ml_record_cstr(record, ML_F_DST_SCOPE, "public");
    ml_record_cstr(record, ML_F_TRANSPORT, "tcp");
    ml_record_number(record, ML_F_BYTES_UP, next_random(random) % 100000);
    ml_record_number(record, ML_F_BYTES_DOWN, next_random(random) % 1000000);
    ml_record_cstr(record, ML_F_PROTOCOL, "http");
    ml_record_cstr(record, ML_F_APP, "wechat");
    ml_record_cstr(record, ML_F_SERVICE, "messaging");
    fill_names(sample, record, random);
    ml_record_cstr(record, ML_F_TLS_ALPN, "h2");
    ml_record_cstr(record, ML_F_TLS_ALPN, "http/1.1");
    ml_record_cstr(record, ML_F_TLS_JA3, "0123456789abcdef0123456789abcdef");
    ml_record_cstr(record, ML_F_HTTP_METHOD, "GET");
    ml_record_text(record, ML_F_HTTP_PATH, text_of(sample, "/v#/items/#/picture.jpg", 2, next_random(random) % 9999));
    ml_record_text(record, ML_F_HTTP_QUERY, text_of(sample, "id=#&lang=en&ts=#", next_random(random), 17));
    ml_record_cstr(record, ML_F_HTTP_QUERY_KEYS, "id");
    ml_record_cstr(record, ML_F_HTTP_QUERY_KEYS, "lang");
    ml_record_cstr(record, ML_F_HTTP_USER_AGENT, "Mozilla/5.0 (Linux; Android 14; X) AppleWebKit/537.36 Mobile");
    ml_record_cstr(record, ML_F_FACT_KIND, "http.request");
    ml_record_cstr(record, ML_F_FACT_LAYERS, "tcp");
    ml_record_truth(record, ML_F_FACT_ENCRYPTED, false);
    ml_record_cstr(record, ML_F_DST_COUNTRY, "DE");
    ml_record_number(record, ML_F_DST_ASN, 64496 + next_random(random) % 15);
    ml_record_cstr(record, ML_F_CLASS_LOCATION, "eea");
}

/* Rules of every kind, each with values of its own; the same mix whatever their number. */
static char *make_rules(unsigned n)
{
    static const char *const bodies[] = {
        "fact.kind: http.request\n    http.host|endswith: .tracker#.example.com",
        "fact.kind: http.request\n    http.path|contains: /collect#x/",
        "tls.sni: api.firm#.example.net",
        "names|endswith:\n      - .ads#.example.org\n      - .metrics#.example.org",
        "fact.encrypted: false\n    http.query_keys: key#",
        "fact.kind: http.request\n    http.user_agent|contains: Agent#X/",
        "dst.port: 443\n    dst.ip|cidr: 10.#.0.0/16",
        "http.path|re: '^/upload#/[0-9a-f]{8}$'",
        "dst.asn: 4200#",
        "http.host|startswith: beacon#-",
    };
    struct ml_buf buf;
    ml_buf_init(&buf, 1 << 24);
    for (unsigned i = 0; i < n; i++) {
        char body[256];
        unsigned value = i * 37 % 200;
        value = strstr(bodies[i % 10], "cidr") != NULL ? value : i;
        (void)shape_text(body, bodies[i % 10], value, value);
        (void)ml_buf_printf(&buf,
                            "---\ntitle: rule %u\nname: rule-%u\nlogsource: {product: mitleser, category: fact}\n"
                            "detection:\n  s:\n    %s\n  condition: s\n",
                            i, i, body);
    }
    char *text = ml_buf_take_text(&buf);
    ML_ASSERT(text != NULL);
    return text;
}

/* Lists of host names, addresses and hashes, n in all, below a new folder. */
static void write_lists(const char *folder, unsigned n)
{
    static const char *const names[] = {"hosts", "nets", "digests"};
    for (unsigned list = 0; list < 3; list++) {
        char path[256];
        (void)snprintf(path, sizeof path, "%s/%s.txt", folder, names[list]);
        FILE *file = fopen(path, "wb");
        ML_ASSERT(file != NULL);
        for (unsigned i = list; i < n; i += list == 0 ? 2 : 4) {
            unsigned mixed = i * 2654435761U;
            if (list == 0) {
                (void)fprintf(file, ".h%x.bad%u.example.com\n", mixed >> 12, i % 97);
            } else if (list == 1) {
                (void)fprintf(file, "%u.%u.%u.%u\n", 20 + (mixed >> 24) % 200, mixed >> 16 & 255, mixed >> 8 & 255,
                              mixed & 255);
            } else {
                (void)fprintf(file, "%08x%08x%08x%08x\n", mixed, ~mixed, i, mixed ^ i);
            }
        }
        ML_ASSERT(fclose(file) == 0);
    }
}

static const char list_rules[] =
    "title: hosts\nlogsource: {product: mitleser, category: fact}\ndetection:\n  s:\n    names|endswith|expand: "
    "'%hosts%'\n"
    "  condition: s\n"
    "---\ntitle: nets\nlogsource: {product: mitleser, category: fact}\ndetection:\n  s:\n    dst.ip|cidr|expand: "
    "'%nets%'\n"
    "  condition: s\n"
    "---\ntitle: digests\nlogsource: {product: mitleser, category: fact}\ndetection:\n  s:\n    tls.ja3|expand: "
    "'%digests%'\n  condition: s\n";

static struct ml_rules *load(const char *text, const char *lists)
{
    struct ml_rules *rules = NULL;
    struct ml_error error = {0};
    if (ml_rules_parse("bench.yml", ml_span_text(text), lists, 0, &rules, &error) != ML_OK) {
        char message[1024];
        ml_error_format(&error, message, sizeof message);
        (void)fprintf(stderr, "%s\n", message);
        exit(1);
    }
    return rules;
}

static struct ml_rules *load_indicators(unsigned n)
{
    static const char *const names[] = {"hosts", "nets", "digests"};
    char folder[] = "/tmp/bench-rules-XXXXXX";
    char path[256];
    ML_ASSERT(mkdtemp(folder) != NULL);
    write_lists(folder, n);
    struct ml_rules *rules = load(list_rules, folder);
    for (unsigned i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s/%s.txt", folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
    return rules;
}

/* --- measuring --- */

static double seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double judge(const struct ml_rules *rules, struct ml_rules_scratch *scratch, const struct sample *sample,
                    size_t *n_hits)
{
    uint32_t hits[MAX_HITS];
    double from = seconds();
    for (size_t i = 0; i < N_RECORDS; i++) {
        *n_hits += ml_rules_match(rules, scratch, &sample->records[i], hits, MAX_HITS);
    }
    return (seconds() - from) / N_RECORDS * 1e9;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Both sets in turns, so that a slow moment of the machine meets both. */
static void compare_sets(const char *what, const struct ml_rules *few, const struct ml_rules *many,
                         const struct sample *sample)
{
    const struct ml_rules *sets[] = {few, many};
    static double times[3][ROUNDS]; /* few, many, ratio */
    size_t n_hits[2] = {0, 0};
    struct ml_rules_scratch *scratch[] = {ml_rules_scratch_new(few), ml_rules_scratch_new(many)};
    ML_ASSERT(scratch[0] != NULL && scratch[1] != NULL);
    for (int round = -2; round < ROUNDS; round++) { /* the first two warm up */
        int place = round < 0 ? 0 : round;
        for (int set = 0; set < 2; set++) {
            times[set][place] = judge(sets[set], scratch[set], sample, &n_hits[set]);
        }
        times[2][place] = times[1][place] / times[0][place];
    }
    for (int i = 0; i < 3; i++) {
        qsort(times[i], ROUNDS, sizeof(double), compare);
    }
    ml_rules_scratch_free(scratch[0]);
    ml_rules_scratch_free(scratch[1]);
    (void)printf("%-28s %6.0f ns  %6.0f ns  ratio %.3f  (hits %zu, %zu)\n", what, times[0][ROUNDS / 2],
                 times[1][ROUNDS / 2], times[2][ROUNDS / 2], n_hits[0] / (ROUNDS + 2), n_hits[1] / (ROUNDS + 2));
}

int main(void)
{
    static struct sample sample;
    uint32_t random = 1;
    ml_arena_init(&sample.texts, false);
    for (size_t i = 0; i < N_RECORDS; i++) {
        fill(&sample, &sample.records[i], &random);
    }
    char *texts[] = {make_rules(40), make_rules(1000)};
    struct ml_rules *few = load(texts[0], NULL);
    struct ml_rules *many = load(texts[1], NULL);
    compare_sets("1,000 rules to 40", few, many, &sample);
    ml_rules_free(few);
    ml_rules_free(many);
    few = load_indicators(100);
    many = load_indicators(100000);
    compare_sets("100,000 indicators to 100", few, many, &sample);
    ml_rules_free(few);
    ml_rules_free(many);
    ml_mem_free(texts[0]);
    ml_mem_free(texts[1]);
    ml_arena_fini(&sample.texts);
    return 0;
}
