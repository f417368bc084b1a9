#include "discovery/listing.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/field.h"

#define FNV_OFFSET 14695981039346656037u
#define FNV_PRIME  1099511628211u

static uint64_t hash_str(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * FNV_PRIME;
    return (hash ^ 0xFF) * FNV_PRIME;
}

static uint64_t hash_json(uint64_t hash, const json_t *value)
{
    char *text = value ? json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY) : NULL;
    hash = hash_str(hash, text ? text : "");
    free(text);
    return hash;
}

/* "Up 7 seconds (healthy)": the health in it matters, the age does not. */
static uint64_t hash_health(uint64_t hash, const char *status)
{
    const char *open = strrchr(status, '(');
    return hash_str(hash, open ? open : "");
}

bool listing_read(const json_t *entry, struct listing *out)
{
    *out = (struct listing){.name = "", .labels = json_object_get(entry, "Labels")};
    if (!engine_id_parse_container(view_str(field_str(entry, "Id")), &out->id))
        return false;
    const char *name = json_string_value(json_array_get(json_object_get(entry, "Names"), 0));
    if (name)
        out->name = name;
    out->state = field_str(entry, "State");
    out->image = field_str(entry, "Image");
    out->is_alive = strcmp(out->state, "running") == 0 || strcmp(out->state, "paused") == 0;
    uint64_t hash = hash_str(FNV_OFFSET, out->state);
    hash = hash_str(hash, out->name);
    if (out->is_alive)
        hash = hash_health(hash, field_str(entry, "Status"));
    hash = hash_json(hash, json_object_get(entry, "NetworkSettings"));
    hash = hash_json(hash, json_object_get(entry, "Ports"));
    out->fingerprint = hash != 0 ? hash : 1;
    return true;
}
