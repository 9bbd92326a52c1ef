/* SPDX-License-Identifier: Apache-2.0 */
/* What people share and where it goes: links, files, texts, keys; and the nearest neighbours that stay silent. */
#include "captures/samples/scene.h"

#include "core/digest.h"
#include "core/mem.h"
#include "core/text.h"

#include <stdio.h>

enum { START = 1772440200 /* 2026-03-02T08:30:00Z */ };

#define SERVER "129.226.1.1"
#define HOST "Host: www.example.test"
#define LINK_NAME "preview-7f3a9c1e5b2d.example.test"
#define TYPE_JSON "Content-Type: application/json"

/* Of captures/specimen.svg, which captures/identities.yaml names: its digest, and some of its lines. */
#define SPECIMEN_SHA256 "bf3ff9a03a9ccaa10bf887f5b5524f4d8c749e2750ba4610b2f3bdc68ecd90ac"
static const char specimen_lines[] =
    "  <text x=\"180\" y=\"70\" font-size=\"18\">SPECIMEN 4711-XK-0093</text>\n"
    "  <text x=\"180\" y=\"110\" font-size=\"16\">BEISPIELMANN FRIEDERIKE</text>\n"
    "  <text x=\"180\" y=\"140\" font-size=\"14\">12 AUG 1974  MUSTERHAUSEN</text>\n"
    "  <text x=\"20\" y=\"250\" font-family=\"monospace\" "
    "font-size=\"14\">P&lt;UTOBEISPIELMANN&lt;&lt;FRIEDERIKE&lt;&lt;&lt;&lt;&lt;&lt;</text>";

static void post_text(struct scene *scene, const char *line, const char *host, const char *body)
{
    const struct scene_post post = {SERVER, line, host, TYPE_JSON, ml_span_text(body)};
    scene_post(scene, &post);
}

static void connect_to(struct scene *scene, const char *server, const char *name)
{
    struct tls_session session = {.client = {.sni = name, .is_13 = true}, .is_13 = true, .exchanges = {{100, 200}}};
    scene_tls(scene, server, 443, &session);
}

/* --- links, the clipboard, files --- */

void sample_shared_positive(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 81);
    connect_to(&scene, "198.51.100.82", LINK_NAME);
    post_text(&scene, "POST /preview HTTP/1.1", HOST, "{\"url\":\"https://" LINK_NAME "/a/41d9\"}");
    post_text(&scene, "POST /log HTTP/1.1", HOST, "{\"pasted\":\"correct horse under the seventh bridge\"}");
    post_text(&scene, "POST /known HTTP/1.1", HOST, "{\"sha256\":\"" SPECIMEN_SHA256 "\"}");
    post_text(&scene, "POST /file HTTP/1.1", HOST, specimen_lines);
}

/* The same of what was not planted. */
void sample_shared_negative(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 82);
    connect_to(&scene, "198.51.100.82", "preview-7f3a9c1e5b2e.example.test");
    post_text(&scene, "POST /preview HTTP/1.1", HOST, "{\"url\":\"https://preview-7f3a9c1e5b2e.example.test/a/41d8\"}");
    post_text(&scene, "POST /log HTTP/1.1", HOST, "{\"pasted\":\"correct horse under the seventh fridge\"}");
    post_text(&scene, "POST /known HTTP/1.1", HOST,
              "{\"sha256\":\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"}");
    post_text(&scene, "POST /file HTTP/1.1", HOST, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"421\"/>");
}

void sample_declared_negative(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 83);
    connect_to(&scene, SERVER, "www.example.com");
}

/* --- the picture of a document, by the name of where it goes --- */

static void upload_picture(struct reel *reel, const char *line, size_t n)
{
    struct scene scene;
    struct ml_buf picture;
    scene_init(&scene, reel, START, 84);
    ml_buf_init(&picture, 1 << 16);
    build_random(&picture, &scene.prng, n);
    const struct scene_post upload = {SERVER, line, HOST, "Content-Type: image/jpeg", build_span(&picture)};
    scene_post(&scene, &upload);
    ml_buf_fini(&picture);
}

void sample_document_positive(struct reel *reel)
{
    upload_picture(reel, "POST /v1/idcard/front HTTP/1.1", 20000);
}

void sample_document_negative(struct reel *reel)
{
    upload_picture(reel, "POST /v1/wildcard/front HTTP/1.1", 20000);
}

/* --- encryption made at home --- */

/* Every byte changed by the same key, as it stands in an unknown protocol and as base64 in a request. */
static void say_keyed(struct reel *reel, const char *text, uint8_t key)
{
    uint8_t keyed[64];
    char base64[128];
    struct ml_span clear = ml_span_text(text);
    struct scene scene;
    struct ml_buf body;
    scene_init(&scene, reel, START, 85);
    ml_buf_init(&body, 1024);
    for (size_t i = 0; i < clear.len; i++) {
        keyed[i] = clear.ptr[i] ^ key;
    }
    scene_say(&scene, SERVER, 5001, ml_span_of(keyed, clear.len));
    base64[ml_base64_write(ml_span_of(keyed, clear.len), base64)] = '\0';
    (void)ml_buf_printf(&body, "{\"p\":\"%s\"}", base64); /* build_span checks */
    const struct scene_post report = {SERVER, "POST /report HTTP/1.1", HOST, TYPE_JSON, build_span(&body)};
    scene_post(&scene, &report);
    ml_buf_fini(&body);
}

void sample_home_made_positive(struct reel *reel)
{
    say_keyed(reel, "user=wxid_4f7a9c2e8b1d3a;", 0x5a);
}

void sample_home_made_negative(struct reel *reel)
{
    say_keyed(reel, "user=wxid_4f7a9c2e8b1d3b;", 0x5a);
}

/* --- services beside the conversation --- */

/* A kilobyte or less of JSON to a service that translates. */
static void translate(struct reel *reel, const char *text, size_t n)
{
    struct scene scene;
    struct ml_buf body;
    scene_init(&scene, reel, START, 86);
    ml_buf_init(&body, 4096);
    (void)ml_buf_printf(&body, "{\"text\":\"%s\",\"context\":\"", text);
    while (body.len < n) {
        (void)ml_buf_add_text(&body, "word ");
    }
    (void)ml_buf_add_text(&body, "\"}");
    const struct scene_post upload = {SERVER, "POST /v2/translate HTTP/1.1", "Host: api.deepl.com", TYPE_JSON,
                                      build_span(&body)};
    scene_post(&scene, &upload);
    ml_buf_fini(&body);
}

void sample_side_service_positive(struct reel *reel)
{
    translate(reel, "the heron flies over the quiet lake at noon", 1000);
}

void sample_side_service_negative(struct reel *reel)
{
    translate(reel, "good morning", 100);
}

/* Each key that is pressed asks for what it may become. */
static void type_keys(struct reel *reel, unsigned n)
{
    static const char *const headers[] = {"Host: get.sogou.com", "User-Agent: example/1.0", NULL};
    static const char *const answer[] = {"Content-Type: application/octet-stream", NULL};
    struct scene scene;
    struct ml_buf request;
    struct ml_buf response;
    scene_init(&scene, reel, START, 87);
    ml_buf_init(&request, 1024);
    ml_buf_init(&response, 1024);
    build_http(&request, "POST /q HTTP/1.1", headers, ml_span_text("\x01\x02\x03\x04"));
    build_http(&response, "HTTP/1.1 200 OK", answer, ml_span_text("\x05\x06"));
    struct talk talk = scene_connect(&scene, SERVER, 80, 20, NULL);
    for (unsigned i = 0; i < n; i++) {
        scene_exchange(&talk, &request, &response);
        talk_wait(&talk, 350 * SCENE_MS);
    }
    scene_close(&scene, &talk, TALK_CLIENT);
    ml_buf_fini(&request);
    ml_buf_fini(&response);
}

void sample_keyboard_positive(struct reel *reel)
{
    type_keys(reel, 8);
}

void sample_keyboard_negative(struct reel *reel)
{
    type_keys(reel, 7);
}

void sample_mini_program_positive(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 88);
    connect_to(&scene, "203.0.113.70", "app.servicewechat.com");
}

void sample_mini_program_negative(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 89);
    connect_to(&scene, "203.0.113.70", "short.weixin.qq.com");
}

/* --- receipts --- */

/* Something sealed comes, and something small goes at once. */
static void receive(struct reel *reel, unsigned n)
{
    struct tls_session session = {
        .client = {.sni = "chat.signal.org", .is_13 = true}, .is_13 = true, .exchanges = {{100, 200}}};
    struct scene scene;
    struct ml_buf message;
    struct ml_buf receipt;
    scene_init(&scene, reel, START, 90);
    ml_buf_init(&message, 1024);
    ml_buf_init(&receipt, 1024);
    session.client.seed = build_u64(&scene.prng);
    struct talk talk = scene_connect(&scene, "203.0.113.91", 443, 20, NULL);
    talk_tls(&talk, &session);
    for (unsigned i = 0; i < n; i++) {
        size_t len = 200 + 37 * i;
        ml_buf_clear(&message);
        ml_buf_clear(&receipt);
        build_be(&message, 3, 0x170303);
        build_be(&message, 2, len);
        build_random(&message, &scene.prng, len);
        build_be(&receipt, 3, 0x170303);
        build_be(&receipt, 2, 60);
        build_random(&receipt, &scene.prng, 60);
        talk_wait(&talk, 20 * SCENE_SECOND);
        talk_push(&talk, build_span(&message));
        talk_wait(&talk, 90 * SCENE_MS);
        talk_send(&talk, TALK_CLIENT, build_span(&receipt));
    }
    scene_close(&scene, &talk, TALK_CLIENT);
    ml_buf_fini(&message);
    ml_buf_fini(&receipt);
}

void sample_receipts_positive(struct reel *reel)
{
    receive(reel, 5);
}

void sample_receipts_negative(struct reel *reel)
{
    receive(reel, 4);
}

/* --- who opens a connection --- */

static void open_port(struct reel *reel, bool is_inbound)
{
    struct scene scene;
    struct ml_buf hello;
    scene_init(&scene, reel, START, 91);
    ml_buf_init(&hello, 64);
    (void)ml_buf_add_text(&hello, "hello\n");
    connect_to(&scene, "198.51.100.82", "www.example.com");
    connect_to(&scene, "198.51.100.83", "www.example.com");
    scene.client = is_inbound ? "10.0.0.50" : scene.client;
    struct talk talk = scene_connect(&scene, is_inbound ? "10.0.0.23" : "10.0.0.50", 8009, 4, NULL);
    scene_exchange(&talk, &hello, &hello);
    scene_close(&scene, &talk, TALK_CLIENT);
    ml_buf_fini(&hello);
}

void sample_inbound_positive(struct reel *reel)
{
    open_port(reel, true);
}

void sample_inbound_negative(struct reel *reel)
{
    open_port(reel, false);
}
