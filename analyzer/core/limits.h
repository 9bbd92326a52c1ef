/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits - every ceiling of the program, with its unit and its reason.
 *
 * Reaching one is a counted event that the report names (coverage.limits_hit), never an error and never silent.
 */
#ifndef MITLESER_CORE_LIMITS_H
#define MITLESER_CORE_LIMITS_H

enum {
    /* --- capture --- */
    ML_MAX_PACKET_BYTES = 256 * 1024,        /* bytes; libpcap's MAXIMUM_SNAPLEN, larger records are a broken file */
    ML_MAX_PCAPNG_BLOCK = 16 * 1024 * 1024,  /* bytes; Wireshark's ceiling for one block */
    ML_MAX_INTERFACES = 4096,                /* per capture; each costs a record */
    ML_MAX_SECRETS_BYTES = 16 * 1024 * 1024, /* bytes of decryption secrets per capture */
    ML_MAX_CAPTURE_NAMES = 1 << 16,          /* names of addresses per capture, as many as one NRB of Wireshark holds */
    ML_MAX_CAPTURE_APPS = 1 << 12,           /* apps on the capturing device; a phone has a few hundred */
    ML_MAX_INFLATE_RATIO = 1000,             /* plain to stored bytes; deflate ends at 1,032, captures stay below 50 */
    ML_MIN_INFLATE_BYTES = 64 * 1024 * 1024, /* plain bytes that need no ratio: small files of one value */
    ML_MAX_FILTER_LINKS = 64,                /* link types one filter is compiled for */

    /* --- decode --- */
    ML_MAX_TUNNEL_DEPTH = 4,                 /* nested tunnels; deeper nesting is hostile or broken */
    ML_MAX_IP6_EXTENSIONS = 16,              /* headers; RFC 8504, section 5.3 lets hosts limit them too */
    ML_MAX_FRAGMENT_SETS = 1024,             /* datagrams waiting for fragments */
    ML_MAX_FRAGMENTS = 256,                  /* fragments per datagram */
    ML_MAX_FRAGMENT_BYTES = 8 * 1024 * 1024, /* bytes waiting in all sets */
    ML_FRAGMENT_SECONDS_4 = 30,              /* seconds a datagram waits; Linux's ipfrag_time */
    ML_FRAGMENT_SECONDS_6 = 60,              /* seconds; RFC 8200, section 4.5 */
    ML_MAX_HEADERS = 64,                     /* headers of one packet that are read; a liar can nest tags forever */

    ML_DUPLICATE_PACKETS = 64, /* packets before it that one may be a copy of; bridges hold few copies apart */
    ML_DUPLICATE_MS = 5,       /* milliseconds a copy may come later; below the time-outs of TCP (RFC 6298: 1 s) */

    /* --- flow --- */
    ML_N_SHARDS = 16,                        /* fixed, so that results do not depend on the machine */
    ML_MAX_OPEN_FLOWS = 1 << 18,             /* per shard; 4 M in all */
    ML_MAX_STREAM_WAITING = 1024 * 1024,     /* bytes held per direction while a gap may still close */
    ML_MAX_STREAM_SEGMENTS = 1024,           /* segments held per direction */
    ML_MAX_SHARD_WAITING = 64 * 1024 * 1024, /* bytes held in all streams of a shard */
    ML_MAX_STREAM_AHEAD = 1 << 30,           /* sequence numbers; the largest window of RFC 7323, section 2.3 */
    ML_STREAM_PATIENCE = 4,    /* segments of a flow a hole stays open once acknowledged: capture swaps neighbours */
    ML_FLOW_IDLE_TCP_S = 300,  /* seconds; longer than the keep-alives of messengers, shorter than a night */
    ML_FLOW_IDLE_OTHER_S = 60, /* seconds; address translators forget UDP after 30 to 120 (RFC 4787, REQ-5) */
    ML_FLOW_EVICT_SHARE = 16,  /* at the ceiling the oldest 1/16 goes at once, which is cheap for each new flow */
    ML_FLOW_SWEEP_PACKETS = 65536, /* packets of a shard between two sweeps, which only free memory */

    /* --- proto --- */
    ML_MAX_FACTS_PER_FLOW = 512,      /* distinct facts; equal ones collapse to a count first */
    ML_MAX_ATTRS_PER_FACT = 128,      /* attributes; old clients offer some 90 cipher suites */
    ML_MAX_TEXT = 4096,               /* bytes kept of one attribute; longer values are cut and marked */
    ML_MAX_MESSAGE = 256 * 1024,      /* bytes gathered for one message that spans segments */
    ML_MAX_LAYERS = 8,                /* nested layers of a chunk */
    ML_TLS_KNOWN_PLACES = 1024,       /* certificates remembered per thread; 0.3 kB each and their names */
    ML_TLS_HELLO_PLACES = 256,        /* hellos remembered per thread; 0.6 kB each */
    ML_TLS_HELLO_BYTES = 512,         /* bytes of the lists of one that is remembered; most have fewer than 200 */
    ML_TLS_KNOWN_BYTES = 8 * 1024,    /* bytes of names of one that is remembered; real ones stay below 2 KiB */
    ML_MAX_HTTP_HEAD = 64 * 1024,     /* bytes of one HTTP/1 head; servers stop at 8 to 64 KiB */
    ML_MAX_HTTP_PENDING = 32,         /* requests whose response has not come yet */
    ML_MAX_INFLATED = 1024 * 1024,    /* bytes one compressed body may become */
    ML_MAX_FIELD_LIST = 16 * 1024,    /* bytes kept of one HTTP/2 or HTTP/3 head; those of browsers have 1 to 4 KiB */
    ML_MAX_FIELD_BYTES = 1024 * 1024, /* bytes one header block may become; a byte can stand for a long field */
    ML_MAX_HEADER_BLOCK = 64 * 1024,  /* bytes of one header block as sent */
    ML_MAX_HPACK_TABLE = 64 * 1024,   /* bytes of earlier fields kept; browsers and servers agree on 4 to 64 KiB */
    ML_MAX_HTTP2_STREAMS = 128,       /* exchanges of one connection at a time; servers allow 100 to 128 */
    ML_MAX_QUIC_STREAMS = 256,        /* sides of streams of one connection that are open; servers allow 100 requests */
    ML_MAX_QUIC_WAITING = 1024 * 1024, /* bytes of one connection behind holes that may still close */
    ML_MAX_QUIC_PIECES = 1024,         /* pieces of them */
    ML_MAX_QUIC_CONVERSATIONS = 64,    /* streams of one connection that are read at a time where no HTTP/3 is spoken */
    ML_MAX_QUIC_CID_LENGTHS = 4,       /* lengths of connection ids that one side asked for; real ones keep to one */
    ML_MAX_QUIC_GENERATIONS = 3,       /* key updates that may lie in one hole */
    ML_MAX_QUIC_EARLY = 32,            /* packets of early data held until the hello is whole; a first flight has 10 */
    ML_MAX_QUIC_EARLY_BYTES = 64 * 1024, /* bytes of them */
    ML_MAX_QUIC_PATHS = 1 << 14,         /* connection ids by which connections are found again, per shard; 48 B each */
    ML_MAX_QUIC_FAILURES = 64,           /* packets in a row without a tag that holds before a side is left alone */
    ML_MAX_QPACK_TABLE = 256 * 1024,     /* bytes of earlier fields a side may keep; browsers allow 64 KiB */
    ML_MAX_QPACK_BLOCKED = 64,           /* heads that wait for the table, per connection; servers allow 16 to 100 */
    ML_MAX_QPACK_WAITING = 256 * 1024,   /* bytes of one stream behind such a head */
    ML_MAX_SECRETS = 1 << 18,            /* connections with keys in one run, 0.5 kB each */
    ML_MAX_UNSEAL_TRIES = 64,            /* record numbers tried behind a hole, where the true one cannot be counted */
    ML_MAX_UNSEAL_FAILURES = 8,          /* records in a row whose tag does not hold before a direction is left alone */
    ML_MAX_DNS_RECORDS = 512,            /* records read of one DNS message; real ones hold fewer than a hundred */
    ML_MAX_DNS_ANSWERS = 16,             /* questions of one response that are told apart */
    ML_MAX_INFLATED_WS = 1 << 24,        /* bytes one direction of a compressed WebSocket may become */
    ML_MAX_EXPECTED = 64, /* data connections announced and not yet seen, per shard; clients have a few */

    /* --- leaks --- */
    ML_MAX_IDENTITIES = 1 << 16,             /* values looked for in one run */
    ML_MAX_IDENTITY_BYTES = 1024,            /* bytes of one value */
    ML_MAX_PLANTED_FILE = 16 * 1024 * 1024,  /* bytes of a file that is looked for */
    ML_MAX_SOCKETS = 1 << 20,                /* sockets and processes that a tracer on the device saw */
    ML_MAX_BUNDLE_BYTES = 256 * 1024 * 1024, /* of a file beside a capture: socket traces hold call stacks */
    ML_MAX_IDENTITY_LABEL = 64,              /* bytes of its label */
    ML_MAX_NESTED_DIGESTS = 256,  /* values whose digests of digests are looked for: some 500 patterns each */
    ML_LEAK_WINDOW = 8 * 1024,    /* bytes of a stream gathered before they are searched */
    ML_LEAK_TAIL = 1024,          /* bytes searched again with what follows: a value of 96 bytes, escaped twice */
    ML_MAX_LEAK_VIEW = 64 * 1024, /* bytes one wrapping may become within a window */
    ML_MAX_LEAK_HITS = 128,       /* hits of one window */
    ML_MAX_LEAK_HELD =
        32 * 1024 * 1024, /* bytes waiting to be searched, per shard; beyond it values cut by frames are lost */
    ML_MAX_LEAK_BODY = 8 * 1024 * 1024, /* bytes one compressed body or member may become */
    ML_LEAK_UNPACK_FREE = 256 * 1024,   /* bytes that may come out of what one conversation packed in any case ... */
    ML_MAX_LEAK_RATIO = 64,             /* ... and for each byte of it that was searched */
    ML_MAX_DETECT_BYTES = 64 * 1024,    /* bytes of one message in which identifiers are looked for by their shape */
    ML_MAX_DETECT_STREAM = 1024 * 1024, /* bytes of text of one conversation without messages: the same */
    ML_MAX_TURN_PEERS = 8,              /* peers of a relay whose bytes are followed: candidates of one other side */
    ML_MAX_RTP_STREAMS = 8,             /* of a conversation: audio, video and screen of both sides */

    /* --- nDPI --- */
    ML_MAX_NDPI_TCP_PACKETS = 32, /* packets of a TCP flow shown to nDPI before it must guess; it reads no more */
    ML_MAX_NDPI_UDP_PACKETS = 24, /* the same for other flows, as ndpiReader does; STUN calls need more than 8 */
    ML_MAX_NDPI_POOL = 256,       /* detection states kept for reuse, per module; 0.8 kB each with nDPI 4.2 */

    /* --- intel --- */
    ML_MAX_OWNERS = 8,              /* steps from a company to its ultimate parent */
    ML_MAX_OPERATOR_ROWS = 1 << 20, /* companies, hosts or networks in rules/operators */

    /* --- app catalogue --- */
    ML_MAX_APPS = 1024,           /* files of rules/apps */
    ML_MAX_APP_ENTRIES = 1 << 20, /* names, prefixes ... of all apps; some 1,200 are in use */

    /* --- policy --- */
    ML_MAX_RULES = 16384,
    ML_MAX_RULE_FOLDER_DEPTH = 8,         /* folders below a rule folder */
    ML_MAX_RULE_FILES = 65536,            /* files in a rule folder; the public Sigma collection has about 4,000 */
    ML_MAX_RULE_VALUES = 1 << 20,         /* values of one field after expansion */
    ML_MAX_RULE_VARIANTS = 3125,          /* spellings that `windash` makes of one value: five dashes, five places */
    ML_MAX_LIST_BYTES = 64 * 1024 * 1024, /* bytes of one list for `expand` */
    ML_MAX_CONDITION_DEPTH = 32,          /* nested parentheses and negations of a condition */
    ML_MAX_CONDITION_TERMS = 4096,        /* selections and operators of a condition, after `of` is written out */
    ML_MAX_REGEX_BYTES = 4096,            /* bytes of a pattern */
    ML_MAX_REGEX_STEPS = 50000,           /* PCRE2's match limit: about a millisecond; beyond it "no match", counted */
    ML_MAX_REGEX_HEAP_KIB = 1024,         /* PCRE2's heap limit for one match */
    ML_MAX_CORRELATION_COUNT = 10000,     /* largest number in the condition of a correlation */
    ML_MAX_CORRELATION_RULES = 64,        /* rules one correlation refers to */
    ML_MAX_CORRELATION_FIELDS = 8,        /* fields of `group-by` */
    ML_MAX_CORRELATION_DEPTH = 8,         /* correlations of correlations */
    ML_MAX_CORRELATION_GROUPS = 65536,    /* groups one correlation watches at a time */
    ML_MAX_CORRELATION_EVENTS = 1 << 22,  /* events that all correlations remember at a time, 16 bytes each */
    ML_MAX_FACTS_PER_FINDING = 32,        /* the first facts are kept, the count goes on */
    ML_MAX_FINDINGS_PER_RULE = 1000,      /* subjects a rule lists; more are counted: nobody reads them one by one */

    /* --- documents --- */
    ML_MAX_JSON_DEPTH = 64,        /* nested objects and arrays of a report that is read back; ours have 10 */
    ML_MAX_REPORT_BYTES = 1 << 30, /* bytes of report.json; flows and endpoints have files of their own */
    ML_MAX_YAML_DEPTH = 32,
    ML_MAX_YAML_BYTES = 8 * 1024 * 1024
};

#endif
