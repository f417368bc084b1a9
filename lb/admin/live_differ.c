#include "lb/admin/live_differ.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"

#define FIRST_BUCKETS 16u

/* Of a section that is no map there is one, without a name. */
struct live_entry {
    struct list node;        /* in the section */
    struct live_entry *next; /* in its bucket */
    uint64_t hash;
    uint64_t round; /* in which it was put or kept last */
    char *value;
    size_t value_len;
    char key[];
};

/* ---- sections -------------------------------------------------------------------------------- */

static struct live_section *section_of(struct live_differ *differ, const char *name, bool is_map)
{
    for (unsigned i = 0; i < differ->section_count; i++)
        if (strcmp(differ->sections[i].name, name) == 0)
            return &differ->sections[i];
    assert(differ->section_count < LIVE_DIFFER_SECTION_MAX);
    struct live_section *section = &differ->sections[differ->section_count++];
    *section = (struct live_section){.name = name, .is_map = is_map};
    list_init(&section->entries);
    return section;
}

static uint64_t hash_of(struct live_differ *differ, const char *key)
{
    struct view piece = view_str(key);
    if (differ->key.words[0] == 0)
        siphash_key_init(&differ->key);
    return siphash_of(&differ->key, &piece, 1).words[0];
}

static struct live_entry **bucket_of(const struct live_section *section, uint64_t hash)
{
    return &section->buckets[hash & (section->bucket_count - 1)];
}

static struct live_entry *find(const struct live_section *section, uint64_t hash, const char *key)
{
    if (section->bucket_count == 0)
        return NULL;
    for (struct live_entry *entry = *bucket_of(section, hash); entry; entry = entry->next)
        if (entry->hash == hash && strcmp(entry->key, key) == 0)
            return entry;
    return NULL;
}

static void link_entry(struct live_section *section, struct live_entry *entry)
{
    struct live_entry **bucket = bucket_of(section, entry->hash);
    entry->next = *bucket;
    *bucket = entry;
}

static void grow(struct live_section *section)
{
    unsigned wanted = section->bucket_count ? section->bucket_count * 2 : FIRST_BUCKETS;
    free(section->buckets);
    section->buckets = memory_new(wanted * sizeof(struct live_entry *));
    section->bucket_count = wanted;
    list_for_each (node, &section->entries)
        link_entry(section, list_entry(node, struct live_entry, node));
}

static struct live_entry *add(struct live_section *section, uint64_t hash, const char *key)
{
    size_t len = strlen(key) + 1;
    struct live_entry *entry = memory_new(sizeof(*entry) + len);
    memcpy(entry->key, key, len);
    entry->hash = hash;
    if (section->count >= section->bucket_count)
        grow(section);
    link_entry(section, entry);
    list_append(&section->entries, &entry->node);
    section->count++;
    return entry;
}

static void drop(struct live_section *section, struct live_entry *entry)
{
    struct live_entry **at = bucket_of(section, entry->hash);
    while (*at != entry)
        at = &(*at)->next;
    *at = entry->next;
    list_unlink(&entry->node);
    section->count--;
    free(entry->value);
    free(entry);
}

void live_differ_fini(struct live_differ *differ)
{
    for (unsigned i = 0; i < differ->section_count; i++) {
        struct live_section *section = &differ->sections[i];
        list_for_each_safe (node, &section->entries)
            drop(section, list_entry(node, struct live_entry, node));
        free(section->buckets);
    }
    text_fini(&differ->changes);
    text_fini(&differ->value);
    *differ = (struct live_differ){0};
}

/* ---- changes --------------------------------------------------------------------------------- */

void live_differ_begin(struct live_differ *differ)
{
    differ->round++;
    text_clear(&differ->changes);
}

struct json_writer *live_differ_value(struct live_differ *differ)
{
    text_clear(&differ->value);
    json_writer_init(&differ->json, &differ->value);
    return &differ->json;
}

/* True: it is another text than before, which it has taken over. */
static bool take_value(struct live_differ *differ, struct live_section *section, const char *key)
{
    const struct text *value = &differ->value;
    uint64_t hash = hash_of(differ, key);
    struct live_entry *entry = find(section, hash, key);
    if (!entry)
        entry = add(section, hash, key);
    entry->round = differ->round;
    if (entry->value && entry->value_len == value->len &&
        memcmp(entry->value, text_str(value), value->len) == 0)
        return false;
    free(entry->value);
    entry->value = memory_copy(text_str(value), value->len);
    entry->value_len = value->len;
    return true;
}

static void append_name(struct text *out, const char *name)
{
    struct json_writer json;
    if (out->len > 0 && out->bytes[out->len - 1] != '{')
        text_append_char(out, ',');
    json_writer_init(&json, out);
    json_writer_string(&json, view_str(name));
    text_append_char(out, ':');
}

void live_differ_put(struct live_differ *differ, const char *section)
{
    if (!take_value(differ, section_of(differ, section, false), ""))
        return;
    append_name(&differ->changes, section);
    text_append(&differ->changes, text_view(&differ->value));
}

static void append_entry(struct live_differ *differ, struct live_section *section, const char *key,
                         struct view value)
{
    if (!section->is_begun) {
        append_name(&differ->changes, section->name);
        text_append_char(&differ->changes, '{');
    }
    section->is_begun = true;
    append_name(&differ->changes, key);
    text_append(&differ->changes, value);
}

void live_differ_put_entry(struct live_differ *differ, const char *name, const char *key)
{
    struct live_section *section = section_of(differ, name, true);
    if (take_value(differ, section, key))
        append_entry(differ, section, key, text_view(&differ->value));
}

bool live_differ_keep_entry(struct live_differ *differ, const char *name, const char *key)
{
    struct live_section *section = section_of(differ, name, true);
    struct live_entry *entry = find(section, hash_of(differ, key), key);
    if (entry)
        entry->round = differ->round;
    return entry != NULL;
}

void live_differ_keep_map(struct live_differ *differ, const char *name)
{
    struct live_section *section = section_of(differ, name, true);
    list_for_each (node, &section->entries)
        list_entry(node, struct live_entry, node)->round = differ->round;
}

void live_differ_end_map(struct live_differ *differ, const char *name)
{
    struct live_section *section = section_of(differ, name, true);
    list_for_each_safe (node, &section->entries) {
        struct live_entry *entry = list_entry(node, struct live_entry, node);
        if (entry->round == differ->round)
            continue;
        append_entry(differ, section, entry->key, VIEW("null"));
        drop(section, entry);
    }
    if (section->is_begun)
        text_append_char(&differ->changes, '}');
    section->is_begun = false;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void append_section(const struct live_section *section, struct text *out)
{
    append_name(out, section->name);
    if (section->is_map)
        text_append_char(out, '{');
    list_for_each (node, &section->entries) {
        const struct live_entry *entry = list_entry(node, struct live_entry, node);
        if (section->is_map)
            append_name(out, entry->key);
        text_append(out, view_of(entry->value, entry->value_len));
    }
    if (section->is_map)
        text_append_char(out, '}');
}

void live_differ_append_all(const struct live_differ *differ, struct text *out)
{
    for (unsigned i = 0; i < differ->section_count; i++)
        append_section(&differ->sections[i], out);
}
