/* SPDX-License-Identifier: Apache-2.0 */
/* Signalling of calls by SIP (RFC 3261). */
#include "captures/samples/scene.h"

enum { START = 1772440200 /* 2026-03-02T08:30:00Z */, PORT = 5060 };

#define SERVER "203.0.113.60"
#define PARTIES "From: <sip:alex@example.test>;tag=1\r\nTo: <sip:sam@example.test>\r\nCall-ID: 5f1c@192.168.1.23\r\n"
#define PHONE                                                                                                          \
    "Contact: <sip:alex@192.168.1.23:5060>;+sip.instance=\"<urn:gsma:imei:00440123-456789-0>\"\r\n"                    \
    "P-Access-Network-Info: 3GPP-E-UTRAN-FDD; utran-cell-id-3gpp=0010100010000190\r\n"

static void up(struct scene *scene, const char *text)
{
    scene_datagram(scene, PORT, SERVER, PORT, ml_span_text(text));
}

static void down(struct scene *scene, const char *text)
{
    scene_datagram_back(scene, PORT, SERVER, PORT, ml_span_text(text));
}

void sample_sip_positive(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 41);
    up(&scene, "INVITE sip:sam@example.test SIP/2.0\r\n"
               "Via: SIP/2.0/UDP 192.168.1.23:5060;branch=z9hG4bK1\r\n" PARTIES PHONE
               "CSeq: 1 INVITE\r\nUser-Agent: Example Phone 1.0\r\nContent-Type: application/sdp\r\n\r\n"
               "v=0\r\no=- 1 1 IN IP4 192.168.1.23\r\ns=-\r\nc=IN IP4 192.168.1.23\r\nt=0 0\r\n"
               "m=audio 40000 RTP/SAVP 0\r\n"
               "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR\r\n");
    down(&scene, "SIP/2.0 180 Ringing\r\n"
                 "Via: SIP/2.0/UDP 192.168.1.23:5060;branch=z9hG4bK1;received=198.51.100.23\r\n" PARTIES
                 "CSeq: 1 INVITE\r\n\r\n");
}

void sample_sip_negative(struct reel *reel)
{
    struct scene scene;
    scene_init(&scene, reel, START, 42);
    up(&scene, "OPTIONS sip:example.test SIP/2.0\r\nVia: SIP/2.0/UDP host.invalid;branch=z9hG4bK2\r\n"
               "From: <sip:anonymous@anonymous.invalid>;tag=2\r\nTo: <sip:example.test>\r\nCall-ID: 77\r\n"
               "CSeq: 1 OPTIONS\r\n\r\n");
    down(&scene, "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP host.invalid;branch=z9hG4bK2\r\n"
                 "From: <sip:anonymous@anonymous.invalid>;tag=2\r\nTo: <sip:example.test>;tag=3\r\nCall-ID: 77\r\n"
                 "CSeq: 1 OPTIONS\r\n\r\n");
}
