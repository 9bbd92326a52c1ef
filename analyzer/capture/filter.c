/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/filter.h"

#include "capture/link.h"
#include "core/ip.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/text.h"

#include <pcap/pcap.h>

/* Words of pcap-filter(7) and the offsets and values that it names. */
static const char *const words[] = {
    "aarp",
    "action",
    "addr1",
    "addr2",
    "addr3",
    "addr4",
    "address1",
    "address2",
    "address3",
    "address4",
    "ah",
    "and",
    "arp",
    "atalk",
    "broadcast",
    "byte",
    "carp",
    "clnp",
    "csnp",
    "decnet",
    "dir",
    "direction",
    "dst",
    "es-is",
    "esis",
    "esp",
    "ether",
    "fddi",
    "gateway",
    "geneve",
    "greater",
    "host",
    "icmp",
    "icmp6",
    "icmp6code",
    "icmp6type",
    "icmpcode",
    "icmptype",
    "ifindex",
    "ifname",
    "igmp",
    "igrp",
    "iih",
    "inbound",
    "ip",
    "ip6",
    "ipx",
    "is-is",
    "isis",
    "iso",
    "l1",
    "l2",
    "lat",
    "len",
    "length",
    "less",
    "link",
    "llc",
    "lsp",
    "mask",
    "moprc",
    "mopdl",
    "mpls",
    "multicast",
    "net",
    "netbeui",
    "not",
    "on",
    "or",
    "outbound",
    "pim",
    "port",
    "portrange",
    "ppp",
    "pppoed",
    "pppoes",
    "proto",
    "protochain",
    "psnp",
    "ra",
    "radio",
    "rarp",
    "reason",
    "rnr",
    "rset",
    "rulenum",
    "ruleset",
    "sca",
    "sctp",
    "slip",
    "snp",
    "src",
    "srnr",
    "stp",
    "subrulenum",
    "subtype",
    "ta",
    "tcp",
    "tcpflags",
    "tr",
    "type",
    "udp",
    "vlan",
    "vrrp",
    "wlan",
    "tcp-fin",
    "tcp-syn",
    "tcp-rst",
    "tcp-push",
    "tcp-ack",
    "tcp-urg",
    "tcp-ece",
    "tcp-cwr",
    "icmp-echoreply",
    "icmp-unreach",
    "icmp-sourcequench",
    "icmp-redirect",
    "icmp-echo",
    "icmp-routeradvert",
    "icmp-routersolicit",
    "icmp-timxceed",
    "icmp-paramprob",
    "icmp-tstamp",
    "icmp-tstampreply",
    "icmp-ireq",
    "icmp-ireqreply",
    "icmp-maskreq",
    "icmp-maskreply",
    "icmp6-destinationunreach",
    "icmp6-packettoobig",
    "icmp6-timeexceeded",
    "icmp6-parameterproblem",
    "icmp6-echo",
    "icmp6-echoreply",
    "icmp6-multicastlistenerquery",
    "icmp6-multicastlistenerreportv1",
    "icmp6-multicastlistenerdone",
    "icmp6-routersolicit",
    "icmp6-routeradvert",
    "icmp6-neighborsolicit",
    "icmp6-neighboradvert",
    "icmp6-redirect",
};

struct program {
    int link_type;
    bool is_valid;
    struct bpf_program code;
};

struct ml_filter {
    char *expression; /* owned */
    struct program programs[ML_MAX_FILTER_LINKS];
    size_t n;
};

static bool is_word_byte(uint8_t byte)
{
    return ml_is_alnum(byte) || byte == '.' || byte == ':' || byte == '-' || byte == '_' || byte == '\\';
}

static bool is_one_of(struct ml_span word, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (ml_span_equal(word, ml_span_text(list[i]))) {
            return true;
        }
    }
    return false;
}

/* Groups of digits in this base, `least` to `most` of them, each of 1 to `width` digits, with `separator` between. */
static bool is_groups(struct ml_span word, bool is_hex, uint8_t separator, size_t least, size_t most, size_t width)
{
    size_t n_groups = 1;
    size_t n_digits = 0;
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] == separator && n_digits != 0) {
            n_groups++;
            n_digits = 0;
        } else if (!(is_hex ? ml_hex_value(word.ptr[i]) >= 0 : ml_is_digit(word.ptr[i])) || ++n_digits > width) {
            return false;
        }
    }
    return n_digits != 0 && n_groups >= least && n_groups <= most;
}

/* What libpcap's scanner takes for a number or an address; everything else with letters or dots is a name to it. */
static bool is_numeric(struct ml_span word)
{
    struct ml_ip ip;
    bool has_0x = ml_span_starts_nocase(word, "0x");
    return ml_ip_parse(word, &ip) || is_groups(word, false, '.', 1, 4, 10) ||
           (has_0x && is_groups(ml_span_cut(word, 2, SIZE_MAX), true, '.', 1, 1, 8)) ||
           is_groups(word, true, ':', 6, 6, 2) || is_groups(word, true, '-', 6, 6, 2);
}

/* These are followed by a name that local tables hold, also behind a connective: "port http or https". */
static bool takes_names(struct ml_span word)
{
    static const char *const takers[] = {"port", "portrange", "proto", "protochain"};
    return is_one_of(word, takers, sizeof takers / sizeof *takers);
}

/* These are followed by one word that is never looked up. */
static bool takes_word(struct ml_span word)
{
    static const char *const takers[] = {"ifname",  "on",   "action",  "reason", "rset",
                                         "ruleset", "type", "subtype", "dir",    "direction"};
    return is_one_of(word, takers, sizeof takers / sizeof *takers);
}

bool ml_filter_has_host_name(const char *expression, struct ml_span *word)
{
    struct ml_span all = ml_span_text(expression);
    bool may_be_name = false;
    bool may_be_word = false;
    for (size_t from = 0; from < all.len;) {
        size_t len = 0;
        while (from + len < all.len && is_word_byte(all.ptr[from + len])) {
            len++;
        }
        if (len == 0) {
            from++;
            continue;
        }
        *word = ml_span_cut(all, from, len);
        from += len;
        bool is_connective = ml_span_equal(*word, ml_span_text("or")) || ml_span_equal(*word, ml_span_text("and"));
        if (may_be_word) {
            may_be_word = false;
        } else if (is_one_of(*word, words, sizeof words / sizeof *words)) {
            may_be_name = takes_names(*word) || (may_be_name && is_connective);
            may_be_word = takes_word(*word);
        } else if (!may_be_name && !is_numeric(*word)) {
            return true;
        }
    }
    return false;
}

/* Compiles for one link type. On failure the program is not valid, and *error (may be NULL) says why. */
static void compile(const struct ml_filter *filter, struct program *program, struct ml_error *error)
{
    pcap_t *dead = pcap_open_dead(ml_link_type_dlt(program->link_type), ML_MAX_PACKET_BYTES);
    if (dead == NULL) {
        (void)ml_error_set(error, ML_NO_MEMORY, "out of memory");
        return;
    }
    program->is_valid = pcap_compile(dead, &program->code, filter->expression, 1, PCAP_NETMASK_UNKNOWN) == 0;
    if (!program->is_valid) {
        (void)ml_error_set(error, ML_BAD_INPUT, "filter: %s", pcap_geterr(dead));
    }
    pcap_close(dead);
}

static const struct program *program_of(struct ml_filter *filter, int link_type)
{
    for (size_t i = 0; i < filter->n; i++) {
        if (filter->programs[i].link_type == link_type) {
            return &filter->programs[i];
        }
    }
    if (filter->n == ML_MAX_FILTER_LINKS) {
        return NULL;
    }
    struct program *program = &filter->programs[filter->n++];
    program->link_type = link_type;
    compile(filter, program, NULL);
    return program;
}

/* Compiles for common link types: an expression is wrong when it has no meaning for any of them. */
static enum ml_status try_links(struct ml_filter *filter, struct ml_error *error)
{
    static const int links[] = {ML_LINK_ETHERNET, 101, 113, 117, 127}; /* RAW, LINUX_SLL, PFLOG, 802.11 radiotap */
    struct ml_error first = {.status = ML_OK};
    bool is_valid = false;
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        struct ml_error why = {.status = ML_OK};
        filter->programs[i].link_type = links[i];
        compile(filter, &filter->programs[i], &why);
        filter->n++;
        if (why.status == ML_NO_MEMORY) {
            return ml_error_set(error, ML_NO_MEMORY, "out of memory");
        }
        is_valid = is_valid || filter->programs[i].is_valid;
        first = i == 0 ? why : first;
    }
    return is_valid ? ML_OK : ml_error_set(error, first.status, "%s", first.text);
}

enum ml_status ml_filter_compile(const char *expression, struct ml_filter **out, struct ml_error *error)
{
    *out = NULL;
    struct ml_span word;
    if (ml_filter_has_host_name(expression, &word)) {
        return ml_error_set(error, ML_BAD_INPUT, "filter: \"%.*s\" is no address, and names are not looked up",
                            (int)(word.len < 64 ? word.len : 64), (const char *)word.ptr);
    }
    struct ml_filter *filter = ml_mem_array(1, sizeof *filter);
    if (filter == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    filter->expression = ml_mem_text(expression, strlen(expression));
    enum ml_status status =
        filter->expression != NULL ? try_links(filter, error) : ml_error_set(error, ML_NO_MEMORY, "out of memory");
    if (status != ML_OK) {
        ml_filter_free(filter);
        return status;
    }
    *out = filter; /* given to the caller */
    return ML_OK;
}

void ml_filter_free(struct ml_filter *filter)
{
    if (filter == NULL) {
        return;
    }
    for (size_t i = 0; i < filter->n; i++) {
        if (filter->programs[i].is_valid) {
            pcap_freecode(&filter->programs[i].code);
        }
    }
    ml_mem_free(filter->expression);
    ml_mem_free(filter);
}

bool ml_filter_matches(struct ml_filter *filter, const struct ml_packet *packet)
{
    const struct program *program = program_of(filter, packet->link_type);
    if (program == NULL || !program->is_valid || packet->bytes.len == 0) {
        return false;
    }
    struct pcap_pkthdr head = {.caplen = (bpf_u_int32)packet->bytes.len, .len = packet->wire_len};
    return pcap_offline_filter(&program->code, &head, packet->bytes.ptr) != 0;
}
