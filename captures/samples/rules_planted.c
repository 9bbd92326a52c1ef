/* SPDX-License-Identifier: Apache-2.0 */
/* Values of captures/identities.yaml on their way out, values of the same shape, and what must stay silent. */
#include "captures/samples/scene.h"

#include "core/digest.h"
#include "core/mem.h"

enum { START = 1772440200 /* 2026-03-02T08:30:00Z */ };

#define SERVER "198.51.100.80"
#define HOST "Host: www.example.test"
#define TRACKER "Host: app-measurement.com"
#define CRASH "Host: in.appcenter.ms"
#define PUSH "Host: getui.com"

/* Members of bodies; one more of the lists is many (leaks/detect.h). */
#define PLACE_AND_ACCOUNT "\"d\":[52.516275,13.377704],\"e\":\"DE89370400440532013000\""
#define SEVEN_PEOPLE                                                                                                   \
    "\"+12025550101\",\"+12025550102\",\"+12025550103\",\"+12025550104\",\"+12025550105\",\"+12025550106\","           \
    "\"+12025550107\""
#define SEVEN_APPS                                                                                                     \
    "\"com.example.bank\",\"com.example.chat\",\"com.example.mail\",\"com.example.maps\",\"org.example.faith\","       \
    "\"org.example.health\",\"net.example.date\""
#define FIVE_ATTRIBUTES "\"model\":\"X1\",\"brand\":\"example\",\"os_version\":\"14\",\"density\":420,\"cpu\":\"arm64\""

static void post(struct scene *scene, const char *line, const char *host, const char *body)
{
    const struct scene_post form = {SERVER, line, host, "Content-Type: application/json", ml_span_text(body)};
    scene_post(scene, &form);
}

/* One line of a protocol that nobody knows. */
static void say(struct scene *scene, const char *text)
{
    struct ml_buf bytes;
    ml_buf_init(&bytes, 1024);
    (void)ml_buf_printf(&bytes, "\x01\x02%s\x03", text); /* build_span checks */
    scene_say(scene, SERVER, 5000, build_span(&bytes));
    ml_buf_fini(&bytes);
}

/* SHA-256 of numbers, as services that find out who knows whom ask for them. */
static void upload_contacts(struct scene *scene, const char *const *numbers)
{
    struct ml_buf body;
    char hex[ML_SHA256_HEX];
    ml_buf_init(&body, 4096);
    (void)ml_buf_add_text(&body, "{\"known\":[\"\"");
    for (; *numbers != NULL; numbers++) {
        ML_ASSERT(ml_sha256_hex(ml_span_text(*numbers), hex));
        (void)ml_buf_printf(&body, ",\"%s\"", hex);
    }
    (void)ml_buf_add_text(&body, "]}");
    char *text = ml_buf_take_text(&body);
    ML_ASSERT(text != NULL);
    post(scene, "POST /contacts HTTP/1.1", HOST, text);
    ml_mem_free(text);
    ml_buf_fini(&body);
}

static void look_up(struct scene *scene, const char *name)
{
    static const char *const addresses[] = {SERVER, NULL};
    scene_look_up(scene, name, addresses);
}

void sample_planted_clear_positive(struct reel *reel)
{
    static const char *const contacts[] = {"+12025550168", "+12025550172", "+12025550196", NULL};
    struct scene scene;
    scene_init(&scene, reel, START, 71);
    look_up(&scene, "a1b7c93e5d20f468.t.example.test");
    post(&scene, "POST /me?phone=%2B12025550143 HTTP/1.1", HOST,
         "{\"mail\":\"erika.beispiel@mail.example.com\",\"access_token\":\"0a1b2c3d4e5f6a7b\"}");
    post(&scene, "POST /login HTTP/1.1", HOST, "{\"key\":\"tok-7f3a9c1e5b2d8046\"}");
    post(&scene, "POST /send HTTP/1.1", HOST, "{\"text\":\"the heron flies over the quiet lake at noon\"}");
    post(&scene, "POST /near?lat=52.51628&lon=13.37770 HTTP/1.1", HOST, "{}");
    post(&scene, "POST /push HTTP/1.1", HOST,
         "{\"t\":\"0f9e8d7c6b5a49382716a5b4c3d2e1f0\",\"push_token\":\"00112233445566778899aabbccddeeff\"}");
    upload_contacts(&scene, contacts);
    say(&scene, "wxid_4f7a9c2e8b1d3a");
}

/* The same requests with values that were not planted and do not say what they are. */
void sample_planted_clear_negative(struct reel *reel)
{
    static const char *const contacts[] = {"+12025550169", "+12025550173", "+12025550197", NULL};
    struct scene scene;
    scene_init(&scene, reel, START, 72);
    look_up(&scene, "a1b7c93e5d20f469.t.example.test");
    post(&scene, "POST /me?phone=00000000 HTTP/1.1", HOST, "{\"mail\":\"erika.beispiel\",\"access_token\":\"short1\"}");
    post(&scene, "POST /login HTTP/1.1", HOST, "{\"key\":\"tok-7f3a9c1e5b2d8047\"}");
    post(&scene, "POST /send HTTP/1.1", HOST, "{\"text\":\"the heron flies over the quiet lake at dawn\"}");
    post(&scene, "POST /near?lat=52.51&lon=13.37 HTTP/1.1", HOST, "{}");
    post(&scene, "POST /push HTTP/1.1", HOST,
         "{\"t\":\"0f9e8d7c6b5a49382716a5b4c3d2e1f1\",\"token\":\"0011223344556677\"}");
    upload_contacts(&scene, contacts);
    say(&scene, "wxid_4f7a9c2e8b1d3b");
}

void sample_planted_tracker_positive(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 73);
    post(&scene, "POST /collect HTTP/1.1", TRACKER,
         "{\"a\":\"38400000-8cf0-11bd-b23e-10b96e40000d\",\"b\":\"490154203237518\","
         "\"c\":\"06:1a:9b:3c:7d:5e\"," PLACE_AND_ACCOUNT "}");
    post(&scene, "POST /named HTTP/1.1", TRACKER,
         "{\"gaid\":\"5d1f7a20-3c44-4e1b-9b7d-8f2a6c0e9d13\",\"imei\":\"356938035643809\",\"ssid\":\"HomeNet\","
         "\"lat\":48.85837,\"lon\":2.29448,\"iban\":\"GB82WEST12345698765432\"}");
    post(&scene, "POST /people HTTP/1.1", TRACKER, "[" SEVEN_PEOPLE ",\"+12025550108\"]");
    post(&scene, "POST /apps HTTP/1.1", TRACKER, "[" SEVEN_APPS ",\"net.example.game\"]");
    post(&scene, "POST /device HTTP/1.1", TRACKER, "{" FIVE_ATTRIBUTES ",\"timezone\":\"CET\"}");
    post(&scene, "POST /logs HTTP/1.1", CRASH, "{\"log\":\"user=Friederike Beispielmann failed\"}");
    post(&scene, "POST /notify HTTP/1.1", PUSH, "{\"body\":\"the heron flies over the quiet lake at noon\"}");
}

/* Values that the recipient may know, or one too few of them. */
void sample_planted_tracker_negative(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 74);
    post(&scene, "POST /order HTTP/1.1", HOST,
         "{" PLACE_AND_ACCOUNT ",\"lat\":48.85837,\"lon\":2.29448,"
         "\"log\":\"Friederike Beispielmann\",\"body\":\"the heron flies over the quiet lake at noon\"}");
    post(&scene, "POST /named HTTP/1.1", TRACKER,
         "{\"gaid\":\"00000000-0000-0000-0000-000000000000\",\"imei\":\"356938035643808\",\"lat\":48.8,\"lon\":2.2,"
         "\"iban\":\"GB83WEST12345698765432\"}");
    post(&scene, "POST /people HTTP/1.1", TRACKER, "[" SEVEN_PEOPLE "]");
    post(&scene, "POST /apps HTTP/1.1", TRACKER, "[" SEVEN_APPS "]");
    post(&scene, "POST /device HTTP/1.1", TRACKER, "{" FIVE_ATTRIBUTES "}");
}
