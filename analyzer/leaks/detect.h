/* SPDX-License-Identifier: Apache-2.0 */
/*
 * detect - identifiers told by their own shape, where a name beside them or a check digit says what they are.
 *
 * In:        a text: the head of a message, a query, a body of form data, JSON or XML, text of a stream.
 * Out:       values with their kind. Nothing is told of a number alone: an IMEI needs its check digit and a name like
 *            "imei", a position needs two names and two numbers.
 * Lifetime:  spans borrow from the text, or from the detector until the next call where an escape was undone.
 */
#ifndef MITLESER_LEAKS_DETECT_H
#define MITLESER_LEAKS_DETECT_H

#include "leaks/detect_jwt.h"
#include "leaks/identity.h"

/* What the entries of an address book are: bits. */
enum ml_entry {
    ML_ENTRY_PHONE = 1,
    ML_ENTRY_EMAIL = 2,
    ML_ENTRY_MD5 = 4, /* digests, by their length */
    ML_ENTRY_SHA1 = 8,
    ML_ENTRY_SHA256 = 16
};

struct ml_detected {
    enum ml_identity_kind kind;
    const char *precision; /* "exact"; of a position "metres", "tens of metres", "hundreds of metres", "kilometres" */
    const char *form;      /* what told it: "name", "shape", "jwt", "cookie", "bearer", "user-agent", "many" ... */
    struct ml_span value;
    size_t from, len;    /* in the text */
    struct ml_span name; /* of the cookie; empty: none */
    size_t count;        /* different entries of many; 0: not one of them */
    unsigned entries;    /* enum ml_entry */
    unsigned metres;     /* that the last decimal of a position stands for; 0: no position */
    bool has_lifetime, has_age;
    uint64_t lifetime, age;     /* seconds */
    const struct ml_jwt *token; /* its claims, borrowed during the call; NULL: none */
};

typedef void (*ml_detected_fn)(void *context, const struct ml_detected *detected);

/* How exactly so many decimals of degrees tell a position: the words of `precision`. */
const char *ml_detect_precision(unsigned decimals);

/* A name in small letters without marks: "Device-IMEI" is "deviceimei". */
enum { ML_PLAIN_NAME = 40 };
struct ml_plain_name {
    struct ml_span name; /* as written; borrowed */
    size_t len;
    char text[ML_PLAIN_NAME + 1]; /* letters and digits of it, small; ends with a zero byte */
};

/* A value that stands beside a name. `name` may be empty. Both without escapes. */
struct ml_pair {
    struct ml_span name;
    struct ml_span value;
    size_t from, len; /* of the value, in the text */
    uint8_t joint;    /* what joins them: the last of = : > between; 0: there is no name */
    const struct ml_plain_name
        *plain; /* of the name, borrowed; NULL where pairs are found, set before they are judged */
};

/* Pairs in form data, JSON, XML, header fields, in the order of the text. */
typedef void (*ml_pair_fn)(void *context, const struct ml_pair *pair);
void ml_pairs_each(struct ml_span text, ml_pair_fn take, void *context);

/* What one pair says; what comes in halves waits for the other in `memory`, which is zeroed for a new text. */
struct ml_detect_memory {
    struct ml_detect_half {
        bool is_there;
        double value; /* degrees */
        unsigned decimals;
        size_t from, end;
    } halves[2],              /* latitude, longitude */
        first;                /* of two numbers behind one name */
    size_t mcc_from, mcc_end; /* a country code of mobile networks; mcc_end 0: none */
    bool is_stream;           /* text of a stream, where a mail address alone says too little */
    bool is_sip;              /* of calls, whose addresses look like those of mail */
};

void ml_detect_pair(struct ml_detect_memory *memory, const struct ml_pair *pair, ml_detected_fn take, void *context);

/* --- what only many values of one text say (detect_many.c) --- */

enum { ML_MANY_CONTACTS = 8, ML_MANY_PACKAGES = 8, ML_MANY_ATTRIBUTES = 6, ML_MANY_SEEN = 20, ML_N_MANY = 3 };

/* Different values of one sort. Zeroed for a new text. */
struct ml_detect_many {
    struct ml_many_sort {
        size_t n;
        uint64_t seen[ML_MANY_SEEN]; /* hashes of the first */
        uint64_t *more;              /* owned; hashes behind them, the same one maybe several times */
        size_t n_more, room;
        struct ml_span first;
        size_t from, end; /* of all of them, in the text */
        unsigned entries; /* enum ml_entry */
    } sorts[ML_N_MANY];
    bool in_digests; /* the list at hand has a name like "contacts" and holds digests */
};

/* For a new text; hashes beyond `n` are not read. */
void ml_detect_many_init(struct ml_detect_many *many);

/* A pair and what it was told to be, ML_IDENTITY_NONE for nothing. */
void ml_detect_many_add(struct ml_detect_many *many, const struct ml_pair *pair, enum ml_identity_kind kind);

/* An address book from ML_MANY_CONTACTS people on, a list of apps, a profile of a device. Frees what `many` owns. */
void ml_detect_many_end(struct ml_detect_many *many, ml_detected_fn take, void *context);

/* --- a message to somebody: a text beside whom it is for (detect_chat.c) --- */

/* Zeroed for a new text. */
struct ml_detect_chat {
    size_t from, end; /* of the message; end 0: none waits */
    size_t to_end;    /* behind whom it is for; 0: not met */
};

/* A pair of `text`. */
void ml_detect_chat(struct ml_detect_chat *chat, struct ml_span text, const struct ml_pair *pair, ml_detected_fn take,
                    void *context);

/* --- texts --- */

/* All of a body or query; or of what can be read in a stream. */
void ml_detect_text(struct ml_span text, bool is_stream, ml_detected_fn take, void *context);

/* All of the head of a request: target, fields, cookies, credentials, user agent. `time_ns` is when it was sent. */
void ml_detect_head(struct ml_span head, int64_t time_ns, ml_detected_fn take, void *context);

/* Cookies that the head of a response sets. */
void ml_detect_response(struct ml_span head, int64_t time_ns, ml_detected_fn take, void *context);

/* A name that is looked up, its labels apart by dots. */
void ml_detect_host(struct ml_span host, ml_detected_fn take, void *context);

#endif
