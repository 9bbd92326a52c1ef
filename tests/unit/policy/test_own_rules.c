/* SPDX-License-Identifier: Apache-2.0 */
/* Every rule of rules/: a record it matches, and a record it must not. */
#include "rig.h"

#include "core/buf.h"
#include "core/mem.h"
#include "policy/list.h"
#include "support/cm.h"

#define LISTS MITLESER_RULES "/lists"

/* A value "%name%" stands for the first value of the list of that name. */
struct sample {
    const char *rule;
    const char *yes;
    const char *no;
};

#define CLEAR_REQUEST "fact.kind=http.request\nfact.encrypted=false\n"
#define TLS_REQUEST "fact.kind=http.request\nfact.encrypted=true\n"
#define QUERY "fact.kind=dns.query\ndns.transport=udp\n"
#define HELLO "fact.kind=tls.client_hello\n"
#define ANSWER "fact.kind=tls.server_hello\n"
#define PLANTED(kind) "fact.kind=leak.identity\nidentity.kind=" kind "\n"
#define NAMED(kind) "fact.kind=leak.detected\nidentity.kind=" kind "\n"

static const struct sample samples[] = {
    {"ml-http-cleartext", CLEAR_REQUEST "dst.scope=public", CLEAR_REQUEST "dst.scope=loopback"},
    {"ml-http-identifier-parameter", CLEAR_REQUEST "http.query_keys=v\nhttp.query_keys=IMEI",
     CLEAR_REQUEST "http.query_keys=v\nhttp.query_keys=page"},
    {"ml-http-authorization",
     CLEAR_REQUEST "http.authorization=Basic eA==", TLS_REQUEST "http.authorization=Basic eA=="},
    {"ml-http-session-cookie", CLEAR_REQUEST "http.cookie_names=lang\nhttp.cookie_names=JSESSIONID.3",
     CLEAR_REQUEST "http.cookie_names=lang"},
    {"ml-http-credential-parameter", CLEAR_REQUEST "http.query_keys=pass_ticket", CLEAR_REQUEST "http.query_keys=q"},
    {"ml-login-cleartext", "login.has_secret=true\nfact.encrypted=false",
     "login.has_secret=false\nfact.encrypted=false"},
    {"ml-message-cleartext", "message.bytes=5\nfact.encrypted=false", "message.bytes=5\nfact.encrypted=true"},
    {"ml-http-location-parameter", CLEAR_REQUEST "http.query_keys=lat\nhttp.query_keys=lng",
     CLEAR_REQUEST "http.query_keys=lat\nhttp.query_keys=page"},
    {"ml-http-avatar", CLEAR_REQUEST "http.host=x%avatar-hosts%\nhttp.path=/a", TLS_REQUEST "http.path=/avatar/1"},
    {"ml-http-avatar", CLEAR_REQUEST "http.host=a.test\nhttp.path=/get_headimg", CLEAR_REQUEST "http.path=/head"},
    {"ml-http-cookie-clear", CLEAR_REQUEST "http.cookie=a=b", CLEAR_REQUEST "http.host=a.test"},
    {"ml-http-set-cookie-insecure", "fact.kind=http.response\nhttp.set_cookie_insecure=a",
     "fact.kind=http.response\nhttp.set_cookie_names=a"},
    {"ml-http-referer", CLEAR_REQUEST "http.host=a.test\nhttp.referer_host=b.test",
     CLEAR_REQUEST "http.host=a.test\nhttp.referer_host=A.test"},
    {"ml-http-user-agent", CLEAR_REQUEST "http.user_agent=X/1 (Linux; Android 14; Y Build/Z)",
     CLEAR_REQUEST "http.user_agent=X/1"},
    {"ml-http-update", CLEAR_REQUEST "http.path=/x/Plugin.APK", CLEAR_REQUEST "http.path=/x/page.html"},

    {"ml-dns-cleartext", QUERY "dns.name=www.example.com", QUERY "dns.name=1.2.0.192.in-addr.arpa"},
    {"ml-dns-cleartext", "fact.kind=dns.query\ndns.transport=tcp\ndns.name=a.test",
     "fact.kind=dns.query\ndns.transport=dot\ndns.name=a.test"},
    {"ml-dns-public-resolver", QUERY "dst.ip=%public-resolvers%", QUERY "dst.ip=192.0.2.53"},
    {"ml-dns-client-subnet", QUERY "dns.ecs=192.0.2.0/24", QUERY "dns.name=a.test"},
    {"ml-dns-identifier", QUERY "dns.name=x.0123456789abcdef0123456789ABCDEF.example.com",
     QUERY "dns.name=deadbeef.averyveryverylonglabelmadeoflettersonly.example.com"},
    {"ml-dns-identifier", QUERY "dns.name=123e4567-e89b-42d3-a456-426614174000.example.com",
     QUERY "dns.name=example.0123456789abcdef0123456789abcdef"},
    {"ml-dns-identifier", QUERY "dns.name=mfrggzdfmztwq2lknnwg23tpobyxe43uov3ho6dzpiydcmrtgq.example.com",
     QUERY "dns.name=0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0123456789abcdef0123456789abcdef.ip6.arpa"},
    {"ml-dns-newgetdns", "fact.kind=wechat.newgetdns\nfact.encrypted=false", CLEAR_REQUEST "http.path=/x"},
    {"ml-dns-http-dns", CLEAR_REQUEST "http.path=/d\nhttp.query_keys=dn",
     CLEAR_REQUEST "http.path=/d/list\nhttp.query_keys=dn"},
    {"ml-dns-encrypted-resolver", "dst.port=853\nclass.control=partial", "dst.port=853\nclass.control=eea"},
    {"ml-dns-encrypted-resolver", "dst.roles=doh\nclass.control=none", "dst.roles=cdn\nclass.control=none"},
    {"ml-dns-internal-name", QUERY "dst.scope=public\ndns.name=printer.corp",
     QUERY "dst.scope=private-use\ndns.name=printer.corp"},

    {"ml-tls-sni", HELLO "tls.sni=a.test", HELLO "tls.sni=a.test\ntls.ech=offered"},
    {"ml-tls-activity-name", "service=payment\nname_source=sni", "service=payment\nname_source=dns"},
    {"ml-tls-no-ech", HELLO "tls.sni=a.test", HELLO "tls.sni=a.test\ntls.ech=offered"},
    {"ml-tls-old-version", ANSWER "tls.version=TLS 1.0", ANSWER "tls.version=TLS 1.2"},
    {"ml-tls-old-version", ANSWER "tls.version=DTLS 1.0 (OpenSSL pre 0.9.8f)", ANSWER "tls.version=DTLS 1.2"},
    {"ml-tls-weak-cipher", ANSWER "tls.cipher=TLS_RSA_WITH_RC4_128_SHA",
     ANSWER "tls.cipher=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    {"ml-tls-no-forward-secrecy", ANSWER "tls.forward_secret=false", ANSWER "tls.forward_secret=true"},
    {"ml-tls-certificate-clear", "fact.kind=tls.certificate\nfact.encrypted=false",
     "fact.kind=tls.certificate\nfact.encrypted=true"},
    {"ml-tls-client-certificate", "fact.kind=tls.client_certificate\nfact.encrypted=false",
     "fact.kind=tls.certificate\nfact.encrypted=false"},
    {"ml-tls-ticket-offered", HELLO "tls.ticket_sha256=00", HELLO "tls.sni=a.test"},
    {"ml-tls-self-signed", "fact.kind=tls.certificate\ntls.cert.self_signed=true",
     "fact.kind=tls.certificate\ntls.cert.self_signed=false"},
    {"ml-tls-early-data", HELLO "tls.early_data=true", HELLO "tls.sni=a.test"},
    {"ml-tls-ocsp", CLEAR_REQUEST "http.content_type=application/ocsp-request", CLEAR_REQUEST "http.path=/a.crlx"},
    {"ml-tls-ocsp", CLEAR_REQUEST "dst.roles=ocsp", TLS_REQUEST "dst.roles=ocsp"},
    {"ml-tls-no-post-quantum", HELLO "tls.post_quantum=false", HELLO "tls.sni=a.test"},
    {"ml-quic-initial", "quic.version=1\nquic.sni=a.test", "quic.version=1\nquic.sni=a.test\ntls.ech=offered"},
    {"ml-quic-moved", "quic.continues=1\nquic.moved=true\nquic.same_id=true",
     "quic.continues=1\nquic.moved=true\nquic.same_id=false"},

    {"ml-net-eui64", "src.eui64=true\nsrc.scope=public", "src.eui64=true\nsrc.scope=link-local"},
    {"ml-net-mdns-name", "fact.kind=mdns.announcement\nfact.direction=up\nmdns.host=anna.local",
     "fact.kind=mdns.announcement\nfact.direction=down\nmdns.host=anna.local"},
    {"ml-net-netbios-name", "fact.kind=nbns.name\nfact.direction=up\ndns.name=ANNA-PC",
     "fact.kind=nbns.name\nfact.direction=down\ndns.name=ANNA-PC"},
    {"ml-net-netbios-name", "fact.kind=nbds.datagram\nfact.direction=up\nnbds.source=ANNA-PC<00>",
     "fact.kind=nbds.datagram\nfact.direction=up\nnbds.destination=ANNA-PC<20>"},
    {"ml-net-llmnr-query", "fact.kind=dns.query\ndns.transport=llmnr\ndns.name=nas", QUERY "dns.name=nas"},
    {"ml-net-dhcp-identity", "dhcp.hostname=annas-phone", "dhcp.vendor_class=x"},
    {"ml-net-private-peer", "app=wechat\ndst.scope=private-use", "app=wechat\ndst.scope=public"},
    {"ml-net-ntp", "transport=udp\ndst.port=123\ndst.scope=public",
     "transport=udp\ndst.port=123\ndst.scope=private-use"},
    {"ml-net-mmtls-clock", "fact.kind=mmtls.client_hello\nmmtls.client_time=2026-11-26T00:00:00Z",
     "fact.kind=mmtls.server_hello"},

    {"ml-msg-account-number", "wechat.uin=12345\nfact.encrypted=false", "wechat.uin=0\nfact.encrypted=false"},
    {"ml-msg-network-id", "wechat.mcc_mnc=00101\nfact.encrypted=false", "wechat.mcc_mnc=00101\nfact.encrypted=true"},
    {"ml-msg-mmtls-ticket-offered", "fact.kind=mmtls.client_hello\nmmtls.ticket_sha256=00",
     "fact.kind=mmtls.client_hello"},
    {"ml-msg-proprietary-transport", "fact.kind=mmtls.records", CLEAR_REQUEST "http.path=/"},
    {"ml-msg-proprietary-transport", "fact.kind=qq.sso", "fact.kind=mtproto.obfuscated2"},
    {"ml-msg-qq-account", "qq.account=1234567\nfact.encrypted=false", "qq.account=1234567\nfact.encrypted=true"},
    {"ml-msg-qq-zero-key", "fact.kind=qq.sso\nqq.crypt=zeros\nfact.encrypted=false",
     "fact.kind=qq.sso\nqq.crypt=session\nfact.encrypted=false"},
    {"ml-msg-qq-token", "qq.token_sha256=00\nfact.encrypted=false", "qq.account=1234567\nfact.encrypted=false"},
    {"ml-msg-phone-number", "whatsapp.phone=5550100200\nfact.encrypted=false",
     "whatsapp.client=Phone-2.12.2-5222\nfact.encrypted=false"},
    {"ml-msg-chat-account", "fact.kind=irc.login\nlogin.user=anna\nfact.encrypted=false",
     "fact.kind=irc.login\nlogin.method=PASS\nfact.encrypted=false"},
    {"ml-msg-chat-account", "fact.kind=ymsg.login\nlogin.user=anna\nfact.encrypted=false",
     "fact.kind=xmpp.login\nlogin.user=anna\nfact.encrypted=true"},
    {"ml-msg-mail-address", "fact.kind=smtp.envelope\nmessage.to=a@b.test\nfact.encrypted=false",
     "fact.kind=smtp.envelope\nmessage.to=a@b.test\nfact.encrypted=true"},
    {"ml-msg-mail-address", "fact.kind=pop.message\nmessage.from=a@b.test\nfact.encrypted=false",
     "fact.kind=irc.message\nmessage.from=anna\nfact.encrypted=false"},
    {"ml-msg-mail-account", "fact.kind=imap.login\nlogin.user=anna\nfact.encrypted=false",
     "fact.kind=imap.login\nlogin.method=GSSAPI\nfact.encrypted=false"},
    {"ml-msg-mqtt-client", "fact.kind=mqtt.connect\nmqtt.client_id=phone\nfact.encrypted=false",
     "fact.kind=mqtt.connect\nmqtt.version=4\nfact.encrypted=false"},
    {"ml-msg-mqtt-client", "fact.kind=mqtt.publish\nmqtt.topic=a/b\nfact.encrypted=false",
     "fact.kind=mqtt.publish\nmqtt.topic=a/b\nfact.encrypted=true"},
    {"ml-msg-file-account", "fact.kind=ftp.login\nlogin.user=alex\nlogin.has_secret=true\nfact.encrypted=false",
     "fact.kind=ftp.login\nlogin.user=guest\nlogin.has_secret=false\nfact.encrypted=false"},
    {"ml-msg-file-account", "ftp.path=letter.txt\nfact.encrypted=false", "ftp.path=letter.txt\nfact.encrypted=true"},
    {"ml-msg-mtproto-key-offered", "fact.kind=mtproto.plain\nmtproto.auth_key_id=0123456789abcdef",
     "fact.kind=mtproto.plain\nmtproto.transport=http"},
    {"ml-msg-threema-key-offered", "fact.kind=threema.handshake\nthreema.key_sha256=00",
     "fact.kind=threema.handshake\nthreema.login_bytes=191"},
    {"ml-msg-presence", "service=messaging\nflow.duration_ms=600000\npackets_up=4\npackets_down=4",
     "service=messaging\nflow.duration_ms=599999\npackets_up=4\npackets_down=4"},
    {"ml-rtc-sip-identity", "fact.kind=sip.request\nsip.from=sip:a@b.test\nfact.encrypted=false",
     "fact.kind=sip.request\nsip.from=sip:anonymous@anonymous.invalid\nfact.encrypted=false"},
    {"ml-rtc-sip-identity", "fact.kind=sip.request\nsip.instance=<urn:uuid:0>\nfact.encrypted=false",
     "fact.kind=sip.response\nsip.from=sip:a@b.test\nfact.encrypted=true"},
    {"ml-rtc-media-key", "sdp.has_keys=true\nfact.encrypted=false", "sdp.has_keys=true\nfact.encrypted=true"},
    {"ml-rtc-radio-cell", "sip.access_network=3GPP-E-UTRAN-FDD\nfact.encrypted=false",
     "sip.method=INVITE\nfact.encrypted=false"},
    {"ml-rtc-stun-names", "stun.username=a:b", "stun.mapped=192.0.2.1"},
    {"ml-rtc-peer-address", "stun.peer=192.0.2.1", "stun.mapped=192.0.2.1"},
    {"ml-rtc-rtp-identifiers", "rtp.ssrc=7", "rtp.payload_type=111"},
    {"ml-rtc-own-address", "stun.mapped=192.0.2.1\nfact.direction=down", "stun.mapped=192.0.2.1\nfact.direction=up"},
    {"ml-rtc-local-address", "stun.peer=192.168.0.17", "stun.peer=192.0.2.1"},
    {"ml-rtc-readable-media", "fact.kind=rtp.stream\nrtp.encrypted=false\nfact.encrypted=false",
     "fact.kind=rtp.stream\nrtp.payload_type=0\nfact.encrypted=false"},
    {"ml-rtc-source-description", "rtp.email=a@example.com\nfact.encrypted=false",
     "rtp.cname=a@example.com\nfact.encrypted=false"},
    {"ml-rtc-call-identifier", "call.identifier=x", "call.version=x"},
    {"ml-rtc-call-visible", "service=call\ntransport=udp\nflow.duration_ms=10000\npackets_up=100",
     "service=call\ntransport=udp\nflow.duration_ms=10000\npackets_up=99"},
    {"ml-push-provider", "dst.roles=push\nflow.established=true", "dst.roles=push\nflow.established=false"},
    {"ml-trk-contact", "tracker.list=x\nflow.established=true", "tracker.list=x\nflow.established=false"},
    {"ml-trk-cleartext", CLEAR_REQUEST "tracker.list=x", TLS_REQUEST "tracker.list=x"},
    {"ml-pay-visible", "service=payment\nname_source=dns", "service=payment\nname_source=cert"},

    {"ml-http-planted-clear", PLANTED("imei") "fact.encrypted=false\nidentity.place=query",
     PLANTED("imei") "fact.encrypted=true\nidentity.place=query"},
    {"ml-http-named-clear", NAMED("email") "fact.encrypted=false", NAMED("device_model") "fact.encrypted=false"},
    {"ml-http-planted-token", PLANTED("session_token") "fact.encrypted=false", PLANTED("imei") "fact.encrypted=false"},
    {"ml-http-named-token", NAMED("session_token") "fact.encrypted=false",
     NAMED("session_token") "fact.encrypted=true"},
    {"ml-http-planted-message", PLANTED("message") "fact.encrypted=false", PLANTED("message") "fact.encrypted=true"},
    {"ml-http-planted-location", PLANTED("coordinates") "fact.encrypted=false",
     PLANTED("coordinates") "fact.encrypted=true"},
    {"ml-http-named-location", NAMED("coordinates") "fact.encrypted=false\nidentity.precision=tens of metres",
     NAMED("coordinates") "fact.encrypted=false\nidentity.precision=kilometres"},
    {"ml-http-planted-query", PLANTED("email") "fact.encrypted=true\nidentity.place=query",
     PLANTED("email") "fact.encrypted=true\nidentity.place=body"},
    {"ml-http-named-query", NAMED("email") "fact.encrypted=true\nidentity.place=query",
     NAMED("ssid") "fact.encrypted=true\nidentity.place=query"},
    {"ml-dns-planted", PLANTED("serial") "fact.encrypted=false\nidentity.place=dns.name",
     PLANTED("serial") "fact.encrypted=true\nidentity.place=dns.name"},
    {"ml-msg-planted-clear", PLANTED("account") "fact.encrypted=false\nidentity.place=payload",
     PLANTED("account") "fact.encrypted=false\nidentity.place=cookie"},
    {"ml-msg-plain-hash", PLANTED("phone") "identity.digest=sha256", PLANTED("phone") "identity.form=digits"},
    {"ml-msg-readable-by-operator", PLANTED("message") "fact.encrypted=true", PLANTED("name") "fact.encrypted=true"},
    {"ml-msg-contact-sent", PLANTED("contact") "fact.direction=up", PLANTED("contact") "fact.direction=down"},
    {"ml-msg-contact-book", NAMED("contact_book") "identity.place=body", NAMED("phone") "identity.place=body"},
    {"ml-trk-planted-advertising-id", PLANTED("advertising_id") "fact.direction=up",
     PLANTED("advertising_id") "fact.direction=down"},
    {"ml-trk-named-advertising-id", NAMED("advertising_id") "identity.place=body",
     PLANTED("advertising_id") "identity.place=body"},
    {"ml-trk-planted-device-id", PLANTED("serial") "fact.direction=up", PLANTED("account") "fact.direction=up"},
    {"ml-trk-named-device-id", NAMED("mac") "identity.place=body", NAMED("bssid") "identity.place=body"},
    {"ml-trk-planted-radio", PLANTED("bssid") "fact.direction=up", PLANTED("mac") "fact.direction=up"},
    {"ml-trk-named-radio", NAMED("ssid") "identity.place=body", NAMED("mac") "identity.place=body"},
    {"ml-trk-planted-location", PLANTED("coordinates") "fact.direction=up\ntracker.list=x",
     PLANTED("coordinates") "fact.direction=up"},
    {"ml-trk-named-location", NAMED("coordinates") "identity.precision=metres\ntracker.list=x",
     NAMED("coordinates") "identity.precision=kilometres\ntracker.list=x"},
    {"ml-pay-planted-payment", PLANTED("card") "fact.direction=up\ntracker.list=x",
     PLANTED("card") "fact.direction=up"},
    {"ml-pay-named-payment", NAMED("iban") "tracker.list=x", NAMED("iban") "identity.place=body"},
    {"ml-trk-planted-joined", "fact.kind=leak.joined\nidentity.planted=true",
     "fact.kind=leak.joined\nidentity.planted=false"},
    {"ml-trk-named-joined", "fact.kind=leak.joined\nidentity.planted=false",
     "fact.kind=leak.joined\nidentity.planted=true"},
    {"ml-trk-app-list", NAMED("app_list") "identity.place=body", NAMED("account") "identity.place=body"},
    {"ml-trk-device-profile", NAMED("device_profile") "identity.place=query",
     NAMED("device_model") "identity.place=query"},
    {"ml-trk-crash-report", PLANTED("name") "fact.direction=up\ntracker.category=crash",
     PLANTED("name") "fact.direction=up\ntracker.category=analytics"},
    {"ml-push-readable", PLANTED("message") "dst.roles=push", PLANTED("message") "dst.roles=cdn"},
    {"ml-push-planted-token", PLANTED("push_token") "fact.encrypted=false",
     PLANTED("push_token") "fact.encrypted=true"},
    {"ml-push-named-token", NAMED("push_token") "fact.encrypted=false", NAMED("push_token") "fact.encrypted=true"},

    {"ml-xfr-third-country", "class.location=none\ndst.location.status=determined",
     "class.location=none\ndst.location.status=disputed"},
    {"ml-xfr-partial", "class.location=partial\ndst.location.status=determined",
     "class.location=adequate\ndst.location.status=determined"},
    {"ml-xfr-control", "class.location=eea\nclass.control=partial", "class.location=none\nclass.control=partial"},
    {"ml-xfr-declared", "dst.declared=false", "dst.declared=true"},
    {"ml-dns-encrypted-resolver-place", "dst.port=853\nclass.location=none\ndst.location.status=determined",
     "dst.port=853\nclass.location=none\ndst.location.status=disputed"},
    {"ml-xfr-indeterminate", "dst.location.status=anycast\ndst.scope=public",
     "dst.location.status=unknown\ndst.scope=private-use"},

    {"ml-http-weak-encryption",
     PLANTED("phone") "fact.direction=up\nfact.encrypted=false\nidentity.wrappings=base64\nidentity.wrappings=xor",
     PLANTED("phone") "fact.direction=up\nfact.encrypted=true\nidentity.wrappings=xor"},
    {"ml-trk-before-choice", "flow.step=start\nflow.established=true\ntracker.list=x",
     "flow.step=input\nflow.established=true\ntracker.list=x"},
    {"ml-trk-planted-clipboard", PLANTED("clipboard") "fact.direction=up", PLANTED("clipboard") "fact.direction=down"},
    {"ml-trk-after-close", "flow.step=close\nflow.step_ms=60000\nflow.established=true\ndst.scope=public\napp=x",
     "flow.step=close\nflow.step_ms=59999\nflow.established=true\ndst.scope=public\napp=x"},
    {"ml-trk-undeclared-domain", "domain_declared=false\ndst.scope=public", "domain_declared=true\ndst.scope=public"},
    {"ml-msg-prompt-answers", "service=messaging\nflow.prompt_answers=5", "service=messaging\nflow.prompt_answers=4"},
    {"ml-msg-link-fetched", PLANTED("link") "fact.direction=up\nidentity.place=tls.sni",
     PLANTED("link") "fact.direction=up\nidentity.place=body"},
    {"ml-msg-link-told", PLANTED("link") "fact.direction=up\nidentity.place=body",
     PLANTED("link") "fact.direction=up\nidentity.place=host"},
    {"ml-msg-backup-storage", "names=x.%storage-hosts%\nflow.established=true\nbytes_up=1000000",
     "names=x.%storage-hosts%\nflow.established=true\nbytes_up=999999"},
    {"ml-msg-backup-storage", "names=%storage-hosts%\nflow.established=true\nbytes_up=1000000",
     "names=x%storage-hosts%\nflow.established=true\nbytes_up=1000000"},
    {"ml-msg-backup-step",
     "flow.step=backup\nflow.step_ms=600000\nflow.established=true\nbytes_up=1000000\ndst.scope=public",
     "flow.step=backup\nflow.step_ms=600001\nflow.established=true\nbytes_up=1000000\ndst.scope=public"},
    {"ml-msg-keyboard-steps", "names=x.%keyboard-hosts%\nflow.steady_steps=8",
     "names=x.%keyboard-hosts%\nflow.steady_steps=7"},
    {"ml-msg-keyboard-steps", "names=%keyboard-hosts%\nflow.step=typing\nflow.step_ms=60000",
     "names=x%keyboard-hosts%\nflow.step=typing\nflow.step_ms=60000"},
    {"ml-msg-side-service", "names=x.%side-service-hosts%\nflow.established=true\nbytes_up=1000",
     "names=x.%side-service-hosts%\nflow.established=true\nbytes_up=999"},
    {"ml-msg-side-service", "names=%side-service-hosts%\nflow.established=true\nbytes_up=1000",
     "names=x%side-service-hosts%\nflow.established=true\nbytes_up=1000"},
    {"ml-msg-side-service-planted", PLANTED("message") "fact.direction=up\nnames=x.%side-service-hosts%",
     PLANTED("message") "fact.direction=up\nnames=x%side-service-hosts%"},
    {"ml-msg-file-digest", PLANTED("file") "fact.direction=up\nidentity.digest=md5",
     PLANTED("file") "fact.direction=up"},
    {"ml-msg-mini-program", "service=mini_program\nflow.established=true\nname_source=sni",
     "service=mini_program\nflow.established=true\nname_source=cert"},
    {"ml-msg-mini-program-step",
     "flow.step=mini_program\nflow.step_ms=600000\nflow.established=true\nservice=telemetry",
     "flow.step=mini_program\nflow.step_ms=600000\nflow.established=true\nservice=messaging"},
    {"ml-pay-planted-document", PLANTED("document") "fact.direction=up", PLANTED("file") "fact.direction=up"},
    {"ml-pay-document-path",
     "fact.kind=http.request\nhttp.method=POST\nhttp.body_bytes=20000\nhttp.path=/v1/IDCard/"
     "front\nhttp.content_type=image/jpeg",
     "fact.kind=http.request\nhttp.method=POST\nhttp.body_bytes=19999\nhttp.path=/v1/idcard/"
     "front\nhttp.content_type=image/jpeg"},
    {"ml-pay-document-step",
     "flow.step=identity_check\nflow.step_ms=1\nflow.established=true\nbytes_up=50000\ndst.scope=public",
     "flow.step=identity_check\nflow.step_ms=1\nflow.established=true\nbytes_up=49999\ndst.scope=public"},
    {"ml-rtc-speech-lengths", "fact.kind=rtp.stream\nrtp.lengths=10", "fact.kind=rtp.stream\nrtp.lengths=9"},
    {"ml-net-inbound", "transport=tcp\nflow.inbound=true\nflow.established=true",
     "transport=tcp\nflow.inbound=true\nflow.established=false"},

    {"ml-net-other-company", "dst.other_company=true\nflow.established=true",
     "dst.other_company=false\nflow.established=true"},
};

/* Puts the first value of each list in the place of its name; an address without its prefix length. */
static char *with_list_values(const char *fields)
{
    struct ml_lists lists;
    struct ml_error error = {0};
    struct ml_buf buf;
    ml_lists_init(&lists, LISTS, NULL);
    ml_buf_init(&buf, 1 << 16);
    while (*fields != '\0') {
        const char *percent = strchr(fields, '%');
        if (percent == NULL) {
            (void)ml_buf_add_text(&buf, fields);
            break;
        }
        size_t len = strcspn(percent + 1, "%") + 2;
        struct ml_span *values = NULL;
        size_t n = 0;
        (void)ml_buf_add(&buf, fields, (size_t)(percent - fields));
        assert_int_equal(ml_lists_expand(&lists, ml_span_of(percent, len), &values, &n, &error), ML_OK);
        (void)ml_buf_add_span(&buf, ml_span_cut(values[0], 0, ml_span_find(values[0], ml_span_text("/"))));
        ml_mem_free(values);
        fields = percent + len;
    }
    ml_lists_fini(&lists);
    char *text = ml_buf_take_text(&buf);
    assert_non_null(text);
    return text;
}

static bool fires(const struct ml_rules *rules, struct ml_rules_scratch *scratch, const struct ml_rule *rule,
                  const char *fields)
{
    static struct ml_record record;
    uint32_t hits[256];
    char *filled = with_list_values(fields);
    bool is_hit = false;
    rig_record(&record, rule->category, filled);
    size_t n = ml_rules_match(rules, scratch, &record, hits, 256);
    for (size_t i = 0; i < n; i++) {
        is_hit |= ml_rules_get(rules, hits[i]) == rule;
    }
    ml_mem_free(filled);
    return is_hit;
}

static void every_rule_fires_on_its_sample_and_is_silent_on_the_other(void **state)
{
    (void)state;
    struct ml_rules *rules = rig_load_folder(MITLESER_RULES, LISTS);
    struct ml_rules_scratch *scratch = ml_rules_scratch_new(rules);
    static bool is_tested[ML_MAX_RULES];
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        const struct ml_rule *rule = ml_rules_find(rules, ml_span_text(samples[i].rule));
        if (rule == NULL) {
            fail_msg("there is no rule %s", samples[i].rule);
        }
        if (!fires(rules, scratch, rule, samples[i].yes)) {
            fail_msg("%s is silent on %s", rule->name, samples[i].yes);
        }
        if (fires(rules, scratch, rule, samples[i].no)) {
            fail_msg("%s fires on %s", rule->name, samples[i].no);
        }
        is_tested[rule - ml_rules_get(rules, 0)] = true;
    }
    for (size_t i = 0; i < ml_rules_count(rules); i++) {
        if (!is_tested[i] && !ml_rules_get(rules, i)->is_correlation) {
            fail_msg("%s has no sample", ml_rules_get(rules, i)->name);
        }
    }
    ml_rules_scratch_free(scratch);
    ml_rules_free(rules);
}

/* --- records that share fields --- */

static bool is_same_field(const struct ml_record *a, const struct ml_record *b, enum ml_field field)
{
    enum ml_type type = ml_field_info(field)->type;
    bool is_same = a->count[field] == b->count[field];
    for (size_t i = 0; i < a->count[field] && is_same; i++) {
        char texts[2][64];
        is_same = ml_span_equal(ml_value_text(&a->values[a->first[field] + i], type, texts[0]),
                                ml_value_text(&b->values[b->first[field] + i], type, texts[1]));
    }
    return is_same;
}

static void a_record_matched_again_hits_what_it_hits_by_itself(void **state)
{
    (void)state;
    struct ml_rules *rules = rig_load_folder(MITLESER_RULES, LISTS);
    struct ml_rules_scratch *again = ml_rules_scratch_new(rules);
    struct ml_rules_scratch *alone = ml_rules_scratch_new(rules);
    static struct ml_record records[2]; /* the one before, and this */
    char *texts[2] = {NULL, NULL};
    size_t n_shared = 0;
    for (size_t i = 0; i < 2 * sizeof samples / sizeof samples[0]; i++) {
        uint32_t hits[2][256];
        struct ml_record *record = &records[i % 2];
        const struct ml_record *before = &records[(i + 1) % 2];
        const struct ml_rule *rule = ml_rules_find(rules, ml_span_text(samples[i / 2].rule));
        if (rule->category != ML_CAT_FACT) {
            continue;
        }
        ml_mem_free(texts[i % 2]);
        texts[i % 2] = with_list_values(i % 2 == 0 ? samples[i / 2].yes : samples[i / 2].no);
        rig_record(record, ML_CAT_FACT, texts[i % 2]);
        for (size_t field = ML_FIELD_NONE + 1; field < ML_N_FIELDS; field++) {
            if (!is_same_field(before, record, (enum ml_field)field)) {
                ml_rules_touch(again, (enum ml_field)field);
            } else {
                n_shared += record->count[field];
            }
        }
        size_t n = texts[(i + 1) % 2] == NULL ? ml_rules_match(rules, again, record, hits[0], 256)
                                              : ml_rules_match_again(again, record, hits[0], 256);
        assert_int_equal(ml_rules_match(rules, alone, record, hits[1], 256), n);
        assert_memory_equal(hits[0], hits[1], n * sizeof hits[0][0]);
    }
    assert_true(n_shared > 100);
    ml_mem_free(texts[0]);
    ml_mem_free(texts[1]);
    ml_rules_scratch_free(again);
    ml_rules_scratch_free(alone);
    ml_rules_free(rules);
}

/* --- correlations --- */

struct tally {
    const struct ml_rules *rules;
    const char *rule;
    size_t n;
};

static void count_hit(void *context, const struct ml_correlation_hit *hit)
{
    struct tally *tally = context;
    tally->n += strcmp(ml_rules_get(tally->rules, hit->rule)->name, tally->rule) == 0;
}

/* How often a correlation fires on records of one category, a second apart. */
static size_t count_fires(const struct ml_rules *rules, const char *rule, enum ml_category category,
                          const char *const *events, size_t n_events)
{
    static struct ml_record record;
    struct tally tally = {.rules = rules, .rule = rule};
    struct ml_rules_scratch *scratch = ml_rules_scratch_new(rules);
    struct ml_correlator *correlator = ml_rules_correlate_new(rules, count_hit, &tally);
    for (size_t i = 0; i < n_events; i++) {
        uint32_t hits[256];
        rig_record(&record, category, events[i]);
        size_t n = ml_rules_match(rules, scratch, &record, hits, 256);
        assert_int_equal(ml_rules_correlate(correlator, &record, hits, n, (int64_t)i * 1000000000,
                                            (struct ml_evidence_ref){.fact = i + 1}),
                         ML_OK);
    }
    ml_rules_correlate_flush(correlator);
    ml_rules_correlate_free(correlator);
    ml_rules_scratch_free(scratch);
    return tally.n;
}

static void every_correlation_fires_on_its_events_and_is_silent_on_others(void **state)
{
    (void)state;
    static const struct {
        const char *rule;
        enum ml_category category;
        const char *yes[8];
        const char *no[8];
    } cases[] = {
        {"ml-tls-ticket-reuse",
         ML_CAT_FACT,
         {HELLO "tls.ticket_sha256=aa\nsrc.ip=192.0.2.1", HELLO "tls.ticket_sha256=aa\nsrc.ip=198.51.100.1"},
         {HELLO "tls.ticket_sha256=aa\nsrc.ip=192.0.2.1", HELLO "tls.ticket_sha256=bb\nsrc.ip=198.51.100.1",
          HELLO "tls.ticket_sha256=aa\nsrc.ip=192.0.2.1"}},
        {"ml-msg-mmtls-ticket",
         ML_CAT_FACT,
         {"fact.kind=mmtls.client_hello\nmmtls.ticket_sha256=aa\nmmtls.ticket_sha256=bb\nflow.id=1",
          "fact.kind=mmtls.client_hello\nmmtls.ticket_sha256=cc\nmmtls.ticket_sha256=bb\nflow.id=2"},
         {"fact.kind=mmtls.client_hello\nmmtls.ticket_sha256=aa\nmmtls.ticket_sha256=bb\nflow.id=1",
          "fact.kind=mmtls.client_hello\nmmtls.ticket_sha256=cc\nflow.id=2",
          "fact.kind=mmtls.client_hello\nmmtls.ticket_sha256=bb\nflow.id=1"}},
        {"ml-msg-mtproto-key",
         ML_CAT_FACT,
         {"fact.kind=mtproto.obfuscated2\nmtproto.auth_key_id=aa\nflow.id=1",
          "fact.kind=mtproto.plain\nmtproto.auth_key_id=aa\nflow.id=2"},
         {"fact.kind=mtproto.obfuscated2\nmtproto.auth_key_id=aa\nflow.id=1",
          "fact.kind=mtproto.obfuscated2\nmtproto.auth_key_id=aa\nflow.id=1",
          "fact.kind=mtproto.obfuscated2\nmtproto.auth_key_id=bb\nflow.id=2"}},
        {"ml-msg-threema-key",
         ML_CAT_FACT,
         {"fact.kind=threema.handshake\nthreema.key_sha256=aa\nflow.id=1",
          "fact.kind=threema.handshake\nthreema.key_sha256=aa\nflow.id=2"},
         {"fact.kind=threema.handshake\nthreema.key_sha256=aa\nflow.id=1",
          "fact.kind=threema.handshake\nthreema.key_sha256=bb\nflow.id=2"}},
        {"ml-msg-address-book",
         ML_CAT_FACT,
         {PLANTED("contact") "fact.direction=up\nidentity.label=a\nflow.id=1",
          PLANTED("contact") "fact.direction=up\nidentity.label=b\nflow.id=1",
          PLANTED("contact") "fact.direction=up\nidentity.label=c\nflow.id=1"},
         {PLANTED("contact") "fact.direction=up\nidentity.label=a\nflow.id=1",
          PLANTED("contact") "fact.direction=up\nidentity.label=b\nflow.id=1",
          PLANTED("contact") "fact.direction=up\nidentity.label=a\nflow.id=1",
          PLANTED("contact") "fact.direction=up\nidentity.label=c\nflow.id=2"}},
        {"ml-net-lan-scan",
         ML_CAT_FLOW,
         {"app=x\ndst.scope=private-use\ndst.ip=10.0.0.1", "app=x\ndst.scope=private-use\ndst.ip=10.0.0.2",
          "app=x\ndst.scope=private-use\ndst.ip=10.0.0.3", "app=x\ndst.scope=private-use\ndst.ip=10.0.0.4",
          "app=x\ndst.scope=private-use\ndst.ip=10.0.0.5"},
         {"app=x\ndst.scope=private-use\ndst.ip=10.0.0.1", "app=x\ndst.scope=private-use\ndst.ip=10.0.0.2",
          "app=x\ndst.scope=private-use\ndst.ip=10.0.0.3", "app=x\ndst.scope=private-use\ndst.ip=10.0.0.4",
          "app=y\ndst.scope=private-use\ndst.ip=10.0.0.5", "app=x\ndst.scope=private-use\ndst.ip=10.0.0.1"}},
    };
    struct ml_rules *rules = rig_load_folder(MITLESER_RULES, LISTS);
    size_t n_correlations = 0;
    for (size_t i = 0; i < ml_rules_count(rules); i++) {
        n_correlations += ml_rules_get(rules, i)->is_correlation;
    }
    assert_int_equal(n_correlations, sizeof cases / sizeof cases[0]);
    for (size_t i = 0; i < n_correlations; i++) {
        size_t n_yes = 0;
        size_t n_no = 0;
        while (n_yes < 8 && cases[i].yes[n_yes] != NULL) {
            n_yes++;
        }
        while (n_no < 8 && cases[i].no[n_no] != NULL) {
            n_no++;
        }
        assert_non_null(ml_rules_find(rules, ml_span_text(cases[i].rule)));
        assert_int_equal(count_fires(rules, cases[i].rule, cases[i].category, cases[i].yes, n_yes), 1);
        assert_int_equal(count_fires(rules, cases[i].rule, cases[i].category, cases[i].no, n_no), 0);
    }
    ml_rules_free(rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_fires_on_its_sample_and_is_silent_on_the_other),
        cmocka_unit_test(a_record_matched_again_hits_what_it_hits_by_itself),
        cmocka_unit_test(every_correlation_fires_on_its_events_and_is_silent_on_others),
    };
    return cmocka_run_group_tests_name("policy/own_rules", tests, NULL, NULL);
}
