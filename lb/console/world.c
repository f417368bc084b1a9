#include "lb/console/world.h"

#include <string.h>

static bool is_map(const char *section)
{
    static const char *const maps[] = {"listeners", "services",         "service_numbers",
                                       "endpoints", "endpoint_numbers", "route_numbers",
                                       "changes",   "left_out",         "sample"};
    for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
        if (strcmp(section, maps[i]) == 0)
            return true;
    return false;
}

/* Entries replace those of their key, and null takes one away. */
static void join_map(json_t *map, json_t *changes)
{
    const char *key;
    json_t *entry;
    json_object_foreach (changes, key, entry) {
        if (json_is_null(entry))
            json_object_del(map, key);
        else
            json_object_set(map, key, entry);
    }
}

static void join(json_t *root, json_t *object)
{
    const char *name;
    json_t *section;
    json_object_foreach (object, name, section) {
        json_t *before = json_object_get(root, name);
        if (is_map(name) && json_is_object(section) && json_is_object(before))
            join_map(before, section);
        else
            json_object_set(root, name, section);
    }
}

bool world_join(struct world *world, struct view text)
{
    json_t *object = json_loadb(text.ptr, text.len, 0, NULL);
    bool is_full = json_is_true(json_object_get(object, "full"));
    bool is_good = json_is_object(object) && (is_full || world->root);
    if (is_good && is_full) {
        json_decref(world->root);
        world->root = json_incref(object);
    } else if (is_good) {
        join(world->root, object);
    }
    world->told_count += is_good;
    json_decref(object);
    return is_good;
}

json_t *world_section(const struct world *world, const char *name)
{
    return json_object_get(world->root, name);
}

json_t *world_entry(const struct world *world, const char *section, const char *key)
{
    return json_object_get(world_section(world, section), key);
}

void world_fini(struct world *world)
{
    json_decref(world->root);
    *world = (struct world){0};
}

const char *world_text(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

double world_number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : -1;
}
