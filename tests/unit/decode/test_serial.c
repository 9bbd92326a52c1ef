/* SPDX-License-Identifier: Apache-2.0 */
#include "support/cm.h"
#include "support/decode_rig.h"

static struct frame frame;

struct header {
    int link_type;
    unsigned version;
    const char *bytes;
    const char *tunnels;
};

static void expect_hellos(const struct header *headers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (headers[i].version == 4) {
            frame_hello4(&frame);
        } else {
            frame_hello6(&frame);
        }
        pre_hex(&frame, headers[i].bytes);
        expect_hello(headers[i].link_type, &frame, headers[i].version, headers[i].tunnels);
    }
}

struct refusal {
    int link_type;
    const char *bytes;
    enum ml_counter reason;
};

static void expect_reasons(const struct refusal *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        frame.len = 0;
        pre_hex(&frame, cases[i].bytes);
        expect_reason(cases[i].link_type, &frame, cases[i].reason);
    }
}

static void link_types_without_a_header_go_by_the_version(void **state)
{
    (void)state;
    static const struct header headers[] = {
        {101, 4, "", ""}, {101, 6, "", ""}, {12, 4, "", ""}, {14, 6, "", ""}, {228, 4, "", ""}, {229, 6, "", ""},
    };
    expect_hellos(headers, sizeof headers / sizeof headers[0]);
    static const struct refusal refused[] = {
        {101, "", ML_COUNT_UNDECODED_SHORT_IP},
        {101, "55", ML_COUNT_UNDECODED_NOT_IP},
    };
    expect_reasons(refused, sizeof refused / sizeof refused[0]);
}

/* LINKTYPE_NULL: AF_INET6 has one value in Linux and three in the BSDs, in either byte order. */
static void families_of_all_systems_are_known(void **state)
{
    (void)state;
    static const struct header headers[] = {
        {0, 4, "02000000", ""},   {0, 4, "00000002", ""},   {0, 6, "0a000000", ""}, {0, 6, "18000000", ""},
        {0, 6, "1c000000", ""},   {0, 6, "1e000000", ""},   {0, 6, "0000001e", ""}, {108, 4, "00000002", ""},
        {108, 6, "0000001c", ""}, {108, 6, "00000018", ""}, {0, 4, "0f000800", ""}, {0, 6, "0f0086dd", ""},
    };
    expect_hellos(headers, sizeof headers / sizeof headers[0]);
    static const struct refusal refused[] = {
        {0, "10000000 00", ML_COUNT_UNDECODED_NOT_IP},
        {0, "0f000806", ML_COUNT_UNDECODED_NOT_IP},
        {0, "020000", ML_COUNT_UNDECODED_SHORT_LINK},
    };
    expect_reasons(refused, sizeof refused / sizeof refused[0]);
}

/* RFC 1661, sections 2 and 6.5; RFC 1662, section 3.1. */
static void ppp_is_read_with_and_without_framing(void **state)
{
    (void)state;
    static const struct header headers[] = {
        {9, 4, "ff03 0021", ""},
        {9, 4, "0021", ""},
        {9, 4, "21", ""},
        {9, 6, "ff03 57", ""},
        {50, 6, "ff03 0057", ""},
        {50, 4, "0f00 0800", ""},
        {50, 6, "8f00 86dd", ""},
        {204, 4, "01 ff03 0021", ""},
        {204, 6, "00 0057", ""},
        {166, 4, "00 03 0021", ""},
        {9, 4, "0281 00020140", "mpls"},
        {51, 4, "1100 0001 0023 0021", "pppoe"},
    };
    expect_hellos(headers, sizeof headers / sizeof headers[0]);
    static const struct refusal refused[] = {
        {9, "ff03 c021 01010004", ML_COUNT_UNDECODED_PPP_CONTROL}, /* LCP */
        {9, "8057 01010004", ML_COUNT_UNDECODED_PPP_CONTROL},      /* IPV6CP */
        {9, "002d 0f", ML_COUNT_UNDECODED_COMPRESSED},
        {9, "00fd 90000102", ML_COUNT_UNDECODED_COMPRESSED},
        {9, "0053 00", ML_COUNT_UNDECODED_ENCRYPTED_LINK},
        {9, "003d c000", ML_COUNT_UNDECODED_NOT_IP}, /* multilink */
        {9, "ff03", ML_COUNT_UNDECODED_SHORT_LINK},
        {9, "00", ML_COUNT_UNDECODED_SHORT_LINK},
        {9, "", ML_COUNT_UNDECODED_SHORT_LINK},
        {204, "", ML_COUNT_UNDECODED_SHORT_LINK},
    };
    expect_reasons(refused, sizeof refused / sizeof refused[0]);
}

/* RFC 2516, section 4. */
static void pppoe_is_a_tunnel(void **state)
{
    (void)state;
    frame_hello6(&frame);
    pre_hex(&frame, "1100 0001 0037 0057");
    pre_eth(&frame, 0x8864);
    expect_hello(LINK_ETHERNET, &frame, 6, "pppoe");
    static const struct refusal refused[] = {
        {51, "1100 0001 0006 c021 0101", ML_COUNT_UNDECODED_PPP_CONTROL},
        {51, "11a7 0001 0000", ML_COUNT_UNDECODED_PPP_CONTROL}, /* PADT */
        {51, "2100 0001 0002 0021", ML_COUNT_UNDECODED_BAD_LINK},
        {51, "1100 0001 00", ML_COUNT_UNDECODED_SHORT_LINK},
    };
    expect_reasons(refused, sizeof refused / sizeof refused[0]);
}

static void cisco_hdlc_and_frame_relay_carry_ip(void **state)
{
    (void)state;
    static const struct header headers[] = {
        {104, 4, "0f00 0800", ""},
        {104, 6, "8f00 86dd", ""},
        {107, 4, "1841 03 cc", ""}, /* RFC 2427, section 4 */
        {107, 6, "1841 03 8e", ""},
        {107, 4, "1841 03 00 cc", ""},  /* with padding */
        {107, 4, "18402003 03 cc", ""}, /* an address of four bytes */
        {107, 4, "1841 0800", ""},      /* Cisco's */
        {107, 6, "1841 03 00 80 000000 86dd", ""},
        {107, 4, "1841 03 00 80 0080c2 0007 020000000002 020000000001 0800", ""},
        {107, 4, "1841 03 cf 0021", ""}, /* RFC 1973 */
    };
    expect_hellos(headers, sizeof headers / sizeof headers[0]);
    static const struct refusal refused[] = {
        {104, "8f00 8035 00000002", ML_COUNT_UNDECODED_NOT_IP}, /* SLARP */
        {104, "8f00 fefe 0083", ML_COUNT_UNDECODED_LLC},
        {104, "8f00 0102 00", ML_COUNT_UNDECODED_NOT_IP},
        {104, "0f00 08", ML_COUNT_UNDECODED_SHORT_LINK},
        {107, "1841 03 08 00", ML_COUNT_UNDECODED_LLC}, /* Q.933 */
        {107, "1841 0102", ML_COUNT_UNDECODED_NOT_IP},
        {107, "1840404040", ML_COUNT_UNDECODED_BAD_LINK},
        {107, "19 03cc", ML_COUNT_UNDECODED_BAD_LINK}, /* an address of one byte */
        {107, "18", ML_COUNT_UNDECODED_SHORT_LINK},
        {107, "1841 03", ML_COUNT_UNDECODED_SHORT_LINK},
        {107, "1841 03 00", ML_COUNT_UNDECODED_SHORT_LINK},
    };
    expect_reasons(refused, sizeof refused / sizeof refused[0]);
}

static void small_headers_of_other_systems_are_taken_off(void **state)
{
    (void)state;
    static const struct header headers[] = {
        {226, 4, "0102 0000 00000021 00000001 00000000 00000000 00000000", ""}, /* Solaris IPNET */
        {226, 6, "011a 0000 00000035 00000001 00000000 00000000 00000000", ""},
        {8, 4, "00 45 0000000000000000000000000000", ""}, /* SLIP */
        {138, 4, "0000000000000002 0000000000000001 0800", ""},
    };
    expect_hellos(headers, sizeof headers / sizeof headers[0]);
    static const struct refusal refused[] = {
        {226, "0103 0000 00000000 00000001 00000000 00000000 00000000", ML_COUNT_UNDECODED_NOT_IP},
        {226, "0102", ML_COUNT_UNDECODED_SHORT_LINK},
        {8, "00 75 0000000000000000000000000000 45", ML_COUNT_UNDECODED_COMPRESSED},
        {8, "01 c0 0000000000000000000000000000 45", ML_COUNT_UNDECODED_COMPRESSED},
        {8, "01", ML_COUNT_UNDECODED_SHORT_LINK},
        {138, "0000000000000002 0000000000000001 0102", ML_COUNT_UNDECODED_NOT_IP},
        {138, "00", ML_COUNT_UNDECODED_SHORT_LINK},
    };
    expect_reasons(refused, sizeof refused / sizeof refused[0]);
}

/* RFC 2684, sections 5.1 and 5.2; the extensible record format of Endace. */
static void taps_of_carriers_are_read(void **state)
{
    (void)state;
    static const struct header headers[] = {
        {100, 4, "aaaa03 000000 0800", ""},
        {106, 6, "aaaa03 000000 86dd", ""},
        {100, 4, "aaaa03 0080c2 0007 0000 020000000002 020000000001 0800", ""},
        {123, 4, "02 00 0064 aaaa03 000000 0800", ""},
        {197, 4, "0000000000000000 02 04 0000 0000 0000 0000 020000000002 020000000001 0800", ""},
        {197, 6,
         "0000000000000000 82 04 0000 0000 0000 8300000000000000 0300000000000000 0000"
         "020000000002 020000000001 86dd",
         ""},
        {197, 4, "0000000000000000 01 04 0000 0000 0000 0f00 0800", ""},
        {197, 4, "0000000000000000 01 04 0000 0000 0000 ff03 0021", ""},
        {197, 4, "0000000000000000 16 04 0000 0000 0000", ""},
        {197, 6, "0000000000000000 17 04 0000 0000 0000", ""},
    };
    expect_hellos(headers, sizeof headers / sizeof headers[0]);
    static const struct refusal refused[] = {
        {123, "05 00 0005 09", ML_COUNT_UNDECODED_NOT_IP}, /* signalling */
        {123, "02 00", ML_COUNT_UNDECODED_SHORT_LINK},
        {197, "0000000000000000 15 04 0000 0000 0000", ML_COUNT_UNDECODED_LINK_TYPE}, /* InfiniBand */
        {197, "0000000000000000 82 04 0000 0000 0000 83", ML_COUNT_UNDECODED_SHORT_LINK},
        {197, "0000000000000000 02 04 0000 0000 0000 00", ML_COUNT_UNDECODED_SHORT_LINK},
        {197, "00", ML_COUNT_UNDECODED_SHORT_LINK},
    };
    expect_reasons(refused, sizeof refused / sizeof refused[0]);
}

static void rings_and_arcnet_carry_ip(void **state)
{
    (void)state;
    static const struct header headers[] = {
        {6, 4, "10 40 020000000002 020000000001 aaaa03 000000 0800", ""},
        {6, 4, "10 40 020000000002 820000000001 0630 0011 0020 aaaa03 000000 0800", ""}, /* a route of six bytes */
        {10, 6, "50 020000000002 020000000001 aaaa03 000000 86dd", ""},
        {7, 4, "0102 d4 00 0001", ""},            /* RFC 1201 */
        {7, 4, "0102 d4 ff ffff d4 00 0001", ""}, /* an exception frame */
        {7, 6, "0102 c4 00 0001", ""},
        {7, 4, "0102 f0", ""}, /* RFC 1051 */
        {129, 4, "0102 0000 d4 00 0001", ""},
        {129, 4, "0102 0000 f0", ""},
    };
    expect_hellos(headers, sizeof headers / sizeof headers[0]);
    static const struct refusal refused[] = {
        {6, "10 00 020000000002 020000000001 00", ML_COUNT_UNDECODED_NOT_IP},
        {6, "10 40 020000000002 820000000001 0100", ML_COUNT_UNDECODED_BAD_LINK},
        {6, "10 40 020000000002 820000000001 06", ML_COUNT_UNDECODED_SHORT_LINK},
        {6, "10 40 020000000002 820000000001", ML_COUNT_UNDECODED_SHORT_LINK},
        {6, "10", ML_COUNT_UNDECODED_SHORT_LINK},
        {10, "41 020000000002 020000000001 00", ML_COUNT_UNDECODED_NOT_IP},
        {10, "50", ML_COUNT_UNDECODED_SHORT_LINK},
        {7, "0102 f1 0001", ML_COUNT_UNDECODED_ARP},
        {7, "0102 d5 00 0001", ML_COUNT_UNDECODED_ARP},
        {7, "0102 cd 00 0001", ML_COUNT_UNDECODED_NOT_IP}, /* BACnet */
        {7, "0102 d4 02 0001 45", ML_COUNT_UNDECODED_BAD_FRAGMENT},
        {7, "0102 d4 00", ML_COUNT_UNDECODED_SHORT_LINK},
        {7, "01", ML_COUNT_UNDECODED_SHORT_LINK},
        {129, "0102 0000 d4 00", ML_COUNT_UNDECODED_SHORT_LINK},
        {129, "0102", ML_COUNT_UNDECODED_SHORT_LINK},
    };
    expect_reasons(refused, sizeof refused / sizeof refused[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_types_without_a_header_go_by_the_version),
        cmocka_unit_test(families_of_all_systems_are_known),
        cmocka_unit_test(ppp_is_read_with_and_without_framing),
        cmocka_unit_test(pppoe_is_a_tunnel),
        cmocka_unit_test(cisco_hdlc_and_frame_relay_carry_ip),
        cmocka_unit_test(small_headers_of_other_systems_are_taken_off),
        cmocka_unit_test(taps_of_carriers_are_read),
        cmocka_unit_test(rings_and_arcnet_carry_ip),
    };
    return cmocka_run_group_tests_name("decode/serial", tests, NULL, NULL);
}
