/* SPDX-License-Identifier: Apache-2.0 */
/*
 * talk - conversations as the capturing device saw them: packets with times, from what both sides say.
 *
 * A reel collects IP packets of any number of conversations; sorted, it is a capture. Times are those at the client,
 * so that the answer to a packet comes one round trip later.
 */
#ifndef MITLESER_TESTS_TALK_H
#define MITLESER_TESTS_TALK_H

#include "core/arena.h"
#include "support/build.h"

/* An app as PCAPdroid writes it behind each of its frames. */
struct reel_app {
    uint32_t uid;
    const char *label; /* at most 19 characters */
};

struct reel_packet {
    int64_t time_ns;
    struct ml_span bytes;       /* IP packet, in the reel's arena */
    const char *comment;        /* borrowed for the life of the reel; NULL for none */
    bool is_outbound;           /* sent by the client of its conversation */
    const struct reel_app *app; /* borrowed; NULL: the capture was not taken on the device */
    size_t n_cut;               /* bytes of the packet that the capture did not keep */
};

struct reel {
    struct ml_arena arena;
    struct reel_packet *packets; /* owned */
    size_t n;
    size_t size;
    const char *comment;        /* of the next packet */
    const struct reel_app *app; /* of all packets from now on; borrowed for the life of the reel, NULL for none */
    size_t snap;                /* bytes that the capture keeps of a packet, from now on; 0: all */
};

void reel_init(struct reel *reel);
void reel_fini(struct reel *reel);

/* Copies an IP packet. */
void reel_add(struct reel *reel, int64_t time_ns, bool is_outbound, struct ml_span packet);

/* A UDP datagram. */
void reel_udp(struct reel *reel, int64_t time_ns, bool is_outbound, const struct build_ends *ends,
              struct ml_span payload);

/* By time; packets of the same time stay in the order they were added. */
void reel_sort(struct reel *reel);

/* Writes the packets, in their order, as a pcap (microseconds, little endian) or pcapng (nanoseconds) file. */
void reel_write_pcap(const struct reel *reel, enum build_link link, struct ml_buf *out);
void reel_write_pcapng(const struct reel *reel, enum build_link link, const char *application, struct ml_buf *out);

enum talk_side { TALK_CLIENT, TALK_SERVER };

/* A TCP conversation. Fill `reel`, `ends` (client first) and `now_ns`; what is 0 gets the default in brackets. */
struct talk {
    struct reel *reel; /* borrowed */
    struct build_ends ends;
    int64_t now_ns;  /* time of the next packet */
    int64_t rtt_ns;  /* round trip [20 ms] */
    uint16_t mss;    /* largest payload of a segment [1400] */
    uint8_t ttl[2];  /* as captured [64, 52] */
    uint32_t seq[2]; /* next byte of each side [from the ports, the same in every run] */
    uint32_t id[2];  /* next IPv4 identification */
};

/* SYN, SYN+ACK one round trip later, ACK. */
void talk_open(struct talk *talk);

/*
 * Sends bytes in segments of at most mss, then the other side acknowledges. Client bytes leave at now_ns; server bytes
 * arrive at now_ns plus one round trip, because they answer what the client has just said (talk_push: at once).
 */
void talk_send(struct talk *talk, enum talk_side side, struct ml_span bytes);

/* Server bytes that nothing asked for: they arrive at now_ns. */
void talk_push(struct talk *talk, struct ml_span bytes);

/* Lets time pass. */
void talk_wait(struct talk *talk, int64_t ns);

/* FIN in both directions, `side` first. */
void talk_close(struct talk *talk, enum talk_side side);

/* RST by one side. */
void talk_reset(struct talk *talk, enum talk_side side);

#endif
