/* SPDX-License-Identifier: Apache-2.0 */
/* What a device tells its own network, and its nearest neighbours that say nothing. */
#include "captures/samples/scene.h"

#include "support/dns_build.h"
#include "support/nbds_build.h"

enum { START = 1772440200 /* 2026-03-02T08:30:00Z */ };
enum { NB = 32, IN = 1, LLMNR = 5355, MDNS = 5353, NETBIOS = 137, NETBIOS_DATAGRAM = 138, NTP = 123 };

static void address_record(struct dns_build *dns, const char *name)
{
    dns_begin(dns, DNS_MULTICAST, 0, 1, 0, 0);
    dns_a(dns, name, "10.0.0.23");
}

static void netbios_registration(struct dns_build *dns)
{
    dns_begin(dns, 0x2910, 1, 0, 0, 1); /* RFC 1002, section 4.2.2 */
    dns_netbios_name(dns, "ALEXS-LAPTOP", 0);
    dns_u16(dns, NB);
    dns_u16(dns, IN);
    dns_pointer(dns, 12);
    dns_u16(dns, NB);
    dns_u16(dns, IN);
    dns_u32(dns, 300000);
    dns_u16(dns, 6);
    dns_bytes(dns, "\x00\x00\x0a\x00\x00\x17", 6);
}

static void netbios_question(struct dns_build *dns)
{
    dns_begin(dns, 0x0110, 1, 0, 0, 0);
    dns_netbios_name(dns, "PRINTER", 0x20);
    dns_u16(dns, NB);
    dns_u16(dns, IN);
}

/* The device says its name to everybody around it. */
void sample_local_names_positive(struct reel *reel)
{
    struct dns_build dns;
    struct scene scene;
    scene_init(&scene, reel, START, 1);
    address_record(&dns, "alexs-phone.local");
    scene_datagram(&scene, MDNS, "224.0.0.251", MDNS, dns_span(&dns));
    netbios_registration(&dns);
    scene_datagram(&scene, NETBIOS, "10.0.0.255", NETBIOS, dns_span(&dns));
    dns_begin(&dns, 0, 1, 0, 0, 0);
    dns_question(&dns, "nas", DNS_A);
    scene_datagram(&scene, 40100, "224.0.0.252", LLMNR, dns_span(&dns));
}

/* It only asks, or asks its resolver. */
void sample_local_names_negative(struct reel *reel)
{
    struct dns_build dns;
    struct scene scene;
    scene_init(&scene, reel, START, 2);
    dns_begin(&dns, 0, 1, 0, 0, 0);
    dns_question(&dns, "_ipp._tcp.local", 12);
    scene_datagram(&scene, MDNS, "224.0.0.251", MDNS, dns_span(&dns));
    netbios_question(&dns);
    scene_datagram(&scene, NETBIOS, "10.0.0.255", NETBIOS, dns_span(&dns));
    dns_begin(&dns, DNS_QUERY, 1, 0, 0, 0);
    dns_question(&dns, "nas", DNS_A);
    scene_datagram(&scene, 40100, "10.0.0.1", 53, dns_span(&dns));
}

/* The computer says to its workgroup what it is called. */
void sample_netbios_datagram_positive(struct reel *reel)
{
    static const struct nbds_host host = {.name = "ALEXS-LAPTOP", .comment = "Alex at home", .major = 6, .minor = 1};
    struct ml_buf bytes;
    struct scene scene;
    scene_init(&scene, reel, START, 5);
    ml_buf_init(&bytes, 1024);
    nbds_announcement(&bytes, "10.0.0.23", NBDS_HOST, &host);
    scene_datagram(&scene, NETBIOS_DATAGRAM, "10.0.0.255", NETBIOS_DATAGRAM, build_span(&bytes));
    ml_buf_fini(&bytes);
}

/* It asks the distribution server for somebody. */
void sample_netbios_datagram_negative(struct reel *reel)
{
    struct ml_buf bytes;
    struct scene scene;
    scene_init(&scene, reel, START, 6);
    ml_buf_init(&bytes, 1024);
    nbds_header(&bytes, 0x14, "10.0.0.23");
    nbds_name(&bytes, "PRINTER", 0x20);
    scene_datagram(&scene, NETBIOS_DATAGRAM, "10.0.0.2", NETBIOS_DATAGRAM, build_span(&bytes));
    ml_buf_fini(&bytes);
}

/* RFC 5905, figure 8: version 4, mode 3, nothing told but the time of sending. */
static void ask_time(struct reel *reel, const char *server)
{
    struct scene scene;
    struct ml_buf request;
    ml_buf_init(&request, 64);
    scene_init(&scene, reel, START, 3);
    build_be(&request, 1, 0x23);
    while (request.len < 40) {
        build_be(&request, 1, 0);
    }
    build_be(&request, 8, UINT64_C(0xed52c20880000000));
    scene_datagram(&scene, 40100, server, NTP, build_span(&request));
    ml_buf_fini(&request);
}

void sample_time_positive(struct reel *reel)
{
    ask_time(reel, "129.226.1.1");
}

void sample_time_negative(struct reel *reel)
{
    ask_time(reel, "10.0.0.1");
}

static void from_address(struct reel *reel, const char *client)
{
    struct tls_session session = {
        .client = {.sni = "www.example.test", .is_13 = true}, .is_13 = true, .exchanges = {{100, 200}}};
    struct scene scene;
    scene_init(&scene, reel, START, 4);
    scene.client6 = client;
    scene_tls(&scene, "2001:db8:80::1", 443, &session);
}

/* RFC 4291, appendix A: the hardware address inside the address. The block is not given to anybody. */
void sample_eui64_positive(struct reel *reel)
{
    from_address(reel, "2d00:0:0:1:0200:5eff:fe00:5323");
}

void sample_eui64_negative(struct reel *reel)
{
    from_address(reel, "2d00:0:0:1:3c5a:91d2:77e0:5323");
}
