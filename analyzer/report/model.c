/* SPDX-License-Identifier: Apache-2.0 */
#include "report/model.h"

#include "core/mem.h"

const char *ml_reader_state_text(enum ml_reader_state state)
{
    static const char *const texts[] = {
        [ML_READ] = "read",
        [ML_COULD_READ] = "could read",
        [ML_NOT_SEEN] = "not seen",
        [ML_CANNOT_TELL] = "cannot tell",
    };
    ML_ASSERT((unsigned)state < sizeof texts / sizeof texts[0]);
    return texts[state];
}

const char *ml_transport_text(uint8_t ip_proto)
{
    switch (ip_proto) {
    case ML_IP_TCP:
        return "tcp";
    case ML_IP_UDP:
        return "udp";
    case ML_IP_ICMP:
        return "icmp";
    case ML_IP_ICMP6:
        return "icmpv6";
    case ML_IP_SCTP:
        return "sctp";
    case 2:
        return "igmp";
    case 50:
        return "esp";
    case 89:
        return "ospf";
    default:
        return "other";
    }
}

void ml_report_init(struct ml_report *report)
{
    *report = (struct ml_report){.device_how = ""};
    ml_arena_init(&report->arena, false);
    ml_arena_init(&report->answers, false);
    ml_map_init(&report->by_protocol, 4096);
    ml_findings_init(&report->findings);
}

void ml_report_fini(struct ml_report *report)
{
    ml_arena_fini(&report->arena);
    ml_arena_fini(&report->answers);
    ml_map_fini(&report->by_protocol);
    ml_findings_fini(&report->findings);
    ml_mem_free(report->apps);
    ml_mem_free(report->endpoints);
    ml_mem_free(report->facts);
    *report = (struct ml_report){0};
}
