/* SPDX-License-Identifier: Apache-2.0 */
/* Mail, FTP and MQTT: in the clear, and behind STARTTLS or with nothing to tell. */
#include "captures/samples/scene.h"

enum { START = 1772440200 /* 2026-03-02T08:30:00Z */ };

#define SERVER "203.0.113.25"

/* Lines begin with '>' (client) or '<' (server), ended by NULL. */
static void say(struct talk *talk, const char *const *lines)
{
    for (size_t i = 0; lines[i] != NULL; i++) {
        talk_send(talk, lines[i][0] == '>' ? TALK_CLIENT : TALK_SERVER, ml_span_text(lines[i] + 1));
    }
}

static void dialog(struct scene *scene, uint16_t port, const char *const *lines)
{
    struct talk talk = scene_connect(scene, SERVER, port, 20, NULL);
    say(&talk, lines);
    scene_close(scene, &talk, TALK_CLIENT);
}

void sample_mail_positive(struct reel *reel)
{
    static const char *const smtp[] = {
        "<220 mail.example.test ESMTP\r\n",
        ">EHLO alexs-phone\r\n",
        "<250-mail.example.test\r\n250 AUTH PLAIN LOGIN\r\n",
        ">AUTH PLAIN AGFsZXhAZXhhbXBsZS50ZXN0AGV4YW1wbGUtcGFzc3dvcmQ=\r\n",
        "<235 2.7.0 Authentication successful\r\n",
        ">MAIL FROM:<alex@example.test>\r\n",
        "<250 2.1.0 Ok\r\n",
        ">RCPT TO:<sam@example.test>\r\n",
        "<250 2.1.5 Ok\r\n",
        ">DATA\r\n",
        "<354 End data with <CR><LF>.<CR><LF>\r\n",
        ">From: Alex Example <alex@example.test>\r\nTo: sam@example.test\r\nSubject: Monday\r\n\r\n"
        "See you at the station.\r\n.\r\n",
        "<250 2.0.0 Ok\r\n",
        NULL,
    };
    static const char *const pop[] = {
        "<+OK ready\r\n",
        ">USER alex@example.test\r\n",
        "<+OK\r\n",
        ">PASS example-password\r\n",
        "<+OK\r\n",
        ">RETR 1\r\n",
        "<+OK\r\nFrom: sam@example.test\r\nTo: alex@example.test\r\nSubject: Re: Monday\r\n\r\nFine.\r\n.\r\n",
        NULL,
    };
    static const char *const imap[] = {
        "<* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n",
        ">a1 LOGIN alex@example.test example-password\r\n",
        "<a1 OK done\r\n",
        ">a2 FETCH 1 BODY.PEEK[HEADER.FIELDS (FROM SUBJECT)]\r\n",
        "<* 1 FETCH (BODY[HEADER.FIELDS (FROM SUBJECT)] {48}\r\nFrom: sam@example.test\r\nSubject: Re: "
        "Monday\r\n\r\n)\r\n"
        "a2 OK done\r\n",
        NULL,
    };
    struct scene scene;
    scene_init(&scene, reel, START, 31);
    dialog(&scene, 587, smtp);
    dialog(&scene, 110, pop);
    dialog(&scene, 143, imap);
}

void sample_mail_negative(struct reel *reel)
{
    static const char *const before[] = {
        "<220 mail.example.test ESMTP\r\n",           ">EHLO [127.0.0.1]\r\n",
        "<250-mail.example.test\r\n250 STARTTLS\r\n", ">STARTTLS\r\n",
        "<220 2.0.0 Ready to start TLS\r\n",          NULL,
    };
    static const char *const only_asked[] = {
        "<+OK ready\r\n", ">CAPA\r\n", "<+OK\r\nTOP\r\nUIDL\r\n.\r\n", ">QUIT\r\n", "<+OK\r\n", NULL,
    };
    struct tls_session session = {
        .client = {.sni = "mail.example.test", .seed = 3}, .is_13 = true, .exchanges = {{300, 200}, {900, 100}}};
    struct scene scene;
    scene_init(&scene, reel, START, 32);
    struct talk talk = scene_connect(&scene, SERVER, 587, 20, NULL);
    say(&talk, before);
    talk_tls(&talk, &session);
    scene_close(&scene, &talk, TALK_CLIENT);
    dialog(&scene, 110, only_asked);
}

/* --- MQTT (OASIS MQTT 3.1.1, section 3) --- */

static void add_text(struct ml_buf *out, const char *text)
{
    build_be(out, 2, strlen(text));
    (void)ml_buf_add_text(out, text); /* build_span checks */
}

static void add_packet(struct ml_buf *out, uint8_t first, struct ml_buf *content)
{
    build_be(out, 1, first);
    build_be(out, 1, content->len); /* below 128 */
    (void)ml_buf_add_span(out, build_span(content));
    ml_buf_clear(content);
}

static void mqtt(struct reel *reel, const char *client_id, const char *user, const char *topic)
{
    struct ml_buf up;
    struct ml_buf down;
    struct ml_buf content;
    struct scene scene;
    ml_buf_init(&up, 1024);
    ml_buf_init(&down, 1024);
    ml_buf_init(&content, 1024);
    scene_init(&scene, reel, START, 33);
    add_text(&content, "MQTT");
    build_be(&content, 4, user != NULL ? 0x04c2003c : 0x0402003c); /* version, flags, 60 seconds */
    add_text(&content, client_id);
    if (user != NULL) {
        add_text(&content, user);
        add_text(&content, "example-password");
    }
    add_packet(&up, 0x10, &content);
    (void)ml_buf_add(&down, "\x20\x02\0\0", 4);
    if (topic != NULL) {
        add_text(&content, topic);
        (void)ml_buf_add_text(&content, "on");
        add_packet(&up, 0x30, &content);
    }
    (void)ml_buf_add(&up, "\xc0\0", 2);
    (void)ml_buf_add(&down, "\xd0\0", 2);
    struct talk talk = scene_connect(&scene, SERVER, 1883, 20, NULL);
    scene_exchange(&talk, &up, &down);
    scene_close(&scene, &talk, TALK_CLIENT);
    ml_buf_fini(&up);
    ml_buf_fini(&down);
    ml_buf_fini(&content);
}

void sample_mqtt_positive(struct reel *reel)
{
    mqtt(reel, "phone-of-alex", "alex", "home/alex/lamp");
}

void sample_mqtt_negative(struct reel *reel)
{
    mqtt(reel, "", NULL, NULL);
}

/* --- FTP (RFC 959) --- */

void sample_ftp_positive(struct reel *reel)
{
    static const char *const lines[] = {
        "<220 ftp.example.test ready\r\n",
        ">USER alex\r\n",
        "<331 Password required\r\n",
        ">PASS example-password\r\n",
        "<230 Logged in\r\n",
        ">SIZE letter-to-sam.txt\r\n",
        "<213 120\r\n",
        NULL,
    };
    struct scene scene;
    scene_init(&scene, reel, START, 34);
    dialog(&scene, 21, lines);
}

void sample_ftp_negative(struct reel *reel)
{
    static const char *const lines[] = {
        "<220 ftp.example.test ready\r\n",
        ">USER anonymous\r\n",
        "<331 Any password\r\n",
        ">PASS guest\r\n",
        "<230 Logged in\r\n",
        NULL,
    };
    struct scene scene;
    scene_init(&scene, reel, START, 35);
    dialog(&scene, 21, lines);
}
