/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/client.h"

/* IANA service names registry, and well-known practice where the registry has no entry. Ascending. */
static const uint16_t service_ports[] = {
    1080,  /* socks */
    1194,  /* openvpn */
    1433,  /* ms-sql-s */
    1701,  /* l2tp */
    1723,  /* pptp */
    1863,  /* msnp */
    1883,  /* mqtt */
    1900,  /* ssdp */
    1935,  /* rtmp */
    2049,  /* nfs */
    2152,  /* gtp-user */
    3128,  /* squid */
    3306,  /* mysql */
    3389,  /* ms-wbt-server */
    3478,  /* stun */
    3544,  /* teredo */
    4244,  /* viber */
    4500,  /* ipsec-nat-t */
    4789,  /* vxlan */
    5060,  /* sip */
    5061,  /* sips */
    5190,  /* aol */
    5222,  /* xmpp-client */
    5223,  /* push of Apple, xmpp over TLS */
    5228,  /* push of Google, to 5230 */
    5229,  /* */
    5230,  /* */
    5242,  /* viber */
    5243,  /* viber */
    5269,  /* xmpp-server */
    5349,  /* stuns */
    5353,  /* mdns */
    5355,  /* llmnr */
    5432,  /* postgresql */
    5671,  /* amqps */
    5672,  /* amqp */
    6081,  /* geneve */
    6379,  /* redis */
    6667,  /* ircd */
    6697,  /* ircs-u */
    8000,  /* irdmi, used for QQ too */
    8008,  /* http-alt */
    8080,  /* http-alt */
    8081,  /* sunproxyadmin, proxies */
    8088,  /* radan-http */
    8443,  /* pcsync-https */
    8801,  /* zoom */
    8883,  /* secure-mqtt */
    8888,  /* ddi-tcp-1, proxies */
    9001,  /* tor */
    9030,  /* tor */
    9050,  /* tor */
    9092,  /* kafka */
    9200,  /* elasticsearch */
    9418,  /* git */
    11211, /* memcache */
    19302, /* stun of Google, to 19305 */
    19303, /* */
    19304, /* */
    19305, /* */
    27017, /* mongodb */
    51820, /* wireguard */
};

bool ml_is_service_port(uint16_t port)
{
    if (port < 1024) {
        return port != 0;
    }
    size_t low = 0;
    size_t high = sizeof service_ports / sizeof *service_ports;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (service_ports[middle] == port) {
            return true;
        }
        if (service_ports[middle] < port) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

bool ml_sender_is_client(const struct ml_segment *first)
{
    if (first->ip_proto == ML_IP_TCP && (first->tcp_flags & ML_TCP_SYN) != 0) {
        return (first->tcp_flags & ML_TCP_ACK) == 0;
    }
    return !ml_is_service_port(first->src_port) || ml_is_service_port(first->dst_port);
}
