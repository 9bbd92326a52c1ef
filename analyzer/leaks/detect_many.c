/* SPDX-License-Identifier: Apache-2.0 */
/* What only many values of one message say: an address book, the apps of a device, its attributes. */
#include "core/hash.h"
#include "core/mem.h"
#include "core/text.h"
#include "leaks/check.h"
#include "leaks/detect_parts.h"

#include <stdlib.h>

enum { CONTACTS, PACKAGES, ATTRIBUTES, FIRST_MORE = 32 };

static const struct {
    enum ml_identity_kind kind;
    size_t least;
} sorts[ML_N_MANY] = {
    [CONTACTS] = {ML_IDENTITY_CONTACT_BOOK, ML_MANY_CONTACTS},
    [PACKAGES] = {ML_IDENTITY_APP_LIST, ML_MANY_PACKAGES},
    [ATTRIBUTES] = {ML_IDENTITY_DEVICE_PROFILE, ML_MANY_ATTRIBUTES},
};

static void add(struct ml_detect_many *many, unsigned sort, const struct ml_pair *pair, uint64_t hash)
{
    struct ml_many_sort *self = &many->sorts[sort];
    for (size_t i = 0; i < self->n; i++) {
        if (self->seen[i] == hash) {
            return;
        }
    }
    if (self->n == 0) {
        self->first = pair->value;
        self->from = pair->from;
    }
    self->end = pair->from + pair->len;
    if (self->n < ML_MANY_SEEN) {
        self->seen[self->n++] = hash;
        return;
    }
    uint64_t *more = ml_mem_grow(self->more, self->n_more, &self->room, FIRST_MORE, sizeof *more);
    if (more != NULL) { /* without memory it is not counted */
        self->more = more;
        more[self->n_more++] = hash;
    }
}

static int by_hash(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

/* All different ones. */
static size_t count(struct ml_many_sort *sort)
{
    size_t n = sort->n;
    if (sort->n_more != 0) {
        qsort(sort->more, sort->n_more, sizeof *sort->more, by_hash);
    }
    for (size_t i = 0; i < sort->n_more; i++) {
        n += i == 0 || sort->more[i] != sort->more[i - 1];
    }
    return n;
}

/* In a list of numbers only the list has a name: "+" and 8 to 15 digits. */
static bool is_number(struct ml_span value)
{
    return value.len >= 9 && value.len <= 16 && value.ptr[0] == '+' &&
           ml_check_digits(ml_span_cut(value, 1, value.len));
}

enum { MIN_PACKAGE = 6 }; /* bytes: "me.a.b" */

/* "org.example.app": at least three parts in small letters, the first one a top level domain that packages use. */
static bool is_package(struct ml_span value)
{
    static const char *const first[] = {"com.", "org.", "net.", "de.", "cn.", "io.", "me.", "jp.", "ru.", "android."};
    size_t n_dots = 0;
    bool is_known = false;
    for (size_t i = 0; i < sizeof first / sizeof first[0] && value.len >= MIN_PACKAGE; i++) {
        is_known |= value.ptr[0] == (uint8_t)first[i][0] && ml_span_starts(value, first[i]);
    }
    for (size_t i = 0; is_known && i < value.len; i++) {
        uint8_t byte = value.ptr[i];
        bool is_dot = byte == '.' && i + 1 < value.len && value.ptr[i + 1] != '.';
        bool is_small = ml_is_digit(byte) || (byte >= 'a' && byte <= 'z');
        if (!is_dot && !is_small && byte != '_') {
            return false;
        }
        n_dots += is_dot;
    }
    return is_known && n_dots >= 2 && !ml_is_digit(value.ptr[value.len - 1]);
}

/* Names of attributes in byte order; several names of one attribute share its number and count once. */
static const struct attribute {
    const char *name;
    unsigned number;
} attributes[] = {
    {"abi", 7},          {"androidversion", 3}, {"apilevel", 3},      {"battery", 13},        {"batterylevel", 13},
    {"board", 7},        {"bootid", 17},        {"boottime", 17},     {"brand", 2},           {"buildfingerprint", 16},
    {"buildid", 16},     {"carrier", 11},       {"chipset", 7},       {"connectiontype", 15}, {"cpu", 7},
    {"cpuabi", 7},       {"cputype", 7},        {"density", 6},       {"densitydpi", 6},      {"devicebrand", 2},
    {"devicemodel", 1},  {"disksize", 9},       {"displayheight", 5}, {"displaywidth", 4},    {"dpi", 6},
    {"fingerprint", 16}, {"hardware", 7},       {"isemulator", 14},   {"isroot", 14},         {"isrooted", 14},
    {"jailbroken", 14},  {"lang", 12},          {"language", 12},     {"locale", 12},         {"manufacturer", 2},
    {"mccmnc", 11},      {"memory", 8},         {"memsize", 8},       {"model", 1},           {"nettype", 15},
    {"networktype", 15}, {"operator", 11},      {"osver", 3},         {"osversion", 3},       {"phonemodel", 1},
    {"ram", 8},          {"resolution", 4},     {"rooted", 14},       {"screendpi", 6},       {"screenh", 5},
    {"screenheight", 5}, {"screensize", 4},     {"screenw", 4},       {"screenwidth", 4},     {"sdkint", 3},
    {"simoperator", 11}, {"storage", 9},        {"systemversion", 3}, {"sysver", 3},          {"timezone", 10},
    {"totaldisk", 9},    {"totalmemory", 8},    {"totalram", 8},      {"totalstorage", 9},    {"tz", 10},
    {"uptime", 17},      {"vendor", 2}};

static int by_name(const void *key, const void *row)
{
    return strcmp(key, ((const struct attribute *)row)->name);
}

/* The attribute that a name stands for, 0 for none. */
static unsigned attribute_of(const struct ml_plain_name *plain)
{
    const struct attribute *found =
        bsearch(plain->text, attributes, sizeof attributes / sizeof attributes[0], sizeof attributes[0], by_name);
    return found != NULL ? found->number : 0;
}

/* --- address books as digests --- */

/* The digest a value may be by its length, 0 for none. */
static unsigned digest_of(struct ml_span value)
{
    unsigned entry = value.len == 32   ? ML_ENTRY_MD5
                     : value.len == 40 ? ML_ENTRY_SHA1
                     : value.len == 64 ? ML_ENTRY_SHA256
                                       : 0U;
    for (size_t i = 0; entry != 0 && i < value.len; i++) {
        entry = ml_hex_value(value.ptr[i]) >= 0 ? entry : 0;
    }
    return entry;
}

/* A list of digests says by its name whose: "contacts", "phone_hashes", "hashedEmails". */
static bool names_people(const struct ml_plain_name *plain)
{
    static const char *const words[] = {"contact", "phone", "email", "addressbook", "msisdn", "mobile"};
    bool is_found = false;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        is_found |= strstr(plain->text, words[i]) != NULL;
    }
    return is_found;
}

static void add_contact(struct ml_detect_many *many, const struct ml_pair *pair, unsigned entry)
{
    many->sorts[CONTACTS].entries |= entry;
    add(many, CONTACTS, pair, ml_hash(pair->value));
}

void ml_detect_many_init(struct ml_detect_many *many)
{
    for (unsigned i = 0; i < ML_N_MANY; i++) {
        struct ml_many_sort *sort = &many->sorts[i];
        sort->n = sort->n_more = sort->room = 0;
        sort->more = NULL;
        sort->first = ml_span_of(NULL, 0);
        sort->from = sort->end = 0;
        sort->entries = 0;
    }
    many->in_digests = false;
}

void ml_detect_many_add(struct ml_detect_many *many, const struct ml_pair *pair, enum ml_identity_kind kind)
{
    unsigned digest = digest_of(pair->value);
    if (pair->name.len != 0) {
        many->in_digests = digest != 0 && names_people(pair->plain);
    }
    if (kind == ML_IDENTITY_EMAIL) {
        add_contact(many, pair, ML_ENTRY_EMAIL);
    } else if (kind == ML_IDENTITY_PHONE || is_number(pair->value)) {
        add_contact(many, pair, ML_ENTRY_PHONE);
    } else if (digest != 0) {
        if (many->in_digests) {
            add_contact(many, pair, digest);
        }
    } else if (is_package(pair->value)) {
        add(many, PACKAGES, pair, ml_hash(pair->value));
    } else if (pair->name.len != 0) {
        unsigned attribute = attribute_of(pair->plain);
        if (attribute != 0) {
            add(many, ATTRIBUTES, pair, attribute);
        }
    }
}

void ml_detect_many_end(struct ml_detect_many *many, ml_detected_fn take, void *context)
{
    for (unsigned i = 0; i < ML_N_MANY; i++) {
        struct ml_many_sort *sort = &many->sorts[i];
        if (sort->n >= sorts[i].least) {
            const struct ml_detected detected = {
                .kind = sorts[i].kind,
                .precision = "exact",
                .form = "many",
                .value = sort->first,
                .from = sort->from,
                .len = sort->end - sort->from,
                .count = count(sort),
                .entries = sort->entries,
            };
            take(context, &detected);
        }
        ml_mem_free(sort->more);
    }
}
