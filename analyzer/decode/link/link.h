/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link - the headers below IP: every step reads one of them.
 *
 * In:        the bytes at the start of the header.
 * Out:       the step for what it carries; for what is not IP, the reason by kind (undecoded.*).
 * See:       the LINKTYPE_ registry of tcpdump.org; each file names its own standards.
 */
#ifndef MITLESER_DECODE_LINK_LINK_H
#define MITLESER_DECODE_LINK_LINK_H

#include "decode/peel.h"

/* First step of a packet of this link type; NULL when we do not know the type. */
ml_step *ml_link_first(int link_type);

/* Not steps: they name the step for a protocol number that a header has just told, or drop the packet. */
bool ml_link_ethertype(struct ml_peel *peel, uint16_t type); /* IEEE 802 number; up to 1500 a length of 802.2 */
bool ml_link_ppp_protocol(struct ml_peel *peel, uint16_t protocol);
bool ml_link_nlpid(struct ml_peel *peel, uint8_t nlpid);    /* ISO/IEC TR 9577 */
bool ml_link_family(struct ml_peel *peel, uint32_t family); /* AF_ of BSD or Linux */
bool ml_link_snap(struct ml_peel *peel);                    /* at the five bytes of a SNAP header */

/* Bytes that come after the IP packet in a frame of the capture app PCAPdroid. Called at the first byte of the IP
 * packet. */
void ml_link_app_trailer(struct ml_peel *peel);

/* Addresses of a frame, as far as they are known. */
void ml_link_macs(struct ml_segment *segment, const uint8_t dst[6], const uint8_t src[6]);

/* ethernet.c, tags.c, mpls.c, llc.c */
ml_step ml_link_ethernet;
ml_step ml_link_ethernet_tag4;   /* a four-byte switch tag between the addresses and the type (Broadcom, DSA) */
ml_step ml_link_ethernet_after4; /* a four-byte switch tag before the addresses */
ml_step ml_link_vlan;
ml_step ml_link_vntag;
ml_step ml_link_etag;
ml_step ml_link_itag;
ml_step ml_link_edsa;
ml_step ml_link_cmd;
ml_step ml_link_fabricpath;
ml_step ml_link_macsec;
ml_step ml_link_mpls;
ml_step ml_link_llc;

/* ppp.c, hdlc.c */
ml_step ml_link_ppp;
ml_step ml_link_ppp_direction; /* a byte for the direction, then PPP */
ml_step ml_link_pppoe;         /* session header, without Ethernet */
ml_step ml_link_chdlc;
ml_step ml_link_frame_relay;

/* plain.c: next to nothing in front of IP */
ml_step ml_link_raw;
ml_step ml_link_null;
ml_step ml_link_ipnet;
ml_step ml_link_slip;
ml_step ml_link_ip1394;

/* cooked.c, host.c */
ml_step ml_link_cooked;
ml_step ml_link_cooked2;
ml_step ml_link_nflog;
ml_step ml_link_pktap;

/* wlan.c, radio.c */
ml_step ml_link_wlan;
ml_step ml_link_radiotap;
ml_step ml_link_prism;
ml_step ml_link_avs;
ml_step ml_link_ppi;

/* ring.c, carrier.c */
ml_step ml_link_token_ring;
ml_step ml_link_fddi;
ml_step ml_link_arcnet;
ml_step ml_link_arcnet_linux;
ml_step ml_link_atm;
ml_step ml_link_sunatm;
ml_step ml_link_erf;

#endif
