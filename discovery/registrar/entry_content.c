#include "discovery/registrar/entry_content.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discovery/field.h"
#include "lb/base/hash.h"

#define MARK_LEN (ENTRY_CONTENT_MARK_BYTES - 1)

void entry_content_mark(const json_t *check, char mark[ENTRY_CONTENT_MARK_BYTES])
{
    uint64_t hash = HASH_INIT;
    json_t *copy = json_copy((json_t *)(uintptr_t)check);
    json_object_del(copy, "Notes");
    json_object_del(copy, "Status");
    char *text = json_dumps(copy, JSON_SORT_KEYS | JSON_COMPACT);
    if (text)
        hash = hash_str(hash, text);
    free(text);
    json_decref(copy);
    snprintf(mark, ENTRY_CONTENT_MARK_BYTES, "%016llx", (unsigned long long)hash);
}

struct view entry_content_find_mark(const char *notes)
{
    struct view all = view_str(notes);
    if (all.len < MARK_LEN + 2 || all.ptr[all.len - 1] != ')' ||
        all.ptr[all.len - MARK_LEN - 2] != '(')
        return view_of("", 0);
    return view_of(all.ptr + all.len - MARK_LEN - 1, MARK_LEN);
}

static uint64_t hash_tags(uint64_t hash, const json_t *tags)
{
    const json_t *tag;
    size_t i;
    json_array_foreach (tags, i, tag)
        hash = hash_str(hash, json_is_string(tag) ? json_string_value(tag) : "");
    return hash;
}

static uint64_t hash_meta(const json_t *meta)
{
    uint64_t sum = 0;
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)meta, key, value)
        sum += hash_mix(hash_str(hash_str(HASH_INIT, key),
                                 json_is_string(value) ? json_string_value(value) : ""));
    return sum;
}

static uint64_t add(uint64_t hash, uint64_t number)
{
    return hash_mix(hash ^ hash_mix(number));
}

uint64_t entry_content_hash(const json_t *entry, const char *name_key, struct view mark)
{
    const json_t *weights = json_object_get(entry, "Weights");
    uint64_t hash = hash_str(HASH_INIT, field_str(entry, name_key));
    hash = hash_str(hash, field_str(entry, "Address"));
    hash = add(hash, (uint64_t)field_int(entry, "Port", 0));
    hash = add(hash, (uint64_t)field_int(weights, "Passing", 1));
    hash = add(hash, (uint64_t)field_int(weights, "Warning", 1));
    hash = hash_tags(hash, json_object_get(entry, "Tags"));
    hash = add(hash, hash_meta(json_object_get(entry, "Meta")));
    return hash_view(hash, mark);
}
