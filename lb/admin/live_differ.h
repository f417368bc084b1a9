/* What /events has told: the text of each value as it was told last, so that what did not change is not
 * told again, and who begins to follow is told all of it at once. Values stand in sections: one that is a
 * map has many, by keys. It holds the bytes of all values and keys once, and some 100 for each. */
#ifndef LB_ADMIN_LIVE_DIFFER_H
#define LB_ADMIN_LIVE_DIFFER_H

#include "lb/base/json_writer.h"
#include "lb/base/list.h"
#include "lb/base/siphash.h"

#define LIVE_DIFFER_SECTION_MAX 24u

struct live_entry;

struct live_section {
    const char *name; /* static */
    bool is_map;
    bool is_begun;       /* in `changes` */
    struct list entries; /* struct live_entry, in the order in which they came */
    struct live_entry **buckets;
    unsigned bucket_count; /* a power of two; 0: none yet */
    unsigned count;
};

/* Begins as zeroed memory. */
struct live_differ {
    struct live_section sections[LIVE_DIFFER_SECTION_MAX];
    unsigned section_count;
    struct siphash_key key;
    uint64_t round;
    struct text changes; /* members of an object, without its braces */
    struct text value;
    struct json_writer json;
};

/* Forgets everything. Thread: control, as for all of this module. */
void live_differ_fini(struct live_differ *differ);

/* A new look at everything begins: there are no changes yet. */
void live_differ_begin(struct live_differ *differ);

/* Where the next value is to be written; then one of the next two says whose it was. */
struct json_writer *live_differ_value(struct live_differ *differ);

/* The whole of a section. `section` is static, as everywhere here. */
void live_differ_put(struct live_differ *differ, const char *section);

/* An entry of a map. Copies the key. */
void live_differ_put_entry(struct live_differ *differ, const char *section, const char *key);

/* It stays as it was told, without a look at it. False: it was never told. */
bool live_differ_keep_entry(struct live_differ *differ, const char *section, const char *key);

/* The same of all that the map has. */
void live_differ_keep_map(struct live_differ *differ, const char *section);

/* The map is complete: what was neither put nor kept is gone. To be called once for each map, and before another
 * section is put. */
void live_differ_end_map(struct live_differ *differ, const char *section);

/* `"section":value,…`: what changed in this look; and all of it. Borrowed until the next look. */
static inline struct view live_differ_changes(const struct live_differ *differ)
{
    return text_view(&differ->changes);
}

void live_differ_append_all(const struct live_differ *differ, struct text *out);

#endif
